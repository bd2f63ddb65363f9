//! Reads runs and hot rows merged by id.
//!
//! Runs of many topics interleave within a sealed chunk, so reading in order of id walks all of
//! them at once. A cursor a run is small; the frames come from a cache of a fixed size, which holds
//! all frames of a compacted segment. Memory is thus bounded by that cache, the cursors of the runs
//! that are open at an id, and a page of hot rows, however large the archive is. Where more frames
//! than fit interleave (old messages that trickled in over many sealings), reading becomes slower
//! and not larger.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::collections::binary_heap::{BinaryHeap, PeekMut};
use std::iter::Peekable;
use std::ops::ControlFlow;
use std::vec;

use rusqlite::Connection;

use super::codec::{Cursor, Record};
use super::error::Fault;
use super::frames::{Frames, in_frame};
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
    pub(super) part: Part,
}

/// What of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// One run, by its slot.
    Run(usize),
    /// All but the first so many, which lie elsewhere now.
    Frame { gone: usize },
}

/// Runs that are being read, by the id of their next message.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// The next id, the frame, and where its cursor is.
    next: BinaryHeap<Reverse<(i32, i64, usize)>>,
    cursors: Vec<Cursor>,
    /// Places of cursors that are done.
    free: Vec<usize>,
}

impl Open {
    fn push(&mut self, next: i32, frame: i64, cursor: Cursor) {
        let place = match self.free.pop() {
            Some(place) => place,
            None => self.cursors.len(),
        };
        match self.cursors.get_mut(place) {
            Some(free) => *free = cursor,
            None => self.cursors.push(cursor),
        }
        self.next.push(Reverse((next, frame, place)));
    }

    fn next_id(&self) -> Option<i32> {
        self.next.peek().map(|Reverse((next, ..))| *next)
    }

    /// Decodes the next message.
    fn decode(
        &mut self,
        conn: &Connection,
        frames: &RefCell<Frames>,
    ) -> Result<Option<(i32, Record)>, Fault> {
        let Some(mut next) = self.next.peek_mut() else {
            return Ok(None);
        };
        let Reverse((_, number, place)) = *next;
        let cursor = self.cursors.get_mut(place);
        let cursor = cursor.ok_or(Fault::Damaged("a run that is not open"))?;
        let frame = frames.borrow_mut().get(conn, number)?;
        let record = cursor.next(&frame).map_err(in_frame(number))?;
        match cursor.peek(&frame).map_err(in_frame(number))? {
            Some(id) => next.0.0 = id,
            None => {
                PeekMut::pop(next);
                self.free.push(place);
            }
        }
        Ok(record.map(|record| (cursor.topic(), record)))
    }
}

/// Where sealed messages come from.
pub(super) enum Sealed {
    /// From frames, unpacked when reading gets there.
    Frames {
        /// Not opened yet, lowest id last.
        stretches: Vec<Stretch>,
        open: Open,
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
            open: Open::default(),
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
        selection: &Selection,
        frames: &RefCell<Frames>,
    ) -> Result<Option<i32>, Fault> {
        match self {
            Self::Frames { stretches, open } => {
                open_due(conn, selection, &mut frames.borrow_mut(), stretches, open)?;
                Ok(open.next_id())
            }
            Self::Unpacked { records, .. } => Ok(records.peek().map(|record| record.id)),
        }
    }
}

/// Opens the stretches that begin at or before the next open id.
fn open_due(
    conn: &Connection,
    selection: &Selection,
    frames: &mut Frames,
    stretches: &mut Vec<Stretch>,
    open: &mut Open,
) -> Result<(), Fault> {
    while let Some(stretch) = stretches.last().copied() {
        if open.next_id().is_some_and(|next| next < stretch.first_id) {
            break;
        }
        stretches.pop();
        let ids = &selection.ids;
        let frame = frames.get(conn, stretch.frame)?;
        let (first, last) = match stretch.part {
            Part::Run(slot) => (slot, slot + 1),
            Part::Frame { gone } => (gone, frame.heads().len()),
        };
        for slot in first..last {
            let damaged = in_frame(stretch.frame);
            let mut cursor = frame.cursor(slot).map_err(&damaged)?;
            let mut next = cursor.peek(&frame).map_err(&damaged)?;
            while let Some(id) = next
                && ids.as_ref().is_some_and(|ids| id < *ids.start())
            {
                cursor.skip(&frame).map_err(&damaged)?;
                next = cursor.peek(&frame).map_err(&damaged)?;
            }
            let is_wanted = |id: &i32| ids.as_ref().is_none_or(|ids| id <= ids.end());
            if let Some(next) = next.filter(is_wanted) {
                open.push(next, stretch.frame, cursor);
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

    /// The same where it is known that nothing is hot.
    pub(super) fn all_sealed(self) -> Self {
        Self {
            hot_done: true,
            ..self
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
            let sealed = self.sealed.next_id(self.conn, self.selection, frames)?;
            let snapshot = match (hot, sealed) {
                (None, None) => return Ok(ControlFlow::Continue(())),
                (Some(hot), sealed) if sealed.is_none_or(|sealed| hot < sealed) => {
                    self.next_hot()?
                }
                _ => self.next_sealed(frames)?,
            };
            if let (Some(ids), Some(snapshot)) = (&self.selection.ids, &snapshot)
                && snapshot.message.id.0 > *ids.end()
            {
                return Ok(ControlFlow::Continue(()));
            }
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
        match open.decode(self.conn, frames)? {
            Some((topic, record)) if self.selection.takes_record(&record) => {
                self.marks.sealed(self.conn, topic, record).map(Some)
            }
            _ => Ok(None),
        }
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
