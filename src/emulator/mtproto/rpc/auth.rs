//! Login: by code, then by the two-step password where one is set.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::srp;
use crate::emulator::world::{State, User};

/// Sends nothing anywhere: the code stands in the world.
pub(super) fn send_code(
    call: &mut Call,
    request: functions::auth::SendCode,
) -> Result<enums::auth::SentCode, RpcRefusal> {
    known_application(call, request.api_id, &request.api_hash)?;
    sent_code(call, &request.phone_number)
}

/// Whether an application is the one that clients of this world are registered as.
pub(super) fn known_application(call: &Call, id: i32, hash: &str) -> Result<(), RpcRefusal> {
    let world = &call.caller.place.world;
    let known = world.read(|state| id == state.api_id() && hash == state.api_hash());
    if known {
        Ok(())
    } else {
        Err(RpcRefusal::bad("API_ID_INVALID"))
    }
}

/// The same again.
pub(super) fn resend_code(
    call: &mut Call,
    request: functions::auth::ResendCode,
) -> Result<enums::auth::SentCode, RpcRefusal> {
    sent_code(call, &request.phone_number)
}

/// Nothing to take back.
pub(super) fn cancel_code(
    _: &mut Call,
    _: functions::auth::CancelCode,
) -> Result<bool, RpcRefusal> {
    Ok(true)
}

fn sent_code(call: &Call, phone: &str) -> Result<enums::auth::SentCode, RpcRefusal> {
    let user = call.caller.place.world.read(|state| by_phone(state, phone));
    let home = user.map(|user| call.caller.place.faults.home_dc(user));
    if let Some(home) = home.filter(|home| *home != call.caller.dc()) {
        return Err(RpcRefusal::new(303, &format!("PHONE_MIGRATE_{home}")));
    }
    let answer = call.caller.place.world.read(|state| {
        let user = by_phone(state, phone)?;
        let length = i32::try_from(state.user(user)?.code.chars().count()).unwrap_or(5);
        Some(types::auth::SentCode {
            r#type: types::auth::SentCodeTypeApp { length }.into(),
            phone_code_hash: code_hash(state, user),
            next_type: None,
            timeout: None,
        })
    });
    answer
        .map(Into::into)
        .ok_or_else(|| RpcRefusal::bad("PHONE_NUMBER_INVALID"))
}

/// Compares the code; asks for the password where there is one.
pub(super) fn sign_in(
    call: &mut Call,
    request: functions::auth::SignIn,
) -> Result<enums::auth::Authorization, RpcRefusal> {
    let user = call.caller.place.world.read(|state| {
        let user = by_phone(state, &request.phone_number)
            .and_then(|id| state.user(id))
            .ok_or_else(|| RpcRefusal::bad("PHONE_NUMBER_INVALID"))?;
        if request.phone_code_hash != code_hash(state, user.id) {
            return Err(RpcRefusal::bad("PHONE_CODE_EXPIRED"));
        }
        match request.phone_code.as_deref() {
            None | Some("") => Err(RpcRefusal::bad("PHONE_CODE_EMPTY")),
            Some(code) if code != user.code => Err(RpcRefusal::bad("PHONE_CODE_INVALID")),
            Some(_) => Ok(user.id),
        }
    })?;
    enter(call, user)
}

/// Logs in who has shown half of what is needed, or asks for the password, the other half, where
/// there is one.
pub(super) fn enter(call: &Call, user: i64) -> Result<enums::auth::Authorization, RpcRefusal> {
    let place = &call.caller.place;
    let password = place
        .world
        .read(|state| state.user(user).is_some_and(|user| user.password.is_some()));
    if password && call.user != Some(user) {
        place.keys.set_pending(&call.caller.key, user);
        return Err(RpcRefusal::new(401, "SESSION_PASSWORD_NEEDED"));
    }
    log_in(call, user)
}

/// A bot logs in by its token.
pub(super) fn import_bot_authorization(
    call: &mut Call,
    request: functions::auth::ImportBotAuthorization,
) -> Result<enums::auth::Authorization, RpcRefusal> {
    known_application(call, request.api_id, &request.api_hash)?;
    let token = request.bot_auth_token;
    let bot = call.caller.place.world.read(|state| {
        let mut users = state.users();
        let its = |user: &&User| user.bot.as_ref().is_some_and(|bot| bot.token == token);
        users.find(its).map(|user| user.id)
    });
    log_in(
        call,
        bot.ok_or_else(|| RpcRefusal::bad("ACCESS_TOKEN_INVALID"))?,
    )
}

/// The server's half of the password check, for whoever gave the code or is logged in.
pub(super) fn get_password(
    call: &mut Call,
    _: functions::account::GetPassword,
) -> Result<enums::account::Password, RpcRefusal> {
    let place = call.caller.place.clone();
    let user = place
        .keys
        .pending(&call.caller.key)
        .or(call.user)
        .ok_or_else(RpcRefusal::unregistered)?;
    let (password, seed) = place.world.read(|state| {
        (
            state.user(user).and_then(|it| it.password.clone()),
            state.seed(),
        )
    });
    let turn = place.keys.turn();
    let round = srp::begin(password.as_deref().unwrap_or_default(), seed, user, turn);
    let mut answer = round.describe();
    if password.is_some() {
        place.keys.set_round(&call.caller.key, round);
    } else {
        answer.has_password = false;
        answer.current_algo = None;
        answer.srp_b = None;
        answer.srp_id = None;
    }
    Ok(answer.into())
}

/// The client's proof that it knows the password.
pub(super) fn check_password(
    call: &mut Call,
    request: functions::auth::CheckPassword,
) -> Result<enums::auth::Authorization, RpcRefusal> {
    let keys = call.caller.place.keys.clone();
    let user = keys
        .pending(&call.caller.key)
        .ok_or_else(RpcRefusal::unregistered)?;
    let enums::InputCheckPasswordSrp::Srp(answer) = request.password else {
        return Err(RpcRefusal::bad("PASSWORD_HASH_INVALID"));
    };
    // A client may try again with the same round after a wrong password, as grammers does.
    let round = keys.round(&call.caller.key);
    match round.map(|round| round.check(&answer)) {
        Some(Ok(true)) => log_in(call, user),
        Some(Ok(false)) => Err(RpcRefusal::bad("PASSWORD_HASH_INVALID")),
        Some(Err(())) | None => Err(RpcRefusal::bad("SRP_ID_INVALID")),
    }
}

/// Logs the key out.
pub(super) fn log_out(
    call: &mut Call,
    _: functions::auth::LogOut,
) -> Result<enums::auth::LoggedOut, RpcRefusal> {
    call.me()?;
    call.caller.place.keys.bind(&call.caller.key, None);
    let answer = types::auth::LoggedOut {
        future_auth_token: None,
    };
    Ok(answer.into())
}

/// Logs somebody in on the caller's key.
pub(super) fn log_in(call: &Call, user: i64) -> Result<enums::auth::Authorization, RpcRefusal> {
    let place = &call.caller.place;
    let answer = place.world.read(|state| {
        let user = View { state, me: user }.user(state.user(user)?);
        Some(types::auth::Authorization {
            setup_password_required: false,
            otherwise_relogin_days: None,
            tmp_sessions: None,
            future_auth_token: None,
            user,
        })
    });
    let answer = answer.ok_or_else(|| RpcRefusal::bad("PHONE_NUMBER_UNOCCUPIED"))?;
    place.keys.bind(&call.caller.key, Some(user));
    Ok(answer.into())
}

/// The person with this number, written with or without `+`, blanks and hyphens.
fn by_phone(state: &State, phone: &str) -> Option<i64> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    state
        .users()
        .find(|user| !user.is_bot() && user.phone.as_ref() == Some(&digits))
        .map(|user| user.id)
}

/// What ties a code to the request for it.
fn code_hash(state: &State, user: i64) -> String {
    format!("{:016x}", state.hash(user.wrapping_add(0x00c0_de00)))
}
