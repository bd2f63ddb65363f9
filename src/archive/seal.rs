//! Packing hot messages into frames.

use rusqlite::{Connection, params};

use super::codec::{Encoded, Encoder, Record};
use super::counters::Counters;
use super::error::Fault;
use super::hot::{self, HotVersion};
use super::record::{Body, MAX_MESSAGE};

/// When to seal.
#[derive(Clone, Copy, Debug)]
pub struct SealPolicy {
    /// Seal when at least this many messages are hot.
    pub hot_messages: u64,
    /// zstd level.
    pub level: i32,
}

/// What a sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Messages that went into frames.
    pub messages: u64,
    /// Frames written.
    pub frames: u64,
}

/// Messages packed in one transaction. Bounds the memory of sealing and, since the frames of one
/// chunk interleave, of reading everything in order.
const CHUNK: usize = 32_768;

/// Packs the lowest hot ids: frames in, hot rows out. Within the caller's transaction, so that a
/// crash leaves either the rows or the frames.
pub(super) fn chunk(
    conn: &Connection,
    counters: &mut Counters,
    level: i32,
) -> Result<Sealed, Fault> {
    let ids = hot::ids_after(conn, None, None, CHUNK)?;
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(Sealed::default());
    };
    let mut versions = hot::versions(conn, hot::HOT, *first, *last)?;
    keep_excess_hot(conn, &mut versions)?;
    let mut records = hot::into_records(versions);
    records.sort_by_key(|(topic, record)| (*topic, record.id));

    let mut sealed = Sealed::default();
    let mut encoder = Encoder::default();
    for (topic, record) in &records {
        push(&mut encoder, *topic, record)?;
        if encoder.is_full() {
            store(conn, &mut encoder, level)?;
            sealed.frames += 1;
        }
    }
    if !encoder.is_empty() {
        store(conn, &mut encoder, level)?;
        sealed.frames += 1;
    }
    conn.prepare_cached("DELETE FROM version WHERE overlay = ?1 AND id BETWEEN ?2 AND ?3")?
        .execute(params![hot::HOT, first, last])?;
    sealed.messages = records.len() as u64;
    counters.hot -= i64::try_from(sealed.messages).unwrap_or(0);
    Ok(sealed)
}

fn push(encoder: &mut Encoder, topic: i32, record: &Record) -> Result<(), Fault> {
    encoder
        .push(topic, record)
        .map_err(|_| Fault::Damaged("a message that cannot be encoded"))
}

/// A message may have been edited without end (a bot's progress line). Only its first versions are
/// packed; the others stay as rows over the frame, so that a frame stays within its limits.
fn keep_excess_hot(conn: &Connection, versions: &mut Vec<HotVersion>) -> Result<(), Fault> {
    let mut excess = Vec::new();
    let (mut id, mut bytes) = (None, 0);
    versions.retain(|version| {
        if id != Some(version.id) {
            (id, bytes) = (Some(version.id), 0);
            return true;
        }
        bytes += size(&version.body);
        if bytes > MAX_MESSAGE {
            excess.push(version.seq);
        }
        bytes <= MAX_MESSAGE
    });
    let mut keep = conn.prepare_cached("UPDATE version SET overlay = ?2 WHERE seq = ?1")?;
    for seq in excess {
        keep.execute(params![seq, hot::OVERLAY])?;
    }
    Ok(())
}

/// About what a version takes.
fn size(body: &Body) -> usize {
    let rest = body.rest.as_deref().map_or(0, |rest| {
        serde_json::to_string(rest).map_or(0, |json| json.len())
    });
    64 + body.text.len() + rest
}

fn store(conn: &Connection, encoder: &mut Encoder, level: i32) -> Result<(), Fault> {
    let Encoded {
        body,
        raw_bytes,
        runs,
    } = encoder
        .finish(level)
        .map_err(|_| Fault::Damaged("messages that cannot be encoded"))?;
    conn.prepare_cached(
        "INSERT INTO frame (first_id, last_id, first_date, last_date, messages, raw_bytes, \
           checksum, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        runs.iter().map(|run| run.first_id).min(),
        runs.iter().map(|run| run.last_id).max(),
        runs.iter().map(|run| run.first_date).min(),
        runs.iter().map(|run| run.last_date).max(),
        i64::try_from(runs.iter().map(|run| run.count).sum::<usize>()).unwrap_or(i64::MAX),
        i64::try_from(raw_bytes).unwrap_or(i64::MAX),
        blake3::hash(&body).as_bytes(),
        body
    ])?;
    let frame = conn.last_insert_rowid();
    let mut insert = conn.prepare_cached(
        "INSERT INTO run (topic, last_id, frame, slot, first_id, first_date, last_date, count) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for (slot, run) in (0_i64..).zip(&runs) {
        insert.execute(params![
            run.topic,
            run.last_id,
            frame,
            slot,
            run.first_id,
            run.first_date,
            run.last_date,
            i64::try_from(run.count).unwrap_or(i64::MAX)
        ])?;
    }
    Ok(())
}

/// Returns the pages of sealed hot rows to the file system where they are more than a quarter of
/// the file; fewer are soon used again.
pub(super) fn give_back(conn: &Connection) -> Result<(), Fault> {
    let free: i64 = conn.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if free > pages / 4 {
        let mut vacuum = conn.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}
