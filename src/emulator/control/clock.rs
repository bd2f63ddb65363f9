//! The world's clock, moved from outside.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused::{self, Refused};
use super::routes::Control;

/// What Telegram's dates can hold: 1970 to 2038, less a day, so that what happens afterwards still
/// has a date.
const DATES: std::ops::RangeInclusive<i64> = 0..=i32::MAX as i64 - 86_400;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTime {
    now: Option<i64>,
    forward: Option<i64>,
}

pub(super) async fn get(Extract(control): Extract<Control>) -> Response {
    Json(view(&control)).into_response()
}

pub(super) async fn set(Extract(control): Extract<Control>, body: Bytes) -> Response {
    let read = refused::json_of(&body).and_then(refused::read);
    match read.and_then(|new| moved(&control, &new)) {
        Ok(()) => Json(view(&control)).into_response(),
        Err(refused) => refused.into_response(),
    }
}

fn moved(control: &Control, new: &NewTime) -> Result<(), Refused> {
    let wrong = |words: &str| Refused::new("BAD_REQUEST", words);
    let by = control.world.write(|state| {
        let now = state.now();
        let then = match (new.now, new.forward) {
            (Some(then), None) => then,
            (None, Some(seconds)) => now.saturating_add(seconds),
            _ => {
                return Err(wrong(
                    "say either `now` (Unix seconds) or `forward` (seconds)",
                ));
            }
        };
        if !DATES.contains(&then) {
            return Err(wrong(
                "Telegram's dates reach from 1970 to January 2038, less a day",
            ));
        }
        state.set_clock(then);
        Ok(then - now)
    })?;
    // Waits that Telegram imposed pass with the world's time.
    control.faults.forward(u64::try_from(by).unwrap_or(0));
    Ok(())
}

fn view(control: &Control) -> Value {
    control
        .world
        .read(|state| json!({ "now": state.now(), "offset": state.clock_offset }))
}
