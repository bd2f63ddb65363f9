//! The vocabulary of the product: ids, people, topics, messages, media, events.
//!
//! Plain data without I/O. Every other module speaks in these types; what Telegram, the CRM or a
//! file calls things is translated at the border into these names.

mod event;
mod ids;
mod mark;
mod media;
mod message;
mod person;
mod policy;
mod topic;

pub use event::{Event, Observed, Source};
pub use ids::{
    GroupId, IdError, MessageId, PersonId, TopicId, from_tdlib, message_link, to_tdlib, topic_link,
};
pub use mark::{Mark, Marks, Reacted, Reaction, ReactionCount, Reactions, Views, Voted, Votes};
pub use media::{Media, MediaKind, Poll};
pub use message::{
    Button, Entity, EntityKind, Forward, Message, Reply, Service, Snapshot, Version,
};
pub use person::{Customer, Person, PersonKind};
pub use policy::MediaPolicy;
pub use topic::{Topic, TopicStatus};
