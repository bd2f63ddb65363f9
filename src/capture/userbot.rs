//! The userbot: a login that is connected.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::account::{self, Me};
use super::error::CaptureError;
use super::flood::Flood;
use super::link::Link;
use super::login::{open_session, patient};
use super::progress::Progress;
use super::session::SessionFile;
use crate::archive::Handle;
use crate::config::TelegramConfig;
use crate::model::GroupId;

/// A connected, logged-in userbot.
pub struct Userbot {
    me: Me,
    api_id: i32,
    session: Arc<SessionFile>,
    link: Link,
    flood: Flood,
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
        if !session.is_logged_in() {
            return Err(CaptureError::NotLoggedIn);
        }
        let flood = Flood::default();
        let link = Link::open(&session, config.api_id, &flood, true);
        let me = match patient(account::me(&link.telegram)).await {
            Ok(me) => me,
            Err(error) => {
                link.close().await;
                return Err(error);
            }
        };
        tracing::info!(account = me.id, session = %session.path().display(), "connected");
        Ok(Self {
            me,
            api_id: config.api_id,
            session,
            link,
            flood,
        })
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
    pub async fn run(
        self,
        _archives: Vec<(GroupId, Handle)>,
        _progress: watch::Sender<HashMap<GroupId, Progress>>,
        _stop: CancellationToken,
    ) -> Result<(), CaptureError> {
        todo!()
    }
}
