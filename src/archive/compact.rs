//! Compaction: many small segments into one large one, packed as tightly as it goes.
//!
//! Segments are merged by topic and id, as sorted files are: a frame of each is open, a new frame is
//! closed when it is full and none of the open runs is half read, and then written in one short
//! transaction that also takes the runs it replaces out of the old frames. Versions, deletions and
//! marks that came after sealing are folded in on the way. So there is no state to recover: after a
//! kill, what was written is there, and the next compaction goes on with what is left.
//!
//! Reading, decoding and compressing happen on a reader's connection and hold nobody up; only
//! [`Writer::fold`](super::Writer::fold) needs the writer, for one frame at a time. It looks whether
//! what was folded in is still as it was, and refuses otherwise; then the merge begins anew.

mod fold;
mod plan;
mod stream;

pub use fold::Fold;
pub(super) use fold::apply;

use std::ops::ControlFlow;
use std::path::PathBuf;

use rusqlite::Connection;

use self::fold::Folder;
use self::stream::Stream;
use super::dictionary;
use super::error::{ArchiveError, Fault};
use super::frames::Frames;
use super::press::Press;
use super::reader::Reader;

/// How to compact.
#[derive(Clone, Copy, Debug)]
pub struct CompactPolicy {
    /// zstd level.
    pub level: i32,
    /// Merge only where at least so many small segments come together.
    pub segments: usize,
}

impl CompactPolicy {
    /// Small segments that are worth merging while others write: each message is packed anew about
    /// three times until its segment is as large as segments get.
    pub const WORTHWHILE: usize = 16;
}

/// How far a compaction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Messages packed so far.
    pub messages: u64,
    /// Of how many.
    pub of: u64,
}

/// Compacts one archive; one at a time.
#[derive(Debug)]
pub struct Compactor {
    conn: Connection,
    path: PathBuf,
    policy: CompactPolicy,
    frames: Frames,
}

/// Applies a fold; `false`: what it is about has changed meanwhile.
type Apply<'a> = dyn FnMut(Fold) -> Result<Option<i64>, ArchiveError> + 'a;

impl Compactor {
    /// Over the connection of a reader.
    #[must_use]
    pub fn new(reader: Reader, policy: CompactPolicy) -> Self {
        let (conn, path) = reader.into_parts();
        Self {
            conn,
            path,
            policy,
            frames: Frames::default(),
        }
    }

    /// Does all there is to do. `apply` hands each part to the writer, `go_on` is asked after each;
    /// what was done until it breaks stays.
    pub fn run(
        &mut self,
        apply: &mut Apply<'_>,
        go_on: &mut dyn FnMut(Compacted) -> ControlFlow<()>,
    ) -> Result<Compacted, ArchiveError> {
        let at = |fault: Fault| fault.at(&self.path);
        let mut done = Compacted::default();
        if let Some(fold) = train(&self.conn, &mut self.frames).map_err(at)? {
            apply(fold)?;
        }
        let newest = dictionary::newest(&self.conn).map_err(at)?;
        let number = newest.map(|(number, _)| number);
        let dictionary = number.map(|number| self.frames.dictionary(&self.conn, number));
        let dictionary = dictionary.transpose().map_err(at)?;
        let aim = plan::Aim {
            level: self.policy.level,
            dictionary: number,
        };
        let groups = plan::groups(&self.conn, aim, self.policy.segments).map_err(at)?;
        done.of = groups.iter().map(|group| group.messages).sum();
        for group in groups {
            let before = done.messages;
            // What changes under us is rare; a group that does so again is left for later.
            for _ in 0..3 {
                let press = Press::new(self.policy.level, number.zip(dictionary.as_ref()));
                let mut merge = Merge {
                    conn: &self.conn,
                    frames: &mut self.frames,
                    streams: plan::streams(&self.conn, &group.segments).map_err(at)?,
                    press: press.map_err(at)?.compacting(),
                    segment: group.begun,
                };
                match merge.run(apply, &mut done, go_on, &self.path)? {
                    Ended::Whole => break,
                    Ended::Changed => done.messages = before,
                    Ended::Stopped => return Ok(done),
                }
            }
        }
        Ok(done)
    }
}

/// Trains a dictionary where one is due.
fn train(conn: &Connection, frames: &mut Frames) -> Result<Option<Fold>, Fault> {
    let (text, all) = plan::text(conn)?;
    if !dictionary::is_due(dictionary::newest(conn)?, text) {
        return Ok(None);
    }
    let bytes = dictionary::train(conn, frames, &all, text)?;
    let packed = bytes.map(|bytes| dictionary::pack(&bytes)).transpose()?;
    Ok(packed.map(|packed| Fold::dictionary(packed, text)))
}

/// How a merge ended.
enum Ended {
    Whole,
    Changed,
    Stopped,
}

/// One merge.
struct Merge<'a> {
    conn: &'a Connection,
    frames: &'a mut Frames,
    streams: Vec<Stream>,
    press: Press,
    segment: Option<i64>,
}

impl Merge<'_> {
    fn run(
        &mut self,
        apply: &mut Apply<'_>,
        done: &mut Compacted,
        go_on: &mut dyn FnMut(Compacted) -> ControlFlow<()>,
        path: &std::path::Path,
    ) -> Result<Ended, ArchiveError> {
        loop {
            let step = self.step().map_err(|fault| fault.at(path))?;
            let Some((messages, fold)) = step else {
                return Ok(Ended::Whole);
            };
            let Some(segment) = apply(fold)? else {
                return Ok(Ended::Changed);
            };
            self.segment = Some(segment);
            done.messages += messages;
            if go_on(*done).is_break() {
                return Ok(Ended::Stopped);
            }
        }
    }

    /// Makes the next frame, on one moment of the archive; `None` at the end.
    fn step(&mut self) -> Result<Option<(u64, Fold)>, Fault> {
        // Ends by rolling back when dropped: nothing was written.
        let moment = self.conn.unchecked_transaction()?;
        let mut folder = Folder::new(&moment)?;
        let mut frames = Vec::new();
        let mut messages = 0;
        loop {
            for stream in &mut self.streams {
                stream.fill(&moment, self.frames)?;
            }
            let next = self.streams.iter().enumerate();
            let next = next.filter_map(|(number, stream)| Some((stream.place()?, number)));
            let next = next.min().map(|(_, number)| number);
            let at_rest = self.streams.iter().all(Stream::is_at_rest);
            if at_rest && !self.press.is_empty() && (self.press.is_full() || next.is_none()) {
                frames.push(self.press.finish()?);
            }
            if next.is_none() || (at_rest && !frames.is_empty()) {
                break;
            }
            let stream = next.and_then(|number| self.streams.get_mut(number));
            let Some((topic, record)) = stream.and_then(Stream::take) else {
                break;
            };
            let record = folder.fold(&moment, record)?;
            // Runs that interleave for long: their frames wait for each other.
            if self.press.is_overfull() && self.press.begins_run(topic, &record) {
                frames.push(self.press.finish()?);
            }
            self.press.push(topic, &record)?;
            messages += 1;
        }
        let fold = Fold::new(self.segment, frames, folder, &mut self.streams);
        Ok(fold.map(|fold| (messages, fold)))
    }
}
