//! `doctor --canary`: a note on its way into the archive, with and without a service.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use topicvault::emulator::faults::Failure;
use topicvault::emulator::server::Settings;
use topicvault::model::MessageId;

use crate::desk::{Desk, terminate};

const PATIENCE: Duration = Duration::from_secs(90);

fn small() -> Settings {
    Settings {
        messages: 60,
        ..Settings::default()
    }
}

/// Runs `doctor` with a canary; returns its exit code and what it says of canary and login.
async fn canary(desk: &Desk, topic: i32) -> (i32, Vec<Value>) {
    let topic = topic.to_string();
    let mut command = desk.program(&["--json", "doctor", "--canary", &topic]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = tokio::time::timeout(PATIENCE, run).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let checks: Vec<Value> = serde_json::from_str(&said).unwrap();
    let wanted = checks
        .into_iter()
        .filter(|check| check["name"] == "canary" || check["name"] == "login")
        .collect();
    (output.status.code().unwrap(), wanted)
}

fn of<'a>(checks: &'a [Value], name: &str) -> Vec<&'a Value> {
    checks.iter().filter(|it| it["name"] == name).collect()
}

/// The canary's note as the world knows it: its id and whether it is deleted.
fn note(desk: &Desk) -> (MessageId, bool) {
    desk.emulator.world.read(|state| {
        let group = state.group(desk.group).unwrap();
        let mut notes = group.messages.values();
        let note = notes.rfind(|it| it.text.contains("canary")).unwrap();
        assert!(note.text.starts_with("/ "), "{}", note.text);
        assert_eq!(note.topic, desk.topic);
        (MessageId(note.id), note.deleted_at.is_some())
    })
}

async fn kept_as_deleted(desk: &Desk, id: MessageId) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let held = desk.reader().unwrap().message(id).unwrap();
        if held.is_some_and(|held| held.deleted_at.is_some()) {
            return;
        }
        assert!(Instant::now() < deadline, "the deletion was never archived");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_canary_reaches_the_archive_and_no_customer() {
    let desk = Desk::open(small(), "").await;
    let delivered = desk.emulator.crm.delivered().len();

    // Nobody runs: it captures by itself.
    let (_, checks) = canary(&desk, desk.topic).await;
    let said = of(&checks, "canary");
    assert_eq!(said.len(), 2, "{checks:?}");
    assert!(said.iter().all(|check| check["state"] == "ok"), "{said:?}");
    let detail = said[0]["detail"].as_str().unwrap();
    assert!(detail.contains("captured meanwhile"), "{detail}");
    let (first, deleted) = note(&desk);
    assert!(deleted);
    kept_as_deleted(&desk, first).await;

    // A service runs: it is watched, and its login is left alone.
    let service = desk.program(&["run"]).spawn().unwrap();
    let marker = desk.operator_says("the service is here");
    let deadline = Instant::now() + PATIENCE;
    while desk
        .reader()
        .unwrap()
        .message(MessageId(marker))
        .unwrap()
        .is_none()
    {
        assert!(Instant::now() < deadline, "the service never captured");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (_, checks) = canary(&desk, desk.topic).await;
    assert_eq!(of(&checks, "login")[0]["state"], "skipped", "{checks:?}");
    let said = of(&checks, "canary");
    assert!(said.iter().all(|check| check["state"] == "ok"), "{said:?}");
    let detail = said[0]["detail"].as_str().unwrap();
    assert!(detail.contains("by the running service"), "{detail}");
    let took: u64 = detail.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(took < 20_000, "{detail}");
    let (second, deleted) = note(&desk);
    assert!(deleted && second != first);
    kept_as_deleted(&desk, second).await;
    assert!(terminate(service).await.success());
    let answered: Vec<_> = desk.emulator.crm.delivered().split_off(delivered);
    let said = |it: &topicvault::emulator::crm::Delivered| it.text.contains("canary");
    assert!(!answered.iter().any(said), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_cannot_be_posted_says_why() {
    let desk = Desk::open(small(), "").await;
    let (code, checks) = canary(&desk, 999_999).await;
    assert_eq!(code, 8);
    let said = of(&checks, "canary");
    assert_eq!(said[0]["state"], "failed", "{said:?}");
    let detail = said[0]["detail"].as_str().unwrap();
    assert!(detail.contains("thread not found"), "{detail}");
    let faults = &desk.emulator.faults;
    faults.fail_bot_api(Failure {
        method: "sendMessage".to_owned(),
        code: 429,
        message: "Too Many Requests: retry after 7".to_owned(),
        retry_after: Some(7),
        times: 1,
    });
    let (code, checks) = canary(&desk, desk.topic).await;
    assert_eq!(code, 8);
    let detail = of(&checks, "canary")[0]["detail"].as_str().unwrap();
    assert!(detail.contains("wait 7 s"), "{detail}");
}
