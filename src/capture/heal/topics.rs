//! The list of topics: titles and states that changed while nobody looked.

use grammers_client::tl;

use super::super::account::{input_channel, remember_peers};
use super::super::convert;
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::history::PAGE;
use crate::archive::{ArchiveError, Reader};
use crate::model::Event;
use crate::steps;

/// Reads the topics, latest active first, until a page brings nothing new: with 20,000 topics the
/// whole list is 200 questions, and those active while we were away come first.
pub(super) async fn read(context: &Context, target: &Target) -> Result<(), CaptureError> {
    let channel = input_channel(&context.session, target.group)?;
    let mut request = tl::functions::messages::GetForumTopics {
        peer: tl::types::InputPeerChannel {
            channel_id: channel.channel_id,
            access_hash: channel.access_hash,
        }
        .into(),
        q: None,
        offset_date: 0,
        offset_id: 0,
        offset_topic: 0,
        limit: PAGE,
    };
    let mut seen: i32 = 0;
    loop {
        let asked = target.ask_history().await;
        let tl::enums::messages::ForumTopics::Topics(page) =
            context.telegram.read(&request).await?;
        remember_peers(&context.session, &page.users, &page.chats).await?;
        let count = i32::try_from(page.topics.len()).unwrap_or(i32::MAX);
        let shown: Vec<Event> = page.topics.iter().map(convert::topic).collect();
        // Asked page by page: there may be hundreds of thousands.
        let news = target
            .look(move |reader| {
                let mut news = Vec::new();
                for event in shown {
                    if is_news(&event, reader)? {
                        news.push(event);
                    }
                }
                Ok(news)
            })
            .await?;
        let nothing_new = news.is_empty();
        if !nothing_new {
            target.write_history(&asked, news).await?;
            steps::passed("capture.reconciled");
            context.board.committed(target.group);
        }
        seen = seen.saturating_add(count);
        let last = page.topics.iter().rev().find_map(|topic| match topic {
            tl::enums::ForumTopic::Topic(topic) => Some((topic.id, topic.top_message)),
            tl::enums::ForumTopic::Deleted(_) => None,
        });
        let Some((topic, top_message)) = last else {
            return Ok(());
        };
        let unmoved = request.offset_topic == topic && request.offset_id == top_message;
        if nothing_new || count < PAGE || seen >= page.count || unmoved {
            return Ok(());
        }
        request.offset_topic = topic;
        request.offset_id = top_message;
        request.offset_date = page
            .messages
            .iter()
            .find_map(|message| match message {
                tl::enums::Message::Message(message) if message.id == top_message => {
                    Some(message.date)
                }
                tl::enums::Message::Service(message) if message.id == top_message => {
                    Some(message.date)
                }
                _ => None,
            })
            .unwrap_or(0);
    }
}

fn is_news(event: &Event, archive: &Reader) -> Result<bool, ArchiveError> {
    let Event::Topic {
        id,
        title,
        status,
        hidden,
    } = event
    else {
        return Ok(true);
    };
    Ok(archive.topic(*id)?.is_none_or(|topic| {
        title.as_ref().is_some_and(|title| *title != topic.title)
            || status.is_some_and(|status| status != topic.status)
            || hidden.is_some_and(|hidden| hidden != topic.hidden)
    }))
}
