//! What happens to a service that is killed, and whether it kept what a member of the group could
//! have observed.

#![expect(clippy::print_stdout, reason = "figures are shown when a test fails")]

use std::collections::BTreeSet;
use std::process::Child;
use std::time::{Duration, Instant};

use topicvault::archive::Vault;
use topicvault::demo::compare;
use topicvault::emulator::world::{Draft, File};
use topicvault::model::MessageId;

use crate::desk::{Desk, Dice, terminate};

const PATIENCE: Duration = Duration::from_secs(60);
/// A kill discards what the kernel had received and the process had not read yet. Only deliveries
/// of that last moment, on a connection that a kill ended, are excused, and only if the version
/// they announced was replaced or deleted before the next start.
const LAST_MOMENT_MS: u64 = 250;

/// Something happens in the group: somebody posts, edits or deletes.
pub(crate) fn act(desk: &Desk, dice: &mut Dice) {
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

pub(crate) fn spawn(desk: &Desk, kill_at: Option<&str>) -> Child {
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
pub(crate) async fn judge(desk: &Desk) {
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

/// The content that stands for a file.
pub(crate) fn stored(desk: &Desk, file: i64) -> Option<blake3::Hash> {
    desk.reader()?.stored(file).ok()?
}
