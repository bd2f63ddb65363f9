//! The whole bridge in both worlds: customers' messages through the CRM's bot, and through one
//! relay user account that sees everything, our bot's posts included.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use topicvault::demo::{self, Options};
use topicvault::emulator::server::Relay;

async fn play(relay: Relay, seed: u64) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        dir: dir.path().join("demo"),
        seed,
        messages: 300,
        relay,
        steps: 60,
        pace: Duration::from_millis(20),
    };
    let summary = demo::run(&options, true, std::future::pending())
        .await
        .unwrap();
    let line = serde_json::to_string(&summary).unwrap();
    assert!(summary.is_right(), "{line}");
    assert!(summary.messages_in_group > 340, "{line}");
    assert_eq!(summary.archived, summary.messages_in_group, "{line}");
    assert!(
        summary.seen_by_bot_api > 0,
        "the witness saw nothing: {line}"
    );
    assert!(
        summary.delivered_to_customer > 0,
        "nobody was answered: {line}"
    );
    assert!(summary.exports.len() >= 3, "{line}");
    for path in &summary.exports {
        assert!(std::fs::metadata(path).unwrap().len() > 100, "{line}");
    }
    roles_are_found(&options.dir);
}

/// What an export says of each message, and what it notes besides.
fn exported(config: &Path) -> (Vec<(i64, String)>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_topicvault"))
        .arg("--config")
        .arg(config)
        .args(["export", "--format", "jsonl", "--order", "id", "--out", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let role = record["role"].as_str().unwrap().to_owned();
        (record["id"].as_i64().unwrap(), role)
    });
    (lines.collect(), said)
}

/// Without a word in the configuration about who is who, the group shows it.
fn roles_are_found(dir: &Path) {
    let configured = dir.join("topicvault.toml");
    let (wanted, said) = exported(&configured);
    assert!(!said.contains("note:"), "{said}");
    let customers = wanted.iter().filter(|(_, role)| role == "customer");
    assert!(customers.count() > 100, "{wanted:?}");
    let text = std::fs::read_to_string(&configured).unwrap();
    let silent = text
        .lines()
        .filter(|line| !line.starts_with("relays = ") && !line.starts_with("assistants = "))
        .collect::<Vec<_>>()
        .join("\n");
    assert!(silent.len() < text.len());
    let bare = dir.join("bare.toml");
    std::fs::write(&bare, silent).unwrap();
    let (found, said) = exported(&bare);
    assert_eq!(found, wanted, "{said}");
    assert!(said.contains("found: created"), "{said}");
    assert!(!said.contains("unsure"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_bot_as_relay_all_is_kept_and_nothing_of_ours_reaches_a_customer() {
    play(Relay::Bot, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_user_as_relay_all_is_kept_and_nothing_of_ours_reaches_a_customer() {
    play(Relay::User, 4).await;
}
