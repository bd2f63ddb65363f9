//! Transcripts: the archive's messages as files for people and tools.

use std::io::Write;

use crate::archive::{Order, Reader, Selection};
use crate::config::RoleRules;
use crate::model::{Message, PersonId, Topic};

/// What a message is, resolved on reading (`PRODUCT` vocabulary).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// From the customer, posted by the CRM's bot or relay account.
    Customer,
    /// From a person who answers.
    Operator,
    /// From our bot or another answering bot.
    Assistant,
    /// A comment inside the topic that never reaches the customer.
    Note,
    /// A bot command.
    Command,
    /// Telegram's own.
    Service,
}

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// Telegram Desktop's `result.json`.
    Telegram,
    /// topicvault's own lossless JSON Lines.
    Jsonl,
}

/// How to render.
#[derive(Clone, Debug)]
pub struct Options {
    /// File format.
    pub format: Format,
    /// Which messages.
    pub selection: Selection,
    /// Only the last so many of the selection.
    pub last: Option<usize>,
    /// In which order.
    pub order: Order,
    /// Who is who.
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
    /// First and last id.
    pub ids: Option<(i32, i32)>,
}

/// Why rendering failed.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {}

/// Resolves a message's role.
#[must_use]
pub fn role(_message: &Message, _rules: &RoleRules, _is_bot: &dyn Fn(PersonId) -> bool) -> Role {
    todo!()
}

/// Renders to `out`; `progress` hears the number of messages written so far and may stop it.
pub fn render(
    _reader: &Reader,
    _options: &Options,
    _out: &mut dyn Write,
    _progress: &mut dyn FnMut(u64) -> std::ops::ControlFlow<()>,
) -> Result<Summary, TranscriptError> {
    todo!()
}

/// A file name after topic and date, safe on every system: `Anna-Schmidt-5343-2026-11-23.html`.
#[must_use]
pub fn file_name(_topic: Option<&Topic>, _format: Format, _date: jiff::civil::Date) -> String {
    todo!()
}
