//! What is captured while connected, and what is found again after a pause.

use super::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn history_and_what_happens_next_are_captured() {
    let desk = Desk::logged_in(450).await;
    let mut running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    assert_eq!(running.archive.reader().unwrap().title().unwrap(), {
        let title = desk
            .emulator
            .world
            .read(|state| state.group(desk.group.bare()).unwrap().title.clone());
        Some(title)
    });

    let kept = desk.post("first words");
    let fleeting = desk.post("soon gone");
    running
        .wait(|progress| progress.watermark >= fleeting)
        .await;
    desk.edit(kept, "second words");
    desk.delete(&[fleeting]);
    let created = desk.emulator.world.write(|state| {
        let cast = &desk.emulator.cast;
        state
            .create_topic(cast.group, cast.author, "A new topic", None, None)
            .unwrap()
    });
    desk.wait_equal().await;

    let archived = desk.archived();
    let versions: Vec<_> = archived[&kept]
        .versions
        .iter()
        .map(|version| version.text.as_str())
        .collect();
    assert_eq!(versions, ["first words"]);
    assert_eq!(archived[&fleeting].message.text, "soon gone");
    assert!(archived[&fleeting].deleted_at.is_some());
    let reader = running.archive.reader().unwrap();
    let topics = reader.topics().unwrap();
    assert!(
        topics
            .iter()
            .any(|topic| topic.id.0 == created && topic.title == "A new topic")
    );
    assert!(!reader.people().unwrap().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_during_a_pause_is_found() {
    let desk = Desk::logged_in(150).await;
    let running = desk.caught_up().await;
    let edited = desk.post("before the pause");
    let deleted = desk.post("deleted during the pause");
    desk.wait_equal().await;
    running.stop().await;

    let mut gone = Vec::new();
    for number in 0..230 {
        let id = desk.post(&format!("during the pause {number}"));
        if number % 7 == 0 {
            gone.push(id);
        }
    }
    desk.edit(edited, "after the pause");
    desk.delete(&[deleted]);
    desk.delete(&gone);
    let topic = desk.topics()[1];
    desk.emulator.world.write(|state| {
        let cast = &desk.emulator.cast;
        state
            .edit_topic(
                cast.group,
                cast.author,
                topic,
                Some("Renamed"),
                Some(true),
                None,
            )
            .unwrap()
    });

    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    assert!(desk.archived()[&deleted].deleted_at.is_some());
    let topics = running.archive.reader().unwrap().topics().unwrap();
    let renamed = topics.iter().find(|found| found.id.0 == topic).unwrap();
    assert_eq!(renamed.title, "Renamed");
    assert_eq!(renamed.status, topicvault::model::TopicStatus::Closed);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_is_too_long_loses_nothing() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    desk.post("so that there is a counter");
    desk.wait_equal().await;
    running.stop().await;
    desk.emulator
        .world
        .write(|state| state.difference_limit = 5);
    let first = desk.post("one");
    for number in 0..50 {
        desk.post(&format!("more {number}"));
    }
    desk.edit(first, "one, edited");
    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_listed_methods_are_called() {
    use topicvault::capture::{CONNECTION, LOGIN, READING};

    let desk = Desk::logged_in(150).await;
    let running = desk.caught_up().await;
    let id = desk.post("live");
    desk.emulator.faults.drop_connections();
    desk.edit(id, "edited");
    desk.wait_equal().await;
    running.stop().await;
    let called = desk
        .emulator
        .world
        .read(|state| state.journal.methods.clone());
    let listed = |method: &str| {
        [READING, LOGIN, CONNECTION]
            .iter()
            .any(|list| list.contains(&method))
    };
    let unlisted: Vec<_> = called
        .values()
        .flat_map(|methods| methods.keys())
        .filter(|method| !listed(method.as_str()))
        .collect();
    assert_eq!(unlisted, Vec::<&String>::new());
    assert!(called[&desk.user.id].contains_key("messages.getHistory"));
}
