//! Forum topics.

use serde::{Deserialize, Serialize};

use super::ids::TopicId;

/// Whether a topic takes messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicStatus {
    /// Open.
    #[default]
    Open,
    /// Closed by an administrator or the CRM.
    Closed,
    /// Deleted; its messages stay in the archive.
    Deleted,
}

/// A forum topic as last observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Id of the message that created it.
    pub id: TopicId,
    /// Current title.
    pub title: String,
    /// Open, closed or deleted.
    pub status: TopicStatus,
    /// Whether it is hidden from the list (General only).
    pub hidden: bool,
    /// When it was created, Unix seconds, where known.
    pub created: Option<i64>,
}
