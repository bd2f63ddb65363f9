//! The systems, driven by a plain HTTP client.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod amocrm;
mod billing;
mod bitrix24;
mod faults;
mod google;
mod notion;
mod salesforce;

use std::net::Ipv4Addr;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::Systems;

async fn start() -> Systems {
    Systems::start((Ipv4Addr::LOCALHOST, 0).into(), 1)
        .await
        .unwrap()
}

/// A client that follows no redirects and keeps no connection: what a test sees is one answer.
fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

/// Status and JSON of an answer; null where it has no body.
async fn sent(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    };
    (status, body)
}

fn request(method: &str, url: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    client().request(method, url)
}
