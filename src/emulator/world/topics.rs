//! What can happen to topics.

use super::change::What;
use super::group::Topic;
use super::limits;
use super::message::{Message, Service};
use super::refusal::Refusal;
use super::state::State;

impl State {
    /// Creates a topic; its id is the id of the service message that says so.
    pub fn create_topic(
        &mut self,
        group: i64,
        by: i64,
        title: &str,
        customer: Option<i64>,
        date: Option<i64>,
    ) -> Result<i32, Refusal> {
        let member = self.member(group, by)?;
        if !member.forum {
            return Err(Refusal::NoForum);
        }
        limits::topic_title(title)?;
        let created = date.unwrap_or_else(|| self.now());
        let id = self.groups.get(&group).map_or(0, |group| group.next_id);
        let topic = Topic {
            id,
            title: title.to_owned(),
            creator: by,
            created,
            customer,
            ..Topic::default()
        };
        if let Some(group) = self.groups.get_mut(&group) {
            group.topics.insert(id, topic);
        }
        let message = Message {
            topic: id,
            from: by,
            date: created,
            service: Some(Service::TopicCreated {
                title: title.to_owned(),
            }),
            ..Message::default()
        };
        Ok(self.append(group, message))
    }

    /// Renames, closes or reopens a topic (administrators and the topic's creator).
    pub fn edit_topic(
        &mut self,
        group: i64,
        by: i64,
        topic: i32,
        title: Option<&str>,
        closed: Option<bool>,
        date: Option<i64>,
    ) -> Result<i32, Refusal> {
        let place = self.member(group, by)?;
        let administrator = place.administrators.contains(&by);
        let now = place.topics.get(&topic).ok_or(Refusal::NoSuchTopic)?;
        if !administrator && now.creator != by {
            return Err(Refusal::AdministratorRequired);
        }
        let title = title.filter(|title| *title != now.title);
        title.map_or(Ok(()), limits::topic_title)?;
        let closed = closed.filter(|closed| *closed != now.closed);
        if title.is_none() && closed.is_none() {
            return Err(Refusal::NotModified);
        }
        let date = date.unwrap_or_else(|| self.now());
        if let Some(entry) = self
            .groups
            .get_mut(&group)
            .and_then(|group| group.topics.get_mut(&topic))
        {
            if let Some(title) = title {
                title.clone_into(&mut entry.title);
            }
            if let Some(closed) = closed {
                entry.closed = closed;
                // What is open is shown.
                entry.hidden &= closed;
            }
        }
        let service = Service::TopicEdited {
            title: title.map(str::to_owned),
            closed,
            hidden: None,
        };
        let message = Message {
            topic,
            from: by,
            date,
            service: Some(service),
            ..Message::default()
        };
        Ok(self.append(group, message))
    }

    /// Hides General, which closes it, or shows it again (administrators). Reopening it shows it
    /// too.
    pub fn hide_general(&mut self, group: i64, by: i64, hidden: bool) -> Result<i32, Refusal> {
        let place = self.administered(group, by)?;
        let general = place.topics.get(&1).ok_or(Refusal::NoForum)?;
        if general.hidden == hidden {
            return Err(Refusal::NotModified);
        }
        let date = self.now();
        if let Some(general) = self.topic_mut(group, 1) {
            general.hidden = hidden;
            general.closed |= hidden;
        }
        let message = Message {
            topic: 1,
            from: by,
            date,
            service: Some(Service::TopicEdited {
                title: None,
                closed: None,
                hidden: Some(hidden),
            }),
            ..Message::default()
        };
        Ok(self.append(group, message))
    }

    /// Deletes a topic with everything in it (administrators, and whoever created it); General
    /// stays. Returns the ids deleted, the topic's own message among them.
    pub fn delete_topic(&mut self, group: i64, by: i64, topic: i32) -> Result<Vec<i32>, Refusal> {
        let now = self.now();
        let place = self.member(group, by)?;
        let entry = place.topics.get(&topic).ok_or(Refusal::NoSuchTopic)?;
        if topic == 1 {
            return Err(Refusal::NoSuchTopic);
        }
        if !place.administrators.contains(&by) && entry.creator != by {
            return Err(Refusal::AdministratorRequired);
        }
        let ids: Vec<i32> = place.ids_in(topic).to_vec();
        if let Some(place) = self.groups.get_mut(&group) {
            place.topics.remove(&topic);
            for id in &ids {
                place.index.hide(*id, topic);
                if let Some(message) = place.messages.get_mut(id) {
                    message.deleted_at = Some(now);
                }
            }
        }
        let count = i32::try_from(ids.len()).unwrap_or(i32::MAX);
        self.record(group, count, What::Deleted(ids.clone()));
        Ok(ids)
    }
}
