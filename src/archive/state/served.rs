//! Commands of the last days, in `state.db`: an edit runs one again once at most.

use rusqlite::{OptionalExtension, params};

use super::State;
use crate::archive::error::ArchiveError;
use crate::model::{GroupId, MessageId};

/// Whether a command is to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is.
    Serve,
    /// It was served as it is now.
    Again,
    /// It ran again because of an edit already.
    Edited,
}

impl State {
    /// Takes a command, and says whether it is to be served. Its text is kept as a hash; what is
    /// older than `since` is forgotten.
    pub fn take_turn(
        &mut self,
        group: GroupId,
        message: MessageId,
        text: &str,
        edited: bool,
        at: i64,
        since: i64,
    ) -> Result<Turn, ArchiveError> {
        let hash = blake3::hash(text.as_bytes());
        let hash = hash.as_bytes().as_slice();
        self.change(|conn| {
            let change = conn.transaction()?;
            change.execute("DELETE FROM served WHERE at < ?1", [since])?;
            let known: Option<(Vec<u8>, i64, bool)> = change
                .query_row(
                    "SELECT text, edits, done FROM served WHERE group_id = ?1 AND message = ?2",
                    params![group.bare(), message.0],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let turn = match &known {
                None => Turn::Serve,
                // It was broken off: Telegram shows it once more.
                Some((text, _, false)) if text == hash => Turn::Serve,
                Some((text, ..)) if text == hash => Turn::Again,
                Some((_, edits, _)) if edited && *edits == 0 => Turn::Serve,
                Some(_) => Turn::Edited,
            };
            if turn == Turn::Serve {
                change.execute(
                    "INSERT INTO served (group_id, message, text, edits, done, at) \
                     VALUES (?1, ?2, ?3, ?4, 0, ?5) \
                     ON CONFLICT (group_id, message) DO UPDATE SET text = ?3, \
                       edits = max(edits, ?4), done = 0",
                    params![group.bare(), message.0, hash, i64::from(edited), at],
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
}
