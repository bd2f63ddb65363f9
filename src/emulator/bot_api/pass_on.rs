//! Forwarding and copying.

use serde_json::{Value, json};

use super::api::{BotApi, group_of};
use super::draft::{begin, message_id, post, put};
use super::error::{Answer, ApiError};
use super::params::Params;
use super::text;
use crate::emulator::world::{Draft, Group, Message, Passing, Refusal, State, bot_sees, passed_on};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Copy,
}

/// `forwardMessage`.
pub(super) fn forward(api: &BotApi, bot: i64, params: &Params) -> Answer {
    one(api, bot, params, Way::Forward)
}

/// `copyMessage`.
pub(super) fn copy(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let copy = one(api, bot, params, Way::Copy)?;
    Ok(json!({ "message_id": copy.get("message_id") }))
}

/// `forwardMessages`.
pub(super) fn forward_many(api: &BotApi, bot: i64, params: &Params) -> Answer {
    many(api, bot, params, Way::Forward)
}

/// `copyMessages`.
pub(super) fn copy_many(api: &BotApi, bot: i64, params: &Params) -> Answer {
    many(api, bot, params, Way::Copy)
}

/// A message that the bot can pass on: its own, or one that it is shown. What is hidden from it,
/// other bots' messages among it, does not exist for it.
fn known<'a>(state: &State, place: &'a Group, bot: i64, id: i32) -> Option<&'a Message> {
    place
        .visible(id)
        .filter(|message| message.from == bot || bot_sees(state, bot, message))
}

fn one(api: &BotApi, bot: i64, params: &Params, way: Way) -> Answer {
    params.required("from_chat_id")?;
    let id = message_id(params)?;
    let caption = params
        .has("caption")
        .then(|| text::caption(params))
        .transpose()?;
    let from = group_of(api, bot, params, "from_chat_id")?;
    let (group, draft) = begin(api, bot, params)?;
    let draft = api.world().read(|state| {
        let place = state.group(from).ok_or(Refusal::NoSuchGroup)?;
        let source = known(state, place, bot, id).ok_or_else(|| {
            ApiError::bad_request(match way {
                Way::Forward => "message to forward not found",
                Way::Copy => "message to copy not found",
            })
        })?;
        let mut passed = carried(place, source, way, draft)?;
        if let Some((text, entities)) = caption.filter(|_| way == Way::Copy)
            && source.file.is_some()
        {
            (passed.text, passed.entities) = (text, entities);
        }
        Ok::<_, ApiError>(passed)
    })?;
    post(api, bot, group, draft)
}

fn many(api: &BotApi, bot: i64, params: &Params, way: Way) -> Answer {
    params.required("from_chat_id")?;
    let ids = params.message_ids()?;
    if ids.is_empty() {
        return Err(ApiError::bad_request(
            "message identifiers are not specified",
        ));
    }
    if !ids.is_sorted_by(|one, next| one < next) {
        return Err(ApiError::bad_request(
            "message identifiers must be in a strictly increasing order",
        ));
    }
    let from = group_of(api, bot, params, "from_chat_id")?;
    let (group, draft) = begin(api, bot, params)?;
    let bare = params.flag("remove_caption");
    let drafts: Vec<Draft> = api.world().read(|state| {
        let Some(place) = state.group(from) else {
            return Vec::new();
        };
        // What cannot be passed on is passed over.
        ids.iter()
            .filter_map(|id| {
                let source = known(state, place, bot, *id)?;
                let mut passed = carried(place, source, way, draft.clone()).ok()?;
                if bare && way == Way::Copy && source.file.is_some() {
                    passed.text = String::new();
                    passed.entities = Vec::new();
                }
                passed.album = source.album;
                Some(passed)
            })
            .collect()
    });
    if drafts.is_empty() {
        return Err(ApiError::bad_request("there are no messages to forward"));
    }
    api.admit(bot, group, drafts.len())?;
    api.world().write(|state| {
        let mut albums: Vec<(i64, i64)> = Vec::new();
        let mut posted = Vec::new();
        for mut draft in drafts {
            // Albums stay together, under a new number.
            if let Some(old) = draft.album {
                let known = albums.iter().find(|(was, _)| *was == old);
                let new = known.map_or_else(|| state.make_number(), |(_, new)| *new);
                albums.push((old, new));
                draft.album = Some(new);
            }
            let id = put(state, bot, group, draft)?;
            posted.push(json!({ "message_id": id }));
        }
        Ok(Value::Array(posted))
    })
}

/// The draft that passes a message on.
fn carried(place: &Group, source: &Message, way: Way, draft: Draft) -> Result<Draft, ApiError> {
    if source.service.is_some() {
        return Err(ApiError::bad_request(match way {
            Way::Forward => "the message can't be forwarded",
            Way::Copy => "the message can't be copied",
        }));
    }
    let how = Passing {
        copy: way == Way::Copy,
        ..Passing::default()
    };
    Ok(passed_on(place, source, how, draft)?)
}
