//! `users.*` and the little of `account.*` that clients call unasked.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::literals;

/// Presence has no effect here.
pub(super) fn update_status(
    call: &mut Call,
    _: functions::account::UpdateStatus,
) -> Result<bool, RpcRefusal> {
    call.me().map(|_| true)
}

/// Accounts; those that do not exist are left out.
pub(super) fn get_users(
    call: &mut Call,
    request: functions::users::GetUsers,
) -> Result<Vec<enums::User>, RpcRefusal> {
    let me = call.me()?;
    Ok(call.caller.place.world.read(|state| {
        let view = View { state, me };
        request
            .id
            .iter()
            .filter_map(|user| peers::user(state, me, user).ok())
            .map(|user| view.user(user))
            .collect()
    }))
}

/// One account with everything about it.
pub(super) fn get_full_user(
    call: &mut Call,
    request: functions::users::GetFullUser,
) -> Result<enums::users::UserFull, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let user = peers::user(state, me, &request.id)?;
        let shared = state
            .groups()
            .filter(|group| group.members.contains(&me) && group.members.contains(&user.id))
            .count();
        let full = types::UserFull {
            id: user.id,
            common_chats_count: i32::try_from(shared).unwrap_or(i32::MAX),
            ..literals::user_full()
        };
        let answer = types::users::UserFull {
            full_user: full.into(),
            chats: Vec::new(),
            users: vec![View { state, me }.user(user)],
        };
        Ok(answer.into())
    })
}
