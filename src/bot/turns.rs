//! Whose turn it is in each topic, from the messages in the order in which they were written.

use std::collections::BTreeMap;

use crate::model::{MessageId, Service, Snapshot, TopicId};
use crate::transcript::Role;

/// A customer who has not been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// The first message that nobody answered.
    pub(super) message: MessageId,
    /// When it was written, Unix seconds.
    pub(super) since: i64,
    /// How many there are.
    pub(super) messages: u32,
}

/// Topics in which customers wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(BTreeMap<TopicId, Unanswered>);

impl Turns {
    /// Takes the next message of the group.
    pub(super) fn take(&mut self, snapshot: &Snapshot, role: Role) {
        let message = &snapshot.message;
        match role {
            Role::Customer if snapshot.deleted_at.is_none() => {
                let waiting = self.0.entry(message.topic).or_insert(Unanswered {
                    message: message.id,
                    since: message.date,
                    messages: 0,
                });
                waiting.messages += 1;
            }
            Role::Operator | Role::Assistant => {
                self.0.remove(&message.topic);
            }
            Role::Service
                if matches!(
                    message.service,
                    Some(Service::TopicEdited {
                        closed: Some(true),
                        ..
                    })
                ) =>
            {
                self.0.remove(&message.topic);
            }
            Role::Customer | Role::Note | Role::Command | Role::Service => {}
        }
    }

    /// Those who wait, the longest first.
    pub(super) fn longest(&self) -> Vec<(TopicId, Unanswered)> {
        let mut waiting: Vec<_> = self.0.iter().map(|(topic, it)| (*topic, *it)).collect();
        waiting.sort_by_key(|(topic, it)| (it.since, *topic));
        waiting
    }
}
