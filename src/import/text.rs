//! Text in Telegram Desktop's parts, and the formatting that they stand for.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::model::{Entity, EntityKind, PersonId};

/// A stretch of text of one kind.
#[derive(Debug, Deserialize)]
pub(super) struct Part<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    href: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    language: Option<Cow<'a, str>>,
    #[serde(default)]
    user_id: Option<i64>,
    #[serde(default)]
    document_id: Option<Value>,
}

/// Puts parts together; offsets count UTF-16 units.
pub(super) fn join(parts: Vec<Part<'_>>) -> (String, Vec<Entity>) {
    let mut entities = Vec::new();
    if let [only] = parts.as_slice()
        && only.kind == "plain"
    {
        return (only.text.clone().into_owned(), entities);
    }
    let (mut text, mut offset) = (String::new(), 0_u32);
    for part in parts {
        let length = u32::try_from(part.text.encode_utf16().count()).unwrap_or(u32::MAX);
        if let Some(kind) = kind(&part) {
            entities.push(Entity {
                offset,
                length,
                kind,
            });
        }
        text.push_str(&part.text);
        offset = offset.saturating_add(length);
    }
    (text, entities)
}

/// The older form: a string, or strings and parts.
pub(super) fn of(value: &Value) -> Option<(String, Vec<Entity>)> {
    match value {
        Value::Null => Some(Default::default()),
        Value::String(text) => Some((text.clone(), Vec::new())),
        Value::Array(values) => {
            fn part(value: &Value) -> Option<Part<'_>> {
                match value {
                    Value::String(text) => Some(Part {
                        kind: Cow::Borrowed("plain"),
                        text: Cow::Owned(text.clone()),
                        href: None,
                        language: None,
                        user_id: None,
                        document_id: None,
                    }),
                    other => Part::deserialize(other).ok(),
                }
            }
            let parts = values.iter().map(part).collect::<Option<Vec<Part<'_>>>>()?;
            Some(join(parts))
        }
        _ => None,
    }
}

fn kind(part: &Part<'_>) -> Option<EntityKind> {
    Some(match part.kind.as_ref() {
        "plain" | "" => return None,
        "mention" => EntityKind::Mention,
        "mention_name" => match part.user_id {
            Some(id) => EntityKind::MentionName {
                user_id: PersonId(id),
            },
            None => return None,
        },
        "hashtag" => EntityKind::Hashtag,
        "cashtag" => EntityKind::Cashtag,
        "bot_command" => EntityKind::BotCommand,
        "link" => EntityKind::Link,
        "text_link" => EntityKind::TextLink {
            href: part.href.as_deref().unwrap_or_default().to_owned(),
        },
        "email" => EntityKind::Email,
        "phone" => EntityKind::Phone,
        "bank_card" => EntityKind::BankCard,
        "bold" => EntityKind::Bold,
        "italic" => EntityKind::Italic,
        "underline" => EntityKind::Underline,
        "strikethrough" => EntityKind::Strikethrough,
        "spoiler" => EntityKind::Spoiler,
        "code" => EntityKind::Code,
        "pre" => EntityKind::Pre {
            language: part.language.as_deref().unwrap_or_default().to_owned(),
        },
        "blockquote" => EntityKind::Blockquote,
        "custom_emoji" => {
            // A number, or the name of a file that begins with it.
            let id = match &part.document_id {
                Some(Value::String(text)) => text.parse().ok(),
                Some(other) => other.as_i64(),
                None => None,
            };
            match id {
                Some(document_id) => EntityKind::CustomEmoji { document_id },
                None => return None,
            }
        }
        other => EntityKind::Unknown {
            name: other.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parts_become_text_and_entities() {
        let parts = r#"[{"type": "plain", "text": "See 👍 "}, {"type": "link", "text": "https://x.y"},
            {"type": "text_link", "text": "z\n", "href": "https://z"}, {"type": "new_one", "text": "q"}]"#;
        let (text, entities) = join(serde_json::from_str(parts).unwrap());
        assert_eq!(text, "See 👍 https://x.yz\nq");
        let places: Vec<_> = entities.iter().map(|it| (it.offset, it.length)).collect();
        assert_eq!(places, [(7, 11), (18, 2), (20, 1)]);
        assert_eq!(
            of(&serde_json::json!(["a ", {"type": "bold", "text": "b"}]))
                .unwrap()
                .1
                .len(),
            1
        );
        assert_eq!(
            of(&serde_json::json!("a")),
            Some(("a".to_owned(), Vec::new()))
        );
        assert_eq!(of(&serde_json::json!(5)), None);
    }
}
