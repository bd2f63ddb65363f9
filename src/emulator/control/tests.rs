//! Programs outside play along and ask what happened.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

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

#[tokio::test]
async fn what_is_acted_is_told() {
    let emulator = start().await;
    let operator = emulator.cast.operators[0];
    let (status, said) = post(
        &emulator,
        "/control/act",
        json!({ "do": "customer_says", "text": "Where is it?" }),
    )
    .await;
    assert_eq!(status, 200, "{said}");
    let topic = &said["topic"];
    let (_, answered) = post(
        &emulator,
        "/control/act",
        json!({
            "do": "post",
            "who": operator,
            "topic": topic,
            "text": "On its way",
            "reply_to": said["message_id"],
            "file": { "name": "route.txt", "content": "A to B" },
        }),
    )
    .await;
    for act in [
        json!({ "do": "edit", "who": operator, "id": answered["message_id"], "text": "Nearly there" }),
        json!({ "do": "edit_topic", "who": operator, "topic": topic, "title": "Lost parcel", "closed": true }),
        json!({ "do": "delete", "who": operator, "ids": [said["message_id"]] }),
    ] {
        assert_eq!(post(&emulator, "/control/act", act).await.1["ok"], true);
    }
    let lines = get(&emulator, "/world/messages?format=jsonl").await;
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = |id: &Value| lines.iter().find(|line| line["id"] == *id).unwrap();
    let customer = line(&said["message_id"]);
    assert_eq!(
        (&customer["role"], &customer["deleted"]),
        (&json!("customer"), &json!(true))
    );
    let operator = line(&answered["message_id"]);
    assert_eq!(operator["role"], "operator");
    assert_eq!(operator["kind"], "document");
    assert_eq!(operator["media"]["file_name"], "route.txt");
    assert_eq!(operator["text"], "Nearly there");
    assert_eq!(operator["versions"][0]["text"], "On its way");
    assert_eq!(operator["reply_to"], said["message_id"]);
    assert_eq!(
        lines.last().unwrap()["service"],
        json!({ "action": "topic_edited", "title": "Lost parcel", "closed": true })
    );
    let array: Vec<Value> = serde_json::from_str(&get(&emulator, "/world/messages").await).unwrap();
    assert_eq!(array, lines);
    let delivered: Value = serde_json::from_str(&get(&emulator, "/crm/delivered").await).unwrap();
    assert_eq!(delivered[0]["message_id"], answered["message_id"]);
    assert_eq!(delivered[0]["file"], "route.txt");
    let path = format!("/bots/{}/received", emulator.cast.assistant);
    assert_eq!(
        get(&emulator, &path).await,
        "[]",
        "the bot has not asked yet"
    );
    assert!(
        get(&emulator, "/world/journal")
            .await
            .contains("connections")
    );
    emulator.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_reason() {
    let emulator = start().await;
    let (status, answer) = post(&emulator, "/control/act", json!({ "do": "dance" })).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("dance"));
    let nobody = json!({ "do": "post", "who": 1, "text": "x" });
    let (_, answer) = post(&emulator, "/control/act", nobody).await;
    assert_eq!(answer["error"], "CHANNEL_PRIVATE");
    let typo = json!({ "latency": 5 });
    assert_eq!(post(&emulator, "/control/faults", typo).await.0, 400);
    let faults = json!({ "latency_ms": 1, "mute": true, "drop_connections": true, "revoke": 1 });
    assert_eq!(post(&emulator, "/control/faults", faults).await.0, 200);
    assert!(emulator.faults.mute());
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
