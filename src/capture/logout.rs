//! Logging out: Telegram ends the login, and only then its file goes.

use std::path::Path;

use grammers_client::tl;

use super::error::CaptureError;
use super::link::Link;
use super::login::{open_session, patient};
use super::pacer::Pacer;
use super::session::remove;
use crate::config::TelegramConfig;

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedOut {
    /// Telegram ended it at our request.
    Ended,
    /// Telegram had ended it before.
    Already,
}

/// Has Telegram end the configured login, then removes its file.
///
/// # Errors
/// [`CaptureError::NotLoggedIn`] where there is no login, and whatever keeps Telegram from being
/// asked: then the file stays, because the login it holds is still good.
pub async fn logout(config: &TelegramConfig, base: &Path) -> Result<LoggedOut, CaptureError> {
    if !super::login::session_path(config, base).exists() {
        return Err(CaptureError::NotLoggedIn);
    }
    let session = open_session(config, base)?;
    if !session.is_logged_in() {
        return Err(CaptureError::NotLoggedIn);
    }
    let link = Link::open(&session, config.api_id, &Pacer::new(false));
    let answer = patient(link.telegram.leave(&tl::functions::auth::LogOut {})).await;
    link.close().await;
    let ended = match answer {
        Ok(_) => LoggedOut::Ended,
        Err(CaptureError::Revoked | CaptureError::Deactivated) => LoggedOut::Already,
        Err(error) => return Err(error),
    };
    forget_file(session)?;
    Ok(ended)
}

/// Removes the file of the configured login and tells Telegram nothing: the login stays in the
/// account's list of devices until its owner ends it there.
///
/// # Errors
/// [`CaptureError::NotLoggedIn`] where there is no file, and a login that another process uses.
pub fn forget(config: &TelegramConfig, base: &Path) -> Result<(), CaptureError> {
    let path = super::login::session_path(config, base);
    super::login::check_account(config)?;
    if !path.exists() {
        return Err(CaptureError::NotLoggedIn);
    }
    Ok(remove(&path)?)
}

/// Closes a login and removes its file.
fn forget_file(session: std::sync::Arc<super::session::SessionFile>) -> Result<(), CaptureError> {
    let path = session.path().to_owned();
    drop(session);
    Ok(remove(&path)?)
}
