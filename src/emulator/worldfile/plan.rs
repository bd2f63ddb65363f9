//! What happened in a group, in the order of dates.

use super::format::{NewGroup, NewMessage};

/// Seconds between things without a date.
const PAUSE: i64 = 60;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Happening<'a> {
    /// A topic began; its place in the file.
    Opened(usize),
    /// Somebody wrote; in that topic, or in General.
    Said(Option<usize>, &'a NewMessage),
    /// A topic was closed.
    Closed(usize),
}

/// Everything that happened in a group with its date, ascending. What has no date comes a minute
/// after what stands before it in the file, but never after `now`.
pub(super) fn plan(group: &NewGroup, began: i64, now: i64) -> Vec<(i64, Happening<'_>)> {
    let mut all = Vec::new();
    let mut clock = began;
    let mut next = |date: Option<i64>| {
        clock = date.unwrap_or_else(|| clock.saturating_add(PAUSE).min(now.max(began)));
        clock
    };
    for message in &group.messages {
        let date = next(message.date.map(|date| date.0));
        all.push((date, Happening::Said(None, message)));
    }
    for (at, topic) in group.topics.iter().enumerate() {
        let first = topic.messages.iter().find_map(|message| message.date);
        let first = first.map(|date| date.0);
        let opened = next(topic.created.map(|date| date.0).or(first));
        let mut last = opened;
        let place = all.len();
        for message in &topic.messages {
            last = next(message.date.map(|date| date.0));
            all.push((last, Happening::Said(Some(at), message)));
        }
        // A topic is there before its first message, whatever its own date says.
        let earliest = all
            .get(place..)
            .unwrap_or_default()
            .iter()
            .map(|(date, _)| *date)
            .min();
        let opened = earliest.map_or(opened, |earliest| earliest.min(opened));
        all.insert(place, (opened, Happening::Opened(at)));
        if topic.closed {
            let latest = all
                .get(place..)
                .unwrap_or_default()
                .iter()
                .map(|(date, _)| *date)
                .max();
            all.push((latest.unwrap_or(last), Happening::Closed(at)));
        }
    }
    // Stable: what has the same date stays in the order of the file.
    all.sort_by_key(|(date, _)| *date);
    all
}
