//! A system that answers as it is told to: what is sent to it, and what is said of its answers.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::{Cause, Live, Memory};
use super::support::{context, live, run};

const ANNA: i64 = 987_654_321;

/// What came, as its path and its idempotency key, and what is answered next.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    came: Vec<(String, String)>,
    answers: Vec<(u16, String)>,
}

impl Script {
    async fn start(file: &str) -> (Self, Arc<Live>, tempfile::TempDir) {
        let script = Self::default();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let dir = tempfile::tempdir().unwrap();
        for (name, secret) in [
            ("hook", format!("http://{address}/hook/s3cr3t-path")),
            ("pass", "pa55word".to_owned()),
        ] {
            std::fs::write(dir.path().join(name), secret).unwrap();
        }
        let file = file.replace("HERE", &format!("http://{address}"));
        let live = live("x", &file, dir.path(), Memory::default());
        (script, live, dir)
    }

    fn answer(&self, status: u16, body: &str) {
        self.0
            .lock()
            .unwrap()
            .answers
            .push((status, body.to_owned()));
    }

    fn came(&self) -> Vec<(String, String)> {
        self.0.lock().unwrap().came.clone()
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let mut inner = script.0.lock().unwrap();
    let key = request.headers().get("idempotency-key");
    let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
    inner
        .came
        .push((request.uri().path().to_owned(), key.to_owned()));
    if inner.answers.is_empty() {
        return (StatusCode::OK, "{}").into_response();
    }
    let (status, body) = inner.answers.remove(0);
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

const EACH: &str = r#"
base_url = "HERE"
[limits]
per_second = 1000
burst = 1000
[actions.tag]
arguments = [{ name = "tags", list = true }]
reply.en = "done"
[[actions.tag.steps]]
name = "tagged"
each = "{{ args.tags }}"
method = "POST"
url = "/tags/{{ item }}"
idempotency_header = "Idempotency-Key"
"#;

#[tokio::test]
async fn each_item_has_a_key_of_its_own_and_what_was_done_is_told() {
    let (script, live, _dir) = Script::start(EACH).await;
    script.answer(200, "{}");
    script.answer(200, "{}");
    script.answer(403, "{}");
    let failure = run(&live, "tag", &context(ANNA), "a b c d")
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::Forbidden);
    assert_eq!(failure.done, ["tagged (2/4)"]);
    let came = script.came();
    let came: Vec<(&str, &str)> = came.iter().map(|(path, key)| (&**path, &**key)).collect();
    assert_eq!(
        came,
        [
            ("/tags/a", "test-1-tagged-0"),
            ("/tags/b", "test-1-tagged-1"),
            ("/tags/c", "test-1-tagged-2")
        ]
    );
}

#[tokio::test]
async fn of_too_many_changes_none_is_made() {
    let (script, live, _dir) = Script::start(EACH).await;
    let tags: Vec<String> = (0..51).map(|number| format!("t{number}")).collect();
    let failure = run(&live, "tag", &context(ANNA), &tags.join(" "))
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::TooMany { most: 50 });
    assert_eq!(script.came(), []);
}

const ORDER: &str = r#"
base_url_secret = "hook"
[secrets]
hook = { file = "hook" }
pass = { file = "pass" }
[auth]
type = "basic"
user = "desk"
secret = "pass"
[errors]
message = "$.message"
code = "$.code"
[actions.order]
reply.en = "done"
[[actions.order.steps]]
name = "ordered"
method = "POST"
url = "/orders"
"#;

#[tokio::test]
async fn a_post_is_not_repeated_after_a_bare_503() {
    let (script, live, _dir) = Script::start(ORDER).await;
    script.answer(503, "");
    let failure = run(&live, "order", &context(ANNA), "").await.unwrap_err();
    assert_eq!(failure.cause, Cause::Failed { status: 503 });
    assert!(failure.uncertain);
    assert_eq!(script.came().len(), 1);
}

#[tokio::test]
async fn a_log_gets_no_words_of_the_system_and_nobody_gets_secrets() {
    let (script, live, _dir) = Script::start(ORDER).await;
    // "desk:pa55word".
    let pair = "ZGVzazpwYTU1d29yZA==";
    let body = serde_json::json!({
        "code": format!("E7-{pair}-s3cr3t-path-987654321"),
        "message": format!("no order for Anya Schmidt (Basic {pair}, pa55word, /hook/s3cr3t-path)"),
    });
    script.answer(422, &body.to_string());
    let failure = run(&live, "order", &context(ANNA), "").await.unwrap_err();
    assert_eq!(failure.detail, "HTTP 422 E7-***-***-***");
    let Cause::Rejected { message, .. } = &failure.cause else {
        panic!("{failure:?}");
    };
    assert_eq!(
        message,
        "no order for Anya Schmidt (Basic ***, ***, /hook/***)"
    );
    assert!(!failure.to_string().contains("Anya"), "{failure}");
    assert!(!format!("{live:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn a_masked_customer_stays_masked_in_what_the_system_says() {
    let (script, live, _dir) = Script::start(ORDER).await;
    let mut masked = context(ANNA);
    masked.mask = true;
    script.answer(422, r#"{ "message": "no order for anna_s, 49301234567" }"#);
    let failure = run(&live, "order", &masked, "").await.unwrap_err();
    let Cause::Rejected { message, .. } = &failure.cause else {
        panic!("{failure:?}");
    };
    assert_eq!(message, "no order for a•••, •••67");
}
