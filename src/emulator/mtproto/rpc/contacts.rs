//! Finding accounts. Nobody here has contacts.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::{View, user_peer};
use crate::emulator::world::{State, User};

/// The account with a name.
pub(super) fn resolve_username(
    call: &mut Call,
    request: functions::contacts::ResolveUsername,
) -> Result<enums::contacts::ResolvedPeer, RpcRefusal> {
    let me = call.me()?;
    let name = request.username.trim_start_matches('@');
    let valid = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.is_empty() || !name.chars().all(valid) {
        return Err(RpcRefusal::bad("USERNAME_INVALID"));
    }
    call.caller.place.world.read(|state| {
        let named = state.users().find(|user| {
            let known = user.username.as_deref();
            known.is_some_and(|known| known.eq_ignore_ascii_case(name))
        });
        resolved(state, me, named, "USERNAME_NOT_OCCUPIED")
    })
}

/// The account with a number.
pub(super) fn resolve_phone(
    call: &mut Call,
    request: functions::contacts::ResolvePhone,
) -> Result<enums::contacts::ResolvedPeer, RpcRefusal> {
    let me = call.me()?;
    let digits: String = request.phone.chars().filter(char::is_ascii_digit).collect();
    call.caller.place.world.read(|state| {
        let named = state
            .users()
            .find(|user| user.phone.as_ref() == Some(&digits));
        resolved(state, me, named, "PHONE_NOT_OCCUPIED")
    })
}

fn resolved(
    state: &State,
    me: i64,
    user: Option<&User>,
    missing: &str,
) -> Result<enums::contacts::ResolvedPeer, RpcRefusal> {
    let user = user.ok_or_else(|| RpcRefusal::bad(missing))?;
    let answer = types::contacts::ResolvedPeer {
        peer: user_peer(user.id),
        chats: Vec::new(),
        users: vec![View { state, me }.user(user)],
    };
    Ok(answer.into())
}

/// Accounts by a part of their name.
pub(super) fn search(
    call: &mut Call,
    request: functions::contacts::Search,
) -> Result<enums::contacts::Found, RpcRefusal> {
    let me = call.me()?;
    let query = request.q.trim().trim_start_matches('@').to_lowercase();
    if query.is_empty() {
        return Err(RpcRefusal::bad("SEARCH_QUERY_EMPTY"));
    }
    let limit = usize::try_from(request.limit.clamp(0, 50)).unwrap_or(0);
    call.caller.place.world.read(|state| {
        // People without a public name are found by nobody.
        let matches = |user: &&User| {
            let username = user.username.as_deref().unwrap_or_default().to_lowercase();
            !username.is_empty()
                && (username.starts_with(&query) || user.name().to_lowercase().contains(&query))
        };
        let found: Vec<&User> = state.users().filter(matches).take(limit).collect();
        let view = View { state, me };
        let answer = types::contacts::Found {
            my_results: Vec::new(),
            results: found.iter().map(|user| user_peer(user.id)).collect(),
            chats: Vec::new(),
            users: found.iter().map(|user| view.user(user)).collect(),
        };
        Ok(answer.into())
    })
}

/// None.
pub(super) fn get_contacts(
    call: &mut Call,
    _: functions::contacts::GetContacts,
) -> Result<enums::contacts::Contacts, RpcRefusal> {
    call.me()?;
    let answer = types::contacts::Contacts {
        contacts: Vec::new(),
        saved_count: 0,
        users: Vec::new(),
    };
    Ok(answer.into())
}

/// None.
pub(super) fn get_blocked(
    call: &mut Call,
    _: functions::contacts::GetBlocked,
) -> Result<enums::contacts::Blocked, RpcRefusal> {
    call.me()?;
    let answer = types::contacts::Blocked {
        blocked: Vec::new(),
        chats: Vec::new(),
        users: Vec::new(),
    };
    Ok(answer.into())
}
