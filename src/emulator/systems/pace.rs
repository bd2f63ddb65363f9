//! How fast a system may be called.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

/// A rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// None.
    Off,
    /// So many within any stretch of time of this length.
    Window {
        /// Requests.
        most: usize,
        /// Length of the stretch.
        within: Duration,
    },
    /// A bucket that each request fills by one and time empties.
    Bucket {
        /// What it holds.
        size: u32,
        /// How much runs out of it in a second.
        per_second: u32,
    },
}

/// Counts requests against a limit.
#[derive(Debug)]
pub(super) struct Pace {
    limit: Limit,
    /// Nanoseconds at which requests passed, the oldest first.
    passed: VecDeque<i128>,
    /// Nanoseconds at which the bucket will be empty.
    empty_at: i128,
    latest: i128,
}

const SECOND: i128 = 1_000_000_000;

impl Pace {
    pub(super) const fn new(limit: Limit) -> Self {
        Self {
            limit,
            passed: VecDeque::new(),
            empty_at: 0,
            latest: 0,
        }
    }

    /// Another limit; nothing has passed yet.
    pub(super) fn set(&mut self, limit: Limit) {
        *self = Self::new(limit);
    }

    /// Counts a request that passes; one that does not must wait for so long, and is not counted.
    pub(super) fn take(&mut self, now: Timestamp) -> Result<(), Duration> {
        let now = now.as_nanosecond();
        if now < self.latest {
            // The clock was set back: what is counted lies in a future that may never come.
            self.set(self.limit);
        }
        self.latest = now;
        match self.limit {
            Limit::Off => Ok(()),
            Limit::Window { most, within } => {
                let within = i128::try_from(within.as_nanos()).unwrap_or(i128::MAX);
                while self.passed.front().is_some_and(|at| now - at >= within) {
                    self.passed.pop_front();
                }
                if self.passed.len() < most {
                    self.passed.push_back(now);
                    return Ok(());
                }
                let oldest = self.passed.front().copied().unwrap_or(now);
                Err(nanoseconds(oldest + within - now))
            }
            Limit::Bucket { size, per_second } => {
                let one = SECOND / i128::from(per_second.max(1));
                let filled = (self.empty_at - now).max(0) + one;
                let over = filled - i128::from(size) * one;
                if over > 0 {
                    return Err(nanoseconds(over));
                }
                self.empty_at = now + filled;
                Ok(())
            }
        }
    }
}

fn nanoseconds(number: i128) -> Duration {
    Duration::from_nanos(u64::try_from(number).unwrap_or_default())
}

/// A wait in whole seconds, as headers name it: never too short, never 0.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_750_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn a_window_lets_so_many_through_in_any_second() {
        let second = Duration::from_secs(1);
        let mut pace = Pace::new(Limit::Window {
            most: 3,
            within: second,
        });
        for now in [0, 400, 800] {
            assert_eq!(pace.take(at(now)), Ok(()));
        }
        assert_eq!(pace.take(at(900)), Err(Duration::from_millis(100)));
        assert_eq!(pace.take(at(1_000)), Ok(()));
        assert_eq!(pace.take(at(1_001)), Err(Duration::from_millis(399)));
        assert_eq!(pace.take(at(1_400)), Ok(()));
    }

    #[test]
    fn a_bucket_takes_a_burst_and_then_leaks() {
        let mut pace = Pace::new(Limit::Bucket {
            size: 50,
            per_second: 2,
        });
        for _ in 0..50 {
            assert_eq!(pace.take(at(0)), Ok(()));
        }
        assert_eq!(pace.take(at(0)), Err(Duration::from_millis(500)));
        assert_eq!(pace.take(at(499)), Err(Duration::from_millis(1)));
        assert_eq!(pace.take(at(500)), Ok(()));
        assert!(pace.take(at(500)).is_err());
        for _ in 0..50 {
            assert_eq!(pace.take(at(60_000)), Ok(()));
        }
        assert!(pace.take(at(60_000)).is_err());
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let mut pace = Pace::new(Limit::Bucket {
            size: 1,
            per_second: 1,
        });
        assert_eq!(pace.take(at(3_600_000)), Ok(()));
        assert_eq!(pace.take(at(0)), Ok(()));
        assert!(pace.take(at(1)).is_err());
    }

    #[test]
    fn waits_are_named_in_whole_seconds() {
        assert_eq!(whole_seconds(Duration::ZERO), 1);
        assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(whole_seconds(Duration::from_secs(30)), 30);
    }
}
