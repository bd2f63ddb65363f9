//! Answers that tell what the request itself caused.

use grammers_tl_types::{enums, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::place::milliseconds;
use crate::emulator::mtproto::{push, session::seconds};
use crate::emulator::world::State;

/// By how much a request moved a group's pts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moved {
    /// Afterwards.
    pub(super) pts: i32,
    /// By so much.
    pub(super) pts_count: i32,
}

/// Changes the world on behalf of the caller and answers with the updates of all that happened,
/// `first` (what `change` returns) in front. No push to this connection repeats them.
pub(super) fn change(
    call: &mut Call,
    change: impl FnOnce(&mut State, i64) -> Result<Vec<enums::Update>, RpcRefusal>,
) -> Result<enums::Updates, RpcRefusal> {
    let me = call.me()?;
    let number = call.caller.number;
    let world = call.caller.place.world.clone();
    let (answer, indexes) = world.write(|state| {
        let from = state.log().len();
        let mut updates = change(state, me)?;
        let view = View { state, me };
        let changes = state.log().get(from..).unwrap_or_default();
        updates.extend(changes.iter().filter_map(|it| push::update(&view, it)));
        let mut chats: Vec<_> = changes.iter().map(|change| change.group).collect();
        chats.dedup();
        let answer = types::Updates {
            updates,
            users: view.users_in(changes.iter().filter_map(push::message)),
            chats: chats
                .into_iter()
                .filter_map(|id| state.group(id))
                .map(|group| view.channel(group))
                .collect(),
            date: seconds(state.now()),
            // Changes of groups do not count in the account's own sequence.
            seq: 0,
        };
        let indexes: Vec<usize> = (from..state.log().len()).collect();
        push::note(state, &indexes, number, milliseconds());
        Ok::<_, RpcRefusal>((answer, indexes))
    })?;
    call.told.extend(indexes);
    Ok(answer.into())
}

/// The same for requests whose answer says only how far pts moved in the group that `change`
/// names.
pub(super) fn quietly(
    call: &mut Call,
    change: impl FnOnce(&mut State, i64) -> Result<i64, RpcRefusal>,
) -> Result<Moved, RpcRefusal> {
    let me = call.me()?;
    let number = call.caller.number;
    let world = call.caller.place.world.clone();
    let (moved, indexes) = world.write(|state| {
        let from = state.log().len();
        let group = change(state, me)?;
        let indexes: Vec<usize> = (from..state.log().len()).collect();
        push::note(state, &indexes, number, milliseconds());
        let changes = state.log().get(from..).unwrap_or_default();
        let moved = Moved {
            pts: state.group(group).map_or(0, |group| group.pts),
            pts_count: changes.iter().map(|change| change.pts_count).sum(),
        };
        Ok::<_, RpcRefusal>((moved, indexes))
    })?;
    call.told.extend(indexes);
    Ok(moved)
}
