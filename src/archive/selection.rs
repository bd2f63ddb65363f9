//! Which messages to read, in which order.

use crate::model::{Snapshot, TopicId};

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

impl Selection {
    /// Whether something sent between these times may be selected.
    pub(super) fn overlaps(&self, first_date: i64, last_date: i64) -> bool {
        self.since.is_none_or(|since| last_date >= since)
            && self.until.is_none_or(|until| first_date < until)
    }

    /// Whether a message is selected by its date; spares unpacking what surrounds it.
    pub(super) fn takes_date(&self, date: i64) -> bool {
        self.overlaps(date, date)
    }

    /// Whether a message is selected, its topic aside.
    pub(super) fn takes(&self, snapshot: &Snapshot) -> bool {
        self.takes_date(snapshot.message.date)
            && !(self.skip_deleted && snapshot.deleted_at.is_some())
    }
}

/// In which order to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Topic by topic, ascending by id within.
    Topic,
    /// The whole group ascending by id.
    Id,
}
