//! What Telegram means by a wait, and trying again when the line breaks.
//!
//! The policy that grammers brings sleeps once, and for at most 60 s. Ours leaves waits to whoever
//! asked: reading keeps the whole wait, as often as one is told, and never gives a job up because
//! of it (see [`super::pacer`]); a login says so instead.

use std::ops::ControlFlow;
use std::time::Duration;

use grammers_mtsender::{InvocationError, RetryContext, RetryPolicy};

/// How often a request is repeated over a broken line or a failing server before the whole
/// connection is made anew (1 + 2 + 4 s).
const TRIES: u32 = 3;

/// How long Telegram asks to wait, where that is what it says: FLOOD_WAIT, FLOOD_PREMIUM_WAIT,
/// SLOWMODE_WAIT, TAKEOUT_INIT_DELAY; some of them come with another class than 420, all of them
/// with a number of seconds.
pub(super) fn wait_of(error: &InvocationError) -> Option<Duration> {
    match error {
        InvocationError::Rpc(rpc)
            if rpc.code == 420
                || matches!(rpc.name.as_str(), "SLOWMODE_WAIT" | "TAKEOUT_INIT_DELAY") =>
        {
            let seconds = rpc.value.unwrap_or(30).max(1);
            Some(Duration::from_secs(u64::from(seconds)))
        }
        _ => None,
    }
}

/// The retry policy of a connection.
pub(super) struct Patience;

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
            error if wait_of(error).is_some() => ControlFlow::Break(()),
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

    fn asked(error: InvocationError, tried: u32) -> Option<Duration> {
        let flow = Patience.should_retry(&RetryContext {
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
    fn whole_waits_are_understood_under_all_their_names() {
        for (code, name) in [
            (420, "FLOOD_WAIT"),
            (420, "FLOOD_PREMIUM_WAIT"),
            (400, "SLOWMODE_WAIT"),
            (420, "TAKEOUT_INIT_DELAY"),
        ] {
            let error = rpc(code, name, Some(86_400));
            assert_eq!(wait_of(&error), Some(Duration::from_secs(86_400)), "{name}");
            assert_eq!(
                asked(error, 1),
                None,
                "{name}: grammers does not wait for us"
            );
        }
        assert_eq!(wait_of(&rpc(400, "CHANNEL_INVALID", None)), None);
    }

    #[test]
    fn a_broken_line_is_tried_again_but_not_for_ever() {
        let broken = || InvocationError::Io(std::io::ErrorKind::ConnectionReset.into());
        assert_eq!(asked(broken(), 1), Some(Duration::from_secs(1)));
        assert_eq!(asked(broken(), 3), Some(Duration::from_secs(4)));
        assert_eq!(asked(broken(), 4), None);
        assert_eq!(asked(rpc(400, "CHANNEL_INVALID", None), 1), None);
    }
}
