//! Nothing is half done, nothing is guessed: what is refused, and in which words.

use serde_json::{Value, json};

use super::{act, message, post, refused, start, truth};
use crate::emulator::world::Standing;

#[tokio::test]
async fn an_edit_changes_what_it_says_and_nothing_else() {
    let emulator = start().await;
    let who = emulator.cast.assistant;
    let said = act(
        &emulator,
        json!({
            "do": "post", "as": who, "text": "see #this and bold",
            "entities": [{ "type": "bold", "offset": 14, "length": 4 }],
            "media": { "kind": "photo" },
            "buttons": [[{ "text": "Yes", "data": "y" }]],
        }),
    )
    .await;
    let id = &said["message"];
    let before = message(&emulator, id).await;
    let edit = |rest: Value| {
        let mut edit = json!({ "do": "edit", "as": who, "message": id });
        let rest = rest.as_object().unwrap().clone();
        edit.as_object_mut().unwrap().extend(rest);
        edit
    };
    let (error, _) = refused(&emulator, edit(json!({}))).await;
    assert_eq!(error, "MESSAGE_NOT_MODIFIED");
    act(&emulator, edit(json!({ "buttons": null }))).await;
    let line = message(&emulator, id).await;
    assert_eq!(line["buttons"], json!([]));
    for field in ["text", "entities", "media"] {
        assert_eq!(line[field], before[field], "{field}");
    }
    let buttons = json!({ "buttons": [[{ "text": "No", "data": "n" }]] });
    act(&emulator, edit(buttons)).await;
    act(&emulator, edit(json!({ "text": "plain" }))).await;
    let line = message(&emulator, id).await;
    assert_eq!(
        (&line["text"], &line["entities"]),
        (&json!("plain"), &json!([]))
    );
    assert_eq!(line["buttons"][0][0]["text"], "No");
    assert_eq!(line["media"], before["media"]);
    act(&emulator, edit(json!({ "text": null }))).await;
    assert_eq!(message(&emulator, id).await["text"], "");
}

#[tokio::test]
async fn an_answer_stands_beside_the_question() {
    let emulator = start().await;
    let said = act(&emulator, json!({ "do": "customer", "text": "Where?" })).await;
    let who = emulator.cast.operators[0];
    let answer = json!({ "do": "post", "as": who, "text": "Here", "reply_to": said["message"] });
    assert_eq!(act(&emulator, answer).await["topic"], said["topic"]);
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let emulator = start().await;
    let who = emulator.cast.operators[0];
    let post = |topic: i32| {
        let media = json!({ "kind": "document", "size": 1_000 });
        json!({ "do": "post", "as": who, "topic": topic, "media": media })
    };
    let one = act(&emulator, post(1)).await;
    let (error, _) = refused(&emulator, post(99_999)).await;
    assert!(error.contains("TOPIC"), "{error}");
    let two = act(&emulator, post(1)).await;
    let mut ids = Vec::new();
    for said in [one, two] {
        let line = message(&emulator, &said["message"]).await;
        ids.push(line["media"]["file_id"].as_i64().unwrap());
    }
    assert_eq!(ids[1], ids[0] + 1, "no file between");
}

#[tokio::test]
async fn files_of_a_request_are_bounded_together() {
    let emulator = start().await;
    let before = truth(&emulator, "").await.len();
    let who = emulator.cast.operators[0];
    let media = json!({ "kind": "document", "size": 64 * 1024 * 1024 });
    let one = json!({ "do": "post", "as": who, "media": media });
    let (status, answer) = super::post(&emulator, "/actions", json!(vec![one; 9])).await;
    let words = answer["description"].as_str().unwrap();
    assert!(status == 400 && words.contains("536870912"), "{answer}");
    assert_eq!(truth(&emulator, "").await.len(), before);
}

#[tokio::test]
async fn outsiders_cannot_be_restricted_and_ids_count_once() {
    let emulator = start().await;
    let (group, owner) = (emulator.cast.group, emulator.cast.operators[0]);
    let outsider = emulator.cast.customers[0];
    let member = json!({ "do": "member", "user": outsider, "standing": "restricted" });
    let (error, _) = refused(&emulator, member).await;
    assert_eq!(error, "USER_NOT_PARTICIPANT");
    let standing = emulator
        .world
        .read(|state| state.group(group).unwrap().standing(outsider));
    assert_eq!(standing, Standing::Left);
    let said = act(&emulator, json!({ "do": "post", "as": owner, "text": "x" })).await;
    let id = &said["message"];
    let delete = json!({ "do": "delete", "as": owner, "message": id, "messages": [id, id] });
    assert_eq!(act(&emulator, delete).await["messages"], json!([id]));
}

#[tokio::test]
async fn mistakes_inside_are_named() {
    let emulator = start().await;
    let poll = |option: Value| {
        let media = json!({ "kind": "poll", "question": "?", "options": ["a", option] });
        json!({ "do": "post", "as": emulator.cast.operators[0], "media": media })
    };
    act(&emulator, poll(json!({ "text": "b" }))).await;
    for (path, body, part) in [
        (
            "/faults",
            json!({ "mtproto": { "method": "a.b", "eror": "X" } }),
            "did you mean `error`?",
        ),
        (
            "/faults",
            json!({ "bot_api": [{ "metod": "getMe" }] }),
            "did you mean `method`?",
        ),
        (
            "/faults",
            json!({ "migrate": [{ "user": 1, "cd": 4 }] }),
            "did you mean `dc`?",
        ),
        ("/faults", json!({ "latency": { "ms": 3_600_001 } }), "hour"),
        (
            "/faults",
            json!({ "pushes": { "delay_ms": u64::MAX } }),
            "hour",
        ),
        (
            "/faults",
            json!({ "connections": { "refuse_seconds": 3_601 } }),
            "3,600",
        ),
        (
            "/actions",
            poll(json!({ "txt": "b" })),
            "did you mean `text`?",
        ),
        ("/actions", poll(json!(1)), "an answer of a poll"),
        ("/actions", json!({}), "scan"),
        (
            "/clock",
            json!({ "now": i64::from(i32::MAX) - 86_399 }),
            "less a day",
        ),
    ] {
        let (status, answer) = post(&emulator, path, body.clone()).await;
        let words = answer["description"].as_str().unwrap();
        assert!(status == 400 && words.contains(part), "{body}: {words}");
    }
}

#[tokio::test]
async fn addresses_are_read_strictly_and_refusals_are_json() {
    let emulator = start().await;
    let person = emulator.cast.operators[0];
    let client = reqwest::Client::new();
    let large = vec![b' '; 96 * 1024 * 1024 + 1];
    let get = |path: &str| client.get(format!("{}{path}", emulator.control));
    let send = |path: &str| client.post(format!("{}{path}", emulator.control));
    for (request, status, part) in [
        (get("/facts?x=1"), 400, "unknown key `x`"),
        (get("/world/messages?grup=1"), 400, "did you mean `group`?"),
        (get("/world/users?group=1"), 400, "unknown key `group`"),
        (send("/actions?group=1").body("[]"), 400, "unknown key"),
        (get("/bots/%ff/received"), 400, "address"),
        (get(&format!("/bots/{person}/received")), 400, "a person"),
        (send("/bots/7/received"), 405, "takes GET, not POST"),
        (send("/world/presses/1"), 405, "takes GET, not POST"),
        (send("/actions").body(large), 413, "100663296"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{part}");
        let answer: Value = answer.json().await.unwrap();
        let words = answer["description"].as_str().unwrap();
        assert!(words.contains(part), "{words}");
    }
}

#[tokio::test]
async fn samples_are_called_after_what_they_are() {
    let emulator = start().await;
    for (kind, name) in [
        ("video", json!("video.mp4")),
        ("audio", json!("audio.mp3")),
        ("document", json!("document.pdf")),
        ("photo", Value::Null),
    ] {
        let media = json!({ "kind": kind });
        let post = json!({ "do": "post", "as": emulator.cast.operators[0], "media": media });
        let said = act(&emulator, post).await;
        let line = message(&emulator, &said["message"]).await;
        assert_eq!(line["media"]["file_name"], name, "{kind}");
    }
}

#[tokio::test]
async fn a_customer_who_is_refused_opens_no_topic() {
    let emulator = start().await;
    let desk = emulator.cast.group;
    let newcomer = emulator.cast.visitor;
    let topics = || {
        let count = |state: &crate::emulator::world::State| state.group(desk).unwrap().topics.len();
        emulator.world.read(count)
    };
    let before = (topics(), truth(&emulator, "").await.len());
    let too_long = "x".repeat(4_097);
    let says = |text: &str| json!({ "do": "customer", "as": newcomer, "text": text });
    let (error, _) = refused(&emulator, says(&too_long)).await;
    assert_eq!(error, "MESSAGE_TOO_LONG");
    assert_eq!((topics(), truth(&emulator, "").await.len()), before);
    act(&emulator, says("short enough")).await;
    assert_eq!(topics(), before.0 + 1);
}
