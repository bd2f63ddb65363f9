//! Notices a connection that is dead without saying so.
//!
//! grammers has no time-outs: neither for connecting, nor for a request, nor for the ping it sends
//! every minute. So we ask something small now and then, and do not wait for ever.

use std::time::Duration;

use grammers_client::tl;

use super::backoff::chance;
use super::error::CaptureError;
use super::pacer::Pacer;
use super::target::Context;

/// How often to ask, and how long an answer may take; the retries over a broken line take 7 s of
/// it. A line that died without a word is noticed after a minute at most. Asking is one small
/// request, and no two accounts ask in step.
pub(super) const PACE: (Duration, Duration) = (Duration::from_secs(35), Duration::from_secs(20));

/// The same on a server of one's own, whom nobody keeps from answering at once.
pub(super) const OWN_PACE: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(9));

/// Returns when the connection has to be made anew, or the login is gone.
pub(super) async fn watch(context: &Context) -> CaptureError {
    let ask = || async {
        let question = tl::functions::updates::GetState {};
        context.telegram.read(&question).await.map(drop)
    };
    let (every, patience) = context.watch;
    watch_by(ask, &context.pacer, every, patience).await
}

async fn watch_by<F: Future<Output = Result<(), CaptureError>>>(
    ask: impl Fn() -> F,
    pacer: &Pacer,
    every: Duration,
    patience: Duration,
) -> CaptureError {
    loop {
        tokio::time::sleep(every.mul_f64(0.85 + 0.3 * chance())).await;
        // While Telegram makes us wait, silence is what it asked for.
        pacer.wait_out().await;
        match tokio::time::timeout(patience, ask()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error,
            Err(_) if pacer.left().is_some() => {}
            Err(_) => {
                return CaptureError::Unreachable {
                    reason: format!("no answer within {} s", patience.as_secs()),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    const SHORT: Duration = Duration::from_millis(2);

    #[tokio::test]
    async fn silence_ends_the_connection() {
        let asked = AtomicU32::new(0);
        let ask = || async {
            // The first two are answered.
            if asked.fetch_add(1, Ordering::Relaxed) >= 2 {
                std::future::pending::<()>().await;
            }
            Ok(())
        };
        let error = watch_by(ask, &Pacer::new(false), SHORT, SHORT).await;
        assert!(!error.is_final(), "{error}");
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_lost_login_is_passed_on() {
        let ask = || async { Err(CaptureError::Revoked) };
        let error = watch_by(ask, &Pacer::new(false), SHORT, SHORT).await;
        assert!(matches!(error, CaptureError::Revoked));
    }
}
