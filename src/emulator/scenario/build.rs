//! The world before anyone connects.

use std::collections::BTreeMap;

use super::cast::Cast;
use super::conversation::Conversation;
use super::random::Random;
use crate::emulator::crm::Relay;
use crate::emulator::world::{Draft, State};

/// Seconds of a day, and of the part of it in which a desk is busy (7 to 22 o'clock UTC).
const DAY: i64 = 86_400;
const OPEN: i64 = 15 * 3_600;
const OPENS: i64 = 7 * 3_600;

/// What the first customers come about, by number of the dialogue: so that even a small world has
/// voice, parcels, forwards, photos and documents. The two with forwards, of which each language
/// has one, are three apart, as the customers of one language are.
const FIRST: [usize; 6] = [4, 0, 9, 3, 1, 11];

/// Conversations that go on at the same time.
const AT_ONCE: usize = 6;

/// A world whose desk has `messages` messages (a few more, so that the last scene is whole), all
/// before today.
#[must_use]
pub fn build(seed: u64, messages: usize, relay: Relay) -> (State, Cast) {
    let mut state = State::new(seed);
    let mut random = Random::new(seed);
    // A busier desk has a longer past, or nobody could have written all that.
    let days = 26 + i64::try_from(messages / 1_000).unwrap_or(370).min(370);
    let first_day = (state.now() / DAY - days) * DAY;
    let customers = (messages / 50).max(12);
    let cast = Cast::create(&mut state, relay, customers, first_day + OPENS - 3_600);
    side_groups(&mut state, &cast, first_day + OPENS);
    let dates = dates(&mut random, messages, first_day, days);
    let mut past = Past {
        cast: &cast,
        random,
        topics: BTreeMap::new(),
        active: Vec::new(),
        last: 0,
        newcomers: 0,
        visits: BTreeMap::new(),
    };
    while let Some(date) = dates.get(posted(&state, &cast)) {
        past.go_on(&mut state, *date);
    }
    (state, cast)
}

fn posted(state: &State, cast: &Cast) -> usize {
    state
        .group(cast.group)
        .map_or(0, |group| group.messages.len())
}

/// When messages were posted, ascending: mostly seconds apart, sometimes hours, over all days.
fn dates(random: &mut Random, messages: usize, first_day: i64, days: i64) -> Vec<i64> {
    let span = days * OPEN;
    let whole = |number: usize| i64::try_from(number).unwrap_or_default();
    let mut pauses: Vec<(bool, i64)> = (0..messages)
        .map(|_| {
            if random.chance(88) {
                (false, whole(15 + random.below(180)))
            } else {
                (true, whole(1 + random.below(20)))
            }
        })
        .collect();
    let sum = |long: bool, pauses: &[(bool, i64)]| -> i64 {
        pauses
            .iter()
            .filter(|(is_long, _)| *is_long == long)
            .map(|(_, pause)| pause)
            .sum()
    };
    let (short, long) = (sum(false, &pauses), sum(true, &pauses).max(1));
    let rest = (span - short).max(0);
    for (is_long, pause) in &mut pauses {
        if *is_long {
            *pause = *pause * rest / long;
        } else if short > span {
            *pause = *pause * span / short;
        }
    }
    let mut busy = 0;
    pauses
        .into_iter()
        .map(|(_, pause)| {
            busy = (busy + pause).min(span - 1);
            first_day + busy / OPEN * DAY + OPENS + busy % OPEN
        })
        .collect()
}

/// A past in the making.
struct Past<'a> {
    cast: &'a Cast,
    random: Random,
    topics: BTreeMap<i64, i32>,
    active: Vec<Conversation>,
    /// The conversation that spoke last: mostly it goes on.
    last: usize,
    newcomers: usize,
    /// How often each customer came: nobody asks the same thing twice in a row.
    visits: BTreeMap<i64, usize>,
}

impl Past<'_> {
    /// One scene: at least one message.
    fn go_on(&mut self, state: &mut State, date: i64) {
        if self.random.chance(1) {
            self.general(state, date);
            return;
        }
        if self.active.len() < AT_ONCE && (self.active.len() < 2 || self.random.chance(25)) {
            self.begin(state, date);
        }
        if !self.random.chance(70) {
            self.last = self.random.below(self.active.len());
        }
        let (cast, random) = (self.cast, &mut self.random);
        self.last = self.last.min(self.active.len().saturating_sub(1));
        let Some(conversation) = self.active.get_mut(self.last) else {
            return;
        };
        let said = conversation.step(state, cast, random, Some(date));
        if said.is_none() {
            let mut over = self.active.swap_remove(self.last);
            if self.random.chance(20) {
                over.rename(state, cast, Some(date));
            }
            if self.random.chance(30) {
                over.close(state, cast, Some(date));
            }
            return;
        }
        let soon = Some(date + 25);
        if random.chance(6) {
            let by_customer = random.chance(60);
            conversation.edit(state, cast, random, by_customer, soon);
        }
        if random.chance(3) {
            let by_customer = random.chance(70);
            conversation.delete(state, cast, by_customer, soon);
        }
    }

    /// A customer turns up, each for the first time before anyone comes again.
    fn begin(&mut self, state: &mut State, date: i64) {
        let cast = self.cast;
        let newcomer = cast.customers.get(self.newcomers).copied();
        // Returning customers from the start, and some who have not written yet at the end.
        let reserve = cast.customers.len() / 4;
        let fresh = self.newcomers < 6
            || (self.newcomers + reserve < cast.customers.len() && self.random.chance(40));
        let customer = if fresh {
            self.newcomers += 1;
            newcomer
        } else {
            let known = self.newcomers.min(cast.customers.len());
            cast.customers.get(self.random.below(known)).copied()
        };
        let Some(customer) = customer else { return };
        let busy = |topic: &i32| self.active.iter().any(|other| other.topic == *topic);
        if self.topics.get(&customer).is_some_and(busy) {
            return;
        }
        if let Some(topic) = open_topic(state, cast, &mut self.topics, customer, Some(date)) {
            let visits = self.visits.entry(customer).or_default();
            let first = cast.customers.iter().take(FIRST.len());
            let shift = usize::try_from(state.seed() % 6).unwrap_or_default();
            let subject = first
                .zip(FIRST.iter().cycle().skip(shift))
                .find(|(other, _)| **other == customer)
                .map_or_else(
                    || usize::try_from(customer / 7).unwrap_or_default(),
                    |(_, subject)| *subject,
                );
            let turn = *visits + subject;
            *visits += 1;
            let conversation = Conversation::begin(state, cast, &mut self.random, customer, topic);
            self.active.push(conversation.about(turn));
            self.last = self.active.len() - 1;
        }
    }

    /// Talk among colleagues, and a bot that reports.
    fn general(&mut self, state: &mut State, date: i64) {
        let talk = [
            "Lunch at 12:30? 🍜",
            "Wer übernimmt heute die Spätschicht?",
            "Коллеги, сегодня выходит версия 5.2.2, будут вопросы",
            "Please remember: notes begin with a slash and a space.",
            "#statistics 41 conversations yesterday, 38 solved the same day 💪",
        ];
        let (from, text) = if self.random.chance(30) {
            (self.cast.parcel_bot, "/ All carriers are on time today.")
        } else {
            let operator = self.random.pick(&self.cast.operators).copied();
            let text = self.random.pick(&talk).copied().unwrap_or_default();
            (operator.unwrap_or_default(), text)
        };
        let draft = Draft {
            text: text.to_owned(),
            date: Some(date),
            ..Draft::default()
        };
        // Members may always write in General.
        let _ = state.post(self.cast.group, from, draft);
    }
}

/// The customer's topic, opened or reopened where needed.
pub(super) fn open_topic(
    state: &mut State,
    cast: &Cast,
    topics: &mut BTreeMap<i64, i32>,
    customer: i64,
    date: Option<i64>,
) -> Option<i32> {
    if let Some(topic) = topics.get(&customer).copied() {
        let closed = state.group(cast.group)?.topics.get(&topic)?.closed;
        if closed {
            state
                .edit_topic(cast.group, cast.author, topic, None, Some(false), date)
                .ok()?;
        }
        return Some(topic);
    }
    let name = state.user(customer)?.name();
    let topic = state
        .create_topic(cast.group, cast.author, &name, Some(customer), date)
        .ok()?;
    topics.insert(customer, topic);
    Some(topic)
}

/// A little life in the other groups.
fn side_groups(state: &mut State, cast: &Cast, date: i64) {
    let lounge = [
        "Welcome to the lounge ☕",
        "Kuchen in der Küche!",
        "Спасибо за торт 🎂",
    ];
    for (index, text) in lounge.iter().enumerate() {
        let offset = i64::try_from(index).unwrap_or_default();
        let draft = Draft {
            text: (*text).to_owned(),
            date: Some(date + offset * 600),
            ..Draft::default()
        };
        let from = cast.operators.get(index).copied().unwrap_or_default();
        // Nothing depends on the lounge.
        let _ = state.post(cast.plain_group, from, draft);
    }
    let owner = cast.operators.first().copied().unwrap_or_default();
    let group = cast.foreign_group;
    if let Ok(topic) = state.create_topic(group, owner, "Invoices", None, Some(date)) {
        let draft = Draft {
            topic,
            text: "Only billing reads this.".to_owned(),
            date: Some(date + 30),
            ..Draft::default()
        };
        let _ = state.post(group, owner, draft);
    }
}
