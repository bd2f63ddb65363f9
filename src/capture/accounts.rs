//! The logins that lie in the directory of sessions.

use std::path::Path;

use super::account::{self, Me};
use super::error::CaptureError;
use super::link::Link;
use super::login::{open_session, patient, session_path};
use super::pacer::Pacer;
use super::session::peek;
use crate::config::{TelegramConfig, is_account_name};

/// A login on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedLogin {
    /// What `telegram.account` calls it.
    pub name: String,
    /// User id; `None` where nobody has logged in, or where that cannot be read.
    pub id: Option<i64>,
    /// The account's display name, where known.
    pub title: Option<String>,
    /// Its datacentre, where it can be read.
    pub dc: Option<i32>,
    /// Encrypted at rest.
    pub encrypted: bool,
    /// Another process uses it at this moment.
    pub in_use: bool,
    /// Why it cannot be read, and what to do.
    pub trouble: Option<String>,
}

/// Whether a login is encrypted at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It is not, and no key is configured.
    Plain,
    /// It will be, at its next use.
    Planned,
    /// It is, with the configured key.
    Encrypted,
    /// It is, and cannot be opened; why and what to do.
    Locked(String),
}

/// Lists the logins, by name. Opens nothing for writing and asks nobody.
///
/// # Errors
/// When the directory is there and cannot be read.
pub fn accounts(config: &TelegramConfig, base: &Path) -> std::io::Result<Vec<SavedLogin>> {
    let entries = match std::fs::read_dir(base.join(&config.sessions)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let Some(name) = name.filter(|name| is_account_name(name)) else {
            continue;
        };
        if path.extension().is_none_or(|end| end != "session") || !path.is_file() {
            continue;
        }
        let seen = peek(&path, &config.session_key);
        found.push(SavedLogin {
            name: name.to_owned(),
            id: seen.id,
            title: seen.name,
            dc: seen.dc,
            encrypted: seen.encrypted,
            in_use: seen.in_use,
            trouble: seen.trouble,
        });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Asks Telegram who is logged in with the configured login.
///
/// # Errors
/// [`CaptureError::Revoked`] where Telegram has ended it, and what keeps it from being asked.
pub async fn check(config: &TelegramConfig, base: &Path) -> Result<Me, CaptureError> {
    let session = open_session(config, base)?;
    if !session.is_logged_in() {
        return Err(CaptureError::NotLoggedIn);
    }
    let link = Link::open(&session, config.api_id, &Pacer::new(false));
    let answer = patient(account::me(&link.telegram)).await;
    link.close().await;
    let me = answer?;
    session.set_name(&me.name).await?;
    Ok(me)
}

/// Whether the configured login is encrypted at rest.
#[must_use]
pub fn encryption(config: &TelegramConfig, base: &Path) -> Encryption {
    let seen = peek(&session_path(config, base), &config.session_key);
    match (seen.encrypted, seen.trouble) {
        (true, None) => Encryption::Encrypted,
        (true, Some(trouble)) => Encryption::Locked(trouble),
        (false, _) if config.session_key.is_empty() => Encryption::Plain,
        (false, _) => Encryption::Planned,
    }
}
