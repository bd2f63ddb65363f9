//! The one writer of an archive.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior, params};

use super::append::{Appended, Appending, Memory, Position};
use super::compact::{self, Fold};
use super::counters::Counters;
use super::coverage::{Known, Witness};
use super::db;
use super::dictionary;
use super::error::{ArchiveError, Fault, OpenError};
use super::load::{Load, Loaded};
use super::lock::Lock;
use super::media::{self, FileChange};
use super::roster;
use super::seal::{self, SealPolicy, Sealed};
use super::segment;
use crate::model::Observed;
use crate::steps;

/// Pages of facts written in one transaction, so that others do not wait for all of them.
const FACTS: usize = 8;

/// What a writer that [keeps little](Writer::keep_little) keeps: bytes of unpacked frames, pages of
/// topics and people of some 80 KB, and KiB of the file's pages.
const LITTLE: (usize, usize, i32) = (4 * 1024 * 1024, 16, 2 * 1024);

/// The one writer of an archive.
#[derive(Debug)]
pub struct Writer {
    conn: Connection,
    path: PathBuf,
    memory: Memory,
    /// Released after the connection, as fields are dropped in this order.
    _lock: Lock,
}

impl Writer {
    pub(super) fn new(conn: Connection, path: PathBuf, lock: Lock) -> Result<Self, OpenError> {
        let counters = match Counters::load(&conn) {
            Ok(counters) => counters,
            Err(Fault::Sqlite(error)) => return Err(OpenError::sqlite(&path, error)),
            Err(fault) => {
                let detail = fault.at(&path).to_string();
                return Err(OpenError::Corrupt { path, detail });
            }
        };
        Ok(Self {
            conn,
            path,
            memory: Memory {
                counters,
                ..Memory::default()
            },
            _lock: lock,
        })
    }

    /// Appends events and positions in one transaction; what is known already is a no-op.
    pub fn append(
        &mut self,
        events: &[Observed],
        positions: &[Position],
    ) -> Result<Appended, ArchiveError> {
        let appended = self.append_all(&[(events, positions)])?;
        Ok(appended.into_iter().next().unwrap_or_default())
    }

    /// Several appends in one transaction, each with its own account: all or none.
    pub(super) fn append_all(
        &mut self,
        batch: &[(&[Observed], &[Position])],
    ) -> Result<Vec<Appended>, ArchiveError> {
        self.transaction(|conn, memory| {
            let done = batch
                .iter()
                .map(|(events, positions)| Appending::new(conn, memory).run(events, positions))
                .collect::<Result<Vec<_>, Fault>>()?;
            steps::passed("archive.before_commit");
            Ok(done)
        })
        .inspect(|_| steps::passed("archive.after_commit"))
    }

    /// Remembers the group's title.
    pub fn set_title(&mut self, title: &str) -> Result<(), ArchiveError> {
        self.transaction(|conn, _| {
            conn.execute(
                "INSERT INTO meta (key, value) VALUES ('title', ?1) \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
                params![title],
            )?;
            Ok(())
        })
    }

    /// Notes what became of files, in one transaction.
    pub fn note_files(&mut self, changes: &[FileChange]) -> Result<(), ArchiveError> {
        self.transaction(|conn, _| {
            changes
                .iter()
                .try_for_each(|change| media::change(conn, change))
        })
    }

    /// Settles ids once and for all, as erasure and retention do: what is [`Known::Erased`] or
    /// [`Known::Expired`] is never captured again, whoever shows it. What is archived of them is
    /// not touched.
    pub fn settle(&mut self, ids: RangeInclusive<i32>, known: Known) -> Result<(), ArchiveError> {
        self.transaction(|_, memory| {
            for id in ids {
                memory.coverage.set(id, known, Witness::Userbot);
            }
            Ok(())
        })
    }

    /// Packs hot messages into frames as the policy says.
    pub fn seal(&mut self, policy: &SealPolicy) -> Result<Sealed, ArchiveError> {
        let mut sealed = Sealed::default();
        if self.hot() < policy.hot_messages {
            return Ok(sealed);
        }
        loop {
            steps::passed("seal.before_frames");
            let chunk = self.transaction(|conn, memory| {
                let (press, counters) = memory.press(conn, policy.level)?;
                let chunk = seal::chunk(conn, counters, press)?;
                steps::passed("seal.before_commit");
                Ok(chunk)
            })?;
            steps::passed("seal.after_commit");
            if chunk.messages == 0 {
                break;
            }
            sealed.messages += chunk.messages;
            sealed.frames += chunk.frames;
        }
        if sealed.messages > 0 {
            seal::give_back(&self.conn).map_err(|fault| fault.at(&self.path))?;
        }
        Ok(sealed)
    }

    /// Writes a part of a file, in one transaction. `at`: now, Unix seconds.
    pub fn load(&mut self, load: Load, at: i64) -> Result<Loaded, ArchiveError> {
        steps::passed("load.before_frames");
        let loaded = self.transaction(|conn, memory| {
            let mut done = Loaded::default();
            let mut load = load;
            if Appending::new(conn, memory).is_news(&load)? {
                Appending::new(conn, memory).loaded(&load)?;
                done.new += load.ids.len() as u64;
            } else {
                // The file tells of something twice.
                let events = std::mem::take(&mut load)
                    .into_events(|number| dictionary::load(conn, number), at)?;
                done.add(Appending::new(conn, memory).run(&events, &[])?);
            }
            done.add(Appending::new(conn, memory).run(&load.rest, &[])?);
            steps::passed("load.before_commit");
            Ok(done)
        })?;
        steps::passed("load.after_commit");
        Ok(loaded)
    }

    /// Does a little of what can wait, and says whether there is more: merges parts of the word
    /// index, which grows by one with each sealing and each part of compaction, and puts topics and
    /// people to rest. What is read is the same before and after; searches are slower before.
    pub fn tidy(&mut self) -> Result<bool, ArchiveError> {
        let merging = self.transaction(|conn, _| segment::merge_words(conn))?;
        Ok(merging || self.settle_facts(false, 1)?)
    }

    /// From now on keeps little of what makes work quicker, for a writer that lives for months.
    pub(super) fn keep_little(&mut self) -> Result<(), OpenError> {
        let (frames, rosters, pages) = LITTLE;
        self.memory.frames.limit(frames, rosters);
        db::keep(&self.conn, pages).map_err(|error| OpenError::sqlite(&self.path, error))
    }

    /// Writes a part of compaction; returns the segment it went to. `None`: what it is about has
    /// changed since it was made, and nothing was written.
    pub fn fold(&mut self, fold: &Fold) -> Result<Option<i64>, ArchiveError> {
        steps::passed("compact.before_frames");
        let segment =
            self.transaction(|conn, memory| compact::apply(conn, &mut memory.counters, fold))?;
        steps::passed("compact.after_commit");
        Ok(segment)
    }

    /// Removes what compaction left behind, and returns free pages to the file system where there
    /// are many.
    pub fn sweep(&mut self) -> Result<(), ArchiveError> {
        self.transaction(|conn, _| dictionary::sweep(conn))?;
        seal::give_back(&self.conn).map_err(|fault| fault.at(&self.path))
    }

    /// Puts topics and people to rest; says whether some are left.
    fn settle_facts(&mut self, all: bool, pages: usize) -> Result<bool, ArchiveError> {
        steps::passed("facts.before_pages");
        let left = self.transaction(|conn, _| {
            let topics = roster::fold(conn, &roster::TOPICS, all, pages)?;
            let people = roster::fold(conn, &roster::PEOPLE, all, pages)?;
            steps::passed("facts.before_commit");
            Ok(topics || people)
        })?;
        steps::passed("facts.after_commit");
        Ok(left)
    }

    /// Writes the file anew, as small as it goes. Takes as much disk again meanwhile, and holds up
    /// everybody.
    pub fn vacuum(&mut self) -> Result<(), ArchiveError> {
        while self.settle_facts(true, FACTS)? {}
        let all = "INSERT INTO run_words (run_words) VALUES ('optimize'); \
                   VACUUM; PRAGMA wal_checkpoint(TRUNCATE)";
        let done = self.conn.execute_batch(all).map_err(Fault::from);
        done.map_err(|fault| fault.at(&self.path))
    }

    /// Lets go of what it keeps for quicker work: for after much of it.
    pub(super) fn let_go(&mut self) {
        self.memory.let_go();
        db::let_go(&self.conn);
    }

    /// Messages in hot rows.
    pub(super) fn hot(&self) -> u64 {
        u64::try_from(self.memory.counters.hot).unwrap_or(0)
    }

    /// Highest sequence number of the log.
    pub(super) fn last_seq(&self) -> i64 {
        self.memory.counters.seq
    }

    /// For tests that make the disk full or the file unwritable.
    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in a transaction; what is remembered follows it, also when it is rolled back.
    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, &mut Memory) -> Result<T, Fault>,
    ) -> Result<T, ArchiveError> {
        let before = self.memory.counters;
        self.memory.fresh.clear();
        self.memory.places.clear();
        let memory = &mut self.memory;
        let result = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(Fault::from)
            .and_then(|tx| {
                let value = work(&tx, memory)?;
                memory.coverage.flush(&tx)?;
                memory.counters.save(&tx, &before)?;
                tx.commit()?;
                Ok(value)
            });
        result.map_err(|fault| {
            memory.counters = before;
            memory.coverage.clear();
            memory.let_go();
            fault.at(&self.path)
        })
    }
}
