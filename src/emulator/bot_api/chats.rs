//! The bot itself, and what groups say about themselves.

use serde_json::{Value, json};

use super::api::{BotApi, group_of};
use super::encode::{self, put};
use super::error::{Answer, ApiError};
use super::members;
use super::params::Params;
use crate::emulator::world::Refusal;

/// Longest title and description of a group, characters; what is longer is cut, as Telegram's
/// server does.
const TITLE_LIMIT: usize = 128;
const ABOUT_LIMIT: usize = 255;

/// `getMe`.
pub(super) fn get_me(api: &BotApi, bot: i64, _: &Params) -> Answer {
    api.world().read(|state| {
        let user = state.user(bot).ok_or_else(ApiError::unauthorized)?;
        let mut me = encode::user(user);
        let settings = user.bot.as_ref();
        let flags = [
            ("can_join_groups", true),
            (
                "can_read_all_group_messages",
                settings.is_some_and(|bot| !bot.privacy_mode),
            ),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
            ("has_topics_enabled", false),
            ("allows_users_to_create_topics", false),
            ("can_manage_bots", false),
            ("supports_guest_queries", false),
        ];
        for (name, value) in flags {
            put(&mut me, name, json!(value));
        }
        Ok(me)
    })
}

/// `getChat`: a `ChatFullInfo`.
pub(super) fn get_chat(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().read(|state| {
        let place = state.group(group).ok_or(Refusal::NoSuchGroup)?;
        let mut chat = encode::chat(place);
        if !place.about.is_empty() {
            put(&mut chat, "description", json!(place.about));
        }
        let pinned = place
            .messages
            .values()
            .rev()
            .find(|message| message.pinned && message.deleted_at.is_none());
        if let Some(pinned) = pinned {
            put(
                &mut chat,
                "pinned_message",
                encode::message(state, bot, pinned),
            );
        }
        if place.protected {
            put(&mut chat, "has_protected_content", json!(true));
        }
        put(&mut chat, "has_visible_history", json!(true));
        put(&mut chat, "permissions", encode::permissions());
        put(
            &mut chat,
            "accepted_gift_types",
            json!({
                "unlimited_gifts": false,
                "limited_gifts": false,
                "unique_gifts": false,
                "premium_subscription": false,
                "gifts_from_channels": false,
            }),
        );
        put(&mut chat, "max_reaction_count", json!(11));
        put(&mut chat, "accent_color_id", json!(0));
        Ok(chat)
    })
}

/// `setChatTitle`.
pub(super) fn set_title(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    let title = cut(params.text("title"), TITLE_LIMIT);
    if title.is_empty() {
        return Err(ApiError::bad_request("title must be non-empty"));
    }
    let done = api
        .world()
        .write(|state| state.rename_group(group, bot, &title));
    match done {
        // The same title again is as good as done.
        Ok(()) | Err(Refusal::NotModified) => Ok(json!(true)),
        Err(Refusal::AdministratorRequired) => Err(ApiError::bad_request(
            "not enough rights to change chat title",
        )),
        Err(other) => Err(other.into()),
    }
}

/// `setChatDescription`.
pub(super) fn set_description(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    let about = cut(params.text("description"), ABOUT_LIMIT);
    api.world()
        .write(|state| state.describe_group(group, bot, &about))
        .map_err(|refusal| match refusal {
            Refusal::NotModified => ApiError::bad_request("chat description is not modified"),
            Refusal::AdministratorRequired => {
                ApiError::bad_request("not enough rights to set chat description")
            }
            other => other.into(),
        })?;
    Ok(json!(true))
}

/// `getUserProfilePhotos`: nobody in this world has one.
pub(super) fn profile_photos(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let wanted = params.user_id()?;
    api.world()
        .read(|state| members::met(state, bot, wanted).map(|_| ()))?;
    Ok(json!({ "total_count": 0, "photos": [] }))
}

/// A text without white space around it, cut to so many characters.
pub(super) fn cut(text: Option<&str>, limit: usize) -> String {
    let text = text.unwrap_or_default().trim();
    text.chars()
        .take(limit)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// `logOut` and `close`: nothing of the bot's is kept open here but its long poll and webhook,
/// which end. Telegram then refuses the token for ten minutes; here it may come back at once.
pub(super) fn log_out(api: &BotApi, bot: i64, _: &Params) -> Answer {
    api.end_polls(bot);
    Ok(Value::Bool(true))
}
