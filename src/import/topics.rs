//! In which topic a message stands, where its file does not say.
//!
//! Telegram Desktop writes no topic. A message at the top of a topic answers the service message
//! that began it; any other answers a message whose topic was found before. So the topic of each
//! message is remembered, of the last million in memory, which takes 8 MB however long the file is;
//! what is further back is looked up in the archive, which has it by then.

use std::collections::HashSet;

use crate::archive::{ArchiveError, Reader};
use crate::model::{Message, MessageId, Reply, Service, TopicId};

/// Messages remembered.
const WINDOW: usize = 1 << 20;

/// Finds topics.
pub(super) struct Topics {
    /// Topics that were seen to begin.
    roots: HashSet<i32>,
    /// Id and topic, at the place of the id's last bits.
    recent: Vec<(i32, i32)>,
    reader: Reader,
}

/// A message's topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    In(TopicId),
    /// It answers something that nobody knows.
    Lost,
}

impl Topics {
    pub(super) fn new(reader: Reader) -> Result<Self, ArchiveError> {
        let known = reader.topics()?;
        Ok(Self {
            roots: known.iter().map(|topic| topic.id.0).collect(),
            recent: vec![(0, 0); WINDOW],
            reader,
        })
    }

    /// Places a message; `said`: by the file itself.
    pub(super) fn place(
        &mut self,
        message: &mut Message,
        said: Option<TopicId>,
        answers: Option<MessageId>,
    ) -> Result<Found, ArchiveError> {
        let id = message.id.0;
        let is_root = matches!(message.service, Some(Service::TopicCreated { .. }));
        let found = match (said, answers) {
            (Some(topic), _) => Found::In(topic),
            (None, _) if is_root => Found::In(TopicId(id)),
            (None, None) => Found::In(TopicId::GENERAL),
            (None, Some(answers)) => self.of(answers)?,
        };
        if is_root {
            self.roots.insert(id);
        }
        if let Found::In(topic) = found {
            message.topic = topic;
            // That is how Telegram says where a message stands, and no answer.
            if topic != TopicId::GENERAL && message.reply_to == Some(Reply::to(MessageId(topic.0)))
            {
                message.reply_to = None;
            }
            if let Some(place) = self.recent.get_mut(place(id)) {
                *place = (id, topic.0);
            }
        }
        Ok(found)
    }

    /// The topic of a message that another one answers.
    fn of(&self, id: MessageId) -> Result<Found, ArchiveError> {
        if self.roots.contains(&id.0) {
            return Ok(Found::In(TopicId(id.0)));
        }
        if let Some((known, topic)) = self.recent.get(place(id.0))
            && *known == id.0
        {
            return Ok(Found::In(TopicId(*topic)));
        }
        let archived = self.reader.message(id)?;
        Ok(archived.map_or(Found::Lost, |snapshot| Found::In(snapshot.message.topic)))
    }
}

fn place(id: i32) -> usize {
    id.unsigned_abs() as usize % WINDOW
}
