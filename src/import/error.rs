//! Why a file cannot be imported, and where.

use std::fmt;

use crate::archive::{ArchiveError, OpenError};

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Bytes before it.
    pub offset: u64,
    /// Its line, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {} (byte {})", self.line, self.offset)
    }
}

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("reading: {0}")]
    Read(std::io::Error),
    /// It is not what it should be.
    #[error("{place}: this is no Telegram Desktop export (JSON): {what}")]
    NotAnExport {
        /// Where that shows.
        place: Place,
        /// How.
        what: &'static str,
    },
    /// A message that cannot be read; it is not taken as something else.
    #[error("{place}: {what}")]
    Record {
        /// Where it begins.
        place: Place,
        /// What is wrong, without what it says.
        what: String,
    },
    /// The archive cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file that goes with the messages cannot be taken along.
    #[error("the file {path}: {error}")]
    File {
        /// Relative to the export.
        path: String,
        /// What the file system says.
        error: std::io::Error,
    },
}
