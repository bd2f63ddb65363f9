//! What triggers have done, in `state.db`: each does a thing once.

use rusqlite::params;

use super::State;
use crate::archive::error::ArchiveError;
use crate::model::{GroupId, MessageId, TopicId};

impl State {
    /// Notes that a trigger does its work in a topic about a message; `false`: it did so about this
    /// message or a later one already.
    pub fn fire(
        &mut self,
        group: GroupId,
        topic: TopicId,
        trigger: &str,
        about: MessageId,
        at: i64,
    ) -> Result<bool, ArchiveError> {
        self.change(|conn| {
            let changed = conn.execute(
                "INSERT INTO fired (group_id, topic, trigger, about, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (group_id, topic, trigger) DO UPDATE SET about = ?4, at = ?5 \
                 WHERE about < ?4",
                params![group.bare(), topic.0, trigger, about.0, at],
            )?;
            Ok(changed > 0)
        })
    }
}
