//! What all systems have in common: each request is written down, meets its fault or is served.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::Response;

use super::answer::{Answer, huge};
use super::call::Call;
use super::faults::{Fault, FaultQueue};
use super::journal::Journal;
use super::line::Line;

/// Bytes of a body that are read, at most, whatever the system takes: a client that is still
/// sending would see a broken connection instead of the refusal.
const READ: usize = 16 * 1024 * 1024;

/// What any system may say no with, each in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// The token is no longer good.
    ExpiredToken,
    /// Not for whoever asks.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// Too fast; seconds to wait, where they are named.
    TooMany(Option<u64>),
    /// Too much to do.
    Overloaded,
    /// Something broke.
    ServerError,
    /// The body is too long.
    TooLarge,
}

/// A system as the network sees it.
pub(super) trait System {
    /// The longest body that it takes, bytes.
    const BODY: usize;

    /// What goes wrong with the next requests.
    fn faults(&self) -> &FaultQueue;

    /// Where requests are written down.
    fn journal(&self) -> &Journal;

    /// Serves a request.
    fn serve(&self, call: &Call) -> Answer;

    /// Says no.
    fn refuse(&self, no: No) -> Answer;

    /// Tokens that were fetched stop working.
    fn expire(&self) {}

    /// Whether a path is where tokens are fetched.
    fn fetches_token(&self, _path: &str) -> bool {
        false
    }
}

/// Takes a request in and answers it; `path` is below the system's base.
pub(super) async fn answer<S: System>(
    system: &S,
    line: &Line,
    path: &str,
    request: Request,
) -> Response<Body> {
    let journal = system.journal();
    let (parts, body) = request.into_parts();
    let number = journal.arrived(path, &parts);
    let body = axum::body::to_bytes(body, READ).await.ok();
    journal.read(number, body.as_ref().unwrap_or(&Bytes::new()));
    let fault = system.faults().take(path, system.fetches_token(path));
    if let Some(Fault::Hang { seconds }) = fault {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    let serve = || match body {
        Some(body) if body.len() <= S::BODY => {
            system.serve(&Call::new(line.peer, path, &parts, body))
        }
        _ => system.refuse(No::TooLarge),
    };
    let answer = match fault {
        None | Some(Fault::Hang { .. }) => serve(),
        Some(Fault::ExpiredToken) => {
            system.expire();
            system.refuse(No::ExpiredToken)
        }
        Some(Fault::Forbidden) => system.refuse(No::Forbidden),
        Some(Fault::NotFound) => system.refuse(No::NotFound),
        Some(Fault::TooMany { retry_after }) => system.refuse(No::TooMany(retry_after)),
        Some(Fault::Overloaded) => system.refuse(No::Overloaded),
        Some(Fault::ServerError) => system.refuse(No::ServerError),
        Some(Fault::Html) => Answer::text(200, "text/html; charset=utf-8", LOGIN.to_owned()),
        Some(Fault::Malformed) => serve().halved(),
        Some(Fault::Empty) => Answer::empty(200),
        Some(Fault::Redirect { to }) => Answer::empty(302).with("location", to),
        Some(Fault::Huge { bytes }) => {
            journal.answered(number, 200);
            return huge(bytes);
        }
        Some(fault @ (Fault::DropBefore | Fault::DropAfter)) => {
            if fault == Fault::DropAfter {
                let _ = serve();
            }
            line.cut();
            return Answer::empty(500).into_response();
        }
    };
    journal.answered(number, answer.status);
    answer.into_response()
}

/// What a proxy puts in the way of those who are not logged in.
const LOGIN: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>\
                     <form method=\"post\"><input name=\"user\"><input name=\"password\" \
                     type=\"password\"><button>Sign in</button></form></body></html>\n";
