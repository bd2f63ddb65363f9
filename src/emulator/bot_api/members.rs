//! Who is in a group and what they may do there.

use serde_json::{Value, json};

use super::api::{BotApi, group_of};
use super::encode;
use super::error::{Answer, ApiError};
use super::params::{Fields, Params};
use crate::emulator::world::{Refusal, Service, Standing, State, User};

/// `getChatMember`.
pub(super) fn get(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let wanted = params.user_id()?;
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().read(|state| {
        let place = state.group(group).ok_or(Refusal::NoSuchGroup)?;
        let person = met(state, bot, wanted)?;
        Ok(encode::member(person, place.standing(wanted)))
    })
}

/// `getChatAdministrators`: without other bots, as documented.
pub(super) fn administrators(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().read(|state| {
        let place = state.group(group).ok_or(Refusal::NoSuchGroup)?;
        let list = place
            .administrators
            .iter()
            .filter_map(|id| state.user(*id))
            .filter(|user| user.id == bot || !user.is_bot())
            .map(|user| encode::member(user, place.standing(user.id)))
            .collect();
        Ok(Value::Array(list))
    })
}

/// `getChatMemberCount`.
pub(super) fn count(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    let count = api
        .world()
        .read(|state| state.group(group).map(|place| place.members.len()));
    Ok(json!(count.ok_or(Refusal::NoSuchGroup)?))
}

/// `banChatMember`.
pub(super) fn ban(api: &BotApi, bot: i64, params: &Params) -> Answer {
    change(api, bot, params, |_| Ok(Some(Standing::Banned)))
}

/// `unbanChatMember`: who is in the group is removed by it, unless asked to spare them.
pub(super) fn unban(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let spare = params.flag("only_if_banned");
    change(api, bot, params, |old| match old {
        Standing::Banned => Ok(Some(Standing::Left)),
        _ if spare => Ok(None),
        _ => Ok(Some(Standing::Left)),
    })
}

/// `restrictChatMember`: this world knows members who may write and members who may not.
pub(super) fn restrict(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let Some(permissions) = params.json("permissions", "permissions")? else {
        return Err(ApiError::bad_request("can't parse permissions JSON object"));
    };
    let fields = Fields::of(&permissions)
        .ok_or_else(|| ApiError::bad_request("object expected as permissions"))?;
    let writes = ["can_send_messages", "can_send_media_messages"]
        .into_iter()
        .any(|name| fields.flag(name));
    change(api, bot, params, |old| match old {
        Standing::Administrator => Err(is_administrator()),
        Standing::Left | Standing::Banned => Err(ApiError::bad_request("USER_NOT_PARTICIPANT")),
        _ if writes => Ok(Some(Standing::Member)),
        _ => Ok(Some(Standing::Restricted)),
    })
}

/// `promoteChatMember`: any right makes an administrator with all of them, none a member.
pub(super) fn promote(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let rights = [
        "is_anonymous",
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_manage_voice_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
        "can_post_messages",
        "can_edit_messages",
        "can_pin_messages",
        "can_manage_topics",
        "can_manage_direct_messages",
        "can_manage_tags",
    ];
    let promoted = rights.into_iter().any(|name| params.flag(name));
    let wanted = params.user_id()?;
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().write(|state| {
        let place = state.member(group, bot)?;
        let old = place.standing(wanted);
        met(state, bot, wanted)?;
        if wanted == bot && promoted {
            return Err(ApiError::bad_request("can't promote self"));
        }
        if old == Standing::Owner {
            return Err(Refusal::OwnerStays.into());
        }
        if !place.administrators.contains(&bot) {
            return Err(ApiError::bad_request("not enough rights"));
        }
        if !old.is_member() {
            return Err(ApiError::bad_request("USER_NOT_PARTICIPANT"));
        }
        let new = match (promoted, old) {
            (true, _) => Standing::Administrator,
            (false, Standing::Administrator) => Standing::Member,
            (false, other) => other,
        };
        state.set_standing(group, bot, wanted, new)?;
        Ok(json!(true))
    })
}

/// `leaveChat`.
pub(super) fn leave(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let group = group_of(api, bot, params, "chat_id")?;
    api.world()
        .write(|state| state.set_standing(group, bot, bot, Standing::Left))?;
    Ok(json!(true))
}

/// Changes somebody's standing to what `new` makes of the old; `None` leaves it.
fn change(
    api: &BotApi,
    bot: i64,
    params: &Params,
    new: impl FnOnce(Standing) -> Result<Option<Standing>, ApiError>,
) -> Answer {
    let wanted = params.user_id()?;
    let group = group_of(api, bot, params, "chat_id")?;
    api.world().write(|state| {
        let place = state.member(group, bot)?;
        let old = place.standing(wanted);
        met(state, bot, wanted)?;
        if old == Standing::Owner {
            return Err(Refusal::OwnerStays.into());
        }
        if wanted == bot {
            return Err(ApiError::bad_request("can't restrict self"));
        }
        if !place.administrators.contains(&bot) {
            return Err(not_enough_rights());
        }
        let Some(new) = new(old)? else {
            return Ok(json!(true));
        };
        if old == Standing::Administrator {
            // Bots may only remove administrators whom they made themselves; the world does not
            // remember who made whom.
            return Err(is_administrator());
        }
        state.set_standing(group, bot, wanted, new)?;
        Ok(json!(true))
    })
}

/// An account that a bot has met: one that is or was in a group of the bot's, or whose messages
/// were forwarded there. Of others it must not even learn that they exist.
pub(super) fn met(state: &State, bot: i64, wanted: i64) -> Result<&User, Refusal> {
    let person = state.user(wanted).ok_or(Refusal::NoSuchUser)?;
    let mut shared = state
        .groups()
        .filter(|group| group.members.contains(&bot))
        .filter(|group| {
            let there = group.members.contains(&wanted) || group.banned.contains(&wanted);
            there
                || group.messages.values().any(|message| {
                    let forward = message.forward.as_ref();
                    message.from == wanted
                        || forward.is_some_and(|forward| forward.from == Some(wanted))
                        || match &message.service {
                            Some(Service::Joined { people }) => people.contains(&wanted),
                            Some(Service::Left { person }) => *person == wanted,
                            _ => false,
                        }
                })
        });
    let known = wanted == bot || shared.next().is_some();
    known.then_some(person).ok_or(Refusal::NoSuchUser)
}

fn not_enough_rights() -> ApiError {
    ApiError::bad_request("not enough rights to restrict/unrestrict chat member")
}

fn is_administrator() -> ApiError {
    ApiError::bad_request("user is an administrator of the chat")
}
