//! When which topic's customer is asked about, without any I/O.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::TopicId;

/// A topic that the CRM does not know is asked about again after this, then after twice that, and
/// so on: a new topic may be known to Telegram before the CRM has written it down.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The longest wait, and how often a known customer is looked at again: names change.
const REFRESH: Duration = Duration::from_secs(24 * 3600);

/// How long after a start known customers are looked at again, so that one that is restarted
/// daily does so too.
const FIRST_REFRESH: Duration = Duration::from_secs(3600);

/// How long a CRM that is down is left alone: the first time, and at most.
const OUTAGE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(15 * 60));

/// What the CRM said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Who the customer is.
    Customer,
    /// Nothing about this topic.
    Nothing,
    /// Nothing at all: it is down, or refuses us.
    Outage,
}

/// Each topic's next turn.
#[derive(Debug, Default)]
pub(super) struct Rota {
    turns: HashMap<TopicId, Turn>,
    /// The same turns in their order, those of unknown customers apart: there may be a hundred
    /// thousand.
    unknown: BTreeSet<(Instant, TopicId)>,
    known: BTreeSet<(Instant, TopicId)>,
    /// Until when nothing is asked, and for how long that is.
    outage: Option<(Instant, Duration)>,
}

#[derive(Debug)]
struct Turn {
    at: Instant,
    wait: Duration,
    known: bool,
}

impl Rota {
    /// The topics that are on it.
    pub(super) fn topics(&self) -> HashSet<TopicId> {
        self.turns.keys().copied().collect()
    }

    /// Puts a topic on it.
    pub(super) fn add(&mut self, topic: TopicId, known: bool, now: Instant) {
        if self.turns.contains_key(&topic) {
            return;
        }
        let at = if known { now + FIRST_REFRESH } else { now };
        let wait = FIRST_WAIT;
        self.turns.insert(topic, Turn { at, wait, known });
        self.order(known).insert((at, topic));
    }

    fn order(&mut self, known: bool) -> &mut BTreeSet<(Instant, TopicId)> {
        if known {
            &mut self.known
        } else {
            &mut self.unknown
        }
    }

    /// Whose turn it is, unknown customers first, and whether the customer is known.
    pub(super) fn turn(&self, now: Instant) -> Option<(TopicId, bool)> {
        if self.outage.is_some_and(|(until, _)| now < until) {
            return None;
        }
        let first = |order: &BTreeSet<(Instant, TopicId)>| {
            let (at, topic) = order.first()?;
            (*at <= now).then_some(*topic)
        };
        let unknown = first(&self.unknown).map(|topic| (topic, false));
        unknown.or_else(|| Some((first(&self.known)?, true)))
    }

    /// When there is something to ask again.
    pub(super) fn next_at(&self) -> Option<Instant> {
        let firsts = [self.unknown.first(), self.known.first()];
        let first = firsts.into_iter().flatten().map(|(at, _)| *at).min()?;
        Some(self.outage.map_or(first, |(until, _)| until.max(first)))
    }

    /// Takes an answer into account.
    pub(super) fn answered(&mut self, topic: TopicId, answer: Answer, now: Instant) {
        if answer == Answer::Outage {
            let (first, longest) = OUTAGE;
            let wait = self.outage.map_or(first, |(_, wait)| wait * 2).min(longest);
            self.outage = Some((now + wait, wait));
            return;
        }
        self.outage = None;
        let Some(turn) = self.turns.get_mut(&topic) else {
            return;
        };
        let before = (turn.known, turn.at);
        if answer == Answer::Customer {
            turn.known = true;
            turn.wait = REFRESH;
        }
        turn.at = now + turn.wait;
        turn.wait = (turn.wait * 2).min(REFRESH);
        let after = (turn.known, turn.at);
        self.order(before.0).remove(&(before.1, topic));
        self.order(after.0).insert((after.1, topic));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: TopicId = TopicId(2);
    const B: TopicId = TopicId(3);

    #[test]
    fn unknown_customers_come_first_and_known_ones_now_and_then() {
        let now = Instant::now();
        let mut rota = Rota::default();
        rota.add(A, true, now);
        rota.add(B, false, now);
        assert_eq!(rota.turn(now), Some((B, false)));
        rota.answered(B, Answer::Customer, now);
        assert_eq!(rota.turn(now), None);
        assert_eq!(rota.next_at(), Some(now + FIRST_REFRESH));
        assert_eq!(rota.turn(now + FIRST_REFRESH), Some((A, true)));
        rota.answered(A, Answer::Customer, now + FIRST_REFRESH);
        assert_eq!(rota.turn(now + REFRESH), Some((B, true)));
    }

    #[test]
    fn what_the_crm_does_not_know_is_asked_ever_more_rarely() {
        let now = Instant::now();
        let mut rota = Rota::default();
        rota.add(A, false, now);
        rota.answered(A, Answer::Nothing, now);
        assert_eq!(rota.next_at(), Some(now + FIRST_WAIT));
        rota.answered(A, Answer::Nothing, now);
        assert_eq!(rota.next_at(), Some(now + FIRST_WAIT * 2));
        for _ in 0..40 {
            rota.answered(A, Answer::Nothing, now);
        }
        assert_eq!(rota.next_at(), Some(now + REFRESH));
    }

    #[test]
    fn a_crm_that_is_down_is_left_alone_for_all_topics() {
        let now = Instant::now();
        let mut rota = Rota::default();
        rota.add(A, false, now);
        rota.add(B, false, now);
        rota.answered(A, Answer::Outage, now);
        assert_eq!(rota.turn(now), None);
        let back = now + OUTAGE.0;
        assert_eq!(rota.next_at(), Some(back));
        assert_eq!(rota.turn(back), Some((A, false)));
        rota.answered(A, Answer::Outage, back);
        assert_eq!(rota.next_at(), Some(back + OUTAGE.0 * 2));
        rota.answered(A, Answer::Customer, back);
        assert_eq!(rota.turn(back), Some((B, false)));
    }
}
