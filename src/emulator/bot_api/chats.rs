//! Who and where.

use serde_json::{Value, json};

use super::api::{BotApi, group_of};
use super::encode;
use super::error::{Answer, ApiError};
use super::params::Params;
use crate::emulator::world::{Group, User};

/// `getMe`.
pub(super) fn get_me(api: &BotApi, bot: i64) -> Answer {
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
        ];
        if let Some(me) = me.as_object_mut() {
            for (name, value) in flags {
                me.insert(name.to_owned(), json!(value));
            }
        }
        Ok(me)
    })
}

/// Does something with the group that the request names.
fn with_group(
    api: &BotApi,
    bot: i64,
    params: &Params,
    work: impl FnOnce(&Group, &dyn Fn(i64) -> Option<User>) -> Answer,
) -> Answer {
    let group = group_of(api, bot, params)?;
    api.world().read(|state| {
        let place = state
            .group(group)
            .ok_or_else(|| ApiError::bad_request("chat not found"))?;
        work(place, &|id| state.user(id).cloned())
    })
}

/// `getChat`.
pub(super) fn get_chat(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_group(api, bot, params, |group, _| {
        let mut chat = encode::chat(group);
        let permissions: serde_json::Map<String, Value> = [
            "can_send_messages",
            "can_send_audios",
            "can_send_documents",
            "can_send_photos",
            "can_send_videos",
            "can_send_video_notes",
            "can_send_voice_notes",
            "can_send_polls",
            "can_send_other_messages",
            "can_add_web_page_previews",
            "can_invite_users",
        ]
        .into_iter()
        .map(|name| (name.to_owned(), json!(true)))
        .collect();
        if let Some(chat) = chat.as_object_mut() {
            chat.insert("has_visible_history".to_owned(), json!(true));
            chat.insert("permissions".to_owned(), Value::Object(permissions));
            chat.insert(
                "accepted_gift_types".to_owned(),
                json!({
                    "unlimited_gifts": false,
                    "limited_gifts": false,
                    "unique_gifts": false,
                    "premium_subscription": false,
                    "gifts_from_channels": false,
                }),
            );
            chat.insert("max_reaction_count".to_owned(), json!(11));
            chat.insert("accent_color_id".to_owned(), json!(0));
        }
        Ok(chat)
    })
}

/// `getChatMember`.
pub(super) fn get_member(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let wanted = params
        .integer("user_id")?
        .ok_or_else(|| ApiError::bad_request("invalid user_id specified"))?;
    with_group(api, bot, params, |group, user| {
        let user = user(wanted).ok_or_else(|| ApiError::bad_request("user not found"))?;
        Ok(member(group, &user, bot))
    })
}

/// `getChatAdministrators`: without other bots, as documented.
pub(super) fn get_administrators(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_group(api, bot, params, |group, user| {
        let list = group
            .administrators
            .iter()
            .filter_map(|id| user(*id))
            .filter(|user| user.id == bot || !user.is_bot())
            .map(|user| member(group, &user, bot))
            .collect();
        Ok(Value::Array(list))
    })
}

/// `getChatMemberCount`.
pub(super) fn get_member_count(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_group(api, bot, params, |group, _| Ok(json!(group.members.len())))
}

/// A `ChatMember`.
fn member(group: &Group, user: &User, viewer: i64) -> Value {
    let shown = encode::user(user);
    if group.owner == user.id {
        return json!({ "status": "creator", "user": shown, "is_anonymous": false });
    }
    if !group.administrators.contains(&user.id) {
        let status = if group.members.contains(&user.id) {
            "member"
        } else {
            "left"
        };
        return json!({ "status": status, "user": shown });
    }
    json!({
        "status": "administrator",
        "user": shown,
        "can_be_edited": false,
        "is_anonymous": false,
        "can_manage_chat": true,
        "can_delete_messages": true,
        "can_manage_video_chats": true,
        "can_restrict_members": user.id != viewer,
        "can_promote_members": false,
        "can_change_info": true,
        "can_invite_users": true,
        "can_post_stories": false,
        "can_edit_stories": false,
        "can_delete_stories": false,
        "can_pin_messages": true,
        "can_manage_topics": true,
    })
}
