//! What messages carry: files and other content.

use serde_json::{Value, json};

use super::super::files::{file_id, unique_id};
use super::put;
use crate::emulator::world::{Content, File, FileKind, Poll, State};

/// The fields that a file adds to a message.
pub(super) fn file(state: &State, viewer: i64, file: &File) -> Vec<(&'static str, Value)> {
    let mut object = json!({
        "file_id": file_id(state, viewer, file),
        "file_unique_id": unique_id(state, file),
        "file_size": file.bytes.len(),
    });
    let mut set = |name: &str, value: Value| put(&mut object, name, value);
    let named = !matches!(
        file.kind,
        FileKind::Photo | FileKind::Voice | FileKind::VideoNote | FileKind::Sticker
    );
    if named && !file.name.is_empty() {
        set("file_name", json!(file.name));
    }
    if (named || file.kind == FileKind::Voice) && !file.mime_type.is_empty() {
        set("mime_type", json!(file.mime_type));
    }
    match file.kind {
        FileKind::Photo | FileKind::Video | FileKind::Animation | FileKind::Sticker => {
            set("width", json!(file.width));
            set("height", json!(file.height));
        }
        FileKind::VideoNote => set("length", json!(file.width)),
        FileKind::Audio | FileKind::Voice | FileKind::Document => {}
    }
    match file.kind {
        FileKind::Video
        | FileKind::Animation
        | FileKind::Audio
        | FileKind::Voice
        | FileKind::VideoNote => set("duration", json!(file.duration)),
        FileKind::Photo | FileKind::Sticker | FileKind::Document => {}
    }
    match file.kind {
        FileKind::Photo => object = json!([object]),
        FileKind::Audio => {
            for (name, text) in [("title", &file.title), ("performer", &file.performer)] {
                if !text.is_empty() {
                    put(&mut object, name, json!(text));
                }
            }
        }
        FileKind::Sticker => {
            put(&mut object, "type", json!("regular"));
            let animated = file.mime_type == "application/x-tgsticker";
            put(&mut object, "is_animated", json!(animated));
            put(
                &mut object,
                "is_video",
                json!(file.mime_type == "video/webm"),
            );
            if !file.emoji.is_empty() {
                put(&mut object, "emoji", json!(file.emoji));
            }
        }
        _ => {}
    }
    let mut fields = Vec::new();
    if file.kind == FileKind::Animation {
        // Clients from before animations had a field of their own read this one.
        fields.push(("document", object.clone()));
    }
    fields.push((file.kind.name(), object));
    fields
}

/// The fields that other content adds to a message.
pub(super) fn content(content: &Content) -> Vec<(&'static str, Value)> {
    match content {
        Content::Contact {
            phone,
            first_name,
            last_name,
            user_id,
        } => {
            let mut object = json!({ "phone_number": phone, "first_name": first_name });
            if !last_name.is_empty() {
                put(&mut object, "last_name", json!(last_name));
            }
            if let Some(id) = user_id {
                put(&mut object, "user_id", json!(id));
            }
            vec![("contact", object)]
        }
        Content::Location { point } => vec![(
            "location",
            json!({ "latitude": point.latitude, "longitude": point.longitude }),
        )],
        Content::Venue {
            point,
            title,
            address,
        } => {
            let place = json!({ "latitude": point.latitude, "longitude": point.longitude });
            let venue = json!({ "location": place, "title": title, "address": address });
            vec![("location", place), ("venue", venue)]
        }
        Content::Poll(asked) => vec![("poll", poll(asked, true))],
        Content::Dice { emoji, value } => {
            vec![("dice", json!({ "emoji": emoji, "value": value }))]
        }
    }
}

/// A `Poll`. Only its author and who voted know a quiz's answer while it is open.
pub(in super::super) fn poll(poll: &Poll, knows: bool) -> Value {
    let options: Vec<Value> = poll
        .options
        .iter()
        .enumerate()
        .map(|(at, option)| {
            json!({
                "persistent_id": at.to_string(),
                "text": option.text,
                "voter_count": option.voters.len(),
            })
        })
        .collect();
    let mut object = json!({
        "id": poll.id.to_string(),
        "question": poll.question,
        "options": options,
        "total_voter_count": poll.voters().len(),
        "is_closed": poll.closed,
        "is_anonymous": poll.anonymous,
        "type": if poll.correct.is_some() { "quiz" } else { "regular" },
        "allows_multiple_answers": poll.multiple,
        "allows_revoting": poll.correct.is_none(),
        "members_only": false,
    });
    if let Some(correct) = poll.correct.filter(|_| knows || poll.closed) {
        put(&mut object, "correct_option_id", json!(correct));
        put(&mut object, "correct_option_ids", json!([correct]));
    }
    object
}
