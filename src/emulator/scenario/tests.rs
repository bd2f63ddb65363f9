//! The made-up world is believable, complete and the same every time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::emulator::crm::{Crm, Relay};
use crate::emulator::truth;
use crate::emulator::world::{Service, State, World};

fn lines(state: &State, cast: &Cast) -> Vec<serde_json::Value> {
    truth::messages(state, cast, cast.group, None)
}

/// Every kind of thing, in small worlds too.
#[test]
fn the_past_has_everything() {
    for seed in 1..=24 {
        let (state, cast) = build(seed, 200, Relay::Bot);
        let group = state.group(cast.group).unwrap();
        assert!((200..240).contains(&group.messages.len()), "seed {seed}");
        has_everything(seed, &lines(&state, &cast));
    }
}

fn has_everything(seed: u64, lines: &[serde_json::Value]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        for key in ["role", "kind"] {
            *seen
                .entry(line[key].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        for key in ["reply_to", "forward", "edit_date", "deleted_at"] {
            *seen.entry(key.to_owned()).or_default() += usize::from(!line[key].is_null());
        }
        let buttons = line["buttons"].as_array().unwrap();
        *seen.entry("buttons".to_owned()).or_default() += usize::from(!buttons.is_empty());
    }
    for what in [
        "customer",
        "operator",
        "note",
        "service",
        "text",
        "photo",
        "voice",
        "document",
        "reply_to",
        "forward",
        "edit_date",
        "deleted_at",
        "buttons",
    ] {
        assert!(
            seen.get(what).is_some_and(|count| *count > 0),
            "seed {seed}: {what} is missing: {seen:?}"
        );
    }
}

#[test]
fn topics_are_renamed_closed_and_reopened_in_three_languages() {
    let (state, cast) = build(7, 600, Relay::Bot);
    let group = state.group(cast.group).unwrap();
    let edited = |what: fn(&Service) -> bool| {
        group
            .messages
            .values()
            .filter_map(|message| message.service.as_ref())
            .any(what)
    };
    assert!(edited(|service| matches!(
        service,
        Service::TopicEdited { title: Some(_), .. }
    )));
    assert!(edited(|service| matches!(
        service,
        Service::TopicEdited {
            closed: Some(true),
            ..
        }
    )));
    assert!(edited(|service| matches!(
        service,
        Service::TopicEdited {
            closed: Some(false),
            ..
        }
    )));
    let languages: BTreeSet<&str> = group
        .topics
        .values()
        .filter_map(|topic| state.user(topic.customer?))
        .map(|user| user.language.as_str())
        .collect();
    assert_eq!(languages, ["de", "en", "ru"].into());
}

#[test]
fn dates_ascend_over_weeks_and_end_before_now() {
    for messages in [60, 600, 5_000] {
        let (state, cast) = build(3, messages, Relay::Bot);
        let group = state.group(cast.group).unwrap();
        let dates: Vec<i64> = group
            .messages
            .values()
            .map(|message| message.date)
            .collect();
        assert!(dates.is_sorted());
        assert!(*dates.last().unwrap() < state.now());
        let days = (dates.last().unwrap() - dates[0]) / 86_400;
        assert!(days >= 20, "{messages}: {days} days");
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let texts = |seed| {
        let (state, cast) = build(seed, 300, Relay::User);
        let lines = lines(&state, &cast);
        let line = |line: &serde_json::Value| (line["text"].clone(), line["topic"].clone());
        lines.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(texts(5), texts(5));
    assert_ne!(texts(5), texts(6));
}

async fn played(relay: Relay) -> (World, Cast, Crm, Vec<Step>) {
    let (state, cast) = build(1, 200, relay);
    let world = World::new(state);
    let crm = Crm::new(world.clone(), cast.clone());
    let mut steps = Vec::new();
    let plan = Plan {
        pace: Duration::ZERO,
        ..Plan::default()
    };
    play(&world, &cast, &plan, |step| steps.push(step)).await;
    (world, cast, crm, steps)
}

#[tokio::test]
async fn the_play_shows_every_deed() {
    let (world, cast, _, steps) = played(Relay::Bot).await;
    let deeds: BTreeSet<Deed> = steps.iter().map(|step| step.what).collect();
    let expected = [
        Deed::CustomerWrites,
        Deed::CustomerSendsFile,
        Deed::OperatorAnswers,
        Deed::OperatorSendsFile,
        Deed::OperatorNotes,
        Deed::OperatorCommands,
        Deed::OtherBotWrites,
        Deed::Edits,
        Deed::Deletes,
        Deed::OpensTopic,
        Deed::RenamesTopic,
        Deed::ClosesTopic,
        Deed::ReopensTopic,
    ];
    assert_eq!(deeds, expected.into());
    world.read(|state| {
        let group = state.group(cast.group).unwrap();
        for step in &steps {
            assert!(group.messages.contains_key(&step.message_id), "{step:?}");
            assert!(!step.who.is_empty() && !step.title.is_empty(), "{step:?}");
        }
    });
    let (_, _, _, again) = played(Relay::Bot).await;
    assert_eq!(steps, again);
}

#[tokio::test]
async fn only_operators_answers_reach_customers() {
    for relay in [Relay::Bot, Relay::User] {
        let (_, _, crm, steps) = played(relay).await;
        let meant: Vec<i32> = steps
            .iter()
            .filter(|step| matches!(step.what, Deed::OperatorAnswers | Deed::OperatorSendsFile))
            .map(|step| step.message_id)
            .collect();
        let reached: Vec<i32> = crm
            .delivered()
            .iter()
            .map(|delivered| delivered.message_id)
            .collect();
        assert!(!meant.is_empty());
        assert_eq!(reached, meant, "{relay:?}");
    }
}
