//! Writing frames, and the index of runs beside them.
//!
//! A *segment* is a number of frames that were written together, sorted by topic: one sealing, or
//! what compaction made of several. The number of a frame is that of its first run, and runs are
//! numbered throughout, so that a run's number says where it lies. Compaction takes the runs of a
//! frame away from its beginning; how many are *gone* stands beside it until the last one is.

use rusqlite::{Connection, params};

use super::counters::Counters;
use super::error::Fault;
use super::press::Packed;

/// Writes a frame; returns its number.
pub(super) fn write(
    conn: &Connection,
    counters: &mut Counters,
    segment: i64,
    packed: &Packed,
) -> Result<i64, Fault> {
    let encoded = &packed.encoded;
    let runs = &encoded.runs;
    let number = counters.runs + 1;
    let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    counters.runs += whole(runs.len());
    let last_ids: Vec<u8> = runs
        .iter()
        .flat_map(|run| run.last_id.to_le_bytes())
        .collect();
    conn.prepare_cached(
        "INSERT INTO frame (id, segment, packed, gone, first_topic, last_topic, first_id, last_id, \
           first_date, last_date, runs, messages, raw_bytes, dictionary, last_ids, checksum, \
           body) \
         VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
           ?16)",
    )?
    .execute(params![
        number,
        segment,
        packed.compacted,
        runs.iter().map(|run| run.topic).min(),
        runs.iter().map(|run| run.topic).max(),
        runs.iter().map(|run| run.first_id).min(),
        runs.iter().map(|run| run.last_id).max(),
        runs.iter().map(|run| run.first_date).min(),
        runs.iter().map(|run| run.last_date).max(),
        whole(runs.len()),
        whole(runs.iter().map(|run| run.count).sum::<usize>()),
        whole(encoded.raw_bytes),
        packed.dictionary,
        last_ids,
        blake3::hash(&encoded.body).as_bytes(),
        encoded.body
    ])?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO run (topic, last_id, number, count) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (number, run) in (number..).zip(runs) {
        insert.execute(params![run.topic, run.last_id, number, whole(run.count)])?;
    }
    keep_words(conn)?;
    let mut index = conn.prepare_cached("INSERT INTO run_words (rowid, words) VALUES (?1, ?2)")?;
    for (number, words) in (number..).zip(&packed.words) {
        index.execute(params![number, words])?;
    }
    Ok(number)
}

/// Pages of the word index that are merged at once: some 3 ms.
const MERGED: i64 = 16;

/// Has the word index merge nothing by itself: it would do so within a commit for which somebody
/// waits, and takes up to 100 ms. [`merge_words`] does it when nobody waits. (From 16 parts of a
/// size on it does all the same.)
fn keep_words(conn: &Connection) -> Result<(), Fault> {
    let kept = conn
        .prepare_cached("SELECT 1 FROM run_words_config WHERE k = 'automerge' AND v = 0")?
        .exists([])?;
    if !kept {
        let keep = "INSERT INTO run_words (run_words, rank) VALUES ('automerge', 0)";
        conn.execute(keep, [])?;
    }
    Ok(())
}

/// Merges a few pages of the word index; says whether there is more to merge.
pub(super) fn merge_words(conn: &Connection) -> Result<bool, Fault> {
    let before = conn.total_changes();
    conn.prepare_cached("INSERT INTO run_words (run_words, rank) VALUES ('merge', ?1)")?
        .execute([MERGED])?;
    // So SQLite's documentation has it: of less than 2 rows, one is the command itself.
    Ok(conn.total_changes() - before >= 2)
}

/// The highest ids of a frame's runs as they are stored beside it; `None`: they are not indexed.
pub(super) fn last_ids(stored: &[u8]) -> Option<Vec<i32>> {
    if stored.is_empty() {
        return None;
    }
    let each = stored.chunks_exact(4).filter_map(|it| it.try_into().ok());
    Some(each.map(i32::from_le_bytes).collect())
}

/// Takes a run out of both indexes.
pub(super) fn remove_run(
    conn: &Connection,
    topic: i32,
    last_id: i32,
    number: i64,
) -> Result<(), Fault> {
    let removed = conn
        .prepare_cached("DELETE FROM run WHERE topic = ?1 AND last_id = ?2 AND number = ?3")?
        .execute(params![topic, last_id, number])?;
    conn.prepare_cached("DELETE FROM run_words WHERE rowid = ?1")?
        .execute([number])?;
    match removed {
        1 => Ok(()),
        _ => Err(Fault::Damaged("a run that the index does not know")),
    }
}
