//! The time that the systems go by.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::time::Instant;

/// A clock that runs with the real one until a test moves or stops it. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    started: Instant,
    at_start: Timestamp,
    ahead: Duration,
    fixed: Option<Timestamp>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Hands {
            started: Instant::now(),
            at_start: Timestamp::now(),
            ahead: Duration::ZERO,
            fixed: None,
        })))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let hands = self.hands();
        hands.fixed.unwrap_or_else(|| {
            // Counted from the start: the machine's date may jump, pauses between requests must not.
            let since = hands.started.elapsed() + hands.ahead;
            later(hands.at_start, since)
        })
    }

    /// The day that it shows, in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// Stops it at a moment.
    pub fn fix(&self, at: Timestamp) {
        self.hands().fixed = Some(at);
    }

    /// Stops it where it is: from now on only [`Clock::forward`] moves it.
    pub fn stop(&self) {
        let now = self.now();
        self.fix(now);
    }

    /// Moves it forward, whether it runs or stands.
    pub fn forward(&self, by: Duration) {
        let mut hands = self.hands();
        match hands.fixed {
            Some(at) => hands.fixed = Some(later(at, by)),
            None => hands.ahead = hands.ahead.saturating_add(by),
        }
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_stands_and_is_moved() {
        let clock = Clock::new();
        let start = clock.now();
        clock.forward(Duration::from_secs(3_600));
        assert!(clock.now().as_second() >= start.as_second() + 3_600);
        let noon: Timestamp = "2026-05-04T12:00:00Z".parse().unwrap();
        clock.fix(noon);
        assert_eq!(clock.now(), noon);
        clock.clone().forward(Duration::from_secs(43_200));
        assert_eq!(clock.today(), jiff::civil::date(2026, 5, 5));
    }
}
