//! What a step of compaction changes, and how it is written.

use rusqlite::{Connection, OptionalExtension, params};

use super::stream::{Stream, Taken, Used};
use crate::archive::codec::Record;
use crate::archive::counters::Counters;
use crate::archive::dictionary;
use crate::archive::error::Fault;
use crate::archive::hot::{self, HotVersion};
use crate::archive::mark;
use crate::archive::press::Packed;
use crate::archive::record::{Body, MAX_MESSAGE, Rest};
use crate::archive::segment;
use crate::model::Mark;
use crate::steps;

/// A part of compaction, ready to be written in one transaction.
#[derive(Debug, Default)]
pub struct Fold {
    /// A new dictionary, packed, and how much text it was trained on.
    dictionary: Option<(Vec<u8>, u64)>,
    /// The segment to write to; `None`: a new one.
    segment: Option<i64>,
    frames: Vec<Packed>,
    used: Vec<Used>,
    taken: Vec<Taken>,
    folded: Folded,
}

/// Rows that went into the frames, as they were read.
#[derive(Debug, Default)]
struct Folded {
    versions: Vec<HotVersion>,
    deletions: Vec<(i32, i64)>,
    marks: Vec<i64>,
    around: i64,
}

impl Fold {
    pub(super) fn dictionary(packed: Vec<u8>, trained_on: u64) -> Self {
        Self {
            dictionary: Some((packed, trained_on)),
            ..Self::default()
        }
    }

    /// `None`: nothing was read.
    pub(super) fn new(
        segment: Option<i64>,
        frames: Vec<Packed>,
        folder: Folder,
        streams: &mut [Stream],
    ) -> Option<Self> {
        let mut fold = Self {
            segment,
            frames,
            folded: folder.folded,
            ..Self::default()
        };
        for stream in streams {
            stream.drain(&mut fold.used, &mut fold.taken);
        }
        (!fold.taken.is_empty()).then_some(fold)
    }
}

/// Folds into records what came after they were sealed.
#[derive(Debug)]
pub(super) struct Folder {
    has_versions: bool,
    has_deletions: bool,
    has_marks: bool,
    folded: Folded,
}

impl Folder {
    pub(super) fn new(conn: &Connection) -> Result<Self, Fault> {
        let any = |sql: &str| -> Result<bool, Fault> { Ok(conn.prepare_cached(sql)?.exists([])?) };
        Ok(Self {
            has_versions: any("SELECT 1 FROM version WHERE overlay = 1 LIMIT 1")?,
            has_deletions: any("SELECT 1 FROM deletion LIMIT 1")?,
            has_marks: any("SELECT 1 FROM mark LIMIT 1")?,
            folded: Folded::default(),
        })
    }

    pub(super) fn fold(&mut self, conn: &Connection, mut record: Record) -> Result<Record, Fault> {
        let id = record.id;
        if self.has_versions {
            let over = hot::versions(conn, hot::OVERLAY, id, id)?;
            // A message that was edited without end: a frame stays within its limits.
            let bytes = size(&record.earlier) + over.iter().map(|it| it.body.size()).sum::<usize>();
            if !over.is_empty() && bytes <= MAX_MESSAGE {
                let bodies = over.iter().map(|version| version.body.clone()).collect();
                record = record.with_versions(bodies);
                record.earlier.iter_mut().for_each(settle);
                settle(&mut record.latest);
                self.folded.versions.extend(over);
            }
        }
        let around = record.around.clone();
        if self.has_deletions {
            let row: Option<(Option<i64>, i64)> = conn
                .prepare_cached("SELECT at, seq FROM deletion WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((at, seq)) = row {
                record.around.deleted_at = at;
                self.folded.deletions.push((id, seq));
            }
        }
        if self.has_marks {
            for (seq, marked) in mark::rows_with_seq(conn, id)? {
                // The list of pins is read as rows, and is short.
                if matches!(marked.mark, Mark::Pinned { .. }) {
                    continue;
                }
                marked.join(&mut record.around.marks);
                self.folded.marks.push(seq);
            }
        }
        if record.around != around {
            self.folded.around += 1;
        }
        Ok(record)
    }
}

fn size(bodies: &[Body]) -> usize {
    bodies.iter().map(Body::size).sum()
}

/// A version that stood for a sealed one is in its place now.
fn settle(body: &mut Body) {
    if let Some(rest) = &mut body.rest {
        rest.instead = false;
        if **rest == Rest::default() {
            body.rest = None;
        }
    }
}

/// Writes a fold, within the caller's transaction; returns the segment. `None`, and nothing is
/// written: what it is about has changed since it was made.
pub(in crate::archive) fn apply(
    conn: &Connection,
    counters: &mut Counters,
    fold: &Fold,
) -> Result<Option<i64>, Fault> {
    if !is_current(conn, fold)? {
        return Ok(None);
    }
    if let Some((packed, trained_on)) = &fold.dictionary {
        dictionary::store(conn, packed, *trained_on)?;
        return Ok(Some(0));
    }
    let target = fold.segment.unwrap_or_else(|| counters.next_segment());
    for packed in &fold.frames {
        segment::write(conn, counters, target, packed)?;
    }
    steps::passed("compact.after_frames");
    for run in &fold.used {
        segment::remove_run(conn, run.topic, run.last_id, run.number)?;
    }
    for taken in &fold.taken {
        match taken.left {
            None => conn
                .prepare_cached("DELETE FROM frame WHERE id = ?1")?
                .execute([taken.frame])?,
            Some((gone, topic)) => conn
                .prepare_cached("UPDATE frame SET gone = ?2, first_topic = ?3 WHERE id = ?1")?
                .execute(params![taken.frame, gone, topic])?,
        };
    }
    let folded = &fold.folded;
    for version in &folded.versions {
        conn.prepare_cached("DELETE FROM version WHERE seq = ?1")?
            .execute([version.seq])?;
    }
    for (id, _) in &folded.deletions {
        conn.prepare_cached("DELETE FROM deletion WHERE id = ?1")?
            .execute([id])?;
    }
    for seq in &folded.marks {
        conn.prepare_cached("DELETE FROM mark WHERE seq = ?1")?
            .execute([seq])?;
    }
    counters.around += folded.around;
    steps::passed("compact.before_commit");
    Ok(Some(target))
}

/// Whether everything is as it was when the fold was made.
fn is_current(conn: &Connection, fold: &Fold) -> Result<bool, Fault> {
    for taken in &fold.taken {
        let same = conn
            .prepare_cached("SELECT 1 FROM frame WHERE id = ?1 AND gone = ?2")?
            .exists(params![taken.frame, taken.before])?;
        if !same {
            return Ok(false);
        }
    }
    for version in &fold.folded.versions {
        let rows = hot::versions(conn, hot::OVERLAY, version.id, version.id)?;
        if !rows.contains(version) {
            return Ok(false);
        }
    }
    for (id, seq) in &fold.folded.deletions {
        let same = conn
            .prepare_cached("SELECT 1 FROM deletion WHERE id = ?1 AND seq = ?2")?
            .exists(params![id, seq])?;
        if !same {
            return Ok(false);
        }
    }
    for seq in &fold.folded.marks {
        let same = conn
            .prepare_cached("SELECT 1 FROM mark WHERE seq = ?1")?
            .exists([seq])?;
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}
