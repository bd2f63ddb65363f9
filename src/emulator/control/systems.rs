//! Outside systems: what they hold, and what goes wrong with them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::refused::{self, Refused};
use super::routes::Control;
use crate::emulator::hint;
use crate::emulator::systems::{Each, Fault, FaultQueue};

/// The longest that a request can be held up, seconds.
const HOUR: u64 = 3_600;
/// Bytes of an answer, at most.
const HUGE: u64 = 1024 * 1024 * 1024;
/// Requests that one order lets go wrong, at most.
const TIMES: u32 = 1_000;

/// What is to go wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFault {
    fault: Kind,
    retry_after: Option<u64>,
    seconds: Option<u64>,
    bytes: Option<u64>,
    to: Option<String>,
    at: Option<String>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    ExpiredToken,
    Forbidden,
    NotFound,
    TooMany,
    Overloaded,
    ServerError,
    Hang,
    Html,
    Malformed,
    Empty,
    Huge,
    Redirect,
    DropBefore,
    DropAfter,
}

/// Lets the next requests to a system go wrong.
pub(super) async fn fault(
    Extract(control): Extract<Control>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let ordered = queue(&control, &name).and_then(|queue| {
        let new: NewFault = refused::json_of(&body).and_then(refused::read)?;
        let times = new.times.unwrap_or(1);
        if !(1..=TIMES).contains(&times) {
            return Err(wrong("`times` is a number from 1 to 1,000"));
        }
        let fault = read(&new)?;
        for _ in 0..times {
            match &new.at {
                Some(at) => queue.push_at(at, fault.clone()),
                None => queue.push(fault.clone()),
            }
        }
        Ok(queue.waiting())
    });
    match ordered {
        Ok(waiting) => Json(json!({ "waiting": waiting })).into_response(),
        Err(refused) => refused.into_response(),
    }
}

/// Everything that a system holds.
pub(super) async fn records(
    Extract(control): Extract<Control>,
    Path(name): Path<String>,
) -> Response {
    match control.systems.records(&name) {
        Some(records) => Json(records).into_response(),
        None => unknown(&name).into_response(),
    }
}

fn queue<'a>(control: &'a Control, name: &str) -> Result<&'a FaultQueue, Refused> {
    control.systems.faults(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Refused {
    let hint = match hint::nearest(name, Each::NAMES) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => format!("there are {}", Each::NAMES.join(", ")),
    };
    wrong(&format!("there is no system `{name}`; {hint}"))
}

fn wrong(words: &str) -> Refused {
    Refused::new("BAD_REQUEST", words)
}

fn read(new: &NewFault) -> Result<Fault, Refused> {
    let given = [
        ("retry_after", new.retry_after.is_some(), Kind::TooMany),
        ("seconds", new.seconds.is_some(), Kind::Hang),
        ("bytes", new.bytes.is_some(), Kind::Huge),
        ("to", new.to.is_some(), Kind::Redirect),
    ];
    let stray = given
        .iter()
        .find(|(_, given, kind)| *given && *kind != new.fault);
    if let Some((name, ..)) = stray {
        return Err(wrong(&format!("`{name}` does not belong to this fault")));
    }
    let number = |given: Option<u64>, most: u64, words: &str| {
        given
            .filter(|number| *number <= most)
            .ok_or_else(|| wrong(words))
    };
    Ok(match new.fault {
        Kind::ExpiredToken => Fault::ExpiredToken,
        Kind::Forbidden => Fault::Forbidden,
        Kind::NotFound => Fault::NotFound,
        Kind::TooMany => Fault::TooMany {
            retry_after: new.retry_after,
        },
        Kind::Overloaded => Fault::Overloaded,
        Kind::ServerError => Fault::ServerError,
        Kind::Hang => Fault::Hang {
            seconds: number(new.seconds, HOUR, "`hang` has `seconds`, up to 3,600")?,
        },
        Kind::Html => Fault::Html,
        Kind::Malformed => Fault::Malformed,
        Kind::Empty => Fault::Empty,
        Kind::Huge => Fault::Huge {
            bytes: number(new.bytes, HUGE, "`huge` has `bytes`, up to a gibibyte")?,
        },
        Kind::Redirect => Fault::Redirect {
            to: new
                .to
                .clone()
                .ok_or_else(|| wrong("`redirect` has an address `to`"))?,
        },
        Kind::DropBefore => Fault::DropBefore,
        Kind::DropAfter => Fault::DropAfter,
    })
}
