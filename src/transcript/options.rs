//! What to render, and what came of it.

use std::collections::BTreeMap;

use super::{Filter, Key, TrainingOptions};
use crate::archive::{ArchiveError, OpenError, Order, Selection};
use crate::config::RoleRules;
use crate::model::{GroupId, MessageId};

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
    /// Text with headings, for people and for models.
    #[value(alias = "md")]
    Markdown,
    /// A table for spreadsheets.
    Csv,
    /// A table for DuckDB, Spark and pandas.
    Parquet,
    /// Conversations to train on, as OpenAI's fine-tuning takes them.
    Openai,
    /// The same as ShareGPT.
    Sharegpt,
    /// The same as TRL's prompt and completion.
    Trl,
    /// The same as a dataset in Hugging Face's layout.
    Dataset,
}

impl Format {
    /// As the command line names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Telegram => "telegram",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Openai => "openai",
            Self::Sharegpt => "sharegpt",
            Self::Trl => "trl",
            Self::Dataset => "dataset",
        }
    }

    /// Whether it is made to train on: conversations instead of messages.
    #[must_use]
    pub const fn is_for_training(self) -> bool {
        matches!(
            self,
            Self::Openai | Self::Sharegpt | Self::Trl | Self::Dataset
        )
    }

    /// How names of files in this format end, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Telegram => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Openai | Self::Sharegpt | Self::Trl => "jsonl",
            // A directory.
            Self::Dataset => "dataset",
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
    /// Which of them.
    pub filter: Filter,
    /// Only the newest so many of the selection, whatever the order.
    pub last: Option<usize>,
    /// In which order.
    pub order: Order,
    /// Replaces personal data under this key. Formats to train on are not made without.
    pub redact: Option<Key>,
    /// How conversations to train on are made.
    pub training: TrainingOptions,
    /// Who is who: a [`Cast`](super::Cast)'s rules.
    pub roles: RoleRules,
    /// Time zone of dates shown to people.
    pub timezone: jiff::tz::TimeZone,
    /// Language of labels in pages: `en`, `de`, `ru`.
    pub language: String,
}

impl Summary {
    /// Counts in a message.
    pub(super) fn take(&mut self, id: MessageId, sure: bool) {
        self.messages += 1;
        self.unsure += u64::from(!sure);
        self.ids = Some(match self.ids {
            None => (id.0, id.0),
            Some((first, last)) => (first.min(id.0), last.max(id.0)),
        });
    }

    /// Counts in a page; `goes_on`: the next one is of the same topic.
    pub(super) fn add_page(&mut self, page: &Self, goes_on: bool) {
        self.add(page);
        if goes_on {
            self.topics -= page.topics.min(self.topics);
        }
    }

    /// Counts in what else was written, of other topics.
    pub(super) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.topics += other.topics;
        self.unsure += other.unsure;
        self.ids = match (self.ids, other.ids) {
            (Some((first, last)), Some((low, high))) => Some((first.min(low), last.max(high))),
            (ids, None) | (None, ids) => ids,
        };
        // All files of a group are counted together.
        self.replaced.clone_from(&other.replaced);
    }
}

impl Options {
    /// Everything in this format, topic by topic, with every default.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            selection: Selection::default(),
            filter: Filter::default(),
            last: None,
            order: Order::Topic,
            redact: None,
            training: TrainingOptions::default(),
            roles: RoleRules::default(),
            timezone: jiff::tz::TimeZone::UTC,
            language: "en".to_owned(),
        }
    }
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
    /// Places with personal data that were replaced, by kind.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replaced: BTreeMap<String, u64>,
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
    /// The group's customers have not consented to training.
    #[error(
        "nothing was made to train on: group {0} has no training_consent; Telegram's terms and data \
         protection ask for the consent of those concerned"
    )]
    Consent(GroupId),
    /// There is no key to make pseudonyms with.
    #[error("nothing is made to train on without a key for pseudonyms")]
    NoKey,
    /// The system prompt cannot be filled in.
    #[error("the system prompt cannot be filled in: {0}")]
    System(String),
    /// A format of conversations where one of messages is wanted, or the other way round.
    #[error("the format {0} cannot be written that way")]
    Layout(&'static str),
    /// The caller stopped it through `progress`.
    #[error("the transcript was stopped before it was complete")]
    Stopped,
}
