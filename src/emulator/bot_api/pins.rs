//! Pinned messages.

use serde_json::json;

use super::api::{BotApi, group_of};
use super::draft::message_id;
use super::error::{Answer, ApiError};
use super::params::Params;
use crate::emulator::world::Refusal;

/// `pinChatMessage`.
pub(super) fn pin(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let id = message_id(params)?;
    let silent = params.flag("disable_notification");
    change(api, bot, params, id, true, silent)
}

/// `unpinChatMessage`: without an id, the newest of those pinned.
pub(super) fn unpin(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let wanted = params.id("message_id")?;
    let group = group_of(api, bot, params, "chat_id")?;
    let newest = || {
        api.world().read(|state| {
            let messages = state.group(group)?.messages.values();
            messages
                .rev()
                .find(|message| message.pinned && message.deleted_at.is_none())
                .map(|message| message.id)
        })
    };
    let id = wanted
        .or_else(newest)
        .ok_or_else(|| ApiError::bad_request("message to unpin not found"))?;
    change(api, bot, params, id, false, true)
}

fn change(api: &BotApi, bot: i64, params: &Params, id: i32, pinned: bool, silent: bool) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().write(|state| {
        let message = state.group(group).and_then(|group| group.visible(id));
        let way = if pinned { "pin" } else { "unpin" };
        let message =
            message.ok_or_else(|| ApiError::bad_request(format!("message to {way} not found")))?;
        if pinned && message.service.is_some() {
            return Err(ApiError::bad_request("service messages can't be pinned"));
        }
        state.pin(group, bot, id, pinned, silent).map_err(refused)?;
        Ok(json!(true))
    })
}

/// `unpinAllChatMessages`.
pub(super) fn unpin_all(api: &BotApi, bot: i64, params: &Params) -> Answer {
    unpin_all_in(api, bot, params, None)
}

/// `unpinAllForumTopicMessages`.
pub(super) fn unpin_topic(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let topic = params.id("message_thread_id")?.unwrap_or_default();
    unpin_all_in(api, bot, params, Some(topic))
}

/// `unpinAllGeneralForumTopicMessages`.
pub(super) fn unpin_general(api: &BotApi, bot: i64, params: &Params) -> Answer {
    unpin_all_in(api, bot, params, Some(1))
}

fn unpin_all_in(api: &BotApi, bot: i64, params: &Params, topic: Option<i32>) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().write(|state| {
        if let Some(topic) = topic {
            super::topics::exists(state, group, topic)?;
        }
        state.unpin_all(group, bot, topic).map_err(refused)?;
        Ok(json!(true))
    })
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::AdministratorRequired => {
            ApiError::bad_request("not enough rights to manage pinned messages in the chat")
        }
        other => other.into(),
    }
}
