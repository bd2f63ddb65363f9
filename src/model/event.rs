//! What happened, as one source observed it: the entries of the log.

use serde::{Deserialize, Serialize};

use super::ids::{MessageId, TopicId};
use super::mark::Mark;
use super::message::Message;
use super::person::{Customer, Person};
use super::topic::TopicStatus;

/// Who observed an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The userbot, as it happened.
    Live,
    /// The userbot, reading history afterwards: what it shows is the current state.
    History,
    /// The CRM's Topics API or webhooks.
    Crm,
    /// A file.
    Import,
    /// Our companion bot, as the Bot API shows the group to it.
    Bot,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message as it is now. The archive finds out whether it is new, an edit, or known.
    Message(Box<Message>),
    /// Messages are gone: deleted, as announced or as history shows.
    Deleted(Vec<MessageId>),
    /// Ids that history shows never to have held a message that a member can see.
    Empty(Vec<MessageId>),
    /// Something around a message is now so. For a message that is not captured yet it waits.
    Mark {
        /// Which message.
        id: MessageId,
        /// What.
        mark: Mark,
    },
    /// A topic's current facts; `None` means not observed. Service messages about topics need
    /// no event of their own: the archive reads them.
    Topic {
        /// Which topic.
        id: TopicId,
        /// Its title.
        title: Option<String>,
        /// Its status.
        status: Option<TopicStatus>,
        /// Whether it is hidden from the list (General only).
        hidden: Option<bool>,
    },
    /// An author's current name.
    Person(Person),
    /// Who a topic's customer is.
    Customer {
        /// Which topic.
        topic: TopicId,
        /// The customer.
        customer: Customer,
    },
}

/// An event with its observer and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What happened.
    pub event: Event,
    /// Who saw it.
    pub source: Source,
    /// When it was seen, Unix seconds.
    pub at: i64,
}
