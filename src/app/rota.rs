//! When which topic's customer is asked about, without any I/O.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::TopicId;

/// A topic that the CRM does not know is asked about again after this, then after twice that, and
/// so on: a new topic may be known to Telegram before the CRM has written it down.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// The longest wait, and how often known customers are looked at again: names change.
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

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// A topic whose customer is unknown.
    Unknown(Waiting),
    /// The known customer of the next topic after this one.
    KnownAfter(TopicId),
}

/// A topic whose customer is unknown, in the order of its turns. Small: where the CRM knows none of
/// them there may be hundreds of thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Waiting {
    /// Seconds from the start.
    at: u32,
    /// The topic.
    pub(super) topic: TopicId,
    /// How often the wait has doubled.
    doubled: u8,
}

/// The order of turns: unknown customers each have their own, and known ones are gone through in
/// rounds, of which only the place is kept.
#[derive(Debug)]
pub(super) struct Rota {
    start: Instant,
    unknown: BTreeSet<Waiting>,
    /// When the round through known customers began, or is to begin.
    round: Instant,
    /// The topic that the round has come to.
    reached: TopicId,
    /// Until when nothing is asked, and for how long that is.
    outage: Option<(Instant, Duration)>,
}

impl Rota {
    /// Nobody is on it yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            start: now,
            unknown: BTreeSet::new(),
            round: now + FIRST_REFRESH,
            reached: TopicId(0),
            outage: None,
        }
    }

    /// Puts topics on it whose customers are unknown, unless they are on it.
    pub(super) fn add(&mut self, topics: Vec<TopicId>, now: Instant) {
        if topics.is_empty() {
            return;
        }
        let at = self.seconds(now);
        let waiting: HashSet<TopicId> = self.unknown.iter().map(|waiting| waiting.topic).collect();
        let new = topics.into_iter().filter(|topic| !waiting.contains(topic));
        self.unknown.extend(new.map(|topic| Waiting {
            at,
            topic,
            doubled: 0,
        }));
    }

    /// Whose turn it is, unknown customers first.
    pub(super) fn turn(&self, now: Instant) -> Option<Turn> {
        if self.outage.is_some_and(|(until, _)| now < until) {
            return None;
        }
        let first = self.unknown.first().copied();
        let due = first.filter(|waiting| self.instant(waiting.at) <= now);
        let known = (self.round <= now).then_some(Turn::KnownAfter(self.reached));
        due.map(Turn::Unknown).or(known)
    }

    /// When it is somebody's turn again.
    pub(super) fn next_at(&self) -> Instant {
        let first = self.unknown.first().map(|first| self.instant(first.at));
        let first = first.map_or(self.round, |first| first.min(self.round));
        self.outage.map_or(first, |(until, _)| until.max(first))
    }

    /// Takes into account what the CRM said about an unknown customer.
    pub(super) fn answered(&mut self, asked: Waiting, answer: Answer, now: Instant) {
        if self.is_outage(answer, now) || !self.unknown.remove(&asked) || answer == Answer::Customer
        {
            return;
        }
        let wait = FIRST_WAIT
            .saturating_mul(1 << asked.doubled.min(16))
            .min(REFRESH);
        self.unknown.insert(Waiting {
            at: self.seconds(now + wait),
            topic: asked.topic,
            doubled: asked.doubled.saturating_add(1),
        });
    }

    /// Takes into account what the CRM said about the known customer of this topic.
    pub(super) fn refreshed(&mut self, topic: TopicId, answer: Answer, now: Instant) {
        if !self.is_outage(answer, now) {
            self.reached = topic;
        }
    }

    /// There is no known customer after the place that the round had come to.
    pub(super) fn came_round(&mut self, now: Instant) {
        self.reached = TopicId(0);
        self.round = (self.round + REFRESH).max(now);
    }

    fn is_outage(&mut self, answer: Answer, now: Instant) -> bool {
        if answer != Answer::Outage {
            self.outage = None;
            return false;
        }
        let (first, longest) = OUTAGE;
        let wait = self.outage.map_or(first, |(_, wait)| wait * 2).min(longest);
        self.outage = Some((now + wait, wait));
        true
    }

    fn seconds(&self, at: Instant) -> u32 {
        let since = at.saturating_duration_since(self.start);
        u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
    }

    fn instant(&self, seconds: u32) -> Instant {
        self.start + Duration::from_secs(seconds.into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    const A: TopicId = TopicId(2);
    const B: TopicId = TopicId(3);

    /// Answers whoever's turn it is, which must be this unknown customer.
    fn answer(rota: &mut Rota, topic: TopicId, answer: Answer, now: Instant) {
        match rota.turn(now) {
            Some(Turn::Unknown(asked)) if asked.topic == topic => rota.answered(asked, answer, now),
            other => panic!("it is the turn of {other:?}"),
        }
    }

    #[test]
    fn unknown_customers_come_first_and_known_ones_in_rounds() {
        let now = Instant::now();
        let mut rota = Rota::new(now);
        rota.add(vec![B, B], now);
        rota.add(vec![B], now);
        answer(&mut rota, B, Answer::Customer, now);
        assert_eq!(rota.turn(now), None);
        let round = now + FIRST_REFRESH;
        assert_eq!(rota.next_at(), round);
        rota.add(vec![A], now);
        answer(&mut rota, A, Answer::Customer, round);
        assert_eq!(rota.turn(round), Some(Turn::KnownAfter(TopicId(0))));
        rota.refreshed(A, Answer::Customer, round);
        assert_eq!(rota.turn(round), Some(Turn::KnownAfter(A)));
        rota.refreshed(A, Answer::Nothing, round);
        assert_eq!(rota.turn(round), Some(Turn::KnownAfter(A)));
        rota.refreshed(B, Answer::Outage, round);
        assert_eq!(rota.turn(round), None);
        let back = round + OUTAGE.0;
        assert_eq!(rota.turn(back), Some(Turn::KnownAfter(A)));
        rota.came_round(back);
        assert_eq!(rota.turn(back), None);
        let next = round + REFRESH;
        assert_eq!(rota.turn(next), Some(Turn::KnownAfter(TopicId(0))));
        // One that took more than a day is followed by the next.
        let late = next + REFRESH * 3;
        rota.came_round(late);
        assert_eq!(rota.turn(late), Some(Turn::KnownAfter(TopicId(0))));
    }

    #[test]
    fn what_the_crm_does_not_know_is_asked_ever_more_rarely() {
        let now = Instant::now();
        let mut rota = Rota::new(now);
        rota.add(vec![A], now);
        answer(&mut rota, A, Answer::Nothing, now);
        let second = now + FIRST_WAIT;
        assert_eq!(rota.next_at(), second);
        answer(&mut rota, A, Answer::Nothing, second);
        assert_eq!(rota.next_at(), second + FIRST_WAIT * 2);
        let mut at = second + FIRST_WAIT * 2;
        let mut waits = Vec::new();
        for _ in 0..300 {
            answer(&mut rota, A, Answer::Nothing, at);
            let next = rota.unknown.first().map(|first| rota.instant(first.at));
            waits.extend(next.map(|next| next - at));
            at = next.unwrap_or(at);
        }
        assert!(waits.is_sorted());
        assert_eq!(waits.last(), Some(&REFRESH));
    }

    #[test]
    fn a_crm_that_is_down_is_left_alone_for_all_topics() {
        let now = Instant::now();
        let mut rota = Rota::new(now);
        rota.add(vec![A, B], now);
        answer(&mut rota, A, Answer::Outage, now);
        assert_eq!(rota.turn(now), None);
        let back = now + OUTAGE.0;
        assert_eq!(rota.next_at(), back);
        answer(&mut rota, A, Answer::Outage, back);
        let back = back + OUTAGE.0 * 2;
        assert_eq!(rota.next_at(), back);
        answer(&mut rota, A, Answer::Customer, back);
        answer(&mut rota, B, Answer::Customer, back);
        assert_eq!(rota.turn(back), None);
    }
}
