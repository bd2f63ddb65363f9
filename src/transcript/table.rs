//! A message as one row of a table: what CSV and Parquet show of it.

use super::role::Role;
use super::writer::{Entry, Page};
use crate::model::{GroupId, Media, Message, MessageId, PersonId, TopicId, message_link};

/// One message. Times are Unix seconds.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) group: GroupId,
    pub(super) id: MessageId,
    pub(super) topic: TopicId,
    pub(super) topic_title: &'a str,
    pub(super) date: i64,
    pub(super) from_id: Option<PersonId>,
    pub(super) from: Option<&'a str>,
    pub(super) role: Role,
    /// `text`, `service`, `unsupported` or the media's kind.
    pub(super) kind: &'static str,
    pub(super) text: &'a str,
    /// Of another message in this group only.
    pub(super) reply_to: Option<MessageId>,
    pub(super) edit_date: Option<i64>,
    pub(super) deleted_at: Option<i64>,
    pub(super) media: Option<&'a Media>,
}

impl<'a> Row<'a> {
    pub(super) fn of(entry: &Entry<'a>, page: &'a Page<'_>) -> Self {
        let snapshot = entry.snapshot;
        let message: &Message = &snapshot.message;
        let reply = message.reply_to.as_ref().filter(|reply| !reply.external);
        Self {
            group: page.group,
            id: message.id,
            topic: message.topic,
            topic_title: &entry.topic.topic.title,
            date: message.date,
            from_id: message.from,
            from: message.from.and_then(|from| page.name(from)),
            role: entry.role,
            kind: message.kind(),
            text: &message.text,
            reply_to: reply.map(|reply| reply.id),
            edit_date: message.edit_date,
            deleted_at: snapshot.deleted_at,
            media: message.media.as_ref(),
        }
    }

    /// The message in Telegram.
    pub(super) fn link(&self) -> String {
        message_link(self.group, self.topic, self.id)
    }
}
