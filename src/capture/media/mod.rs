//! Fetching files, beside everything else.
//!
//! What messages carry is entered in the archive with them; here the wanted ones are fetched,
//! those of the newest messages first. A few at a time, their messages are asked for again, because
//! only a fresh message gives a file reference that holds; nothing of it is stored. Contents go
//! into the vault's media store piece by piece, and whatever ends a download (a kill, a lost
//! connection, a wait) costs at most the piece under way. Asked is for one piece at a time and
//! outside of grammers' own repetitions: a wait that Telegram asks of downloads must not hold
//! messages up, and a datacentre that cannot be reached must not hold up the one where messages
//! come from, so files elsewhere have a pool of connections of their own.
//!
//! `download_media`, which grammers has for this, writes under the final name and returns before
//! the file is flushed; the store does neither.

mod fetch;
mod remote;
mod room;
mod settle;
mod work;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};
use tokio::task::JoinSet;

use super::clock;
use super::error::CaptureError;
use super::target::Context;
use crate::config::MediaConfig;
use crate::model::{GroupId, MediaPolicy};

/// Why no more files are fetched for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Full {
    /// All files together take what `media.max_total` allows.
    Cap,
    /// The disk has no more than `media.keep_free` left.
    Disk,
}

/// How fetching of files goes, for `/status` and metrics. How many are wanted and missing, the
/// archives say ([`Reader::media_totals`](crate::archive::Reader::media_totals)).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct MediaState {
    /// Bytes that all files in the vault take, those under way included.
    pub used: u64,
    /// Bytes that they may take; 0: as much as there is.
    pub max_total: u64,
    /// Bytes free on the disk, where the system says.
    pub free: Option<u64>,
    /// Why something that is wanted does not fit; smaller files are fetched all the same.
    pub full: Option<Full>,
    /// There will soon be no more room.
    pub warning: bool,
    /// Until when Telegram asked downloads to wait, Unix seconds.
    pub flood_until: Option<i64>,
    /// Seconds that Telegram asked downloads to wait, all together.
    pub flood_seconds: u64,
    /// Files stored since the start.
    pub fetched: u64,
    /// Bytes received since the start.
    pub received: u64,
    /// Attempts that failed since the start.
    pub failures: u64,
}

/// What outlives connections.
pub(super) struct Media {
    policy: MediaPolicy,
    max_total: u64,
    keep_free: u64,
    warn_at: u64,
    state: watch::Sender<MediaState>,
    memory: Mutex<Memory>,
    /// Held by whoever works, and by every piece of work on the disk: what a connection that ended
    /// had begun to write is written before the next one looks at it.
    busy: Arc<AsyncMutex<()>>,
}

#[derive(Default)]
struct Memory {
    settled: HashSet<GroupId>,
    measured: Option<Instant>,
    /// Until when Telegram asked downloads to wait.
    wait_until: Option<Instant>,
}

/// Shows that nobody else works on the store; see [`Media::busy`].
type Busy = Arc<OwnedMutexGuard<()>>;

/// What ends work for now.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error("the media directory cannot be used: {0}")]
    Disk(#[from] std::io::Error),
}

/// How long to wait for what.
#[derive(Clone, Copy)]
struct Pauses {
    /// Between looks whether something was archived.
    look: Duration,
    /// Before looking again for room, or after trouble.
    trouble: Duration,
    /// After a file's first failure, seconds; doubles with each.
    failure: i64,
}

/// The longest pause after failures of one file, seconds.
const LONGEST_FAILURE: i64 = 6 * 3_600;

impl Pauses {
    /// A server of one's own needs no such care.
    fn of(context: &Context) -> Self {
        if !context.pacer.is_gentle() {
            Self {
                look: Duration::from_millis(50),
                trouble: Duration::from_millis(500),
                failure: 1,
            }
        } else {
            Self {
                look: Duration::from_secs(1),
                trouble: Duration::from_secs(60),
                failure: 30,
            }
        }
    }

    /// When to try a file again that failed so often before, Unix seconds.
    fn again(self, tries: u32) -> i64 {
        let factor = 1_i64.checked_shl(tries.min(20)).unwrap_or(1);
        let pause = self.failure.saturating_mul(factor).min(LONGEST_FAILURE);
        clock::now().saturating_add(pause)
    }
}

impl Media {
    pub(super) fn new(config: &MediaConfig) -> Self {
        let state = MediaState {
            max_total: config.max_total,
            ..MediaState::default()
        };
        Self {
            policy: config.policy(),
            max_total: config.max_total,
            keep_free: config.keep_free,
            warn_at: u64::from(config.warn_at),
            state: watch::channel(state).0,
            memory: Mutex::default(),
            busy: Arc::default(),
        }
    }

    /// How it goes.
    pub(super) fn state(&self) -> watch::Receiver<MediaState> {
        self.state.subscribe()
    }

    /// Fetches files over this connection; never returns.
    pub(super) async fn keep(self: Arc<Self>, context: Arc<Context>) {
        let pauses = Pauses::of(&context);
        loop {
            // A task of its own, which ends with this one: a panic in it is trouble like any other.
            let mut working = JoinSet::new();
            working.spawn(Arc::clone(&self).work(Arc::clone(&context)));
            match working.join_next().await {
                Some(Ok(Err(Stop::Capture(error)))) => {
                    // The connection's other parts see the same, and act on it.
                    tracing::debug!(%error, "downloads pause");
                }
                Some(Ok(Err(stop @ Stop::Disk(_)))) => {
                    tracing::error!(error = %stop, "downloads pause");
                }
                Some(Ok(Ok(()))) | None => {}
                Some(Err(_)) => {
                    tracing::error!(
                        "a download broke off; this is a defect, please report it with the log"
                    );
                }
            }
            tokio::time::sleep(pauses.trouble).await;
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as Telegram asked downloads to, over however many connections.
    async fn wait(&self) {
        loop {
            let until = self.memory().wait_until;
            let Some(until) = until.filter(|until| *until > Instant::now()) else {
                break;
            };
            tokio::time::sleep_until(until.into()).await;
        }
        self.state.send_if_modified(|state| {
            let waited = state.flood_until.is_some();
            state.flood_until = None;
            waited
        });
    }

    /// Telegram asks downloads to wait.
    fn ask_to_wait(&self, seconds: u32) {
        tracing::warn!(seconds, "Telegram asks downloads to wait");
        self.memory().wait_until = Some(Instant::now() + Duration::from_secs(u64::from(seconds)));
        self.state.send_modify(|state| {
            state.flood_until = Some(clock::now().saturating_add(i64::from(seconds)));
            state.flood_seconds += u64::from(seconds);
        });
    }
}

/// Works on the disk, off the runtime's threads.
async fn on_disk<T: Send + 'static>(
    busy: &Busy,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stop> {
    let busy = Arc::clone(busy);
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(busy);
        done
    })
    .await
    .map_err(|_| Stop::Disk(std::io::Error::other("work on the disk was cut off")))
}
