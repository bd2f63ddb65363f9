//! What can go wrong between Telegram and us, and what to do about it.

use grammers_mtsender::InvocationError;

use super::session::SessionError;
use crate::archive::{ArchiveError, OpenError};
use crate::model::GroupId;

/// Why capture could not start or go on; each says what to do.
///
/// No text holds a name, a phone number, a code or a key.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The login's file.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// `telegram.account` is no file name.
    #[error("`telegram.account` must be a plain name of letters, digits, `-`, `_` and `.`")]
    AccountName,
    /// No `telegram.api_id` or `telegram.api_hash`.
    #[error(
        "`telegram.api_id` and `telegram.api_hash` are not set: create an application of your own at https://my.telegram.org and enter its values"
    )]
    ApiIdMissing,
    /// Telegram does not know the application.
    #[error(
        "Telegram refuses `telegram.api_id` with this `telegram.api_hash`: compare both with https://my.telegram.org"
    )]
    ApiIdInvalid,
    /// Telegram does not accept the phone number.
    #[error(
        "Telegram does not accept this phone number: give it in international form, such as +49…"
    )]
    PhoneInvalid,
    /// The phone number is banned.
    #[error(
        "Telegram has banned this phone number: see https://telegram.org/faq or write to recover@telegram.org"
    )]
    PhoneBanned,
    /// The phone number has no account.
    #[error("this phone number has no Telegram account: create one in an official app first")]
    SignUpRequired,
    /// The account cannot be given a code in a way that we can take.
    #[error(
        "Telegram wants this login confirmed in a way that only official apps offer: log in there once, then try again"
    )]
    LoginUnsupported,
    /// The code was wrong too often.
    #[error("the code was wrong three times: run `topicvault login` again for a new one")]
    CodeWrong,
    /// The code is too old.
    #[error("the code has expired: run `topicvault login` again for a new one")]
    CodeExpired,
    /// The two-step password was wrong too often.
    #[error(
        "the two-step password was wrong three times: run `topicvault login` again; a forgotten one is reset in an official app"
    )]
    PasswordWrong,
    /// Nobody scanned the QR code.
    #[error(
        "nobody scanned the code: run `topicvault login --qr` again, or log in by phone number"
    )]
    NotScanned,
    /// Telegram asks to wait before another login.
    #[error(
        "Telegram asks to wait {seconds} s before the next attempt: trying earlier makes it longer"
    )]
    FloodWait {
        /// How long.
        seconds: u32,
    },
    /// The person or terminal did not answer.
    #[error("the login was not answered: {0}")]
    Prompt(#[source] std::io::Error),
    /// Nobody has logged in with this account.
    #[error("not logged in: run `topicvault login` first")]
    NotLoggedIn,
    /// The login was ended from elsewhere.
    #[error(
        "Telegram no longer knows this login (it was ended in another app, or expired): run `topicvault login`; nothing in the vault is lost"
    )]
    Revoked,
    /// The same login was used at two places.
    #[error(
        "this login was used at two places at once, so Telegram ended it: stop the other copy, then run `topicvault login`; never copy a session file"
    )]
    Duplicated,
    /// The account is gone.
    #[error(
        "this Telegram account was deleted or banned: log in with another one, and add it to the group"
    )]
    Deactivated,
    /// The account lives in another datacentre now, where this login is not known.
    #[error(
        "Telegram has moved this account to datacentre {dc}, where this login is not known: run `topicvault login`; nothing in the vault is lost"
    )]
    Moved {
        /// Which one.
        dc: u32,
    },
    /// We are no member, or there is no such group.
    #[error(
        "the userbot is no member of group {group}, or there is no such group: add its account to the group, or correct the group's `id`"
    )]
    UnknownGroup {
        /// Which one.
        group: GroupId,
    },
    /// A group without topics.
    #[error(
        "group {group} is no forum: enable topics in the group's settings, or remove it from the configuration"
    )]
    NotForum {
        /// Which one.
        group: GroupId,
    },
    /// The server cannot be reached or does not answer.
    #[error("Telegram cannot be reached ({reason}): check the network and `telegram.server`")]
    Unreachable {
        /// What failed.
        reason: String,
    },
    /// Another error that Telegram names.
    #[error("Telegram answered {name} ({code}): try again; if it stays, report it")]
    Telegram {
        /// Telegram's name for it.
        name: String,
        /// Its class, as in HTTP.
        code: i32,
    },
    /// The archive could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The archive could not be read or written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl CaptureError {
    /// Whether trying again by itself cannot help.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(
            self,
            Self::Unreachable { .. }
                | Self::Telegram { .. }
                | Self::FloodWait { .. }
                // Its group was given up a moment ago; the others go on.
                | Self::Archive(ArchiveError::Closed)
        )
    }
}

impl From<InvocationError> for CaptureError {
    fn from(error: InvocationError) -> Self {
        match error {
            InvocationError::Rpc(rpc) => match rpc.name.as_str() {
                "AUTH_KEY_DUPLICATED" => Self::Duplicated,
                "USER_DEACTIVATED" | "USER_DEACTIVATED_BAN" => Self::Deactivated,
                "SESSION_PASSWORD_NEEDED" => Self::NotLoggedIn,
                "API_ID_INVALID" | "API_ID_PUBLISHED_FLOOD" => Self::ApiIdInvalid,
                "PHONE_NUMBER_INVALID" => Self::PhoneInvalid,
                "PHONE_NUMBER_BANNED" => Self::PhoneBanned,
                "PHONE_NUMBER_UNOCCUPIED" => Self::SignUpRequired,
                "PHONE_CODE_EXPIRED" => Self::CodeExpired,
                "USER_MIGRATE" => Self::Moved {
                    dc: rpc.value.unwrap_or_default(),
                },
                // AUTH_KEY_UNREGISTERED, AUTH_KEY_INVALID, SESSION_REVOKED, SESSION_EXPIRED …
                _ if rpc.code == 401 => Self::Revoked,
                _ if rpc.code == 420 => Self::FloodWait {
                    seconds: rpc.value.unwrap_or_default(),
                },
                _ => Self::Telegram {
                    name: rpc.name,
                    code: rpc.code,
                },
            },
            InvocationError::Session(error) => match error.downcast::<SessionError>() {
                Ok(error) => Self::Session(*error),
                Err(error) => Self::Unreachable {
                    reason: error.to_string(),
                },
            },
            other => Self::Unreachable {
                reason: other.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CaptureError;
    use grammers_mtsender::{InvocationError, RpcError};

    fn rpc(code: i32, name: &str, value: Option<u32>) -> CaptureError {
        CaptureError::from(InvocationError::Rpc(RpcError {
            code,
            name: name.to_owned(),
            value,
            caused_by: None,
        }))
    }

    #[test]
    fn lost_logins_are_final_and_named() {
        assert!(matches!(
            rpc(401, "AUTH_KEY_UNREGISTERED", None),
            CaptureError::Revoked
        ));
        assert!(matches!(
            rpc(401, "SESSION_REVOKED", None),
            CaptureError::Revoked
        ));
        assert!(matches!(
            rpc(406, "AUTH_KEY_DUPLICATED", None),
            CaptureError::Duplicated
        ));
        assert!(matches!(
            rpc(401, "USER_DEACTIVATED", None),
            CaptureError::Deactivated
        ));
        assert!(rpc(401, "AUTH_KEY_UNREGISTERED", None).is_final());
    }

    #[test]
    fn trouble_that_passes_is_not_final() {
        for error in [
            rpc(500, "RPC_CALL_FAIL", None),
            rpc(420, "FLOOD_WAIT", Some(9)),
            CaptureError::from(InvocationError::Dropped("gone")),
        ] {
            assert!(!error.is_final(), "{error}");
        }
    }
}
