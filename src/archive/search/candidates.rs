//! Which runs may hold what a query asks for.

use std::cmp::Reverse;
use std::fmt::Write as _;

use rusqlite::Connection;

use super::query::{Filters, Query};
use super::scope::Scope;
use super::words::{Part, parts};
use crate::archive::codec::MAX_MESSAGES;
use crate::archive::error::Fault;
use crate::archive::{reader, segment};

/// A run that may hold something, by its highest id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    pub(super) last_id: i32,
    pub(super) frame: i64,
    pub(super) slot: usize,
}

/// Frames that were sealed or compacted together.
pub(super) struct Segment {
    number: i64,
    /// Its runs' numbers lie from here
    first_run: i64,
    /// to before here.
    end_run: i64,
    pub(super) last_id: i32,
}

/// All segments, those with the highest ids first.
pub(super) fn segments(conn: &Connection) -> Result<Vec<Segment>, Fault> {
    // A frame is numbered by its first run.
    let mut statement = conn.prepare_cached(
        "SELECT segment, first, frame.id + frame.runs, newest FROM \
           (SELECT segment AS number, min(id) AS first, max(id) AS last, max(last_id) AS newest \
            FROM frame GROUP BY segment) \
           JOIN frame ON frame.id = last ORDER BY newest DESC",
    )?;
    let segments = statement.query_map([], |row| {
        Ok(Segment {
            number: row.get(0)?,
            first_run: row.get(1)?,
            end_run: row.get(2)?,
            last_id: row.get(3)?,
        })
    })?;
    Ok(segments.collect::<Result<_, _>>()?)
}

/// What the indexes say of a query.
pub(super) struct Candidates<'a> {
    conn: &'a Connection,
    filters: &'a Filters,
    listed: Option<Vec<i64>>,
    of_topics: Option<Vec<i64>>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(
        conn: &'a Connection,
        query: &'a Query,
        scope: &Scope,
    ) -> Result<Self, Fault> {
        Ok(Self {
            conn,
            filters: &query.filters,
            listed: listed(conn, query)?,
            of_topics: runs_of_topics(conn, scope)?,
        })
    }

    /// Those of a segment, the newest first.
    pub(super) fn of(&self, segment: &Segment) -> Result<Vec<Candidate>, Fault> {
        let (listed, of_topics) = (self.listed.as_deref(), self.of_topics.as_deref());
        let is_without = |runs: &[i64]| within(runs, segment.first_run, segment.end_run).is_empty();
        if of_topics.is_some_and(is_without) {
            return Ok(Vec::new());
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT id, gone, runs, last_id, first_date, last_date, last_ids FROM frame \
             WHERE segment = ?1 ORDER BY id",
        )?;
        let mut rows = statement.query([segment.number])?;
        let mut candidates = Vec::new();
        while let Some(row) = rows.next()? {
            let (frame, gone, runs): (i64, usize, usize) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (first_date, last_date): (i64, i64) = (row.get(4)?, row.get(5)?);
            if self
                .filters
                .before
                .is_some_and(|before| first_date >= before)
                || self.filters.after.is_some_and(|after| last_date < after)
            {
                continue;
            }
            let last_ids = segment::last_ids(row.get_ref(6)?.as_blob().unwrap_or_default());
            let whole: i32 = row.get(3)?;
            // Whatever the row claims: a frame holds no more.
            let runs = runs.min(MAX_MESSAGES);
            let end = frame.saturating_add(i64::try_from(runs).unwrap_or(i64::MAX));
            // Not indexed yet: all of it may match.
            let listed = listed.filter(|_| last_ids.is_some());
            let numbers: Vec<i64> = match (listed, of_topics) {
                (None, None) => (frame..end).collect(),
                (Some(runs), None) | (None, Some(runs)) => within(runs, frame, end).to_vec(),
                (Some(listed), Some(of_topics)) => {
                    let listed = within(listed, frame, end);
                    let both = within(of_topics, frame, end).iter();
                    both.filter(|run| listed.binary_search(run).is_ok())
                        .copied()
                        .collect()
                }
            };
            for number in numbers {
                let slot = usize::try_from(number - frame).unwrap_or(0);
                if slot >= gone {
                    let known = last_ids.as_ref().and_then(|ids| ids.get(slot));
                    candidates.push(Candidate {
                        last_id: known.copied().unwrap_or(whole),
                        frame,
                        slot,
                    });
                }
            }
        }
        candidates.sort_unstable_by_key(|candidate| Reverse(*candidate));
        Ok(candidates)
    }
}

/// The runs that the index names, ascending; `None`: there is nothing to ask it. All at once:
/// what takes time is joining the lists of all words that begin as asked.
fn listed(conn: &Connection, query: &Query) -> Result<Option<Vec<i64>>, Fault> {
    let Some(expression) = expression(query) else {
        return Ok(None);
    };
    let mut statement =
        conn.prepare_cached("SELECT rowid FROM run_words WHERE run_words MATCH ?1")?;
    let runs = statement.query_map([expression], |row| row.get(0))?;
    let mut runs = runs.collect::<Result<Vec<i64>, _>>()?;
    runs.sort_unstable();
    Ok(Some(runs))
}

/// The runs of the topics asked about, ascending; `None`: of all.
fn runs_of_topics(conn: &Connection, scope: &Scope) -> Result<Option<Vec<i64>>, Fault> {
    let Some(topics) = &scope.topics else {
        return Ok(None);
    };
    let mut runs = Vec::new();
    for topic in topics {
        runs.extend(reader::runs(conn, *topic)?);
    }
    runs.sort_unstable();
    Ok(Some(runs))
}

/// What the index is asked for; `None`: there is nothing to ask.
fn expression(query: &Query) -> Option<String> {
    let mut expression = String::new();
    for term in &query.terms {
        let parts = parts(term.indexed());
        for (place, part) in parts.iter().enumerate() {
            if !expression.is_empty() {
                expression.push_str(" AND ");
            }
            let word: String = part.letters().collect();
            let is_last = place + 1 == parts.len();
            let is_whole = match part {
                Part::Word(_) => term.is_short() || !is_last,
                Part::Pair(letters) => letters.len() == 2,
            };
            // Words hold letters and digits only, so that nothing can leave the quotes.
            let end = if is_whole { "" } else { "*" };
            let _ = write!(expression, "\"{word}\"{end}");
        }
    }
    (!expression.is_empty()).then_some(expression)
}

/// Those of sorted numbers that lie within a range.
fn within(sorted: &[i64], from: i64, to: i64) -> &[i64] {
    let begin = sorted.partition_point(|number| *number < from);
    let end = sorted.partition_point(|number| *number < to);
    sorted.get(begin..end).unwrap_or_default()
}
