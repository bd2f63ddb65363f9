//! What actions can post.

use serde_json::{Value, json};

use super::{act, message, refused, start};

fn post(who: i64, media: Value) -> Value {
    json!({ "do": "post", "as": who, "media": media })
}

#[tokio::test]
async fn every_kind_can_be_posted() {
    let emulator = start().await;
    let who = emulator.cast.operators[0];
    for kind in [
        "photo",
        "video",
        "animation",
        "audio",
        "voice",
        "video_note",
        "sticker",
        "document",
    ] {
        let said = act(&emulator, post(who, json!({ "kind": kind, "duration": 7 }))).await;
        let line = message(&emulator, &said["message"]).await;
        assert_eq!(
            (&line["kind"], &line["media"]["kind"]),
            (&json!(kind), &json!(kind))
        );
        assert!(line["media"]["size"].as_i64().unwrap() > 0, "{kind}");
        assert_eq!(line["media"]["duration"], 7);
    }
    for media in [
        json!({ "kind": "contact", "phone": "+491", "first_name": "Emma" }),
        json!({ "kind": "location", "latitude": 52.5, "longitude": 13.4 }),
        json!({ "kind": "venue", "latitude": 0, "longitude": 0, "title": "A", "address": "B" }),
        json!({ "kind": "poll", "question": "?", "options": ["a", "b"], "correct": 1 }),
        json!({ "kind": "dice" }),
        json!({ "kind": "dice", "emoji": "🎰", "value": 64 }),
    ] {
        let said = act(&emulator, post(who, media.clone())).await;
        let line = message(&emulator, &said["message"]).await;
        assert_eq!(line["kind"], media["kind"]);
        assert_eq!(line["content"]["kind"], media["kind"]);
    }
}

#[tokio::test]
async fn content_is_given_or_made_up() {
    let emulator = start().await;
    let who = emulator.cast.operators[0];
    let bytes = |line: &Value| {
        let file = line["media"]["file_id"].as_i64().unwrap();
        emulator
            .world
            .read(|state| state.file(file).unwrap().bytes.to_vec())
    };
    let given = json!({ "kind": "document", "name": "a.bin", "base64": "AAEC/w==" });
    let said = act(&emulator, post(who, given)).await;
    assert_eq!(
        bytes(&message(&emulator, &said["message"]).await),
        [0, 1, 2, 255]
    );
    let made = json!({ "kind": "document", "size": 100_000 });
    let first = act(&emulator, post(who, made.clone())).await;
    let second = act(&emulator, post(who, made.clone())).await;
    let first = bytes(&message(&emulator, &first["message"]).await);
    assert_eq!(first.len(), 100_000);
    assert_ne!(first, bytes(&message(&emulator, &second["message"]).await));
    let again = start().await;
    let given = json!({ "kind": "document", "name": "a.bin", "base64": "AAEC/w==" });
    act(&again, post(who, given)).await;
    let said = act(&again, post(who, made)).await;
    let line = message(&again, &said["message"]).await;
    let file = line["media"]["file_id"].as_i64().unwrap();
    let same = again
        .world
        .read(|state| state.file(file).unwrap().bytes.to_vec());
    assert_eq!(
        first, same,
        "the same seed and requests give the same bytes"
    );
}

#[tokio::test]
async fn albums_share_their_number_and_media_can_be_replaced() {
    let emulator = start().await;
    let who = emulator.cast.operators[0];
    let photo = |text: &str| json!({ "do": "post", "as": who, "text": text, "album": 5, "media": { "kind": "photo" } });
    let one = act(&emulator, photo("one")).await;
    let two = act(&emulator, photo("")).await;
    for id in [&one["message"], &two["message"]] {
        assert_eq!(message(&emulator, id).await["album"], 5);
    }
    let edit = json!({
        "do": "edit", "as": who, "message": one["message"], "text": "new",
        "media": { "kind": "document", "name": "b.csv" },
    });
    act(&emulator, edit).await;
    let line = message(&emulator, &one["message"]).await;
    assert_eq!(line["media"]["file_name"], "b.csv");
    assert_eq!(line["versions"][0]["media"]["kind"], "photo");
}

#[tokio::test]
async fn media_without_sense_are_refused() {
    let emulator = start().await;
    let who = emulator.cast.operators[0];
    for (media, part) in [
        (json!({ "kind": "foto" }), "did you mean `photo`?"),
        (
            json!({ "kind": "photo", "widht": 1 }),
            "did you mean `width`?",
        ),
        (json!({ "kind": "photo", "width": -1 }), "negative"),
        (json!({ "kind": "document", "base64": "*" }), "base64"),
        (
            json!({ "kind": "document", "size": 1, "content": "x" }),
            "one of",
        ),
        (
            json!({ "kind": "document", "size": 1_000_000_000 }),
            "at most",
        ),
        (
            json!({ "kind": "contact", "phone": "", "first_name": "x" }),
            "`phone`",
        ),
        (
            json!({ "kind": "location", "latitude": 91, "longitude": 0 }),
            "−90",
        ),
        (
            json!({ "kind": "poll", "question": "?", "options": ["a"] }),
            "2 to 12",
        ),
        (
            json!({ "kind": "poll", "question": "?", "options": ["a", "b"], "correct": 2 }),
            "from 0",
        ),
        (
            json!({ "kind": "poll", "question": "?", "options": [1, 2] }),
            "an answer of a poll",
        ),
        (json!({ "kind": "dice", "emoji": "x" }), "🎲"),
        (json!({ "kind": "dice", "value": 7 }), "1 to 6"),
        (json!({}), "`kind`"),
    ] {
        let (_, words) = refused(&emulator, post(who, media.clone())).await;
        assert!(words.contains(part), "{media}: {words}");
    }
    let album = json!({ "do": "post", "as": who, "text": "x", "album": 0 });
    assert_eq!(refused(&emulator, album).await.0, "MEDIA_INVALID");
}
