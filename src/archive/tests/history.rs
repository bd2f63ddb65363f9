//! Which versions, deletions and facts remain of what several sources observed.

use super::*;
use crate::model::{Customer, Person, PersonKind, Service, TopicStatus};

/// Runs a check once with everything hot and once with what came first sealed.
fn both_ways(first: &[Observed], then: &[Observed], check: impl Fn(&Reader, Appended)) {
    for seal in [false, true] {
        let place = Place::new();
        let mut writer = place.writer();
        writer.append(first, &[]).unwrap();
        if seal {
            assert!(writer.seal(&SEAL).unwrap().frames > 0);
        }
        let appended = writer.append(then, &[]).unwrap();
        check(&place.reader(), appended);
        writer.seal(&SEAL).unwrap();
        check(&place.reader(), appended);
    }
}

pub(super) fn message(reader: &Reader, id: i32) -> Snapshot {
    reader.message(MessageId(id)).unwrap().unwrap()
}

pub(super) fn texts(reader: &Reader, id: i32) -> Vec<String> {
    let snapshot = message(reader, id);
    let mut texts: Vec<_> = snapshot
        .versions
        .into_iter()
        .map(|version| version.text)
        .collect();
    texts.push(snapshot.message.text);
    texts
}

#[test]
fn the_same_again_is_known() {
    let first = [live(text(1, 1, "hello")), live(text(2, 1, "world"))];
    both_ways(&first, &first, |reader, appended| {
        assert_eq!((appended.new, appended.edited, appended.known), (0, 0, 2));
        assert_eq!(texts(reader, 1), ["hello"]);
        assert_eq!(reader.stats().unwrap().messages, 2);
    });
}

#[test]
fn an_edit_is_a_new_version() {
    let then = [
        live(edited(1, 1, "hullo", 5)),
        live(edited(1, 1, "hallo", 6)),
    ];
    both_ways(&[live(text(1, 1, "hello"))], &then, |reader, appended| {
        assert_eq!((appended.new, appended.edited), (0, 2));
        assert_eq!(texts(reader, 1), ["hello", "hullo", "hallo"]);
        assert_eq!(message(reader, 1).message.edit_date, Some(6));
        assert_eq!(reader.stats().unwrap().edits, 2);
    });
}

#[test]
fn an_older_version_seen_later_never_becomes_the_latest() {
    let then = [live(text(1, 1, "first")), live(edited(1, 1, "second", 5))];
    both_ways(&[live(edited(1, 1, "third", 9))], &then, |reader, _| {
        assert_eq!(texts(reader, 1), ["first", "second", "third"]);
    });
}

#[test]
fn a_replay_of_known_versions_changes_nothing() {
    let first = [
        live(text(1, 1, "a")),
        live(edited(1, 1, "b", 5)),
        live(edited(1, 1, "c", 5)),
    ];
    both_ways(&first, &first, |reader, appended| {
        assert_eq!(appended.known, 3);
        assert_eq!(texts(reader, 1), ["a", "b", "c"]);
    });
}

#[test]
fn history_decides_between_edits_of_the_same_second() {
    let first = [live(edited(1, 1, "b", 5)), live(edited(1, 1, "c", 5))];
    let then = [history(edited(1, 1, "b", 5))];
    both_ways(&first, &then, |reader, _| {
        // It is put where it belongs, not added once more.
        assert_eq!(texts(reader, 1), ["c", "b"]);
    });
    let back_and_forth = [
        history(edited(1, 1, "b", 5)),
        history(edited(1, 1, "c", 5)),
        history(edited(1, 1, "b", 5)),
        live(edited(1, 1, "c", 5)),
    ];
    both_ways(&first, &back_and_forth, |reader, _| {
        assert_eq!(texts(reader, 1), ["c", "b"]);
    });
    let stale = [history(text(1, 1, "a")), history(text(1, 1, "a"))];
    both_ways(&first, &stale, |reader, appended| {
        assert_eq!((appended.edited, appended.known), (1, 1));
        assert_eq!(texts(reader, 1), ["a", "b", "c"]);
    });
}

#[test]
fn a_file_does_not_replace_what_was_observed_of_the_same_version() {
    let import = |message| seen(Event::Message(Box::new(message)), Source::Import);
    let then = [import(text(1, 1, "hello there")), import(text(2, 1, "new"))];
    both_ways(&[live(text(1, 1, "hello"))], &then, |reader, appended| {
        assert_eq!((appended.new, appended.known), (1, 1));
        assert_eq!(texts(reader, 1), ["hello"]);
    });
}

#[test]
fn an_edit_keeps_what_it_does_not_repeat() {
    let mut reply = text(5, 1, "yes");
    reply.reply_to = Some(crate::model::Reply {
        id: MessageId(4),
        quote: None,
        quote_entities: Vec::new(),
        chat: None,
        external: false,
    });
    reply.album = Some(77);
    let then = [live(edited(5, 1, "yes!", 9))];
    both_ways(&[live(reply.clone())], &then, |reader, _| {
        let now = message(reader, 5).message;
        assert_eq!(
            (now.reply_to, now.album),
            (reply.reply_to.clone(), Some(77))
        );
        assert_eq!((now.text.as_str(), now.edit_date), ("yes!", Some(9)));
    });
}

#[test]
fn a_later_observation_fills_in_what_was_missing() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.append(&[live(text(5, 1, "yes"))], &[]).unwrap();
    let mut fuller = text(5, 3, "yes");
    fuller.album = Some(77);
    writer.append(&[history(fuller)], &[]).unwrap();
    let now = message(&place.reader(), 5);
    assert_eq!((now.message.album, now.versions.len()), (Some(77), 0));
    assert_eq!(now.message.topic, TopicId(3));
    assert_eq!(ids(&place.reader().last(TopicId(3), 9).unwrap()), [5]);
}

#[test]
fn a_deletion_is_a_mark() {
    let first = [live(text(1, 1, "a")), live(text(2, 1, "b"))];
    let then = [deleted(1), deleted(1), deleted(7)];
    both_ways(&first, &then, |reader, appended| {
        assert_eq!((appended.deleted, appended.known), (2, 1));
        assert_eq!(message(reader, 1).deleted_at, Some(1_700_000_500));
        assert_eq!(message(reader, 1).message.text, "a");
        assert!(reader.message(MessageId(7)).unwrap().is_none());
        assert_eq!(reader.existing(1..=9).unwrap(), [MessageId(2)]);
        assert_eq!(reader.unknown(1..=9).unwrap(), [3..=6, 8..=9]);
        assert_eq!(ids(&reader.last(TopicId(1), 9).unwrap()), [2]);
        let stats = reader.stats().unwrap();
        assert_eq!((stats.messages, stats.deleted, stats.unknown), (1, 2, 4));
    });
}

#[test]
fn a_deletion_that_overtook_its_message_stays() {
    let then = [live(text(1, 1, "gone")), deleted(1)];
    both_ways(
        &[deleted(1), live(text(2, 1, "b"))],
        &then,
        |reader, appended| {
            assert_eq!((appended.new, appended.deleted), (1, 0));
            assert!(message(reader, 1).deleted_at.is_some());
            assert_eq!(reader.existing(1..=9).unwrap(), [MessageId(2)]);
        },
    );
}

#[test]
fn history_takes_back_a_deletion_but_a_replay_does_not() {
    let first = [live(text(1, 1, "a")), deleted(1)];
    both_ways(&first, &[live(text(1, 1, "a"))], |reader, _| {
        assert!(message(reader, 1).deleted_at.is_some());
    });
    both_ways(&first, &[history(text(1, 1, "a"))], |reader, appended| {
        assert_eq!(appended.edited, 1);
        assert!(message(reader, 1).deleted_at.is_none());
        assert_eq!(reader.existing(1..=9).unwrap(), [MessageId(1)]);
        assert_eq!(reader.stats().unwrap().deleted, 0);
    });
}

#[test]
fn empty_ids_count_as_known_and_override_nothing() {
    let place = Place::new();
    let mut writer = place.writer();
    let empty = seen(
        Event::Empty(vec![MessageId(1), MessageId(2), MessageId(3)]),
        Source::History,
    );
    writer
        .append(&[live(text(2, 1, "here")), empty.clone(), empty], &[])
        .unwrap();
    let reader = place.reader();
    assert_eq!(reader.existing(1..=5).unwrap(), [MessageId(2)]);
    assert_eq!(reader.unknown(1..=5).unwrap(), [4..=5]);
    // A message may still appear there: what history showed empty was not visible then.
    writer.append(&[live(text(3, 1, "late"))], &[]).unwrap();
    assert_eq!(
        reader.existing(1..=5).unwrap(),
        [MessageId(2), MessageId(3)]
    );
}

#[test]
fn coverage_ranges_merge_in_any_order() {
    let place = Place::new();
    let mut writer = place.writer();
    let mut numbers: Vec<i32> = (1..=200).collect();
    // A fixed shuffle: 200 and 77 have no common divisor.
    numbers.sort_by_key(|id| (id * 77) % 200);
    for id in numbers {
        writer.append(&[live(text(id, 1, "x"))], &[]).unwrap();
    }
    writer.append(&[deleted(50), deleted(51)], &[]).unwrap();
    let rows: i64 = rusqlite::Connection::open(writer.path())
        .unwrap()
        .query_row("SELECT count(*) FROM coverage", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 3);
    let stats = place.reader().stats().unwrap();
    assert_eq!((stats.messages, stats.unknown), (198, 0));
    assert_eq!(stats.ids, Some((1, 200)));
}

fn service(id: i32, topic: i32, service: Service) -> Message {
    Message {
        service: Some(service),
        ..text(id, topic, "")
    }
}

fn renamed(id: i32, title: &str, closed: Option<bool>) -> Message {
    service(
        id,
        10,
        Service::TopicEdited {
            title: Some(title.to_owned()),
            closed,
            hidden: None,
        },
    )
}

#[test]
fn topics_follow_service_messages_in_order_of_id() {
    let place = Place::new();
    let mut writer = place.writer();
    let created = Service::TopicCreated {
        title: "Anna".to_owned(),
    };
    // Read newest first, as history is.
    for message in [
        renamed(30, "Anna S.", Some(true)),
        renamed(20, "Anna Schmidt", Some(false)),
        service(10, 10, created),
    ] {
        writer.append(&[history(message)], &[]).unwrap();
    }
    writer.append(&[live(text(40, 11, "hi"))], &[]).unwrap();
    let topics = place.reader().topics().unwrap();
    assert_eq!(topics.len(), 2);
    assert_eq!(topics[0].title, "Anna S.");
    assert_eq!(topics[0].status, TopicStatus::Closed);
    assert_eq!(topics[0].created, Some(1_700_000_010));
    assert_eq!(topics[1].id, TopicId(11));

    let current = Event::Topic {
        id: TopicId(10),
        title: Some("A. Schmidt".to_owned()),
        status: Some(TopicStatus::Open),
        hidden: None,
    };
    writer
        .append(&[seen(current, Source::History)], &[])
        .unwrap();
    writer
        .append(&[history(renamed(35, "older", None))], &[])
        .unwrap();
    assert_eq!(place.reader().topics().unwrap()[0].title, "A. Schmidt");
    writer
        .append(&[live(renamed(41, "newer", None))], &[])
        .unwrap();
    let topic = place.reader().topics().unwrap().remove(0);
    assert_eq!(
        (topic.title.as_str(), topic.status),
        ("newer", TopicStatus::Open)
    );
}

#[test]
fn people_and_customers_are_kept_as_last_observed() {
    let place = Place::new();
    let mut writer = place.writer();
    let person = |name: &str| {
        Event::Person(Person {
            id: PersonId(7),
            kind: PersonKind::User,
            name: name.to_owned(),
            username: None,
        })
    };
    let customer = |name: &str| Event::Customer {
        topic: TopicId(10),
        customer: Customer {
            first_name: Some(name.to_owned()),
            ..Customer::default()
        },
    };
    let mut stale = seen(customer("Old"), Source::Crm);
    stale.at -= 100;
    let appended = writer
        .append(
            &[
                seen(person("Max"), Source::Live),
                seen(person("Moritz"), Source::History),
                seen(person("From a file"), Source::Import),
                seen(customer("Anna"), Source::Crm),
                stale,
            ],
            &[],
        )
        .unwrap();
    assert_eq!(appended.known, 2);
    let reader = place.reader();
    assert_eq!(reader.people().unwrap()[&PersonId(7)].name, "Moritz");
    let known = reader.customer(TopicId(10)).unwrap().unwrap();
    assert_eq!(known.first_name.as_deref(), Some("Anna"));
    assert_eq!(reader.customer(TopicId(11)).unwrap(), None);
}

#[test]
fn a_message_larger_than_any_of_telegram_is_refused_and_nothing_else_stored() {
    let place = Place::new();
    let mut writer = place.writer();
    let error = writer
        .append(
            &[
                live(text(1, 1, "a")),
                live(text(2, 1, &"x".repeat(2 << 20))),
            ],
            &[],
        )
        .unwrap_err();
    assert!(matches!(
        error,
        ArchiveError::TooLarge {
            id: MessageId(2),
            ..
        }
    ));
    assert_eq!(place.reader().stats().unwrap().messages, 0);
    assert_eq!(writer.append(&[live(text(1, 1, "a"))], &[]).unwrap().new, 1);
}

#[test]
fn a_message_edited_without_end_can_be_sealed() {
    let place = Place::new();
    let mut writer = place.writer();
    let progress = "x".repeat(300_000);
    for number in 0..9 {
        let message = edited(1, 1, &format!("{progress}{number}"), number);
        writer.append(&[live(message)], &[]).unwrap();
    }
    assert_eq!(writer.seal(&SEAL).unwrap().messages, 1);
    let snapshot = message(&place.reader(), 1);
    assert_eq!(snapshot.versions.len(), 8);
    assert!(snapshot.message.text.ends_with('8'));
    assert!(snapshot.versions[3].text.ends_with('3'));
}
