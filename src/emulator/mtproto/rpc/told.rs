//! Answers that tell what the request itself caused.

use grammers_tl_types::{enums, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::place::milliseconds;
use crate::emulator::mtproto::{push, session::seconds};
use crate::emulator::world::{State, What};

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
        let groups: Vec<_> = changes.iter().map(|change| change.group).collect();
        let messages = changes.iter().filter_map(|change| match &change.what {
            What::Posted(message) | What::Edited(message) => Some(message),
            _ => None,
        });
        let mut chats: Vec<_> = groups;
        chats.dedup();
        let answer = types::Updates {
            updates,
            users: view.users_in(messages),
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
