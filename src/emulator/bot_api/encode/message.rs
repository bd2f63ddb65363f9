//! `Message`.
//!
//! A message replied to or pinned is embedded whoever wrote it: the documentation says of
//! `reply_to_message` and `pinned_message` only that they hold no further reply, and the Bot API
//! server asks Telegram for them by the message that names them, which works for any message of the
//! group. What a bot is *sent* is another matter, see [`crate::emulator::world::bot_sees`].

use serde_json::{Map, Value, json};

use super::{ICON_COLOR, chat, media, user};
use crate::emulator::world::{
    Button, Content, Entity, Forward, Group, Message, Quote, Service, State,
};

/// A `Message` as `viewer` gets it.
pub(in super::super) fn message(state: &State, viewer: i64, message: &Message) -> Value {
    encode(state, viewer, message, true)
}

fn encode(state: &State, viewer: i64, message: &Message, with_reply: bool) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    let group = state.group(message.group);
    put("message_id", json!(message.id));
    if let Some(author) = state.user(message.from) {
        put("from", user(author));
    }
    put("chat", group.map_or(Value::Null, chat));
    put("date", json!(message.date));
    let topic = Some(message.topic).filter(|topic| {
        // General is no thread: its messages carry neither field.
        *topic > 1 && group.is_some_and(|group| group.forum)
    });
    if let Some(topic) = topic {
        put("message_thread_id", json!(topic));
    }
    if let Some(date) = message.edit_date {
        put("edit_date", json!(date));
    }
    if let Some(forward) = &message.forward {
        put("forward_origin", origin(state, forward));
        // Older names of the same.
        match forward.from.and_then(|id| state.user(id)) {
            Some(author) => put("forward_from", user(author)),
            None => put("forward_sender_name", json!(forward.name)),
        }
        put("forward_date", json!(forward.date));
    }
    // A post at the top of a topic "replies" to the message that created the topic.
    let target = message
        .reply_to
        .or(topic)
        .filter(|target| with_reply && *target != message.id);
    if let Some(target) = target.and_then(|id| group?.visible(id)) {
        put("reply_to_message", encode(state, viewer, target, false));
    }
    if let Some(quote) = message.quote.as_ref().filter(|_| with_reply) {
        put("quote", quoted(state, quote));
    }
    if topic.is_some() {
        put("is_topic_message", json!(true));
    }
    if let Some(album) = message.album {
        put("media_group_id", json!(album.to_string()));
    }
    if message.protected || group.is_some_and(|group| group.protected) {
        put("has_protected_content", json!(true));
    }
    if let Some(bot) = message.via_bot.and_then(|id| state.user(id)) {
        put("via_bot", user(bot));
    }
    let carried = match (message.file.and_then(|id| state.file(id)), &message.content) {
        (Some(file), _) => media::file(state, viewer, file),
        (None, Some(Content::Poll(asked))) => {
            let knows = message.from == viewer || asked.voters().contains(&viewer);
            vec![("poll", super::poll(asked, knows))]
        }
        (None, Some(content)) => media::content(content),
        (None, None) => Vec::new(),
    };
    if !carried.is_empty() {
        for (name, value) in carried {
            put(name, value);
        }
        if !message.text.is_empty() {
            put("caption", json!(message.text));
        }
        if !message.entities.is_empty() {
            put("caption_entities", entities(state, &message.entities));
        }
    } else if let Some(service) = &message.service {
        for (name, value) in service_fields(state, viewer, message, service) {
            put(name, value);
        }
    } else {
        put("text", json!(message.text));
        if !message.entities.is_empty() {
            put("entities", entities(state, &message.entities));
        }
    }
    if !message.buttons.is_empty() {
        put("reply_markup", keyboard(&message.buttons));
    }
    Value::Object(object)
}

fn service_fields(
    state: &State,
    viewer: i64,
    message: &Message,
    service: &Service,
) -> Vec<(&'static str, Value)> {
    match service {
        Service::GroupTitle { .. } => vec![("supergroup_chat_created", json!(true))],
        Service::Renamed { title } => vec![("new_chat_title", json!(title))],
        Service::TopicCreated { title } => vec![(
            "forum_topic_created",
            json!({ "name": title, "icon_color": ICON_COLOR }),
        )],
        Service::TopicEdited {
            title,
            closed,
            hidden,
        } => {
            let mut fields = Vec::new();
            if let Some(title) = title {
                fields.push(("forum_topic_edited", json!({ "name": title })));
            }
            match closed {
                Some(true) => fields.push(("forum_topic_closed", json!({}))),
                Some(false) => fields.push(("forum_topic_reopened", json!({}))),
                None => {}
            }
            match hidden {
                Some(true) => fields.push(("general_forum_topic_hidden", json!({}))),
                Some(false) => fields.push(("general_forum_topic_unhidden", json!({}))),
                None => {}
            }
            fields
        }
        Service::Pinned { message: id } => {
            let group = state.group(message.group);
            let pinned = group.and_then(|group| group.visible(*id)).map_or_else(
                || inaccessible(group, *id),
                |pinned| encode(state, viewer, pinned, false),
            );
            vec![("pinned_message", pinned)]
        }
        Service::Joined { people } => {
            let people: Vec<Value> = people
                .iter()
                .filter_map(|id| state.user(*id))
                .map(user)
                .collect();
            // The other two are older names that clients still read.
            let first = people.first().cloned().unwrap_or_default();
            vec![
                ("new_chat_participant", first.clone()),
                ("new_chat_member", first),
                ("new_chat_members", Value::Array(people)),
            ]
        }
        Service::Left { person } => {
            let person = state.user(*person).map(user);
            let person = person.unwrap_or_default();
            vec![
                ("left_chat_participant", person.clone()),
                ("left_chat_member", person),
            ]
        }
    }
}

fn origin(state: &State, forward: &Forward) -> Value {
    match forward.from.and_then(|id| state.user(id)) {
        Some(author) => {
            json!({ "type": "user", "sender_user": user(author), "date": forward.date })
        }
        None => json!({
            "type": "hidden_user",
            "sender_user_name": forward.name.as_deref().unwrap_or_default(),
            "date": forward.date,
        }),
    }
}

/// An `InaccessibleMessage`: deleted, or never known.
pub(in super::super) fn inaccessible(group: Option<&Group>, id: i32) -> Value {
    json!({ "message_id": id, "chat": group.map(chat), "date": 0 })
}

/// A `TextQuote`.
fn quoted(state: &State, quote: &Quote) -> Value {
    let mut object = json!({ "text": quote.text, "position": quote.offset, "is_manual": true });
    if !quote.entities.is_empty() {
        super::put(&mut object, "entities", entities(state, &quote.entities));
    }
    object
}

fn entities(state: &State, entities: &[Entity]) -> Value {
    let encode = |entity: &Entity| {
        let kind = match entity.kind.as_str() {
            "link" => "url",
            "blockquote" if entity.collapsed => "expandable_blockquote",
            "phone" => "phone_number",
            "mention_name" => "text_mention",
            other => other,
        };
        let mut object = json!({
            "offset": entity.offset,
            "length": entity.length,
            "type": kind,
        });
        if let Some(object) = object.as_object_mut() {
            if let Some(href) = &entity.href {
                object.insert("url".to_owned(), json!(href));
            }
            if let Some(language) = entity.language.as_ref().filter(|name| !name.is_empty()) {
                object.insert("language".to_owned(), json!(language));
            }
            if let Some(mentioned) = entity.user_id.and_then(|id| state.user(id)) {
                object.insert("user".to_owned(), user(mentioned));
            }
        }
        object
    };
    Value::Array(entities.iter().map(encode).collect())
}

fn keyboard(rows: &[Vec<Button>]) -> Value {
    let button = |button: &Button| {
        let mut object = json!({ "text": button.text });
        match (&button.url, &button.copy) {
            (Some(url), _) => super::put(&mut object, "url", json!(url)),
            (None, Some(copy)) => super::put(&mut object, "copy_text", json!({ "text": copy })),
            (None, None) => {
                let data = button.data.as_deref().unwrap_or_default();
                super::put(&mut object, "callback_data", json!(data));
            }
        }
        object
    };
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| row.iter().map(button).collect())
        .collect();
    json!({ "inline_keyboard": rows })
}
