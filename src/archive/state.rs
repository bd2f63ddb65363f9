//! `state.db`: what spans groups and is ours alone.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use super::error::{ArchiveError, Fault};
use crate::model::{GroupId, PersonId, TopicId};

/// What spans groups and is ours alone: `state.db`, `synchronous=FULL`.
#[derive(Debug)]
pub struct State {
    conn: Connection,
    path: PathBuf,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Unix seconds.
    pub at: i64,
    /// In which group.
    pub group: GroupId,
    /// In which topic.
    pub topic: TopicId,
    /// Who asked.
    pub person: PersonId,
    /// What was asked, a command's name.
    pub action: String,
    /// `allowed`, `refused`, `served`, `failed`.
    pub outcome: String,
}

impl State {
    pub(super) fn new(conn: Connection, path: PathBuf) -> Self {
        Self { conn, path }
    }

    /// Appends to the audit log.
    pub fn audit(&mut self, entry: &AuditEntry) -> Result<(), ArchiveError> {
        let insert = "INSERT INTO audit (at, group_id, topic, person, action, outcome) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.conn
            .prepare_cached(insert)
            .and_then(|mut statement| {
                statement.execute(params![
                    entry.at,
                    entry.group.bare(),
                    entry.topic.0,
                    entry.person.0,
                    entry.action,
                    entry.outcome
                ])
            })
            .map_err(|error| Fault::from(error).at(&self.path))?;
        Ok(())
    }

    /// The newest entries, newest first.
    pub fn audit_log(&self, limit: usize) -> Result<Vec<AuditEntry>, ArchiveError> {
        self.entries(limit).map_err(|fault| fault.at(&self.path))
    }

    pub(super) fn query<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, ArchiveError> {
        query(&self.conn).map_err(|fault| fault.at(&self.path))
    }

    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, ArchiveError> {
        change(&mut self.conn).map_err(|fault| fault.at(&self.path))
    }

    fn entries(&self, limit: usize) -> Result<Vec<AuditEntry>, Fault> {
        let select = "SELECT at, group_id, topic, person, action, outcome FROM audit \
                      ORDER BY seq DESC LIMIT ?1";
        let mut statement = self.conn.prepare_cached(select)?;
        let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(AuditEntry {
                at: row.get(0)?,
                group: GroupId::from_bare(row.get(1)?)
                    .ok_or(Fault::Damaged("an audit entry of an impossible group"))?,
                topic: TopicId(row.get(2)?),
                person: PersonId(row.get(3)?),
                action: row.get(4)?,
                outcome: row.get(5)?,
            });
        }
        Ok(entries)
    }
}
