//! What is really in a group: the measure for archives, in the JSON Lines format's field names.

use std::ops::Bound;

use serde_json::{Value, json};

use super::scenario::Cast;
use super::world::{Content, File, FileKind, Message, PastVersion, State, addressed_command};

/// Every message of a group ever, or of one topic of it, deleted ones included, ascending by id.
#[must_use]
pub fn messages(state: &State, cast: &Cast, group: i64, topic: Option<i32>) -> Vec<Value> {
    page(state, cast, (group, topic), 0, usize::MAX).0
}

/// Some of them: of the next `many` messages of the group after an id, those of the topic; and the
/// id after which to go on, where there may be more.
pub(super) fn page(
    state: &State,
    cast: &Cast,
    (group, topic): (i64, Option<i32>),
    after: i32,
    many: usize,
) -> (Vec<Value>, Option<i32>) {
    let Some(group) = state.group(group) else {
        return (Vec::new(), None);
    };
    let (mut lines, mut seen, mut last) = (Vec::new(), 0, None);
    let rest = (Bound::Excluded(after), Bound::Unbounded);
    for (id, message) in group.messages.range(rest).take(many) {
        seen += 1;
        last = Some(*id);
        if topic.is_none_or(|topic| message.topic == topic) {
            lines.push(line(state, cast, message));
        }
    }
    (lines, last.filter(|_| seen == many))
}

/// One message.
fn line(state: &State, cast: &Cast, message: &Message) -> Value {
    let versions: Vec<Value> = message
        .versions
        .iter()
        .map(|version| past(state, version))
        .collect();
    json!({
        "group": message.group,
        "id": message.id,
        "topic": message.topic,
        "date": message.date,
        "from_id": message.from,
        "from": state.user(message.from).map(super::world::User::name),
        "role": role(state, cast, message),
        "kind": kind(state, message),
        "text": message.text,
        "entities": message.entities,
        "reply_to": message.reply_to,
        "forward": message.forward,
        "buttons": message.buttons,
        "edit_date": message.edit_date,
        "deleted": message.deleted_at.is_some(),
        "deleted_at": message.deleted_at,
        "media": message.file.and_then(|id| state.file(id)).map(media),
        "content": message.content,
        "album": message.album,
        "quote": message.quote,
        "reactions": message.reactions,
        "pinned": message.pinned,
        "service": message.service,
        "versions": versions,
    })
}

fn past(state: &State, version: &PastVersion) -> Value {
    json!({
        "text": version.text,
        "entities": version.entities,
        "media": version.file.and_then(|id| state.file(id)).map(media),
        "edit_date": version.edit_date,
    })
}

/// Who speaks: customers speak through the CRM's author, whatever account that is.
fn role(state: &State, cast: &Cast, message: &Message) -> &'static str {
    if message.service.is_some() {
        "service"
    } else if message.from == cast.author {
        "customer"
    } else if message.text.starts_with("/ ") {
        "note"
    } else if addressed_command(&message.text).is_some() {
        "command"
    } else if state.user(message.from).is_some_and(|user| user.is_bot()) {
        "assistant"
    } else {
        "operator"
    }
}

fn kind(state: &State, message: &Message) -> &'static str {
    if message.service.is_some() {
        return "service";
    }
    message
        .file
        .and_then(|id| state.file(id))
        .map(|file| file.kind.name())
        .or_else(|| message.content.as_ref().map(Content::name))
        .unwrap_or("text")
}

fn media(file: &File) -> Value {
    let positive = |number: i32| Some(number).filter(|number| *number > 0);
    json!({
        "kind": file.kind.name(),
        "file_id": file.id,
        "file_name": Some(&file.name).filter(|name| !name.is_empty()),
        // Telegram tells no type of photos: they are always JPEG to it.
        "mime_type": Some(&file.mime_type).filter(|_| file.kind != FileKind::Photo),
        "size": file.bytes.len(),
        "width": positive(file.width),
        "height": positive(file.height),
        "duration": positive(file.duration),
    })
}
