//! Whatever is sent, the control port answers and the world stays whole.

use serde_json::{Map, Value, json};

use super::{get, start, truth};
use crate::emulator::scenario::Random;

const KEYS: [&str; 40] = [
    "do",
    "as",
    "group",
    "topic",
    "message",
    "messages",
    "text",
    "reply_to",
    "media",
    "kind",
    "album",
    "reaction",
    "title",
    "customer",
    "closed",
    "hidden",
    "pinned",
    "deleted",
    "data",
    "options",
    "user",
    "standing",
    "from",
    "size",
    "base64",
    "width",
    "latitude",
    "longitude",
    "question",
    "flood",
    "every",
    "rate",
    "burst",
    "pushes",
    "lose",
    "latency",
    "ms",
    "migrate",
    "dc",
    "forward",
];
const WORDS: [&str; 24] = [
    "post",
    "edit",
    "delete",
    "react",
    "topic",
    "press",
    "vote",
    "pin",
    "unpin",
    "forward",
    "member",
    "customer",
    "photo",
    "document",
    "poll",
    "dice",
    "location",
    "contact",
    "banned",
    "left",
    "👍",
    "katarina_n",
    "",
    "\u{0}\u{202e}😀",
];

fn value(random: &mut Random, group: i64, depth: usize) -> Value {
    match random.below(if depth == 0 { 7 } else { 9 }) {
        0 => Value::Null,
        1 => json!(random.chance(50)),
        2 => json!(random.below(40)),
        3 => json!([i64::MIN, i64::MAX, -1, group, 301_000_101, 1 << 31][random.below(6)]),
        4 => json!([0.5, -1e308, 1e-9, 91.0][random.below(4)]),
        5 | 6 => json!(WORDS[random.below(WORDS.len())]),
        7 => {
            let many = random.below(4);
            (0..many).map(|_| value(random, group, depth - 1)).collect()
        }
        _ => object(random, group, depth - 1),
    }
}

fn object(random: &mut Random, group: i64, depth: usize) -> Value {
    let many = random.below(6);
    let pairs = (0..many).map(|_| {
        let key = KEYS[random.below(KEYS.len())].to_owned();
        (key, value(random, group, depth))
    });
    Value::Object(pairs.collect::<Map<String, Value>>())
}

#[tokio::test]
async fn nonsense_is_refused_and_nothing_breaks() {
    let emulator = start().await;
    let client = reqwest::Client::new();
    let group = emulator.cast.group;
    let mut random = Random::new(2);
    let mut done = 0;
    for round in 0..3_000 {
        let path = ["/actions", "/faults", "/clock"][if round % 6 < 4 { 0 } else { round % 6 - 3 }];
        let mut body = object(&mut random, group, 3);
        if path == "/actions" {
            body["do"] = json!(WORDS[random.below(12)]);
            body["as"] = json!(301_000_101);
        }
        let url = format!("{}{path}", emulator.control);
        let answer = client.post(url).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(status == 200 || status == 400, "{path} {body}: {status}");
        let answer: Value = answer.json().await.unwrap();
        if status == 400 {
            assert!(answer["description"].is_string(), "{path} {body}: {answer}");
        }
        done += u32::from(status == 200);
    }
    assert!(done > 20, "all was refused: the test proves nothing");
    let lines = truth(&emulator, "").await;
    let state = |name: &str| lines.iter().all(|line| line.get(name).is_some());
    assert!(state("id") && state("role"));
    assert!(get(&emulator, "/world/groups").await.contains("members"));
}

#[tokio::test]
async fn bodies_of_any_kind_are_answered() {
    let emulator = start().await;
    let client = reqwest::Client::new();
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "null",
        "[]",
        "[[]]",
        "{\"do\":1}",
        "\u{feff}{}",
        deep.as_str(),
    ] {
        for path in ["/actions", "/faults", "/clock"] {
            let url = format!("{}{path}", emulator.control);
            let answer = client.post(url).body(body.to_owned()).send().await.unwrap();
            let empty = path == "/actions" && body == "[]";
            let status = answer.status().as_u16();
            assert_eq!(status, if empty { 200 } else { 400 }, "{path} {body:.20}");
        }
    }
}
