//! Sealed frames: finding and unpacking them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::codec::{CodecError, Dictionary, Frame, Record, Run};
use super::error::Fault;
use super::roster::Rosters;

/// Bytes of unpacked frames that are kept: all frames of a compacted segment fit, so that reading
/// it in order of id unpacks none of them twice.
pub(super) const KEPT: usize = 24 * 1024 * 1024;

/// A cache of unpacked frames. Frames never change and their ids are never used again, so it
/// outlives transactions.
#[derive(Debug)]
pub(super) struct Frames {
    /// Ascending by id.
    kept: Vec<Kept>,
    /// Bytes that are kept.
    limit: usize,
    /// Counts uses.
    clock: u64,
    dictionaries: HashMap<i64, Dictionary>,
    /// Topics and people at rest.
    pub(super) rosters: Rosters,
}

#[derive(Debug)]
struct Kept {
    id: i64,
    frame: Arc<Frame>,
    /// When it was last used.
    used: u64,
}

impl Default for Frames {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            limit: KEPT,
            clock: 0,
            dictionaries: HashMap::new(),
            rosters: Rosters::default(),
        }
    }
}

impl Frames {
    /// Keeps at most so many bytes of frames, and pages of rosters, from now on.
    pub(super) const fn limit(&mut self, bytes: usize, pages: usize) {
        self.limit = bytes;
        self.rosters.limit(pages);
    }

    /// A frame.
    pub(super) fn get(&mut self, conn: &Connection, id: i64) -> Result<Arc<Frame>, Fault> {
        self.clock += 1;
        let place = self.kept.binary_search_by_key(&id, |kept| kept.id);
        if let Some(kept) = place.ok().and_then(|place| self.kept.get_mut(place)) {
            kept.used = self.clock;
            return Ok(Arc::clone(&kept.frame));
        }
        let frame = Arc::new(self.load(conn, id)?);
        let mut bytes: usize = self.kept.iter().map(|kept| kept.frame.size()).sum();
        while bytes > self.limit
            && let Some(oldest) = self.kept.iter().map(|kept| kept.used).min()
        {
            self.kept.retain(|kept| {
                let stays = kept.used != oldest;
                bytes -= if stays { 0 } else { kept.frame.size() };
                stays
            });
        }
        let place = self.kept.partition_point(|kept| kept.id < id);
        self.kept.insert(
            place,
            Kept {
                id,
                frame: Arc::clone(&frame),
                used: self.clock,
            },
        );
        Ok(frame)
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self) {
        self.kept = Vec::new();
        self.dictionaries = HashMap::new();
        self.rosters.clear();
    }

    /// Lets go of frames; dictionaries stay.
    pub(super) fn let_go(&mut self) {
        self.kept.clear();
    }

    /// The frame that holds a run, and the run's slot in it.
    pub(super) fn holding(
        &mut self,
        conn: &Connection,
        run: i64,
    ) -> Result<(i64, Arc<Frame>, usize), Fault> {
        let id: Option<i64> = conn
            .prepare_cached("SELECT id FROM frame WHERE id <= ?1 ORDER BY id DESC LIMIT 1")?
            .query_row([run], |row| row.get(0))
            .optional()?;
        let id = id.ok_or(Fault::Damaged("a run of no frame"))?;
        let frame = self.get(conn, id)?;
        let slot = usize::try_from(run - id).unwrap_or(usize::MAX);
        if slot >= frame.heads().len() {
            return Err(Fault::Damaged("a run that its frame does not hold"));
        }
        Ok((id, frame, slot))
    }

    /// A run, by its number.
    pub(super) fn run(&mut self, conn: &Connection, number: i64) -> Result<Run, Fault> {
        let (id, frame, slot) = self.holding(conn, number)?;
        frame.run(slot).map_err(in_frame(id))
    }

    /// A sealed message and its topic. `topic` is where to look first.
    pub(super) fn find(
        &mut self,
        conn: &Connection,
        id: i32,
        topic: Option<i32>,
    ) -> Result<Option<(i32, Record)>, Fault> {
        if let Some(topic) = topic
            && let Some(record) = self.find_in_topic(conn, id, topic)?
        {
            return Ok(Some((topic, record)));
        }
        let candidates: Vec<(i64, usize)> = conn
            .prepare_cached(
                "SELECT id, gone FROM frame WHERE first_id <= ?1 AND last_id >= ?1 \
                 ORDER BY id DESC",
            )?
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (number, gone) in candidates {
            let frame = self.get(conn, number)?;
            for (slot, head) in frame.heads().iter().enumerate().skip(gone) {
                if head.first_id > id {
                    continue;
                }
                if let Some(record) = frame.find(slot, id).map_err(in_frame(number))? {
                    return Ok(Some((head.topic, record)));
                }
            }
        }
        Ok(None)
    }

    fn find_in_topic(
        &mut self,
        conn: &Connection,
        id: i32,
        topic: i32,
    ) -> Result<Option<Record>, Fault> {
        let mut statement = conn.prepare_cached(
            "SELECT number FROM run WHERE topic = ?1 AND last_id >= ?2 ORDER BY last_id",
        )?;
        let mut rows = statement.query(params![topic, id])?;
        while let Some(row) = rows.next()? {
            let (number, frame, slot) = self.holding(conn, row.get(0)?)?;
            if let Some(record) = frame.find(slot, id).map_err(in_frame(number))? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Reads and unpacks a frame, and keeps it for nobody.
    pub(super) fn load(&mut self, conn: &Connection, id: i64) -> Result<Frame, Fault> {
        let damaged = in_frame(id);
        let stored: Option<(Vec<u8>, Vec<u8>, Option<i64>)> = conn
            .prepare_cached("SELECT checksum, body, dictionary FROM frame WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let (checksum, body, dictionary) = stored.ok_or_else(|| damaged(CodecError::NotAFrame))?;
        if blake3::hash(&body).as_bytes() != checksum.as_slice() {
            return Err(damaged(CodecError::Checksum));
        }
        let dictionary = match dictionary {
            None => None,
            Some(number) => Some(self.dictionary(conn, number)?),
        };
        Frame::read(body, dictionary).map_err(damaged)
    }

    /// A dictionary; prepared once.
    pub(super) fn dictionary(
        &mut self,
        conn: &Connection,
        number: i64,
    ) -> Result<Dictionary, Fault> {
        match self.dictionaries.entry(number) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(unknown) => {
                let dictionary = super::dictionary::load(conn, number)?;
                Ok(unknown.insert(dictionary).clone())
            }
        }
    }
}

/// What is wrong with a frame, with its number.
pub(super) fn in_frame(frame: i64) -> impl Fn(CodecError) -> Fault {
    move |source| Fault::Frame { frame, source }
}
