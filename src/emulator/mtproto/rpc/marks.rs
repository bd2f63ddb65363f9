//! What has no effect here, because everything counts as read and nobody watches anybody type.
//! The requests are checked all the same.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::messages::message_of;
use super::peers;
use super::refusal::RpcRefusal;

/// Somebody types.
pub(super) fn set_typing(
    call: &mut Call,
    request: functions::messages::SetTyping,
) -> Result<bool, RpcRefusal> {
    in_group(call, &request.peer).map(|_| true)
}

/// A group was read.
pub(super) fn read_channel(
    call: &mut Call,
    request: functions::channels::ReadHistory,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let world = &call.caller.place.world;
    world.read(|state| peers::channel(state, me, &request.channel).map(|_| true))
}

/// Voice messages were listened to, and the like.
pub(super) fn read_message_contents(
    call: &mut Call,
    request: functions::channels::ReadMessageContents,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let world = &call.caller.place.world;
    world.read(|state| peers::channel(state, me, &request.channel).map(|_| true))
}

/// A topic was read.
pub(super) fn read_discussion(
    call: &mut Call,
    request: functions::messages::ReadDiscussion,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let world = &call.caller.place.world;
    world.read(|state| message_of(state, me, &request.peer, request.msg_id).map(|_| true))
}

/// Mentions were read.
pub(super) fn read_mentions(
    call: &mut Call,
    request: functions::messages::ReadMentions,
) -> Result<enums::messages::AffectedHistory, RpcRefusal> {
    in_group(call, &request.peer).map(nothing_moved)
}

/// Reactions were read.
pub(super) fn read_reactions(
    call: &mut Call,
    request: functions::messages::ReadReactions,
) -> Result<enums::messages::AffectedHistory, RpcRefusal> {
    in_group(call, &request.peer).map(nothing_moved)
}

/// Somebody is there, or gone.
pub(super) fn update_status(
    call: &mut Call,
    _: functions::account::UpdateStatus,
) -> Result<bool, RpcRefusal> {
    call.me().map(|_| true)
}

/// The pts of a group that the caller is in.
fn in_group(call: &Call, peer: &enums::InputPeer) -> Result<i32, RpcRefusal> {
    let me = call.me()?;
    let world = &call.caller.place.world;
    world.read(|state| peers::group(state, me, peer).map(|group| group.pts))
}

fn nothing_moved(pts: i32) -> enums::messages::AffectedHistory {
    types::messages::AffectedHistory {
        pts,
        pts_count: 0,
        offset: 0,
    }
    .into()
}
