//! What is known of each message id, as merged ranges.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, params};

use super::error::Fault;
use crate::model::Source;

/// What is known of an id. No state: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// A message that exists is archived.
    Captured = 1,
    /// It was deleted; it may be archived all the same.
    Deleted = 2,
    /// There never was a message that a member can see.
    Empty = 3,
    /// Somebody's right to be forgotten was served; never captured again.
    Erased = 4,
    /// Kept for as long as the policy says, and no longer; never captured again.
    Expired = 5,
}

/// Who established it. What the userbot says counts, whoever saw it first; whether it saw it live or
/// in history is one value here, or every dropped update would begin a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The userbot.
    Userbot = 1,
    /// The CRM.
    Crm = 2,
    /// A file.
    Import = 3,
    /// The companion bot.
    Bot = 4,
}

impl Witness {
    fn from_number(number: i64) -> Result<Self, Fault> {
        match number {
            // Live was told apart once.
            0 | 1 => Ok(Self::Userbot),
            2 => Ok(Self::Crm),
            3 => Ok(Self::Import),
            4 => Ok(Self::Bot),
            _ => Err(Fault::Damaged("an unknown source in coverage")),
        }
    }
}

impl From<Source> for Witness {
    fn from(source: Source) -> Self {
        match source {
            Source::Live | Source::History => Self::Userbot,
            Source::Crm => Self::Crm,
            Source::Import => Self::Import,
            Source::Bot => Self::Bot,
        }
    }
}

/// What is known, and who says so.
pub(super) type State = (Known, Witness);

impl Known {
    fn from_number(number: i64) -> Result<Self, Fault> {
        match number {
            1 => Ok(Self::Captured),
            2 => Ok(Self::Deleted),
            3 => Ok(Self::Empty),
            4 => Ok(Self::Erased),
            5 => Ok(Self::Expired),
            _ => Err(Fault::Damaged("an unknown state in coverage")),
        }
    }
}

/// Ids of one state. Kept as i64 so that neighbours of the last i32 can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) known: Known,
    pub(super) witness: Witness,
}

impl Range {
    fn state(&self) -> State {
        (self.known, self.witness)
    }
}

/// The writer's view: changes wait in memory until the transaction's end, so that thousands of
/// consecutive ids become one row and not thousands of updates of it.
#[derive(Debug, Default)]
pub(super) struct Pending {
    changes: BTreeMap<i32, State>,
    /// The stored range or gap looked at last: neighbours of an id are mostly in the same one.
    seen: Option<(i64, i64, Option<State>)>,
}

impl Pending {
    /// What is known of an id, pending changes included.
    pub(super) fn get(&mut self, conn: &Connection, id: i32) -> Result<Option<Known>, Fault> {
        Ok(self.state(conn, id)?.map(|(known, _)| known))
    }

    /// The same, and who says so.
    pub(super) fn state(&mut self, conn: &Connection, id: i32) -> Result<Option<State>, Fault> {
        if let Some(known) = self.changes.get(&id) {
            return Ok(Some(*known));
        }
        let id = i64::from(id);
        if let Some((first, last, known)) = self.seen
            && (first..=last).contains(&id)
        {
            return Ok(known);
        }
        let seen = stored(conn, id)?;
        self.seen = Some(seen);
        Ok(seen.2)
    }

    /// Notes what is now known.
    pub(super) fn set(&mut self, id: i32, known: Known, witness: Witness) {
        self.changes.insert(id, (known, witness));
    }

    /// Highest id noted and not written yet.
    pub(super) fn highest(&self) -> Option<i32> {
        self.changes.last_key_value().map(|(id, _)| *id)
    }

    /// Writes the changes; to be called within the transaction.
    pub(super) fn flush(&mut self, conn: &Connection) -> Result<(), Fault> {
        self.seen = None;
        let mut open: Option<Range> = None;
        for (id, (known, witness)) in std::mem::take(&mut self.changes) {
            let id = i64::from(id);
            match &mut open {
                Some(range) if range.last + 1 == id && range.state() == (known, witness) => {
                    range.last = id;
                }
                _ => {
                    let next = Range {
                        first: id,
                        last: id,
                        known,
                        witness,
                    };
                    if let Some(done) = open.replace(next) {
                        put(conn, done)?;
                    }
                }
            }
        }
        open.map_or(Ok(()), |range| put(conn, range))
    }

    /// Forgets everything, after a rollback.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The stored range or gap that an id lies in.
fn stored(conn: &Connection, id: i64) -> Result<(i64, i64, Option<State>), Fault> {
    let before = conn
        .prepare_cached(
            "SELECT first, last, state, source FROM coverage \
             WHERE first <= ?1 ORDER BY first DESC LIMIT 1",
        )?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let mut gap_first = i64::MIN;
    if let Some((first, last, state, source)) = before {
        if id <= last {
            let state = (Known::from_number(state)?, Witness::from_number(source)?);
            return Ok((first, last, Some(state)));
        }
        gap_first = last + 1;
    }
    let after: Option<i64> = conn
        .prepare_cached("SELECT min(first) FROM coverage WHERE first > ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok((gap_first, after.map_or(i64::MAX, |first| first - 1), None))
}

/// Sets a range, cutting what it covers and joining equal neighbours.
fn put(conn: &Connection, mut range: Range) -> Result<(), Fault> {
    let mut touching = Vec::new();
    each_touching(conn, range.first - 1, range.last + 1, |old| {
        touching.push(old);
        Ok(())
    })?;
    let mut delete = conn.prepare_cached("DELETE FROM coverage WHERE first = ?1")?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO coverage (first, last, state, source) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let (first, last) = (range.first, range.last);
    for old in touching {
        delete.execute([old.first])?;
        if old.state() == range.state() {
            range.first = range.first.min(old.first);
            range.last = range.last.max(old.last);
            continue;
        }
        if old.first < first {
            insert.execute(params![
                old.first,
                old.last.min(first - 1),
                old.known as i64,
                old.witness as i64
            ])?;
        }
        if old.last > last {
            insert.execute(params![
                old.first.max(last + 1),
                old.last,
                old.known as i64,
                old.witness as i64
            ])?;
        }
    }
    insert.execute(params![
        range.first,
        range.last,
        range.known as i64,
        range.witness as i64
    ])?;
    Ok(())
}

/// Calls `each` with the ranges that share an id with `first..=last`, ascending: there may be
/// hundreds of thousands.
fn each_touching(
    conn: &Connection,
    first: i64,
    last: i64,
    mut each: impl FnMut(Range) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT first, last, state, source FROM coverage \
         WHERE first >= ifnull((SELECT max(first) FROM coverage WHERE first <= ?1), ?1) \
           AND first <= ?2 AND last >= ?1 ORDER BY first",
    )?;
    let mut rows = statement.query([first, last])?;
    while let Some(row) = rows.next()? {
        each(Range {
            first: row.get(0)?,
            last: row.get(1)?,
            known: Known::from_number(row.get(2)?)?,
            witness: Witness::from_number(row.get(3)?)?,
        })?;
    }
    Ok(())
}

/// The ids among `ids` that have this state, as ranges.
pub(super) fn with_state(
    conn: &Connection,
    ids: &RangeInclusive<i32>,
    known: Known,
) -> Result<Vec<RangeInclusive<i32>>, Fault> {
    let (start, end) = (i64::from(*ids.start()), i64::from(*ids.end()));
    if start > end {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    each_touching(conn, start, end, |range| {
        if range.known == known {
            ranges.push(narrow(range.first.max(start), range.last.min(end))?);
        }
        Ok(())
    })?;
    Ok(ranges)
}

/// The ids among `ids` of which nothing is known, as ranges.
pub(super) fn unknown(
    conn: &Connection,
    ids: &RangeInclusive<i32>,
) -> Result<Vec<RangeInclusive<i32>>, Fault> {
    let (mut next, end) = (i64::from(*ids.start()), i64::from(*ids.end()));
    let mut gaps = Vec::new();
    if next > end {
        return Ok(gaps);
    }
    each_touching(conn, next, end, |range| {
        if range.first > next {
            gaps.push(narrow(next, range.first - 1)?);
        }
        next = range.last + 1;
        Ok(())
    })?;
    if next <= end {
        gaps.push(narrow(next, end)?);
    }
    Ok(gaps)
}

fn narrow(first: i64, last: i64) -> Result<RangeInclusive<i32>, Fault> {
    match (i32::try_from(first), i32::try_from(last)) {
        (Ok(first), Ok(last)) => Ok(first..=last),
        _ => Err(Fault::Damaged("an impossible id in coverage")),
    }
}

/// Ids of which the same is known.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Covered {
    /// The ids.
    pub ids: RangeInclusive<i32>,
    /// What is known of them.
    pub known: Known,
    /// Who says so.
    pub witness: Witness,
}

/// What is known of ids, as ranges; what is left out is unknown.
pub(super) fn ranges(conn: &Connection, ids: &RangeInclusive<i32>) -> Result<Vec<Covered>, Fault> {
    let (start, end) = (i64::from(*ids.start()), i64::from(*ids.end()));
    if start > end {
        return Ok(Vec::new());
    }
    let mut ranges = Vec::new();
    each_touching(conn, start, end, |range| {
        ranges.push(Covered {
            ids: narrow(range.first.max(start), range.last.min(end))?,
            known: range.known,
            witness: range.witness,
        });
        Ok(())
    })?;
    Ok(ranges)
}

/// Highest id of which something is known.
pub(super) fn highest(conn: &Connection) -> Result<Option<i32>, Fault> {
    let last: Option<i32> = conn
        .prepare_cached("SELECT last FROM coverage ORDER BY first DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(last)
}

/// Sums over all ranges.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) captured: u64,
    pub(super) deleted: u64,
    pub(super) unknown: u64,
    pub(super) ids: Option<(i32, i32)>,
}

/// Counts ids by state; as quick as there are few ranges.
pub(super) fn totals(conn: &Connection) -> Result<Totals, Fault> {
    let mut totals = Totals::default();
    let mut next = 1_i64;
    each_touching(conn, i32::MIN.into(), i32::MAX.into(), |range| {
        let count = u64::try_from(range.last - range.first + 1).unwrap_or(0);
        match range.known {
            Known::Captured => totals.captured += count,
            Known::Deleted => totals.deleted += count,
            Known::Empty | Known::Erased | Known::Expired => {}
        }
        totals.unknown += u64::try_from(range.first - next).unwrap_or(0);
        next = next.max(range.last + 1);
        if range.known != Known::Empty {
            let ids = narrow(range.first, range.last)?;
            let first = totals.ids.map_or(*ids.start(), |(first, _)| first);
            totals.ids = Some((first, *ids.end()));
        }
        Ok(())
    })?;
    Ok(totals)
}
