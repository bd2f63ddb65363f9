//! The chat list: the groups that the account is in, newest first.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::{View, count};
use crate::emulator::mtproto::rpc::updates::state as update_state;
use crate::emulator::mtproto::session::{seconds, unix_seconds};
use crate::emulator::world::{Group, State};

/// Entries in one answer, at most.
const MOST: usize = 100;

/// The list, a page at a time.
pub(super) fn get_dialogs(
    call: &mut Call,
    request: functions::messages::GetDialogs,
) -> Result<enums::messages::Dialogs, RpcRefusal> {
    let me = call.me()?;
    Ok(call.caller.place.world.read(|state| {
        // Nothing is archived: folder 1 is empty.
        let shown = request.folder_id.unwrap_or(0) == 0;
        let mut groups: Vec<&Group> = joined(state, me).filter(|_| shown).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(position(group)));
        let total = groups.len();
        if request.offset_date > 0 {
            let from = (i64::from(request.offset_date), request.offset_id);
            groups.retain(|group| position(group) < from);
        }
        let left = groups.len();
        let limit = usize::try_from(request.limit).unwrap_or(0).min(MOST);
        groups.truncate(limit);
        let Lists {
            dialogs,
            messages,
            chats,
            users,
        } = lists(&View { state, me }, &groups);
        if total == left && groups.len() == total {
            let answer = types::messages::Dialogs {
                dialogs,
                messages,
                chats,
                users,
            };
            return answer.into();
        }
        types::messages::DialogsSlice {
            count: count(total),
            dialogs,
            messages,
            chats,
            users,
        }
        .into()
    }))
}

/// Nothing is pinned.
pub(super) fn get_pinned_dialogs(
    call: &mut Call,
    _: functions::messages::GetPinnedDialogs,
) -> Result<enums::messages::PeerDialogs, RpcRefusal> {
    call.me()?;
    Ok(peer_dialogs(Lists::default()))
}

/// Chosen entries of the list.
pub(super) fn get_peer_dialogs(
    call: &mut Call,
    request: functions::messages::GetPeerDialogs,
) -> Result<enums::messages::PeerDialogs, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let mut groups = Vec::new();
        for peer in &request.peers {
            if let enums::InputDialogPeer::Peer(peer) = peer {
                groups.push(super::peers::group(state, me, &peer.peer)?);
            }
        }
        Ok(peer_dialogs(lists(&View { state, me }, &groups)))
    })
}

fn peer_dialogs(lists: Lists) -> enums::messages::PeerDialogs {
    types::messages::PeerDialogs {
        dialogs: lists.dialogs,
        messages: lists.messages,
        chats: lists.chats,
        users: lists.users,
        state: update_state(seconds(unix_seconds())),
    }
    .into()
}

#[derive(Default)]
struct Lists {
    dialogs: Vec<enums::Dialog>,
    messages: Vec<enums::Message>,
    chats: Vec<enums::Chat>,
    users: Vec<enums::User>,
}

fn lists(view: &View<'_>, groups: &[&Group]) -> Lists {
    let tops = || groups.iter().filter_map(|group| group.top_message());
    Lists {
        dialogs: groups.iter().map(|group| view.dialog(group)).collect(),
        messages: tops().map(|message| view.message(message)).collect(),
        chats: groups.iter().map(|group| view.channel(group)).collect(),
        users: view.users_in(tops()),
    }
}

/// The groups that an account is in.
pub(super) fn joined(state: &State, me: i64) -> impl Iterator<Item = &Group> {
    state
        .groups()
        .filter(move |group| group.members.contains(&me))
}

fn position(group: &Group) -> (i64, i32) {
    group
        .top_message()
        .map_or((group.created, 0), |message| (message.date, message.id))
}
