//! The world before anyone connects.

use crate::emulator::crm::Relay;
use crate::emulator::world::{Draft, State};

use super::cast::Cast;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A world with about `messages` messages in its desk, all of the last weeks.
#[must_use]
pub fn build(seed: u64, messages: usize, relay: Relay) -> (State, Cast) {
    let mut state = State::new(seed);
    let founded = state.now() - 28 * DAY;
    let customers = (messages / 50).max(9);
    let cast = Cast::create(&mut state, relay, customers, founded);
    for index in 0..messages / 2 {
        let customer = cast.customers.get(index % 6).copied().unwrap_or_default();
        let topic = state
            .group(cast.group)
            .and_then(|group| {
                group
                    .topics
                    .values()
                    .find(|topic| topic.customer == Some(customer))
            })
            .map(|topic| topic.id);
        let name = state.user(customer).map(crate::emulator::world::User::name);
        let date = Some(founded + 60 + i64::try_from(index).unwrap_or_default());
        let topic = topic.map_or_else(
            || {
                let name = name.unwrap_or_default();
                state.create_topic(cast.group, cast.author, &name, Some(customer), date)
            },
            Ok,
        );
        let Ok(topic) = topic else { continue };
        let operator = cast.operators.first().copied().unwrap_or_default();
        for (from, text) in [
            (cast.author, "Hello, any news?"),
            (operator, "Let me check."),
        ] {
            let draft = Draft {
                topic,
                text: format!("{text} ({index})"),
                date,
                ..Draft::default()
            };
            if state.post(cast.group, from, draft).is_err() {
                return (state, cast);
            }
        }
    }
    (state, cast)
}
