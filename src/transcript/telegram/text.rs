//! Text in Telegram Desktop's runs: each stretch has one kind, nothing is nested.

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::{Value, json};

use crate::model::{Entity, EntityKind};
use crate::transcript::spans::spans;

/// A stretch and the entity that was chosen for it.
struct Part<'t> {
    text: String,
    entity: Option<&'t Entity>,
    /// Index of the entity, so that two neighbours of one kind stay two.
    index: Option<usize>,
}

/// `text`: a string where it is one plain run, else strings and objects.
pub(super) fn text<M: SerializeMap>(
    object: &mut M,
    text: &str,
    entities: &[Entity],
) -> Result<(), M::Error> {
    let parts = match entities {
        [] => Vec::new(),
        _ => parts(text, entities),
    };
    if parts.iter().all(|part| part.entity.is_none()) {
        return object.serialize_entry("text", text);
    }
    let values = parts.iter().map(|part| match part.entity {
        None => json!(part.text),
        Some(_) => value(part),
    });
    object.serialize_entry("text", &values.collect::<Vec<_>>())
}

/// `text_entities`: always objects.
pub(super) fn objects<M: SerializeMap>(
    object: &mut M,
    text: &str,
    entities: &[Entity],
) -> Result<(), M::Error> {
    if entities.is_empty() {
        let plain = Plain {
            kind: "plain",
            text,
        };
        let one = [plain];
        let parts = if text.is_empty() { &[][..] } else { &one };
        return object.serialize_entry("text_entities", parts);
    }
    let values: Vec<Value> = parts(text, entities).iter().map(value).collect();
    object.serialize_entry("text_entities", &values)
}

/// A text without formatting, as most are.
#[derive(Serialize)]
struct Plain<'t> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'t str,
}

/// Whether formatting was lost, because entities overlap.
pub(super) fn flattened(text: &str, entities: &[Entity]) -> bool {
    entities.len() > 1
        && spans(text, entities)
            .iter()
            .any(|span| span.covered_by.len() > 1)
}

fn parts<'e>(text: &str, entities: &'e [Entity]) -> Vec<Part<'e>> {
    let mut parts: Vec<Part<'e>> = Vec::new();
    for span in spans(text, entities) {
        // The innermost of the weightiest kind speaks for the stretch.
        let chosen = span
            .covered_by
            .iter()
            .copied()
            .filter_map(|index| entities.get(index).map(|entity| (index, entity)))
            .max_by_key(|(_, entity)| weight(&entity.kind));
        let index = chosen.map(|(index, _)| index);
        match parts.last_mut() {
            Some(last) if last.index == index => last.text.push_str(span.text),
            _ => parts.push(Part {
                text: span.text.to_owned(),
                entity: chosen.map(|(_, entity)| entity),
                index,
            }),
        }
    }
    parts
}

/// What carries information of its own goes before what only looks different.
const fn weight(kind: &EntityKind) -> u8 {
    match kind {
        EntityKind::TextLink { .. } | EntityKind::MentionName { .. } => 5,
        EntityKind::CustomEmoji { .. } => 4,
        EntityKind::Link
        | EntityKind::Mention
        | EntityKind::Email
        | EntityKind::Phone
        | EntityKind::BankCard
        | EntityKind::BotCommand
        | EntityKind::Hashtag
        | EntityKind::Cashtag => 3,
        EntityKind::Pre { .. } | EntityKind::Code | EntityKind::Spoiler => 2,
        EntityKind::Bold
        | EntityKind::Italic
        | EntityKind::Underline
        | EntityKind::Strikethrough => 1,
        EntityKind::Blockquote | EntityKind::Unknown { .. } => 0,
    }
}

fn value(part: &Part<'_>) -> Value {
    let Some(entity) = part.entity else {
        return json!({"type": "plain", "text": part.text});
    };
    let (kind, extra): (&str, Option<(&str, Value)>) = match &entity.kind {
        EntityKind::Mention => ("mention", None),
        EntityKind::MentionName { user_id } => ("mention_name", Some(("user_id", json!(user_id)))),
        EntityKind::Hashtag => ("hashtag", None),
        EntityKind::Cashtag => ("cashtag", None),
        EntityKind::BotCommand => ("bot_command", None),
        EntityKind::Link => ("link", None),
        EntityKind::TextLink { href } => ("text_link", Some(("href", json!(href)))),
        EntityKind::Email => ("email", None),
        EntityKind::Phone => ("phone", None),
        EntityKind::BankCard => ("bank_card", None),
        EntityKind::Bold => ("bold", None),
        EntityKind::Italic => ("italic", None),
        EntityKind::Underline => ("underline", None),
        EntityKind::Strikethrough => ("strikethrough", None),
        EntityKind::Spoiler => ("spoiler", None),
        EntityKind::Code => ("code", None),
        EntityKind::Pre { language } => ("pre", Some(("language", json!(language)))),
        EntityKind::Blockquote => ("blockquote", None),
        // Telegram Desktop writes the id as text: it does not fit a JavaScript number.
        EntityKind::CustomEmoji { document_id } => (
            "custom_emoji",
            Some(("document_id", json!(document_id.to_string()))),
        ),
        EntityKind::Unknown { name } => ("unknown", Some(("name", json!(name)))),
    };
    let mut value = json!({"type": kind, "text": part.text});
    if let (Some(object), Some((key, extra))) = (value.as_object_mut(), extra) {
        object.insert(key.to_owned(), extra);
    }
    value
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde::Serializer as _;

    use super::*;

    fn entity(offset: u32, length: u32, kind: EntityKind) -> Entity {
        Entity {
            offset,
            length,
            kind,
        }
    }

    /// Both keys as they are written.
    fn written(words: &str, entities: &[Entity]) -> Value {
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut bytes);
        let mut object = serializer.serialize_map(None).unwrap();
        text(&mut object, words, entities).unwrap();
        objects(&mut object, words, entities).unwrap();
        SerializeMap::end(object).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn plain_text_is_one_string() {
        assert_eq!(
            written("a \"b\" \u{7}", &[]),
            json!({
                "text": "a \"b\" \u{7}",
                "text_entities": [{"type": "plain", "text": "a \"b\" \u{7}"}],
            })
        );
        assert_eq!(written("", &[]), json!({"text": "", "text_entities": []}));
    }

    #[test]
    fn a_link_inside_bold_text_stays_a_link() {
        let entities = [
            entity(0, 9, EntityKind::Bold),
            entity(
                3,
                4,
                EntityKind::TextLink {
                    href: "https://a.example".into(),
                },
            ),
        ];
        assert_eq!(
            written("so this is", &entities).get("text"),
            Some(&json!([
                {"type": "bold", "text": "so "},
                {"type": "text_link", "text": "this", "href": "https://a.example"},
                {"type": "bold", "text": " i"},
                "s"
            ]))
        );
        assert!(flattened("so this is", &entities));
        assert!(!flattened("so this is", entities.get(..1).unwrap_or(&[])));
    }
}
