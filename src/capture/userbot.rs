//! The userbot: a login that is connected.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::account::{self, Me};
use super::error::CaptureError;
use super::link::Link;
use super::login::{adopt, open_session, patient};
use super::media::{Media, MediaState};
use super::orders::Orders;
use super::pacer::Pacer;
use super::progress::{Board, Progress};
use super::run::Run;
use super::session::SessionFile;
use super::supervise::Wanted;
use super::watchdog;
use crate::archive::Handle;
use crate::config::{MediaConfig, TelegramConfig};
use crate::metrics::Metrics;
use crate::model::GroupId;

/// How long to be idle before a page of old messages is looked at again; on a server of one's own
/// nobody minds more.
const RECHECK: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(1));

/// How long what changed around a message is left alone before it is looked at again.
const SETTLE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_millis(500));

/// A connected, logged-in userbot.
pub struct Userbot {
    me: Me,
    api_id: i32,
    session: Arc<SessionFile>,
    link: Link,
    pacer: Pacer,
    recheck_every: Duration,
    settle: Duration,
    watch: (Duration, Duration),
    media: Option<Arc<Media>>,
    orders: Orders,
}

impl std::fmt::Debug for Userbot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Userbot")
            .field("id", &self.me.id)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

impl Userbot {
    /// Connects with an existing login.
    ///
    /// # Errors
    /// [`CaptureError::NotLoggedIn`] without a login, and what Telegram or the file refuse.
    pub async fn connect(config: &TelegramConfig, base: &Path) -> Result<Self, CaptureError> {
        let session = open_session(config, base)?;
        let known = session.is_logged_in();
        if !known && config.server.is_none() {
            return Err(CaptureError::NotLoggedIn);
        }
        let pacer = Pacer::new(config.server.is_none());
        let link = Link::open(&session, config.api_id, &pacer);
        let adopted = match known {
            true => Ok(true),
            false => adopt(config, &session, &link.telegram).await,
        };
        if !matches!(adopted, Ok(true)) {
            link.close().await;
            return Err(adopted.err().unwrap_or(CaptureError::NotLoggedIn));
        }
        let me = match patient(account::me(&link.telegram)).await {
            Ok(me) => me,
            Err(error) => {
                link.close().await;
                // Silence may be the wait that Telegram asked for.
                let wait = pacer.left().map(|left| left.as_secs() + 1);
                return Err(match wait.and_then(|seconds| u32::try_from(seconds).ok()) {
                    Some(seconds) => CaptureError::FloodWait { seconds },
                    None => error,
                });
            }
        };
        tracing::info!(account = me.id, session = %session.path().display(), "connected");
        let (recheck_every, settle, watch) = match config.server {
            Some(_) => (RECHECK.1, SETTLE.1, watchdog::OWN_PACE),
            None => (RECHECK.0, SETTLE.0, watchdog::PACE),
        };
        Ok(Self {
            me,
            api_id: config.api_id,
            session,
            link,
            pacer,
            recheck_every,
            settle,
            watch,
            media: None,
            orders: Orders::default(),
        })
    }

    /// Fetches files as well, as the configuration says.
    #[must_use]
    pub fn with_media(mut self, config: &MediaConfig) -> Self {
        self.media = Some(Arc::new(Media::new(config)));
        self
    }

    /// Reads first what was asked for.
    #[must_use]
    pub fn with_orders(mut self, orders: Orders) -> Self {
        self.orders = orders;
        self
    }

    /// How long to be idle before a page of old messages is looked at again, instead of a minute.
    #[must_use]
    pub fn recheck_every(mut self, idle: Duration) -> Self {
        self.recheck_every = idle;
        self
    }

    /// How fetching of files goes; `None` without [`Userbot::with_media`].
    #[must_use]
    pub fn media(&self) -> Option<watch::Receiver<MediaState>> {
        self.media.as_ref().map(|media| media.state())
    }

    /// Who we are.
    #[must_use]
    pub fn me(&self) -> &Me {
        &self.me
    }

    /// Checks that each group is one we are in and a forum; returns titles in the same order.
    ///
    /// # Errors
    /// [`CaptureError::UnknownGroup`] or [`CaptureError::NotForum`] for the first that is not.
    pub async fn check_groups(&self, groups: &[GroupId]) -> Result<Vec<String>, CaptureError> {
        let mut titles = Vec::with_capacity(groups.len());
        for group in groups {
            titles.push(account::check_group(&self.link.telegram, &self.session, *group).await?);
        }
        Ok(titles)
    }

    /// Captures until cancelled: reconciles with history, then follows live updates.
    ///
    /// Connections that fail are made anew for ever, with pauses. On cancellation what has
    /// arrived is committed, the update state saved and the connection closed.
    ///
    /// # Errors
    /// Only what trying again cannot help: a lost login, or an archive that cannot be written.
    pub async fn run(
        self,
        archives: Vec<(GroupId, Handle)>,
        progress: watch::Sender<HashMap<GroupId, Progress>>,
        stop: CancellationToken,
    ) -> Result<(), CaptureError> {
        let (_keep, wanted) = watch::channel(archives.into_iter().collect());
        self.capture(wanted, Board::new(progress), Metrics::default(), stop)
            .await
    }

    /// The same for groups that may come and go.
    pub(super) async fn capture(
        self,
        wanted: watch::Receiver<Wanted>,
        board: Board,
        metrics: Metrics,
        stop: CancellationToken,
    ) -> Result<(), CaptureError> {
        self.pacer.count_in(metrics.clone());
        let run = Run {
            session: self.session,
            api_id: self.api_id,
            pacer: self.pacer,
            targets: Arc::default(),
            board,
            orders: self.orders,
            metrics,
            recheck_every: self.recheck_every,
            settle: self.settle,
            watch: self.watch,
            media: self.media,
            stop,
        };
        run.go(self.link, wanted).await
    }
}
