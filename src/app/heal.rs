//! Capture for as long as it takes: what `audit --heal` runs where no service does.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{AppError, Service};
use crate::archive::Vault;
use crate::capture::Progress;
use crate::config::{Config, Secret};
use crate::model::GroupId;

/// How long a group may be down before it is waited for no longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How a healing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Healed {
    /// Nothing is unknown.
    Whole,
    /// Telegram does not tell of everything now, or a group cannot be captured.
    InPart,
    /// Stopped before.
    Stopped,
}

/// Captures the groups of a configuration, without bot, CRM and HTTP, until nothing is unknown or no
/// more can be had now. `show` is given the vault and the progress, for whoever wants to watch.
///
/// # Errors
/// See [`Service::start`] and [`Service::wait`].
pub async fn heal(
    config: &Config,
    base: &Path,
    stop: CancellationToken,
    show: impl FnOnce(Vault, watch::Receiver<HashMap<GroupId, Progress>>),
) -> Result<Healed, AppError> {
    let mut config = config.clone();
    config.bot.token = Secret::new(String::new());
    config.crm.url = String::new();
    config.http.listen = String::new();
    // Of its own, so that being done is not being stopped.
    let done = stop.child_token();
    let service = Service::start(&config, base, done.clone()).await?;
    show(service.vault().clone(), service.progress());
    let watching = tokio::spawn(until_settled(service.progress(), done));
    service.wait().await?;
    if stop.is_cancelled() {
        return Ok(Healed::Stopped);
    }
    Ok(watching.await.unwrap_or(Healed::InPart))
}

/// Waits until every group is whole or as whole as it can be, then ends the service.
async fn until_settled(
    progress: watch::Receiver<HashMap<GroupId, Progress>>,
    done: CancellationToken,
) -> Healed {
    let mut down: HashMap<GroupId, Instant> = HashMap::new();
    loop {
        tokio::select! {
            () = done.cancelled() => return Healed::Stopped,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let board = progress.borrow().clone();
        down.retain(|group, _| board.get(group).is_some_and(|it| it.down.is_some()));
        let settled = |(group, progress): (&GroupId, &Progress)| {
            let since = progress
                .down
                .as_ref()
                .map(|_| *down.entry(*group).or_insert_with(Instant::now));
            progress.is_whole()
                || (progress.caught_up && progress.stalled)
                || since.is_some_and(|since| since.elapsed() > PATIENCE)
        };
        // Each is looked at, so that each one's time begins.
        let settled: Vec<bool> = board.iter().map(settled).collect();
        if !settled.is_empty() && settled.into_iter().all(|it| it) {
            done.cancel();
            return if board.values().all(Progress::is_whole) {
                Healed::Whole
            } else {
                Healed::InPart
            };
        }
    }
}
