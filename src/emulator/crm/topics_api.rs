//! The Topics API v1: who stands behind a topic.

use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

use super::desk::Crm;
use crate::emulator::world::{Group, State, Topic, User};
use crate::model::{MessageId, to_tdlib};

/// The path below the control port, as at the CRM's own server.
pub const PATH: &str = "/webhook/topic_action";

/// What a caller must present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiKeys {
    /// The owner's token, header `X-API-KEY`.
    pub api_key: String,
    /// Name of the connection.
    pub instance: String,
    /// The connection's own key.
    pub instance_api_key: String,
}

impl ApiKeys {
    /// The keys of a world: they follow from its seed.
    pub(super) fn of(state: &State) -> Self {
        Self {
            api_key: format!("owner-{:016x}", state.hash(-11)),
            instance: "support_desk".to_owned(),
            instance_api_key: format!("connection-{:016x}", state.hash(-12)),
        }
    }
}

impl Crm {
    /// Routes `POST /webhook/topic_action`.
    pub fn router(&self) -> Router {
        Router::new()
            .route(PATH, post(topic_action))
            .with_state(self.clone())
    }
}

async fn topic_action(
    Extract(crm): Extract<Crm>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let keys = crm.keys();
    let refuse = |status: StatusCode, message: &str| {
        (
            status,
            Json(json!({ "result": "error", "message": message })),
        )
            .into_response()
    };
    let token = headers
        .get("x-api-key")
        .and_then(|value| value.to_str().ok());
    if token != Some(keys.api_key.as_str()) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid X-API-KEY");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "the body is no JSON");
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("instance") != keys.instance || text("api_key") != keys.instance_api_key {
        return refuse(StatusCode::FORBIDDEN, "invalid instance or api_key");
    }
    if text("action") != "info_by_topic" {
        return Json(json!({ "result": "error", "message": "unknown action" })).into_response();
    }
    let group = number(body.get("group_id"));
    let topic = number(body.get("topic_id")).and_then(|id| i32::try_from(id).ok());
    let answer = crm.world().read(|state| {
        let group = state
            .group(group?)
            .filter(|group| group.id == crm.cast().group)?;
        let topic = group.topics.get(&topic?)?;
        let customer = state.user(topic.customer?)?;
        Some(info(state, crm.keys(), group, topic, customer))
    });
    let unknown = || json!({ "result": "error", "message": "topic not found" });
    Json(answer.unwrap_or_else(unknown)).into_response()
}

/// Ids come as numbers and as strings.
fn number(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

fn info(state: &State, keys: &ApiKeys, group: &Group, topic: &Topic, customer: &User) -> Value {
    let last = group
        .ids_in(topic.id)
        .iter()
        .rev()
        .filter_map(|id| group.messages.get(id))
        .find(|message| message.service.is_none());
    let from_customer = last.is_some_and(|message| {
        // The CRM created the topic, so whoever did that speaks for the customer.
        message.from == topic.creator
    });
    let status = match (topic.closed, from_customer) {
        (true, _) => "closed",
        (false, true) => "user_answered",
        (false, false) => "support_answered",
    };
    json!({
        "result": "topic_info",
        "group_id": group.id.to_string(),
        "topic_id": topic.id,
        "frontend_type": "private",
        "instance_name": keys.instance,
        "instance_frontend_user_id": topic.creator,
        "instance_id": format!("{:08x}", state.hash(-13) & 0xFFFF_FFFF),
        "chat_id": customer.id,
        "thread_id": to_tdlib(MessageId(topic.id)),
        "topic_last_date": last.map_or(topic.created, |message| message.date),
        "topic_status": status,
        "topic_title": topic.title,
        "user_id": customer.id,
        "user_name": customer.name(),
        "user_first_name": customer.first_name,
        "user_last_name": customer.last_name,
        "user_username": customer.username,
        "user_lang": customer.language,
        "user_phone": customer.phone.as_ref().map(|phone| format!("+{phone}")),
    })
}
