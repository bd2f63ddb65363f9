//! What passes to customers, and the Topics API.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};

use super::{Crm, Relay};
use crate::emulator::scenario::{Cast, build};
use crate::emulator::server::{Emulator, Limits, Settings};
use crate::emulator::world::{Draft, File, FileKind, World};

fn desk(relay: Relay) -> (World, Cast, Crm) {
    let (state, cast) = build(1, 100, relay);
    let world = World::new(state);
    let crm = Crm::new(world.clone(), cast.clone());
    (world, cast, crm)
}

fn text(text: &str) -> Draft {
    Draft {
        text: text.to_owned(),
        ..Draft::default()
    }
}

/// Posts in the first customer's topic and tells whether it was delivered.
fn reaches(desk: &(World, Cast, Crm), from: i64, draft: Draft) -> bool {
    let (world, cast, crm) = desk;
    let (topic, _) = crm.customer_says(cast.customers[0], text("hello")).unwrap();
    let draft = Draft { topic, ..draft };
    let id = world
        .write(|state| state.post(cast.group, from, draft))
        .unwrap();
    let delivered = crm.delivered();
    let of_this = delivered.iter().find(|one| one.message_id == id);
    if let Some(one) = of_this {
        assert_eq!((one.customer, one.topic), (cast.customers[0], topic));
    }
    of_this.is_some()
}

#[test]
fn people_reach_customers_notes_and_commands_do_not() {
    for relay in [Relay::Bot, Relay::User] {
        let desk = desk(relay);
        let operator = desk.1.operators[1];
        assert!(reaches(&desk, operator, text("Good morning")));
        assert!(reaches(&desk, operator, text("/нет такой команды")));
        assert!(!reaches(&desk, operator, text("/ call them back")));
        assert!(!reaches(&desk, operator, text("/export last 5")));
        assert!(!reaches(
            &desk,
            operator,
            text("/export@desk_assistant_bot")
        ));
    }
}

#[test]
fn bots_reach_customers_only_where_an_account_listens() {
    for (relay, heard) in [(Relay::Bot, false), (Relay::User, true)] {
        let desk = desk(relay);
        let bot = desk.1.assistant;
        let document = File {
            id: 0,
            kind: FileKind::Document,
            name: "a.html".to_owned(),
            mime_type: "text/html".to_owned(),
            width: 0,
            height: 0,
            duration: 0,
            bytes: b"x".to_vec().into(),
            ..File::default()
        };
        let file = Some(desk.0.write(|state| state.add_file(document)));
        assert_eq!(reaches(&desk, bot, text("Here you are")), heard);
        assert_eq!(
            reaches(
                &desk,
                bot,
                Draft {
                    file,
                    ..Draft::default()
                }
            ),
            heard,
            "a document without a caption is no note"
        );
        assert!(!reaches(
            &desk,
            bot,
            Draft {
                file,
                ..text("/ transcript")
            }
        ));
        assert!(!reaches(&desk, bot, text("/ done")));
    }
}

#[test]
fn an_edit_is_not_delivered_again() {
    let desk = desk(Relay::Bot);
    let (world, cast, crm) = &desk;
    let operator = cast.operators[0];
    assert!(reaches(&desk, operator, text("first")));
    let sent = crm.delivered();
    let id = sent.last().unwrap().message_id;
    world
        .write(|state| state.edit(cast.group, operator, id, text("second")))
        .unwrap();
    assert_eq!(crm.delivered(), sent);
}

#[test]
fn a_customer_finds_their_topic_open() {
    let (world, cast, crm) = desk(Relay::Bot);
    let newcomer = *cast.customers.last().unwrap();
    let (topic, first) = crm.customer_says(newcomer, text("hi")).unwrap();
    assert_eq!(first, topic + 1, "the topic was created right before");
    world
        .write(|state| {
            state.edit_topic(cast.group, cast.operators[0], topic, None, Some(true), None)
        })
        .unwrap();
    let (again, _) = crm.customer_says(newcomer, text("me again")).unwrap();
    assert_eq!(again, topic);
    world.read(|state| {
        let topic = &state.group(cast.group).unwrap().topics[&topic];
        assert_eq!((topic.closed, topic.customer), (false, Some(newcomer)));
    });
}

#[tokio::test]
async fn the_topics_api_tells_who_it_is() {
    let settings = Settings {
        messages: 60,
        limits: Limits::OFF,
        ..Settings::default()
    };
    let emulator = Emulator::start(settings).await.unwrap();
    let facts = emulator.facts();
    let topic = facts.groups[0]
        .topics
        .iter()
        .find(|topic| topic.customer.is_some())
        .unwrap();
    let keys = &facts.crm;
    let ask = |header: &str, body: Value| {
        let request = reqwest::Client::new()
            .post(&keys.url)
            .header("X-API-KEY", header)
            .json(&body);
        async move {
            let answer = request.send().await.unwrap();
            (
                answer.status().as_u16(),
                answer.json::<Value>().await.unwrap(),
            )
        }
    };
    let body = |topic: Value| {
        json!({
            "action": "info_by_topic",
            "group_id": facts.groups[0].id.to_string(),
            "topic_id": topic,
            "instance": keys.instance,
            "api_key": keys.instance_api_key,
        })
    };
    for id in [json!(topic.id), json!(topic.id.to_string())] {
        let (status, info) = ask(&keys.api_key, body(id)).await;
        assert_eq!((status, &info["result"]), (200, &json!("topic_info")));
        assert_eq!(info["user_id"], json!(topic.customer));
        assert_eq!(info["frontend_type"], "private");
        assert_eq!(info["thread_id"], json!(i64::from(topic.id) << 20));
        assert!(info["user_phone"].as_str().unwrap().starts_with('+'));
    }
    let (status, unknown) = ask(&keys.api_key, body(json!(999_999))).await;
    assert_eq!((status, &unknown["result"]), (200, &json!("error")));
    assert_eq!(ask("wrong", body(json!(topic.id))).await.0, 401);
    let mut wrong = body(json!(topic.id));
    wrong["api_key"] = json!("wrong");
    assert_eq!(ask(&keys.api_key, wrong).await.0, 403);
    emulator.stop().await;
}
