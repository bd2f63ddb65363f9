//! The world's time, moved from outside.

use serde_json::{Value, json};

use super::{act, get, message, post, start};

#[tokio::test]
async fn time_moves_and_messages_with_it() {
    let emulator = start().await;
    let now = |answer: &str| {
        serde_json::from_str::<Value>(answer).unwrap()["now"]
            .as_i64()
            .unwrap()
    };
    let before = now(&get(&emulator, "/clock").await);
    let (status, answer) = post(&emulator, "/clock", json!({ "forward": 3_600 })).await;
    assert_eq!((status, &answer["offset"]), (200, &json!(3_600)));
    assert!((3_600..3_660).contains(&(answer["now"].as_i64().unwrap() - before)));
    let (_, answer) = post(&emulator, "/clock", json!({ "now": 1_900_000_000 })).await;
    assert!(answer["now"].as_i64().unwrap() - 1_900_000_000 < 60);
    let who = emulator.cast.operators[0];
    let said = act(
        &emulator,
        json!({ "do": "post", "as": who, "text": "later" }),
    )
    .await;
    let line = message(&emulator, &said["message"]).await;
    assert!(line["date"].as_i64().unwrap() >= 1_900_000_000);
    for (body, part) in [
        (json!({}), "either"),
        (json!({ "now": 1, "forward": 1 }), "either"),
        (json!({ "now": -1 }), "1970"),
        (json!({ "forward": i64::MAX }), "2038"),
        (json!({ "foward": 1 }), "did you mean `forward`?"),
    ] {
        let (status, answer) = post(&emulator, "/clock", body).await;
        let words = answer["description"].as_str().unwrap();
        assert!(status == 400 && words.contains(part), "{words}");
    }
}

#[tokio::test]
async fn moved_time_lets_flood_waits_pass() {
    let emulator = start().await;
    let flood = json!({ "flood": { "every": { "rate": 0.001, "burst": 1 } } });
    assert_eq!(post(&emulator, "/faults", flood).await.0, 200);
    let call = || emulator.faults.refusal_mtproto(7, "messages.getHistory");
    assert_eq!(call(), None);
    assert_eq!(call().unwrap().message, "FLOOD_WAIT_1000");
    post(&emulator, "/clock", json!({ "forward": 1_001 })).await;
    assert_eq!(call(), None);
}
