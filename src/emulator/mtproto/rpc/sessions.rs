//! Where an account is logged in, and its own data.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::keys::Key;
use crate::emulator::mtproto::literals;
use crate::emulator::mtproto::session::seconds;
use crate::emulator::world::User;

/// Letters of a first or last name, at most.
const NAME: usize = 64;

/// All logins of the account, this one first.
pub(super) fn get_authorizations(
    call: &mut Call,
    _: functions::account::GetAuthorizations,
) -> Result<enums::account::Authorizations, RpcRefusal> {
    let me = call.me()?;
    let mut logins = call.caller.place.keys.logins(me);
    logins.sort_by_key(|(key, since)| (key.id != call.caller.key.id, std::cmp::Reverse(*since)));
    let answer = types::account::Authorizations {
        authorization_ttl_days: 180,
        authorizations: logins
            .iter()
            .map(|(key, since)| authorization(call, key, *since).into())
            .collect(),
    };
    Ok(answer.into())
}

/// One login. What the client is called is not kept.
pub(super) fn authorization(call: &Call, key: &Key, since: i64) -> types::Authorization {
    let current = key.id == call.caller.key.id;
    types::Authorization {
        current,
        official_app: false,
        password_pending: false,
        encrypted_requests_disabled: false,
        call_requests_disabled: false,
        unconfirmed: false,
        hash: if current {
            0
        } else {
            i64::from_le_bytes(key.id)
        },
        device_model: "Client".to_owned(),
        platform: String::new(),
        system_version: String::new(),
        api_id: call.caller.place.world.read(|state| state.api_id()),
        app_name: String::new(),
        app_version: String::new(),
        date_created: seconds(since),
        date_active: seconds(since),
        ip: "127.0.0.1".to_owned(),
        country: String::new(),
        region: String::new(),
    }
}

/// Ends another login.
pub(super) fn reset_authorization(
    call: &mut Call,
    request: functions::account::ResetAuthorization,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let keys = &call.caller.place.keys;
    let login = keys
        .logins(me)
        .into_iter()
        .find(|(key, _)| i64::from_le_bytes(key.id) == request.hash)
        .ok_or_else(|| RpcRefusal::bad("HASH_INVALID"))?;
    keys.bind(&login.0, None);
    Ok(true)
}

/// Ends all other logins.
pub(super) fn reset_authorizations(
    call: &mut Call,
    _: functions::auth::ResetAuthorizations,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let keys = &call.caller.place.keys;
    for (key, _) in keys.logins(me) {
        if key.id != call.caller.key.id {
            keys.bind(&key, None);
        }
    }
    Ok(true)
}

/// Changes one's name.
pub(super) fn update_profile(
    call: &mut Call,
    request: functions::account::UpdateProfile,
) -> Result<enums::User, RpcRefusal> {
    let first = request.first_name.map(|name| name.trim().to_owned());
    let last = request.last_name.map(|name| name.trim().to_owned());
    if first.as_ref().is_some_and(String::is_empty) {
        return Err(RpcRefusal::bad("FIRSTNAME_INVALID"));
    }
    let names = first.iter().chain(&last);
    if names.into_iter().any(|name| name.chars().count() > NAME) {
        return Err(RpcRefusal::bad("FIRSTNAME_INVALID"));
    }
    change(call, |user| {
        user.first_name = first.unwrap_or_else(|| user.first_name.clone());
        user.last_name = last.unwrap_or_else(|| user.last_name.clone());
    })
}

/// Changes one's public name; an empty one takes it away.
pub(super) fn update_username(
    call: &mut Call,
    request: functions::account::UpdateUsername,
) -> Result<enums::User, RpcRefusal> {
    let me = call.me()?;
    let name = request.username;
    check_username(call, me, &name)?;
    change(call, |user| {
        user.username = Some(name).filter(|name| !name.is_empty());
    })
}

fn check_username(call: &Call, me: i64, name: &str) -> Result<(), RpcRefusal> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let starts = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let sized = (5..=32).contains(&name.len());
    let valid = sized && starts && name.chars().all(letters);
    if !name.is_empty() && !valid {
        return Err(RpcRefusal::bad("USERNAME_INVALID"));
    }
    let (same, taken) = call.caller.place.world.read(|state| {
        let holder = state.users().find(|user| {
            let known = user.username.as_deref().unwrap_or_default();
            !known.is_empty() && known.eq_ignore_ascii_case(name)
        });
        let own = state.user(me).and_then(|user| user.username.as_deref());
        (
            own.unwrap_or_default() == name,
            holder.is_some_and(|holder| holder.id != me),
        )
    });
    match (same, taken) {
        (true, _) => Err(RpcRefusal::bad("USERNAME_NOT_MODIFIED")),
        (_, true) => Err(RpcRefusal::bad("USERNAME_OCCUPIED")),
        (false, false) => Ok(()),
    }
}

fn change(call: &Call, change: impl FnOnce(&mut User)) -> Result<enums::User, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.write(|state| {
        let user = state
            .user_mut(me)
            .ok_or_else(|| RpcRefusal::bad("USER_ID_INVALID"))?;
        change(user);
        let user = user.clone();
        Ok(View { state, me }.user(&user))
    })
}

/// How one is notified: as Telegram sets it.
pub(super) fn get_notify_settings(
    call: &mut Call,
    _: functions::account::GetNotifySettings,
) -> Result<enums::PeerNotifySettings, RpcRefusal> {
    call.me()?;
    Ok(literals::notify_settings().into())
}
