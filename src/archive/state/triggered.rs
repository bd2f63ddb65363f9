//! What triggers have done, in `state.db`: each does a thing once.

use rusqlite::params;

use super::State;
use crate::archive::error::{ArchiveError, Fault};
use crate::model::{GroupId, MessageId, TopicId};

/// What a trigger does in a topic about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fired {
    /// In which group.
    pub group: GroupId,
    /// In which topic.
    pub topic: TopicId,
    /// Which trigger.
    pub trigger: String,
    /// The message that it is about.
    pub about: MessageId,
}

impl State {
    /// Notes that a trigger does its work; `false`: it did so about this message or a later one
    /// already.
    pub fn fire(&mut self, fired: &Fired, at: i64) -> Result<bool, ArchiveError> {
        let (group, topic) = (fired.group.bare(), fired.topic.0);
        self.change(|conn| {
            let changed = conn.execute(
                "INSERT INTO fired (group_id, topic, trigger, about, at, done) \
                 VALUES (?1, ?2, ?3, ?4, ?5, 0) \
                 ON CONFLICT (group_id, topic, trigger) DO UPDATE SET about = ?4, at = ?5, done = 0 \
                 WHERE about < ?4",
                params![group, topic, fired.trigger, fired.about.0, at],
            )?;
            Ok(changed > 0)
        })
    }

    /// A trigger's work came to its end.
    pub fn fired(&mut self, fired: &Fired) -> Result<(), ArchiveError> {
        let (group, topic) = (fired.group.bare(), fired.topic.0);
        self.change(|conn| {
            conn.execute(
                "UPDATE fired SET done = 1 WHERE group_id = ?1 AND topic = ?2 AND trigger = ?3 \
                 AND about = ?4",
                params![group, topic, fired.trigger, fired.about.0],
            )?;
            Ok(())
        })
    }

    /// What triggers of a group are doing: after a start, what was broken off.
    pub fn being_fired(&self, group: GroupId) -> Result<Vec<Fired>, ArchiveError> {
        self.query(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT topic, trigger, about FROM fired WHERE group_id = ?1 AND done = 0 \
                 ORDER BY topic",
            )?;
            let rows = statement.query_map([group.bare()], |row| {
                Ok(Fired {
                    group,
                    topic: TopicId(row.get(0)?),
                    trigger: row.get(1)?,
                    about: MessageId(row.get(2)?),
                })
            })?;
            rows.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }
}
