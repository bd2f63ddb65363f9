//! Reads runs and hot rows merged by id.
//!
//! Runs of many topics interleave within a sealed chunk, so reading in order of id walks all of
//! them at once. A cursor a run is small; the frames come from a cache of a fixed size, which holds
//! all frames of a chunk. Memory is thus bounded by that cache (about 8 MB), the cursors of the runs
//! that are open at an id, and a page of hot rows, however large the archive is. Where more frames
//! than fit interleave (old messages that trickled in over many sealings), reading becomes slower
//! and not larger.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::iter::Peekable;
use std::ops::ControlFlow;
use std::vec;

use rusqlite::Connection;

use super::codec::Record;
use super::error::Fault;
use super::frames::Frames;
use super::hot;
use super::marks::Marks;
use super::selection::Selection;
use crate::model::Snapshot;

/// Hot messages fetched at once.
const PAGE: usize = 256;

/// A sealed stretch that begins at an id and is opened when reading gets there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) first_id: i32,
    pub(super) frame: i64,
    /// One run of the frame, or all.
    pub(super) slot: Option<usize>,
}

/// The next message of a run: id, frame, slot, place in the run.
type Cursor = Reverse<(i32, i64, usize, usize)>;

/// Where sealed messages come from.
pub(super) enum Sealed {
    /// From frames, unpacked when reading gets there.
    Frames {
        /// Not opened yet, lowest id last.
        stretches: Vec<Stretch>,
        open: BinaryHeap<Cursor>,
    },
    /// One topic's, unpacked already; ascending.
    Unpacked {
        topic: i32,
        records: Peekable<vec::IntoIter<Record>>,
    },
}

impl Sealed {
    pub(super) fn stretches(mut stretches: Vec<Stretch>) -> Self {
        stretches.sort_by_key(|stretch| Reverse(stretch.first_id));
        Self::Frames {
            stretches,
            open: BinaryHeap::new(),
        }
    }

    pub(super) fn unpacked(topic: i32, records: Vec<Record>) -> Self {
        Self::Unpacked {
            topic,
            records: records.into_iter().peekable(),
        }
    }

    /// The next sealed message's id.
    fn next_id(
        &mut self,
        conn: &Connection,
        frames: &RefCell<Frames>,
    ) -> Result<Option<i32>, Fault> {
        match self {
            Self::Frames { stretches, open } => {
                open_due(conn, &mut frames.borrow_mut(), stretches, open)?;
                Ok(open.peek().map(|Reverse((id, ..))| *id))
            }
            Self::Unpacked { records, .. } => Ok(records.peek().map(|record| record.id)),
        }
    }
}

/// Opens the stretches that begin at or before the next open id.
fn open_due(
    conn: &Connection,
    frames: &mut Frames,
    stretches: &mut Vec<Stretch>,
    open: &mut BinaryHeap<Cursor>,
) -> Result<(), Fault> {
    while let Some(stretch) = stretches.last().copied() {
        let next = open.peek().map(|Reverse((id, ..))| *id);
        if next.is_some_and(|next| next < stretch.first_id) {
            break;
        }
        stretches.pop();
        if let Some(slot) = stretch.slot {
            open.push(Reverse((stretch.first_id, stretch.frame, slot, 0)));
            continue;
        }
        for (slot, run) in frames.get(conn, stretch.frame)?.iter().enumerate() {
            if let Some(first) = run.records.first() {
                open.push(Reverse((first.id, stretch.frame, slot, 0)));
            }
        }
    }
    Ok(())
}

/// Merges sealed messages with the hot rows of one topic, or of all.
pub(super) struct Merge<'a> {
    conn: &'a Connection,
    marks: &'a Marks,
    selection: &'a Selection,
    sealed: Sealed,
    topic: Option<i32>,
    page: VecDeque<(i32, Record)>,
    after: Option<i32>,
    hot_done: bool,
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        conn: &'a Connection,
        marks: &'a Marks,
        selection: &'a Selection,
        topic: Option<i32>,
        sealed: Sealed,
    ) -> Self {
        Self {
            conn,
            marks,
            selection,
            sealed,
            topic,
            page: VecDeque::new(),
            after: None,
            hot_done: false,
        }
    }

    /// Streams what is selected. `frames` is only borrowed between calls of `each`, which may
    /// itself read.
    pub(super) fn run(
        mut self,
        frames: &RefCell<Frames>,
        each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        loop {
            self.fill_page()?;
            let hot = self.page.front().map(|(_, record)| record.id);
            let sealed = self.sealed.next_id(self.conn, frames)?;
            let snapshot = match (hot, sealed) {
                (None, None) => return Ok(ControlFlow::Continue(())),
                (Some(hot), sealed) if sealed.is_none_or(|sealed| hot < sealed) => {
                    self.next_hot()?
                }
                _ => self.next_sealed(frames)?,
            };
            if let Some(snapshot) = snapshot
                && self.selection.takes(&snapshot)
                && each(snapshot).is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
    }

    fn next_sealed(&mut self, frames: &RefCell<Frames>) -> Result<Option<Snapshot>, Fault> {
        let open = match &mut self.sealed {
            Sealed::Frames { open, .. } => open,
            Sealed::Unpacked { topic, records } => {
                let record = records.next();
                return record
                    .map(|record| self.marks.sealed(self.conn, *topic, record))
                    .transpose();
            }
        };
        let Some(Reverse((_, frame, slot, place))) = open.pop() else {
            return Ok(None);
        };
        let runs = frames.borrow_mut().get(self.conn, frame)?;
        let run = runs
            .get(slot)
            .ok_or(Fault::Damaged("a run that its frame does not hold"))?;
        if let Some(next) = run.records.get(place + 1) {
            open.push(Reverse((next.id, frame, slot, place + 1)));
        }
        let Some(record) = run.records.get(place) else {
            return Ok(None);
        };
        if !self.selection.takes_date(record.date) {
            return Ok(None);
        }
        self.marks
            .sealed(self.conn, run.topic, record.clone())
            .map(Some)
    }

    fn next_hot(&mut self) -> Result<Option<Snapshot>, Fault> {
        let Some((topic, record)) = self.page.pop_front() else {
            return Ok(None);
        };
        self.marks.hot(self.conn, topic, record).map(Some)
    }

    /// Fetches the next page of hot messages; pages wholly of other topics are passed over.
    fn fill_page(&mut self) -> Result<(), Fault> {
        while !self.hot_done && self.page.is_empty() {
            let ids = hot::ids_after(self.conn, self.topic, self.after, PAGE)?;
            self.hot_done = ids.len() < PAGE;
            let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
                break;
            };
            let versions = match self.topic {
                None => hot::versions(self.conn, hot::HOT, *first, *last)?,
                Some(topic) => hot::topic_versions(self.conn, topic, *first, *last)?,
            };
            self.page = hot::into_records(versions).into();
            let topics = &self.selection.topics;
            if !topics.is_empty() && self.topic.is_none() {
                self.page
                    .retain(|(topic, _)| topics.iter().any(|wanted| wanted.0 == *topic));
            }
            self.after = Some(*last);
        }
        Ok(())
    }
}
