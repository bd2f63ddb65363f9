//! Ways to the customer and what stands in them: the CRM's own, none, a bot that was removed, a
//! customer whom operators may see in part only.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;

use super::desk::{Desk, write};
use crate::config::Delivery;
use crate::emulator::world::{Standing, State};

/// Takes what the CRM is to tell customers.
async fn crm() -> (String, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let take = |Shared(told): Shared<Arc<Mutex<Vec<String>>>>, body: Bytes| async move {
        let body = String::from_utf8(body.to_vec()).unwrap();
        told.lock().unwrap().push(body);
        "{}"
    };
    let app = Router::new().fallback(take).with_state(Arc::clone(&told));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, told)
}

#[tokio::test]
async fn words_reach_the_customer_by_the_crm() {
    let (url, told) = crm().await;
    let file = format!(
        "base_url = \"{url}\"\n[actions.answer]\narguments = [{{ name = \"text\", rest = true }}]\n\
         reply.en = \"sent\"\n[[actions.answer.steps]]\nname = \"sent\"\nmethod = \"POST\"\n\
         url = \"/answer\"\njson = '''{{ \"user\": \"{{{{ customer.user_id }}}}\", \
         \"text\": \"{{{{ args.text }}}}\" }}'''\n"
    );
    let mut desk = Desk::with(|config| {
        write(&config.connectors.dir, "crm.toml", &file);
        let group = &mut config.groups[0];
        group.delivery = Delivery::CrmApi;
        group.delivery_action = "crm.answer".to_owned();
    })
    .await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    let asked = desk.says("/activate t1 m6").await;
    desk.press(desk.rig.operator(), &asked, "Yes");
    let done = desk.until(&asked, "is active").await;
    assert!(done.text.contains("The customer is told"), "{}", done.text);
    while told.lock().unwrap().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let body: serde_json::Value = serde_json::from_str(&told.lock().unwrap()[0]).unwrap();
    assert_eq!(body["user"], desk.customer);
    assert!(body["text"].as_str().unwrap().starts_with("Your tariff"));
    desk.rig.end().await;
}

#[tokio::test]
async fn what_does_not_reach_the_customer_is_told() {
    let mut desk = Desk::with(|config| config.groups[0].delivery = Delivery::Bot).await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    let asked = desk.says("/activate t1 m6").await;
    desk.close_topic();
    desk.press(desk.rig.operator(), &asked, "Yes");
    let told = desk.next().await;
    assert_eq!(told.topic, 1);
    insta::assert_snapshot!(desk.shown(&told));
    assert_eq!(desk.delivered(), Vec::<String>::new());
    desk.rig.end().await;
}

#[tokio::test]
async fn a_bot_that_was_removed_goes_on_when_it_is_back() {
    let mut desk = Desk::open().await;
    desk.says("/links N005").await;
    let (group, bot) = (
        desk.rig.emulator.cast.group,
        desk.rig.emulator.cast.assistant,
    );
    let owner = |state: &State| state.group(group).unwrap().owner;
    let owner = desk.rig.emulator.world.read(owner);
    for standing in [Standing::Banned, Standing::Member] {
        let set = |state: &mut State| state.set_standing(group, owner, bot, standing);
        desk.rig.emulator.world.write(set).unwrap();
        desk.rig.says(desk.rig.operator(), "/notion vip");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    // Once: while it was away it heard nothing.
    let made = desk.next().await;
    assert!(made.text.contains("created in Notion"), "{}", made.text);
    let next = desk.says("/links N005").await;
    assert!(next.text.contains("Users of"), "{}", next.text);
    desk.rig.end().await;
}

#[tokio::test]
async fn a_masked_customer_is_shown_in_part_only() {
    let mut desk = Desk::with(|config| {
        config.groups[0].mask = true;
        config.groups[0].delivery = Delivery::Bot;
    })
    .await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    let made = desk.says("/notion vip").await;
    let info = desk.says("/info").await;
    insta::assert_snapshot!(
        [made, info]
            .map(|message| desk.shown(&message))
            .join("\n\n")
    );
    // The system has the whole name.
    let records = desk.systems.notion().records();
    assert!(!format!("{records:?}").contains("•••"), "{records:?}");
    desk.rig.end().await;
}

#[tokio::test]
async fn a_secret_that_is_missing_stops_its_connector_only() {
    let mut desk = Desk::with(|config| {
        std::fs::remove_file(config.connectors.dir.join("notion.token")).unwrap();
    })
    .await;
    let answer = desk.says("/notion vip").await;
    let other = desk.says("/link n005").await;
    let again = desk.says("/link N005").await;
    let shown = [answer, other, again].map(|message| desk.shown(&message));
    insta::assert_snapshot!(shown.join("\n\n"));
    desk.rig.end().await;
}
