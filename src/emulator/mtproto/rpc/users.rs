//! `users.*`: accounts and all about them.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::literals;

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

/// Pictures: nobody has any.
pub(super) fn get_user_photos(
    call: &mut Call,
    request: functions::photos::GetUserPhotos,
) -> Result<enums::photos::Photos, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let user = peers::user(state, me, &request.user_id)?;
        let answer = types::photos::Photos {
            photos: Vec::new(),
            users: vec![View { state, me }.user(user)],
        };
        Ok(answer.into())
    })
}
