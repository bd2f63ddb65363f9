//! Packing hot messages into frames.

use rusqlite::{Connection, params};

use super::counters::Counters;
use super::error::Fault;
use super::hot::{self, HotVersion};
use super::press::Press;
use super::record::MAX_MESSAGE;
use super::segment;

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
    press: &mut Press,
) -> Result<Sealed, Fault> {
    let ids = hot::ids_after(conn, None, None, CHUNK)?;
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(Sealed::default());
    };
    let mut versions = hot::versions(conn, hot::HOT, *first, *last)?;
    keep_excess_hot(conn, &mut versions)?;
    let mut records = hot::into_records(versions);
    records.sort_by_key(|(topic, record)| (*topic, record.id));

    let segment = counters.next_segment();
    let frames = press.pack(&records)?;
    for packed in &frames {
        segment::write(conn, counters, segment, packed)?;
    }
    conn.prepare_cached("DELETE FROM version WHERE overlay = ?1 AND id BETWEEN ?2 AND ?3")?
        .execute(params![hot::HOT, first, last])?;
    let messages = records.len() as u64;
    counters.hot -= i64::try_from(messages).unwrap_or(0);
    Ok(Sealed {
        messages,
        frames: frames.len() as u64,
    })
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
        bytes += version.body.size();
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

/// Returns free pages to the file system where they are more than a quarter of the file; fewer are
/// soon used again.
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
