//! The whole bridge in both worlds: customers' messages through the CRM's bot, and through one
//! relay user account that sees everything, our bot's posts included.

use std::time::Duration;

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
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_bot_as_relay_all_is_kept_and_nothing_of_ours_reaches_a_customer() {
    play(Relay::Bot, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_user_as_relay_all_is_kept_and_nothing_of_ours_reaches_a_customer() {
    play(Relay::User, 4).await;
}
