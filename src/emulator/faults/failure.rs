//! Calls that fail.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::chance::Chance;

/// An answer that a method gives instead of its own, a number of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Method name as each face writes it (`messages.getHistory`, `sendMessage`), compared without
    /// case; `*` means any.
    pub method: String,
    /// Error code: 420 for MTProto flood waits, an HTTP status for the Bot API.
    pub code: i32,
    /// MTProto: the error's name such as `FLOOD_WAIT_3`; Bot API: the description.
    pub message: String,
    /// Bot API: seconds in `parameters.retry_after`.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// An answer of the Bot API that is no JSON, as a proxy in front of it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The call took effect, and only its answer is lost.
    pub done: bool,
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        (status, self.body).into_response()
    }
}

/// When a failure is due.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Method name, see [`Failure::method`].
    pub method: String,
    /// Error code or HTTP status.
    pub code: i32,
    /// The error's name or description; the body where it is `plain`.
    pub message: String,
    /// Bot API: seconds to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// Bot API: the message is the whole body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub plain: bool,
    /// Bot API, with `plain`: the call takes effect all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
    /// How often it is still due; `None`: for ever.
    pub times: Option<u32>,
    /// In which part of the calls it is due, 0 to 1; `None`: in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

impl From<Failure> for Rule {
    fn from(failure: Failure) -> Self {
        Self {
            method: failure.method,
            code: failure.code,
            message: failure.message,
            retry_after: failure.retry_after,
            plain: false,
            done: false,
            times: Some(failure.times),
            probability: None,
        }
    }
}

impl Rule {
    /// What a call that meets it is answered.
    pub(super) fn failure(&self) -> Failure {
        Failure {
            method: self.method.clone(),
            code: self.code,
            message: self.message.clone(),
            retry_after: self.retry_after,
            times: self.times.unwrap_or(u32::MAX),
        }
    }
}

/// The failure due for an account's call now, the oldest first; counts it. `face` tells apart
/// what is asked of one chance.
pub(super) fn take(
    rules: &mut Vec<Rule>,
    chance: &mut Chance,
    face: &'static str,
    (account, method): (i64, &str),
    plain: bool,
) -> Option<Rule> {
    let meets = |rule: &Rule| {
        rule.plain == plain && (rule.method == "*" || rule.method.eq_ignore_ascii_case(method))
    };
    // What is certain asks no chance, and what nothing is said of is not counted.
    let asked = rules
        .iter()
        .any(|rule| meets(rule) && rule.probability.is_some());
    let method = method.to_ascii_lowercase();
    let number = if asked {
        chance.number(face, account, &method)
    } else {
        0
    };
    let at = rules.iter().position(|rule| {
        let happens = |part: f64| {
            // Two rules for one method are two chances.
            let of = format!("{method} {} {}", rule.code, rule.message);
            chance.draw(face, account, &of, number).happens(part)
        };
        meets(rule) && rule.probability.is_none_or(happens)
    })?;
    let rule = rules.get_mut(at)?;
    let due = rule.clone();
    if let Some(times) = &mut rule.times {
        *times = times.saturating_sub(1);
        if *times == 0 {
            rules.remove(at);
        }
    }
    Some(due)
}

/// The code that goes with an MTProto error's name.
#[must_use]
pub fn code_of(name: &str) -> i32 {
    const SERVER: [&str; 6] = [
        "RPC_CALL_FAIL",
        "RPC_MCGET_FAIL",
        "WORKER_BUSY_TOO_LONG_RETRY",
        "HISTORY_GET_FAILED",
        "STORAGE_CHECK_FAILED",
        "MEMBER_OCCUPY_PRIMARY_LOC_FAILED",
    ];
    if name.starts_with("FLOOD_")
        || name.starts_with("SLOWMODE_WAIT_")
        || name.starts_with("TAKEOUT_INIT_DELAY_")
    {
        420
    } else if name.contains("_MIGRATE_") {
        303
    } else if name == "AUTH_KEY_DUPLICATED" {
        406
    } else if name.starts_with("AUTH_KEY_")
        || name.starts_with("SESSION_")
        || name.starts_with("USER_DEACTIVATED")
    {
        401
    } else if name.starts_with("INTER") || SERVER.contains(&name) {
        500
    } else if name.ends_with("_FORBIDDEN") || name == "MESSAGE_AUTHOR_REQUIRED" {
        403
    } else {
        400
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(method: &str, times: Option<u32>, probability: Option<f64>) -> Rule {
        Rule {
            method: method.to_owned(),
            code: 500,
            message: method.to_owned(),
            retry_after: None,
            plain: false,
            done: false,
            times,
            probability,
        }
    }

    #[test]
    fn rules_are_met_in_order_and_used_up() {
        let mut rules = vec![rule("sendMessage", Some(2), None), rule("*", Some(1), None)];
        let mut chance = Chance::new(1);
        let mut next = |method| {
            let due = take(&mut rules, &mut chance, "x", (7, method), false);
            due.map(|it| it.message)
        };
        assert_eq!(next("getMe").as_deref(), Some("*"));
        assert_eq!(next("SENDMESSAGE").as_deref(), Some("sendMessage"));
        assert_eq!(next("getMe"), None);
        assert_eq!(next("sendmessage").as_deref(), Some("sendMessage"));
        assert_eq!(next("sendmessage"), None);
    }

    #[test]
    fn chance_follows_from_the_seed() {
        let run = |seed| {
            let mut rules = vec![rule("*", None, Some(0.3))];
            let mut chance = Chance::new(seed);
            let draws =
                (0..1_000).map(|_| take(&mut rules, &mut chance, "x", (7, "x"), false).is_some());
            draws.collect::<Vec<bool>>()
        };
        assert_eq!(run(4), run(4));
        assert_ne!(run(4), run(5));
        let hits = run(4).into_iter().filter(|hit| *hit).count();
        assert!((240..360).contains(&hits), "{hits}");
    }

    #[test]
    fn what_others_call_meanwhile_shifts_nothing() {
        let run = |others: bool| {
            let mut rules = vec![rule("*", None, Some(0.5))];
            let mut chance = Chance::new(3);
            let mut call = |account, method| {
                take(&mut rules, &mut chance, "x", (account, method), false).is_some()
            };
            let mut seen = Vec::new();
            for at in 0..100 {
                if others && at % 3 == 0 {
                    let _ = call(8, "getMe");
                    let _ = call(7, "sendMessage");
                }
                seen.push(call(7, "getMe"));
            }
            seen
        };
        assert_eq!(run(false), run(true));
    }

    #[test]
    fn codes_follow_from_names() {
        for (name, code) in [
            ("FLOOD_WAIT_3", 420),
            ("FLOOD_PREMIUM_WAIT_3", 420),
            ("SLOWMODE_WAIT_10", 420),
            ("PHONE_MIGRATE_4", 303),
            ("AUTH_KEY_UNREGISTERED", 401),
            ("AUTH_KEY_DUPLICATED", 406),
            ("SESSION_REVOKED", 401),
            ("INTERNAL_SERVER_ERROR", 500),
            ("INTERDC_2_CALL_ERROR", 500),
            ("RPC_CALL_FAIL", 500),
            ("CHAT_WRITE_FORBIDDEN", 403),
            ("CHANNEL_PRIVATE", 400),
        ] {
            assert_eq!(code_of(name), code, "{name}");
        }
    }
}
