//! One connection: grammers' sender pool, running, and the way to it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use grammers_mtsender::{ConnectionParams, SenderPool};
use grammers_session::updates::UpdatesLike;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::allow::Telegram;
use super::flood::Patience;
use super::pacer::Pacer;
use super::session::SessionFile;

/// How many containers of updates wait between the network and us. grammers holds 100 and drops
/// what is too much; a busy hour's burst is thousands, and one entry is a few hundred bytes.
const UPDATES_CAPACITY: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// How long to wait for the pool to close its sockets.
const CLOSING: Duration = Duration::from_secs(2);

/// A running connection. Its task ends with it.
pub(super) struct Link {
    /// The way to Telegram.
    pub(super) telegram: Telegram,
    /// What Telegram sends by itself; taken by the one who follows it.
    pub(super) updates: Option<mpsc::Receiver<UpdatesLike>>,
    runner: JoinHandle<()>,
    /// Connections to other datacentres, for files: connecting to one that hangs holds up the rest
    /// of its pool. Nothing is connected until the first request.
    elsewhere: JoinHandle<()>,
}

impl Link {
    /// Starts a pool. Nothing is connected until the first request.
    pub(super) fn open(session: &Arc<SessionFile>, api_id: i32, pacer: &Pacer) -> Self {
        let SenderPool {
            runner,
            handle,
            updates,
        } = SenderPool::with_configuration(
            Arc::clone(session),
            api_id,
            ConnectionParams {
                app_version: env!("CARGO_PKG_VERSION").to_owned(),
                device_model: "topicvault".to_owned(),
                retry_policy: Box::new(Patience),
                updates_channel_capacity: UPDATES_CAPACITY,
                ..ConnectionParams::default()
            },
        );
        let files = SenderPool::with_configuration(
            Arc::clone(session),
            api_id,
            ConnectionParams {
                app_version: env!("CARGO_PKG_VERSION").to_owned(),
                device_model: "topicvault".to_owned(),
                ..ConnectionParams::default()
            },
        );
        Self {
            telegram: Telegram::new(handle, files.handle, pacer.clone()),
            updates: Some(updates),
            runner: tokio::spawn(runner.run()),
            elsewhere: tokio::spawn(files.runner.run()),
        }
    }

    /// Returns when the pool has ended, which it only does when it is told to or panics.
    pub(super) async fn ended(&mut self) {
        if let Err(error) = (&mut self.runner).await {
            tracing::error!(panicked = error.is_panic(), "the connection's task died");
        }
    }

    /// Disconnects. A pool that hangs in a connection attempt cannot hear that, so it is cut off.
    pub(super) async fn close(mut self) {
        self.telegram.pool().thin.quit();
        if tokio::time::timeout(CLOSING, &mut self.runner)
            .await
            .is_err()
        {
            self.runner.abort();
            let _ = (&mut self.runner).await;
        }
        self.elsewhere.abort();
        let _ = (&mut self.elsewhere).await; // it holds the login's file, too
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.runner.abort();
        self.elsewhere.abort();
    }
}
