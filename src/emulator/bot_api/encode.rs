//! The world's things as the Bot API writes them.

use serde_json::{Map, Value, json};

use super::files::file_id;
use crate::emulator::world::{
    Button, Entity, File, FileKind, Forward, Group, Message, Service, State, User,
};
use crate::model::GroupId;

/// Colour of a topic's icon where none was chosen.
pub(super) const ICON_COLOR: u32 = 0x6F_B9_F0;

/// The Bot API's id of a group.
pub(super) fn chat_id(group: i64) -> i64 {
    GroupId::from_bare(group).map_or(0, GroupId::marked)
}

/// A `User`.
pub(super) fn user(user: &User) -> Value {
    let mut object = json!({
        "id": user.id,
        "is_bot": user.is_bot(),
        "first_name": user.first_name,
    });
    let optional = [
        ("last_name", Some(&user.last_name)),
        ("username", user.username.as_ref()),
        (
            "language_code",
            Some(&user.language).filter(|_| !user.is_bot()),
        ),
    ];
    if let Some(object) = object.as_object_mut() {
        for (name, value) in optional {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                object.insert(name.to_owned(), json!(value));
            }
        }
    }
    object
}

/// A `Chat`.
pub(super) fn chat(group: &Group) -> Value {
    let mut object = json!({
        "id": chat_id(group.id),
        "title": group.title,
        "type": "supergroup",
    });
    if let (true, Some(object)) = (group.forum, object.as_object_mut()) {
        object.insert("is_forum".to_owned(), json!(true));
    }
    object
}

/// A `Message` as `viewer` gets it.
pub(super) fn message(state: &State, viewer: i64, message: &Message) -> Value {
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
    }
    // A post at the top of a topic "replies" to the message that created the topic.
    let target = message
        .reply_to
        .or(topic)
        .filter(|target| with_reply && *target != message.id);
    if let Some(target) = target.and_then(|id| group?.visible(id)) {
        put("reply_to_message", encode(state, viewer, target, false));
    }
    if topic.is_some() {
        put("is_topic_message", json!(true));
    }
    if let Some(bot) = message.via_bot.and_then(|id| state.user(id)) {
        put("via_bot", user(bot));
    }
    if let Some(file) = message.file.and_then(|id| state.file(id)) {
        let (name, value) = media(viewer, file);
        put(name, value);
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
                || json!({ "chat": group.map(chat), "message_id": id, "date": 0 }),
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
            vec![("new_chat_members", Value::Array(people))]
        }
        Service::Left { person } => {
            let person = state.user(*person).map(user);
            vec![("left_chat_member", person.unwrap_or_default())]
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

fn media(viewer: i64, file: &File) -> (&'static str, Value) {
    let mut object = json!({
        "file_id": file_id(viewer, file),
        "file_unique_id": format!("AQAD{:x}", file.id),
        "file_size": file.bytes.len(),
    });
    let mut put = |name: &str, value: Value| {
        if let Some(object) = object.as_object_mut() {
            object.insert(name.to_owned(), value);
        }
    };
    match file.kind {
        FileKind::Photo => {
            put("width", json!(file.width));
            put("height", json!(file.height));
            ("photo", json!([object]))
        }
        FileKind::Voice => {
            put("duration", json!(file.duration));
            put("mime_type", json!(file.mime_type));
            ("voice", object)
        }
        kind => {
            put("file_name", json!(file.name));
            put("mime_type", json!(file.mime_type));
            (kind.name(), object)
        }
    }
}

fn entities(state: &State, entities: &[Entity]) -> Value {
    let encode = |entity: &Entity| {
        let kind = match entity.kind.as_str() {
            "link" => "url",
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
    let button = |button: &Button| match &button.url {
        Some(url) => json!({ "text": button.text, "url": url }),
        None => json!({
            "text": button.text,
            "callback_data": button.data.as_deref().unwrap_or_default(),
        }),
    };
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| row.iter().map(button).collect())
        .collect();
    json!({ "inline_keyboard": rows })
}
