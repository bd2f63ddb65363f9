//! Waiting as long as Telegram asks, and trying again when the line breaks.
//!
//! The policy that grammers brings sleeps once, and for at most 60 s. Ours waits the whole time
//! that Telegram names, as often as it names one, shows it, and never gives a job up because of it.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use grammers_mtsender::{InvocationError, RetryContext, RetryPolicy};

use super::clock;
use crate::metrics::Metrics;

/// How often a request is repeated over a broken line or a failing server before the whole
/// connection is made anew (1 + 2 + 4 s).
const TRIES: u32 = 3;

/// Until when Telegram asked us to wait; shared by everything that talks to it. Kept on a clock that
/// nobody sets: a wait must not last for days because the computer's was put right.
#[derive(Clone, Debug, Default)]
pub(super) struct Flood {
    until: Arc<Mutex<Option<Instant>>>,
    metrics: Metrics,
}

impl Flood {
    /// Waits are counted there from now on.
    pub(super) fn count_in(&mut self, metrics: Metrics) {
        self.metrics = metrics;
    }

    /// How long the wait still lasts; `None` while there is none.
    pub(super) fn left(&self) -> Option<Duration> {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|left| !left.is_zero())
    }

    /// The end of the wait, Unix seconds, for people; `None` while there is none.
    pub(super) fn until(&self) -> Option<i64> {
        let left = self.left()?.as_secs_f64().ceil() as i64;
        Some(clock::now().saturating_add(left))
    }

    /// Returns when no wait is pending. A new connection forgets what the old one was told, and
    /// asking during the wait makes it longer.
    pub(super) async fn wait(&self) {
        while let Some(left) = self.left() {
            tokio::time::sleep(left).await;
        }
    }

    fn ask(&self, seconds: u32) {
        let now = Instant::now();
        let until = now + Duration::from_secs(u64::from(seconds));
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = known.map_or(now, |known| known.max(now));
        self.metrics
            .flooded(until.saturating_duration_since(pending));
        *known = Some(pending.max(until));
    }
}

/// The retry policy of a connection.
pub(super) struct Patience {
    /// Where waits are shown.
    pub(super) flood: Flood,
    /// Whether to wait for Telegram however long it takes; a login says so instead.
    pub(super) endless: bool,
}

impl RetryPolicy for Patience {
    fn should_retry(&self, context: &RetryContext) -> ControlFlow<(), Duration> {
        let tried = context.fail_count.get();
        let back_off = || {
            if tried > TRIES {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(Duration::from_secs(1 << (tried - 1)))
            }
        };
        match &context.error {
            // FLOOD_WAIT, FLOOD_PREMIUM_WAIT, SLOWMODE_WAIT, TAKEOUT_INIT_DELAY; some of them come
            // with another class than 420, all of them with a number of seconds.
            InvocationError::Rpc(rpc)
                if rpc.code == 420
                    || matches!(rpc.name.as_str(), "SLOWMODE_WAIT" | "TAKEOUT_INIT_DELAY") =>
            {
                if !self.endless {
                    return ControlFlow::Break(());
                }
                let seconds = rpc.value.unwrap_or(30).max(1);
                self.flood.ask(seconds);
                tracing::warn!(reason = %rpc.name, seconds, "Telegram asks to wait");
                ControlFlow::Continue(Duration::from_secs(u64::from(seconds)))
            }
            InvocationError::Rpc(rpc) if rpc.code >= 500 || rpc.code == -503 => back_off(),
            InvocationError::Io(_) | InvocationError::Transport(_) => back_off(),
            _ => ControlFlow::Break(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use grammers_mtsender::RpcError;
    use std::num::NonZeroU32;

    fn asked(patience: &Patience, error: InvocationError, tried: u32) -> Option<Duration> {
        let flow = patience.should_retry(&RetryContext {
            fail_count: NonZeroU32::new(tried).unwrap(),
            slept_so_far: Duration::ZERO,
            error,
        });
        match flow {
            ControlFlow::Continue(delay) => Some(delay),
            ControlFlow::Break(()) => None,
        }
    }

    fn rpc(code: i32, name: &str, value: Option<u32>) -> InvocationError {
        InvocationError::Rpc(RpcError {
            code,
            name: name.to_owned(),
            value,
            caused_by: None,
        })
    }

    #[test]
    fn the_whole_wait_is_kept_and_shown_however_often_it_comes() {
        let patience = Patience {
            flood: Flood::default(),
            endless: true,
        };
        for name in [
            "FLOOD_WAIT",
            "FLOOD_PREMIUM_WAIT",
            "SLOWMODE_WAIT",
            "TAKEOUT_INIT_DELAY",
        ] {
            assert_eq!(
                asked(&patience, rpc(420, name, Some(86_400)), 50),
                Some(Duration::from_secs(86_400)),
                "{name}"
            );
        }
        assert!(patience.flood.until().is_some());
    }

    #[test]
    fn a_login_is_told_instead_of_waiting() {
        let patience = Patience {
            flood: Flood::default(),
            endless: false,
        };
        assert_eq!(asked(&patience, rpc(420, "FLOOD_WAIT", Some(9)), 1), None);
    }

    #[test]
    fn a_broken_line_is_tried_again_but_not_for_ever() {
        let patience = Patience {
            flood: Flood::default(),
            endless: true,
        };
        let broken = || InvocationError::Io(std::io::ErrorKind::ConnectionReset.into());
        assert_eq!(asked(&patience, broken(), 1), Some(Duration::from_secs(1)));
        assert_eq!(asked(&patience, broken(), 3), Some(Duration::from_secs(4)));
        assert_eq!(asked(&patience, broken(), 4), None);
        assert_eq!(asked(&patience, rpc(400, "CHANNEL_INVALID", None), 1), None);
    }
}
