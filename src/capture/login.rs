//! Logging in: phone, code, two-step password.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use grammers_client::{SignInError, tl};
use grammers_mtsender::InvocationError;
use grammers_session::Session as _;
use grammers_session::types::{PeerAuth, PeerInfo, UpdateState, UpdatesState};

use super::account::{self, Me};
use super::allow::Telegram;
use super::error::CaptureError;
use super::link::Link;
use super::pacer::Pacer;
use super::session::SessionFile;
use crate::config::TelegramConfig;

/// How often a wrong code or password is asked for again.
const ATTEMPTS: u32 = 3;

/// How long the first answer may take; grammers itself would wait for ever.
const FIRST_ANSWER: Duration = Duration::from_secs(30);

/// Asks the person at the terminal (or a test) for what a login needs.
pub trait LoginPrompt: Send {
    /// The phone number in international form.
    fn phone(&mut self) -> std::io::Result<String>;
    /// The code that Telegram sent. `again`: the last one was wrong.
    fn code(&mut self, again: bool) -> std::io::Result<String>;
    /// The two-step password; `hint` is the one the account's owner set. `again`: the last one was wrong.
    fn password(&mut self, hint: Option<&str>, again: bool) -> std::io::Result<String>;
    /// Shows a link as a QR code, for `life` or until the next one.
    fn qr(&mut self, link: &str, life: Duration) -> std::io::Result<()> {
        let _ = (link, life);
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

/// Where a session's file is.
#[must_use]
pub fn session_path(config: &TelegramConfig, base: &Path) -> PathBuf {
    base.join(&config.sessions)
        .join(format!("{}.session", config.account))
}

/// Checks what can be checked without Telegram, and opens the login's file.
pub(super) fn open_session(
    config: &TelegramConfig,
    base: &Path,
) -> Result<Arc<SessionFile>, CaptureError> {
    check_account(config)?;
    if config.api_id <= 0 || config.api_hash.is_empty() {
        return Err(CaptureError::ApiIdMissing);
    }
    let path = session_path(config, base);
    Ok(Arc::new(SessionFile::open(
        &path,
        config.server.as_ref(),
        &config.session_key,
    )?))
}

/// Checks that the account's name can name a file of ours.
pub(super) fn check_account(config: &TelegramConfig) -> Result<(), CaptureError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if config.account.is_empty()
        || config.account.starts_with('.')
        || !config.account.chars().all(plain)
    {
        return Err(CaptureError::AccountName);
    }
    Ok(())
}

/// Logs in unless that has been done already; returns who it is.
///
/// No update stream is made before or during a login: one made before it never reconnects.
///
/// # Errors
/// A wrong configuration, a refusal by Telegram, or a login that another process uses.
pub async fn login(
    config: &TelegramConfig,
    base: &Path,
    prompt: &mut dyn LoginPrompt,
) -> Result<Me, CaptureError> {
    let session = open_session(config, base)?;
    let link = Link::open(&session, config.api_id, &Pacer::new(false));
    let result = log_in(config, &session, &link.telegram, prompt).await;
    link.close().await;
    result
}

async fn log_in(
    config: &TelegramConfig,
    session: &SessionFile,
    telegram: &Telegram,
    prompt: &mut dyn LoginPrompt,
) -> Result<Me, CaptureError> {
    if let Some(me) = already(config, session, telegram).await? {
        return Ok(me);
    }
    let phone: String = prompt
        .phone()
        .map_err(CaptureError::Prompt)?
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    let sent = patient(send_code(config, telegram, &phone)).await?;
    if let Some(authorized) = enter_code(telegram, &phone, sent, prompt).await? {
        if let tl::enums::User::User(user) = &authorized.user {
            remember(session, telegram, user).await?;
        }
    } else {
        enter_password(telegram, prompt).await?;
    }
    finish(session, telegram).await
}

/// Who is logged in already, if anybody is.
pub(super) async fn already(
    config: &TelegramConfig,
    session: &SessionFile,
    telegram: &Telegram,
) -> Result<Option<Me>, CaptureError> {
    if session.is_logged_in() {
        return match patient(account::me(telegram)).await {
            Ok(me) => {
                session.set_name(&me.name).await?;
                Ok(Some(me))
            }
            // The file remembers a login that Telegram has ended: log in anew.
            Err(CaptureError::Revoked | CaptureError::Moved { .. }) => Ok(None),
            Err(error) => Err(error),
        };
    }
    if adopt(config, session, telegram).await? {
        return account::me(telegram).await.map(Some);
    }
    Ok(None)
}

/// What is left to do once Telegram has let us in.
pub(super) async fn finish(session: &SessionFile, telegram: &Telegram) -> Result<Me, CaptureError> {
    let me = account::me(telegram).await?;
    session.set_name(&me.name).await?;
    // A group whose access hash is not known would be dropped without a word later on.
    account::read_dialogs(telegram, session).await?;
    tracing::info!(account = me.id, "logged in");
    Ok(me)
}

/// Takes over a login that nobody made here: the key of a server of one's own may be logged in
/// already, which only the server knows. Whether it is.
pub(super) async fn adopt(
    config: &TelegramConfig,
    session: &SessionFile,
    telegram: &Telegram,
) -> Result<bool, CaptureError> {
    if !matches!(&config.server, Some(server) if !server.auth_key.is_empty()) {
        return Ok(false);
    }
    let user = match patient(account::myself(telegram)).await {
        Ok(user) => user,
        Err(CaptureError::Revoked | CaptureError::NotLoggedIn) => return Ok(false),
        Err(error) => return Err(error),
    };
    account::read_dialogs(telegram, session).await?;
    // Last: whatever fails before is done again next time.
    remember(session, telegram, &user).await?;
    tracing::info!(account = user.id, "the server's key is logged in already");
    Ok(true)
}

/// Bounds the wait for a server that does not answer.
pub(super) async fn patient<T>(
    answer: impl Future<Output = Result<T, CaptureError>>,
) -> Result<T, CaptureError> {
    tokio::time::timeout(FIRST_ANSWER, answer)
        .await
        .unwrap_or_else(|_| {
            Err(CaptureError::Unreachable {
                reason: format!("no answer within {} s", FIRST_ANSWER.as_secs()),
            })
        })
}

/// Has a code sent; returns what identifies it. Follows the account to its datacentre.
async fn send_code(
    config: &TelegramConfig,
    telegram: &Telegram,
    phone: &str,
) -> Result<String, CaptureError> {
    let request = tl::functions::auth::SendCode {
        phone_number: phone.to_owned(),
        api_id: config.api_id,
        api_hash: config.api_hash.expose().to_owned(),
        settings: tl::types::CodeSettings {
            allow_flashcall: false,
            current_number: false,
            allow_app_hash: false,
            allow_missed_call: false,
            allow_firebase: false,
            logout_tokens: None,
            token: None,
            app_sandbox: None,
            unknown_number: false,
        }
        .into(),
    };
    let sent = match telegram.log_in(&request).await {
        Err(InvocationError::Rpc(rpc)) if rpc.code == 303 => {
            let dc = rpc.value.and_then(|dc| i32::try_from(dc).ok());
            telegram.migrate(dc.unwrap_or(2)).await?;
            telegram.log_in(&request).await?
        }
        other => other?,
    };
    match sent {
        tl::enums::auth::SentCode::Code(code) => Ok(code.phone_code_hash),
        tl::enums::auth::SentCode::Success(_) | tl::enums::auth::SentCode::PaymentRequired(_) => {
            Err(CaptureError::LoginUnsupported)
        }
    }
}

/// Asks for the code until it is right; `None` where a password is wanted as well.
async fn enter_code(
    telegram: &Telegram,
    phone: &str,
    sent: String,
    prompt: &mut dyn LoginPrompt,
) -> Result<Option<tl::types::auth::Authorization>, CaptureError> {
    for attempt in 0..ATTEMPTS {
        let code = prompt.code(attempt > 0).map_err(CaptureError::Prompt)?;
        let answer = telegram
            .log_in(&tl::functions::auth::SignIn {
                phone_number: phone.to_owned(),
                phone_code_hash: sent.clone(),
                phone_code: Some(code.trim().to_owned()),
                email_verification: None,
            })
            .await;
        return match answer {
            Ok(tl::enums::auth::Authorization::Authorization(authorized)) => Ok(Some(authorized)),
            Ok(tl::enums::auth::Authorization::SignUpRequired(_)) => {
                Err(CaptureError::SignUpRequired)
            }
            Err(error) if error.is("SESSION_PASSWORD_NEEDED") => Ok(None),
            Err(error) if error.is("PHONE_CODE_INVALID") || error.is("PHONE_CODE_EMPTY") => {
                continue;
            }
            Err(error) => Err(error.into()),
        };
    }
    Err(CaptureError::CodeWrong)
}

/// Asks for the two-step password until it is right.
pub(super) async fn enter_password(
    telegram: &Telegram,
    prompt: &mut dyn LoginPrompt,
) -> Result<(), CaptureError> {
    for attempt in 0..ATTEMPTS {
        // The challenge is good for one answer.
        let challenge: tl::types::account::Password = telegram
            .log_in(&tl::functions::account::GetPassword {})
            .await?
            .into();
        // grammers panics on a challenge that it does not understand.
        let understood = matches!(
            challenge.current_algo,
            Some(tl::enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(_))
        ) && challenge.srp_b.is_some()
            && challenge.srp_id.is_some();
        if !understood {
            return Err(CaptureError::LoginUnsupported);
        }
        let password = prompt
            .password(challenge.hint.as_deref(), attempt > 0)
            .map_err(CaptureError::Prompt)?;
        match telegram.check_password(challenge, &password).await {
            Ok(()) => return Ok(()),
            Err(SignInError::InvalidPassword(_)) => {}
            Err(SignInError::Other(error)) => return Err(error.into()),
            Err(SignInError::SignUpRequired) => return Err(CaptureError::SignUpRequired),
            Err(SignInError::InvalidCode | SignInError::PasswordRequired(_)) => {
                return Err(CaptureError::LoginUnsupported);
            }
        }
    }
    Err(CaptureError::PasswordWrong)
}

/// Remembers who we are and where the updates stand, as grammers does after its own logins.
pub(super) async fn remember(
    session: &SessionFile,
    telegram: &Telegram,
    user: &tl::types::User,
) -> Result<(), CaptureError> {
    session
        .cache_peer(PeerInfo::User {
            id: user.id,
            auth: user.access_hash.map(PeerAuth::from_hash),
            bot: Some(user.bot),
            is_self: Some(true),
        })
        .await?;
    let tl::enums::updates::State::State(state) =
        telegram.read(&tl::functions::updates::GetState {}).await?;
    session
        .set_update_state(UpdateState::All(UpdatesState {
            pts: state.pts,
            qts: state.qts,
            date: state.date,
            seq: state.seq,
            channels: Vec::new(),
        }))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::config::Secret;

    fn config(account: &str) -> TelegramConfig {
        TelegramConfig {
            api_id: 1,
            api_hash: Secret::new("hash"),
            account: account.to_owned(),
            ..TelegramConfig::default()
        }
    }

    #[test]
    fn the_file_lies_among_the_sessions() {
        assert_eq!(
            session_path(&config("desk"), Path::new("/etc/topicvault")),
            Path::new("/etc/topicvault/sessions/desk.session")
        );
    }

    #[test]
    fn an_account_is_a_plain_name() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["", "../desk", "a/b", ".hidden", "a b"] {
            assert!(
                matches!(
                    open_session(&config(name), dir.path()),
                    Err(CaptureError::AccountName)
                ),
                "{name}"
            );
        }
        open_session(&config("desk-1.old"), dir.path()).unwrap();
    }

    #[test]
    fn a_missing_application_is_told_before_connecting() {
        let dir = tempfile::tempdir().unwrap();
        let mut unset = config("desk");
        unset.api_id = 0;
        assert!(matches!(
            open_session(&unset, dir.path()),
            Err(CaptureError::ApiIdMissing)
        ));
    }
}
