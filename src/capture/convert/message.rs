//! Messages.

use grammers_client::tl;

use super::entities::{buttons, entities};
use super::media::{expires, media};
use super::people::person_id;
use super::rich;
use super::service::service;
use crate::model::{
    EntityKind, Forward, GroupId, Message, MessageId, PersonId, Reply, Service, TopicId,
};

/// What stands at an id.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::capture) enum Found {
    /// A message.
    Message(Box<Message>),
    /// Nothing, or nothing that we may see.
    Nothing(MessageId),
}

/// The group that a message belongs to, where Telegram says so.
pub(in crate::capture) fn group_of(raw: &tl::enums::Message) -> Option<GroupId> {
    let peer = match raw {
        tl::enums::Message::Message(message) => &message.peer_id,
        tl::enums::Message::Service(message) => &message.peer_id,
        tl::enums::Message::Empty(message) => message.peer_id.as_ref()?,
    };
    match peer {
        tl::enums::Peer::Channel(channel) => GroupId::from_bare(channel.channel_id),
        tl::enums::Peer::User(_) | tl::enums::Peer::Chat(_) => None,
    }
}

/// A message of a group.
pub(in crate::capture) fn message(raw: &tl::enums::Message) -> Found {
    match raw {
        tl::enums::Message::Empty(empty) => Found::Nothing(MessageId(empty.id)),
        tl::enums::Message::Message(raw) => Found::Message(Box::new(plain(raw))),
        tl::enums::Message::Service(raw) => Found::Message(Box::new(about_group(raw))),
    }
}

fn plain(raw: &tl::types::Message) -> Message {
    let secret = raw.media.as_ref().is_some_and(expires);
    let (topic, reply_to) = place(raw.reply_to.as_ref(), &raw.peer_id);
    let text = match &raw.rich_message {
        _ if secret => String::new(),
        // Articles come as blocks instead of a text.
        Some(article) if raw.message.is_empty() => rich::text(article),
        _ => raw.message.clone(),
    };
    Message {
        id: MessageId(raw.id),
        topic,
        date: i64::from(raw.date),
        from: raw.from_id.as_ref().map(person_id),
        entities: if secret {
            Vec::new()
        } else {
            entities(raw.entities.as_deref())
        },
        reply_to,
        // `edit_hide` marks changes that are no edits to the reader: reactions, buttons.
        edit_date: raw.edit_date.filter(|_| !raw.edit_hide).map(i64::from),
        media: media(raw.media.as_ref()),
        forward: raw.fwd_from.as_ref().map(forward),
        via_bot: raw.via_bot_id.map(PersonId),
        buttons: buttons(raw.reply_markup.as_ref()),
        album: raw.grouped_id,
        service: None,
        // An article of which nothing can be read.
        unsupported: (text.is_empty() && !secret && raw.rich_message.is_some())
            .then(|| "richMessage".to_owned()),
        text,
    }
}

fn about_group(raw: &tl::types::MessageService) -> Message {
    let from = raw.from_id.as_ref().map(person_id);
    let (mut topic, answered) = place(raw.reply_to.as_ref(), &raw.peer_id);
    let pointed_at = match &raw.reply_to {
        Some(tl::enums::MessageReplyHeader::Header(header)) => {
            header.reply_to_msg_id.map(MessageId)
        }
        _ => answered.map(|reply| reply.id),
    };
    let service = service(&raw.action, pointed_at, from);
    if matches!(service, Service::TopicCreated { .. }) {
        topic = TopicId(raw.id); // a topic is named after the message that created it
    }
    Message {
        id: MessageId(raw.id),
        topic,
        date: i64::from(raw.date),
        from,
        text: String::new(),
        entities: Vec::new(),
        reply_to: None,
        edit_date: None,
        media: None,
        forward: None,
        via_bot: None,
        buttons: Vec::new(),
        album: None,
        service: Some(service),
        unsupported: None,
    }
}

/// In which topic a message stands, and what it answers.
///
/// Telegram puts both into one header. With `forum_topic`, `reply_to_top_id` is the topic and
/// `reply_to_msg_id` what is answered; without a `reply_to_top_id`, `reply_to_msg_id` is the topic
/// and nothing is answered (unless a part of its first message is quoted). Without `forum_topic`
/// the message stands in General.
fn place(
    header: Option<&tl::enums::MessageReplyHeader>,
    here: &tl::enums::Peer,
) -> (TopicId, Option<Reply>) {
    let Some(tl::enums::MessageReplyHeader::Header(header)) = header else {
        return (TopicId::GENERAL, None);
    };
    let external = header
        .reply_to_peer_id
        .as_ref()
        .is_some_and(|peer| peer != here);
    let topic = match (header.forum_topic, header.reply_to_top_id) {
        (true, Some(top)) => TopicId(top),
        // An id in another chat is no topic of ours.
        (true, None) if !external => header.reply_to_msg_id.map_or(TopicId::GENERAL, TopicId),
        _ => TopicId::GENERAL,
    };
    let only_the_topic =
        header.forum_topic && header.reply_to_top_id.is_none() && header.quote_text.is_none();
    let reply = header
        .reply_to_msg_id
        .filter(|_| external || !only_the_topic)
        .map(|id| Reply {
            id: MessageId(id),
            quote: header.quote_text.clone().filter(|quote| !quote.is_empty()),
            quote_entities: entities(header.quote_entities.as_deref()),
            chat: header
                .reply_to_peer_id
                .as_ref()
                .filter(|_| external)
                .map(person_id),
            external,
        });
    (topic, reply)
}

fn forward(raw: &tl::enums::MessageFwdHeader) -> Forward {
    let tl::enums::MessageFwdHeader::Header(header) = raw;
    Forward {
        from: header.from_id.as_ref().map(person_id),
        name: header.from_name.clone(),
        date: i64::from(header.date),
    }
}

/// Everyone whom a message names, so that only their names are kept of those whom Telegram sends
/// along with it.
pub(in crate::capture) fn named(message: &Message) -> impl Iterator<Item = PersonId> + '_ {
    let service: &[PersonId] = match &message.service {
        Some(Service::Joined { people }) => people,
        Some(Service::Left { person }) => std::slice::from_ref(person),
        _ => &[],
    };
    let mentioned = message
        .entities
        .iter()
        .filter_map(|entity| match entity.kind {
            EntityKind::MentionName { user_id } => Some(user_id),
            _ => None,
        });
    message
        .from
        .into_iter()
        .chain(message.via_bot)
        .chain(message.forward.as_ref().and_then(|forward| forward.from))
        .chain(service.iter().copied())
        .chain(mentioned)
}
