//! Capture for as long as it takes: what `audit --heal` and `backfill` run where no service does.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{AppError, Board, Service};
use crate::archive::{State, Vault};
use crate::capture::{Orders, Progress};
use crate::config::{Config, Secret};
use crate::model::GroupId;

/// How long a group may be down before it is waited for no longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How a healing or a backfill ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Healed {
    /// Everything was read.
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
    show: impl FnOnce(Vault, watch::Receiver<Board>),
) -> Result<Healed, AppError> {
    capture(config, base, stop, show, |_| Goal::Whole).await
}

/// The same until these backfills have ended or cannot go on.
///
/// # Errors
/// See [`Service::start`] and [`Service::wait`].
pub async fn backfill(
    config: &Config,
    base: &Path,
    ids: Vec<i64>,
    stop: CancellationToken,
    show: impl FnOnce(Vault, watch::Receiver<Board>),
) -> Result<Healed, AppError> {
    capture(config, base, stop, show, |state| Goal::Read(state, ids)).await
}

/// What capture goes on for.
enum Goal {
    /// Nothing is unknown.
    Whole,
    /// These backfills have ended.
    Read(State, Vec<i64>),
}

impl Goal {
    /// Whether it is reached.
    fn is_reached(&self, board: &Board) -> bool {
        match self {
            Self::Whole => board.values().all(Progress::is_whole),
            Self::Read(state, ids) => state
                .backfills(true)
                .is_ok_and(|open| !open.iter().any(|it| ids.contains(&it.id))),
        }
    }

    /// Whether this group is as far as it can be now.
    fn is_settled(&self, progress: &Progress) -> bool {
        match self {
            Self::Whole => progress.is_whole() || (progress.caught_up && progress.stalled),
            Self::Read(..) => false,
        }
    }
}

async fn capture(
    config: &Config,
    base: &Path,
    stop: CancellationToken,
    show: impl FnOnce(Vault, watch::Receiver<Board>),
    goal: impl FnOnce(State) -> Goal,
) -> Result<Healed, AppError> {
    let mut config = config.clone();
    config.bot.token = Secret::new(String::new());
    config.crm.url = String::new();
    config.http.listen = String::new();
    // Of its own, so that being done is not being stopped.
    let done = stop.child_token();
    let state = Vault::create(&base.join(&config.vault.dir))?.state()?;
    let goal = goal(state);
    let orders = |orders: Orders| match goal {
        Goal::Whole => orders,
        Goal::Read(..) => orders.alone(),
    };
    let service = Service::start_with(&config, base, done.clone(), orders).await?;
    show(service.vault().clone(), service.progress());
    let watching = tokio::spawn(until_settled(service.progress(), goal, done));
    service.wait().await?;
    if stop.is_cancelled() {
        return Ok(Healed::Stopped);
    }
    Ok(watching.await.unwrap_or(Healed::InPart))
}

/// Waits until the goal is reached or every group is as far as it can be, then ends the service.
async fn until_settled(
    progress: watch::Receiver<Board>,
    goal: Goal,
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
            goal.is_settled(progress) || since.is_some_and(|since| since.elapsed() > PATIENCE)
        };
        // Each is looked at, so that each one's time begins.
        let settled: Vec<bool> = board.iter().map(settled).collect();
        let reached = !board.is_empty() && goal.is_reached(&board);
        if reached || (!settled.is_empty() && settled.into_iter().all(|it| it)) {
            done.cancel();
            return match reached {
                true => Healed::Whole,
                false => Healed::InPart,
            };
        }
    }
}
