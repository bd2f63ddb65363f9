//! How fast another system may be asked: the generic cell rate algorithm (ITU-T I.371), one cell a
//! request.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A system's pace, shared by all who ask it.
#[derive(Debug)]
pub struct Pace {
    /// Time between two requests, averaged.
    interval: Duration,
    /// How much earlier than that a request may come.
    tolerance: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the next request would come if all came evenly.
    next: Instant,
    /// Nothing before this: the system asked for a pause.
    held: Instant,
}

impl Pace {
    /// So many requests a second on average (0: as many as there are), and so many at once.
    #[must_use]
    pub fn new(per_second: f64, burst: u32) -> Self {
        let interval = if per_second > 0.0 {
            Duration::try_from_secs_f64(1.0 / per_second).unwrap_or_default()
        } else {
            Duration::ZERO
        };
        let now = Instant::now();
        Self {
            interval,
            tolerance: interval.saturating_mul(burst.saturating_sub(1)),
            state: Mutex::new(State {
                next: now,
                held: now,
            }),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// The wait, where it would go beyond the deadline.
    pub async fn turn(&self, deadline: Instant) -> Result<(), Duration> {
        let at = self.take(Instant::now(), deadline)?;
        tokio::time::sleep_until(at).await;
        Ok(())
    }

    fn take(&self, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let next = state.next.max(now);
        let earliest = next.checked_sub(self.tolerance).unwrap_or(now);
        let at = earliest.max(now).max(state.held);
        if at > deadline {
            return Err(at.saturating_duration_since(now));
        }
        // A pause uses up no turns, but those who waited come one after another.
        state.next = next.max(at.checked_sub(self.tolerance).unwrap_or(at)) + self.interval;
        Ok(at)
    }

    /// Nobody asks for so long.
    pub fn hold(&self, pause: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held = state.held.max(Instant::now() + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_of(pace: &Pace, requests: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..requests {
            let far = start + Duration::from_secs(1_000);
            assert_eq!(pace.turn(far).await, Ok(()));
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_evenly() {
        let pace = Pace::new(2.0, 4);
        assert!(seconds_of(&pace, 4).await < 0.01);
        let rest = seconds_of(&pace, 10).await;
        assert!((4.9..5.1).contains(&rest), "{rest}");
        // After a rest the burst is there again.
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(seconds_of(&pace, 4).await < 0.01);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone_and_too_long_a_wait_is_none() {
        let pace = Pace::new(0.0, 1);
        pace.hold(Duration::from_secs(7));
        let soon = Instant::now() + Duration::from_secs(5);
        assert_eq!(pace.turn(soon).await, Err(Duration::from_secs(7)));
        let passed = seconds_of(&pace, 3).await;
        assert!((6.9..7.1).contains(&passed), "{passed}");
    }
}
