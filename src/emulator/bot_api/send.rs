//! Posting.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api::{BotApi, group_of};
use super::encode;
use super::error::{Answer, ApiError};
use super::params::Params;
use super::{files, html};
use crate::emulator::world::{Button, Draft, Entity, FileKind, Refusal};

/// `sendMessage`.
pub(super) fn message(api: &BotApi, bot: i64, params: Params) -> Answer {
    let group = group_of(api, bot, &params)?;
    let draft = draft(api, group, &params, "text", "entities")?;
    post(api, bot, group, draft, false)
}

/// `sendDocument`.
pub(super) fn document(api: &BotApi, bot: i64, params: Params) -> Answer {
    with_file(api, bot, params, "document", FileKind::Document)
}

/// `sendPhoto`.
pub(super) fn photo(api: &BotApi, bot: i64, params: Params) -> Answer {
    with_file(api, bot, params, "photo", FileKind::Photo)
}

/// `sendChatAction`: nobody watches, but the chat must exist.
pub(super) fn action(api: &BotApi, bot: i64, params: &Params) -> Answer {
    group_of(api, bot, params)?;
    match params.text("action") {
        Some(_) => Ok(json!(true)),
        None => Err(ApiError::bad_request("wrong parameter action in request")),
    }
}

fn with_file(api: &BotApi, bot: i64, mut params: Params, name: &str, kind: FileKind) -> Answer {
    let group = group_of(api, bot, &params)?;
    let mut draft = draft(api, group, &params, "caption", "caption_entities")?;
    draft.file = Some(files::wanted(api, bot, &mut params, name, kind)?);
    post(api, bot, group, draft, true)
}

fn post(api: &BotApi, bot: i64, group: i64, draft: Draft, caption: bool) -> Answer {
    api.admit(bot, encode::chat_id(group))?;
    api.world().write(|state| {
        let id = state
            .post(group, bot, draft)
            .map_err(|refusal| match refusal {
                Refusal::TooLong if caption => ApiError::bad_request("message caption is too long"),
                other => ApiError::from(other),
            })?;
        let posted = state
            .group(group)
            .and_then(|group| group.visible(id))
            .ok_or(Refusal::NoSuchMessage)?;
        Ok(encode::message(state, bot, posted))
    })
}

/// What all posting methods share: text, topic, reply, buttons.
fn draft(
    api: &BotApi,
    group: i64,
    params: &Params,
    text_name: &str,
    entities_name: &str,
) -> Result<Draft, ApiError> {
    let (text, entities) = formatted(params, text_name, entities_name)?;
    let mut topic = params.id("message_thread_id")?;
    let reply_to = reply(api, group, params)?;
    api.world().read(|state| {
        let Some(place) = state.group(group) else {
            return Ok(());
        };
        // Telegram knows General by the absence of a thread, and refuses its number.
        if topic.is_some_and(|id| !place.forum || id == 1 || !place.topics.contains_key(&id)) {
            return Err(ApiError::from(Refusal::NoSuchTopic));
        }
        // An answer goes where the question stands.
        topic = topic.or_else(|| Some(place.visible(reply_to?)?.topic));
        Ok(())
    })?;
    Ok(Draft {
        topic: topic.unwrap_or(1),
        text,
        entities,
        // A bare "reply" to the topic's first message is membership, no reply.
        reply_to: reply_to.filter(|id| Some(*id) != topic),
        buttons: buttons(params)?,
        ..Draft::default()
    })
}

fn reply(api: &BotApi, group: i64, params: &Params) -> Result<Option<i32>, ApiError> {
    let modern: Option<Value> = params.json("reply_parameters")?;
    let field = |name: &str| modern.as_ref().and_then(|value| value.get(name));
    let id = match field("message_id").and_then(Value::as_i64) {
        Some(id) => Some(i32::try_from(id).unwrap_or_default()),
        None => params.id("reply_to_message_id")?,
    };
    let lenient = field("allow_sending_without_reply")
        .and_then(Value::as_bool)
        .unwrap_or_else(|| params.flag("allow_sending_without_reply"));
    let exists = api.world().read(|state| {
        id.is_some_and(|id| {
            state
                .group(group)
                .is_some_and(|group| group.visible(id).is_some())
        })
    });
    match id {
        Some(_) if exists => Ok(id),
        Some(_) if !lenient => Err(Refusal::NoSuchReply.into()),
        _ => Ok(None),
    }
}

/// Text and formatting, from `parse_mode` or a list of entities.
pub(super) fn formatted(
    params: &Params,
    text_name: &str,
    entities_name: &str,
) -> Result<(String, Vec<Entity>), ApiError> {
    let text = params.text(text_name).unwrap_or_default();
    let (text, entities) = match params.text("parse_mode") {
        Some(mode) if mode.eq_ignore_ascii_case("html") => html::parse(text)
            .map_err(|error| ApiError::bad_request(format!("can't parse entities: {error}")))?,
        Some(_) => return Err(ApiError::bad_request("unsupported parse_mode")),
        None => {
            let given: Vec<Value> = params.json(entities_name)?.unwrap_or_default();
            (text.to_owned(), given.iter().filter_map(entity).collect())
        }
    };
    Ok(trimmed(&text, entities))
}

/// Telegram strips white space around a text; formatting moves along.
fn trimmed(text: &str, entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let lead = text.len() - text.trim_start().len();
    let cut = crate::emulator::text::units(text.get(..lead).unwrap_or_default());
    let kept = text.trim();
    let length = crate::emulator::text::units(kept);
    let entities = entities
        .into_iter()
        .filter_map(|mut entity| {
            let end = (entity.offset + entity.length - cut).min(length);
            entity.offset = (entity.offset - cut).max(0);
            entity.length = end - entity.offset;
            (entity.length > 0).then_some(entity)
        })
        .collect();
    (kept.to_owned(), entities)
}

/// A `MessageEntity` in the world's words. What the server finds by itself is left to it.
fn entity(value: &Value) -> Option<Entity> {
    let number = |name: &str| i32::try_from(value.get(name)?.as_i64()?).ok();
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let kind = text("type")?;
    let kind = match kind.as_str() {
        "bold" | "italic" | "underline" | "strikethrough" | "spoiler" | "code" | "pre"
        | "text_link" | "blockquote" => kind,
        "expandable_blockquote" => "blockquote".to_owned(),
        "text_mention" => "mention_name".to_owned(),
        _ => return None,
    };
    Some(Entity {
        language: (kind == "pre").then(|| text("language").unwrap_or_default()),
        href: text("url"),
        user_id: value.get("user").and_then(|user| user.get("id")?.as_i64()),
        offset: number("offset").filter(|offset| *offset >= 0)?,
        length: number("length").filter(|length| *length > 0)?,
        kind,
    })
}

/// Rows of an inline keyboard; other keyboards leave nothing on a message.
pub(super) fn buttons(params: &Params) -> Result<Vec<Vec<Button>>, ApiError> {
    let markup: Option<BTreeMap<String, Value>> = params.json("reply_markup")?;
    let rows = markup
        .as_ref()
        .and_then(|markup| markup.get("inline_keyboard"))
        .and_then(Value::as_array);
    let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let mut keyboard = Vec::new();
    for row in rows.into_iter().flatten() {
        let mut buttons = Vec::new();
        for button in row.as_array().into_iter().flatten() {
            let made = Button {
                text: text(button, "text").unwrap_or_default(),
                url: text(button, "url"),
                data: text(button, "callback_data"),
            };
            if made.text.is_empty() {
                return Err(ApiError::bad_request(
                    "can't parse inline keyboard button: field \"text\" must be non-empty",
                ));
            }
            if made.data.as_ref().is_some_and(|data| data.len() > 64) {
                return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
            }
            if made.url.is_none() && made.data.is_none() {
                return Err(ApiError::bad_request(
                    "can't parse inline keyboard button: Text buttons are unallowed in the \
                     inline keyboard",
                ));
            }
            buttons.push(made);
        }
        if !buttons.is_empty() {
            keyboard.push(buttons);
        }
    }
    Ok(keyboard)
}
