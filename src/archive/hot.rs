//! Hot rows: versions of messages before they are sealed, and those that came after.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, Row, params};

use super::error::Fault;
use super::record::{Around, Body, Record};

/// A hot message, to be sealed.
pub(super) const HOT: i64 = 0;
/// A version over a sealed message.
pub(super) const OVERLAY: i64 = 1;

/// A row of `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HotVersion {
    pub(super) seq: i64,
    pub(super) id: i32,
    pub(super) topic: i32,
    pub(super) date: i64,
    pub(super) author: Option<i64>,
    pub(super) body: Body,
}

const COLUMNS: &str = "seq, id, topic, date, author, edit_date, reply, text, rest";

fn from_row(row: &Row<'_>) -> Result<HotVersion, Fault> {
    let rest: Option<String> = row.get(8)?;
    let rest = match rest {
        None => None,
        Some(json) => Some(
            serde_json::from_str(&json)
                .map_err(|_| Fault::Damaged("a hot row with unreadable details"))?,
        ),
    };
    Ok(HotVersion {
        seq: row.get(0)?,
        id: row.get(1)?,
        topic: row.get(2)?,
        date: row.get(3)?,
        author: row.get(4)?,
        body: Body {
            edit_date: row.get(5)?,
            reply: row.get(6)?,
            text: row.get(7)?,
            ..Body::default()
        }
        .with_rest(rest),
    })
}

/// Inserts a version.
pub(super) fn insert(conn: &Connection, overlay: i64, version: &HotVersion) -> Result<(), Fault> {
    conn.prepare_cached(
        "INSERT INTO version (seq, overlay, id, topic, date, author, edit_date, reply, text, rest) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        version.seq,
        overlay,
        version.id,
        version.topic,
        version.date,
        version.author,
        version.body.edit_date,
        version.body.reply,
        version.body.text,
        version.body.rest_json()?
    ])?;
    Ok(())
}

/// Rewrites what a later observation filled in.
pub(super) fn update(conn: &Connection, version: &HotVersion) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE version SET reply = ?2, rest = ?3 WHERE seq = ?1")?
        .execute(params![
            version.seq,
            version.body.reply,
            version.body.rest_json()?
        ])?;
    Ok(())
}

/// Puts another version in the place of one.
pub(super) fn replace(
    conn: &Connection,
    overlay: i64,
    seq: i64,
    version: &HotVersion,
) -> Result<(), Fault> {
    conn.prepare_cached("DELETE FROM version WHERE seq = ?1")?
        .execute([seq])?;
    insert(conn, overlay, version)?;
    // What belongs to the message as a whole is the same in all its rows.
    conn.prepare_cached(
        "UPDATE version SET topic = ?3, date = ?4, author = ?5 WHERE overlay = ?1 AND id = ?2",
    )?
    .execute(params![
        overlay,
        version.id,
        version.topic,
        version.date,
        version.author
    ])?;
    Ok(())
}

/// Moves a hot message that was first seen without its topic.
pub(super) fn set_topic(conn: &Connection, id: i32, topic: i32) -> Result<(), Fault> {
    conn.prepare_cached("UPDATE version SET topic = ?2 WHERE overlay = 0 AND id = ?1")?
        .execute([id, topic])?;
    Ok(())
}

/// Up to `count` versions over sealed messages, in the order of the log, after `after`.
pub(super) fn overlaid_after(
    conn: &Connection,
    after: Option<i64>,
    count: usize,
) -> Result<Vec<HotVersion>, Fault> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM version WHERE overlay = 1 AND seq > ?1 ORDER BY seq LIMIT ?2"
    ))?;
    let mut rows = statement.query(params![after.unwrap_or(i64::MIN), count])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(from_row(row)?);
    }
    Ok(versions)
}

/// The versions of messages in a range of ids, by id, each message's oldest first.
pub(super) fn versions(
    conn: &Connection,
    overlay: i64,
    first: i32,
    last: i32,
) -> Result<Vec<HotVersion>, Fault> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM version WHERE overlay = ?1 AND id BETWEEN ?2 AND ?3"
    ))?;
    let mut rows = statement.query(params![overlay, first, last])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(from_row(row)?);
    }
    sort(&mut versions);
    Ok(versions)
}

/// The hot messages of a topic in a range of ids.
pub(super) fn topic_versions(
    conn: &Connection,
    topic: i32,
    first: i32,
    last: i32,
) -> Result<Vec<HotVersion>, Fault> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM version INDEXED BY version_topic \
         WHERE overlay = 0 AND topic = ?1 AND id BETWEEN ?2 AND ?3"
    ))?;
    let mut rows = statement.query(params![topic, first, last])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(from_row(row)?);
    }
    sort(&mut versions);
    Ok(versions)
}

fn sort(versions: &mut [HotVersion]) {
    versions.sort_by_key(|version| (version.id, version.body.order(), version.seq));
}

/// Up to `count` ids of hot messages above `after`, ascending; of one topic or all.
pub(super) fn ids_after(
    conn: &Connection,
    topic: Option<i32>,
    after: Option<i32>,
    count: usize,
) -> Result<Vec<i32>, Fault> {
    // SQLite's integers are wider: one below the lowest id means from the start.
    let after = after.map_or(i64::from(i32::MIN) - 1, i64::from);
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let sql = match topic {
        None => {
            "SELECT DISTINCT id FROM version WHERE overlay = 0 AND id > ?1 ORDER BY id LIMIT ?2"
        }
        Some(_) => {
            "SELECT DISTINCT id FROM version INDEXED BY version_topic \
             WHERE overlay = 0 AND id > ?1 AND topic = ?3 ORDER BY id LIMIT ?2"
        }
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = match topic {
        None => statement.query(params![after, count])?,
        Some(topic) => statement.query(params![after, count, topic])?,
    };
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(row.get(0)?);
    }
    Ok(ids)
}

/// The newest hot messages of a topic: their ids, descending.
pub(super) fn newest_ids(
    conn: &Connection,
    topic: i32,
    below: Option<i32>,
    count: usize,
) -> Result<Vec<i32>, Fault> {
    let statement = conn.prepare_cached(
        "SELECT DISTINCT id FROM version INDEXED BY version_topic \
         WHERE overlay = 0 AND id < ?1 AND topic = ?3 ORDER BY id DESC LIMIT ?2",
    )?;
    descending(statement, below, count, Some(topic))
}

/// The newest hot messages of all topics: their ids, descending.
pub(super) fn newest_ids_of_all(
    conn: &Connection,
    below: Option<i32>,
    count: usize,
) -> Result<Vec<i32>, Fault> {
    let statement = conn.prepare_cached(
        "SELECT DISTINCT id FROM version \
         WHERE overlay = 0 AND id < ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    descending(statement, below, count, None)
}

fn descending(
    mut statement: CachedStatement<'_>,
    below: Option<i32>,
    count: usize,
    topic: Option<i32>,
) -> Result<Vec<i32>, Fault> {
    let below = below.map_or(i64::from(i32::MAX) + 1, i64::from);
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows = match topic {
        None => statement.query(params![below, count])?,
        Some(topic) => statement.query(params![below, count, topic])?,
    };
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        ids.push(row.get(0)?);
    }
    Ok(ids)
}

/// The topics that have hot messages.
pub(super) fn topics(conn: &Connection) -> Result<HashSet<i32>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT topic FROM version INDEXED BY version_topic WHERE overlay = 0",
    )?;
    let topics = statement.query_map([], |row| row.get(0))?;
    Ok(topics.collect::<Result<_, _>>()?)
}

/// Versions of several messages, sorted, as records with their topics.
pub(super) fn into_records(versions: Vec<HotVersion>) -> Vec<(i32, Record)> {
    let mut records: Vec<(i32, Record)> = Vec::new();
    for version in versions {
        match records.last_mut() {
            Some((_, record)) if record.id == version.id => {
                let before = std::mem::replace(&mut record.latest, version.body);
                record.earlier.push(before);
            }
            _ => records.push((
                version.topic,
                Record {
                    id: version.id,
                    date: version.date,
                    author: version.author,
                    latest: version.body,
                    earlier: Vec::new(),
                    around: Around::default(),
                },
            )),
        }
    }
    records
}

/// What a row says of a message's deletion: when it was observed, or that it was taken back.
/// `None`: there is no row, and what is sealed counts.
pub(super) fn deletion(conn: &Connection, id: i32) -> Result<Option<Option<i64>>, Fault> {
    use rusqlite::OptionalExtension;
    Ok(conn
        .prepare_cached("SELECT at FROM deletion WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}
