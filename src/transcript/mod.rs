//! Transcripts: the archive's messages as files for people and tools.
//!
//! [`render`] streams a selection of one archive through a writer of one format, in constant
//! memory. Who wrote a message is a fact of the archive; what they are in the conversation, their
//! [`Role`], follows from the group's rules at this moment, so that a corrected rule corrects
//! every later transcript. A [`Cast`] completes the rules: who posts customers' messages is found from
//! the group itself where the configuration does not say it; what stays unsure is counted.
//!
//! - [`Format::Html`]: one self-contained page for people, nothing in it can run or load.
//! - [`Format::Telegram`]: Telegram Desktop's `result.json`, the format most tools read.
//! - [`Format::Jsonl`]: topicvault's own, lossless; [`Record`] is one line of it.
//! - [`Format::Markdown`]: text with headings, for people and for models.
//! - [`Format::Csv`], [`Format::Parquet`]: a table, for spreadsheets and for DuckDB, Spark and pandas.

mod address;
mod cast;
mod choice;
mod csv;
mod export;
mod facts;
mod feed;
mod file_name;
mod filter;
mod html;
mod jsonl;
mod language;
mod markdown;
mod options;
mod parquet;
mod people;
mod pull;
mod record;
mod redact;
mod redaction;
mod render;
mod role;
mod run;
mod spans;
mod table;
mod telegram;
mod training;
mod words;
mod writer;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use cast::{Candidate, Cast, Doubt, Evidence, Known, Origin, Part, Unsettled};
pub use export::{
    ArchiveEntry, FileEntry, Group, GroupEntry, Layout, Manifest, ManifestError, Privacy, Shelf,
    Verdict, export,
};
pub use file_name::file_name;
pub use filter::{Filter, MediaFilter};
pub use options::{Format, Options, Summary, TranscriptError};
pub use pull::Pull;
pub use record::{Record, VersionRecord};
pub use redact::Key;
pub use render::{Progress, render};
pub use role::{Resolved, Role, Roles, SearchRoles, resolve, role};
pub use training::{Class, LeftOut, Report, SplitReport, Splits, SystemPrompt, TrainingOptions};
