//! Why a world file cannot be used.

use std::path::PathBuf;

/// Why a world file cannot be used: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {problem}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct WorldError {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub problem: String,
}

/// What is wrong, before it is known where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// What is wrong and what to do.
    pub(super) words: String,
    /// A text that stands in the file where it is wrong.
    pub(super) at: Option<String>,
}

impl Problem {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            at: None,
        }
    }

    /// The same, to be found by a text of the file.
    pub(super) fn at(mut self, text: &str) -> Self {
        self.at = Some(text.to_owned());
        self
    }
}
