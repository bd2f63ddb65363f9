//! The log: everything that happened, in order.

use super::message::Message;

/// One change of a group.
#[derive(Clone, Debug)]
pub struct Change {
    /// Bare id of the group.
    pub group: i64,
    /// The channel's pts after it.
    pub pts: i32,
    /// By how much it moved pts.
    pub pts_count: i32,
    /// The world's clock, Unix seconds.
    pub at: i64,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A message was posted; as it was then.
    Posted(Message),
    /// A message was edited; as it was then.
    Edited(Message),
    /// Messages were deleted.
    Deleted(Vec<i32>),
}
