//! Pinned messages and topics.

use super::change::What;
use super::message::{Message, Service};
use super::refusal::Refusal;
use super::state::State;

/// Topics that can be pinned at once.
const PINNED_TOPICS: usize = 5;

impl State {
    /// Pins or unpins a message (administrators); pinning leaves a service message, without a sound
    /// where that is wished. Returns its id. Nothing happens where it is so already.
    pub fn pin(
        &mut self,
        group: i64,
        by: i64,
        id: i32,
        pinned: bool,
        silent: bool,
    ) -> Result<Option<i32>, Refusal> {
        let date = self.now();
        let place = self.administered(group, by)?;
        let message = place.visible(id).ok_or(Refusal::NoSuchMessage)?;
        if message.service.is_some() {
            return Err(Refusal::NoSuchMessage);
        }
        if message.pinned == pinned {
            return Ok(None);
        }
        let topic = message.topic;
        self.set_pinned(group, vec![id], pinned);
        if !pinned {
            return Ok(None);
        }
        let message = Message {
            topic,
            from: by,
            date,
            service: Some(Service::Pinned { message: id }),
            silent,
            ..Message::default()
        };
        Ok(Some(self.append(group, message)))
    }

    /// Marks a message as pinned long ago, without a service message of today.
    pub fn pinned_before(&mut self, group: i64, id: i32) {
        self.set_pinned(group, vec![id], true);
    }

    /// Unpins everything in a group, or in one topic of it (administrators).
    pub fn unpin_all(
        &mut self,
        group: i64,
        by: i64,
        topic: Option<i32>,
    ) -> Result<Vec<i32>, Refusal> {
        let place = self.administered(group, by)?;
        let ids: Vec<i32> = place
            .messages
            .values()
            .filter(|message| message.pinned && message.deleted_at.is_none())
            .filter(|message| topic.is_none_or(|topic| message.topic == topic))
            .map(|message| message.id)
            .collect();
        if !ids.is_empty() {
            self.set_pinned(group, ids.clone(), false);
        }
        Ok(ids)
    }

    fn set_pinned(&mut self, group: i64, messages: Vec<i32>, pinned: bool) {
        for id in &messages {
            if let Some(message) = self.message_mut(group, *id) {
                message.pinned = pinned;
            }
        }
        let count = i32::try_from(messages.len()).unwrap_or(i32::MAX);
        self.record(group, count, What::Pinned { messages, pinned });
    }

    /// Pins or unpins a topic in the list (administrators).
    pub fn pin_topic(
        &mut self,
        group: i64,
        by: i64,
        topic: i32,
        pinned: bool,
    ) -> Result<(), Refusal> {
        let place = self.administered(group, by)?;
        let entry = place.topics.get(&topic).ok_or(Refusal::NoSuchTopic)?;
        if entry.pinned == pinned {
            return Err(Refusal::NotModified);
        }
        let already = place.topics.values().filter(|topic| topic.pinned).count();
        if pinned && already >= PINNED_TOPICS {
            return Err(Refusal::TooManyPins);
        }
        if let Some(entry) = self.topic_mut(group, topic) {
            entry.pinned = pinned;
        }
        self.record(group, 0, What::TopicPinned { topic, pinned });
        Ok(())
    }
}
