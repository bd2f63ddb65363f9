//! Logging in by QR code: another device of the account's owner scans what the terminal shows.
//!
//! Experimental: Telegram may ask for more than a scan, and what it asks for changes. grammers has
//! no such login, so the requests are raw and what its own logins remember is remembered here.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grammers_client::tl;
use grammers_mtsender::InvocationError;
use grammers_session::updates::UpdatesLike;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::account::Me;
use super::allow::Telegram;
use super::clock;
use super::error::CaptureError;
use super::link::Link;
use super::login::{LoginPrompt, already, enter_password, finish, open_session, patient, remember};
use super::pacer::Pacer;
use super::session::SessionFile;
use crate::config::TelegramConfig;

/// How long somebody may take to scan.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A code is renewed this long before it expires, so that nobody scans a dead one.
const BEFORE: Duration = Duration::from_secs(2);

/// Bounds of a code's life: Telegram gives 30 s, and a clock that is wrong must neither make us ask
/// without pause nor show a dead code for ever.
const LIFE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

/// Logs in by QR code unless that has been done already; returns who it is.
///
/// # Errors
/// As [`login`](super::login()), and [`CaptureError::NotScanned`] after ten minutes.
pub async fn login_by_qr(
    config: &TelegramConfig,
    base: &Path,
    prompt: &mut dyn LoginPrompt,
) -> Result<Me, CaptureError> {
    let session = open_session(config, base)?;
    let mut link = Link::open(&session, config.api_id, &Pacer::new(false));
    let updates = link.updates.take();
    let result = log_in(config, &session, &link.telegram, updates, prompt).await;
    link.close().await;
    result
}

async fn log_in(
    config: &TelegramConfig,
    session: &SessionFile,
    telegram: &Telegram,
    updates: Option<mpsc::Receiver<UpdatesLike>>,
    prompt: &mut dyn LoginPrompt,
) -> Result<Me, CaptureError> {
    if let Some(me) = already(config, session, telegram).await? {
        return Ok(me);
    }
    match scanned(config, telegram, updates, prompt).await? {
        Some(user) => remember(session, telegram, &user).await?,
        None => enter_password(telegram, prompt).await?,
    }
    finish(session, telegram).await
}

/// Shows one code after the other until somebody scans one; `None`: a password is wanted as well.
async fn scanned(
    config: &TelegramConfig,
    telegram: &Telegram,
    mut updates: Option<mpsc::Receiver<UpdatesLike>>,
    prompt: &mut dyn LoginPrompt,
) -> Result<Option<tl::types::User>, CaptureError> {
    let give_up = Instant::now() + PATIENCE;
    let mut shown = Vec::new();
    while Instant::now() < give_up {
        let request = tl::functions::auth::ExportLoginToken {
            api_id: config.api_id,
            api_hash: config.api_hash.expose().to_owned(),
            except_ids: Vec::new(),
        };
        let mut answer = patient(async { ask(telegram, &request).await }).await?;
        if let Some(tl::enums::auth::LoginToken::MigrateTo(moved)) = answer {
            // The account lives elsewhere, and only there it can be logged in.
            telegram.migrate(moved.dc_id).await?;
            let request = tl::functions::auth::ImportLoginToken { token: moved.token };
            answer = match patient(async { ask(telegram, &request).await }).await {
                // The code expired on the way: show another one.
                Err(CaptureError::NotScanned) => continue,
                other => other?,
            };
        }
        let token = match answer {
            None => return Ok(None),
            Some(tl::enums::auth::LoginToken::Success(success)) => {
                return who(success.authorization).map(Some);
            }
            Some(tl::enums::auth::LoginToken::Token(token)) => token,
            Some(tl::enums::auth::LoginToken::MigrateTo(_)) => {
                return Err(CaptureError::LoginUnsupported);
            }
        };
        let life = life(i64::from(token.expires), clock::now());
        if token.token != shown {
            let link = format!("tg://login?token={}", URL_SAFE_NO_PAD.encode(&token.token));
            prompt.qr(&link, life).map_err(CaptureError::Prompt)?;
            shown = token.token;
        }
        told(&mut updates, life.saturating_sub(BEFORE)).await;
    }
    Err(CaptureError::NotScanned)
}

/// Asks; `None` where the code was scanned and the two-step password is still owed.
async fn ask<R>(
    telegram: &Telegram,
    request: &R,
) -> Result<Option<tl::enums::auth::LoginToken>, CaptureError>
where
    R: super::allow::LogsIn + tl::RemoteCall<Return = tl::enums::auth::LoginToken>,
{
    match telegram.log_in(request).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is("SESSION_PASSWORD_NEEDED") => Ok(None),
        Err(InvocationError::Rpc(error)) if error.name == "AUTH_TOKEN_EXPIRED" => {
            Err(CaptureError::NotScanned)
        }
        Err(error) => Err(error.into()),
    }
}

fn who(answer: tl::enums::auth::Authorization) -> Result<tl::types::User, CaptureError> {
    match answer {
        tl::enums::auth::Authorization::Authorization(authorized) => match authorized.user {
            tl::enums::User::User(user) => Ok(user),
            tl::enums::User::Empty(_) => Err(CaptureError::LoginUnsupported),
        },
        tl::enums::auth::Authorization::SignUpRequired(_) => Err(CaptureError::SignUpRequired),
    }
}

fn life(expires: i64, now: i64) -> Duration {
    let left = u64::try_from(expires.saturating_sub(now)).unwrap_or(0);
    Duration::from_secs(left).clamp(LIFE.0, LIFE.1)
}

/// Returns when Telegram says that the code was scanned, or when it must be renewed.
async fn told(updates: &mut Option<mpsc::Receiver<UpdatesLike>>, at_most: Duration) {
    let scan = async {
        while let Some(updates) = updates {
            match updates.recv().await {
                Some(UpdatesLike::Updates(news)) if names_a_scan(&news) => return,
                Some(_) => {}
                None => break,
            }
        }
        // Nobody will tell: ask when the code is due.
        std::future::pending::<()>().await;
    };
    let _ = tokio::time::timeout(at_most, scan).await;
}

fn names_a_scan(news: &tl::enums::Updates) -> bool {
    let scan = |update: &tl::enums::Update| matches!(update, tl::enums::Update::LoginToken);
    match news {
        tl::enums::Updates::UpdateShort(short) => scan(&short.update),
        tl::enums::Updates::Updates(several) => several.updates.iter().any(scan),
        tl::enums::Updates::Combined(several) => several.updates.iter().any(scan),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_neither_hammers_nor_shows_dead_codes() {
        assert_eq!(life(130, 100), Duration::from_secs(30));
        assert_eq!(life(130, 1_000_000), LIFE.0);
        assert_eq!(life(1_000_000, 100), LIFE.1);
        assert_eq!(life(i64::MIN, i64::MAX), LIFE.0);
    }
}
