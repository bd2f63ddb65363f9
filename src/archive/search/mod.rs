//! Search: which messages say something, the best and newest first.
//!
//! Sealed messages are found through an index that has one entry a run: the words of all its
//! messages, once and folded (SQLite's FTS5, without places). It says which runs may match; these
//! are looked at from the newest on, until there is enough. Hot messages and newer versions of
//! sealed ones are few and read one by one.

mod candidates;
mod engine;
mod fold;
mod hit;
mod matches;
mod query;
mod scope;
mod stem;
mod words;

pub use engine::{RoleOf, Search};
pub use hit::Hit;
pub(super) use hit::searched;
pub use query::{Query, QueryError};
pub(super) use words::Words;
