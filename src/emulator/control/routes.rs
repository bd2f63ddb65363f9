//! The control port's routes.

use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::Act;
use crate::emulator::bot_api::BotApi;
use crate::emulator::crm::Crm;
use crate::emulator::faults::{Failure, Faults};
use crate::emulator::mtproto::KeyRing;
use crate::emulator::scenario::Cast;
use crate::emulator::truth;
use crate::emulator::world::World;

/// All that the control port can reach.
#[derive(Clone, Debug)]
pub struct Control {
    /// The world.
    pub world: World,
    /// Who is who.
    pub cast: Cast,
    /// Faults.
    pub faults: Faults,
    /// MTProto keys.
    pub keys: KeyRing,
    /// The CRM.
    pub crm: Crm,
    /// The Bot API.
    pub bots: BotApi,
}

impl Control {
    /// Its routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/world/messages", get(messages))
            .route("/world/journal", get(journal))
            .route("/crm/delivered", get(delivered))
            .route("/bots/{id}/received", get(received))
            .route("/control/faults", post(faults))
            .route("/control/act", post(act))
            .with_state(self)
    }
}

#[derive(Debug, Deserialize)]
struct Wanted {
    group: Option<i64>,
    format: Option<String>,
}

async fn messages(Extract(control): Extract<Control>, Query(wanted): Query<Wanted>) -> Response {
    let group = wanted.group.unwrap_or(control.cast.group);
    let lines = control
        .world
        .read(|state| truth::messages(state, &control.cast, group));
    if wanted.format.as_deref() != Some("jsonl") {
        return Json(lines).into_response();
    }
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.to_string());
        text.push('\n');
    }
    ([(CONTENT_TYPE, "application/x-ndjson")], text).into_response()
}

async fn journal(Extract(control): Extract<Control>) -> Response {
    Json(control.world.read(|state| state.journal.clone())).into_response()
}

async fn delivered(Extract(control): Extract<Control>) -> Response {
    Json(control.crm.delivered()).into_response()
}

async fn received(Extract(control): Extract<Control>, Path(bot): Path<i64>) -> Response {
    Json(control.bots.received(bot)).into_response()
}

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

async fn faults(Extract(control): Extract<Control>, body: axum::body::Bytes) -> Response {
    let new: NewFaults = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return refused(&error),
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

async fn act(Extract(control): Extract<Control>, body: axum::body::Bytes) -> Response {
    let act: Act = match serde_json::from_slice(&body) {
        Ok(act) => act,
        Err(error) => return refused(&error),
    };
    match act.perform(&control.world, &control.cast, &control.crm) {
        Ok(acted) => {
            let mut answer = json!({ "ok": true });
            if let (Some(answer), Ok(Value::Object(fields))) =
                (answer.as_object_mut(), serde_json::to_value(acted))
            {
                answer.extend(fields);
            }
            Json(answer).into_response()
        }
        Err(refusal) => refused(&refusal),
    }
}

fn refused(error: &dyn std::fmt::Display) -> Response {
    let body = json!({ "ok": false, "error": error.to_string() });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
