//! What to compact.

use rusqlite::{Connection, params};

use super::stream::Stream;
use crate::archive::error::Fault;

/// Messages of a segment at most: reading in order of id has all its frames open at once, about
/// 16 MB.
const MOST: u64 = 262_144;

/// Segments merged at once: a frame of each is open.
const TOGETHER: usize = 64;

/// How frames should be packed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    pub(super) level: i32,
    pub(super) dictionary: Option<i64>,
}

/// Segments to merge into one.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) segments: Vec<i64>,
    /// Messages in them.
    pub(super) messages: u64,
    /// The segment to go on with: a merge of these that was interrupted.
    pub(super) begun: Option<i64>,
}

/// A segment as it is.
#[derive(Clone, Copy, Debug)]
struct Segment {
    number: i64,
    messages: u64,
    /// All is packed as it should be.
    is_tidy: bool,
    first_topic: i32,
    last_topic: i32,
}

/// Groups of neighbouring segments that are worth merging: so many of them, or, where one is
/// enough, any that are not packed as they should be.
pub(super) fn groups(conn: &Connection, aim: Aim, at_least: usize) -> Result<Vec<Group>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT segment, sum(messages * (runs - gone) / runs), \
           min(packed = ?1 AND dictionary IS ?2), min(first_topic), max(last_topic) \
         FROM frame GROUP BY segment ORDER BY min(first_id), segment",
    )?;
    let mut rows = statement.query(params![aim.level, aim.dictionary])?;
    let mut neighbours: Vec<Vec<Segment>> = Vec::new();
    let mut total = 0_u64;
    while let Some(row) = rows.next()? {
        let segment = Segment {
            number: row.get(0)?,
            messages: row.get(1)?,
            is_tidy: row.get(2)?,
            first_topic: row.get(3)?,
            last_topic: row.get(4)?,
        };
        total = total.saturating_add(segment.messages);
        match neighbours.last_mut() {
            Some(group) if total <= MOST && group.len() < TOGETHER => group.push(segment),
            _ => {
                total = segment.messages;
                neighbours.push(vec![segment]);
            }
        }
    }
    let groups = neighbours.into_iter().filter_map(|mut segments| {
        let begun = begun(&segments);
        let count = segments.len();
        segments.retain(|segment| Some(segment.number) != begun);
        let is_tidy = segments.iter().all(|segment| segment.is_tidy);
        let enough = count >= at_least && !(count == 1 && is_tidy);
        (enough && !segments.is_empty()).then(|| Group {
            messages: segments.iter().map(|segment| segment.messages).sum(),
            segments: segments.iter().map(|segment| segment.number).collect(),
            begun,
        })
    });
    Ok(groups.collect())
}

/// A merge goes on topic by topic: one that was interrupted has left a segment that ends where all
/// others begin.
fn begun(segments: &[Segment]) -> Option<i64> {
    let tidy = segments.iter().filter(|segment| segment.is_tidy);
    let begun = tidy.min_by_key(|segment| (segment.first_topic, segment.last_topic))?;
    let others = segments.iter().filter(|it| it.number != begun.number);
    others
        .clone()
        .all(|other| other.first_topic >= begun.last_topic)
        .then_some(begun.number)
        .filter(|_| others.count() > 0)
}

/// The segments as streams.
pub(super) fn streams(conn: &Connection, segments: &[i64]) -> Result<Vec<Stream>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT id, gone FROM frame WHERE segment = ?1 ORDER BY id")?;
    let mut streams = Vec::with_capacity(segments.len());
    for segment in segments {
        let frames = statement.query_map([segment], |row| Ok((row.get(0)?, row.get(1)?)))?;
        streams.push(Stream::new(frames.collect::<Result<_, _>>()?));
    }
    Ok(streams)
}

/// About how many bytes of text are sealed, and the frames that hold them.
pub(super) fn text(conn: &Connection) -> Result<(u64, Vec<(i64, usize)>), Fault> {
    let mut statement = conn.prepare_cached("SELECT id, gone, raw_bytes FROM frame ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut bytes, mut frames) = (0_u64, Vec::new());
    while let Some(row) = rows.next()? {
        frames.push((row.get(0)?, row.get(1)?));
        bytes = bytes.saturating_add(row.get(2)?);
    }
    // The rest are numbers and what is rare.
    Ok((bytes / 5 * 4, frames))
}
