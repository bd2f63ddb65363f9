//! Questions with buttons, in `state.db`: what is to be done once an operator agrees.

use rusqlite::{OptionalExtension, Row, params};

use super::State;
use crate::archive::error::{ArchiveError, Fault};
use crate::model::{GroupId, MessageId, PersonId, TopicId};

/// A question that operators answer by a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the buttons carry.
    pub token: String,
    /// In which group.
    pub group: GroupId,
    /// In which topic.
    pub topic: TopicId,
    /// The command's message.
    pub command: MessageId,
    /// The question's message, once it is there.
    pub message: Option<MessageId>,
    /// Who gave the command.
    pub person: PersonId,
    /// The connector.
    pub connector: String,
    /// Its action.
    pub action: String,
    /// What followed the command.
    pub arguments: String,
    /// When, Unix seconds.
    pub asked_at: i64,
    /// A hash of what is to be done: what was agreed to is done, or nothing.
    pub agreed: Vec<u8>,
    /// Who answered it.
    pub answered_by: Option<PersonId>,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionState {
    /// Nobody has answered.
    Open,
    /// Somebody agreed, and it is being done.
    Doing,
    /// It came to its end.
    Done,
    /// Somebody declined, or it was too late.
    Off,
}

impl QuestionState {
    const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Doing => 1,
            Self::Done => 2,
            Self::Off => 3,
        }
    }
}

const COLUMNS: &str = "token, group_id, topic, command, message, person, connector, action, arguments, asked_at, \
    agreed, answered_by";

impl State {
    /// Keeps a question; those that are older than `since` are forgotten. Gives open ones back that
    /// the same command asked before it was edited: they are called off.
    pub fn ask(&mut self, question: &Question, since: i64) -> Result<Vec<Question>, ArchiveError> {
        let before = format!(
            "UPDATE question SET state = 3, answered_by = ?3, answered_at = ?4 \
             WHERE group_id = ?1 AND command = ?2 AND state = 0 RETURNING {COLUMNS}"
        );
        self.change(|conn| {
            let change = conn.transaction()?;
            change.execute(
                "DELETE FROM question WHERE asked_at < ?1 AND state != 1",
                [since],
            )?;
            let mut off = Vec::new();
            {
                let mut statement = change.prepare(&before)?;
                let mut rows = statement.query(params![
                    question.group.bare(),
                    question.command.0,
                    question.person.0,
                    question.asked_at
                ])?;
                while let Some(row) = rows.next()? {
                    off.push(read(row)?);
                }
            }
            change.execute(
                "INSERT INTO question (token, group_id, topic, command, message, person, \
                   connector, action, arguments, asked_at, state, agreed) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)",
                params![
                    question.token,
                    question.group.bare(),
                    question.topic.0,
                    question.command.0,
                    question.message.map(|id| id.0),
                    question.person.0,
                    question.connector,
                    question.action,
                    question.arguments,
                    question.asked_at,
                    question.agreed
                ],
            )?;
            change.commit()?;
            Ok(off)
        })
    }

    /// Notes the message in which a question stands.
    pub fn asked_in(&mut self, token: &str, message: MessageId) -> Result<(), ArchiveError> {
        self.change(|conn| {
            conn.execute(
                "UPDATE question SET message = ?2 WHERE token = ?1",
                params![token, message.0],
            )?;
            Ok(())
        })
    }

    /// The question that a button belongs to.
    pub fn question(&self, token: &str) -> Result<Option<Question>, ArchiveError> {
        let select = format!("SELECT {COLUMNS} FROM question WHERE token = ?1");
        self.query(|conn| {
            let mut statement = conn.prepare_cached(&select)?;
            let found = statement
                .query_row([token], |row| Ok(read(row)))
                .optional()?;
            found.transpose()
        })
    }

    /// Brings a question from one state to another; `false`: it was not in the first one, somebody
    /// else was quicker.
    pub fn answer(
        &mut self,
        token: &str,
        from: QuestionState,
        to: QuestionState,
        by: PersonId,
        at: i64,
    ) -> Result<bool, ArchiveError> {
        self.change(|conn| {
            let changed = conn.execute(
                "UPDATE question SET state = ?3, answered_by = ?4, answered_at = ?5 \
                 WHERE token = ?1 AND state = ?2",
                params![token, from.number(), to.number(), by.0, at],
            )?;
            Ok(changed > 0)
        })
    }

    /// Calls off the open questions of a command whose text is another now, and gives them back.
    pub fn call_off(
        &mut self,
        group: GroupId,
        command: MessageId,
        text: &str,
        at: i64,
    ) -> Result<Vec<Question>, ArchiveError> {
        let hash = blake3::hash(text.as_bytes());
        let update = format!(
            "UPDATE question SET state = 3, answered_at = ?3 \
             WHERE group_id = ?1 AND command = ?2 AND state = 0 AND NOT EXISTS ( \
               SELECT 1 FROM served WHERE served.group_id = ?1 AND served.message = ?2 \
               AND served.text = ?4) RETURNING {COLUMNS}"
        );
        self.change(|conn| {
            let mut statement = conn.prepare_cached(&update)?;
            let mut rows = statement.query(params![
                group.bare(),
                command.0,
                at,
                hash.as_bytes().as_slice()
            ])?;
            let mut off = Vec::new();
            while let Some(row) = rows.next()? {
                off.push(read(row)?);
            }
            Ok(off)
        })
    }

    /// Questions that were being done: after a start, those that a kill broke off.
    pub fn being_done(&self) -> Result<Vec<Question>, ArchiveError> {
        let select = format!("SELECT {COLUMNS} FROM question WHERE state = 1");
        self.query(|conn| {
            let mut statement = conn.prepare_cached(&select)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }
}

fn read(row: &Row<'_>) -> Result<Question, Fault> {
    Ok(Question {
        token: row.get(0)?,
        group: GroupId::from_bare(row.get(1)?)
            .ok_or(Fault::Damaged("a question of an impossible group"))?,
        topic: TopicId(row.get(2)?),
        command: MessageId(row.get(3)?),
        message: row.get::<_, Option<i32>>(4)?.map(MessageId),
        person: PersonId(row.get(5)?),
        connector: row.get(6)?,
        action: row.get(7)?,
        arguments: row.get(8)?,
        asked_at: row.get(9)?,
        agreed: row.get::<_, Option<_>>(10)?.unwrap_or_default(),
        answered_by: row.get::<_, Option<i64>>(11)?.map(PersonId),
    })
}
