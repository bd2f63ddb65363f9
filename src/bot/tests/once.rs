//! Once, and never by guess: what changed meanwhile, what was broken off, what nobody can say.

use std::collections::BTreeMap;
use std::time::Duration;

use super::desk::Desk;
use crate::archive::{AuditEntry, Fired, Handle, SealPolicy, Served};
use crate::bot::trigger::Trigger;
use crate::config::{Delivery, TriggerConfig};
use crate::emulator::faults::Rule;
use crate::emulator::world::Message;
use crate::model::{MessageId, PersonId, TopicId};

/// Longer than what was on its way takes to arrive, and a look at the outbox.
const SETTLED: Duration = Duration::from_secs(17);

async fn with_money(delivery: Delivery) -> Desk {
    let desk = Desk::with(|config| config.groups[0].delivery = delivery).await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    desk
}

#[tokio::test]
async fn what_was_agreed_to_is_done_or_nothing() {
    let mut desk = with_money(Delivery::None).await;
    let asked = desk.says("/activate t1 m6").await;
    // Whose account it is has changed since.
    desk.says("/link N005").await;
    let before = desk.systems.billing().records();
    desk.press(desk.rig.operator(), &asked, "Yes");
    desk.until(&asked, "has changed").await;
    assert_eq!(desk.systems.billing().records(), before);
    desk.rig.end().await;
}

#[tokio::test]
async fn an_edit_calls_off_what_was_asked_before_it() {
    let mut desk = with_money(Delivery::None).await;
    let command = desk.rig.says(desk.rig.operator(), "/activate t1 m6");
    let first = desk.next().await;
    desk.edit(command, "/activate t2 m1");
    let second = desk.next().await;
    let first = desk.until(&first, "Called off").await;
    assert!(first.buttons.iter().flatten().next().is_none());
    desk.press(desk.rig.operator(), &second, "Yes");
    desk.until(&second, "is active").await;
    desk.rig.end().await;
}

#[tokio::test]
async fn a_price_that_changed_is_not_agreed_to() {
    let mut desk = with_money(Delivery::None).await;
    let asked = desk.says("/activate t1 m6").await;
    // The question named what is on the account.
    desk.systems.billing().set_balance("N002", 5_000);
    desk.press(desk.rig.operator(), &asked, "Yes");
    desk.until(&asked, "has changed").await;
    desk.rig.end().await;
}

#[tokio::test]
async fn an_edit_calls_off_a_question_whatever_it_says_now() {
    let mut desk = with_money(Delivery::None).await;
    let command = desk.rig.says(desk.rig.operator(), "/activate t1 m6");
    let asked = desk.next().await;
    desk.edit(command, "never mind");
    desk.until(&asked, "Called off").await;
    desk.rig.end().await;
}

#[tokio::test]
async fn what_a_kill_broke_off_is_told_and_not_done_again() {
    let closed = TriggerConfig {
        on: "closed".to_owned(),
        note: "it is over".to_owned(),
        ..TriggerConfig::default()
    };
    let trigger = Trigger::new(&closed, &[]).unwrap();
    let mut desk = Desk::with(|config| config.groups[0].triggers = vec![closed]).await;
    let group = desk.rig.group();
    let mut state = desk.rig.vault.state().unwrap();
    let now = jiff::Timestamp::now().as_second();
    let served = Served {
        group,
        topic: TopicId(desk.rig.topic),
        message: MessageId(1_000_000),
        person: PersonId(desk.rig.operator()),
        command: "notion".to_owned(),
    };
    state
        .take_turn(&served, "/notion vip", false, now, 0)
        .unwrap();
    let fired = Fired {
        group,
        topic: TopicId(desk.rig.topic),
        trigger: trigger.name,
        about: MessageId(1_000_000),
    };
    assert!(state.fire(&fired, now).unwrap());
    desk.rig.restart().await;
    let told = [desk.next().await, desk.next().await].map(|message| desk.shown(&message));
    insta::assert_snapshot!(told.join("\n\n"));
    let history = desk.says("/history").await;
    assert!(
        history.text.contains("broken off by a restart"),
        "{}",
        history.text
    );
    // Once.
    desk.rig.restart().await;
    let next = desk.says("/links N005").await;
    assert!(next.text.contains("Users of"), "{}", next.text);
    assert!(!state.fire(&fired, now).unwrap());
    desk.rig.end().await;
}

#[tokio::test]
async fn what_cannot_be_said_in_a_closed_topic_is_said_elsewhere() {
    let mut desk = with_money(Delivery::None).await;
    desk.close_topic();
    let answer = desk.says("/notion vip").await;
    assert_eq!(answer.topic, TopicId::GENERAL.0);
    insta::assert_snapshot!(desk.shown(&answer));
    // The command after it is begun when it was.
    let next = desk.says("/links N005").await;
    assert_eq!(next.topic, TopicId::GENERAL.0);
    let audit = desk.rig.audit();
    let served = |entry: &AuditEntry| entry.action == "notion" && entry.outcome == "served";
    assert!(audit.iter().any(served), "{audit:?}");
    desk.rig.end().await;
}

/// Sources see messages in another order than they were written in.
#[tokio::test]
async fn a_trigger_waits_for_what_comes_late() {
    let refund = TriggerConfig {
        on: "text".to_owned(),
        matches: "refund".to_owned(),
        note: "see the handbook".to_owned(),
        ..TriggerConfig::default()
    };
    let desk = Desk::with(|config| config.groups[0].triggers = vec![refund]).await;
    let rig = &desk.rig;
    rig.archive();
    let policy = SealPolicy {
        hot_messages: 1000,
        level: 3,
    };
    let archive = Handle::spawn(&rig.vault, rig.group(), policy).unwrap();
    rig.archives
        .send_replace(BTreeMap::from([(rig.group(), archive.clone())]));
    // Until the group is followed.
    let followed = Duration::from_secs(7);
    tokio::time::sleep(followed).await;
    let stats = archive.reader().unwrap().stats().unwrap();
    let newest = stats.ids.unwrap().1;
    let said = |id: i32, text: &str| {
        let now = jiff::Timestamp::now().as_second();
        let message = Message {
            id,
            topic: rig.topic,
            from: rig.emulator.cast.relay_user,
            date: now - 4,
            text: text.to_owned(),
            ..Message::default()
        };
        super::observed(&message)
    };
    for (id, text) in [(newest + 2, "hello"), (newest + 1, "I want a refund")] {
        archive
            .append(vec![said(id, text)], Vec::new())
            .await
            .unwrap();
        tokio::time::sleep(followed).await;
    }
    let posted = rig.posted();
    let texts: Vec<&str> = posted.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["/ see the handbook"]);
}

/// The connection breaks after Telegram took the words: they are looked for in the archive before
/// they are said again.
#[tokio::test]
async fn a_lost_answer_makes_nobody_hear_twice() {
    let mut desk = with_money(Delivery::Bot).await;
    desk.rig.captured();
    let asked = desk.says("/activate t1 m6").await;
    desk.rig.emulator.faults.fail_bot_api(lost(true));
    desk.press(desk.rig.operator(), &asked, "Yes");
    let told = desk.next().await;
    desk.rig.archive();
    tokio::time::sleep(SETTLED).await;
    assert_eq!(desk.delivered(), [told.text]);
    assert_eq!(outgoing(&desk), []);
}

/// It did not: they are said then.
#[tokio::test]
async fn words_that_did_not_arrive_are_said_again() {
    let mut desk = with_money(Delivery::Bot).await;
    desk.rig.captured();
    let asked = desk.says("/activate t1 m6").await;
    desk.rig.archive();
    desk.rig.emulator.faults.fail_bot_api(lost(false));
    desk.press(desk.rig.operator(), &asked, "Yes");
    desk.until(&asked, "is active").await;
    let told = desk.next().await;
    while !outgoing(&desk).is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(desk.delivered(), [told.text]);
}

fn lost(done: bool) -> Rule {
    Rule {
        method: "sendMessage".to_owned(),
        code: 502,
        message: "<html>Bad Gateway</html>".to_owned(),
        retry_after: None,
        plain: true,
        done,
        times: Some(1),
        probability: None,
    }
}

/// What is still to be sent.
fn outgoing(desk: &Desk) -> Vec<crate::archive::Outgoing> {
    let state = desk.rig.vault.state().unwrap();
    state.outgoing("bot", desk.rig.group()).unwrap()
}
