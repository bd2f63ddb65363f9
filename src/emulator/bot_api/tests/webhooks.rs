//! Webhooks, against a server that answers as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::Limits;
use super::desk::{ANNA, CHAT, Desk, GROUP, PLAIN, desk};

/// What the server answers next; nothing left: 200.
enum Reply {
    Status(u16),
    Wait(u64),
    Redirect(String),
    Call(Value),
    Endless,
}

#[derive(Clone, Default)]
struct Hook(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    replies: VecDeque<Reply>,
    received: Vec<(Value, Option<String>, std::time::Instant)>,
}

impl Hook {
    async fn start(replies: Vec<Reply>) -> (Self, String) {
        let hook = Self::default();
        hook.0.lock().unwrap().replies = replies.into();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (hook, url)
    }

    fn texts(&self) -> Vec<String> {
        let inner = self.0.lock().unwrap();
        let received = inner.received.iter();
        received
            .map(|(update, ..)| update["message"]["text"].as_str().unwrap_or("?").to_owned())
            .collect()
    }

    async fn until(&self, count: usize) {
        eventually(|| self.texts().len() >= count).await;
    }
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: String) -> Response {
    let secret = headers
        .get("X-Telegram-Bot-Api-Secret-Token")
        .map(|value| value.to_str().unwrap().to_owned());
    let update = serde_json::from_str(&body).unwrap();
    let mut inner = hook.0.lock().unwrap();
    inner
        .received
        .push((update, secret, std::time::Instant::now()));
    match inner.replies.pop_front() {
        None => StatusCode::OK.into_response(),
        Some(Reply::Status(code)) => StatusCode::from_u16(code).unwrap().into_response(),
        Some(Reply::Wait(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, seconds.to_string())],
        )
            .into_response(),
        Some(Reply::Redirect(to)) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Some(Reply::Call(call)) => axum::Json(call).into_response(),
        Some(Reply::Endless) => {
            let body = format!(
                "{{\"method\":\"sendMessage\",\"x\":\"{}",
                "x".repeat(2_000_000)
            );
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}

async fn eventually(condition: impl Fn() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(std::time::Instant::now() < end, "it did not happen in time");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn delivering() -> Desk {
    let desk = desk(Limits::OFF);
    tokio::spawn(desk.api.clone().deliver());
    desk
}

#[tokio::test]
async fn updates_arrive_in_order_with_the_secret_and_once() {
    let desk = delivering();
    let (hook, url) = Hook::start(vec![]).await;
    desk.says(ANNA, "before");
    let set = json!({ "url": url, "secret_token": "s-1_A", "max_connections": 7 });
    desk.call(PLAIN, "setWebhook", set);
    for number in 0..20 {
        desk.says(ANNA, &number.to_string());
    }
    hook.until(21).await;
    let expected: Vec<String> = std::iter::once("before".to_owned())
        .chain((0..20).map(|number| number.to_string()))
        .collect();
    assert_eq!(hook.texts(), expected);
    let secrets = hook.0.lock().unwrap().received.clone_secrets();
    assert!(
        secrets
            .iter()
            .all(|secret| secret.as_deref() == Some("s-1_A"))
    );
    eventually(|| desk.call(PLAIN, "getWebhookInfo", json!({}))["pending_update_count"] == 0).await;
    let info = desk.call(PLAIN, "getWebhookInfo", json!({}));
    assert_eq!(info["url"], url);
    assert_eq!(
        (&info["max_connections"], &info["ip_address"]),
        (&json!(7), &json!("127.0.0.1"))
    );
    assert!(info.get("last_error_message").is_none() && info.get("allowed_updates").is_none());
    assert_eq!(desk.api.received(PLAIN).len(), 21);
    let told = desk.refused(PLAIN, "getUpdates", json!({}));
    assert!(told.starts_with("Conflict: can't use getUpdates method while webhook is active"));
    desk.call(PLAIN, "deleteWebhook", json!({}));
    desk.says(ANNA, "after");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(hook.texts().len(), 21);
    assert_eq!(desk.updates(PLAIN)[0].1["text"], "after");
}

trait CloneSecrets {
    fn clone_secrets(&self) -> Vec<Option<String>>;
}

impl CloneSecrets for Vec<(Value, Option<String>, std::time::Instant)> {
    fn clone_secrets(&self) -> Vec<Option<String>> {
        self.iter().map(|(_, secret, _)| secret.clone()).collect()
    }
}

#[tokio::test]
async fn what_was_refused_is_tried_again_before_anything_else() {
    let desk = delivering();
    let (elsewhere, other_url) = Hook::start(vec![]).await;
    let (hook, url) = Hook::start(vec![
        Reply::Status(500),
        Reply::Redirect(other_url),
        Reply::Wait(1),
    ])
    .await;
    desk.call(PLAIN, "setWebhook", json!({ "url": url }));
    desk.says(ANNA, "first");
    desk.says(ANNA, "second");
    hook.until(1).await;
    eventually(|| {
        let info = desk.call(PLAIN, "getWebhookInfo", json!({}));
        info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    })
    .await;
    let info = desk.call(PLAIN, "getWebhookInfo", json!({}));
    assert!(info["last_error_date"].is_i64());
    assert_eq!(info["pending_update_count"], 2);
    hook.until(5).await;
    assert_eq!(hook.texts(), ["first", "first", "first", "first", "second"]);
    assert!(elsewhere.texts().is_empty(), "redirects are not followed");
    let times: Vec<_> = {
        let inner = hook.0.lock().unwrap();
        inner.received.iter().map(|(_, _, at)| *at).collect()
    };
    let pause = |at: usize| times[at + 1].duration_since(times[at]).as_secs_f32();
    assert!((0.9..1.9).contains(&pause(0)), "{}", pause(0));
    assert!((1.9..3.5).contains(&pause(1)), "{}", pause(1));
    assert!((0.9..1.9).contains(&pause(2)), "as asked: {}", pause(2));
}

#[tokio::test]
async fn an_answer_may_call_a_method() {
    let desk = delivering();
    let call = json!({ "method": "SendMessage", "chat_id": CHAT, "text": "answered" });
    let leave = json!({ "method": "deleteWebhook" });
    let (hook, url) = Hook::start(vec![
        Reply::Call(call),
        Reply::Call(leave),
        Reply::Endless,
        Reply::Call(json!([1])),
    ])
    .await;
    desk.call(PLAIN, "setWebhook", json!({ "url": url }));
    for number in 0..5 {
        desk.says(ANNA, &number.to_string());
    }
    hook.until(5).await;
    let posted = |text: &str| {
        desk.world.read(|state| {
            let messages = &state.group(GROUP).unwrap().messages;
            messages
                .values()
                .filter(|message| message.from == PLAIN && message.text == text)
                .count()
        })
    };
    eventually(|| posted("answered") == 1).await;
    assert_eq!(desk.call(PLAIN, "getWebhookInfo", json!({}))["url"], url);
}

#[tokio::test]
async fn an_address_that_is_gone_for_a_day_is_given_up() {
    let desk = delivering();
    let (hook, url) = Hook::start(vec![
        Reply::Status(410),
        Reply::Status(410),
        Reply::Status(410),
    ])
    .await;
    desk.call(PLAIN, "setWebhook", json!({ "url": url }));
    desk.says(ANNA, "anyone?");
    hook.until(1).await;
    eventually(|| {
        let info = desk.call(PLAIN, "getWebhookInfo", json!({}));
        info["last_error_message"] == "Wrong response from the webhook: 410 Gone"
    })
    .await;
    assert!(desk.api.hooked(PLAIN));
    desk.world
        .write(|state| state.clock_offset += 23 * 60 * 60 + 1);
    eventually(|| !desk.api.hooked(PLAIN)).await;
}

#[tokio::test]
async fn updates_wait_while_nobody_listens_and_can_be_dropped() {
    let desk = delivering();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://localhost:{}/", free.local_addr().unwrap().port());
    drop(free);
    desk.call(
        PLAIN,
        "setWebhook",
        json!({ "url": url, "allowed_updates": ["message"] }),
    );
    desk.says(ANNA, "anyone?");
    eventually(|| {
        let info = desk.call(PLAIN, "getWebhookInfo", json!({}));
        info["last_error_message"] == "Connection refused"
    })
    .await;
    let info = desk.call(PLAIN, "getWebhookInfo", json!({}));
    assert_eq!(info["pending_update_count"], 1);
    assert_eq!(info["allowed_updates"], json!(["message"]));
    let (hook, url) = Hook::start(vec![]).await;
    desk.call(
        PLAIN,
        "setWebhook",
        json!({ "url": url, "drop_pending_updates": true }),
    );
    desk.says(ANNA, "here");
    hook.until(1).await;
    assert_eq!(hook.texts(), ["here"]);
    desk.stop.cancel();
}

#[tokio::test]
async fn a_poll_gives_way_to_a_webhook() {
    let emulator = super::quiet().await;
    let poll = emulator.call("getUpdates", json!({ "timeout": 30 }));
    let set = async {
        let bot = emulator.cast.assistant;
        while emulator.bots.with_queue(bot, |queue| queue.polls()) < 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let url = "http://127.0.0.1:9/";
        emulator.call("setWebhook", json!({ "url": url })).await
    };
    let (ended, set) = tokio::join!(poll, set);
    assert_eq!(set["ok"], true);
    assert_eq!(
        super::description(&ended),
        (409, "Conflict: terminated by setWebhook request")
    );
}

#[test]
fn addresses_and_secrets_are_checked() {
    let desk = desk(Limits::OFF);
    let long = "x".repeat(257);
    for (url, secret, words) in [
        ("not a url", "", "invalid webhook URL specified"),
        ("ftp://127.0.0.1/", "", "invalid webhook URL specified"),
        (
            "https://bot.example/hook",
            "",
            "bad webhook: Failed to resolve host: Name or service not known",
        ),
        (
            "http://10.0.0.1/",
            "",
            "bad webhook: IP address 10.0.0.1 is reserved",
        ),
        (
            "http://localhost/",
            "no spaces",
            "secret token contains unallowed characters",
        ),
        ("http://localhost/", &long, "secret token is too long"),
    ] {
        let told = desk.refused(
            PLAIN,
            "setWebhook",
            json!({ "url": url, "secret_token": secret }),
        );
        assert_eq!(told, format!("Bad Request: {words}"));
        assert!(!desk.api.hooked(PLAIN));
    }
    for url in ["localhost", "http://[::1]:8080/a", "https://127.0.0.2/"] {
        desk.call(PLAIN, "setWebhook", json!({ "url": url }));
        assert_eq!(desk.call(PLAIN, "getWebhookInfo", json!({}))["url"], url);
    }
    desk.call(PLAIN, "setWebhook", json!({ "url": "" }));
    assert!(!desk.api.hooked(PLAIN));
}
