//! Groups and their topics.

use std::collections::{BTreeMap, BTreeSet};

use super::message::Message;

/// A supergroup.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Bare channel id.
    pub id: i64,
    /// Title.
    pub title: String,
    /// What MTProto clients must present to address it.
    pub access_hash: i64,
    /// Whether it has topics.
    pub forum: bool,
    /// When it was created, Unix seconds.
    pub created: i64,
    /// Members, people and bots.
    pub members: BTreeSet<i64>,
    /// Administrators among them.
    pub administrators: BTreeSet<i64>,
    /// Who made them administrators, where it was not the owner.
    pub promoters: BTreeMap<i64, i64>,
    /// Members who may read only.
    pub restricted: BTreeSet<i64>,
    /// People who may not come back.
    pub banned: BTreeSet<i64>,
    /// Whether messages may not be forwarded or saved.
    pub protected: bool,
    /// Members who are shown the group from a message on: it hides what was before they came, or
    /// they cleared their own view of it.
    pub first_shown: BTreeMap<i64, i32>,
    /// What the group is about; may be empty.
    pub about: String,
    /// The creator.
    pub owner: i64,
    /// Topics by id, General (1) included.
    pub topics: BTreeMap<i32, Topic>,
    /// Every message ever, deleted ones with their mark.
    pub messages: BTreeMap<i32, Message>,
    /// What of it exists.
    pub(super) index: Index,
    /// The channel's persistent timestamp: grows by one for each change.
    pub pts: i32,
    /// The id that the next message gets.
    pub next_id: i32,
}

/// The ids of the messages that exist, so that a page of a long history needs no walk through all
/// of it. [`Index::show`] and [`Index::hide`] go along with every change of [`Group::messages`].
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Ascending.
    all: Vec<i32>,
    /// By topic, ascending.
    topics: BTreeMap<i32, Vec<i32>>,
}

impl Index {
    /// A message was posted: the newest one.
    pub(super) fn show(&mut self, id: i32, topic: i32) {
        self.all.push(id);
        self.topics.entry(topic).or_default().push(id);
    }

    /// A message is gone.
    pub(super) fn hide(&mut self, id: i32, topic: i32) {
        for list in [Some(&mut self.all), self.topics.get_mut(&topic)] {
            if let Some(list) = list
                && let Ok(at) = list.binary_search(&id)
            {
                list.remove(at);
            }
        }
    }
}

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Id of the message that created it.
    pub id: i32,
    /// Title.
    pub title: String,
    /// Who created it.
    pub creator: i64,
    /// When, Unix seconds.
    pub created: i64,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it is hidden (General alone).
    pub hidden: bool,
    /// Whether it is pinned in the list.
    pub pinned: bool,
    /// The customer it stands for, as the CRM knows.
    pub customer: Option<i64>,
}

impl Group {
    /// Those of ascending ids that a member is shown.
    #[must_use]
    pub fn shown<'i>(&self, member: i64, ids: &'i [i32]) -> &'i [i32] {
        let first = self.first_shown.get(&member).copied().unwrap_or(0);
        &ids[ids.partition_point(|id| *id < first)..]
    }

    /// The ids of all messages that exist, ascending.
    #[must_use]
    pub fn ids(&self) -> &[i32] {
        &self.index.all
    }

    /// The ids of all messages of a topic that exist, ascending.
    #[must_use]
    pub fn ids_in(&self, topic: i32) -> &[i32] {
        self.index.topics.get(&topic).map_or(&[], Vec::as_slice)
    }

    /// The newest message that still exists.
    #[must_use]
    pub fn top_message(&self) -> Option<&Message> {
        self.messages.get(self.index.all.last()?)
    }

    /// A message that a member can see.
    #[must_use]
    pub fn visible(&self, id: i32) -> Option<&Message> {
        self.messages
            .get(&id)
            .filter(|message| message.deleted_at.is_none())
    }
}
