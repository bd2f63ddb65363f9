//! Programs outside play along and ask what happened.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod actions;
mod clock;
mod faults;
mod hostile;
mod media;
mod strict;
mod systems;
mod world;

use serde_json::Value;

use crate::emulator::server::{Emulator, EmulatorError, Settings};

async fn start() -> Emulator {
    let settings = Settings {
        messages: 60,
        ..Settings::default()
    };
    Emulator::start(settings).await.unwrap()
}

async fn get(emulator: &Emulator, path: &str) -> String {
    let url = format!("{}{path}", emulator.control);
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

async fn post(emulator: &Emulator, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", emulator.control);
    let client = reqwest::Client::new();
    let answer = client.post(url).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// An action that has to succeed.
async fn act(emulator: &Emulator, action: Value) -> Value {
    let (status, answer) = post(emulator, "/actions", action.clone()).await;
    assert_eq!(status, 200, "{action}: {answer}");
    answer
}

/// The name and the words of a refusal.
async fn refused(emulator: &Emulator, action: Value) -> (String, String) {
    let (status, answer) = post(emulator, "/actions", action.clone()).await;
    assert_eq!(status, 400, "{action}: {answer}");
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    (text("error"), text("description"))
}

/// Ground truth of a group, the desk unless `query` says otherwise.
async fn truth(emulator: &Emulator, query: &str) -> Vec<Value> {
    let lines = get(emulator, &format!("/world/messages{query}")).await;
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// A message of the desk.
async fn message(emulator: &Emulator, id: &Value) -> Value {
    let lines = truth(emulator, "").await;
    lines.into_iter().find(|line| line["id"] == *id).unwrap()
}

#[tokio::test]
async fn facts_are_one_line_and_complete() {
    let emulator = start().await;
    let facts = serde_json::to_string(&emulator.facts()).unwrap();
    assert!(!facts.contains('\n'));
    let facts: Value = serde_json::from_str(&facts).unwrap();
    assert_eq!(facts["users"][0]["id"], emulator.cast.userbot);
    assert_eq!(
        facts["users"][0]["auth_key_hex"].as_str().unwrap().len(),
        512
    );
    assert_eq!(facts["mtproto"]["addr"], emulator.mtproto.to_string());
    assert_eq!(facts["bots"][0]["id"], emulator.cast.assistant);
    assert_eq!(facts["groups"][0]["forum"], true);
    assert_eq!(facts["groups"][1]["forum"], false);
    assert!(facts["api"]["api_id"].as_i64().unwrap() > 0);
    assert_eq!(
        emulator.facts().users[0].auth_key_hex,
        facts["users"][0]["auth_key_hex"]
    );
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let emulator = start().await;
    let settings = Settings {
        bot_api_port: emulator
            .bot_api
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap(),
        ..Settings::default()
    };
    let error = Emulator::start(settings).await.unwrap_err();
    assert!(
        matches!(
            error,
            EmulatorError::PortInUse {
                face: "Bot API",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn what_there_is_can_be_asked() {
    let emulator = start().await;
    let index: Value = serde_json::from_str(&get(&emulator, "/").await).unwrap();
    for route in index["routes"].as_array().unwrap() {
        let path = route["path"]
            .as_str()
            .unwrap()
            .replace("{id}", "7100200301")
            .replace("{name}", "notion");
        if route["method"] == "GET" {
            let url = format!("{}{path}", emulator.control);
            assert_eq!(reqwest::get(url).await.unwrap().status(), 200, "{path}");
        }
    }
    let facts: Value = serde_json::from_str(&get(&emulator, "/facts").await).unwrap();
    assert_eq!(facts, serde_json::to_value(emulator.facts()).unwrap());
    let lost = get(&emulator, "/world/mesages").await;
    assert!(lost.contains("did you mean /world/messages?"), "{lost}");
    let wrong = get(&emulator, "/actions").await;
    assert!(wrong.contains("/actions takes POST, not GET"), "{wrong}");
    let text = serde_json::to_string(&emulator.facts()).unwrap();
    assert!(text.contains("BEGIN RSA PUBLIC KEY"), "{text}");
}
