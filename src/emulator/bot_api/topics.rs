//! Forum topics.

use serde_json::json;

use super::api::{BotApi, group_of};
use super::encode::ICON_COLOR;
use super::error::{Answer, ApiError};
use super::params::Params;
use crate::emulator::world::{Refusal, State};

/// Longest title of a topic, characters; what is longer is cut, as Telegram's server does.
const TITLE_LIMIT: usize = 128;

/// `createForumTopic`.
pub(super) fn create(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    let name = title(params);
    api.world().write(|state| {
        let place = state.member(group, bot)?;
        if !place.forum {
            return Err(Refusal::NoForum.into());
        }
        if !place.administrators.contains(&bot) {
            return Err(ApiError::bad_request("not enough rights to create a topic"));
        }
        if name.is_empty() {
            return Err(ApiError::bad_request("name must be non-empty"));
        }
        let id = state.create_topic(group, bot, &name, None, None)?;
        Ok(json!({ "message_thread_id": id, "name": name, "icon_color": ICON_COLOR }))
    })
}

fn title(params: &Params) -> String {
    let name = params.text("name").unwrap_or_default().trim();
    name.chars().take(TITLE_LIMIT).collect()
}

/// What a request does to a topic.
#[derive(Clone, Copy)]
enum Change<'a> {
    Name(&'a str),
    Closed(bool),
    Delete,
}

/// `editForumTopic`. Icons are not part of this world, so that an icon alone changes nothing.
pub(super) fn edit(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, None, Change::Name(&title(params)))
}

/// `closeForumTopic`.
pub(super) fn close(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, None, Change::Closed(true))
}

/// `reopenForumTopic`.
pub(super) fn reopen(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, None, Change::Closed(false))
}

/// `deleteForumTopic`.
pub(super) fn delete(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, None, Change::Delete)
}

/// `editGeneralForumTopic`.
pub(super) fn edit_general(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let name = title(params);
    if name.is_empty() {
        return Err(ApiError::bad_request("name must be non-empty"));
    }
    change(api, bot, params, Some(1), Change::Name(&name))
}

/// `closeGeneralForumTopic`.
pub(super) fn close_general(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, Some(1), Change::Closed(true))
}

/// `reopenGeneralForumTopic`.
pub(super) fn reopen_general(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, Some(1), Change::Closed(false))
}

/// `hideGeneralForumTopic`.
pub(super) fn hide_general(api: &BotApi, bot: i64, params: &Params) -> Answer {
    hide(api, bot, params, true)
}

/// `unhideGeneralForumTopic`.
pub(super) fn unhide_general(api: &BotApi, bot: i64, params: &Params) -> Answer {
    hide(api, bot, params, false)
}

/// `getForumTopicIconStickers`: this world has no custom emoji, so there are none to choose from.
pub(super) fn icons(_: &BotApi, _: i64, _: &Params) -> Answer {
    Ok(json!([]))
}

/// Whether a group has a topic, and topics at all.
pub(super) fn exists(state: &State, group: i64, topic: i32) -> Result<(), ApiError> {
    let place = state.group(group).ok_or(Refusal::NoSuchGroup)?;
    if !place.forum {
        return Err(Refusal::NoForum.into());
    }
    if !place.topics.contains_key(&topic) {
        return Err(unknown());
    }
    Ok(())
}

/// What Telegram's servers call a topic that does not exist.
fn unknown() -> ApiError {
    ApiError::bad_request("TOPIC_ID_INVALID")
}

fn change(
    api: &BotApi,
    bot: i64,
    params: &Params,
    topic: Option<i32>,
    change: Change<'_>,
) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    let topic = match topic {
        Some(topic) => topic,
        None => params.id("message_thread_id")?.unwrap_or_default(),
    };
    api.world().write(|state| {
        exists(state, group, topic)?;
        let done = match change {
            Change::Name("") if params.has("icon_custom_emoji_id") || !params.has("name") => {
                return Ok(json!(true));
            }
            Change::Name("") => return Err(ApiError::bad_request("name must be non-empty")),
            Change::Name(name) => state
                .edit_topic(group, bot, topic, Some(name), None, None)
                .map(drop),
            Change::Closed(closed) => state
                .edit_topic(group, bot, topic, None, Some(closed), None)
                .map(drop),
            Change::Delete => state.delete_topic(group, bot, topic).map(drop),
        };
        done.map_err(|refusal| match (refusal, change) {
            (Refusal::NotModified, _) => not_modified(),
            (Refusal::NoSuchTopic, _) => unknown(),
            (Refusal::AdministratorRequired, Change::Name(_)) => {
                ApiError::bad_request("not enough rights to edit the topic")
            }
            (Refusal::AdministratorRequired, Change::Closed(_)) => {
                ApiError::bad_request("not enough rights to close or open the topic")
            }
            (Refusal::AdministratorRequired, Change::Delete) => {
                ApiError::bad_request("not enough rights to delete the topic")
            }
            (other, _) => other.into(),
        })?;
        Ok(json!(true))
    })
}

fn hide(api: &BotApi, bot: i64, params: &Params, hidden: bool) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().write(|state| {
        exists(state, group, 1)?;
        state
            .hide_general(group, bot, hidden)
            .map_err(|refusal| match refusal {
                Refusal::NotModified => not_modified(),
                Refusal::AdministratorRequired => {
                    ApiError::bad_request("not enough rights to close or open the topic")
                }
                other => other.into(),
            })?;
        Ok(json!(true))
    })
}

fn not_modified() -> ApiError {
    ApiError::bad_request("TOPIC_NOT_MODIFIED")
}
