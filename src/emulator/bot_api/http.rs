//! HTTP: paths, bodies, answers.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::api::BotApi;
use super::body::{discard, unescaped, whole};
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

    /// Answers a request without network and without waiting: `path` is `/bot<token>/<method>`
    /// with or without a query, and `getUpdates` gives what is there. All of it but the socket is
    /// what HTTP requests meet. Returns the HTTP status and the body.
    #[doc(hidden)]
    #[must_use]
    pub fn answer(&self, path: &str, content_type: &str, body: &[u8]) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = percent_decoded(path);
        let answer = address(&path).and_then(|(token, method)| {
            let params = Params::parse(query, content_type, &Bytes::copy_from_slice(body));
            let bot = self.authorise(token)?;
            self.call_now(bot, method, &params?)
        });
        match answer {
            Ok(result) => (200, json!({ "ok": true, "result": result })),
            Err(error) => error.into_parts(),
        }
    }
}

async fn serve(State(api): State<BotApi>, request: Request) -> Response {
    let path = percent_decoded(request.uri().path());
    let caller = address(path.strip_prefix("/file").unwrap_or(&path));
    let bot = caller.and_then(|(token, _)| api.authorise(token));
    let bot = bot.unwrap_or(0);
    let latency = api.faults().latency_ms(bot);
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    if let Some((token, path)) = path
        .strip_prefix("/file/bot")
        .and_then(|p| p.split_once('/'))
    {
        return match api
            .authorise(token)
            .and_then(|bot| files::content(&api, bot, path))
        {
            Ok(bytes) => bytes.into_response(),
            Err(error) => error.into_response(),
        };
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    if let Some(plain) = api.faults().take_plain(bot, name) {
        if plain.done {
            // What it would have been answered is what is lost.
            let _ = method(&api, &path, request).await;
        }
        return plain.into_response();
    }
    match method(&api, &path, request).await {
        Ok(result) => axum::Json(json!({ "ok": true, "result": result })).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn method(api: &BotApi, path: &str, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let caller =
        address(path).and_then(|(token, method)| api.authorise(token).map(|bot| (bot, method)));
    let (bot, method) = match caller {
        Ok(caller) => caller,
        Err(refused) => {
            // A client that is still sending does not see the answer; but nothing of a stranger's
            // is kept.
            discard(body).await;
            return Err(refused);
        }
    };
    // The place is held until the call is over.
    let (body, _place) = whole(body, api.large()).await?;
    let kind = parts.headers.get(CONTENT_TYPE);
    let kind = kind
        .filter(|_| parts.method != Method::GET)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default();
    let params = Params::parse(query, kind, &body)?;
    api.call(bot, method, &params).await
}

/// Token and method of a path.
fn address(path: &str) -> Result<(&str, &str), ApiError> {
    path.strip_prefix("/bot")
        .and_then(|rest| rest.split_once('/'))
        .map(|(token, method)| (token, method.trim_matches('/')))
        .ok_or_else(ApiError::not_found)
}

fn percent_decoded(path: &str) -> String {
    String::from_utf8_lossy(&unescaped(path.as_bytes(), false)).into_owned()
}
