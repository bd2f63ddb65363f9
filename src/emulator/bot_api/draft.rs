//! What all posting methods share: where to, in answer to what, with which buttons.

use serde_json::Value;

use super::api::{BotApi, group_of};
use super::error::{Answer, ApiError};
use super::params::{Fields, Params};
use super::text::{self, Formatted};
use super::{encode, markup};
use crate::emulator::text::units;
use crate::emulator::world::{Content, Draft, FileKind, Message, Quote, Refusal, State};

/// The message that a request answers, and what of it is quoted.
#[derive(Debug, Default)]
struct Reply {
    id: i32,
    lenient: bool,
    /// What is quoted, and where it is expected, UTF-16 units.
    quote: Option<(Formatted, i32)>,
}

/// The group that a request posts to, and the draft without its content.
pub(super) fn begin(api: &BotApi, bot: i64, params: &Params) -> Result<(i64, Draft), ApiError> {
    check_preview(params)?;
    let reply = reply_parameters(params)?;
    let buttons = markup::buttons(params)?;
    let group = group_of(api, bot, params, "chat_id")?;
    let wanted = params.id("message_thread_id")?.filter(|topic| *topic > 0);
    api.world().read(|state| {
        let place = state.group(group).ok_or(Refusal::NoSuchGroup)?;
        // Telegram knows General by the absence of a thread, and refuses its number. Where there
        // are no topics the number is passed over.
        let thread = wanted.filter(|_| place.forum);
        if thread.is_some_and(|id| id == 1 || !place.topics.contains_key(&id)) {
            return Err(ApiError::from(Refusal::NoSuchTopic));
        }
        let target = match &reply {
            None => None,
            Some(reply) => match place.visible(reply.id) {
                None if reply.lenient => None,
                None => return Err(Refusal::NoSuchReply.into()),
                found => found,
            },
        };
        // An answer goes where the question stands.
        let topic = thread.or_else(|| Some(target?.topic)).unwrap_or(1);
        let quote = match (target, reply.and_then(|reply| reply.quote)) {
            (Some(target), Some((wanted, at))) => Some(quoted(target, wanted, at)?),
            _ => None,
        };
        let draft = Draft {
            topic,
            // A bare "reply" to the topic's first message is membership, no reply.
            reply_to: target
                .map(|target| target.id)
                .filter(|id| topic == 1 || *id != topic),
            quote,
            buttons,
            silent: params.flag("disable_notification"),
            protected: params.flag("protect_content"),
            ..Draft::default()
        };
        Ok((group, draft))
    })
}

/// Posts, within the limits, and shows what came of it.
pub(super) fn post(api: &BotApi, bot: i64, group: i64, draft: Draft) -> Answer {
    api.admit(bot, group, 1)?;
    api.world().write(|state| {
        let id = put(state, bot, group, draft)?;
        shown(state, bot, group, id)
    })
}

/// Posts; refusals are worded as what was to be posted asks for.
pub(super) fn put(state: &mut State, bot: i64, group: i64, draft: Draft) -> Result<i32, ApiError> {
    let file = draft
        .file
        .and_then(|id| state.file(id))
        .map(|file| file.kind);
    let content = draft.content.as_ref().map(Content::name);
    state
        .post(group, bot, draft)
        .map_err(|refusal| match refusal {
            Refusal::TooLong if file.is_some() || content.is_some() => {
                ApiError::bad_request("message caption is too long")
            }
            Refusal::Empty => ApiError::bad_request("text must be non-empty"),
            Refusal::MayNotWrite => ApiError::bad_request(format!(
                "not enough rights to send {} to the chat",
                plural(file, content)
            )),
            other => other.into(),
        })
}

/// What may not be sent, as Telegram names many of it.
fn plural(file: Option<FileKind>, content: Option<&str>) -> &'static str {
    match (file, content) {
        (Some(FileKind::Photo), _) => "photos",
        (Some(FileKind::Video), _) => "videos",
        (Some(FileKind::Animation), _) => "animations",
        (Some(FileKind::Audio), _) => "music",
        (Some(FileKind::Voice), _) => "voice notes",
        (Some(FileKind::VideoNote), _) => "video notes",
        (Some(FileKind::Sticker), _) => "stickers",
        (Some(FileKind::Document), _) => "documents",
        (None, Some("poll")) => "polls",
        (None, Some("location")) => "locations",
        (None, Some("venue")) => "venues",
        (None, Some("contact")) => "contacts",
        (None, Some(_)) => "dice",
        (None, None) => "text messages",
    }
}

/// A message of a group, as a bot gets it.
pub(super) fn shown(state: &State, bot: i64, group: i64, id: i32) -> Answer {
    state
        .group(group)
        .and_then(|group| group.visible(id))
        .map(|message| encode::message(state, bot, message))
        .ok_or_else(|| Refusal::NoSuchMessage.into())
}

/// Link previews are not part of this world, but what is wrong about their options is said.
fn check_preview(params: &Params) -> Result<(), ApiError> {
    match params.json("link_preview_options", "link preview options")? {
        Some(options) if !options.is_object() => Err(ApiError::bad_request(
            "object expected as link preview options",
        )),
        _ => Ok(()),
    }
}

fn reply_parameters(params: &Params) -> Result<Option<Reply>, ApiError> {
    if !params.has("reply_parameters") {
        let id = params.id("reply_to_message_id")?.unwrap_or_default();
        let lenient = params.flag("allow_sending_without_reply");
        let reply = Reply {
            id,
            lenient,
            quote: None,
        };
        return Ok((id > 0).then_some(reply));
    }
    let Some(value) = params.json("reply_parameters", "reply parameters")? else {
        return Ok(None);
    };
    let fields = Fields::of(&value)
        .ok_or_else(|| ApiError::bad_request("object expected as reply parameters"))?;
    if fields.0.is_empty() {
        return Ok(None);
    }
    let id = fields
        .integer("message_id")
        .ok_or_else(|| ApiError::bad_request("can't find field \"message_id\""))?;
    // Answers to messages of other chats are not part of this world.
    let elsewhere = fields.get("chat_id").is_some_and(|chat| {
        let chat = chat
            .as_str()
            .map_or_else(|| chat.to_string(), str::to_owned);
        params.text("chat_id") != Some(chat.as_str())
    });
    let quote = text::of_fields(fields, "quote", "quote_parse_mode", "quote_entities")?;
    let at = fields.size("quote_position", i32::MAX);
    let reply = Reply {
        id: if elsewhere {
            i32::MAX
        } else {
            i32::try_from(id).unwrap_or_default()
        },
        lenient: fields.flag("allow_sending_without_reply"),
        quote: Some((quote, at)).filter(|((text, _), _)| !text.is_empty()),
    };
    Ok((reply.id > 0).then_some(reply))
}

/// Finds what is quoted in the message it is quoted from, nearest to where it is expected.
fn quoted(target: &Message, (text, entities): Formatted, at: i32) -> Result<Quote, ApiError> {
    let offset = target
        .text
        .match_indices(text.as_str())
        .map(|(byte, _)| units(target.text.get(..byte).unwrap_or_default()))
        .min_by_key(|offset| offset.abs_diff(at))
        .ok_or_else(|| ApiError::bad_request("QUOTE_TEXT_INVALID"))?;
    Ok(Quote {
        text,
        entities,
        offset,
    })
}

/// `message_id`, which must be there.
pub(super) fn message_id(params: &Params) -> Result<i32, ApiError> {
    params
        .id("message_id")?
        .ok_or_else(|| ApiError::bad_request("message identifier is not specified"))
}

/// An array that must be one.
pub(super) fn array<'a>(value: &'a Value, what: &str) -> Result<&'a Vec<Value>, ApiError> {
    value
        .as_array()
        .ok_or_else(|| ApiError::bad_request(format!("expected an Array of {what}")))
}
