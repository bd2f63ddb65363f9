//! Login without typing: by QR code (<https://core.telegram.org/api/qr-login>), and in one
//! datacentre by what another vouches for (<https://core.telegram.org/api/datacenter>).

use grammers_tl_types::{enums, functions, types};

use super::auth;
use super::dispatch::Call;
use super::refusal::RpcRefusal;
use super::sessions::authorization;
use crate::emulator::mtproto::session::seconds;

/// The token for a QR code; once somebody has scanned it, the login itself.
pub(super) fn export_login_token(
    call: &mut Call,
    request: functions::auth::ExportLoginToken,
) -> Result<enums::auth::LoginToken, RpcRefusal> {
    auth::known_application(call, request.api_id, &request.api_hash)?;
    let caller = &call.caller;
    if let Some(user) = call.user {
        return success(call, user);
    }
    let Some(user) = caller.place.keys.take_scan(&caller.key) else {
        let (token, expires) = caller
            .place
            .keys
            .make_token(&caller.key, request.except_ids);
        let answer = types::auth::LoginToken {
            expires: seconds(expires),
            token,
        };
        return Ok(answer.into());
    };
    let home = caller.place.faults.home_dc(user);
    if home != caller.dc() {
        // Shown again over there, where it counts as scanned.
        let (token, _) = caller.place.keys.make_token(&caller.key, Vec::new());
        let scanned = caller.place.keys.scan(&token, user);
        scanned.map_err(|error| RpcRefusal::bad(&error.to_string()))?;
        return Ok(types::auth::LoginTokenMigrateTo { dc_id: home, token }.into());
    }
    success(call, user)
}

/// The login for a token that another datacentre gave out.
pub(super) fn import_login_token(
    call: &mut Call,
    request: functions::auth::ImportLoginToken,
) -> Result<enums::auth::LoginToken, RpcRefusal> {
    let user = call.caller.place.keys.take_scan_of(&request.token);
    let user = user.ok_or_else(|| RpcRefusal::bad("AUTH_TOKEN_INVALID"))?;
    success(call, user)
}

fn success(call: &Call, user: i64) -> Result<enums::auth::LoginToken, RpcRefusal> {
    let authorization = auth::enter(call, user)?;
    Ok(types::auth::LoginTokenSuccess { authorization }.into())
}

/// Somebody who is logged in scans a QR code.
pub(super) fn accept_login_token(
    call: &mut Call,
    request: functions::auth::AcceptLoginToken,
) -> Result<enums::Authorization, RpcRefusal> {
    let me = call.me()?;
    let place = &call.caller.place;
    let scanned = place.keys.scan(&request.token, me);
    let key = scanned.map_err(|error| RpcRefusal::bad(&error.to_string()))?;
    // Wakes the client that shows the code.
    let now = place.world.write(|state| {
        state.stir();
        state.now()
    });
    Ok(authorization(call, &key, now).into())
}

/// A word for another datacentre.
pub(super) fn export_authorization(
    call: &mut Call,
    request: functions::auth::ExportAuthorization,
) -> Result<enums::auth::ExportedAuthorization, RpcRefusal> {
    let id = call.me()?;
    let place = &call.caller.place;
    let exists = place.dcs.iter().any(|(dc, _)| *dc == request.dc_id);
    if !exists || request.dc_id == call.caller.dc() {
        return Err(RpcRefusal::bad("DC_ID_INVALID"));
    }
    let bytes = place.keys.vouch(&call.caller.key, id, request.dc_id);
    Ok(types::auth::ExportedAuthorization { id, bytes }.into())
}

/// Logs in by the word of another datacentre.
pub(super) fn import_authorization(
    call: &mut Call,
    request: functions::auth::ImportAuthorization,
) -> Result<enums::auth::Authorization, RpcRefusal> {
    let caller = &call.caller;
    let vouched = caller.place.keys.vouched(&request.bytes, caller.dc());
    if vouched != Some(request.id) {
        return Err(RpcRefusal::bad("AUTH_BYTES_INVALID"));
    }
    auth::log_in(call, request.id)
}
