//! Who posts customers' messages, where the configuration does not say it.

use super::*;
use crate::model::{Person, PersonKind, Service, TopicId};

/// Ten topics that the relay account created, each with a conversation; in the last one nobody has
/// answered.
fn desk(rig: &Rig) -> Vec<Observed> {
    let cast = &rig.emulator.cast;
    let now = jiff::Timestamp::now().as_second();
    let people = [cast.relay_user, cast.operators[0], cast.operators[1]];
    let mut events: Vec<Event> = people
        .iter()
        .map(|id| {
            Event::Person(Person {
                id: PersonId(*id),
                kind: PersonKind::User,
                name: format!("N{id}"),
                username: None,
            })
        })
        .collect();
    let mut next = 100_000;
    for number in 0..10 {
        let topic = TopicId(next);
        let mut post = |who: i64, text: &str| {
            let date = now - 5_000 + i64::from(next - 100_000) * 40;
            let id = MessageId(next);
            next += 1;
            model::Message::text(id, topic, date, PersonId(who), text)
        };
        let mut created = post(cast.relay_user, "");
        created.service = Some(Service::TopicCreated {
            title: format!("Customer {number}"),
        });
        let mut messages = vec![created, post(cast.relay_user, "Hello?")];
        if number < 9 {
            messages.push(post(cast.operators[number % 2], "How may I help?"));
            messages.push(post(cast.relay_user, "It is solved"));
            messages.push(post(cast.operators[number % 2], "Good"));
        }
        let messages = messages.into_iter().map(Box::new);
        events.extend(messages.map(Event::Message));
    }
    events
        .into_iter()
        .map(|event| Observed {
            event,
            source: Source::History,
            at: now,
        })
        .collect()
}

#[tokio::test]
async fn the_relay_is_found_in_the_archive_and_never_commands() {
    let mut rig = Rig::start(|config| {
        config.groups[0].roles.relays.clear();
        config.groups[0].language = Some("en".to_owned());
    })
    .await;
    let events = desk(&rig);
    let mut writer = rig.vault.writer(rig.group()).unwrap();
    writer.append(&events, &[]).unwrap();
    drop(writer);
    rig.restart().await;
    // An administrator for Telegram, and every customer in one.
    rig.says(rig.emulator.cast.relay_user, "/waiting");
    rig.says(rig.operator(), "/waiting");
    let answers = rig.answers(1).await;
    assert!(answers[0].text.contains("Customer 9"), "{answers:?}");
    assert!(!answers[0].text.contains("Customer 8"), "{answers:?}");
    rig.says(rig.operator(), "/help");
    let answers = rig.answers(2).await;
    assert_eq!(answers.len(), 2, "{answers:?}");
    rig.end().await;
}

#[tokio::test]
async fn who_is_found_later_counts_from_then_on() {
    let rig = Rig::start(|config| {
        config.groups[0].roles.relays.clear();
        config.groups[0].language = Some("en".to_owned());
    })
    .await;
    rig.says(rig.operator(), "/waiting");
    rig.answers(1).await;
    let mut writer = rig.vault.writer(rig.group()).unwrap();
    writer.append(&desk(&rig), &[]).unwrap();
    drop(writer);
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        let before = rig.posted().len();
        rig.says(rig.operator(), "/waiting");
        let answers = rig.answers(before + 1).await;
        if answers.last().unwrap().text.contains("Customer 9") {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{answers:?}");
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    rig.end().await;
}
