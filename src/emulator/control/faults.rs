//! Faults, switched from outside.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::refused;
use super::routes::Control;
use crate::emulator::faults::Failure;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFaults {
    #[serde(default)]
    mtproto: Vec<Failure>,
    #[serde(default)]
    bot_api: Vec<Failure>,
    #[serde(default)]
    drop_connections: bool,
    latency_ms: Option<u64>,
    mute: Option<bool>,
    revoke: Option<i64>,
}

pub(super) async fn set(Extract(control): Extract<Control>, body: Bytes) -> Response {
    let new: NewFaults = match refused::json_of(&body).and_then(refused::read) {
        Ok(new) => new,
        Err(refused) => return refused.into_response(),
    };
    for failure in new.mtproto {
        control.faults.fail_mtproto(failure);
    }
    for failure in new.bot_api {
        control.faults.fail_bot_api(failure);
    }
    if let Some(milliseconds) = new.latency_ms {
        control.faults.set_latency_ms(milliseconds);
    }
    if let Some(mute) = new.mute {
        control.faults.set_mute(mute);
    }
    if let Some(user) = new.revoke {
        control.keys.revoke(user);
    }
    if new.drop_connections {
        control.faults.drop_connections();
    }
    Json(json!({ "ok": true })).into_response()
}
