//! From what the Bot API shows to the vocabulary, total and without I/O.
//!
//! The Bot API says less than MTProto does (no ids of files, no views, no hidden edits); what it does
//! say is called the same, so that the archive can hold one against the other.

mod media;
#[cfg(test)]
mod tests;

use teloxide::types::{
    Chat, InlineKeyboardButtonKind, MediaKind as Raw, Message as RawMessage, MessageCommon,
    MessageEntity, MessageEntityKind, MessageKind, MessageOrigin, User,
};

use crate::model::{
    Button, Entity, EntityKind, Event, Forward, Message, MessageId, Person, PersonId, PersonKind,
    Reply, Service, TopicId,
};

/// What a message tells: itself, and the names of those whom it names.
pub(super) fn events(raw: &RawMessage) -> Vec<Event> {
    let mut events: Vec<Event> = people(raw).into_iter().map(Event::Person).collect();
    events.push(Event::Message(Box::new(message(raw))));
    events
}

/// A message of a group.
pub(super) fn message(raw: &RawMessage) -> Message {
    let mut message = Message {
        id: MessageId(raw.id.0),
        topic: topic(raw),
        date: raw.date.timestamp(),
        from: author(raw),
        text: String::new(),
        entities: Vec::new(),
        reply_to: None,
        edit_date: None,
        media: None,
        forward: None,
        via_bot: raw.via_bot.as_ref().map(person_id),
        buttons: Vec::new(),
        album: None,
        service: None,
        unsupported: None,
    };
    match &raw.kind {
        MessageKind::Common(common) => fill(&mut message, common),
        MessageKind::Dice(dice) => message.media = Some(media::dice(&dice.dice)),
        MessageKind::Invoice(it) => message.media = Some(media::invoice(&it.invoice)),
        MessageKind::Giveaway(_) | MessageKind::GiveawayWinners(_) => {
            message.media = Some(media::giveaway());
        }
        // What teloxide does not know yet.
        MessageKind::Empty {} => message.unsupported = Some("unknown".to_owned()),
        other => message.service = Some(service(other)),
    }
    if matches!(message.service, Some(Service::TopicCreated { .. })) {
        // A topic is named after the message that created it.
        message.topic = TopicId(message.id.0);
    }
    message
}

/// The topic that a message stands in. A thread that is no topic is a chain of replies in General.
pub(super) fn topic(raw: &RawMessage) -> TopicId {
    raw.thread_id
        .filter(|_| raw.is_topic_message)
        .map_or(TopicId::GENERAL, |thread| TopicId(thread.0.0))
}

fn fill(message: &mut Message, common: &MessageCommon) {
    let (text, entities) = words(&common.media_kind);
    message.text = text.to_owned();
    message.entities = entities.iter().map(entity).collect();
    message.edit_date = common.edit_date.map(|date| date.timestamp());
    message.media = media::media(&common.media_kind);
    message.album = media::album(&common.media_kind);
    message.reply_to = reply(message.topic, common);
    message.forward = common.forward_origin.as_ref().map(forward);
    if let Some(markup) = &common.reply_markup {
        let button = |button: &teloxide::types::InlineKeyboardButton| Button {
            text: button.text.clone(),
            url: match &button.kind {
                InlineKeyboardButtonKind::Url(url) => Some(url.to_string()),
                _ => None,
            },
        };
        message.buttons = markup
            .inline_keyboard
            .iter()
            .map(|row| row.iter().map(button).collect())
            .collect();
    }
}

/// Text or caption.
fn words(raw: &Raw) -> (&str, &[MessageEntity]) {
    fn caption(caption: &Option<String>) -> &str {
        caption.as_deref().unwrap_or_default()
    }
    match raw {
        Raw::Text(text) => (&text.text, &text.entities),
        Raw::Animation(it) => (caption(&it.caption), &it.caption_entities),
        Raw::Audio(it) => (caption(&it.caption), &it.caption_entities),
        Raw::Document(it) => (caption(&it.caption), &it.caption_entities),
        Raw::Photo(it) => (caption(&it.caption), &it.caption_entities),
        Raw::Video(it) => (caption(&it.caption), &it.caption_entities),
        Raw::Voice(it) => (caption(&it.caption), &it.caption_entities),
        _ => ("", &[]),
    }
}

fn entity(raw: &MessageEntity) -> Entity {
    use MessageEntityKind as Kind;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Entity {
        offset: count(raw.offset),
        length: count(raw.length),
        kind: match &raw.kind {
            Kind::Mention => EntityKind::Mention,
            Kind::Hashtag => EntityKind::Hashtag,
            Kind::Cashtag => EntityKind::Cashtag,
            Kind::BotCommand => EntityKind::BotCommand,
            Kind::Url => EntityKind::Link,
            Kind::Email => EntityKind::Email,
            Kind::PhoneNumber => EntityKind::Phone,
            Kind::Bold => EntityKind::Bold,
            Kind::Blockquote | Kind::ExpandableBlockquote => EntityKind::Blockquote,
            Kind::Italic => EntityKind::Italic,
            Kind::Underline => EntityKind::Underline,
            Kind::Strikethrough => EntityKind::Strikethrough,
            Kind::Spoiler => EntityKind::Spoiler,
            Kind::Code => EntityKind::Code,
            Kind::Pre { language } => EntityKind::Pre {
                language: language.clone().unwrap_or_default(),
            },
            Kind::TextLink { url } => EntityKind::TextLink {
                href: url.to_string(),
            },
            Kind::TextMention { user } => EntityKind::MentionName {
                user_id: person_id(user),
            },
            Kind::CustomEmoji { custom_emoji_id } => match custom_emoji_id.0.parse() {
                Ok(document_id) => EntityKind::CustomEmoji { document_id },
                Err(_) => EntityKind::Unknown {
                    name: "custom_emoji".to_owned(),
                },
            },
        },
    }
}

/// What a message answers. In a topic, a message that answers nothing points to the topic's first.
fn reply(topic: TopicId, common: &MessageCommon) -> Option<Reply> {
    let quote = common.quote.as_ref();
    let external = common.external_reply.as_ref();
    let answered = match (&common.reply_to_message, external) {
        (Some(answered), _) if answered.id.0 != topic.0 || quote.is_some() => answered.id.0,
        (_, Some(external)) => external.message_id?.0,
        _ => return None,
    };
    // One that stands in another topic of this group comes with both.
    let elsewhere = external.filter(|_| common.reply_to_message.is_none());
    Some(Reply {
        quote: quote.map(|quote| quote.text.clone()),
        quote_entities: quote.map_or_else(Vec::new, |quote| {
            quote.entities.iter().map(entity).collect()
        }),
        chat: elsewhere.and_then(|it| it.chat.as_ref()).map(chat_id),
        external: elsewhere.is_some(),
        ..Reply::to(MessageId(answered))
    })
}

fn forward(origin: &MessageOrigin) -> Forward {
    let date = origin.date().timestamp();
    let from = |from| Forward {
        from: Some(from),
        name: None,
        date,
    };
    match origin {
        MessageOrigin::User { sender_user, .. } => from(person_id(sender_user)),
        MessageOrigin::Chat { sender_chat, .. } => from(chat_id(sender_chat)),
        MessageOrigin::Channel { chat, .. } => from(chat_id(chat)),
        MessageOrigin::HiddenUser {
            sender_user_name, ..
        } => Forward {
            from: None,
            name: Some(sender_user_name.clone()),
            date,
        },
    }
}

fn service(raw: &MessageKind) -> Service {
    let edited = |title: Option<String>, closed, hidden| Service::TopicEdited {
        title,
        closed,
        hidden,
    };
    match raw {
        MessageKind::ForumTopicCreated(it) => Service::TopicCreated {
            title: it.forum_topic_created.name.clone(),
        },
        MessageKind::ForumTopicEdited(it) => edited(it.forum_topic_edited.name.clone(), None, None),
        MessageKind::ForumTopicClosed(_) => edited(None, Some(true), None),
        MessageKind::ForumTopicReopened(_) => edited(None, Some(false), None),
        MessageKind::GeneralForumTopicHidden(_) => edited(None, None, Some(true)),
        MessageKind::GeneralForumTopicUnhidden(_) => edited(None, None, Some(false)),
        MessageKind::Pinned(it) => Service::Pinned {
            message: Some(MessageId(it.pinned.id().0)),
        },
        MessageKind::NewChatMembers(it) => Service::Joined {
            people: it.new_chat_members.iter().map(person_id).collect(),
        },
        MessageKind::LeftChatMember(it) => Service::Left {
            person: person_id(&it.left_chat_member),
        },
        MessageKind::NewChatTitle(it) => Service::GroupTitle {
            title: it.new_chat_title.clone(),
        },
        other => Service::Other { name: name(other) },
    }
}

/// What the Bot API calls a kind of message.
fn name(kind: &MessageKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_object()?.keys().next().cloned())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Who wrote it: the group or a channel, where it speaks in its own name.
fn author(raw: &RawMessage) -> Option<PersonId> {
    let chat = raw.sender_chat.as_ref().map(chat_id);
    chat.or_else(|| raw.from.as_ref().map(person_id))
}

/// Those whom a message shows with their names.
fn people(raw: &RawMessage) -> Vec<Person> {
    let mut people = Vec::new();
    match (&raw.sender_chat, &raw.from) {
        (Some(chat), _) => people.extend(channel(chat)),
        (None, Some(user)) => people.push(person(user)),
        (None, None) => {}
    }
    people.extend(raw.via_bot.as_ref().map(person));
    if let MessageKind::NewChatMembers(it) = &raw.kind {
        people.extend(it.new_chat_members.iter().map(person));
    }
    people
}

fn person(user: &User) -> Person {
    Person {
        id: person_id(user),
        kind: if user.is_bot {
            PersonKind::Bot
        } else {
            PersonKind::User
        },
        name: user.full_name(),
        username: user.username.clone(),
    }
}

fn channel(chat: &Chat) -> Option<Person> {
    Some(Person {
        id: chat_id(chat),
        kind: PersonKind::Channel,
        name: chat.title()?.to_owned(),
        username: chat.username().map(str::to_owned),
    })
}

fn person_id(user: &User) -> PersonId {
    // Ids of users have at most 52 bits.
    PersonId(i64::try_from(user.id.0).unwrap_or(i64::MAX))
}

fn chat_id(chat: &Chat) -> PersonId {
    PersonId(chat.id.0)
}
