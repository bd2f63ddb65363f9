//! Whose turn it is in each topic, from the messages in the order in which they were written.

use std::collections::{BTreeMap, HashSet};

use super::request::{CommandError, Shared};
use crate::model::{GroupId, MessageId, Service, Snapshot, TopicId};
use crate::transcript::Role;

/// What the origin of words begins with that reached a customer without anybody having a hand in
/// it.
pub(super) const AUTOMATIC: &str = "trigger-";

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
pub(super) struct Turns {
    waiting: BTreeMap<TopicId, Unanswered>,
    /// Messages that are no answers, whoever wrote them.
    automatic: HashSet<MessageId>,
}

impl Turns {
    /// Nobody waits yet. What triggers told customers is no answer.
    pub(super) async fn of(shared: &Shared, group: GroupId) -> Result<Self, CommandError> {
        let mut turns = Self::default();
        turns.look(shared, group).await?;
        Ok(turns)
    }

    /// Looks again for what triggers told customers.
    pub(super) async fn look(
        &mut self,
        shared: &Shared,
        group: GroupId,
    ) -> Result<(), CommandError> {
        let sent = shared
            .state
            .with(move |state| state.sent_from(group, AUTOMATIC));
        self.automatic = sent.await?.into_iter().collect();
        Ok(())
    }

    /// Whether a message was written without anybody having a hand in it.
    pub(super) fn is_automatic(&self, message: MessageId) -> bool {
        self.automatic.contains(&message)
    }

    /// Since when a topic's customer waits.
    pub(super) fn since(&self, topic: TopicId) -> Option<i64> {
        self.waiting.get(&topic).map(|waiting| waiting.since)
    }

    /// Takes the next message of the group.
    pub(super) fn take(&mut self, snapshot: &Snapshot, role: Role) {
        let message = &snapshot.message;
        match role {
            Role::Customer if snapshot.deleted_at.is_none() => {
                let waiting = self.waiting.entry(message.topic).or_insert(Unanswered {
                    message: message.id,
                    since: message.date,
                    messages: 0,
                });
                waiting.messages += 1;
            }
            Role::Operator | Role::Assistant if !self.is_automatic(message.id) => {
                self.waiting.remove(&message.topic);
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
                self.waiting.remove(&message.topic);
            }
            _ => {}
        }
    }

    /// Those who wait, the longest first.
    pub(super) fn longest(&self) -> Vec<(TopicId, Unanswered)> {
        let mut waiting: Vec<_> = self
            .waiting
            .iter()
            .map(|(topic, it)| (*topic, *it))
            .collect();
        waiting.sort_by_key(|(topic, it)| (it.since, *topic));
        waiting
    }
}
