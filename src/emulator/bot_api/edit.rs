//! Editing and deleting.

use serde_json::json;

use super::api::{BotApi, group_of};
use super::encode;
use super::error::{Answer, ApiError};
use super::params::Params;
use super::send::{buttons, formatted};
use crate::emulator::world::{Draft, Message, Refusal};

/// `editMessageText`.
pub(super) fn text(api: &BotApi, bot: i64, params: &Params) -> Answer {
    edit(api, bot, params, |_| {
        let (text, entities) = formatted(params, "text", "entities")?;
        if text.is_empty() {
            return Err(Refusal::Empty.into());
        }
        Ok((text, entities))
    })
}

/// `editMessageCaption`.
pub(super) fn caption(api: &BotApi, bot: i64, params: &Params) -> Answer {
    edit(api, bot, params, |message| {
        if message.file.is_none() {
            return Err(ApiError::bad_request(
                "there is no caption in the message to edit",
            ));
        }
        formatted(params, "caption", "caption_entities")
    })
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(api: &BotApi, bot: i64, params: &Params) -> Answer {
    edit(api, bot, params, |message| {
        Ok((message.text.clone(), message.entities.clone()))
    })
}

fn edit(
    api: &BotApi,
    bot: i64,
    params: &Params,
    content: impl FnOnce(&Message) -> Result<(String, Vec<crate::emulator::world::Entity>), ApiError>,
) -> Answer {
    let group = group_of(api, bot, params)?;
    let id = wanted(params)?;
    let message = api
        .world()
        .read(|state| state.group(group)?.visible(id).cloned())
        .ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
    let (text, entities) = content(&message)?;
    let draft = Draft {
        text,
        entities,
        buttons: buttons(params)?,
        ..Draft::default()
    };
    api.admit(bot, encode::chat_id(group))?;
    api.world().write(|state| {
        state
            .edit(group, bot, id, draft)
            .map_err(|refusal| match refusal {
                Refusal::TooLong => ApiError::bad_request("MESSAGE_TOO_LONG"),
                other => ApiError::from(other),
            })?;
        let edited = state
            .group(group)
            .and_then(|group| group.visible(id))
            .ok_or(Refusal::NoSuchMessage)?;
        Ok(encode::message(state, bot, edited))
    })
}

fn wanted(params: &Params) -> Result<i32, ApiError> {
    params
        .id("message_id")?
        .ok_or_else(|| ApiError::bad_request("message identifier is not specified"))
}

/// `deleteMessage`.
pub(super) fn delete(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params)?;
    let id = wanted(params)?;
    let gone = remove(api, bot, group, &[id])?;
    if gone.is_empty() {
        return Err(ApiError::bad_request("message to delete not found"));
    }
    Ok(json!(true))
}

/// `deleteMessages`: what is gone already is passed over.
pub(super) fn delete_many(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params)?;
    let ids: Vec<i32> = params
        .json("message_ids")?
        .ok_or_else(|| ApiError::bad_request("message identifiers are not specified"))?;
    if ids.len() > 100 {
        return Err(ApiError::bad_request(
            "too many message identifiers specified",
        ));
    }
    remove(api, bot, group, &ids)?;
    Ok(json!(true))
}

fn remove(api: &BotApi, bot: i64, group: i64, ids: &[i32]) -> Result<Vec<i32>, ApiError> {
    api.world()
        .write(|state| state.delete(group, bot, ids))
        .map_err(|refusal| match refusal {
            Refusal::AdministratorRequired => ApiError::bad_request("message can't be deleted"),
            other => other.into(),
        })
}
