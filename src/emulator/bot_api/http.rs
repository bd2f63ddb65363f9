//! HTTP: paths, bodies, answers.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::api::BotApi;
use super::error::{Answer, ApiError};
use super::files;
use super::params::Params;

impl BotApi {
    /// Routes `/bot<token>/<method>` and `/file/bot<token>/<path>`.
    pub fn router(&self) -> Router {
        Router::new()
            .fallback(serve)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone())
    }
}

async fn serve(State(api): State<BotApi>, request: Request) -> Response {
    let latency = api.faults().latency_ms();
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    let path = percent_decoded(request.uri().path());
    if let Some((token, path)) = path
        .strip_prefix("/file/bot")
        .and_then(|p| p.split_once('/'))
    {
        return match api
            .authorise(token)
            .and_then(|_| files::content(&api, path))
        {
            Ok(bytes) => bytes.into_response(),
            Err(error) => error.into_response(),
        };
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    if let Some(plain) = api.faults().take_plain(name) {
        return plain.into_response();
    }
    match method(&api, &path, request).await {
        Ok(result) => axum::Json(json!({ "ok": true, "result": result })).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn method(api: &BotApi, path: &str, request: Request) -> Answer {
    let (token, method) = path
        .strip_prefix("/bot")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(ApiError::not_found)?;
    // Read first: a client that is still sending does not see the answer.
    let params = Params::read(request).await;
    let bot = api.authorise(token)?;
    api.call(bot, method.trim_end_matches('/'), params?).await
}

/// Undoes `%3A` and the like; what is no such escape stays.
fn percent_decoded(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let byte = piece
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, piece.get(2..)) {
            (Some(byte), Some(rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            _ => {
                bytes.push(b'%');
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
