//! The archive: one SQLite file a group, a log of events that is packed into compressed frames.
//!
//! [`Vault`] is the directory. [`Writer`] and [`Reader`] are separate types: one write connection
//! an archive, as many read-only ones as wanted. [`Handle`] puts a writer on a thread of its own,
//! commits what arrives together in one transaction and tells waiting consumers.
//!
//! What arrives becomes *hot* rows, one a version of a message, in one transaction with the
//! source's position and the coverage of ids. Sealing packs hot messages into *frames* in columns
//! ([`codec`]); later edits, deletions and reactions are rows over the frame, and reading merges
//! both. [`Compactor`] joins what was sealed piece by piece, with a dictionary and at a high level,
//! and folds those rows in. The tables are described in `schema/archive.sql`.

pub mod codec;

mod append;
mod backfill;
mod batch;
mod compact;
mod counters;
mod coverage;
mod customer;
mod db;
mod dictionary;
mod dispute;
mod error;
mod facts;
mod files;
mod frames;
mod handle;
mod hot;
mod load;
mod lock;
mod mark;
mod marks;
mod media;
mod merge;
mod press;
mod read_only;
mod reader;
mod record;
mod root;
mod roster;
mod seal;
mod search;
mod segment;
mod selection;
mod sql;
mod state;
mod stats;
mod store;
#[cfg(test)]
mod tests;
mod vault;
mod writer;

pub use append::{Appended, Position};
pub use backfill::{Backfill, BackfillState, BackfillWish};
pub use compact::{CompactPolicy, Compacted, Compactor, Fold};
pub use coverage::{Covered, Known, Witness};
pub use customer::TopicsSeen;
pub use dispute::Dispute;
pub use error::{ArchiveError, OpenError};
pub use facts::PastName;
pub use handle::{Handle, Submitted};
pub use load::{Load, Loaded, Loader};
pub use lock::lock_alone;
pub use mark::Marked;
pub use media::{FileChange, MediaTotals, SeenFile, WantedFile};
pub use reader::Reader;
pub use seal::{SealPolicy, Sealed};
pub use search::{Hit, Query, QueryError, RoleOf, Search};
pub use selection::{Order, Selection};
pub use sql::{Sql, SqlError, Table};
pub use state::{
    AuditEntry, Fired, Link, Outgoing, OutgoingState, Question, QuestionState, Served, State, Turn,
};
pub use stats::Stats;
pub use store::{MediaStore, Partial, Unfinished};
pub use vault::Vault;
pub use writer::Writer;
