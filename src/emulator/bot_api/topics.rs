//! Forum topics.

use serde_json::json;

use super::api::{BotApi, group_of};
use super::encode::ICON_COLOR;
use super::error::{Answer, ApiError};
use super::params::Params;
use crate::emulator::world::Refusal;

/// `createForumTopic`.
pub(super) fn create(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params)?;
    let name = params
        .text("name")
        .filter(|name| !name.trim().is_empty())
        .ok_or_else(|| ApiError::bad_request("topic name must be non-empty"))?;
    api.world().write(|state| {
        let place = state.member(group, bot)?;
        if place.forum && !place.administrators.contains(&bot) {
            return Err(ApiError::bad_request("not enough rights to create a topic"));
        }
        let id = state.create_topic(group, bot, name, None, None)?;
        Ok(json!({ "message_thread_id": id, "name": name, "icon_color": ICON_COLOR }))
    })
}

/// `editForumTopic`.
pub(super) fn edit(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, params.text("name"), None)
}

/// `closeForumTopic` and `reopenForumTopic`.
pub(super) fn close(api: &BotApi, bot: i64, params: &Params, closed: bool) -> Answer {
    change(api, bot, params, None, Some(closed))
}

fn change(
    api: &BotApi,
    bot: i64,
    params: &Params,
    name: Option<&str>,
    closed: Option<bool>,
) -> Answer {
    let group = group_of(api, bot, params)?;
    let topic = params.id("message_thread_id")?.unwrap_or_default();
    api.world()
        .write(|state| state.edit_topic(group, bot, topic, name, closed, None))
        .map_err(|refusal| match refusal {
            Refusal::NotModified => ApiError::bad_request("TOPIC_NOT_MODIFIED"),
            other => other.into(),
        })?;
    Ok(json!(true))
}
