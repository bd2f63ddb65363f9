//! The archive: one SQLite file a group, a log of events that is packed into compressed frames.
//!
//! [`Vault`] is the directory. [`Writer`] and [`Reader`] are separate types: one write connection
//! an archive, as many read-only ones as wanted. [`Handle`] puts a writer on a thread of its own,
//! commits what arrives together in one transaction and tells waiting consumers.

use std::collections::HashMap;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::{Path, PathBuf};

use crate::model::{
    Customer, GroupId, MessageId, Observed, Person, PersonId, Snapshot, Topic, TopicId,
};

/// Why an archive or vault could not be opened; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {}

/// Why a read or write failed.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {}

/// The directory of archives: `<group>.db` files and `state.db`, 0700, its files 0600.
#[derive(Clone, Debug)]
pub struct Vault {
    _dir: PathBuf,
}

impl Vault {
    /// Opens a vault, creating the directory if it is missing.
    pub fn create(_dir: &Path) -> Result<Self, OpenError> {
        todo!()
    }
    /// Opens an existing vault.
    pub fn open(_dir: &Path) -> Result<Self, OpenError> {
        todo!()
    }
    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        todo!()
    }
    /// The groups that have an archive, ascending.
    pub fn groups(&self) -> Result<Vec<GroupId>, OpenError> {
        todo!()
    }
    /// Opens a group's archive for reading.
    pub fn reader(&self, _group: GroupId) -> Result<Reader, OpenError> {
        todo!()
    }
    /// Opens (or creates) a group's archive for writing; a second writer, also of another process, is refused.
    pub fn writer(&self, _group: GroupId) -> Result<Writer, OpenError> {
        todo!()
    }
    /// Opens (or creates) `state.db`.
    pub fn state(&self) -> Result<State, OpenError> {
        todo!()
    }
}

/// What spans groups and is ours alone: `state.db`, `synchronous=FULL`.
#[derive(Debug)]
pub struct State {}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Unix seconds.
    pub at: i64,
    /// In which group.
    pub group: GroupId,
    /// In which topic.
    pub topic: TopicId,
    /// Who asked.
    pub person: PersonId,
    /// What was asked, a command's name.
    pub action: String,
    /// `allowed`, `refused`, `served`, `failed`.
    pub outcome: String,
}

impl State {
    /// Appends to the audit log.
    pub fn audit(&mut self, _entry: &AuditEntry) -> Result<(), ArchiveError> {
        todo!()
    }
    /// The newest entries, newest first.
    pub fn audit_log(&self, _limit: usize) -> Result<Vec<AuditEntry>, ArchiveError> {
        todo!()
    }
}

/// A named number of a source's own (pts, watermark), stored in the transaction of the events it goes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Such as `pts` or `watermark`.
    pub name: String,
    /// Its value.
    pub value: i64,
}

/// What an append did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Messages not known before.
    pub new: u64,
    /// New versions of known messages.
    pub edited: u64,
    /// Messages newly marked deleted.
    pub deleted: u64,
    /// Events that said nothing new.
    pub known: u64,
    /// Highest sequence number of the log afterwards.
    pub last_seq: i64,
}

/// When to seal.
#[derive(Clone, Copy, Debug)]
pub struct SealPolicy {
    /// Seal when at least this many messages are hot.
    pub hot_messages: u64,
    /// zstd level.
    pub level: i32,
}

/// What a sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Messages that went into frames.
    pub messages: u64,
    /// Frames written.
    pub frames: u64,
}

/// The one writer of an archive.
#[derive(Debug)]
pub struct Writer {}

impl Writer {
    /// Appends events and positions in one transaction; what is known already is a no-op.
    pub fn append(
        &mut self,
        _events: &[Observed],
        _positions: &[Position],
    ) -> Result<Appended, ArchiveError> {
        todo!()
    }
    /// Remembers the group's title.
    pub fn set_title(&mut self, _title: &str) -> Result<(), ArchiveError> {
        todo!()
    }
    /// Packs hot messages into frames as the policy says.
    pub fn seal(&mut self, _policy: &SealPolicy) -> Result<Sealed, ArchiveError> {
        todo!()
    }
}

/// Figures about an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Existing messages, service messages included, deleted ones not.
    pub messages: u64,
    /// Messages marked deleted.
    pub deleted: u64,
    /// Versions beyond the first.
    pub edits: u64,
    /// Messages still in hot rows.
    pub hot: u64,
    /// Sealed frames.
    pub frames: u64,
    /// Topics.
    pub topics: u64,
    /// People.
    pub people: u64,
    /// Lowest and highest message id known.
    pub ids: Option<(i32, i32)>,
    /// Dates of the first and last message, Unix seconds.
    pub dates: Option<(i64, i64)>,
    /// Ids between 1 and the highest known one of which nothing is known.
    pub unknown: u64,
    /// Size of the file and its WAL in bytes.
    pub bytes: u64,
}

/// Which messages to read. Default: everything, also deleted.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these topics (empty: all).
    pub topics: Vec<TopicId>,
    /// Only sent at or after this time, Unix seconds.
    pub since: Option<i64>,
    /// Only sent before this time.
    pub until: Option<i64>,
    /// Leave deleted messages out.
    pub skip_deleted: bool,
}

/// In which order to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Topic by topic, ascending by id within.
    Topic,
    /// The whole group ascending by id.
    Id,
}

/// Reads one archive; cheap to open, never blocks the writer.
#[derive(Debug)]
pub struct Reader {}

impl Reader {
    /// The group.
    #[must_use]
    pub fn group(&self) -> GroupId {
        todo!()
    }
    /// Its title, where known.
    pub fn title(&self) -> Result<Option<String>, ArchiveError> {
        todo!()
    }
    /// Figures.
    pub fn stats(&self) -> Result<Stats, ArchiveError> {
        todo!()
    }
    /// All topics, ascending.
    pub fn topics(&self) -> Result<Vec<Topic>, ArchiveError> {
        todo!()
    }
    /// Everyone who wrote.
    pub fn people(&self) -> Result<HashMap<PersonId, Person>, ArchiveError> {
        todo!()
    }
    /// Who a topic's customer is.
    pub fn customer(&self, _topic: TopicId) -> Result<Option<Customer>, ArchiveError> {
        todo!()
    }
    /// One message.
    pub fn message(&self, _id: MessageId) -> Result<Option<Snapshot>, ArchiveError> {
        todo!()
    }
    /// The last `count` messages of a topic (deleted ones left out), ascending.
    pub fn last(&self, _topic: TopicId, _count: usize) -> Result<Vec<Snapshot>, ArchiveError> {
        todo!()
    }
    /// Streams messages to `each` in constant memory until it breaks.
    pub fn read(
        &self,
        _selection: &Selection,
        _order: Order,
        _each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
    ) -> Result<(), ArchiveError> {
        todo!()
    }
    /// Ids within the range of which nothing is known, as ranges.
    pub fn unknown(
        &self,
        _ids: RangeInclusive<i32>,
    ) -> Result<Vec<RangeInclusive<i32>>, ArchiveError> {
        todo!()
    }
    /// Ids within the range that are captured and not deleted, ascending: what a reconciliation asks history about.
    pub fn existing(&self, _ids: RangeInclusive<i32>) -> Result<Vec<MessageId>, ArchiveError> {
        todo!()
    }
    /// A source's position.
    pub fn position(&self, _name: &str) -> Result<Option<i64>, ArchiveError> {
        todo!()
    }
}

/// A writer on a thread of its own. Clones share it; it ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Handle {}

impl Handle {
    /// Starts the thread. It seals by itself as the policy says.
    pub fn spawn(_vault: &Vault, _group: GroupId, _policy: SealPolicy) -> Result<Self, OpenError> {
        todo!()
    }
    /// Appends; returns after the commit. What waits together is committed together.
    pub async fn append(
        &self,
        _events: Vec<Observed>,
        _positions: Vec<Position>,
    ) -> Result<Appended, ArchiveError> {
        todo!()
    }
    /// Remembers the group's title.
    pub async fn set_title(&self, _title: String) -> Result<(), ArchiveError> {
        todo!()
    }
    /// Wakes at each commit with the log's highest sequence number.
    #[must_use]
    pub fn commits(&self) -> tokio::sync::watch::Receiver<i64> {
        todo!()
    }
    /// A reader of the same archive.
    pub fn reader(&self) -> Result<Reader, OpenError> {
        todo!()
    }
    /// Ends the thread after what is queued has been committed.
    pub async fn close(self) -> Result<(), ArchiveError> {
        todo!()
    }
}
