//! What can go wrong, opening apart from using, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

use super::codec::CodecError;
use crate::model::{GroupId, MessageId};

/// Why an archive or vault could not be opened; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The vault's directory is missing.
    #[error("there is no vault at {}: check `vault.dir` in the config or --vault, or start capture or an import to create it", dir.display())]
    NoVault {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// What should be the vault's directory is something else.
    #[error("the vault {} is not a directory: choose another path", dir.display())]
    NotADirectory {
        /// The path.
        dir: PathBuf,
    },
    /// The group has no archive yet.
    #[error("there is no archive of group {group} in {}: capture or import it first", dir.display())]
    NoArchive {
        /// Which group.
        group: GroupId,
        /// The vault.
        dir: PathBuf,
    },
    /// Another writer holds the archive.
    #[error("{} is being written by {}: stop that process first, an archive has one writer", path.display(), holder(*pid))]
    Locked {
        /// The archive.
        path: PathBuf,
        /// The other writer's process id, where it said so.
        pid: Option<u32>,
    },
    /// The file is no SQLite database.
    #[error("{} is not an archive (no SQLite file): move it out of the vault or restore it from a backup", path.display())]
    NotSqlite {
        /// The file.
        path: PathBuf,
    },
    /// A SQLite database of another program.
    #[error("{} is a SQLite file of another program: move it out of the vault", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The archive of another group, renamed.
    #[error("{} holds group {found}: rename it to {found}.db", path.display())]
    WrongGroup {
        /// The file.
        path: PathBuf,
        /// The group it says it holds.
        found: String,
    },
    /// Truncated or damaged.
    #[error("{} is damaged ({detail}): keep a copy, then restore it from a backup", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// Written by a version of topicvault that changed the format.
    #[error("{} has format {found}, this version reads up to {known}: upgrade topicvault", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format, `major.minor`.
        found: String,
        /// Ours.
        known: String,
    },
    /// Readable, but writing would lose what this version does not know.
    #[error("{} has the newer format {found} and can only be read by this version (format {known}): upgrade topicvault to write", path.display())]
    NewerForWriting {
        /// The file.
        path: PathBuf,
        /// Its format, `major.minor`.
        found: String,
        /// Ours.
        known: String,
    },
    /// An older format, opened for reading only.
    #[error("{} has an older format: open it once for writing (start capture or `topicvault seal`) so that it is migrated", path.display())]
    Older {
        /// The file.
        path: PathBuf,
    },
    /// File or directory cannot be written.
    #[error("{} cannot be written: check its owner, its permissions and whether the disk is mounted read-only", path.display())]
    ReadOnly {
        /// The file or directory.
        path: PathBuf,
    },
    /// On a read-only place, with a log that was not folded into the file.
    #[error("{} lies where nothing can be written, and beside it its log (-wal) with the newest messages, which can only be read where files can be created: copy both to a writable directory, or mount it writable and run `topicvault seal` once", path.display())]
    UnfinishedLog {
        /// The archive.
        path: PathBuf,
    },
    /// File or directory cannot be read.
    #[error("{} cannot be opened: this user has no permission", path.display())]
    Permission {
        /// The file or directory.
        path: PathBuf,
    },
    /// No space left.
    #[error("the disk of {} is full: free some space and start again; what was committed is safe", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Any other failure of the file system.
    #[error("{} could not be opened", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Any other failure of SQLite.
    #[error("{} could not be opened", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}

impl OpenError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::Permission { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            io::ErrorKind::StorageFull => Self::Full { path },
            _ => Self::Io { path, source },
        }
    }

    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotSqlite { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt {
                path,
                detail: source.to_string(),
            },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::PermissionDenied) => Self::Permission { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Sqlite { path, source },
        }
    }
}

/// Why a read or write failed. Cheap to clone: everyone whose append shared a failed transaction
/// gets it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No space left; the transaction was rolled back.
    #[error("the disk of {} is full, nothing of this transaction was stored: free some space, then it can be repeated", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file became unwritable.
    #[error("{} cannot be written: check its permissions and whether the disk is mounted read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Truncated or damaged.
    #[error("{} is damaged ({detail}): keep a copy, then restore it from a backup", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// One frame is damaged; others can still be read.
    #[error("frame {frame} of {} is damaged ({source}): restore the archive from a backup", path.display())]
    Frame {
        /// The file.
        path: PathBuf,
        /// The frame's id.
        frame: i64,
        /// What is wrong with it.
        source: CodecError,
    },
    /// Larger than any message of Telegram; nothing of the transaction was stored.
    #[error("message {id} has {bytes} bytes, more than an archive takes ({limit}): leave it out")]
    TooLarge {
        /// Which message.
        id: MessageId,
        /// Its size.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// The writer's thread has ended; nothing was stored.
    #[error("the archive's writer has ended: restart the service")]
    Closed,
    /// Any other failure of SQLite; the transaction was rolled back.
    #[error("{} could not be used", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Arc<rusqlite::Error>,
    },
}

/// A failure inside the module, before it is known which file it concerns.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Frame { frame: i64, source: CodecError },
    TooLarge { id: i32, bytes: usize },
    Damaged(&'static str),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> ArchiveError {
        let path = path.to_owned();
        match self {
            Self::Frame { frame, source } => ArchiveError::Frame {
                path,
                frame,
                source,
            },
            Self::TooLarge { id, bytes } => ArchiveError::TooLarge {
                id: MessageId(id),
                bytes,
                limit: super::record::MAX_MESSAGE,
            },
            Self::Damaged(what) => ArchiveError::Corrupt {
                path,
                detail: what.to_owned(),
            },
            Self::Sqlite(source) => match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => ArchiveError::Full { path },
                Some(ErrorCode::ReadOnly) => ArchiveError::ReadOnly { path },
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    ArchiveError::Corrupt {
                        path,
                        detail: source.to_string(),
                    }
                }
                _ => ArchiveError::Sqlite {
                    path,
                    source: Arc::new(source),
                },
            },
        }
    }
}
