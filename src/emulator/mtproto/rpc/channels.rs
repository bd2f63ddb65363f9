//! Groups themselves.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::convert::{View, count};
use crate::emulator::mtproto::literals;
use crate::emulator::world::Refusal;

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
        let administrates = group.administrators.contains(&me);
        let mut newest = group.messages.values().rev();
        let pinned = newest
            .find(|message| message.pinned && message.deleted_at.is_none())
            .map(|message| message.id);
        let full = types::ChannelFull {
            can_view_participants: true,
            about: group.about.clone(),
            kicked_count: administrates.then(|| count(group.banned.len())),
            banned_count: administrates.then(|| count(group.restricted.len())),
            pinned_msg_id: pinned,
            id: group.id,
            participants_count: Some(count(group.members.len())),
            admins_count: Some(count(group.administrators.len())),
            read_inbox_max_id: top,
            read_outbox_max_id: top,
            pts: group.pts,
            available_min_id: group.first_shown.get(&me).copied(),
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

/// Gives a group another title.
pub(super) fn edit_title(
    call: &mut Call,
    request: functions::channels::EditTitle,
) -> Result<enums::Updates, RpcRefusal> {
    told::change(call, |state, me| {
        let group = peers::channel(state, me, &request.channel)?.id;
        let renamed = state.rename_group(group, me, request.title.trim());
        renamed.map_err(not_modified)?;
        Ok(Vec::new())
    })
}

/// Says what a group is about.
pub(super) fn edit_about(
    call: &mut Call,
    request: functions::messages::EditChatAbout,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.write(|state| {
        let group = peers::group(state, me, &request.peer)?.id;
        let described = state.describe_group(group, me, &request.about);
        described.map_err(|refusal| match refusal {
            Refusal::NotModified => RpcRefusal::bad("CHAT_ABOUT_NOT_MODIFIED"),
            other => other.into(),
        })
    })?;
    Ok(true)
}

fn not_modified(refusal: Refusal) -> RpcRefusal {
    match refusal {
        Refusal::NotModified => RpcRefusal::bad("CHAT_NOT_MODIFIED"),
        other => other.into(),
    }
}

/// The link to a message.
pub(super) fn export_message_link(
    call: &mut Call,
    request: functions::channels::ExportMessageLink,
) -> Result<enums::ExportedMessageLink, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let message = group
            .visible(request.id)
            .ok_or_else(|| RpcRefusal::bad("MSG_ID_INVALID"))?;
        let link = if group.forum {
            format!(
                "https://t.me/c/{}/{}/{}",
                group.id, message.topic, message.id
            )
        } else {
            format!("https://t.me/c/{}/{}", group.id, message.id)
        };
        let answer = types::ExportedMessageLink {
            html: String::new(),
            link,
        };
        Ok(answer.into())
    })
}
