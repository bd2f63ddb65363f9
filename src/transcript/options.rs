//! What to render, and what came of it.

use crate::archive::{ArchiveError, OpenError, Order, Selection};
use crate::config::RoleRules;

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// Telegram Desktop's `result.json`.
    #[value(alias = "json")] // what operators type in a topic
    Telegram,
    /// topicvault's own lossless JSON Lines.
    Jsonl,
}

impl Format {
    /// How names of files in this format end, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Telegram => "json",
            Self::Jsonl => "jsonl",
        }
    }
}

/// How to render.
#[derive(Clone, Debug)]
pub struct Options {
    /// File format.
    pub format: Format,
    /// Which messages.
    pub selection: Selection,
    /// Only the newest so many of the selection, whatever the order.
    pub last: Option<usize>,
    /// In which order.
    pub order: Order,
    /// Who is who: a [`Cast`](super::Cast)'s rules.
    pub roles: RoleRules,
    /// Time zone of dates shown to people.
    pub timezone: jiff::tz::TimeZone,
    /// Language of labels in pages: `en`, `de`, `ru`.
    pub language: String,
}

/// What was rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Messages written.
    pub messages: u64,
    /// Topics they stand in.
    pub topics: u64,
    /// Messages whose role the rules do not settle, see [`resolve`](super::resolve).
    pub unsure: u64,
    /// Lowest and highest id.
    pub ids: Option<(i32, i32)>,
}

/// Why rendering failed. What was written until then is no usable transcript.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// The archive could not be read.
    #[error("the archive could not be read for the transcript")]
    Archive(#[from] ArchiveError),
    /// The archive could not be opened once more.
    #[error("the archive could not be opened for the transcript")]
    Open(#[from] OpenError),
    /// The transcript could not be written.
    #[error("the transcript could not be written; check free space and permissions")]
    Write(#[from] std::io::Error),
    /// The caller stopped it through `progress`.
    #[error("the transcript was stopped before it was complete")]
    Stopped,
}
