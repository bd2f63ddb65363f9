//! Questions to history, a page at a time.

use std::ops::RangeInclusive;
use std::sync::Arc;

use grammers_client::tl;

use super::super::account::{input_channel, remember_peers};
use super::super::allow::Telegram;
use super::super::convert::{self, Found};
use super::super::error::CaptureError;
use super::super::target::{Asked, Context, Target};
use crate::model::{Mark, Message, MessageId, Person, TopicId};

/// Messages in a page, Telegram's limit.
pub(super) const PAGE: i32 = 100;

/// A page of history.
pub(super) struct Page {
    /// The question that it answers.
    pub(super) asked: Arc<Asked>,
    /// Messages, newest first.
    pub(super) messages: Vec<Message>,
    /// What surrounds them.
    pub(super) marks: Vec<(MessageId, Mark)>,
    /// Ids that hold nothing, where Telegram says so.
    pub(super) nothing: Vec<MessageId>,
    /// Who is named in it.
    pub(super) people: Vec<Person>,
    /// Nothing in it was new, though there was something in it.
    pub(super) repeats: bool,
    /// How many messages there are in all, where Telegram says so.
    pub(super) total: Option<u64>,
}

impl Page {
    /// Whether there may be more than it shows.
    pub(super) fn is_full(&self) -> bool {
        self.messages.len() >= usize::try_from(PAGE).unwrap_or(1)
    }

    /// Adds the next page, an answer to a later question.
    pub(super) fn extend(&mut self, next: Self) {
        self.messages.extend(next.messages);
        self.marks.extend(next.marks);
        self.nothing.extend(next.nothing);
        self.people.extend(next.people);
    }

    /// Nothing, as an answer to the same question.
    pub(super) fn nothing(asked: &Arc<Asked>, ids: Vec<MessageId>) -> Self {
        Self {
            asked: Arc::clone(asked),
            messages: Vec::new(),
            marks: Vec::new(),
            nothing: ids,
            people: Vec::new(),
            repeats: false,
            total: None,
        }
    }
}

/// Reads one group's history.
pub(super) struct History<'a> {
    pub(super) context: &'a Context,
    pub(super) target: &'a Target,
    telegram: Telegram,
}

impl<'a> History<'a> {
    /// For what must not wait.
    pub(super) fn new(context: &'a Context, target: &'a Target) -> Self {
        Self {
            context,
            target,
            telegram: context.telegram.clone(),
        }
    }

    /// For what can wait.
    pub(super) fn patient(context: &'a Context, target: &'a Target) -> Self {
        Self {
            telegram: context.telegram.patient(),
            ..Self::new(context, target)
        }
    }

    /// The messages before an id (0: the newest), at most a page, newest first.
    pub(super) async fn before(&self, id: i32) -> Result<Page, CaptureError> {
        self.read(id, 0).await
    }

    /// The newest of the messages with these ids, at most a page, newest first.
    pub(super) async fn within(&self, ids: &RangeInclusive<i32>) -> Result<Page, CaptureError> {
        let mut page = self
            .read(ids.end().saturating_add(1), ids.start().saturating_sub(1))
            .await?;
        page.messages.retain(|message| ids.contains(&message.id.0));
        Ok(page)
    }

    async fn read(&self, offset_id: i32, min_id: i32) -> Result<Page, CaptureError> {
        let asked = self.target.ask_history().await;
        let question = tl::functions::messages::GetHistory {
            peer: self.peer()?,
            offset_id,
            offset_date: 0,
            add_offset: 0,
            limit: PAGE,
            max_id: 0,
            min_id,
            hash: 0,
        };
        let answer = self.telegram.read(&question).await?;
        let mut page = self.page(asked, answer).await?;
        // Whatever the server repeats or reorders, a walk must go down.
        let wanted = |id: i32| (offset_id == 0 || id < offset_id) && id > min_id;
        page.messages.retain(|message| wanted(message.id.0));
        page.messages
            .sort_unstable_by_key(|message| std::cmp::Reverse(message.id));
        Ok(page)
    }

    /// The messages of a topic before an id (`None`: the newest), at most a page, newest first.
    pub(super) async fn topic_before(
        &self,
        topic: TopicId,
        id: Option<i32>,
    ) -> Result<Page, CaptureError> {
        let mut page = self.replies(topic, id.unwrap_or(0), 0).await?;
        let shown = page.messages.len();
        let wanted = |found: i32| id.is_none_or(|id| found < id);
        page.messages.retain(|message| wanted(message.id.0));
        page.repeats = shown > 0 && page.messages.is_empty();
        Ok(page)
    }

    /// The messages of a topic after an id (`None`: the first), at most a page, newest first.
    pub(super) async fn topic_after(
        &self,
        topic: TopicId,
        id: Option<i32>,
    ) -> Result<Page, CaptureError> {
        let id = id.unwrap_or(0);
        // Whether the one with this id is among them, nobody promises; asking from it on leaves
        // none out either way.
        let mut page = self.replies(topic, id.max(1), -PAGE).await?;
        let shown = page.messages.len();
        page.messages.retain(|message| message.id.0 > id);
        page.repeats = shown > 1 && page.messages.is_empty();
        Ok(page)
    }

    async fn replies(
        &self,
        topic: TopicId,
        offset_id: i32,
        add_offset: i32,
    ) -> Result<Page, CaptureError> {
        let asked = self.target.ask_history().await;
        let question = tl::functions::messages::GetReplies {
            peer: self.peer()?,
            msg_id: topic.0,
            offset_id,
            offset_date: 0,
            add_offset,
            limit: PAGE,
            max_id: 0,
            min_id: 0,
            hash: 0,
        };
        let answer = self.telegram.read(&question).await?;
        let mut page = self.page(asked, answer).await?;
        page.messages
            .sort_unstable_by_key(|message| std::cmp::Reverse(message.id));
        Ok(page)
    }

    /// The group, as questions name it.
    fn peer(&self) -> Result<tl::enums::InputPeer, CaptureError> {
        let channel = input_channel(&self.context.session, self.target.group)?;
        let peer = tl::types::InputPeerChannel {
            channel_id: channel.channel_id,
            access_hash: channel.access_hash,
        };
        Ok(peer.into())
    }

    /// These messages, at most a page of them.
    pub(super) async fn these(&self, ids: &[MessageId]) -> Result<Page, CaptureError> {
        let channel = input_channel(&self.context.session, self.target.group)?;
        let asked = self.target.ask_history().await;
        let answer = self
            .telegram
            .read(&tl::functions::channels::GetMessages {
                channel: channel.into(),
                id: ids
                    .iter()
                    .map(|id| tl::types::InputMessageId { id: id.0 }.into())
                    .collect(),
            })
            .await?;
        self.page(asked, answer).await
    }

    async fn page(
        &self,
        asked: Asked,
        answer: tl::enums::messages::Messages,
    ) -> Result<Page, CaptureError> {
        let mut page = Page::nothing(&Arc::new(asked), Vec::new());
        use tl::enums::messages::Messages;
        let (messages, users, chats, total) = match answer {
            Messages::ChannelMessages(part) => {
                (part.messages, part.users, part.chats, Some(part.count))
            }
            Messages::Slice(part) => (part.messages, part.users, part.chats, Some(part.count)),
            Messages::Messages(all) => (all.messages, all.users, all.chats, None),
            Messages::NotModified(_) => return Ok(page),
        };
        page.total = total.and_then(|total| u64::try_from(total).ok());
        remember_peers(&self.context.session, &users, &chats).await?;
        page.people = convert::people(&users, &chats);
        for message in &messages {
            match convert::message(message) {
                Found::Message(found) => {
                    let marks = convert::marks(message).into_iter();
                    page.marks.extend(marks.map(|mark| (found.id, mark)));
                    page.messages.push(*found);
                }
                Found::Nothing(id) => page.nothing.push(id),
            }
        }
        Ok(page)
    }
}
