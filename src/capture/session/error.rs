//! What can be wrong with a login's file.

use std::path::PathBuf;

/// Why a login's file could not be opened, read or written.
///
/// No variant holds anything out of the file: it is all secret.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Another process has it.
    #[error(
        "the login {} is in use by another process: a login can be used once at a time, stop the other one first",
        path.display()
    )]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// SQLite cannot make sense of it, or it is cut short.
    #[error(
        "the login {} is damaged or cut short: move it away and log in again with `topicvault login`",
        path.display()
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// A database, but not one of ours.
    #[error(
        "{} is no login of topicvault: choose another `telegram.account` or move the file away",
        path.display()
    )]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// A later version wrote it.
    #[error(
        "the login {} was written by a newer topicvault (format {found}, this one knows {known}): upgrade, or log in again under another `telegram.account`",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// The format it has.
        found: i64,
        /// The newest format that this version knows.
        known: i64,
    },
    /// It is encrypted and no key is configured.
    #[error(
        "the login {} is encrypted and `telegram.session_key` is not set: set it (or TOPICVAULT_TELEGRAM_SESSION_KEY) to the key it was encrypted with, or remove it with `topicvault logout --forget` and log in again",
        path.display()
    )]
    KeyMissing {
        /// Which file.
        path: PathBuf,
    },
    /// It is encrypted with another key.
    #[error(
        "the login {} was encrypted with another key than `telegram.session_key`: set the one it was encrypted with; if that is lost, remove it with `topicvault logout --forget` and log in again",
        path.display()
    )]
    KeyWrong {
        /// Which file.
        path: PathBuf,
    },
    /// Nothing can be sealed, as without random bytes or memory.
    #[error(
        "the login {} cannot be encrypted: the system gives no random bytes or no memory",
        path.display()
    )]
    Seal {
        /// Which file.
        path: PathBuf,
    },
    /// The operating system refuses.
    #[error("the login {} cannot be used: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: std::io::Error,
    },
    /// SQLite refuses, such as on a full disk.
    #[error("the login {} cannot be read or written: {source}", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
    /// The configured key of another server is no key.
    #[error("`telegram.server.auth_key` must be 512 hexadecimal digits (256 bytes)")]
    AuthKey,
    /// The thread that writes has ended.
    #[error("the login was closed")]
    Closed,
}
