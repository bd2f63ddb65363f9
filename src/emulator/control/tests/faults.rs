//! Faults, switched from outside.

use serde_json::{Value, json};

use super::{get, post, start};
use crate::emulator::faults::HOME_DC;
use crate::emulator::server::Emulator;

async fn set(emulator: &Emulator, faults: Value) -> Value {
    let (status, answer) = post(emulator, "/faults", faults.clone()).await;
    assert_eq!(status, 200, "{faults}: {answer}");
    answer
}

async fn bot_call(emulator: &Emulator, method: &str) -> (u16, String) {
    let token = emulator.bot_token(emulator.cast.assistant).unwrap();
    let url = format!("{}/bot{token}/{method}", emulator.bot_api);
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn what_is_set_is_in_force_and_can_be_read_and_cleared() {
    let emulator = start().await;
    let off = emulator.faults.view();
    let user = emulator.cast.userbot;
    let view = set(
        &emulator,
        json!({
            "mtproto": { "method": "messages.getHistory", "error": "FLOOD_WAIT_3", "times": 2 },
            "bot_api": [{ "method": "sendMessage", "retry_after": 5 }],
            "flood": { "families": { "history": { "rate": 1, "burst": 5 } }, "cap": 60 },
            "connections": { "drop_probability": 0.5, "refuse_seconds": 30 },
            "pushes": { "lose": 0.25, "delay_ms": 10 },
            "differences": { "too_long": 2, "limit": 7 },
            "files": { "expire_references": true, "dc": 4, "short": 3 },
            "latency": { "ms": 1, "jitter_ms": 2 },
            "migrate": { "user": "desk_archive", "dc": 4 },
        }),
    )
    .await;
    assert_eq!(view["mtproto"][0]["code"], 420);
    assert_eq!(
        view["bot_api"][0]["message"],
        "Too Many Requests: retry after 5"
    );
    assert_eq!(view["flood"]["families"]["history"]["burst"], 5);
    assert_eq!(view["pushes"]["lose"], 0.25);
    assert_eq!(view["differences"], json!({ "too_long": 2, "limit": 7 }));
    assert_eq!(view["files"], json!({ "short": 3, "dc": 4 }));
    assert_eq!(view["migrate"], json!([{ "user": user, "dc": 4 }]));
    assert_eq!(emulator.faults.home_dc(user), 4);
    assert!(emulator.faults.refuses_connections());
    assert_eq!(emulator.world.read(|state| state.difference_limit), 7);

    let view = set(
        &emulator,
        json!({ "pushes": { "mute": true }, "flood": null }),
    )
    .await;
    assert_eq!(view["pushes"]["lose"], 0.25, "what is not named stays");
    assert_eq!(view["pushes"]["mute"], true);
    assert_eq!(view["flood"], Value::Null);
    let read: Value = serde_json::from_str(&get(&emulator, "/faults").await).unwrap();
    assert_eq!(read["pushes"], view["pushes"]);

    let url = format!("{}/faults", emulator.control);
    reqwest::Client::new().delete(url).send().await.unwrap();
    assert_eq!(emulator.faults.view(), off);
    assert_eq!(emulator.faults.home_dc(user), HOME_DC);
    assert_eq!(emulator.world.read(|state| state.difference_limit), 2_000);
}

#[tokio::test]
async fn bots_meet_failures_with_and_without_json() {
    let emulator = start().await;
    set(
        &emulator,
        json!({ "bot_api": [
            { "method": "getMe", "retry_after": 3 },
            { "method": "getMe", "code": 502, "plain": "<html>Bad Gateway</html>" },
            { "method": "getMe" },
        ] }),
    )
    .await;
    let (status, body) = bot_call(&emulator, "getMe").await;
    assert_eq!(
        (status, body.as_str()),
        (502, "<html>Bad Gateway</html>"),
        "before all else"
    );
    let (status, body) = bot_call(&emulator, "GETME").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &body["parameters"]["retry_after"]),
        (429, &json!(3))
    );
    let (status, body) = bot_call(&emulator, "getMe").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &body["description"]),
        (500, &json!("Internal Server Error"))
    );
    assert_eq!(bot_call(&emulator, "getMe").await.0, 200);
}

#[tokio::test]
async fn bots_that_hammer_are_punished() {
    let emulator = start().await;
    let flood = json!({ "flood": { "every": { "rate": 0.5, "burst": 2 } } });
    set(&emulator, flood).await;
    for _ in 0..2 {
        assert_ne!(bot_call(&emulator, "getChat?chat_id=1").await.0, 429);
    }
    let (status, body) = bot_call(&emulator, "getChat?chat_id=1").await;
    assert!(status == 429 && body.contains("retry after 2"), "{body}");
    let (_, body) = bot_call(&emulator, "getChat?chat_id=1").await;
    assert!(body.contains("retry after 4"), "{body}");
    let view = emulator.faults.view();
    let record = &view["flood_record"][0];
    assert_eq!(record["account"], emulator.cast.assistant);
    assert_eq!(
        (&record["permitted"], &record["punished"]),
        (&json!(2), &json!(2))
    );
}

#[tokio::test]
async fn the_same_seed_and_requests_give_the_same_faults() {
    let run = async || {
        let emulator = start().await;
        let sometimes = json!({ "bot_api": { "method": "*", "probability": 0.5, "code": 500 } });
        set(&emulator, sometimes).await;
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(bot_call(&emulator, "getMe").await.0);
        }
        seen
    };
    let first = run().await;
    assert_eq!(first, run().await);
    assert!(first.contains(&500) && first.contains(&200), "{first:?}");
}

#[tokio::test]
async fn faults_without_sense_change_nothing() {
    let emulator = start().await;
    let before = emulator.faults.view();
    for (body, part) in [
        (json!({ "latency_ms": 5 }), "did you mean `latency`?"),
        (json!({ "latency": { "mss": 5 } }), "did you mean `ms`?"),
        (
            json!({ "mtproto": { "method": "sendMessage", "error": "X" } }),
            "MTProto method",
        ),
        (
            json!({ "mtproto": { "method": "*", "error": "flood wait" } }),
            "FLOOD_WAIT_3",
        ),
        (
            json!({ "mtproto": { "method": "*", "error": "X", "times": 0 } }),
            "`times`",
        ),
        (
            json!({ "mtproto": { "method": "*", "error": "X", "probability": 2 } }),
            "0 to 1",
        ),
        (
            json!({ "bot_api": { "method": "*", "code": 200 } }),
            "400 to 599",
        ),
        (
            json!({ "bot_api": { "method": "*", "plain": "", "retry_after": 1 } }),
            "whole body",
        ),
        (
            json!({ "bot_api": { "method": "*", "done": true } }),
            "goes with",
        ),
        (
            json!({ "flood": { "families": { "histroy": { "rate": 1, "burst": 1 } } } }),
            "history",
        ),
        (
            json!({ "flood": { "every": { "rate": 0, "burst": 1 } } }),
            "`rate`",
        ),
        (json!({ "pushes": { "lose": 1.5 } }), "`lose`"),
        (
            json!({ "pushes": { "looze": 0.5 } }),
            "did you mean `lose`?",
        ),
        (
            json!({ "connections": { "drop_probability": -1 } }),
            "drop_probability",
        ),
        (
            json!({ "connections": { "refuse_seconds": -1 } }),
            "refuse_seconds",
        ),
        (json!({ "differences": { "limit": 0 } }), "`limit`"),
        (json!({ "revoke": 1 }), "/world/users"),
        (
            json!({ "migrate": { "user": "desk_archive", "dc": 9 } }),
            "2, where",
        ),
        (json!([]), "object"),
    ] {
        let (status, answer) = post(&emulator, "/faults", body.clone()).await;
        let words = answer["description"].as_str().unwrap().to_owned();
        assert!(status == 400 && words.contains(part), "{body}: {words}");
    }
    assert_eq!(emulator.faults.view(), before);
}
