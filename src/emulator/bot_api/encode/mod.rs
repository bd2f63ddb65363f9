//! The world's things as the Bot API writes them.

mod media;
mod member;
mod message;

pub(super) use media::poll;
pub(super) use member::{member, permissions};
pub(super) use message::{inaccessible, message};

use serde_json::{Value, json};

use crate::emulator::world::{Group, User};
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
    let language = Some(&user.language).filter(|_| !user.is_bot());
    let optional = [
        ("last_name", Some(&user.last_name)),
        ("username", user.username.as_ref()),
        ("language_code", language),
    ];
    for (name, value) in optional {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            put(&mut object, name, json!(value));
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
    if group.forum {
        put(&mut object, "is_forum", json!(true));
    }
    object
}

/// Adds a field to an object.
pub(super) fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
