//! Which messages to read, in which order.

use std::ops::RangeInclusive;

use super::codec::Record;
use crate::model::{Snapshot, TopicId};

/// Which messages to read. Default: everything, also deleted.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these topics (empty: all).
    pub topics: Vec<TopicId>,
    /// Only these ids.
    pub ids: Option<RangeInclusive<i32>>,
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

    /// Whether something with ids of this range may be selected.
    pub(super) fn overlaps_ids(&self, first: i32, last: i32) -> bool {
        let ids = self.ids.as_ref();
        ids.is_none_or(|ids| first <= *ids.end() && last >= *ids.start())
    }

    /// Whether a message is selected by id and date; spares unpacking what surrounds it.
    pub(super) fn takes_record(&self, record: &Record) -> bool {
        self.overlaps(record.date, record.date) && self.overlaps_ids(record.id, record.id)
    }

    /// Whether a message is selected, its topic aside.
    pub(super) fn takes(&self, snapshot: &Snapshot) -> bool {
        let (id, date) = (snapshot.message.id.0, snapshot.message.date);
        self.overlaps(date, date)
            && self.overlaps_ids(id, id)
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
