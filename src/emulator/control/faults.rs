//! Faults, switched from outside.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::action::{OneOrMany, Who, present};
use super::perform::account;
use super::refused::{self, Refused};
use super::routes::Control;
use crate::emulator::faults::{FloodModel, HOME_DC, Latency, PushFaults, Rule, code_of};
use crate::emulator::systems::Each;

/// Failures in one request.
const RULES: usize = 1_000;
/// The longest that anything can be held up, seconds.
const HOUR: u64 = 3_600;

/// An MTProto method that fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFailure {
    method: String,
    error: String,
    code: Option<i32>,
    times: Option<u32>,
    probability: Option<f64>,
}

/// A Bot API method that fails.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBotFailure {
    method: String,
    code: Option<u16>,
    description: Option<String>,
    retry_after: Option<u32>,
    plain: Option<String>,
    #[serde(default)]
    done: bool,
    times: Option<u32>,
    probability: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewConnections {
    drop: bool,
    half_open: bool,
    drop_probability: Option<f64>,
    refuse_seconds: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewDifferences {
    too_long: Option<u32>,
    limit: Option<i32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewFiles {
    expire_references: bool,
    dc: Option<i32>,
    short: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Migration {
    user: Who,
    dc: i32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewFaults {
    mtproto: Option<OneOrMany<NewFailure>>,
    bot_api: Option<OneOrMany<NewBotFailure>>,
    /// `Some(None)` where it is switched off.
    #[serde(deserialize_with = "present")]
    flood: Option<Option<FloodModel>>,
    connections: NewConnections,
    pushes: Map<String, Value>,
    differences: NewDifferences,
    files: NewFiles,
    latency: Map<String, Value>,
    revoke: Option<OneOrMany<Who>>,
    migrate: Option<OneOrMany<Migration>>,
}

/// Everything of a request, checked.
#[derive(Debug)]
struct Checked {
    mtproto: Vec<Rule>,
    bot_api: Vec<Rule>,
    flood: Option<Option<FloodModel>>,
    connections: NewConnections,
    refuse: Option<Duration>,
    pushes: Option<PushFaults>,
    differences: NewDifferences,
    files: NewFiles,
    latency: Option<Latency>,
    revoked: Vec<i64>,
    moved: Vec<(i64, i32)>,
}

/// Adds to what is in force; a key that is not there changes nothing.
pub(super) async fn set(Extract(control): Extract<Control>, body: Bytes) -> Response {
    let checked = refused::json_of(&body)
        .and_then(refused::read)
        .and_then(|new| check(&control, new));
    match checked {
        Ok(checked) => {
            apply(&control, checked);
            Json(view(&control)).into_response()
        }
        Err(refused) => refused.into_response(),
    }
}

/// What is in force.
pub(super) async fn get(Extract(control): Extract<Control>) -> Response {
    Json(view(&control)).into_response()
}

/// Switches everything off.
pub(super) async fn clear(Extract(control): Extract<Control>) -> Response {
    control.faults.clear();
    for name in Each::NAMES {
        if let Some(faults) = control.systems.faults(name) {
            faults.clear();
        }
    }
    let usual = crate::emulator::world::State::new(0).difference_limit;
    control.world.write(|state| {
        state.difference_limit = usual;
        state.files_dc = HOME_DC;
    });
    Json(view(&control)).into_response()
}

fn view(control: &Control) -> Value {
    let mut view = control.faults.view();
    let limit = control.world.read(|state| state.difference_limit);
    if let Some(differences) = view.get_mut("differences").and_then(Value::as_object_mut) {
        differences.insert("limit".to_owned(), json!(limit));
    }
    if let Some(files) = view.get_mut("files").and_then(Value::as_object_mut) {
        let dc = control.world.read(|state| state.files_dc);
        files.insert("dc".to_owned(), json!(dc));
    }
    view
}

fn wrong(words: impl Into<String>) -> Refused {
    Refused::new("BAD_REQUEST", words)
}

fn check(control: &Control, new: NewFaults) -> Result<Checked, Refused> {
    let mtproto = new.mtproto.map(OneOrMany::list).unwrap_or_default();
    let bot_api = new.bot_api.map(OneOrMany::list).unwrap_or_default();
    if mtproto.len() + bot_api.len() > RULES {
        return Err(wrong(format!("at most {RULES} failures at once")));
    }
    if let Some(Some(model)) = &new.flood {
        model.check().map_err(wrong)?;
    }
    if let Some(part) = new.connections.drop_probability {
        part_of("drop_probability", Some(part))?;
    }
    let refuse = new
        .connections
        .refuse_seconds
        .map(Duration::try_from_secs_f64);
    let refuse = match refuse {
        None => None,
        Some(Ok(time)) if time <= Duration::from_secs(HOUR) => Some(time),
        Some(_) => {
            return Err(wrong(
                "`refuse_seconds` is a number of seconds from now, 0 to 3,600",
            ));
        }
    };
    let pushes = merged(control.faults.pushes(), new.pushes)?;
    if let Some(pushes) = &pushes {
        pushes.check().map_err(wrong)?;
        short("delay_ms", pushes.delay_ms)?;
    }
    let latency: Option<Latency> = merged(control.faults.latency(), new.latency)?;
    if let Some(latency) = &latency {
        short("ms", latency.ms)?;
        short("jitter_ms", latency.jitter_ms)?;
    }
    if new.differences.limit.is_some_and(|limit| limit < 1) {
        return Err(wrong("`limit` of differences is at least 1"));
    }
    if new.files.dc.is_some_and(|dc| ![2, 4].contains(&dc)) {
        return Err(wrong("`dc` of files is 2 or 4; there are no others"));
    }
    let (users, moves) = control.world.read(|state| {
        let users = new.revoke.map(OneOrMany::list).unwrap_or_default();
        let users: Result<Vec<i64>, Refused> =
            users.iter().map(|who| account(state, who)).collect();
        let moves = new.migrate.map(OneOrMany::list).unwrap_or_default();
        let moves: Result<Vec<(i64, i32)>, Refused> = moves
            .iter()
            .map(|to| match to.dc {
                2 | 4 => Ok((account(state, &to.user)?, to.dc)),
                _ => Err(wrong(
                    "`dc` is 2, where everybody lives at first, or 4; there are no others",
                )),
            })
            .collect();
        (users, moves)
    });
    Ok(Checked {
        mtproto: mtproto.into_iter().map(rule).collect::<Result<_, _>>()?,
        bot_api: bot_api
            .into_iter()
            .map(bot_rule)
            .collect::<Result<_, _>>()?,
        flood: new.flood,
        connections: new.connections,
        refuse,
        pushes,
        differences: new.differences,
        files: new.files,
        latency,
        revoked: users?,
        moved: moves?,
    })
}

fn apply(control: &Control, new: Checked) {
    let faults = &control.faults;
    for rule in new.mtproto {
        faults.fail_mtproto(rule);
    }
    for rule in new.bot_api {
        faults.fail_bot_api(rule);
    }
    if let Some(model) = new.flood {
        faults.set_flood(model);
    }
    if let Some(pushes) = new.pushes {
        faults.set_pushes(pushes);
    }
    if let Some(times) = new.differences.too_long {
        faults.set_too_long_differences(times);
    }
    if let Some(limit) = new.differences.limit {
        control.world.write(|state| state.difference_limit = limit);
    }
    if let Some(times) = new.files.short {
        faults.set_short_pieces(times);
    }
    control.world.write(|state| {
        state.files_dc = new.files.dc.unwrap_or(state.files_dc);
        if new.files.expire_references {
            state.expire_references();
        }
    });
    if let Some(latency) = new.latency {
        faults.set_latency(latency);
    }
    for user in new.revoked {
        control.keys.revoke(user);
    }
    for (user, dc) in new.moved {
        faults.migrate(user, dc);
    }
    // Connections last: what the same request changes holds for those that come next.
    if let Some(part) = new.connections.drop_probability {
        faults.set_drop_probability(part);
    }
    if let Some(time) = new.refuse {
        faults.refuse_connections(time);
    }
    if new.connections.half_open {
        faults.half_open();
    }
    if new.connections.drop {
        faults.drop_connections();
    }
}

/// Settings with the keys of a request replaced; `None` where it has none.
fn merged<T: serde::Serialize + serde::de::DeserializeOwned>(
    now: T,
    new: Map<String, Value>,
) -> Result<Option<T>, Refused> {
    if new.is_empty() {
        return Ok(None);
    }
    let mut all = serde_json::to_value(now).map_err(|error| wrong(error.to_string()))?;
    if let Some(all) = all.as_object_mut() {
        all.extend(new);
    }
    refused::read(all).map(Some)
}

/// Waits are bounded: nothing is held up for longer than anybody watches.
fn short(name: &str, milliseconds: u64) -> Result<(), Refused> {
    if milliseconds <= HOUR * 1_000 {
        Ok(())
    } else {
        Err(wrong(format!("`{name}` is at most an hour: 3,600,000")))
    }
}

fn part_of(name: &str, part: Option<f64>) -> Result<(), Refused> {
    match part {
        Some(part) if !(0.0..=1.0).contains(&part) => {
            Err(wrong(format!("`{name}` is a part of all, 0 to 1")))
        }
        _ => Ok(()),
    }
}

/// How often: with neither number, once.
fn times(times: Option<u32>, probability: Option<f64>) -> Result<Option<u32>, Refused> {
    part_of("probability", probability)?;
    match (times, probability) {
        (Some(0), _) => Err(wrong("`times` is at least 1")),
        (None, None) => Ok(Some(1)),
        (times, _) => Ok(times),
    }
}

fn rule(new: NewFailure) -> Result<Rule, Refused> {
    let is_name =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    if new.error.is_empty() || new.error.len() > 100 || !new.error.chars().all(is_name) {
        return Err(wrong(
            "`error` is an error's name as Telegram writes it, such as FLOOD_WAIT_3",
        ));
    }
    if new.method != "*" && !new.method.contains('.') {
        return Err(wrong(format!(
            "{:?} is no MTProto method such as messages.getHistory; those of bots belong into \
             `bot_api`, and * means any",
            new.method
        )));
    }
    Ok(Rule {
        method: new.method,
        code: new.code.unwrap_or_else(|| code_of(&new.error)),
        message: new.error,
        retry_after: None,
        plain: false,
        done: false,
        times: times(new.times, new.probability)?,
        probability: new.probability,
    })
}

fn bot_rule(new: NewBotFailure) -> Result<Rule, Refused> {
    let code = new.code.unwrap_or(match new.retry_after {
        Some(_) => 429,
        None => 500,
    });
    if !(400..600).contains(&code) {
        return Err(wrong("`code` is an HTTP status, 400 to 599"));
    }
    if new.plain.is_some() && (new.description.is_some() || new.retry_after.is_some()) {
        return Err(wrong(
            "`plain` is the whole body: there is no `description` or `retry_after` beside it",
        ));
    }
    if new.done && new.plain.is_none() {
        return Err(wrong(
            "`done` goes with `plain`: what the Bot API itself refuses is not done",
        ));
    }
    let usual = || match (code, new.retry_after) {
        (_, Some(seconds)) => format!("Too Many Requests: retry after {seconds}"),
        (400, _) => "Bad Request".to_owned(),
        (401, _) => "Unauthorized".to_owned(),
        (403, _) => "Forbidden".to_owned(),
        (404, _) => "Not Found".to_owned(),
        (502, _) => "Bad Gateway".to_owned(),
        _ => "Internal Server Error".to_owned(),
    };
    Ok(Rule {
        plain: new.plain.is_some(),
        done: new.done,
        message: new.plain.or(new.description).unwrap_or_else(usual),
        code: i32::from(code),
        method: new.method,
        retry_after: new.retry_after,
        times: times(new.times, new.probability)?,
        probability: new.probability,
    })
}
