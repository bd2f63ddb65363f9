//! Kills the service at every named durable step and at random moments, and holds what it kept
//! against what a member of the group could have observed.

#![expect(
    clippy::print_stdout,
    reason = "the seed is what makes a failure repeatable"
)]

use std::collections::BTreeSet;
use std::process::Child;
use std::time::{Duration, Instant};

use topicvault::archive::Vault;
use topicvault::demo::compare;
use topicvault::emulator::server::Settings;
use topicvault::emulator::world::{Draft, File, FileKind};
use topicvault::model::MessageId;

use crate::desk::{Desk, Dice, terminate};

/// A kill discards what the kernel had received and the process had not read yet. Only deliveries
/// of that last moment, on a connection that a kill ended, are excused, and only if the version
/// they announced was replaced or deleted before the next start.
const LAST_MOMENT_MS: u64 = 250;
/// Sealing happens during the test, not only in large vaults.
const SEAL: &str = "seal_after = 60\n[media]\nkeep_free = 0";
/// Only a kind of file that the built-in world does not have, so that pieces can be counted.
const NOTES: &str = "seal_after = 60\n[media]\nkeep_free = 0\ndownload = [\"video_note\"]";
/// What is asked for at once of a file.
const PIECE: usize = 512 * 1024;
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

/// The steps of a download at which to be killed, each with how many pieces are asked for in all,
/// over both lives: only what was under way at the kill is asked for again.
const DOWNLOAD: [(&str, u64); 8] = [
    ("media.before_sum", 6),
    ("media.before_sum#3", 6),
    ("media.after_piece", 5),
    ("media.after_piece#3", 5),
    ("media.after_piece#5", 5),
    ("media.before_rename", 5),
    ("media.after_rename", 5),
    ("media.after_row", 5),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_step_of_a_download_leaves_a_whole_file_or_a_part_to_go_on_from() {
    for (step, asked) in DOWNLOAD {
        let desk = Desk::open(world(12), NOTES).await;
        let bytes: Vec<u8> = (0..5 * PIECE - 7).map(|at| (at % 253) as u8).collect();
        let file = desk.emulator.world.write(|state| {
            let id = state.add_file(File {
                kind: FileKind::VideoNote,
                bytes: bytes.clone().into(),
                ..File::default()
            });
            let draft = Draft {
                topic: desk.topic,
                file: Some(id),
                ..Draft::default()
            };
            state
                .post(desk.group, desk.operator, draft)
                .expect("a file can be posted");
            id
        });
        let mut service = spawn(&desk, Some(step));
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = service.try_wait().expect("the child can be waited for") {
                break status;
            }
            assert!(Instant::now() < deadline, "step {step} was never passed");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert!(status.code().is_none(), "{step}: ended by itself: {status}");
        let hash = blake3::hash(&bytes);
        let path = desk
            .dir
            .path()
            .join("vault/media")
            .join(&hash.to_hex()[..2]);
        let path = path.join(hash.to_hex().as_str());
        if let Ok(found) = std::fs::read(&path) {
            assert!(found == bytes, "{step}: half a file under its final name");
        }
        let service = spawn(&desk, None);
        let left = || {
            let dir = std::fs::read_dir(desk.dir.path().join("vault/media/partial"));
            dir.expect("a directory of partials").count()
        };
        while stored(&desk, file) != Some(hash) || left() > 0 {
            assert!(
                Instant::now() < deadline,
                "{step}: not stored, or leftovers"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(std::fs::read(&path).expect("the file is there") == bytes);
        assert!(terminate(service).await.success());
        let calls = desk.emulator.world.read(|state| {
            let methods = state.journal.methods.get(&desk.userbot().id);
            methods.and_then(|methods| methods.get("upload.getFile").copied())
        });
        assert_eq!(calls, Some(asked), "{step}");
    }
}

fn stored(desk: &Desk, file: i64) -> Option<blake3::Hash> {
    desk.reader()?.stored(file).ok()?
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
        let file = (dice.below(8) == 0).then(|| {
            let seed = dice.below(250);
            let length = usize::try_from(dice.below(700_000)).unwrap_or(0) + 1;
            let bytes: Vec<u8> = (0..length)
                .map(|at| (at as u64 % 251 + seed) as u8)
                .collect();
            state.add_file(File {
                bytes: bytes.into(),
                ..File::default()
            })
        });
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
            _ => {
                let draft = Draft { file, ..draft };
                state.post(desk.group, desk.operator, draft).err()
            }
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
    while !files_are_whole(desk) {
        assert!(Instant::now() < deadline, "the files never became whole");
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

/// Whether the vault holds the file of every message that exists, byte by byte.
fn files_are_whole(desk: &Desk) -> bool {
    let media = Vault::open(&desk.dir.path().join("vault"))
        .expect("the vault opens")
        .media();
    desk.emulator.world.read(|state| {
        let group = state.group(desk.group).expect("the group");
        let existing = group.messages.values();
        let files = existing
            .filter(|message| message.deleted_at.is_none())
            .filter_map(|message| state.file(message.file?));
        for file in files {
            let Some(hash) = stored(desk, file.id) else {
                return false;
            };
            let held = std::fs::read(media.path(&hash)).expect("a stored file is there");
            assert!(held[..] == file.bytes[..], "a stored file differs");
        }
        true
    })
}
