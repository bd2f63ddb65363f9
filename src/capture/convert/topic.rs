//! Forum topics as Telegram lists them.

use grammers_client::tl;

use crate::model::{Event, TopicId, TopicStatus};

/// A listed topic as an event.
pub(in crate::capture) fn topic(raw: &tl::enums::ForumTopic) -> Event {
    match raw {
        tl::enums::ForumTopic::Topic(topic) => Event::Topic {
            id: TopicId(topic.id),
            title: (!topic.title_missing).then(|| topic.title.clone()),
            status: Some(if topic.closed {
                TopicStatus::Closed
            } else {
                TopicStatus::Open
            }),
            hidden: Some(topic.hidden),
        },
        tl::enums::ForumTopic::Deleted(topic) => Event::Topic {
            id: TopicId(topic.id),
            title: None,
            status: Some(TopicStatus::Deleted),
            hidden: None,
        },
    }
}
