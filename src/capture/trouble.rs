//! Kinds of trouble, as people hear of them in their own language.

use super::error::CaptureError;
use super::session::SessionError;
use crate::archive::{ArchiveError, OpenError};

/// Why a group is not captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Telegram cannot be reached, or does not answer.
    Unreachable,
    /// Telegram asks to wait.
    Wait,
    /// Nobody has logged in.
    NotLoggedIn,
    /// The login was ended from elsewhere.
    Revoked,
    /// The login was used at two places.
    Duplicated,
    /// The account is gone.
    Deactivated,
    /// The account lives in another datacentre now.
    Moved,
    /// The login's file is in use or cannot be used.
    Session,
    /// The account is no member of the group.
    NotMember,
    /// The group has no topics.
    NotForum,
    /// The disk is full.
    DiskFull,
    /// The archive cannot be written.
    Archive,
    /// The application's id is not accepted.
    Settings,
    /// Anything else.
    Other,
}

impl Trouble {
    /// Its name in metrics and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Wait => "wait",
            Self::NotLoggedIn => "not_logged_in",
            Self::Revoked => "revoked",
            Self::Duplicated => "duplicated",
            Self::Deactivated => "deactivated",
            Self::Moved => "moved",
            Self::Session => "session",
            Self::NotMember => "not_member",
            Self::NotForum => "not_forum",
            Self::DiskFull => "disk_full",
            Self::Archive => "archive",
            Self::Settings => "settings",
            Self::Other => "other",
        }
    }
}

impl CaptureError {
    /// What kind of trouble it is.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Unreachable { .. } => Trouble::Unreachable,
            Self::FloodWait { .. } => Trouble::Wait,
            Self::NotLoggedIn => Trouble::NotLoggedIn,
            Self::Revoked => Trouble::Revoked,
            Self::Duplicated => Trouble::Duplicated,
            Self::Deactivated => Trouble::Deactivated,
            Self::Moved { .. } => Trouble::Moved,
            Self::Session(SessionError::Closed) => Trouble::Other,
            Self::Session(_) => Trouble::Session,
            Self::UnknownGroup { .. } => Trouble::NotMember,
            Self::NotForum { .. } => Trouble::NotForum,
            Self::Telegram { name, .. } if name.starts_with("CHANNEL_") => Trouble::NotMember,
            Self::Archive(ArchiveError::Full { .. }) | Self::Open(OpenError::Full { .. }) => {
                Trouble::DiskFull
            }
            Self::Archive(_) | Self::Open(_) => Trouble::Archive,
            Self::AccountName | Self::ApiIdMissing | Self::ApiIdInvalid => Trouble::Settings,
            _ => Trouble::Other,
        }
    }
}
