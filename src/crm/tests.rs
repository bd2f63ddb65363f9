//! The client against a server of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::any;
use serde_json::{Value, json};

use super::client::Patience;
use super::{CrmError, TopicsApi};
use crate::config::{CrmConfig, Secret};
use crate::model::{Customer, GroupId, PersonId, TopicId};

const TOPIC: TopicId = TopicId(5343);

/// What the server is to answer, in order; the last goes on.
type Script = Vec<(StatusCode, Option<&'static str>, String)>;

/// A CRM that follows a script and keeps what it was asked.
struct Crm {
    url: String,
    heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Crm {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Crm {
    async fn with(script: Script) -> Self {
        let heard: Arc<Mutex<Vec<(HeaderMap, Bytes)>>> = Arc::default();
        let asked = Arc::clone(&heard);
        let handler = move |headers: HeaderMap, body: Bytes| {
            let mut asked = asked.lock().unwrap();
            let (status, extra, answer) = script
                .get(asked.len())
                .or(script.last())
                .cloned()
                .expect("a script has an answer");
            asked.push((headers, body));
            let mut headers = HeaderMap::new();
            if let Some((name, value)) = extra.and_then(|extra| extra.split_once(": ")) {
                headers.insert(name, HeaderValue::from_static(value));
            }
            async move { (status, headers, answer) }
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!(
            "http://{}/webhook/hidden-path?key=hidden-query",
            listener.local_addr().unwrap()
        );
        let router = Router::new().fallback(any(handler));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, heard, server }
    }

    fn times_asked(&self) -> usize {
        self.heard.lock().unwrap().len()
    }

    fn client(&self) -> TopicsApi {
        let config = CrmConfig {
            url: self.url.clone(),
            api_key: Secret::new("hidden-owner"),
            instance: "desk".into(),
            instance_api_key: Secret::new("hidden-connection"),
            ..CrmConfig::default()
        };
        let patience = Patience {
            attempts: 3,
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_secs(2),
            attempt: Duration::from_secs(5),
        };
        TopicsApi::with_patience(&config, patience)
            .unwrap()
            .unwrap()
    }

    async fn ask(&self) -> Result<Option<Customer>, CrmError> {
        let info = self.client().info_by_topic(group(), TOPIC).await?;
        Ok(info.map(|info| info.customer))
    }
}

fn group() -> GroupId {
    GroupId::from_bare(2_101_424_779).unwrap()
}

fn anna() -> String {
    json!({"result": "topic_info", "topic_id": "5343", "user_id": 5, "user_first_name": "Anna"})
        .to_string()
}

fn ok(answer: String) -> Script {
    vec![(StatusCode::OK, None, answer)]
}

#[tokio::test]
async fn asks_as_documented_and_remembers_the_answer() {
    let crm = Crm::with(ok(anna())).await;
    let client = crm.client();
    for _ in 0..2 {
        let customer = client.info_by_topic(group(), TOPIC).await.unwrap().unwrap();
        assert_eq!(customer.customer.user_id, Some(PersonId(5)));
    }
    let heard = crm.heard.lock().unwrap();
    let [(headers, body)] = heard.as_slice() else {
        panic!("asked {} times", heard.len());
    };
    assert_eq!(headers.get("x-api-key").unwrap(), "hidden-owner");
    assert_eq!(headers.get("content-type").unwrap(), "application/json");
    assert_eq!(
        serde_json::from_slice::<Value>(body).unwrap(),
        json!({
            "action": "info_by_topic", "group_id": "2101424779", "topic_id": 5343,
            "instance": "desk", "api_key": "hidden-connection",
        })
    );
}

#[tokio::test]
async fn an_unknown_topic_is_asked_about_again() {
    let unknown = json!({"result": "error", "message": "topic not found"}).to_string();
    let crm = Crm::with(vec![
        (StatusCode::OK, None, unknown.clone()),
        (StatusCode::NOT_FOUND, None, unknown),
        (StatusCode::OK, None, anna()),
    ])
    .await;
    let client = crm.client();
    assert_eq!(client.info_by_topic(group(), TOPIC).await.unwrap(), None);
    assert_eq!(client.info_by_topic(group(), TOPIC).await.unwrap(), None);
    assert!(
        client
            .info_by_topic(group(), TOPIC)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn passing_failures_are_retried() {
    let crm = Crm::with(vec![
        (
            StatusCode::TOO_MANY_REQUESTS,
            Some("retry-after: 0"),
            String::new(),
        ),
        (StatusCode::BAD_GATEWAY, None, "<html>".into()),
        (StatusCode::OK, None, anna()),
    ])
    .await;
    assert!(crm.ask().await.unwrap().is_some());
    assert_eq!(crm.times_asked(), 3);
}

#[tokio::test]
async fn lasting_failures_end() {
    let crm = Crm::with(vec![(StatusCode::SERVICE_UNAVAILABLE, None, String::new())]).await;
    let error = crm.ask().await.unwrap_err();
    assert!(
        matches!(error, CrmError::Failed { status: 503, .. }),
        "{error}"
    );
    assert_eq!(crm.times_asked(), 3);
}

#[tokio::test]
async fn a_long_wait_is_handed_on_instead_of_waited() {
    let crm = Crm::with(vec![(
        StatusCode::TOO_MANY_REQUESTS,
        Some("retry-after: 3600"),
        String::new(),
    )])
    .await;
    let error = crm.ask().await.unwrap_err();
    assert!(
        matches!(error, CrmError::Busy { wait } if wait.as_secs() == 3600),
        "{error}"
    );
    assert_eq!(crm.times_asked(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Crm::with(ok(anna())).await;
    let to: &'static str = Box::leak(format!("location: {}", elsewhere.url).into_boxed_str());
    let crm = Crm::with(vec![(
        StatusCode::TEMPORARY_REDIRECT,
        Some(to),
        String::new(),
    )])
    .await;
    let error = crm.ask().await.unwrap_err();
    assert!(
        matches!(error, CrmError::Redirected { status: 307 }),
        "{error}"
    );
    assert_eq!(elsewhere.times_asked(), 0);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let crm = Crm::with(ok("x".repeat(1 << 20))).await;
    assert!(matches!(crm.ask().await, Err(CrmError::TooLarge { .. })));
}

#[tokio::test]
async fn nothing_secret_is_ever_shown() {
    let words = format!("bad keys hidden-owner{} hidden-connection", " ".repeat(180));
    let echo = json!({"result": "error", "message": words});
    let mut shown = Vec::new();
    for status in [
        StatusCode::OK,
        StatusCode::FORBIDDEN,
        StatusCode::BAD_REQUEST,
    ] {
        let crm = Crm::with(vec![(status, None, echo.to_string())]).await;
        shown.push(format!("{:?}", crm.client()));
        shown.push(describe(&crm.ask().await.unwrap_err()));
    }
    let gone = {
        let crm = Crm::with(ok(anna())).await;
        crm.server.abort();
        crm.client()
    };
    // Whether the port answers late or not at all, no address may show.
    if let Err(error) = gone.info_by_topic(group(), TOPIC).await {
        shown.push(describe(&error));
    }
    for text in shown {
        assert!(!text.contains("hidden"), "{text}");
    }
}

/// An error with all its causes, in both forms.
fn describe(error: &CrmError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    text
}

#[test]
fn no_address_no_client_and_a_wrong_one_is_named() {
    let config = |url: &str| CrmConfig {
        url: url.into(),
        ..CrmConfig::default()
    };
    assert!(TopicsApi::new(&config("")).unwrap().is_none());
    for wrong in ["n8n", "ftp://a.example/x", "http://", "file:///x"] {
        assert!(
            matches!(TopicsApi::new(&config(wrong)), Err(CrmError::Address)),
            "{wrong}"
        );
    }
    let key = CrmConfig {
        api_key: Secret::new("a\nb"),
        ..config("https://a.example/")
    };
    assert!(matches!(TopicsApi::new(&key), Err(CrmError::Key)));
}
