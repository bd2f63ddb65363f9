//! The control port's routes.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State as Extract};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::action::{Action, Who};
use super::perform::{account, place};
use super::refused::{self, Refused};
use super::{clock, faults, systems, views};
use crate::emulator::bot_api::BotApi;
use crate::emulator::crm::Crm;
use crate::emulator::facts::Facts;
use crate::emulator::faults::Faults;
use crate::emulator::mtproto::KeyRing;
use crate::emulator::scenario::Cast;
use crate::emulator::systems::Each;
use crate::emulator::truth;
use crate::emulator::world::{State, World};

/// Bytes of one request: a list of actions with files in them.
const BODY: usize = 96 * 1024 * 1024;
/// Actions in one request.
const ACTIONS: usize = 1_000;
/// Messages that are told while the world is held: the rest of it waits meanwhile.
const PAGE: usize = 1_000;
/// Made-up bytes of all files in one request.
const FILES: usize = 512 * 1024 * 1024;

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
    /// Outside systems.
    pub systems: Each,
    /// What clients need to know.
    pub facts: Facts,
}

impl Control {
    /// Its routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/actions", post(actions))
            .route("/world/messages", get(messages))
            .route("/world/groups", get(groups))
            .route("/world/users", get(users))
            .route("/world/delivered", get(delivered))
            .route("/world/journal", get(journal))
            .route("/world/presses/{id}", get(pressed))
            .route("/bots/{id}/received", get(received))
            .route(
                "/faults",
                post(faults::set).get(faults::get).delete(faults::clear),
            )
            .route("/clock", post(clock::set).get(clock::get))
            .route("/systems/{name}/fault", post(systems::fault))
            .route("/systems/{name}/records", get(systems::records))
            .route("/", get(index))
            .route("/facts", get(facts))
            .route_layer(axum::middleware::from_fn(strictly))
            .fallback(nowhere)
            .method_not_allowed_fallback(otherwise)
            .layer(DefaultBodyLimit::max(BODY))
            .with_state(self)
    }
}

/// Method, path and meaning of every route.
const ROUTES: [(&str, &str, &str); 17] = [
    ("GET", "/", "this list"),
    ("GET", "/facts", "what the emulator printed when it started"),
    ("POST", "/actions", "somebody does something"),
    ("GET", "/world/messages", "ground truth of a group"),
    ("GET", "/world/groups", "groups, topics, members"),
    ("GET", "/world/users", "accounts"),
    ("GET", "/world/delivered", "what reached customers"),
    ("GET", "/world/journal", "what MTProto clients were told"),
    (
        "GET",
        "/world/presses/{id}",
        "what a bot answered to a press",
    ),
    (
        "GET",
        "/bots/{id}/received",
        "updates that a bot was handed",
    ),
    ("GET", "/faults", "what goes wrong, and what was counted"),
    ("POST", "/faults", "lets more go wrong"),
    ("DELETE", "/faults", "lets nothing go wrong any more"),
    ("GET", "/clock", "the world's time"),
    ("POST", "/clock", "moves it"),
    (
        "POST",
        "/systems/{name}/fault",
        "lets a request to an outside system go wrong",
    ),
    (
        "GET",
        "/systems/{name}/records",
        "what an outside system holds",
    ),
];

async fn index() -> Response {
    let routes: Vec<Value> = ROUTES
        .iter()
        .map(|(method, path, does)| json!({ "method": method, "path": path, "does": does }))
        .collect();
    Json(json!({ "routes": routes })).into_response()
}

async fn facts(Extract(control): Extract<Control>) -> Response {
    Json(control.facts).into_response()
}

async fn nowhere(uri: axum::http::Uri) -> Response {
    let known = ROUTES.iter().map(|(_, path, _)| *path);
    let hint = match crate::emulator::hint::nearest(uri.path(), known) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "GET / lists what there is".to_owned(),
    };
    let words = format!("there is nothing at {}; {hint}", uri.path());
    let body = Refused::new("NOT_FOUND", words).body();
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn otherwise(method: axum::http::Method, uri: axum::http::Uri) -> Response {
    let path = uri.path();
    let there = ROUTES.iter().filter(|(_, known, _)| fits(known, path));
    let there: Vec<&str> = there.map(|(method, ..)| *method).collect();
    let words = format!("{path} takes {}, not {method}", there.join(", "));
    let body = Refused::new("METHOD_NOT_ALLOWED", words).body();
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}

/// Whether a path is one of a route's, in whose pattern `{…}` stands for anything.
fn fits(route: &str, path: &str) -> bool {
    let (route, path) = (route.split('/'), path.split('/'));
    route.clone().count() == path.clone().count()
        && route
            .zip(path)
            .all(|(known, part)| known.starts_with('{') || known == part)
}

/// Refuses keys in the address of routes that take none, and words what the server itself refuses.
async fn strictly(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let query = uri.query().unwrap_or_default();
    if uri.path() != "/world/messages" && !query.is_empty() {
        let name = query.split(['=', '&']).next().unwrap_or_default();
        let words = format!("unknown key `{name}`: {} takes none", uri.path());
        return Refused::new("BAD_REQUEST", words).into_response();
    }
    let answer = next.run(request).await;
    let status = answer.status();
    let plain = answer.headers().get(CONTENT_TYPE);
    let plain = plain.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() && plain) {
        return answer;
    }
    let refused = if status == StatusCode::PAYLOAD_TOO_LARGE {
        let words = format!("a request has at most {BODY} bytes");
        Refused::new("BODY_TOO_LARGE", words)
    } else {
        Refused::new(
            "BAD_REQUEST",
            "the request cannot be read: check its address",
        )
    };
    (status, Json(refused.body())).into_response()
}

async fn actions(Extract(control): Extract<Control>, body: Bytes) -> Response {
    match refused::json_of(&body) {
        Ok(Value::Array(list)) => several(&control, list),
        Ok(one) => match read(one).and_then(|action| action.perform(&control)) {
            Ok(answer) => Json(answer).into_response(),
            Err(refused) => refused.into_response(),
        },
        Err(refused) => refused.into_response(),
    }
}

/// All are read before the first is done; the first that the world refuses ends the list.
fn several(control: &Control, list: Vec<Value>) -> Response {
    if list.len() > ACTIONS {
        let words = format!("at most {ACTIONS} actions at once");
        return Refused::new("BAD_REQUEST", words).into_response();
    }
    let mut actions = Vec::new();
    for (at, one) in list.into_iter().enumerate() {
        match read(one) {
            Ok(action) => actions.push(action),
            Err(refused) => {
                let words = format!("action {at}: {}; nothing was done", refused.description);
                return Refused::new(&refused.error, words).into_response();
            }
        }
    }
    let sizes = actions.iter().map(Action::made_up);
    if sizes.fold(0, usize::saturating_add) > FILES {
        let words = format!("all files of a request have at most {FILES} bytes; nothing was done");
        return Refused::new("BAD_REQUEST", words).into_response();
    }
    let mut answers = Vec::new();
    for action in actions {
        match action.perform(control) {
            Ok(answer) => answers.push(answer),
            Err(refused) => {
                answers.push(refused.body());
                return (StatusCode::BAD_REQUEST, Json(answers)).into_response();
            }
        }
    }
    Json(answers).into_response()
}

fn read(action: Value) -> Result<Action, Refused> {
    if action.get("do").is_none() {
        return Err(Refused::new(
            "BAD_REQUEST",
            "an action is an object with `do`: post, edit, delete, react, topic, press, vote, pin, \
             unpin, forward, member, customer or scan",
        ));
    }
    refused::read(action)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    group: Option<i64>,
    topic: Option<i32>,
    format: Option<String>,
}

async fn messages(
    Extract(control): Extract<Control>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let wanted = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(error) => {
            let words = crate::emulator::hint::explained(&error.body_text());
            return Refused::new("BAD_REQUEST", words).into_response();
        }
    };
    let array = match wanted.format.as_deref() {
        None | Some("jsonl") => false,
        Some("json") => true,
        Some(_) => {
            let words = "`format` is `jsonl` (default) or `json`";
            return Refused::new("BAD_REQUEST", words).into_response();
        }
    };
    let group = control
        .world
        .read(|state| place(state, wanted.group, control.cast.group).map(|group| group.id));
    let group = match group {
        Ok(group) => group,
        Err(refused) => return refused.into_response(),
    };
    let (mut text, mut next) = (String::new(), Some(0));
    while let Some(after) = next {
        let place = (group, wanted.topic);
        let page = |state: &State| truth::page(state, &control.cast, place, after, PAGE);
        let (lines, rest) = control.world.read(page);
        for line in lines {
            if array {
                text.push(if text.is_empty() { '[' } else { ',' });
            }
            text.push_str(&line.to_string());
            if !array {
                text.push('\n');
            }
        }
        next = rest;
        // Everybody else gets their turn at the world.
        tokio::task::yield_now().await;
    }
    if array {
        text.push_str(if text.is_empty() { "[]" } else { "]" });
        return ([(CONTENT_TYPE, "application/json")], text).into_response();
    }
    ([(CONTENT_TYPE, "application/x-ndjson")], text).into_response()
}

async fn groups(Extract(control): Extract<Control>) -> Response {
    Json(control.world.read(views::groups)).into_response()
}

async fn users(Extract(control): Extract<Control>) -> Response {
    Json(control.world.read(views::users)).into_response()
}

async fn delivered(Extract(control): Extract<Control>) -> Response {
    Json(control.crm.delivered()).into_response()
}

async fn journal(Extract(control): Extract<Control>) -> Response {
    Json(control.world.read(|state| state.journal.clone())).into_response()
}

async fn pressed(Extract(control): Extract<Control>, Path(press): Path<String>) -> Response {
    let Ok(press) = press.parse::<i64>() else {
        return Refused::new("QUERY_ID_INVALID", "a press is a number").into_response();
    };
    let answer = control.world.read(|state| {
        state.press_answer(press).map(|answer| {
            json!({
                "text": answer.text,
                "alert": answer.alert,
                "url": answer.url,
                "cache_time": answer.cache_time,
            })
        })
    });
    Json(json!({ "press": press, "answer": answer })).into_response()
}

async fn received(Extract(control): Extract<Control>, Path(bot): Path<String>) -> Response {
    let who = bot.parse().map_or(Who::Name(bot), Who::Id);
    let bot = control.world.read(|state| {
        let id = account(state, &who)?;
        match state.user(id) {
            Some(user) if user.is_bot() => Ok(id),
            _ => Err(Refused::new(
                "BOT_INVALID",
                "that is a person, who is handed no updates: GET /world/journal tells of people",
            )),
        }
    });
    match bot {
        Ok(bot) => Json(control.bots.received(bot)).into_response(),
        Err(refused) => refused.into_response(),
    }
}
