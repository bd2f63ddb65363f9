//! What bots are shown.

use serde_json::json;

use super::super::Limits;
use super::{description, quiet, start};
use crate::emulator::server::Relay;
use crate::emulator::world::Draft;

#[tokio::test]
async fn updates_show_people_and_hide_bots() {
    let emulator = quiet().await;
    let customer = emulator.cast.customers[0];
    let said = |text: &str| Draft {
        text: text.to_owned(),
        ..Draft::default()
    };
    emulator
        .crm
        .customer_says(customer, said("from a customer"))
        .unwrap();
    let id = emulator.operator_says("from an operator");
    let answer = emulator.call("getUpdates", json!({})).await;
    let updates = answer["result"].as_array().unwrap();
    assert_eq!(updates.len(), 1, "{answer}");
    let first = updates[0]["update_id"].as_i64().unwrap();
    assert_eq!(updates[0]["message"]["message_id"], id);
    // Not confirmed: it comes again, but counts once.
    let again = emulator.call("getUpdates", json!({ "limit": 1 })).await;
    assert_eq!(again["result"][0]["update_id"], first);
    let edited = said("from an operator, edited");
    let operator = emulator.cast.operators[0];
    emulator
        .world
        .write(|state| state.edit(emulator.cast.group, operator, id, edited))
        .unwrap();
    let next = emulator
        .call("getUpdates", json!({ "offset": first + 1 }))
        .await;
    assert_eq!(next["result"].as_array().unwrap().len(), 1);
    assert_eq!(next["result"][0]["update_id"], first + 1);
    assert_eq!(
        next["result"][0]["edited_message"]["text"],
        "from an operator, edited"
    );
    assert_eq!(emulator.bots.received(emulator.cast.assistant).len(), 2);
}

#[tokio::test]
async fn the_relay_account_is_seen_by_bots() {
    let emulator = start(Limits::OFF, Relay::User).await;
    let draft = Draft {
        text: "from a customer".to_owned(),
        ..Draft::default()
    };
    emulator
        .crm
        .customer_says(emulator.cast.customers[0], draft)
        .unwrap();
    let answer = emulator.call("getUpdates", json!({})).await;
    assert_eq!(answer["result"][0]["message"]["text"], "from a customer");
    assert_eq!(
        answer["result"][0]["message"]["from"]["id"],
        emulator.cast.relay_user
    );
}

#[tokio::test]
async fn a_long_poll_wakes_and_a_second_one_ends_the_first() {
    let emulator = quiet().await;
    let polls = |count: u64| {
        let (bots, bot) = (&emulator.bots, emulator.cast.assistant);
        async move {
            while bots.with_queue(bot, |queue| queue.polls()) < count {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
    };
    let (first, second, ()) = tokio::join!(
        emulator.call("getUpdates", json!({ "timeout": 30 })),
        async {
            polls(1).await;
            emulator.call("getUpdates", json!({ "timeout": 30 })).await
        },
        async {
            polls(2).await;
            emulator.operator_says("wake up");
        }
    );
    assert_eq!(description(&first).0, 409);
    assert!(
        description(&first)
            .1
            .starts_with("Conflict: terminated by other getUpdates")
    );
    assert_eq!(second["result"][0]["message"]["text"], "wake up");
}

#[tokio::test]
async fn allowed_updates_narrow_what_waits() {
    let emulator = quiet().await;
    emulator
        .call(
            "getUpdates",
            json!({ "allowed_updates": ["edited_message"] }),
        )
        .await;
    emulator.operator_says("not wanted");
    let answer = emulator.call("getUpdates", json!({})).await;
    assert_eq!(answer["result"], json!([]));
    emulator
        .call("getUpdates", json!({ "allowed_updates": [] }))
        .await;
    emulator.operator_says("wanted");
    let answer = emulator.call("getUpdates", json!({})).await;
    assert_eq!(answer["result"][0]["message"]["text"], "wanted");
}
