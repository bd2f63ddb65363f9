//! `backfill`: what is asked for is read first, survives a kill, and can be followed and ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;
use topicvault::emulator::faults::{Failure, FloodLimit, FloodModel};
use topicvault::emulator::server::Settings;
use topicvault::model::{MessageId, TopicId};

use crate::desk::{Desk, Spoken};

const PATIENCE: Duration = Duration::from_secs(90);

/// A desk with old messages, and with a topic of several pages.
async fn desk() -> Desk {
    let settings = Settings {
        messages: 3_000,
        ..Settings::default()
    };
    let desk = Desk::open(settings, "").await;
    for number in 0..450 {
        desk.operator_says(&format!("answer {number}"));
    }
    let other = desk.emulator.world.read(|state| {
        let topics = &state.group(desk.group).unwrap().topics;
        let others = topics.keys().copied().filter(|id| *id != desk.topic);
        others.max().unwrap()
    });
    // What is newest is looked at without being asked for.
    for number in 0..250 {
        let draft = topicvault::emulator::world::Draft {
            topic: other,
            text: format!("elsewhere {number}"),
            ..Default::default()
        };
        let posted = desk
            .emulator
            .world
            .write(|state| state.post(desk.group, desk.operator, draft));
        posted.unwrap();
    }
    desk
}

async fn run(desk: &Desk, args: &[&str]) -> (i32, Value, String) {
    desk.ask(&[&["backfill"], args].concat()).await
}

/// What a member sees in the topic.
fn shown(desk: &Desk) -> BTreeSet<i32> {
    desk.emulator.world.read(|state| {
        let group = state.group(desk.group).unwrap();
        let all = group.messages.values();
        all.filter(|it| it.topic == desk.topic && it.deleted_at.is_none())
            .map(|it| it.id)
            .collect()
    })
}

fn held(desk: &Desk, topic: Option<i32>) -> BTreeSet<i32> {
    let Some(reader) = desk.reader() else {
        return BTreeSet::new();
    };
    let mut held = BTreeSet::new();
    let selection = topicvault::archive::Selection {
        topics: topic.map(TopicId).into_iter().collect(),
        ..Default::default()
    };
    let order = topicvault::archive::Order::Id;
    reader
        .read(&selection, order, &mut |snapshot| {
            held.insert(snapshot.message.id.0);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    held
}

/// How often each method was called.
fn calls(desk: &Desk) -> BTreeMap<String, u64> {
    let me = desk.emulator.cast.userbot;
    desk.emulator.world.read(|state| {
        let calls = state.journal.methods.get(&me);
        calls.map_or_else(BTreeMap::new, |calls| {
            let each = calls.iter();
            each.map(|(name, count)| (name.to_string(), *count))
                .collect()
        })
    })
}

fn slowly(desk: &Desk) {
    let history = FloodLimit {
        rate: 1.0,
        burst: 2,
    };
    desk.emulator.faults.set_flood(Some(FloodModel {
        every: None,
        families: [("history".to_owned(), history)].into(),
        cap: 60,
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_topic_is_read_alone_in_either_direction() {
    for order in [&["--oldest-first"][..], &[]] {
        let desk = desk().await;
        let topic = desk.topic.to_string();
        let mut args = vec!["--topic", &topic];
        args.extend(order);
        let (code, listed, told) = run(&desk, &args).await;
        assert_eq!(code, 0, "{told}");
        let it = &listed[0];
        assert_eq!(
            (&it["state"], &it["topic"], &it["remaining"]),
            (&"done".into(), &desk.topic.into(), &0.into()),
            "{listed}"
        );
        let shown = shown(&desk);
        assert!(shown.len() > 450);
        assert_eq!(held(&desk, Some(desk.topic)), shown);
        // The rest was left alone.
        assert!(held(&desk, None).len() < 1_500);
        assert!(calls(&desk)["messages.getReplies"] >= 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_does_not_exist_is_told() {
    let desk = desk().await;
    let (code, listed, told) = run(&desk, &["--topic", "999999"]).await;
    assert_eq!((code, &listed[0]["state"]), (7, &"failed".into()), "{told}");
    assert!(told.contains("no such topic"), "{told}");
    // It does not stand in the way of others.
    let (code, ..) = run(&desk, &["--topic", &desk.topic.to_string()]).await;
    assert_eq!(code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_at_one_is_asked_again() {
    let desk = desk().await;
    desk.emulator.faults.fail_mtproto(Failure {
        method: "messages.getReplies".to_owned(),
        code: 500,
        message: "INTERDC_2_CALL_ERROR".to_owned(),
        retry_after: None,
        times: 5,
    });
    let topic = desk.topic.to_string();
    let (code, listed, told) = run(&desk, &["--topic", &topic]).await;
    assert_eq!((code, &listed[0]["state"]), (0, &"done".into()), "{told}");
    assert_eq!(held(&desk, Some(desk.topic)), shown(&desk));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_is_read_from_its_beginning_and_a_kill_loses_nothing() {
    let desk = desk().await;
    desk.emulator.faults.set_latency_ms(60);
    let mut program = desk
        .program(&["backfill", "--oldest-first"])
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let first = held(&desk, None).first().copied();
        if first.is_some_and(|id| id < 200) {
            break;
        }
        assert!(Instant::now() < deadline, "{first:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let top = held(&desk, None).last().copied().unwrap();
    let unknown = desk.reader().unwrap().unknown(1..=top).unwrap();
    let (low, high) = (
        *unknown.first().unwrap().start(),
        *unknown.last().unwrap().end(),
    );
    assert!(high - low >= 1_000 && high < top, "{unknown:?} of {top}");

    let (_, listed, _) = run(&desk, &["--list"]).await;
    assert_eq!(listed[0]["state"], "open");
    let before = calls(&desk)["messages.getHistory"];
    let (code, listed, told) = run(&desk, &["--oldest-first"]).await;
    assert_eq!((code, &listed[0]["state"]), (0, &"done".into()), "{told}");
    // The one that was open, not another one.
    assert_eq!(
        (&listed[0]["id"], listed.as_array().unwrap().len()),
        (&1.into(), 1)
    );
    assert!(desk.reader().unwrap().unknown(1..=top).unwrap().is_empty());
    let after = calls(&desk)["messages.getHistory"] - before;
    let whole = u64::try_from(top / 100).unwrap();
    assert!(after < whole, "{after} pages for what was left of {whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_takes_it_shows_its_waits_and_lets_it_be_ended() {
    let desk = desk().await;
    slowly(&desk);
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("capturing one group").await;
    // A topic comes before the whole, whichever was asked for first.
    let (code, _, told) = run(&desk, &["--detach"]).await;
    assert_eq!(code, 0, "{told}");
    let topic = desk.topic.to_string();
    let (code, listed, told) = run(&desk, &["--detach", "--topic", &topic]).await;
    assert_eq!((code, &listed[0]["state"]), (0, &"open".into()), "{told}");

    let deadline = Instant::now() + PATIENCE;
    let (mut read, mut waited) = (false, false);
    while !(read && waited) {
        assert!(Instant::now() < deadline, "read {read}, waited {waited}");
        let (_, listed, _) = run(&desk, &["--list"]).await;
        assert_eq!(listed[0]["topic"], Value::Null);
        let of_topic = &listed[1];
        read |= of_topic["done"].as_u64().unwrap() >= 100 && of_topic["remaining"].is_u64();
        waited |= of_topic["waiting_until"].is_i64();
    }
    for number in ["1", "2"] {
        let (code, ..) = run(&desk, &["--stop", number]).await;
        assert_eq!(code, 0);
    }
    let (_, listed, _) = run(&desk, &["--list"]).await;
    assert_eq!(listed[1]["state"], "stopped");
    // Twice is once too often.
    let (code, _, told) = run(&desk, &["--stop", "2"]).await;
    assert_eq!(code, 7, "{told}");

    // Asked for again, it is waited for.
    desk.emulator.faults.set_flood(None);
    let (code, listed, told) = run(&desk, &["--topic", &topic]).await;
    assert_eq!((code, &listed[0]["state"]), (0, &"done".into()), "{told}");
    assert_eq!(held(&desk, Some(desk.topic)), shown(&desk));

    // Live messages were captured all along.
    let id = desk.operator_says("and now?");
    desk.until_captured(id).await;
    assert!(
        desk.reader()
            .unwrap()
            .message(MessageId(id))
            .unwrap()
            .is_some()
    );
    service.end().await;
}
