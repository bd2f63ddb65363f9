//! Groups themselves and who is in them.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::{View, administrator, count};
use crate::emulator::mtproto::literals;
use crate::emulator::mtproto::session::seconds;
use crate::emulator::world::{Group, State, User};

/// Members in one answer, at most.
const MOST: i32 = 200;

/// Groups.
pub(super) fn get_channels(
    call: &mut Call,
    request: functions::channels::GetChannels,
) -> Result<enums::messages::Chats, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let view = View { state, me };
        let chats: Result<Vec<_>, RpcRefusal> = request
            .id
            .iter()
            .map(|channel| Ok(view.channel(peers::channel(state, me, channel)?)))
            .collect();
        Ok(types::messages::Chats { chats: chats? }.into())
    })
}

/// One group with everything about it.
pub(super) fn get_full_channel(
    call: &mut Call,
    request: functions::channels::GetFullChannel,
) -> Result<enums::messages::ChatFull, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let top = group.top_message().map_or(0, |message| message.id);
        let full = types::ChannelFull {
            can_view_participants: true,
            id: group.id,
            participants_count: Some(count(group.members.len())),
            admins_count: Some(count(group.administrators.len())),
            read_inbox_max_id: top,
            read_outbox_max_id: top,
            pts: group.pts,
            ..literals::channel_full()
        };
        let view = View { state, me };
        let answer = types::messages::ChatFull {
            full_chat: full.into(),
            chats: vec![view.channel(group)],
            users: view.users([me]),
        };
        Ok(answer.into())
    })
}

/// One member.
pub(super) fn get_participant(
    call: &mut Call,
    request: functions::channels::GetParticipant,
) -> Result<enums::channels::ChannelParticipant, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let user = peers::user_peer(state, me, &request.participant)?;
        if !group.members.contains(&user.id) {
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
    use enums::ChannelParticipantsFilter as Filter;
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let mut members: Vec<&User> = members(state, group).collect();
        match &request.filter {
            Filter::ChannelParticipantsRecent => {}
            Filter::ChannelParticipantsAdmins => {
                members.retain(|user| group.administrators.contains(&user.id));
            }
            Filter::ChannelParticipantsBots => members.retain(|user| user.is_bot()),
            Filter::ChannelParticipantsSearch(search) => {
                let query = search.q.to_lowercase();
                members.retain(|user| {
                    let username = user.username.as_deref().unwrap_or_default();
                    user.name().to_lowercase().contains(&query)
                        || username.to_lowercase().contains(&query)
                });
            }
            Filter::ChannelParticipantsKicked(_) | Filter::ChannelParticipantsBanned(_) => {
                members.clear();
            }
            _ => return Err(RpcRefusal::bad("FILTER_INVALID")),
        }
        let total = members.len();
        let offset = usize::try_from(request.offset).unwrap_or(0);
        let limit = usize::try_from(request.limit.clamp(0, MOST)).unwrap_or(0);
        let page: Vec<_> = members.into_iter().skip(offset).take(limit).collect();
        let view = View { state, me };
        let answer = types::channels::ChannelParticipants {
            count: count(total),
            participants: page
                .iter()
                .map(|user| participant(group, me, user))
                .collect(),
            chats: vec![view.channel(group)],
            users: page.iter().map(|user| view.user(user)).collect(),
        };
        Ok(answer.into())
    })
}

fn members<'s>(state: &'s State, group: &'s Group) -> impl Iterator<Item = &'s User> {
    group.members.iter().filter_map(|id| state.user(*id))
}

fn participant(group: &Group, me: i64, user: &User) -> enums::ChannelParticipant {
    let user_id = user.id;
    let date = seconds(group.created);
    if group.owner == user_id {
        types::ChannelParticipantCreator {
            user_id,
            admin_rights: administrator().into(),
            rank: None,
        }
        .into()
    } else if group.administrators.contains(&user_id) {
        types::ChannelParticipantAdmin {
            can_edit: false,
            is_self: user_id == me,
            user_id,
            inviter_id: (user_id == me).then_some(group.owner),
            promoted_by: group.owner,
            date,
            admin_rights: administrator().into(),
            rank: None,
        }
        .into()
    } else if user_id == me {
        types::ChannelParticipantSelf {
            via_request: false,
            user_id,
            inviter_id: group.owner,
            date,
            subscription_until_date: None,
            rank: None,
        }
        .into()
    } else {
        types::ChannelParticipant {
            user_id,
            date,
            subscription_until_date: None,
            rank: None,
        }
        .into()
    }
}
