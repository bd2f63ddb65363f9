//! Editing and deleting.

use serde_json::{Value, json};

use super::album::Item;
use super::api::{BotApi, group_of};
use super::draft::{message_id, shown};
use super::error::{Answer, ApiError};
use super::params::Params;
use super::text::{self, Formatted};
use super::{encode, markup};
use crate::emulator::world::{Content, Draft, Message, Refusal};

/// What an edit makes of a message.
type Edited = (Formatted, Option<i64>);

/// `editMessageText`.
pub(super) fn text(api: &BotApi, bot: i64, params: &Params) -> Answer {
    if params.text("text").is_none() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    let text = text::of_params(params, "text", "parse_mode", "entities")?;
    edit(api, bot, params, |message| {
        if message.file.is_some() || message.content.is_some() {
            return Err(ApiError::bad_request(
                "there is no text in the message to edit",
            ));
        }
        if text.0.is_empty() {
            return Err(ApiError::bad_request("text must be non-empty"));
        }
        Ok((text, None))
    })
}

/// `editMessageCaption`.
pub(super) fn caption(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let caption = text::caption(params)?;
    edit(api, bot, params, |message| {
        if message.file.is_none() {
            return Err(ApiError::bad_request(
                "there is no caption in the message to edit",
            ));
        }
        Ok((caption, None))
    })
}

/// `editMessageMedia`.
pub(super) fn media(api: &BotApi, bot: i64, params: &Params) -> Answer {
    params.required("media")?;
    let value = params.json("media", "input media")?.unwrap_or_default();
    let item = Item::of(&value, false)?;
    edit(api, bot, params, |message| {
        if message.content.is_some() {
            return Err(ApiError::bad_request("message media can't be edited"));
        }
        let now = message.file.and_then(|id| {
            api.world()
                .read(|state| state.file(id).map(|file| file.kind))
        });
        if message.album.is_some() && now.is_some_and(|kind| kind != item.kind) {
            return Err(ApiError::bad_request(
                "can't change media type in the album",
            ));
        }
        let file = item.file(api, bot, params)?;
        Ok((item.caption, Some(file)))
    })
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(api: &BotApi, bot: i64, params: &Params) -> Answer {
    edit(api, bot, params, |message| {
        Ok(((message.text.clone(), message.entities.clone()), None))
    })
}

fn edit(
    api: &BotApi,
    bot: i64,
    params: &Params,
    content: impl FnOnce(&Message) -> Result<Edited, ApiError>,
) -> Answer {
    let buttons = markup::buttons(params)?;
    let id = message_id(params)?;
    let group = group_of(api, bot, params, "chat_id")?;
    let message = api
        .world()
        .read(|state| state.group(group)?.visible(id).cloned())
        .ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
    if message.from != bot || message.service.is_some() || message.forward.is_some() {
        return Err(Refusal::NotTheAuthor.into());
    }
    let ((text, entities), file) = content(&message)?;
    let draft = Draft {
        text,
        entities,
        file,
        buttons,
        ..Draft::default()
    };
    api.admit(bot, group, 1)?;
    api.world().write(|state| {
        state
            .edit(group, bot, id, draft)
            .map_err(|refusal| match refusal {
                Refusal::TooLong => ApiError::bad_request("MESSAGE_TOO_LONG"),
                other => other.into(),
            })?;
        shown(state, bot, group, id)
    })
}

/// `stopPoll`: answers with the poll as it ended.
pub(super) fn stop_poll(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let buttons = markup::buttons(params)?;
    let group = group_of(api, bot, params, "chat_id")?;
    let id = params.id("message_id")?.unwrap_or_default();
    api.world().write(|state| {
        let message = state
            .group(group)
            .and_then(|group| group.visible(id))
            .ok_or(Refusal::NoPoll)?;
        if !matches!(message.content, Some(Content::Poll(_))) {
            return Err(ApiError::bad_request("message is not a poll"));
        }
        if message.from != bot {
            return Err(ApiError::bad_request("poll can't be stopped"));
        }
        state.close_poll(group, bot, id)?;
        // With other buttons than before, or with none.
        let change = Draft {
            buttons,
            ..Draft::default()
        };
        match state.edit(group, bot, id, change) {
            Ok(()) | Err(Refusal::NotModified) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        let message = state.group(group).and_then(|group| group.visible(id));
        match message.and_then(|message| message.content.as_ref()) {
            Some(Content::Poll(poll)) => Ok(encode::poll(poll, true)),
            _ => Err(Refusal::NoPoll.into()),
        }
    })
}

/// `deleteMessage`.
pub(super) fn delete(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let id = message_id(params)?;
    let group = group_of(api, bot, params, "chat_id")?;
    let known = api.world().read(|state| {
        let place = state.group(group)?;
        Some((place.visible(id).is_some(), place.topics.contains_key(&id)))
    });
    match known {
        Some((true, true)) => Err(ApiError::bad_request("message can't be deleted")),
        Some((true, false)) => remove(api, bot, group, &[id]),
        _ => Err(ApiError::bad_request("message to delete not found")),
    }
}

/// `deleteMessages`: what is gone already is passed over.
pub(super) fn delete_many(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let ids = params.message_ids()?;
    if ids.is_empty() {
        return Err(ApiError::bad_request(
            "message identifiers are not specified",
        ));
    }
    let group = group_of(api, bot, params, "chat_id")?;
    remove(api, bot, group, &ids)
}

fn remove(api: &BotApi, bot: i64, group: i64, ids: &[i32]) -> Answer {
    let removed = api.world().write(|state| state.delete(group, bot, ids));
    match removed {
        Ok(_) => Ok(Value::Bool(true)),
        Err(Refusal::AdministratorRequired) => {
            Err(ApiError::bad_request("message can't be deleted"))
        }
        Err(other) => Err(other.into()),
    }
}

/// `answerCallbackQuery`.
pub(super) fn answer_press(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let press = params
        .text("callback_query_id")
        .and_then(|id| id.trim().parse().ok())
        .unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    let answer = crate::emulator::world::PressAnswer {
        text: text.to_owned(),
        alert: params.flag("show_alert"),
        url: params.text("url").map(str::to_owned),
        cache_time: params.size("cache_time", 30 * 24 * 60 * 60),
    };
    api.world()
        .write(|state| state.answer_press(bot, press, answer))
        .map_err(|refusal| match refusal {
            Refusal::TooLong => ApiError::bad_request(refusal),
            other => other.into(),
        })?;
    Ok(json!(true))
}

/// `setMessageReaction`.
pub(super) fn react(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let refused = ApiError::bad_request;
    let value = params.json("reaction", "reaction types")?;
    let mut emoji = Vec::new();
    if let Some(value) = &value {
        for kind in super::draft::array(value, "ReactionType")? {
            let wrong = |why: &str| refused(format!("can't parse ReactionType: {why}"));
            let fields =
                super::params::Fields::of(kind).ok_or_else(|| wrong("expected an Object"))?;
            match fields.text("type") {
                Some("emoji") => emoji.push(
                    fields
                        .text("emoji")
                        .ok_or_else(|| wrong("Can't find field \"emoji\""))?,
                ),
                // This world has no custom emoji.
                Some("custom_emoji") => return Err(Refusal::NoSuchReaction.into()),
                _ => return Err(wrong("invalid reaction type specified")),
            }
        }
    }
    let id = message_id(params)?;
    let group = group_of(api, bot, params, "chat_id")?;
    api.world()
        .write(|state| {
            // Of an album, the first message that is left carries the reactions.
            let id = state
                .group(group)
                .and_then(|group| {
                    let album = group.visible(id)?.album?;
                    let first = group.messages.values().find(|message| {
                        message.album == Some(album) && message.deleted_at.is_none()
                    })?;
                    Some(first.id)
                })
                .unwrap_or(id);
            state.react(group, bot, id, &emoji)
        })
        .map_err(|refusal| match refusal {
            Refusal::NoSuchMessage => ApiError::bad_request("message to react not found"),
            Refusal::MayNotWrite => ApiError::forbidden("CHAT_WRITE_FORBIDDEN"),
            other => other.into(),
        })?;
    Ok(json!(true))
}
