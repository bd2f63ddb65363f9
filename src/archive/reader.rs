//! Reads one archive.

mod facts;

use std::cell::RefCell;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::batch;
use super::codec::Record;
use super::coverage::{self, Covered, Known};
use super::db;
use super::dispute::{self, Dispute};
use super::error::{ArchiveError, Fault, OpenError};
use super::frames::{Frames, in_frame};
use super::hot;
use super::mark::{self, Marked};
use super::marks::Marks;
use super::merge::{Merge, Part, Sealed, Stretch};
use super::root;
use super::selection::{Order, Selection};
use super::stats::{self, Stats};
use crate::model::{GroupId, MessageId, Snapshot, TopicId};

/// Marks around a run that are read at once, though some may be of other topics.
const MARKS: i64 = 256;

/// Reads one archive; cheap to open, never blocks the writer. Each call sees one moment of the
/// archive, however long it takes and whatever is written meanwhile.
#[derive(Debug)]
pub struct Reader {
    pub(super) conn: Connection,
    path: PathBuf,
    group: GroupId,
    pub(super) frames: RefCell<Frames>,
}

impl Reader {
    pub(super) fn new(conn: Connection, path: PathBuf, group: GroupId) -> Self {
        Self {
            conn,
            path,
            group,
            frames: RefCell::default(),
        }
    }

    /// Another one of the same archive, for another thread. It sees a moment of its own.
    ///
    /// # Errors
    /// As [`Vault::reader`](super::Vault::reader).
    pub fn another(&self) -> Result<Self, OpenError> {
        let conn = db::open_reader(&self.path, &db::ARCHIVE)?;
        Ok(Self::new(conn, self.path.clone(), self.group))
    }

    /// Its connection and its file.
    pub(super) fn into_parts(self) -> (Connection, PathBuf) {
        (self.conn, self.path)
    }

    /// The group.
    #[must_use]
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Figures.
    pub fn stats(&self) -> Result<Stats, ArchiveError> {
        self.snapshot(|conn| stats::collect(conn, &self.path))
    }

    /// A hash over all that the archive says was written, as it lies in the file at this moment.
    pub fn root(&self) -> Result<blake3::Hash, ArchiveError> {
        self.snapshot(root::root)
    }

    /// All marks of a message ever (reactions, pins, votes), oldest first.
    pub fn marks(&self, id: MessageId) -> Result<Vec<Marked>, ArchiveError> {
        self.snapshot(|conn| {
            let sealed = self.frames.borrow_mut().find(conn, id.0, None)?;
            let mut marks = sealed.map_or_else(Vec::new, |(_, record)| record.around.marks);
            for marked in mark::rows(conn, id.0)? {
                marked.join(&mut marks);
            }
            // Pins are never folded in.
            marks.sort_by_key(|marked| marked.at);
            Ok(marks)
        })
    }

    /// The messages that are pinned, ascending.
    pub fn pinned(&self) -> Result<Vec<MessageId>, ArchiveError> {
        self.snapshot(|conn| Ok(mark::pinned(conn)?.into_iter().map(MessageId).collect()))
    }

    /// In which message a poll stands.
    pub fn poll(&self, poll: i64) -> Result<Option<MessageId>, ArchiveError> {
        self.snapshot(|conn| Ok(mark::poll(conn, poll)?.map(MessageId)))
    }

    /// One message.
    pub fn message(&self, id: MessageId) -> Result<Option<Snapshot>, ArchiveError> {
        self.message_near(id, None)
    }

    /// One message; `topic` is where to look first, which is much quicker if it is there.
    pub fn message_near(
        &self,
        id: MessageId,
        topic: Option<TopicId>,
    ) -> Result<Option<Snapshot>, ArchiveError> {
        self.snapshot(|conn| {
            let marks = Marks::few();
            let hot = hot::into_records(hot::versions(conn, hot::HOT, id.0, id.0)?);
            if let Some((topic, record)) = hot.into_iter().next() {
                return marks.hot(conn, topic, record).map(Some);
            }
            let topic = topic.map(|topic| topic.0);
            match self.frames.borrow_mut().find(conn, id.0, topic)? {
                Some((topic, record)) => marks.sealed(conn, topic, record).map(Some),
                None => Ok(None),
            }
        })
    }

    /// About the first `count` messages of a topic (deleted ones too), ascending, without unpacking
    /// more than a few of its runs however many it has. Where older messages came after newer ones,
    /// some of what stands between may be left out.
    pub fn opening(&self, topic: TopicId, count: usize) -> Result<Vec<Snapshot>, ArchiveError> {
        self.snapshot(|conn| {
            let mut sealed = self.first_sealed(conn, topic.0, count)?;
            sealed.sort_by_key(|record| record.id);
            sealed.truncate(count);
            let ends = sealed.first().zip(sealed.last());
            let (first, last) = ends.map_or((0, 0), |(first, last)| (first.id, last.id));
            let marks = Marks::within(conn, first, last, MARKS)?;
            let mut found = Vec::with_capacity(sealed.len());
            for record in sealed {
                found.push(marks.sealed(conn, topic.0, record)?);
            }
            let ids = hot::ids_after(conn, Some(topic.0), None, count)?;
            if let (Some(first), Some(last)) = (ids.first(), ids.last()) {
                let versions = hot::topic_versions(conn, topic.0, *first, *last)?;
                let few = Marks::few();
                for (topic, record) in hot::into_records(versions) {
                    found.push(few.hot(conn, topic, record)?);
                }
            }
            found.sort_by_key(|snapshot| snapshot.message.id);
            found.truncate(count);
            Ok(found)
        })
    }

    /// The beginnings of the runs of a topic that end first: two at least, for what was read later
    /// may be older.
    fn first_sealed(
        &self,
        conn: &Connection,
        topic: i32,
        count: usize,
    ) -> Result<Vec<Record>, Fault> {
        let mut statement =
            conn.prepare_cached("SELECT number FROM run WHERE topic = ?1 ORDER BY last_id")?;
        let mut rows = statement.query([topic])?;
        let (mut found, mut runs) = (Vec::new(), 0);
        while let Some(row) = rows.next()?
            && (runs < 2 || found.len() < count)
        {
            let (number, frame, slot) = self.frames.borrow_mut().holding(conn, row.get(0)?)?;
            let mut cursor = frame.cursor(slot).map_err(in_frame(number))?;
            for _ in 0..count {
                match cursor.next(&frame).map_err(in_frame(number))? {
                    Some(record) => found.push(record),
                    None => break,
                }
            }
            runs += 1;
        }
        Ok(found)
    }

    /// The last `count` messages of a topic (deleted ones left out), ascending.
    pub fn last(&self, topic: TopicId, count: usize) -> Result<Vec<Snapshot>, ArchiveError> {
        self.snapshot(|conn| {
            let marks = Marks::few();
            let mut found = self.last_hot(conn, &marks, topic.0, count)?;
            self.last_sealed(conn, topic.0, count, &mut found)?;
            found.sort_by_key(|snapshot| snapshot.message.id);
            let surplus = found.len().saturating_sub(count);
            found.drain(..surplus);
            Ok(found)
        })
    }

    fn last_hot(
        &self,
        conn: &Connection,
        marks: &Marks,
        topic: i32,
        count: usize,
    ) -> Result<Vec<Snapshot>, Fault> {
        let mut found = Vec::new();
        let mut below = None;
        while found.len() < count {
            let ids = hot::newest_ids(conn, topic, below, (count - found.len()).min(1024))?;
            let (Some(newest), Some(oldest)) = (ids.first(), ids.last()) else {
                break;
            };
            below = Some(*oldest);
            let versions = hot::topic_versions(conn, topic, *oldest, *newest)?;
            for (topic, record) in hot::into_records(versions).into_iter().rev() {
                let snapshot = marks.hot(conn, topic, record)?;
                if snapshot.deleted_at.is_none() {
                    found.push(snapshot);
                }
            }
        }
        Ok(found)
    }

    /// Unpacks a topic's runs, newest first, until those left are older than what is needed.
    fn last_sealed(
        &self,
        conn: &Connection,
        topic: i32,
        count: usize,
        found: &mut Vec<Snapshot>,
    ) -> Result<(), Fault> {
        let mut statement = conn.prepare_cached(
            "SELECT last_id, number FROM run WHERE topic = ?1 ORDER BY last_id DESC",
        )?;
        let mut rows = statement.query([topic])?;
        while let Some(row) = rows.next()? {
            let last_id: i32 = row.get(0)?;
            found.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.message.id));
            found.truncate(count);
            if found.len() == count
                && found
                    .last()
                    .is_none_or(|oldest| oldest.message.id.0 > last_id)
            {
                break;
            }
            let (number, frame, slot) = self.frames.borrow_mut().holding(conn, row.get(1)?)?;
            let whole = frame.heads().get(slot).map_or(0, |head| head.count);
            // Few of the last are deleted: mostly the first try is enough.
            for decoded in [count.saturating_add(count / 8), usize::MAX] {
                let records = frame.tail(slot, decoded).map_err(in_frame(number))?;
                let first = records.first().map_or(last_id, |record| record.id);
                let marks = Marks::within(conn, first, last_id, MARKS)?;
                let before = found.len();
                for record in records.into_iter().rev() {
                    if found.len() - before == count {
                        break;
                    }
                    if marks.deleted_at(conn, &record)?.is_none() {
                        found.push(marks.sealed(conn, topic, record)?);
                    }
                }
                if found.len() - before == count || whole <= decoded {
                    break;
                }
                found.truncate(before);
            }
        }
        Ok(())
    }

    /// Streams messages to `each` in bounded memory until it breaks: up to about 16 MB of messages
    /// topic by topic, about as much of unpacked frames by id.
    pub fn read(
        &self,
        selection: &Selection,
        order: Order,
        each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
    ) -> Result<(), ArchiveError> {
        self.snapshot(|conn| match order {
            Order::Topic => batch::read(self, conn, selection, each),
            Order::Id => self.read_by_id(conn, selection, each),
        })
    }

    fn read_by_id(
        &self,
        conn: &Connection,
        selection: &Selection,
        each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let marks = Marks::many(conn)?;
        let stretches = if selection.topics.is_empty() {
            frames(conn, selection)?
        } else {
            let mut topics: Vec<i32> = selection.topics.iter().map(|topic| topic.0).collect();
            topics.sort_unstable();
            topics.dedup();
            batch::stretches(self, conn, &topics, selection)?
        };
        let sealed = Sealed::stretches(stretches);
        let _ = Merge::new(conn, &marks, selection, None, sealed).run(&self.frames, each)?;
        Ok(())
    }

    /// Ids within the range of which nothing is known, as ranges.
    pub fn unknown(
        &self,
        ids: RangeInclusive<i32>,
    ) -> Result<Vec<RangeInclusive<i32>>, ArchiveError> {
        self.snapshot(|conn| coverage::unknown(conn, &ids))
    }

    /// Where another source said something else than what is held, in the order in which it came up.
    pub fn disputes(&self) -> Result<Vec<Dispute>, ArchiveError> {
        self.snapshot(dispute::all)
    }

    /// What is known of ids and who says so, as ranges, ascending; what is left out is unknown.
    pub fn coverage(&self, ids: RangeInclusive<i32>) -> Result<Vec<Covered>, ArchiveError> {
        self.snapshot(|conn| coverage::ranges(conn, &ids))
    }

    /// Ids within the range that are captured and not deleted, ascending: what a reconciliation asks history about.
    pub fn existing(&self, ids: RangeInclusive<i32>) -> Result<Vec<MessageId>, ArchiveError> {
        self.snapshot(|conn| {
            let ranges = coverage::with_state(conn, &ids, Known::Captured)?;
            Ok(ranges.into_iter().flatten().map(MessageId).collect())
        })
    }

    /// A source's position.
    pub fn position(&self, name: &str) -> Result<Option<i64>, ArchiveError> {
        self.snapshot(|conn| {
            Ok(conn
                .prepare_cached("SELECT value FROM position WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })
    }

    /// Lets go of all that is kept unpacked: for a reader that waits to be used again.
    pub fn let_go(&self) {
        self.frames.take();
        db::let_go(&self.conn);
    }

    /// Lets go of frames only, as reading much else would; dictionaries stay.
    pub fn let_go_of_frames(&self) {
        self.frames.borrow_mut().let_go();
    }

    /// Runs `work` on one moment of the archive; within another read, on that read's moment.
    pub(super) fn snapshot<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, ArchiveError> {
        let result = if self.conn.is_autocommit() {
            self.conn
                .unchecked_transaction()
                .map_err(Fault::from)
                // Ends by rolling back when dropped: nothing was written.
                .and_then(|tx| work(&tx))
        } else {
            work(&self.conn)
        };
        result.map_err(|fault| fault.at(&self.path))
    }
}

/// The runs of a topic.
pub(super) fn runs(conn: &Connection, topic: i32) -> Result<Vec<i64>, Fault> {
    let mut statement = conn.prepare_cached("SELECT number FROM run WHERE topic = ?1")?;
    let numbers = statement.query_map([topic], |row| row.get(0))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// The frames that may hold something selected, as stretches.
fn frames(conn: &Connection, selection: &Selection) -> Result<Vec<Stretch>, Fault> {
    let mut statement = conn
        .prepare_cached("SELECT first_id, id, gone, first_date, last_date, last_id FROM frame")?;
    let mut rows = statement.query([])?;
    let mut stretches = Vec::new();
    while let Some(row) = rows.next()? {
        if selection.overlaps(row.get(3)?, row.get(4)?)
            && selection.overlaps_ids(row.get(0)?, row.get(5)?)
        {
            stretches.push(Stretch {
                first_id: row.get(0)?,
                frame: row.get(1)?,
                part: Part::Frame { gone: row.get(2)? },
            });
        }
    }
    Ok(stretches)
}
