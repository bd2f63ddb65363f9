//! Reads topic by topic.
//!
//! The runs of a topic are spread over many frames, and a frame holds runs of many topics: reading
//! each topic by itself would unpack every frame again and again. So topics are read in batches,
//! each with one pass over its frames that decodes this batch's runs only. A batch takes about
//! [`BUDGET`] bytes of memory; a topic that alone takes more is merged from its frames as they come
//! (see [`super::merge`]), since there the frames are mostly its own.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rusqlite::Connection;

use super::codec::Record;
use super::error::Fault;
use super::facts;
use super::marks::Marks;
use super::merge::{Merge, Sealed};
use super::reader::{Reader, runs, stretches};
use super::selection::Selection;
use crate::model::Snapshot;

/// Sealed messages of a batch take about this much: some 75,000 short ones.
const BUDGET: i64 = 16 * 1024 * 1024;

/// Streams what is selected topic by topic, ascending by id within.
pub(super) fn read(
    reader: &Reader,
    conn: &Connection,
    selection: &Selection,
    each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
) -> Result<(), Fault> {
    read_within(BUDGET, reader, conn, selection, each)
}

fn read_within(
    budget: i64,
    reader: &Reader,
    conn: &Connection,
    selection: &Selection,
    each: &mut dyn FnMut(Snapshot) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let marks = Marks::many(conn)?;
    let sizes = sizes(conn)?;
    let size = |topic: &i32| sizes.get(topic).copied().unwrap_or(0);
    let topics = topics(reader, conn, selection)?;
    let mut rest = topics.as_slice();
    while let Some(first) = rest.first() {
        let mut total = size(first);
        let more = rest.iter().skip(1).take_while(|topic| {
            total = total.saturating_add(size(topic));
            total <= budget
        });
        let (batch, later) = rest.split_at(1 + more.count());
        rest = later;
        let mut collected = if size(first) > budget {
            None
        } else {
            Some(collect(reader, conn, batch, selection)?)
        };
        for topic in batch {
            let sealed = match &mut collected {
                Some(collected) => {
                    Sealed::unpacked(*topic, collected.remove(topic).unwrap_or_default())
                }
                None => {
                    let mut frames = reader.frames.borrow_mut();
                    Sealed::stretches(stretches(conn, &mut frames, &[*topic])?)
                }
            };
            let merge = Merge::new(conn, &marks, selection, Some(*topic), sealed);
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
        let all = facts::topics(conn, &mut reader.frames.borrow_mut().rosters)?;
        topics = all.iter().map(|topic| topic.id.0).collect();
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

/// The sealed messages of some topics, each topic's ascending by id; one pass over their frames.
fn collect(
    reader: &Reader,
    conn: &Connection,
    topics: &[i32],
    selection: &Selection,
) -> Result<HashMap<i32, Vec<Record>>, Fault> {
    let mut wanted = Vec::new();
    for topic in topics {
        wanted.extend(runs(conn, *topic)?);
    }
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
