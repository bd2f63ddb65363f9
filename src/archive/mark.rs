//! Marks: what surrounds a message and changes without anybody editing it.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::Fault;
use super::facts::source_number;
use crate::model::{Mark, Marks, Source};

/// A mark observed at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// What.
    pub mark: Mark,
    /// When it was observed, Unix seconds.
    pub at: i64,
}

fn kind(mark: &Mark) -> i64 {
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

/// Stores a mark unless it says nothing new; `next_seq` is only called when it does.
pub(super) fn put(
    conn: &Connection,
    id: i32,
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
    let mark = match &latest {
        None if mark.is_nothing() => return Ok(false),
        None => mark.clone(),
        Some((_, value)) => {
            let known: Mark = serde_json::from_str(value).map_err(unreadable)?;
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

/// How everything around a message stands.
pub(super) fn of(conn: &Connection, id: i32) -> Result<Marks, Fault> {
    let mut marks = Marks::default();
    for marked in history(conn, id)? {
        marks.set(marked.mark);
    }
    Ok(marks)
}

/// All marks of a message ever, oldest first.
pub(super) fn history(conn: &Connection, id: i32) -> Result<Vec<Marked>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT value, at FROM mark WHERE id = ?1 ORDER BY seq")?;
    let mut rows = statement.query([id])?;
    let mut history = Vec::new();
    while let Some(row) = rows.next()? {
        let value: String = row.get(0)?;
        history.push(Marked {
            mark: serde_json::from_str(&value).map_err(unreadable)?,
            at: row.get(1)?,
        });
    }
    Ok(history)
}

/// Every message's marks, in the order of the log.
pub(super) fn all(conn: &Connection, mut each: impl FnMut(i32, Mark)) -> Result<(), Fault> {
    let mut statement = conn.prepare_cached("SELECT id, value FROM mark ORDER BY seq")?;
    let mut rows = statement.query([])?;
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
