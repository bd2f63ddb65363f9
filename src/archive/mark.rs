//! Marks: what surrounds a message and changes without anybody editing it.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::error::Fault;
use super::facts::{source_from, source_number};
use crate::model::{Mark, Source};

/// A mark observed at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// What.
    #[serde(rename = "k")]
    pub mark: Mark,
    /// When it was observed, Unix seconds.
    #[serde(rename = "t")]
    pub at: i64,
    /// Who observed it.
    #[serde(rename = "s")]
    pub source: Source,
}

impl Marked {
    /// Adds it to the marks of a message before it.
    pub(super) fn join(self, marks: &mut Vec<Self>) {
        // Views only grow, and how they did is of no use to anybody.
        if matches!(self.mark, Mark::Views(_)) {
            marks.retain(|known| !matches!(known.mark, Mark::Views(_)));
        }
        marks.push(self);
    }
}

pub(super) fn kind(mark: &Mark) -> i64 {
    match mark {
        Mark::Reactions(_) => 1,
        Mark::Pinned { .. } => 2,
        Mark::Votes(_) => 3,
        Mark::Views(_) => 4,
    }
}

fn unreadable(_: serde_json::Error) -> Fault {
    Fault::Damaged("an unreadable mark")
}

/// What is missing in a new observation and known from the one before: Telegram tells who reacted
/// and who voted only some of the time. Whoever is known stays, as long as the numbers do.
fn completed(new: &Mark, known: &Mark) -> Mark {
    match (new, known) {
        (Mark::Reactions(new), Mark::Reactions(known))
            if new.counts == known.counts && new.people.len() < known.people.len() =>
        {
            Mark::Reactions(known.clone())
        }
        (Mark::Votes(new), Mark::Votes(known)) => {
            let mut votes = new.clone();
            if votes.answers.is_empty() && votes.voters == known.voters {
                votes.answers.clone_from(&known.answers);
            }
            if votes.people.len() < known.people.len() && votes.answers == known.answers {
                votes.people.clone_from(&known.people);
            }
            Mark::Votes(votes)
        }
        (Mark::Views(new), Mark::Views(known)) => Mark::Views(crate::model::Views {
            views: new.views.max(known.views),
            forwards: new.forwards.max(known.forwards),
        }),
        _ => new.clone(),
    }
}

/// Stores a mark unless it says nothing new; `next_seq` is only called when it does. `folded` tells
/// how marks of its kind stood when the message was last packed; it is asked where there is no row.
pub(super) fn put(
    conn: &Connection,
    id: i32,
    folded: impl FnOnce() -> Result<Option<Mark>, Fault>,
    mark: &Mark,
    source: Source,
    at: i64,
    next_seq: impl FnOnce() -> i64,
) -> Result<bool, Fault> {
    let kind = kind(mark);
    let latest: Option<(i64, String)> = conn
        .prepare_cached(
            "SELECT seq, value FROM mark WHERE id = ?1 AND kind = ?2 ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![id, kind], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let known = match &latest {
        None => folded()?,
        Some((_, value)) => serde_json::from_str(value).map_err(unreadable)?,
    };
    let mark = match known {
        None if mark.is_nothing() => return Ok(false),
        None => mark.clone(),
        Some(known) => {
            let mark = completed(mark, &known);
            if mark == known {
                return Ok(false);
            }
            mark
        }
    };
    // Views only grow, and how they did is of no use to anybody.
    if let (Mark::Views(_), Some((seq, _))) = (&mark, &latest) {
        conn.prepare_cached("DELETE FROM mark WHERE seq = ?1")?
            .execute([seq])?;
    }
    let value = serde_json::to_string(&mark).map_err(unreadable)?;
    conn.prepare_cached(
        "INSERT INTO mark (seq, id, kind, at, source, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        next_seq(),
        id,
        kind,
        at,
        source_number(source),
        value
    ])?;
    Ok(true)
}

/// The marks of a message that are rows, oldest first; all are later than those folded in.
pub(super) fn rows(conn: &Connection, id: i32) -> Result<Vec<Marked>, Fault> {
    let rows = rows_with_seq(conn, id)?;
    Ok(rows.into_iter().map(|(_, marked)| marked).collect())
}

/// The same with their sequence numbers.
pub(super) fn rows_with_seq(conn: &Connection, id: i32) -> Result<Vec<(i64, Marked)>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT seq, value, at, source FROM mark WHERE id = ?1 ORDER BY seq")?;
    let mut rows = statement.query([id])?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let value: String = row.get(1)?;
        let marked = Marked {
            mark: serde_json::from_str(&value).map_err(unreadable)?,
            at: row.get(2)?,
            source: source_from(row.get(3)?)?,
        };
        marks.push((row.get(0)?, marked));
    }
    Ok(marks)
}

/// The marks of messages within a range of ids, each message's in the order of the log.
pub(super) fn within(
    conn: &Connection,
    first: i32,
    last: i32,
    mut each: impl FnMut(i32, Mark),
) -> Result<(), Fault> {
    let mut statement = conn
        .prepare_cached("SELECT id, value FROM mark WHERE id BETWEEN ?1 AND ?2 ORDER BY id, seq")?;
    let mut rows = statement.query([first, last])?;
    while let Some(row) = rows.next()? {
        let value: String = row.get(1)?;
        each(
            row.get(0)?,
            serde_json::from_str(&value).map_err(unreadable)?,
        );
    }
    Ok(())
}

/// The pinned messages, ascending.
pub(super) fn pinned(conn: &Connection) -> Result<Vec<i32>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT id, value FROM mark WHERE seq IN \
           (SELECT max(seq) FROM mark WHERE kind = 2 GROUP BY id) ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    let mut pinned = Vec::new();
    while let Some(row) = rows.next()? {
        let value: String = row.get(1)?;
        if serde_json::from_str::<Mark>(&value).map_err(unreadable)?
            == (Mark::Pinned { pinned: true })
        {
            pinned.push(row.get(0)?);
        }
    }
    Ok(pinned)
}

/// Remembers in which message a poll stands.
pub(super) fn put_poll(conn: &Connection, poll: i64, message: i32) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO poll (id, message) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![poll, message])?;
    Ok(())
}

/// In which message a poll stands.
pub(super) fn poll(conn: &Connection, poll: i64) -> Result<Option<i32>, Fault> {
    Ok(conn
        .prepare_cached("SELECT message FROM poll WHERE id = ?1")?
        .query_row([poll], |row| row.get(0))
        .optional()?)
}
