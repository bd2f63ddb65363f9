//! How a command fails: what happened, what to do, and the exit code.

use std::error::Error;
use std::fmt::Write as _;
use std::io;

use super::exit;
use crate::app::AppError;
use crate::archive::{ArchiveError, OpenError};
use crate::bot::BotError;
use crate::capture::CaptureError;
use crate::config::ConfigError;
use crate::crm::CrmError;
use crate::transcript::TranscriptError;

/// Why a command ends with another code than 0.
#[derive(Debug)]
pub struct Failure {
    /// Exit code, see [`exit`].
    pub code: u8,
    /// What happened, without a full stop. Empty: everything has been said already.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Failure {
    /// A failure without advice.
    #[must_use]
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with what was being done when it happened.
    #[must_use]
    pub fn context(mut self, doing: &str) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }

    /// Ctrl-C before the command was done.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(exit::INTERRUPTED, "interrupted")
    }

    /// An error with all its causes, each said once.
    fn caused(code: u8, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            if !message.contains(&text) {
                let _ = write!(message, ": {text}");
            }
            cause = inner.source();
        }
        Self::new(code, message)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self {
            code: exit::CONFIG,
            message: error.to_string(),
            help: error.help(),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::caused(exit::ARCHIVE, &error)
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::caused(exit::ARCHIVE, &error)
    }
}

impl From<TranscriptError> for Failure {
    fn from(error: TranscriptError) -> Self {
        let code = match &error {
            TranscriptError::Archive(_) | TranscriptError::Open(_) => exit::ARCHIVE,
            TranscriptError::Write(_) => exit::UNEXPECTED,
            TranscriptError::Stopped => exit::INTERRUPTED,
            TranscriptError::Consent(_) => exit::CONFIG,
            TranscriptError::NoKey | TranscriptError::System(_) | TranscriptError::Layout(_) => {
                exit::USAGE
            }
        };
        let failure = Self::caused(code, &error);
        match error {
            TranscriptError::Consent(_) => failure.help(
                "once they have consented, set training_consent = \"customers\" in its [[groups]] block",
            ),
            _ => failure,
        }
    }
}

impl From<CaptureError> for Failure {
    fn from(error: CaptureError) -> Self {
        use CaptureError as E;
        let code = match &error {
            E::AccountName
            | E::ApiIdMissing
            | E::ApiIdInvalid
            | E::UnknownGroup { .. }
            | E::NotForum { .. } => exit::CONFIG,
            E::Session(_)
            | E::PhoneInvalid
            | E::PhoneBanned
            | E::SignUpRequired
            | E::LoginUnsupported
            | E::CodeWrong
            | E::CodeExpired
            | E::PasswordWrong
            | E::NotScanned
            | E::Prompt(_)
            | E::NotLoggedIn
            | E::Revoked
            | E::Duplicated
            | E::Deactivated
            | E::Moved { .. } => exit::LOGIN,
            E::FloodWait { .. } | E::Unreachable { .. } | E::Telegram { .. } => exit::NETWORK,
            E::Open(_) | E::Archive(_) => exit::ARCHIVE,
        };
        Self::caused(code, &error)
    }
}

impl From<BotError> for Failure {
    fn from(error: BotError) -> Self {
        let code = match &error {
            BotError::Unreachable { .. }
            | BotError::Refused { .. }
            | BotError::OtherPoller
            | BotError::WebhookSet => exit::NETWORK,
            BotError::State(_) => exit::ARCHIVE,
            BotError::Client { .. } | BotError::Scratch { .. } => exit::UNEXPECTED,
            _ => exit::CONFIG,
        };
        Self::caused(code, &error)
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Config(error) => error.into(),
            AppError::Open(error) => error.into(),
            AppError::Archive(error) => error.into(),
            AppError::Capture(error) => error.into(),
            AppError::Bot(error) => error.into(),
            AppError::Crm(error) => error.into(),
            AppError::Listen { .. } => Self::caused(exit::CONFIG, &error),
        }
    }
}

impl From<CrmError> for Failure {
    fn from(error: CrmError) -> Self {
        let code = match &error {
            CrmError::Address | CrmError::Key => exit::CONFIG,
            CrmError::Setup(_) => exit::UNEXPECTED,
            _ => exit::NETWORK,
        };
        Self::caused(code, &error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::caused(exit::UNEXPECTED, &error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::from(io::Error::from(error))
    }
}

/// Whether an error comes from a reader that went away (`topicvault … | head`).
pub(super) fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return true;
        }
        cause = error.source();
    }
    false
}
