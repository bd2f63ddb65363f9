//! What can be read.

use serde_json::{Value, json};

use super::{act, get, start, truth};
use crate::emulator::server::{Emulator, Settings};
use crate::emulator::truth::messages as truth_of;

async fn list(emulator: &crate::emulator::server::Emulator, path: &str) -> Vec<Value> {
    serde_json::from_str(&get(emulator, path).await).unwrap()
}

#[tokio::test]
async fn ground_truth_in_two_forms() {
    let emulator = start().await;
    let lines = truth(&emulator, "").await;
    let group = emulator.cast.group;
    assert_eq!(lines, list(&emulator, "/world/messages?format=json").await);
    assert_eq!(lines, truth(&emulator, &format!("?group={group}")).await);
    assert_eq!(
        lines,
        truth(&emulator, &format!("?group=-100{group}")).await
    );
    for name in [
        "group",
        "id",
        "topic",
        "date",
        "from_id",
        "from",
        "role",
        "kind",
        "text",
        "entities",
        "reply_to",
        "edit_date",
        "deleted",
        "deleted_at",
        "media",
        "reactions",
        "service",
        "versions",
    ] {
        assert!(lines[0].get(name).is_some(), "{name}");
    }
    let topic = &lines.last().unwrap()["topic"];
    let part = truth(&emulator, &format!("?topic={topic}")).await;
    assert!(!part.is_empty() && part.len() < lines.len());
    assert!(part.iter().all(|line| line["topic"] == *topic));
    for (query, word) in [
        ("?group=1", "there is no group 1"),
        ("?grp=1", "did you mean `group`?"),
        ("?format=xml", "`jsonl`"),
        ("?topic=x", "topic"),
    ] {
        let answer = get(&emulator, &format!("/world/messages{query}")).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let words = answer["description"].as_str().unwrap();
        assert!(words.contains(word), "{query}: {words}");
    }
}

#[tokio::test]
async fn who_and_what_there_is() {
    let emulator = start().await;
    let users = list(&emulator, "/world/users").await;
    let bot = users
        .iter()
        .find(|it| it["id"] == emulator.cast.assistant)
        .unwrap();
    assert_eq!(bot["bot"]["privacy_mode"], false);
    assert_eq!(
        users.len(),
        emulator.world.read(|state| state.users().count())
    );
    let groups = list(&emulator, "/world/groups").await;
    let desk = groups
        .iter()
        .find(|it| it["id"] == emulator.cast.group)
        .unwrap();
    assert_eq!(desk["forum"], true);
    let owner = desk["members"].as_array().unwrap().iter();
    let owner = owner.clone().find(|it| it["standing"] == "owner").unwrap();
    assert_eq!(owner["user"], desk["owner"]);
}

#[tokio::test]
async fn what_bots_and_clients_were_told() {
    let emulator = start().await;
    act(&emulator, json!({ "do": "customer", "text": "hi" })).await;
    let path = format!("/bots/{}/received", emulator.cast.assistant);
    assert_eq!(
        get(&emulator, &path).await,
        "[]",
        "the bot has not asked yet"
    );
    let by_name = get(&emulator, "/bots/desk_assistant_bot/received").await;
    assert_eq!(by_name, "[]");
    for path in [
        "/bots/desk_asistant_bot/received",
        "/bots/5/received",
        "/world/presses/x",
    ] {
        assert!(get(&emulator, path).await.contains("description"), "{path}");
    }
    assert!(
        get(&emulator, "/world/journal")
            .await
            .contains("connections")
    );
}

#[tokio::test]
async fn ground_truth_of_a_large_group_is_told_in_slices_and_whole() {
    let settings = Settings {
        messages: 2_500,
        ..Settings::default()
    };
    let emulator = Emulator::start(settings).await.unwrap();
    let cast = &emulator.cast;
    for topic in [None, Some(1)] {
        let whole = emulator
            .world
            .read(|state| truth_of(state, cast, cast.group, topic));
        let query = topic.map_or_else(String::new, |topic| format!("topic={topic}"));
        assert_eq!(truth(&emulator, &format!("?{query}")).await, whole);
        let array = get(&emulator, &format!("/world/messages?format=json&{query}")).await;
        let array: Vec<Value> = serde_json::from_str(&array).unwrap();
        assert_eq!(array, whole);
        assert!(topic.is_some() || whole.len() >= 2_500);
    }
    let none = get(&emulator, "/world/messages?format=json&topic=99999999").await;
    assert_eq!(none, "[]");
}
