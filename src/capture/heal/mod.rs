//! Reconciliation: the archive against history, message id by message id.
//!
//! Updates alone are not enough: grammers' saved position runs ahead of us, differences may be too
//! long, connections break. A supergroup's ids are consecutive, and the archive knows of each id
//! whether it was captured, is gone, or is unknown. So after every start, reconnection and "too
//! long", and now and then, the unknown ones are asked for, and recent ones are looked at again
//! for edits and deletions that nobody told us; old ones follow slowly, when there is nothing else
//! to do. What is known is in the archive, page by page, so
//! a reconciliation that is killed at any moment simply goes on with the next one.

mod again;
mod backfill;
mod history;
mod keeper;
mod members;
mod order;
mod recheck;
mod reconcile;
mod topics;

pub(super) use again::{Again, keep as look_again};
pub(super) use backfill::keep as backfill;
pub(super) use keeper::{Healer, Why};
