//! Who is in a group, with which rights, and how that changes.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::convert::{View, administrator, count, user_peer};
use crate::emulator::mtproto::literals;
use crate::emulator::mtproto::session::seconds;
use crate::emulator::world::{Group, Standing, State, User};

/// Members in one answer, at most.
const MOST: i32 = 200;

/// One member.
pub(super) fn get_participant(
    call: &mut Call,
    request: functions::channels::GetParticipant,
) -> Result<enums::channels::ChannelParticipant, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let user = peers::user_peer(state, me, &request.participant)?;
        if group.standing(user.id) == Standing::Left {
            return Err(RpcRefusal::bad("USER_NOT_PARTICIPANT"));
        }
        let view = View { state, me };
        let answer = types::channels::ChannelParticipant {
            participant: participant(group, me, user),
            chats: vec![view.channel(group)],
            users: view.users([user.id, group.owner]),
        };
        Ok(answer.into())
    })
}

/// Members, a page at a time.
pub(super) fn get_participants(
    call: &mut Call,
    request: functions::channels::GetParticipants,
) -> Result<enums::channels::ChannelParticipants, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let chosen = chosen(state, group, me, &request.filter)?;
        let total = chosen.len();
        let offset = usize::try_from(request.offset).unwrap_or(0);
        let limit = usize::try_from(request.limit.clamp(0, MOST)).unwrap_or(0);
        let page: Vec<_> = chosen.into_iter().skip(offset).take(limit).collect();
        let view = View { state, me };
        let ids = page.iter().map(|user| user.id).chain([group.owner]);
        let answer = types::channels::ChannelParticipants {
            count: count(total),
            participants: page
                .iter()
                .map(|user| participant(group, me, user))
                .collect(),
            chats: vec![view.channel(group)],
            users: view.users(ids),
        };
        Ok(answer.into())
    })
}

/// The accounts that a filter means, ascending by id.
fn chosen<'s>(
    state: &'s State,
    group: &'s Group,
    me: i64,
    filter: &enums::ChannelParticipantsFilter,
) -> Result<Vec<&'s User>, RpcRefusal> {
    use enums::ChannelParticipantsFilter as Filter;
    let list = match filter {
        Filter::ChannelParticipantsAdmins => &group.administrators,
        Filter::ChannelParticipantsKicked(_) => &group.banned,
        Filter::ChannelParticipantsBanned(_) => &group.restricted,
        _ => &group.members,
    };
    let mut users: Vec<&User> = list.iter().filter_map(|id| state.user(*id)).collect();
    let query = match filter {
        Filter::ChannelParticipantsRecent | Filter::ChannelParticipantsAdmins => "",
        Filter::ChannelParticipantsBots => {
            users.retain(|user| user.is_bot());
            ""
        }
        Filter::ChannelParticipantsSearch(it) => &it.q,
        Filter::ChannelParticipantsMentions(it) => it.q.as_deref().unwrap_or_default(),
        Filter::ChannelParticipantsKicked(_) | Filter::ChannelParticipantsBanned(_)
            if !group.administrators.contains(&me) =>
        {
            return Err(RpcRefusal::bad("CHAT_ADMIN_REQUIRED"));
        }
        Filter::ChannelParticipantsKicked(it) => &it.q,
        Filter::ChannelParticipantsBanned(it) => &it.q,
        // Nobody here has contacts.
        Filter::ChannelParticipantsContacts(_) => return Ok(Vec::new()),
    };
    let query = query.to_lowercase();
    users.retain(|user| {
        let username = user.username.as_deref().unwrap_or_default();
        user.name().to_lowercase().contains(&query) || username.to_lowercase().contains(&query)
    });
    Ok(users)
}

fn participant(group: &Group, me: i64, user: &User) -> enums::ChannelParticipant {
    let user_id = user.id;
    let date = seconds(group.created);
    match group.standing(user_id) {
        Standing::Owner => types::ChannelParticipantCreator {
            user_id,
            admin_rights: administrator().into(),
            rank: None,
        }
        .into(),
        Standing::Administrator => types::ChannelParticipantAdmin {
            can_edit: group.owner == me,
            is_self: user_id == me,
            user_id,
            inviter_id: (user_id == me).then_some(group.owner),
            promoted_by: group
                .promoters
                .get(&user_id)
                .copied()
                .unwrap_or(group.owner),
            date,
            admin_rights: administrator().into(),
            rank: None,
        }
        .into(),
        standing @ (Standing::Restricted | Standing::Banned) => types::ChannelParticipantBanned {
            left: standing == Standing::Banned,
            peer: user_peer(user_id),
            kicked_by: group.owner,
            date,
            banned_rights: types::ChatBannedRights {
                view_messages: standing == Standing::Banned,
                send_messages: true,
                send_media: true,
                send_plain: true,
                ..literals::banned_rights()
            }
            .into(),
            rank: None,
        }
        .into(),
        Standing::Left => types::ChannelParticipantLeft {
            peer: user_peer(user_id),
        }
        .into(),
        Standing::Member if user_id == me => types::ChannelParticipantSelf {
            via_request: false,
            user_id,
            inviter_id: group.owner,
            date,
            subscription_until_date: None,
            rank: None,
        }
        .into(),
        Standing::Member => types::ChannelParticipant {
            user_id,
            date,
            subscription_until_date: None,
            rank: None,
        }
        .into(),
    }
}

/// Makes somebody an administrator, or no longer one.
pub(super) fn edit_admin(
    call: &mut Call,
    request: functions::channels::EditAdmin,
) -> Result<enums::Updates, RpcRefusal> {
    let enums::ChatAdminRights::Rights(rights) = request.admin_rights;
    let none = rights == literals::admin_rights();
    told::change(call, |state, me| {
        let group = peers::channel(state, me, &request.channel)?.id;
        let user = peers::user(state, me, &request.user_id)?.id;
        let standing = if none {
            Standing::Member
        } else {
            Standing::Administrator
        };
        state.set_standing(group, me, user, standing)?;
        Ok(Vec::new())
    })
}

/// Keeps somebody from writing or from being there at all, or no longer.
pub(super) fn edit_banned(
    call: &mut Call,
    request: functions::channels::EditBanned,
) -> Result<enums::Updates, RpcRefusal> {
    let enums::ChatBannedRights::Rights(rights) = request.banned_rights;
    told::change(call, |state, me| {
        let group = peers::channel(state, me, &request.channel)?;
        let user = peers::user_peer(state, me, &request.participant)?.id;
        let standing = if rights.view_messages {
            Standing::Banned
        } else if rights.send_messages {
            Standing::Restricted
        } else if group.standing(user).is_member() {
            Standing::Member
        } else {
            Standing::Left
        };
        let group = group.id;
        state.set_standing(group, me, user, standing)?;
        Ok(Vec::new())
    })
}

/// Adds people to a group.
pub(super) fn invite_to_channel(
    call: &mut Call,
    request: functions::channels::InviteToChannel,
) -> Result<enums::messages::InvitedUsers, RpcRefusal> {
    if request.users.is_empty() {
        return Err(RpcRefusal::bad("USERS_TOO_FEW"));
    }
    let updates = told::change(call, |state, me| {
        let group = peers::channel(state, me, &request.channel)?.id;
        // All are looked at first: nobody is added where somebody cannot be.
        let mut added = Vec::new();
        for user in &request.users {
            let user = peers::user(state, me, user)?.id;
            match state.group(group).map(|group| group.standing(user)) {
                Some(Standing::Left) => added.push(user),
                Some(Standing::Banned) => return Err(RpcRefusal::bad("USER_KICKED")),
                _ => return Err(RpcRefusal::bad("USER_ALREADY_PARTICIPANT")),
            }
        }
        for user in added {
            state.set_standing(group, me, user, Standing::Member)?;
        }
        Ok(Vec::new())
    })?;
    let answer = types::messages::InvitedUsers {
        updates,
        missing_invitees: Vec::new(),
    };
    Ok(answer.into())
}

/// Leaves a group.
pub(super) fn leave_channel(
    call: &mut Call,
    request: functions::channels::LeaveChannel,
) -> Result<enums::Updates, RpcRefusal> {
    told::change(call, |state, me| {
        let group = peers::channel(state, me, &request.channel)?;
        if group.owner == me {
            return Err(RpcRefusal::bad("USER_CREATOR"));
        }
        let group = group.id;
        state.set_standing(group, me, me, Standing::Left)?;
        Ok(Vec::new())
    })
}

/// Joins a group, which nobody can by its id alone: these groups have no public names.
pub(super) fn join_channel(
    call: &mut Call,
    request: functions::channels::JoinChannel,
) -> Result<enums::messages::ChatInviteJoinResult, RpcRefusal> {
    let me = call.me()?;
    let world = &call.caller.place.world;
    world.read(|state| peers::channel(state, me, &request.channel).map(|_| ()))?;
    Err(RpcRefusal::bad("USER_ALREADY_PARTICIPANT"))
}

/// Looks at an invitation; there are none.
pub(super) fn check_chat_invite(
    call: &mut Call,
    _: functions::messages::CheckChatInvite,
) -> Result<enums::ChatInvite, RpcRefusal> {
    call.me()?;
    Err(RpcRefusal::bad("INVITE_HASH_INVALID"))
}

/// Follows an invitation; there are none.
pub(super) fn import_chat_invite(
    call: &mut Call,
    _: functions::messages::ImportChatInvite,
) -> Result<enums::messages::ChatInviteJoinResult, RpcRefusal> {
    call.me()?;
    Err(RpcRefusal::bad("INVITE_HASH_INVALID"))
}
