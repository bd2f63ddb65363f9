//! Commands of the last days, in `state.db`: each is served once, and once more because of an edit
//! at most.

use rusqlite::{OptionalExtension, params};

use super::State;
use crate::archive::error::{ArchiveError, Fault};
use crate::model::{GroupId, MessageId, PersonId, TopicId};

/// Whether a command is to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is.
    Serve,
    /// It was served as it is now, or is being served.
    Again,
    /// It ran again because of an edit already.
    Edited,
}

/// A command that somebody gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// In which group.
    pub group: GroupId,
    /// In which topic.
    pub topic: TopicId,
    /// The command's message.
    pub message: MessageId,
    /// Who gave it.
    pub person: PersonId,
    /// Its name.
    pub command: String,
}

impl State {
    /// Takes a command, and says whether it is to be served. Its text is kept as a hash; what is
    /// older than `since` is forgotten.
    pub fn take_turn(
        &mut self,
        served: &Served,
        text: &str,
        edited: bool,
        at: i64,
        since: i64,
    ) -> Result<Turn, ArchiveError> {
        let hash = blake3::hash(text.as_bytes());
        let hash = hash.as_bytes().as_slice();
        let (group, message) = (served.group.bare(), served.message.0);
        self.change(|conn| {
            let change = conn.transaction()?;
            change.execute("DELETE FROM served WHERE at < ?1", [since])?;
            let known: Option<(Vec<u8>, i64)> = change
                .query_row(
                    "SELECT text, edits FROM served WHERE group_id = ?1 AND message = ?2",
                    params![group, message],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let turn = match &known {
                None => Turn::Serve,
                Some((text, _)) if text == hash => Turn::Again,
                Some((_, edits)) if edited && *edits == 0 => Turn::Serve,
                Some(_) => Turn::Edited,
            };
            if turn == Turn::Serve {
                change.execute(
                    "INSERT INTO served (group_id, message, text, edits, done, at, topic, command, \
                       person) \
                     VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8) \
                     ON CONFLICT (group_id, message) DO UPDATE SET text = ?3, \
                       edits = max(edits, ?4), done = 0, command = ?7",
                    params![
                        group,
                        message,
                        hash,
                        i64::from(edited),
                        at,
                        served.topic.0,
                        served.command,
                        served.person.0
                    ],
                )?;
            }
            change.commit()?;
            Ok(turn)
        })
    }

    /// A command came to its end.
    pub fn turn_done(&mut self, group: GroupId, message: MessageId) -> Result<(), ArchiveError> {
        self.change(|conn| {
            conn.execute(
                "UPDATE served SET done = 1 WHERE group_id = ?1 AND message = ?2",
                params![group.bare(), message.0],
            )?;
            Ok(())
        })
    }

    /// Commands that are being served: after a start, those that were broken off.
    pub fn being_served(&self) -> Result<Vec<Served>, ArchiveError> {
        self.query(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT group_id, topic, message, command, person FROM served WHERE done = 0 \
                 ORDER BY group_id, message",
            )?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(Served {
                    group: GroupId::from_bare(row.get(0)?)
                        .ok_or(Fault::Damaged("a command in an impossible group"))?,
                    topic: TopicId(row.get(1)?),
                    message: MessageId(row.get(2)?),
                    command: row.get(3)?,
                    person: PersonId(row.get(4)?),
                });
            }
            Ok(found)
        })
    }
}
