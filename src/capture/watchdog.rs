//! Notices a connection that is dead without saying so.
//!
//! grammers has no time-outs: neither for connecting, nor for a request, nor for the ping it sends
//! every minute. So we ask something small now and then, and do not wait for ever.

use std::time::Duration;

use grammers_client::tl;

use super::error::CaptureError;
use super::target::Context;

/// How often to ask.
const EVERY: Duration = Duration::from_secs(60);

/// How long an answer may take. The retries over a broken line take 7 s of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns when the connection has to be made anew, or the login is gone.
pub(super) async fn watch(context: &Context) -> CaptureError {
    loop {
        tokio::time::sleep(EVERY).await;
        // While Telegram makes us wait, silence is what it asked for.
        context.flood.wait().await;
        let question = context.telegram.read(&tl::functions::updates::GetState {});
        match tokio::time::timeout(PATIENCE, question).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error,
            Err(_) if context.flood.until().is_some() => {}
            Err(_) => {
                return CaptureError::Unreachable {
                    reason: format!("no answer within {} s", PATIENCE.as_secs()),
                };
            }
        }
    }
}
