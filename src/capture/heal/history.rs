//! Questions to history, a page at a time.

use std::time::Duration;

use grammers_client::tl;

use super::super::account::{input_channel, remember_peers};
use super::super::convert::{self, Found};
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use crate::model::{Mark, Message, MessageId, Person};

/// Messages in a page, Telegram's limit.
pub(super) const PAGE: i32 = 100;

/// Pages in a row that are asked for without a pause: enough for every start but the first.
const BURST: u32 = 10;

/// A page of history.
#[derive(Default)]
pub(super) struct Page {
    /// Messages, newest first.
    pub(super) messages: Vec<Message>,
    /// What surrounds them.
    pub(super) marks: Vec<(MessageId, Mark)>,
    /// Ids that hold nothing, where Telegram says so.
    pub(super) nothing: Vec<MessageId>,
    /// Who is named in it.
    pub(super) people: Vec<Person>,
}

/// Reads one group's history.
pub(super) struct History<'a> {
    pub(super) context: &'a Context,
    pub(super) target: &'a Target,
    asked: u32,
}

impl<'a> History<'a> {
    pub(super) fn new(context: &'a Context, target: &'a Target) -> Self {
        Self {
            context,
            target,
            asked: 0,
        }
    }

    /// The messages before an id (0: the newest), at most a page, newest first.
    pub(super) async fn before(&mut self, id: i32) -> Result<Page, CaptureError> {
        self.pause().await;
        let channel = input_channel(&self.context.session, self.target.group)?;
        let answer = self
            .context
            .telegram
            .read(&tl::functions::messages::GetHistory {
                peer: tl::types::InputPeerChannel {
                    channel_id: channel.channel_id,
                    access_hash: channel.access_hash,
                }
                .into(),
                offset_id: id,
                offset_date: 0,
                add_offset: 0,
                limit: PAGE,
                max_id: 0,
                min_id: 0,
                hash: 0,
            })
            .await?;
        let mut page = self.page(answer).await?;
        // Whatever the server repeats or reorders, a walk must go down.
        page.messages.retain(|message| id == 0 || message.id.0 < id);
        page.messages
            .sort_unstable_by_key(|message| std::cmp::Reverse(message.id));
        Ok(page)
    }

    /// These messages, at most a page of them.
    pub(super) async fn these(&mut self, ids: &[MessageId]) -> Result<Page, CaptureError> {
        self.pause().await;
        let channel = input_channel(&self.context.session, self.target.group)?;
        let answer = self
            .context
            .telegram
            .read(&tl::functions::channels::GetMessages {
                channel: channel.into(),
                id: ids
                    .iter()
                    .map(|id| tl::types::InputMessageId { id: id.0 }.into())
                    .collect(),
            })
            .await?;
        self.page(answer).await
    }

    async fn page(&self, answer: tl::enums::messages::Messages) -> Result<Page, CaptureError> {
        use tl::enums::messages::Messages;
        let (messages, users, chats) = match answer {
            Messages::ChannelMessages(part) => (part.messages, part.users, part.chats),
            Messages::Slice(part) => (part.messages, part.users, part.chats),
            Messages::Messages(all) => (all.messages, all.users, all.chats),
            Messages::NotModified(_) => return Ok(Page::default()),
        };
        remember_peers(&self.context.session, &users, &chats).await?;
        let mut page = Page {
            people: convert::people(&users, &chats),
            ..Page::default()
        };
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

    /// Before every question: forget what live updates touched before it, and, in a long
    /// reconciliation, give Telegram time, which answers hurry with waits.
    pub(super) async fn pause(&mut self) {
        self.asked += 1;
        if self.asked > BURST && self.context.pace > Duration::ZERO {
            tokio::time::sleep(self.context.pace).await;
        }
        self.target.ask_history().await;
    }
}
