//! Reads topic by topic.
//!
//! The runs of a topic are spread over many frames, and a frame holds runs of many topics: reading
//! each topic by itself might unpack every frame again and again. So topics are read in batches. As
//! compaction leaves them, the frames of a batch fit the cache (see [`super::frames`]), and its
//! topics are merged from there one after the other (see [`super::merge`]). Where they do not, one
//! pass over them decodes the batch's runs, which take about [`BATCH`] bytes of memory. A topic that
//! alone takes more is merged from its frames all the same, since there they are mostly its own.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rusqlite::Connection;

use super::codec::Record;
use super::error::Fault;
use super::facts;
use super::frames;
use super::hot;
use super::marks::Marks;
use super::merge::{Merge, Part, Sealed, Stretch};
use super::reader::{Reader, runs};
use super::selection::Selection;
use crate::model::Snapshot;

/// Sealed messages of a batch take about this much: some 75,000 short ones.
const BATCH: i64 = 16 * 1024 * 1024;

/// Unpacked columns that fit the cache of frames, with all that is kept beside them.
const CACHED: i64 = frames::KEPT as i64 / 2;

/// Streams what is selected topic by topic, ascending by id within.
pub(super) fn read(
    reader: &Reader,
    conn: &Connection,
    selection: &Selection,
    each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
) -> Result<(), Fault> {
    read_within((BATCH, CACHED), reader, conn, selection, each)
}

fn read_within(
    (batch, cached): (i64, i64),
    reader: &Reader,
    conn: &Connection,
    selection: &Selection,
    each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let marks = Marks::many(conn)?;
    let sizes = sizes(conn)?;
    let size = |topic: &i32| sizes.get(topic).copied().unwrap_or(0);
    let frames = Catalogue::read(conn)?;
    let hot = hot::topics(conn)?;
    let topics = topics(reader, conn, selection)?;
    let mut rest = topics.as_slice();
    while let Some(first) = rest.first() {
        let mut total = size(first);
        let more = rest.iter().skip(1).take_while(|topic| {
            total = total.saturating_add(size(topic));
            total <= batch
        });
        let (topics, later) = rest.split_at(1 + more.count());
        rest = later;
        let runs = runs_of(conn, topics, selection)?;
        let mut collected = if size(first) > batch || frames.bytes(&runs)? <= cached {
            None
        } else {
            Some(collect(reader, conn, &runs, selection)?)
        };
        let mut left = runs.as_slice();
        for topic in topics {
            let sealed = match &mut collected {
                Some(collected) => {
                    Sealed::unpacked(*topic, collected.remove(topic).unwrap_or_default())
                }
                None => {
                    let (own, others) = left.split_at(left.partition_point(|run| run.0 <= *topic));
                    left = others;
                    Sealed::stretches(frames.stretches(reader, conn, own)?)
                }
            };
            let merge = Merge::new(conn, &marks, selection, Some(*topic), sealed);
            let merge = if hot.contains(topic) {
                merge
            } else {
                merge.all_sealed()
            };
            if merge.run(&reader.frames, each)?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The topics selected, ascending.
fn topics(reader: &Reader, conn: &Connection, selection: &Selection) -> Result<Vec<i32>, Fault> {
    let mut topics: Vec<i32> = selection.topics.iter().map(|topic| topic.0).collect();
    if topics.is_empty() {
        let rosters = &mut reader.frames.borrow_mut().rosters;
        facts::each_topic(conn, rosters, &mut |topic| topics.push(topic.id.0))?;
    }
    topics.sort_unstable();
    topics.dedup();
    Ok(topics)
}

/// About how much memory the sealed messages of each topic take: what frames hold of a message on
/// average, and what a decoded message costs beyond.
fn sizes(conn: &Connection) -> Result<HashMap<i32, i64>, Fault> {
    let average: Option<i64> = conn
        .prepare_cached("SELECT sum(raw_bytes) / max(sum(messages), 1) FROM frame")?
        .query_row([], |row| row.get(0))?;
    let one = average.unwrap_or(0).saturating_add(160);
    let mut statement = conn.prepare_cached("SELECT topic, sum(count) FROM run GROUP BY topic")?;
    let mut rows = statement.query([])?;
    let mut sizes = HashMap::new();
    while let Some(row) = rows.next()? {
        let count: i64 = row.get(1)?;
        sizes.insert(row.get(0)?, count.saturating_mul(one).max(0));
    }
    Ok(sizes)
}

/// A run by its topic and its number.
type NumberedRun = (i32, i64);

/// The runs of topics, ascending by topic.
fn runs_of(
    conn: &Connection,
    topics: &[i32],
    selection: &Selection,
) -> Result<Vec<NumberedRun>, Fault> {
    let mut found = Vec::new();
    if let ([first, .., last], true) = (topics, selection.topics.is_empty()) {
        // There is little between topics that follow each other.
        let mut statement =
            conn.prepare_cached("SELECT topic, number FROM run WHERE topic BETWEEN ?1 AND ?2")?;
        let mut rows = statement.query([first, last])?;
        while let Some(row) = rows.next()? {
            let topic = row.get(0)?;
            if topics.binary_search(&topic).is_ok() {
                found.push((topic, row.get(1)?));
            }
        }
    } else {
        for topic in topics {
            found.extend(runs(conn, *topic)?.into_iter().map(|run| (*topic, run)));
        }
    }
    Ok(found)
}

/// The runs of some topics, as stretches.
pub(super) fn stretches(
    reader: &Reader,
    conn: &Connection,
    topics: &[i32],
    selection: &Selection,
) -> Result<Vec<Stretch>, Fault> {
    let runs = runs_of(conn, topics, selection)?;
    Catalogue::read(conn)?.stretches(reader, conn, &runs)
}

/// All frames: what is needed to find runs without asking for each.
struct Catalogue {
    /// Number of the first run and unpacked size of each, ascending.
    frames: Vec<(i64, i64)>,
}

impl Catalogue {
    fn read(conn: &Connection) -> Result<Self, Fault> {
        let mut statement = conn.prepare_cached("SELECT id, raw_bytes FROM frame ORDER BY id")?;
        let frames = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self {
            frames: frames.collect::<Result<_, _>>()?,
        })
    }

    /// The frame that holds a run, and its size.
    fn holding(&self, run: i64) -> Result<(i64, i64), Fault> {
        let after = self.frames.partition_point(|(first, _)| *first <= run);
        let frame = after
            .checked_sub(1)
            .and_then(|place| self.frames.get(place));
        frame.copied().ok_or(Fault::Damaged("a run of no frame"))
    }

    /// How much the frames that hold some runs take when they are unpacked.
    fn bytes(&self, runs: &[NumberedRun]) -> Result<i64, Fault> {
        let mut frames = HashMap::new();
        for (_, run) in runs {
            let (frame, bytes) = self.holding(*run)?;
            frames.insert(frame, bytes);
        }
        Ok(frames
            .values()
            .fold(0, |sum, bytes| sum.saturating_add(*bytes)))
    }

    /// Runs as stretches.
    fn stretches(
        &self,
        reader: &Reader,
        conn: &Connection,
        runs: &[NumberedRun],
    ) -> Result<Vec<Stretch>, Fault> {
        let mut frames = reader.frames.borrow_mut();
        let mut stretches = Vec::with_capacity(runs.len());
        for (_, run) in runs {
            let (frame, _) = self.holding(*run)?;
            let slot = usize::try_from(run - frame).unwrap_or(usize::MAX);
            let unpacked = frames.get(conn, frame)?;
            let head = unpacked.heads().get(slot);
            let head = head.ok_or(Fault::Damaged("a run that its frame does not hold"))?;
            stretches.push(Stretch {
                first_id: head.first_id,
                frame,
                part: Part::Run(slot),
            });
        }
        Ok(stretches)
    }
}

/// The sealed messages of some runs, each topic's ascending by id; one pass over their frames.
fn collect(
    reader: &Reader,
    conn: &Connection,
    runs: &[NumberedRun],
    selection: &Selection,
) -> Result<HashMap<i32, Vec<Record>>, Fault> {
    let mut wanted: Vec<i64> = runs.iter().map(|(_, run)| *run).collect();
    // One frame after the other.
    wanted.sort_unstable();
    let mut frames = reader.frames.borrow_mut();
    let mut collected: HashMap<i32, Vec<Record>> = HashMap::new();
    for number in wanted {
        let run = frames.run(conn, number)?;
        let dated = run
            .records
            .into_iter()
            .filter(|record| selection.takes_record(record));
        collected.entry(run.topic).or_default().extend(dated);
    }
    for records in collected.values_mut() {
        // Runs rarely overlap: old messages may have trickled in later.
        records.sort_by_key(|record| record.id);
    }
    Ok(collected)
}

#[cfg(test)]
mod tests;
