//! What is kept beside messages: versions over frames, deletions, and what surrounds them.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::error::Fault;
use super::hot;
use super::mark;
use super::record::{Body, Record};
use crate::model::{self, Mark, Snapshot};

/// Up to this many marks are read at once when much is read; beyond it each message's are looked
/// up, so that memory stays bounded.
const AT_ONCE: i64 = 20_000;

/// Finds the marks of messages while they are read.
#[derive(Debug, Default)]
pub(super) struct Marks {
    over: Option<HashMap<i32, Vec<Body>>>,
    deleted: Option<HashMap<i32, Option<i64>>>,
    around: Option<HashMap<i32, Vec<Mark>>>,
}

impl Marks {
    /// For reading a few messages: looks up each.
    pub(super) fn few() -> Self {
        Self::default()
    }

    /// For reading many: reads all marks now if they are not too many.
    pub(super) fn many(conn: &Connection) -> Result<Self, Fault> {
        Self::within(conn, i32::MIN, i32::MAX, AT_ONCE)
    }

    /// For reading what lies within a range of ids: reads all marks there now if they are not too
    /// many.
    pub(super) fn within(
        conn: &Connection,
        first: i32,
        last: i32,
        at_once: i64,
    ) -> Result<Self, Fault> {
        let at_most = |sql: &str| -> Result<bool, Fault> {
            let count: i64 = conn
                .prepare_cached(sql)?
                .query_row(params![first, last, at_once + 1], |row| row.get(0))?;
            Ok(count <= at_once)
        };
        let mut marks = Self::default();
        if at_most(
            "SELECT count(*) FROM \
               (SELECT 1 FROM version WHERE overlay = 1 AND id BETWEEN ?1 AND ?2 LIMIT ?3)",
        )? {
            let mut over: HashMap<i32, Vec<Body>> = HashMap::new();
            for version in hot::versions(conn, hot::OVERLAY, first, last)? {
                over.entry(version.id).or_default().push(version.body);
            }
            marks.over = Some(over);
        }
        if at_most(
            "SELECT count(*) FROM \
               (SELECT 1 FROM deletion WHERE id BETWEEN ?1 AND ?2 LIMIT ?3)",
        )? {
            let mut statement =
                conn.prepare_cached("SELECT id, at FROM deletion WHERE id BETWEEN ?1 AND ?2")?;
            let mut rows = statement.query([first, last])?;
            let mut deleted = HashMap::new();
            while let Some(row) = rows.next()? {
                deleted.insert(row.get(0)?, row.get(1)?);
            }
            marks.deleted = Some(deleted);
        }
        if at_most("SELECT count(*) FROM (SELECT 1 FROM mark WHERE id BETWEEN ?1 AND ?2 LIMIT ?3)")?
        {
            let mut around: HashMap<i32, Vec<Mark>> = HashMap::new();
            mark::within(conn, first, last, |id, mark| {
                around.entry(id).or_default().push(mark)
            })?;
            marks.around = Some(around);
        }
        Ok(marks)
    }

    /// When a message's deletion was observed.
    pub(super) fn deleted_at(
        &self,
        conn: &Connection,
        record: &Record,
    ) -> Result<Option<i64>, Fault> {
        let row = match &self.deleted {
            Some(deleted) => deleted.get(&record.id).copied(),
            None => hot::deletion(conn, record.id)?,
        };
        Ok(row.unwrap_or(record.around.deleted_at))
    }

    /// What surrounds a message.
    fn around(&self, conn: &Connection, record: &Record) -> Result<model::Marks, Fault> {
        let mut marks = model::Marks::default();
        for marked in &record.around.marks {
            marks.set(marked.mark.clone());
        }
        match &self.around {
            Some(around) => {
                for mark in around.get(&record.id).into_iter().flatten() {
                    marks.set(mark.clone());
                }
            }
            None => {
                for marked in mark::rows(conn, record.id)? {
                    marks.set(marked.mark);
                }
            }
        }
        Ok(marks)
    }

    /// Whether a sealed message has versions over its frame.
    pub(super) fn is_overlaid(&self, conn: &Connection, id: i32) -> Result<bool, Fault> {
        match &self.over {
            Some(over) => Ok(over.contains_key(&id)),
            None => Ok(!hot::versions(conn, hot::OVERLAY, id, id)?.is_empty()),
        }
    }

    /// A sealed message as it stands now.
    pub(super) fn sealed(
        &self,
        conn: &Connection,
        topic: i32,
        record: Record,
    ) -> Result<Snapshot, Fault> {
        let over = match &self.over {
            Some(over) => over.get(&record.id).cloned().unwrap_or_default(),
            None => hot::versions(conn, hot::OVERLAY, record.id, record.id)?
                .into_iter()
                .map(|version| version.body)
                .collect(),
        };
        let deleted_at = self.deleted_at(conn, &record)?;
        let around = self.around(conn, &record)?;
        Ok(record.into_snapshot(topic, over, deleted_at, around))
    }

    /// A hot message as it stands now.
    pub(super) fn hot(
        &self,
        conn: &Connection,
        topic: i32,
        record: Record,
    ) -> Result<Snapshot, Fault> {
        let deleted_at = self.deleted_at(conn, &record)?;
        let around = self.around(conn, &record)?;
        Ok(record.into_snapshot(topic, Vec::new(), deleted_at, around))
    }
}
