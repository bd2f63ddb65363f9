//! Texts and their formatting, however they were written.

use serde_json::Value;

use super::error::ApiError;
use super::params::{Fields, Params};
use super::{html, markdown};
use crate::emulator::text::units;
use crate::emulator::world::Entity;

/// Longest text before it is parsed, bytes.
const SOURCE_LIMIT: usize = 1 << 15;

/// A text and its formatting.
pub(super) type Formatted = (String, Vec<Entity>);

/// A text parameter, with `parse_mode` or its list of entities.
pub(super) fn of_params(
    params: &Params,
    text: &str,
    mode: &str,
    entities: &str,
) -> Result<Formatted, ApiError> {
    // A list that cannot be read is passed over, as Telegram does.
    let given = params.json(entities, entities).ok().flatten();
    formatted(
        params.text(text).unwrap_or_default(),
        params.text(mode),
        given.as_ref(),
    )
}

/// A caption.
pub(super) fn caption(params: &Params) -> Result<Formatted, ApiError> {
    of_params(params, "caption", "parse_mode", "caption_entities")
}

/// A text of a nested object.
pub(super) fn of_fields(
    fields: Fields<'_>,
    text: &str,
    mode: &str,
    entities: &str,
) -> Result<Formatted, ApiError> {
    formatted(
        fields.text(text).unwrap_or_default(),
        fields.text(mode),
        fields.get(entities),
    )
}

fn formatted(
    text: &str,
    mode: Option<&str>,
    entities: Option<&Value>,
) -> Result<Formatted, ApiError> {
    if text.len() > SOURCE_LIMIT {
        return Err(ApiError::bad_request("text is too long"));
    }
    let mode = mode.unwrap_or_default().to_ascii_lowercase();
    let parsed = match mode.as_str() {
        _ if text.is_empty() => Ok((String::new(), Vec::new())),
        "html" => html::parse(text),
        "markdown" => markdown::parse_old(text),
        "markdownv2" => markdown::parse_v2(text),
        "" | "none" => {
            let list = entities.and_then(Value::as_array);
            let mut given = Vec::new();
            for value in list.into_iter().flatten() {
                given.extend(entity(value)?);
            }
            Ok((text.to_owned(), given))
        }
        _ => return Err(ApiError::bad_request("unsupported parse_mode")),
    };
    let (text, entities) =
        parsed.map_err(|why| ApiError::bad_request(format!("can't parse entities: {why}")))?;
    trimmed(&text, entities)
}

/// Telegram strips white space around a text; formatting moves along.
fn trimmed(text: &str, entities: Vec<Entity>) -> Result<Formatted, ApiError> {
    let whole = units(text);
    let lead = text.len() - text.trim_start().len();
    let cut = units(text.get(..lead).unwrap_or_default());
    let kept = text.trim();
    let length = units(kept);
    let mut moved = Vec::new();
    for mut entity in entities {
        let (begin, end) = (entity.offset, entity.offset.saturating_add(entity.length));
        if begin > whole {
            return Err(ApiError::bad_request(format!(
                "entity begins after the end of the text at UTF-16 offset {begin}"
            )));
        }
        if end > whole {
            return Err(ApiError::bad_request(format!(
                "entity beginning at UTF-16 offset {begin} ends after the end of the text at \
                 UTF-16 offset {end}"
            )));
        }
        entity.offset = (begin - cut).max(0);
        entity.length = (end - cut).min(length) - entity.offset;
        if entity.length > 0 {
            moved.push(entity);
        }
    }
    Ok((kept.to_owned(), moved))
}

/// A `MessageEntity` in the world's words. What the server finds by itself is left to it.
fn entity(value: &Value) -> Result<Option<Entity>, ApiError> {
    let refused = |why: String| ApiError::bad_request(format!("can't parse MessageEntity: {why}"));
    let fields = Fields::of(value).ok_or_else(|| refused("expected an Object".to_owned()))?;
    let number = |name: &str| {
        fields
            .integer(name)
            .and_then(|number| i32::try_from(number).ok())
            .ok_or_else(|| refused(format!("Can't find field \"{name}\"")))
    };
    let (offset, length) = (number("offset")?, number("length")?);
    let given = fields
        .text("type")
        .ok_or_else(|| refused("Can't find field \"type\"".to_owned()))?;
    let kind = match given {
        "bold" | "italic" | "underline" | "strikethrough" | "spoiler" | "code" | "pre"
        | "text_link" | "blockquote" => given,
        "expandable_blockquote" => "blockquote",
        "text_mention" => "mention_name",
        // Found by the server itself, or shown as plain text here.
        "mention" | "hashtag" | "cashtag" | "bot_command" | "url" | "email" | "phone_number"
        | "bank_card_number" | "custom_emoji" | "date_time" => return Ok(None),
        _ => return Err(refused("Unsupported type specified".to_owned())),
    };
    if offset < 0 || length <= 0 {
        return Ok(None);
    }
    let owned = |name: &str| fields.text(name).map(str::to_owned);
    let mentioned = fields.get("user").and_then(Fields::of);
    Ok(Some(Entity {
        language: (kind == "pre").then(|| owned("language").unwrap_or_default()),
        href: owned("url").filter(|_| kind == "text_link"),
        user_id: mentioned.and_then(|user| user.integer("id")),
        collapsed: given == "expandable_blockquote",
        offset,
        length,
        kind: kind.to_owned(),
    }))
}
