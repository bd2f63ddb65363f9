//! Telegram in: the userbot's session, login, live updates, reconciliation, conversion.

use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

use crate::archive::Handle;
use crate::config::TelegramConfig;
use crate::model::GroupId;

/// Why capture could not start or go on; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {}

/// Asks the person at the terminal (or a test) for what a login needs.
pub trait LoginPrompt: Send {
    /// The phone number in international form.
    fn phone(&mut self) -> std::io::Result<String>;
    /// The code that Telegram sent. `again`: the last one was wrong.
    fn code(&mut self, again: bool) -> std::io::Result<String>;
    /// The two-step password; `hint` is the one the account's owner set. `again`: the last one was wrong.
    fn password(&mut self, hint: Option<&str>, again: bool) -> std::io::Result<String>;
}

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// User id.
    pub id: i64,
    /// Display name.
    pub name: String,
}

/// Where a session's file is.
#[must_use]
pub fn session_path(_config: &TelegramConfig, _base: &Path) -> PathBuf {
    todo!()
}

/// Logs in unless that has been done already; returns who it is.
pub async fn login(
    _config: &TelegramConfig,
    _base: &Path,
    _prompt: &mut dyn LoginPrompt,
) -> Result<Me, CaptureError> {
    todo!()
}

/// A connected, logged-in userbot.
#[derive(Debug)]
pub struct Userbot {}

/// How far capture is, for `/status`, `doctor` and the demo.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Connected and past its first reconciliation.
    pub caught_up: bool,
    /// Highest message id reconciled with history.
    pub watermark: i32,
    /// When the last update or reconciliation was committed, Unix seconds.
    pub last_commit: Option<i64>,
    /// Until when Telegram asked us to wait, Unix seconds.
    pub flood_until: Option<i64>,
}

impl Userbot {
    /// Connects with an existing login.
    pub async fn connect(_config: &TelegramConfig, _base: &Path) -> Result<Self, CaptureError> {
        todo!()
    }
    /// Who we are.
    #[must_use]
    pub fn me(&self) -> &Me {
        todo!()
    }
    /// Checks that each group is one we are in and a forum; returns titles in the same order.
    pub async fn check_groups(&self, _groups: &[GroupId]) -> Result<Vec<String>, CaptureError> {
        todo!()
    }
    /// Captures until cancelled: reconciles with history, then follows live updates.
    pub async fn run(
        self,
        _archives: Vec<(GroupId, Handle)>,
        _progress: tokio::sync::watch::Sender<std::collections::HashMap<GroupId, Progress>>,
        _stop: CancellationToken,
    ) -> Result<(), CaptureError> {
        todo!()
    }
}
