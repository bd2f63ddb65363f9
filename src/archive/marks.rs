//! What is kept beside messages: versions over frames, deletions, and what surrounds them.

use std::collections::HashMap;

use rusqlite::Connection;

use super::error::Fault;
use super::hot;
use super::mark;
use super::record::{Body, Record};
use crate::model::{self, Snapshot};

/// Up to this many marks are read at once when much is read; beyond it each message's are looked
/// up, so that memory stays bounded.
const AT_ONCE: i64 = 20_000;

/// Finds the marks of messages while they are read.
#[derive(Debug, Default)]
pub(super) struct Marks {
    over: Option<HashMap<i32, Vec<Body>>>,
    deleted: Option<HashMap<i32, i64>>,
    around: Option<HashMap<i32, model::Marks>>,
}

impl Marks {
    /// For reading a few messages: looks up each.
    pub(super) fn few() -> Self {
        Self::default()
    }

    /// For reading many: reads all marks now if they are not too many.
    pub(super) fn many(conn: &Connection) -> Result<Self, Fault> {
        let at_most = |sql: &str| -> Result<bool, Fault> {
            let count: i64 = conn
                .prepare_cached(sql)?
                .query_row([AT_ONCE + 1], |row| row.get(0))?;
            Ok(count <= AT_ONCE)
        };
        let mut marks = Self::default();
        if at_most("SELECT count(*) FROM (SELECT 1 FROM version WHERE overlay = 1 LIMIT ?1)")? {
            let mut over: HashMap<i32, Vec<Body>> = HashMap::new();
            for version in hot::versions(conn, hot::OVERLAY, i32::MIN, i32::MAX)? {
                over.entry(version.id).or_default().push(version.body);
            }
            marks.over = Some(over);
        }
        if at_most("SELECT count(*) FROM (SELECT 1 FROM deletion LIMIT ?1)")? {
            let mut statement = conn.prepare_cached("SELECT id, at FROM deletion")?;
            let mut rows = statement.query([])?;
            let mut deleted = HashMap::new();
            while let Some(row) = rows.next()? {
                deleted.insert(row.get(0)?, row.get(1)?);
            }
            marks.deleted = Some(deleted);
        }
        if at_most("SELECT count(*) FROM (SELECT 1 FROM mark LIMIT ?1)")? {
            let mut around: HashMap<i32, model::Marks> = HashMap::new();
            mark::all(conn, |id, mark| around.entry(id).or_default().set(mark))?;
            marks.around = Some(around);
        }
        Ok(marks)
    }

    /// When a message's deletion was observed.
    pub(super) fn deleted_at(&self, conn: &Connection, id: i32) -> Result<Option<i64>, Fault> {
        match &self.deleted {
            Some(deleted) => Ok(deleted.get(&id).copied()),
            None => hot::deleted_at(conn, id),
        }
    }

    /// What surrounds a message.
    fn around(&self, conn: &Connection, id: i32) -> Result<model::Marks, Fault> {
        match &self.around {
            Some(around) => Ok(around.get(&id).cloned().unwrap_or_default()),
            None => mark::of(conn, id),
        }
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
        let deleted_at = self.deleted_at(conn, record.id)?;
        let around = self.around(conn, record.id)?;
        Ok(record.into_snapshot(topic, over, deleted_at, around))
    }

    /// A hot message as it stands now.
    pub(super) fn hot(
        &self,
        conn: &Connection,
        topic: i32,
        record: Record,
    ) -> Result<Snapshot, Fault> {
        let deleted_at = self.deleted_at(conn, record.id)?;
        let around = self.around(conn, record.id)?;
        Ok(record.into_snapshot(topic, Vec::new(), deleted_at, around))
    }
}
