//! Holds an archive against the emulator's ground truth, message by message and by content.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::{Value, json};

use crate::archive::{ArchiveError, Order, Reader, Selection};
use crate::emulator::world::{self, State};
use crate::model::{Media, Message, Snapshot};

/// What differs between an archive and the truth. Empty lists: the archive is equal to what a
/// member can see.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// Messages that exist in the group.
    pub messages_in_group: usize,
    /// Messages that the archive holds as existing.
    pub archived: usize,
    /// Ids that exist and are not in the archive, or are marked deleted there.
    pub missing: Vec<i32>,
    /// Ids that the archive holds as existing and that do not exist.
    pub extra: Vec<i32>,
    /// Messages whose content differs.
    pub differing: Vec<Difference>,
}

/// One field of one message that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Message id.
    pub id: i32,
    /// Field, by its JSON Lines name.
    pub field: &'static str,
    /// What the archive holds.
    pub archived: Value,
    /// What is true.
    pub truth: Value,
}

impl Comparison {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.differing.is_empty()
    }
}

/// Compares one group's archive with the world.
///
/// # Errors
/// When the archive cannot be read.
pub fn compare(state: &State, group: i64, reader: &Reader) -> Result<Comparison, ArchiveError> {
    let mut archived: BTreeMap<i32, Snapshot> = BTreeMap::new();
    let selection = Selection {
        skip_deleted: true,
        ..Selection::default()
    };
    reader.read(&selection, Order::Id, &mut |snapshot| {
        archived.insert(snapshot.message.id.0, snapshot);
        ControlFlow::Continue(())
    })?;
    let mut result = Comparison {
        archived: archived.len(),
        ..Comparison::default()
    };
    let Some(group) = state.group(group) else {
        result.extra = archived.into_keys().collect();
        return Ok(result);
    };
    for truth in group
        .messages
        .values()
        .filter(|message| message.deleted_at.is_none())
    {
        result.messages_in_group += 1;
        match archived.remove(&truth.id) {
            None => result.missing.push(truth.id),
            Some(held) => differences(state, truth, &held, &mut result.differing),
        }
    }
    result.extra = archived.into_keys().collect();
    Ok(result)
}

fn differences(
    state: &State,
    truth: &world::Message,
    held: &Snapshot,
    found: &mut Vec<Difference>,
) {
    let message = &held.message;
    let mut field = |field, archived: Value, truth_value: Value| {
        if archived != truth_value {
            found.push(Difference {
                id: truth.id,
                field,
                archived,
                truth: truth_value,
            });
        }
    };
    field("topic", json!(message.topic.0), json!(truth.topic));
    field("date", json!(message.date), json!(truth.date));
    field(
        "from_id",
        json!(message.from.map(|from| from.0)),
        json!(truth.from),
    );
    field("text", json!(message.text), json!(truth.text));
    field("entities", json!(message.entities), json!(truth.entities));
    field(
        "edit_date",
        json!(message.edit_date),
        json!(truth.edit_date),
    );
    field(
        "reply_to",
        json!(message.reply_to.as_ref().map(|reply| reply.id.0)),
        json!(truth.reply_to),
    );
    field(
        "media",
        held_media(message.media.as_ref()),
        true_media(state, truth),
    );
    field(
        "buttons",
        json!(button_labels(message)),
        json!(true_labels(truth)),
    );
    field(
        "forward",
        json!(message.forward.as_ref().map(|forward| (
            forward.from.map(|id| id.0),
            &forward.name,
            forward.date
        ))),
        json!(
            truth
                .forward
                .as_ref()
                .map(|forward| (forward.from, &forward.name, forward.date))
        ),
    );
    field("service", json!(message.service), json!(truth.service));
    // Versions nobody announced cannot be known; those held must be true ones, each once, in the
    // order of their dates. Edits of one second have no order that anybody could tell.
    let mut past: Vec<_> = truth.versions.iter().collect();
    for version in &held.versions {
        let same = |candidate: &&world::PastVersion| {
            candidate.text == version.text && candidate.edit_date == version.edit_date
        };
        let place = past.iter().position(same);
        let known = place.is_some();
        if let Some(place) = place {
            let date = past[place].edit_date;
            past.remove(place);
            past.retain(|candidate| candidate.edit_date >= date);
        }
        if !known {
            let texts: Vec<&str> = truth
                .versions
                .iter()
                .map(|version| version.text.as_str())
                .collect();
            field("versions", json!(version.text), json!(texts));
        }
    }
}

fn held_media(media: Option<&Media>) -> Value {
    media.map_or(Value::Null, |media| {
        json!([
            media.kind,
            media.file_name.clone().unwrap_or_default(),
            media.size
        ])
    })
}

fn true_media(state: &State, truth: &world::Message) -> Value {
    let Some(file) = truth.file.and_then(|id| state.file(id)) else {
        return Value::Null;
    };
    json!([file.kind.name(), file.name, file.bytes.len()])
}

fn button_labels(message: &Message) -> Vec<Vec<(&str, Option<&str>)>> {
    message
        .buttons
        .iter()
        .map(|row| {
            row.iter()
                .map(|button| (button.text.as_str(), button.url.as_deref()))
                .collect()
        })
        .collect()
}

fn true_labels(truth: &world::Message) -> Vec<Vec<(&str, Option<&str>)>> {
    truth
        .buttons
        .iter()
        .map(|row| {
            row.iter()
                .map(|button| (button.text.as_str(), button.url.as_deref()))
                .collect()
        })
        .collect()
}
