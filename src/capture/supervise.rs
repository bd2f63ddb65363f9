//! An account's capture, kept alive: whatever ends it is told and tried again, for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::error::CaptureError;
use super::login::session_path;
use super::orders::Orders;
use super::progress::{Board, Progress};
use super::session::SessionError;
use super::trouble::Trouble;
use super::userbot::Userbot;
use crate::archive::Handle;
use crate::config::{MediaConfig, TelegramConfig};
use crate::metrics::Metrics;
use crate::model::GroupId;

/// The groups that an account is to capture, and their archives.
pub type Wanted = BTreeMap<GroupId, Handle>;

/// Pauses while Telegram cannot be reached.
const NETWORK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Pauses while an archive cannot be written: a disk is not emptied within a second.
const DISK: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(300));

/// Pauses while somebody has to do something about the login. The login's file is looked at all
/// the time, so this is for what is put right elsewhere, such as an account that is unbanned.
const LOGIN: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(3_600));

/// The pause before the first repetition: whoever logged in before our hands were off the file
/// left no change that we could see.
const ONCE_MORE: Duration = Duration::from_secs(4);

/// How often to look whether somebody has logged in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long our own connection may take to let go of the login's file.
const CLOSING: Duration = Duration::from_millis(500);

/// A capture that held this long was a good one: the next pause is short again.
const GOOD: Duration = Duration::from_secs(120);

/// An account, and where what it captures goes.
#[derive(Debug)]
pub struct Account {
    /// Its login and server.
    pub config: TelegramConfig,
    /// Which files it fetches.
    pub media: MediaConfig,
    /// What was asked to be read first.
    pub orders: Orders,
    /// What relative paths are relative to.
    pub base: PathBuf,
    /// What it is to capture; changes take effect at once.
    pub wanted: watch::Receiver<Wanted>,
    /// Where it tells how far it is.
    pub progress: watch::Sender<HashMap<GroupId, Progress>>,
    /// Where it counts.
    pub metrics: Metrics,
    /// Ends it.
    pub stop: CancellationToken,
}

impl Account {
    /// Captures until stopped. `first` is a first connection, or why there is none; `None` where
    /// nobody has tried yet.
    pub async fn keep(mut self, mut first: Option<Result<Userbot, CaptureError>>) {
        let board = Board::new(self.progress.clone());
        let mut pauses = Pauses::default();
        let mut told = None;
        while !self.stop.is_cancelled() {
            board.claim_only(&groups(&self.wanted.borrow_and_update()));
            let began = Instant::now();
            let end = match first.take() {
                Some(first) => self.capture(first, &board).await,
                None => {
                    let connecting = Userbot::connect(&self.config, &self.base);
                    let attempt = tokio::select! {
                        () = self.stop.cancelled() => return,
                        attempt = connecting => attempt,
                    };
                    self.capture(attempt, &board).await
                }
            };
            let Err(error) = end else { return };
            board.down(&error);
            if began.elapsed() > GOOD {
                pauses = Pauses::default();
            }
            let pause = pauses.after(&error);
            // The same trouble is told once, not with every attempt.
            let trouble = error.trouble();
            if told == Some(trouble) && began.elapsed() < GOOD {
                tracing::debug!(account = %self.config.account, %error, ?pause, "still not capturing");
            } else {
                tracing::error!(account = %self.config.account, %error, ?pause, "not capturing; trying again by itself");
            }
            told = Some(trouble);
            self.metrics.reconnected(trouble.name());
            self.rest(pause, &board).await;
        }
    }

    /// Captures over a connection, in a task of its own: a panic in it is trouble like any other.
    async fn capture(
        &self,
        attempt: Result<Userbot, CaptureError>,
        board: &Board,
    ) -> Result<(), CaptureError> {
        let userbot = attempt?
            .with_media(&self.media)
            .with_orders(self.orders.clone());
        let work = userbot.capture(
            self.wanted.clone(),
            board.clone(),
            self.metrics.clone(),
            self.stop.clone(),
        );
        match tokio::spawn(work).await {
            Ok(end) => end,
            Err(_) => {
                tracing::error!(
                    "capture broke off; this is a defect, please report it with the log"
                );
                Err(CaptureError::Unreachable {
                    reason: "capture broke off".to_owned(),
                })
            }
        }
    }

    /// Pauses; ends early when told to stop or when the login's file changes.
    async fn rest(&mut self, pause: Duration, board: &Board) {
        let until = tokio::time::Instant::now() + pause;
        let path = session_path(&self.config, &self.base);
        let before = at_rest(&path).await;
        loop {
            let look = tokio::time::Instant::now() + LOOK_EVERY;
            let mut changes = self.wanted.clone();
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep_until(until) => return,
                () = tokio::time::sleep_until(look) => {}
                Ok(()) = changes.changed() => {
                    board.claim_only(&groups(&self.wanted.borrow_and_update()));
                    continue;
                }
            }
            if signature(&path) != before {
                tracing::info!(account = %self.config.account, "the login has changed; trying again");
                return;
            }
        }
    }
}

fn groups(wanted: &Wanted) -> BTreeSet<GroupId> {
    wanted.keys().copied().collect()
}

/// Sizes and times of the login's file and its log.
type Signature = [Option<(u64, Option<SystemTime>)>; 2];

/// The signature once our own hands are off the file: its log is gone when it is closed. One that
/// stays is somebody else's, and its end will be a change.
async fn at_rest(path: &Path) -> Signature {
    let deadline = Instant::now() + CLOSING;
    loop {
        let now = signature(path);
        if now[1].is_none() || Instant::now() >= deadline {
            return now;
        }
        tokio::time::sleep(CLOSING / 50).await;
    }
}

/// What changes when somebody logs in.
fn signature(path: &Path) -> Signature {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path.to_owned(), PathBuf::from(log)].map(|path| {
        let meta = std::fs::metadata(path).ok()?;
        Some((meta.len(), meta.modified().ok()))
    })
}

/// The pauses after each kind of trouble.
struct Pauses {
    network: Backoff,
    disk: Backoff,
    login: Backoff,
    /// The login was lost just now.
    fresh: bool,
}

impl Default for Pauses {
    fn default() -> Self {
        let backoff = |(first, longest)| Backoff::new(first, longest);
        Self {
            network: backoff(NETWORK),
            disk: backoff(DISK),
            login: backoff(LOGIN),
            fresh: true,
        }
    }
}

impl Pauses {
    fn after(&mut self, error: &CaptureError) -> Duration {
        if let CaptureError::FloodWait { seconds } = error {
            // In full, and never less: coming back early makes it longer.
            return Duration::from_secs(u64::from(*seconds)) + self.network.next();
        }
        match error.trouble() {
            Trouble::DiskFull | Trouble::Archive => self.disk.next(),
            Trouble::Session
                if matches!(error, CaptureError::Session(SessionError::InUse { .. })) =>
            {
                self.network.next()
            }
            _ if error.is_final() && std::mem::take(&mut self.fresh) => ONCE_MORE,
            _ if error.is_final() => self.login.next(),
            _ => self.network.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_kept_in_full_and_a_lost_login_is_not_hammered() {
        let mut pauses = Pauses::default();
        let second = Duration::from_secs(1);
        let wait = CaptureError::FloodWait { seconds: 3_600 };
        assert!(pauses.after(&wait) >= 3_600 * second);
        assert_eq!(pauses.after(&CaptureError::Revoked), ONCE_MORE);
        assert!(pauses.after(&CaptureError::Revoked) >= 150 * second);
        let silent = CaptureError::Unreachable {
            reason: String::new(),
        };
        assert!(pauses.after(&silent) <= 2 * second);
        let full = CaptureError::Archive(crate::archive::ArchiveError::Full {
            path: PathBuf::new(),
        });
        let pause = pauses.after(&full);
        assert!(pause >= 7 * second && pause <= 15 * second);
    }

    #[test]
    fn a_login_shows_in_the_files() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a.session");
        let none = signature(&path);
        assert!(std::fs::write(&path, "x").is_ok());
        let one = signature(&path);
        assert!(none != one);
        assert!(std::fs::write(dir.path().join("a.session-wal"), "x").is_ok());
        assert!(signature(&path) != one);
        assert!(signature(&path) == signature(&path));
    }
}
