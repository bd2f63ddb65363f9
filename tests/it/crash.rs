//! Kills the service at every named durable step and at random moments, and holds what it kept
//! against what a member of the group could have observed.

use std::time::{Duration, Instant};

use topicvault::emulator::server::Settings;
use topicvault::emulator::world::{Draft, File, FileKind};

use crate::desk::{Desk, Dice, terminate};
use crate::judge::{act, judge, spawn, stored};

/// Sealing and compaction happen during the test, not only in large vaults.
const SEAL: &str = "seal_after = 20\n[media]\nkeep_free = 0";
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
    // What a file brings is written without a service; that topics come to rest takes many of them.
    let is_elsewhere = |step: &str| {
        ["load.", "facts.", "question.", "outbox."]
            .iter()
            .any(|part| step.starts_with(part))
    };
    let steps = topicvault::steps::ALL.iter();
    for step in steps.filter(|step| !is_elsewhere(step)) {
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

fn world(seed: u64) -> Settings {
    Settings {
        seed,
        messages: 400,
        ..Settings::default()
    }
}
