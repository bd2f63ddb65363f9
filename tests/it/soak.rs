//! Everything at once, for as long as one likes: traffic of all kinds, backfill, every fault that
//! the built-in Telegram has, and a kill every few seconds. In the end the archive holds what a
//! member could have observed, nothing is unknown, and nothing is there twice.
//!
//! `TOPICVAULT_SOAK_SECONDS` says how long (20 where it is not set), `TOPICVAULT_TEST_SEED` repeats.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use topicvault::archive::{Order, Selection};
use topicvault::emulator::faults::{Failure, FloodLimit, FloodModel, PushFaults};
use topicvault::emulator::server::Settings;
use topicvault::model::Reaction;

use crate::desk::{Desk, Dice, terminate};
use crate::judge::{act, judge, spawn};

const SEAL: &str = "seal_after = 60\n[media]\nkeep_free = 0";

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_loses_nothing() {
    let seconds = number("TOPICVAULT_SOAK_SECONDS").unwrap_or(20);
    let seed = number("TOPICVAULT_TEST_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}: repeat with TOPICVAULT_TEST_SEED={seed}");
    let settings = Settings {
        seed,
        messages: 6_000,
        ..Settings::default()
    };
    let desk = Desk::open(settings, SEAL).await;
    let mut dice = Dice::new(seed);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut service = spawn(&desk, None);
    let mut kill_at = Instant::now() + Duration::from_secs(3);
    let mut change_at = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        act(&desk, &mut dice);
        around(&desk, &mut dice, &mut counts);
        if dice.below(150) == 0 {
            *counts.entry("bursts").or_default() += 1;
            (0..80).for_each(|_| act(&desk, &mut dice));
        }
        if Instant::now() >= change_at {
            desk.emulator.faults.clear();
            *counts.entry(fault(&desk, &mut dice)).or_default() += 1;
            change_at = Instant::now() + Duration::from_millis(300 + dice.below(1_500));
        }
        if Instant::now() >= kill_at {
            *counts.entry("kills").or_default() += 1;
            service.kill().expect("the child is ours to kill");
            service.wait().expect("the child can be waited for");
            for _ in 0..dice.below(20) {
                act(&desk, &mut dice);
            }
            if dice.below(3) == 0 {
                *counts.entry("backfills asked for").or_default() += 1;
                ask_for_backfill(&desk, &mut dice);
            }
            service = spawn(&desk, None);
            kill_at = Instant::now() + Duration::from_millis(1_500 + dice.below(5_000));
        }
        tokio::time::sleep(Duration::from_millis(dice.below(25))).await;
    }
    service.kill().expect("the child is ours to kill");
    service.wait().expect("the child can be waited for");
    desk.emulator.faults.clear();
    println!("in {seconds} s: {counts:#?}");
    judge(&desk).await;
    nothing_is_there_twice(&desk);
    // News of reactions and pins has no place in the order of updates: what was lost of it is found
    // when messages are read again.
    let service = spawn(&desk, None);
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        let around = around_differs(&desk);
        if around.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "{around:#?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(terminate(service).await.success());
    let audited = desk.ask(&["audit"]).await.1[0].clone();
    assert_eq!(audited["complete"], true, "{audited:#}");
    println!("{:#}", audited["ids"]);
}

/// Something happens around a message or a topic.
fn around(desk: &Desk, dice: &mut Dice, counts: &mut BTreeMap<&str, u64>) {
    let what = match dice.below(12) {
        0 | 1 => "reactions",
        2 => "pins",
        3 => "topics renamed, closed or reopened",
        _ => return,
    };
    let done = desk.emulator.world.write(|state| {
        let group = state.group(desk.group)?;
        let newest = group.messages.values().rev().take(100);
        let there: Vec<i32> = newest
            .filter(|it| it.deleted_at.is_none() && it.service.is_none())
            .map(|it| it.id)
            .collect();
        let owner = group.owner;
        let members: Vec<i64> = group.members.iter().copied().collect();
        let people: Vec<i64> = members
            .into_iter()
            .filter(|id| state.user(*id).is_some_and(|user| !user.is_bot()))
            .collect();
        let mut one_of = |count: usize| usize::try_from(dice.below(count.max(1) as u64)).ok();
        let id = *there.get(one_of(there.len())?)?;
        let by = *people.get(one_of(people.len())?)?;
        match what {
            "reactions" => {
                let emoji: &[&str] = [&["👍"][..], &["❤"], &[]][one_of(3)?];
                state.react(desk.group, by, id, emoji).ok().map(drop)
            }
            "pins" => {
                let pinned = one_of(2)? == 0;
                state
                    .pin(desk.group, owner, id, pinned, true)
                    .ok()
                    .map(drop)
            }
            _ => {
                let title = format!("Topic {}", one_of(1_000)?);
                let closed = Some(one_of(2)? == 0);
                let title = Some(title.as_str());
                let changed = state.edit_topic(desk.group, owner, desk.topic, title, closed, None);
                // Left open: people go on writing there.
                let _ = state.edit_topic(desk.group, owner, desk.topic, None, Some(false), None);
                changed.ok().map(drop)
            }
        }
    });
    if done.is_some() {
        *counts.entry(what).or_default() += 1;
    }
}

/// Lets something go wrong until the next change.
fn fault(desk: &Desk, dice: &mut Dice) -> &'static str {
    let faults = &desk.emulator.faults;
    match dice.below(10) {
        0 => {
            faults.set_pushes(PushFaults {
                lose: 0.3,
                duplicate: 0.3,
                reorder: 0.3,
                delay_ms: 30,
                ..PushFaults::default()
            });
            "pushes lost, doubled, reordered, late"
        }
        1 => {
            faults.set_mute(true);
            "no pushes at all"
        }
        2 => {
            faults.drop_connections();
            "connections dropped"
        }
        3 => {
            faults.half_open();
            "connections dead in silence"
        }
        4 => {
            faults.set_too_long_differences(2);
            faults.set_pushes(PushFaults {
                too_long: 2,
                lose: 0.2,
                ..PushFaults::default()
            });
            "differences too long"
        }
        5 => {
            let limit = FloodLimit {
                rate: 3.0,
                burst: 2,
            };
            faults.set_flood(Some(FloodModel {
                every: Some(limit),
                families: BTreeMap::new(),
                cap: 3,
            }));
            "flood waits"
        }
        6 => {
            for method in ["messages.getHistory", "updates.getChannelDifference"] {
                faults.fail_mtproto(Failure {
                    method: method.to_owned(),
                    code: 500,
                    message: "INTERDC_2_CALL_ERROR".to_owned(),
                    retry_after: None,
                    times: 3,
                });
            }
            "errors of the server"
        }
        7 => {
            faults.set_latency_ms(120);
            "a slow line"
        }
        8 => {
            faults.refuse_connections(Duration::from_secs(1));
            faults.drop_connections();
            "connections refused"
        }
        _ => "nothing wrong",
    }
}

fn ask_for_backfill(desk: &Desk, dice: &mut Dice) {
    let topic = desk.topic.to_string();
    let mut args = vec!["backfill", "--detach"];
    if dice.below(2) == 0 {
        args.extend(["--topic", &topic]);
    }
    if dice.below(2) == 0 {
        args.push("--oldest-first");
    }
    let asked = desk.program(&args).status();
    assert!(asked.expect("the program starts").success());
}

/// The messages of which reactions or pins are not as they are.
fn around_differs(desk: &Desk) -> Vec<String> {
    let reader = desk.reader().expect("the archive opens");
    let mut differ = Vec::new();
    desk.emulator.world.read(|state| {
        let group = state.group(desk.group).expect("the group");
        let each = &mut |held: topicvault::model::Snapshot| {
            let id = held.message.id.0;
            let truth = group.messages.get(&id).expect("a message that there was");
            let reactions = held.marks.reactions.unwrap_or_default();
            let mut who: Vec<_> = reactions
                .people
                .into_iter()
                .map(|it| (it.person.0, it.reaction))
                .collect();
            let mut real: Vec<_> = truth
                .reactions
                .iter()
                .map(|it| (it.by, Reaction::Emoji(it.emoji.clone())))
                .collect();
            who.sort();
            real.sort();
            if truth.deleted_at.is_none() && (who != real || held.marks.pinned != truth.pinned) {
                differ.push(format!("{id}: {who:?} instead of {real:?}"));
            }
            ControlFlow::Continue(())
        };
        reader
            .read(&Selection::default(), Order::Id, each)
            .expect("the archive can be read");
    });
    differ
}

/// Each version of each message is one that there was, and there once.
fn nothing_is_there_twice(desk: &Desk) {
    let reader = desk.reader().expect("the archive opens");
    desk.emulator.world.read(|state| {
        let group = state.group(desk.group).expect("the group");
        let each = &mut |held: topicvault::model::Snapshot| {
            let id = held.message.id.0;
            let truth = group.messages.get(&id).expect("a message that there was");
            let mut real: Vec<&str> = truth.versions.iter().map(|it| it.text.as_str()).collect();
            real.push(&truth.text);
            let mut texts: Vec<&str> = held.versions.iter().map(|it| it.text.as_str()).collect();
            texts.push(&held.message.text);
            // Every text is another one; what order they have, the judge has looked at.
            let each: BTreeSet<&str> = texts.iter().copied().collect();
            assert_eq!(each.len(), texts.len(), "{id}: twice in {texts:?}");
            assert!(
                each.is_subset(&real.iter().copied().collect()),
                "{id}: {texts:?} does not follow from {real:?}"
            );
            ControlFlow::Continue(())
        };
        reader
            .read(&Selection::default(), Order::Id, each)
            .expect("the archive can be read");
    });
}
