//! Kills the service at every named durable step and at random moments, and holds what it kept
//! against what a member of the group could have observed.

#![expect(
    clippy::print_stdout,
    reason = "the seed is what makes a failure repeatable"
)]

use std::collections::BTreeSet;
use std::process::Child;
use std::time::{Duration, Instant};

use topicvault::demo::compare;
use topicvault::emulator::server::Settings;
use topicvault::emulator::world::Draft;
use topicvault::model::MessageId;

use crate::desk::{Desk, Dice, terminate};

/// A kill discards what the kernel had received and the process had not read yet. Only deliveries
/// of that last moment, on a connection that a kill ended, are excused, and only if the version
/// they announced was replaced or deleted before the next start.
const LAST_MOMENT_MS: u64 = 250;
/// Sealing happens during the test, not only in large vaults.
const SEAL: &str = "seal_after = 60";
const RANDOM_KILLS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_every_durable_step_loses_nothing() {
    let desk = Desk::open(world(11), SEAL).await;
    let mut dice = Dice::new(11);
    for step in topicvault::steps::ALL {
        let mut service = spawn(&desk, Some(step));
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = service.try_wait().expect("the child can be waited for") {
                break status;
            }
            assert!(Instant::now() < deadline, "step {step} was never passed");
            act(&desk, &mut dice);
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(
            status.code().is_none(),
            "at {step} the service ended by itself: {status}"
        );
        for _ in 0..5 {
            act(&desk, &mut dice);
        }
    }
    judge(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random_moments_lose_nothing() {
    let seed = std::env::var("TOPICVAULT_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}: repeat with TOPICVAULT_TEST_SEED={seed}");
    let desk = Desk::open(world(seed), SEAL).await;
    let mut dice = Dice::new(seed);
    for _ in 0..RANDOM_KILLS {
        let mut service = spawn(&desk, None);
        let until = Instant::now() + Duration::from_millis(dice.below(3_000));
        while Instant::now() < until {
            act(&desk, &mut dice);
            tokio::time::sleep(Duration::from_millis(dice.below(30))).await;
        }
        service.kill().expect("the child is ours to kill");
        service.wait().expect("the child can be waited for");
        for _ in 0..dice.below(8) {
            act(&desk, &mut dice);
        }
    }
    judge(&desk).await;
}

/// Something happens in the group: somebody posts, edits or deletes.
fn act(desk: &Desk, dice: &mut Dice) {
    desk.emulator.world.write(|state| {
        let ids: Vec<i32> = state
            .group(desk.group)
            .map(|group| {
                let own = group.messages.values().rev().take(60);
                own.filter(|message| {
                    message.from == desk.operator
                        && message.deleted_at.is_none()
                        && message.service.is_none()
                })
                .map(|message| message.id)
                .collect()
            })
            .unwrap_or_default();
        let pick = |dice: &mut Dice| {
            ids.get(usize::try_from(dice.below(ids.len().max(1) as u64)).unwrap_or(0))
                .copied()
        };
        let text = format!("message {} Привет Grüße", dice.below(u64::MAX));
        let draft = Draft {
            topic: desk.topic,
            text,
            ..Draft::default()
        };
        let refused = match dice.below(10) {
            0 | 1 => {
                pick(dice).and_then(|id| state.edit(desk.group, desk.operator, id, draft).err())
            }
            2 => pick(dice).and_then(|id| state.delete(desk.group, desk.operator, &[id]).err()),
            _ => state.post(desk.group, desk.operator, draft).err(),
        };
        assert_eq!(refused, None, "the test's own action was refused");
    });
}

fn world(seed: u64) -> Settings {
    Settings {
        seed,
        messages: 400,
        ..Settings::default()
    }
}

fn spawn(desk: &Desk, kill_at: Option<&str>) -> Child {
    let mut command = desk.program(&["run"]);
    // The login was made in plain: the first start encrypts it, and is killed at each step of that.
    command.env("TOPICVAULT_TELEGRAM_SESSION_KEY", "ab".repeat(32));
    if let Some(step) = kill_at {
        command.env("TOPICVAULT_KILL_AT", step);
    }
    command.spawn().expect("the service's binary starts")
}

/// Lets the service run undisturbed until the archive is equal to the group, ends it by SIGTERM,
/// and checks every version and deletion that was announced.
async fn judge(desk: &Desk) {
    let service = spawn(desk, None);
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(reader) = desk.reader() {
            let result = desk
                .emulator
                .world
                .read(|state| compare(state, desk.group, &reader))
                .expect("the archive can be read");
            if result.is_equal() {
                break;
            }
            assert!(
                Instant::now() < deadline,
                "the archive never became equal: {result:#?}"
            );
        }
        assert!(Instant::now() < deadline, "no archive came to be");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let status = terminate(service).await;
    assert!(
        status.success(),
        "SIGTERM did not end the service cleanly: {status}"
    );

    let reader = desk.reader().expect("the archive opens");
    let mut excused = 0;
    let mut lost = BTreeSet::new();
    desk.emulator.world.read(|state| {
        let journal = &state.journal;
        for delivery in journal
            .deliveries
            .iter()
            .filter(|delivery| delivery.group == desk.group)
        {
            let ended = journal
                .connections
                .iter()
                .find(|opened| opened.connection == delivery.connection)
                .and_then(|opened| opened.closed_ms);
            let last_moment = ended.is_some_and(|closed| closed <= delivery.at_ms + LAST_MOMENT_MS);
            for id in &delivery.ids {
                let held = reader
                    .message(MessageId(*id))
                    .expect("the archive can be read");
                let known = match (&held, delivery.what) {
                    (None, "deleted") => true,
                    (None, _) => false,
                    (Some(held), "deleted") => held.deleted_at.is_some(),
                    (Some(held), _) => {
                        let text = delivery.text.as_deref().unwrap_or_default();
                        held.message.text == text
                            || held.versions.iter().any(|version| version.text == text)
                    }
                };
                match (known, last_moment) {
                    (true, _) => {}
                    (false, true) => excused += 1,
                    (false, false) => {
                        lost.insert((*id, delivery.what, delivery.text.clone()));
                    }
                }
            }
        }
    });
    let connections: BTreeSet<u64> = desk.emulator.world.read(|state| {
        state
            .journal
            .deliveries
            .iter()
            .map(|delivery| delivery.connection)
            .collect()
    });
    assert!(
        connections.len() > 3,
        "the kills came before anything was captured: {connections:?}"
    );
    println!("excused, announced in the last moment before a kill and replaced since: {excused}");
    assert!(
        lost.is_empty(),
        "announced while connected and lost: {lost:#?}"
    );
}
