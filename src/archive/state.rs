//! `state.db`: what spans groups and is ours alone.

mod links;
mod outbox;
mod pulls;
mod questions;
mod refresh;
mod served;
mod triggered;

pub use links::Link;
pub use outbox::{Outgoing, OutgoingState};
pub use questions::{Question, QuestionState};
pub use served::{Served, Turn};
pub use triggered::Fired;

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, params};

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
    /// What came of it: nothing secret, nothing about the customer.
    pub result: Option<String>,
}

impl State {
    pub(super) fn new(conn: Connection, path: PathBuf) -> Self {
        Self { conn, path }
    }

    /// Appends to the audit log.
    pub fn audit(&mut self, entry: &AuditEntry) -> Result<(), ArchiveError> {
        let insert = "INSERT INTO audit (at, group_id, topic, person, action, outcome, result) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.conn
            .prepare_cached(insert)
            .and_then(|mut statement| {
                statement.execute(params![
                    entry.at,
                    entry.group.bare(),
                    entry.topic.0,
                    entry.person.0,
                    entry.action,
                    entry.outcome,
                    entry.result
                ])
            })
            .map_err(|error| Fault::from(error).at(&self.path))?;
        Ok(())
    }

    /// The newest entries, newest first.
    pub fn audit_log(&self, limit: usize) -> Result<Vec<AuditEntry>, ArchiveError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.entries("", params![limit])
            .map_err(|fault| fault.at(&self.path))
    }

    /// The newest deeds of people in a topic that came to an end, newest first.
    pub fn deeds_in(
        &self,
        group: GroupId,
        topic: TopicId,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, ArchiveError> {
        let which = "WHERE group_id = ?2 AND topic = ?3 AND outcome IN ('served', 'failed') \
                     AND action NOT IN ('help', 'status', 'search', 'history', 'info', 'waiting', \
                       'links')";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.entries(which, params![limit, group.bare(), topic.0])
            .map_err(|fault| fault.at(&self.path))
    }

    /// How far something was followed that is followed by number.
    pub fn place(&self, name: &str) -> Result<Option<i64>, ArchiveError> {
        self.query(|conn| {
            let select = "SELECT value FROM meta WHERE key = ?1";
            let mut statement = conn.prepare_cached(select)?;
            let place = statement.query_row([format!("place {name}")], |row| row.get(0));
            let place: Option<String> = place.optional()?;
            Ok(place.and_then(|place| place.parse().ok()))
        })
    }

    /// Keeps how far something was followed.
    pub fn keep_place(&mut self, name: &str, place: i64) -> Result<(), ArchiveError> {
        self.change(|conn| {
            conn.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)",
                params![format!("place {name}"), place.to_string()],
            )?;
            Ok(())
        })
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

    fn entries(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<AuditEntry>, Fault> {
        let select = format!(
            "SELECT at, group_id, topic, person, action, outcome, result FROM audit {which} \
             ORDER BY seq DESC LIMIT ?1"
        );
        let mut statement = self.conn.prepare_cached(&select)?;
        let mut rows = statement.query(values)?;
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
                result: row.get(6)?,
            });
        }
        Ok(entries)
    }
}
