//! Sealed frames: finding and unpacking them.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::codec::{CodecError, Record, Run, decode_frame, decode_runs};
use super::error::Fault;

/// Frames kept unpacked, about 0.5 MB each. Sealing packs at most 32,768 messages at once, which is
/// about a dozen frames: those whose ids interleave fit.
const KEPT: usize = 16;

/// A small cache of unpacked frames. Frames never change and their ids are never reused, so it
/// outlives transactions.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// Most recently used last.
    kept: Vec<(i64, Arc<Vec<Run>>)>,
}

impl Frames {
    /// A frame's runs.
    pub(super) fn get(&mut self, conn: &Connection, frame: i64) -> Result<Arc<Vec<Run>>, Fault> {
        if let Some(place) = self.kept.iter().position(|(id, _)| *id == frame) {
            let entry = self.kept.remove(place);
            let runs = Arc::clone(&entry.1);
            self.kept.push(entry);
            return Ok(runs);
        }
        let runs = Arc::new(load(conn, frame)?);
        if self.kept.len() == KEPT {
            self.kept.remove(0);
        }
        self.kept.push((frame, Arc::clone(&runs)));
        Ok(runs)
    }

    /// Some of a frame's runs, by slot, ascending. What was not asked for is neither decoded nor
    /// kept, so that reading a topic does not drive out what others use.
    pub(super) fn runs(
        &self,
        conn: &Connection,
        frame: i64,
        slots: &[usize],
    ) -> Result<Vec<Run>, Fault> {
        if let Some((_, runs)) = self.kept.iter().find(|(id, _)| *id == frame) {
            let run = |slot: &usize| {
                let missing = Fault::Damaged("a run that its frame does not hold");
                runs.get(*slot).cloned().ok_or(missing)
            };
            return slots.iter().map(run).collect();
        }
        decode_runs(&stored(conn, frame)?, slots).map_err(|source| Fault::Frame { frame, source })
    }

    /// A sealed message and its topic. `topic` is where to look first.
    pub(super) fn find(
        &mut self,
        conn: &Connection,
        id: i32,
        topic: Option<i32>,
    ) -> Result<Option<(i32, Record)>, Fault> {
        if let Some(topic) = topic {
            let candidates = numbers(
                conn,
                "SELECT frame, slot FROM run \
                 WHERE topic = ?1 AND last_id >= ?2 AND first_id <= ?2 ORDER BY last_id",
                &[topic, id],
            )?;
            for (frame, slot) in candidates {
                let runs = self.get(conn, frame)?;
                let run = usize::try_from(slot).ok().and_then(|slot| runs.get(slot));
                if let Some(run) = run
                    && let Some(record) = in_run(run, id)
                {
                    return Ok(Some((run.topic, record.clone())));
                }
            }
        }
        let candidates = numbers(
            conn,
            "SELECT id, 0 FROM frame WHERE first_id <= ?1 AND last_id >= ?1 ORDER BY id DESC",
            &[id],
        )?;
        for (frame, _) in candidates {
            for run in self.get(conn, frame)?.iter() {
                if let Some(record) = in_run(run, id) {
                    return Ok(Some((run.topic, record.clone())));
                }
            }
        }
        Ok(None)
    }
}

fn in_run(run: &Run, id: i32) -> Option<&Record> {
    let place = run
        .records
        .binary_search_by_key(&id, |record| record.id)
        .ok()?;
    run.records.get(place)
}

fn numbers(conn: &Connection, sql: &str, values: &[i32]) -> Result<Vec<(i64, i64)>, Fault> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(0)?, row.get(1)?));
    }
    Ok(found)
}

fn load(conn: &Connection, frame: i64) -> Result<Vec<Run>, Fault> {
    decode_frame(&stored(conn, frame)?).map_err(|source| Fault::Frame { frame, source })
}

/// A frame's bytes, as they were written.
fn stored(conn: &Connection, frame: i64) -> Result<Vec<u8>, Fault> {
    let damaged = |source| Fault::Frame { frame, source };
    let stored: Option<(Vec<u8>, Vec<u8>)> = conn
        .prepare_cached("SELECT checksum, body FROM frame WHERE id = ?1")?
        .query_row([frame], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (checksum, body) = stored.ok_or_else(|| damaged(CodecError::NotAFrame))?;
    if blake3::hash(&body).as_bytes() != checksum.as_slice() {
        return Err(damaged(CodecError::Checksum));
    }
    Ok(body)
}
