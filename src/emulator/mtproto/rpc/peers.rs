//! Who and what a request addresses. Access hashes are checked, as Telegram does.

use grammers_tl_types::{enums, types};

use super::refusal::RpcRefusal;
use crate::emulator::world::{Group, State, User};

/// A group that `me` is in, addressed as a peer.
pub(super) fn group<'s>(
    state: &'s State,
    me: i64,
    peer: &enums::InputPeer,
) -> Result<&'s Group, RpcRefusal> {
    match peer {
        enums::InputPeer::Channel(channel) => {
            addressed(state, me, channel.channel_id, channel.access_hash)
        }
        _ => Err(RpcRefusal::bad("PEER_ID_INVALID")),
    }
}

/// A group that `me` is in, addressed as a channel.
pub(super) fn channel<'s>(
    state: &'s State,
    me: i64,
    channel: &enums::InputChannel,
) -> Result<&'s Group, RpcRefusal> {
    match channel {
        enums::InputChannel::Channel(types::InputChannel {
            channel_id,
            access_hash,
        }) => addressed(state, me, *channel_id, *access_hash),
        _ => Err(RpcRefusal::bad("CHANNEL_INVALID")),
    }
}

fn addressed(state: &State, me: i64, id: i64, hash: i64) -> Result<&Group, RpcRefusal> {
    let group = state
        .group(id)
        .filter(|group| group.access_hash == hash || unhashed(state, me, hash))
        .ok_or_else(|| RpcRefusal::bad("CHANNEL_INVALID"))?;
    if group.members.contains(&me) {
        Ok(group)
    } else {
        Err(RpcRefusal::bad("CHANNEL_PRIVATE"))
    }
}

/// An account.
pub(super) fn user<'s>(
    state: &'s State,
    me: i64,
    user: &enums::InputUser,
) -> Result<&'s User, RpcRefusal> {
    let (id, hash) = match user {
        enums::InputUser::UserSelf => (me, None),
        enums::InputUser::User(user) => (user.user_id, Some(user.access_hash)),
        _ => return Err(RpcRefusal::bad("USER_ID_INVALID")),
    };
    known(state, me, id, hash)
}

/// An account, addressed as a peer.
pub(super) fn user_peer<'s>(
    state: &'s State,
    me: i64,
    peer: &enums::InputPeer,
) -> Result<&'s User, RpcRefusal> {
    match peer {
        enums::InputPeer::PeerSelf => known(state, me, me, None),
        enums::InputPeer::User(user) => known(state, me, user.user_id, Some(user.access_hash)),
        _ => Err(RpcRefusal::bad("PARTICIPANT_ID_INVALID")),
    }
}

fn known(state: &State, me: i64, id: i64, hash: Option<i64>) -> Result<&User, RpcRefusal> {
    state
        .user(id)
        // One's own account needs no hash.
        .filter(|user| {
            let met = || unhashed(state, me, hash.unwrap_or(1)) && shared(state, me, id);
            id == me || hash == Some(user.access_hash) || met()
        })
        .ok_or_else(|| RpcRefusal::bad("USER_ID_INVALID"))
}

/// Whether two accounts are in a group together.
fn shared(state: &State, one: i64, other: i64) -> bool {
    let mut groups = state.groups();
    groups.any(|group| group.members.contains(&one) && group.members.contains(&other))
}

/// Bots may address what they have met by its id alone, and write 0 for the hash.
fn unhashed(state: &State, me: i64, hash: i64) -> bool {
    hash == 0 && state.user(me).is_some_and(User::is_bot)
}
