//! Topics and people come to rest, and change again.

use super::*;
use crate::archive::TopicsSeen;
use crate::model::{Customer, Person, PersonKind, Service, TopicStatus};

fn created(id: i32, title: &str) -> Observed {
    let mut message = text(id, id, "");
    message.service = Some(Service::TopicCreated {
        title: title.to_owned(),
    });
    live(message)
}

fn named(id: i64, name: &str) -> Observed {
    let person = Person {
        id: PersonId(id),
        kind: match id % 3 {
            0 => PersonKind::Bot,
            _ => PersonKind::User,
        },
        name: name.to_owned(),
        username: (id % 2 == 0).then(|| format!("user{id}")),
    };
    seen(Event::Person(person), Source::Live)
}

fn facts(place: &Place) -> (Vec<crate::model::Topic>, Vec<Person>) {
    let reader = place.reader();
    let mut people: Vec<_> = reader.people().unwrap().into_values().collect();
    people.sort_by_key(|person| person.id.0);
    let topics = reader.topics().unwrap();
    for topic in topics.iter().step_by(97) {
        assert!(reader.last(topic.id, 1).is_ok());
    }
    for person in people.iter().step_by(97) {
        assert_eq!(reader.person(person.id).unwrap().as_ref(), Some(person));
    }
    let stats = reader.stats().unwrap();
    assert_eq!(stats.topics, topics.len() as u64);
    assert_eq!(stats.people, people.len() as u64);
    (topics, people)
}

fn rows(place: &Place) -> i64 {
    let conn = rusqlite::Connection::open(place.reader().path()).unwrap();
    let sql = "SELECT (SELECT count(*) FROM topic) + (SELECT count(*) FROM person)";
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_at_rest_reads_the_same_and_changes_again() {
    let place = Place::new();
    let mut writer = place.writer();
    let mut events = Vec::new();
    for id in 2..=2_000 {
        // In no order, as people come.
        events.push(created(id, &format!("Topic {id} – „ä“ ж")));
        events.push(named(
            i64::from(id) * 7919 % 2003 * 1_000_003,
            &format!("Name {id}"),
        ));
    }
    writer.append(&events, &[]).unwrap();
    let before = facts(&place);
    assert!(rows(&place) > 3_900);
    writer.vacuum().unwrap();
    assert_eq!(rows(&place), 0);
    assert!(facts(&place) == before);

    // The same again is known and stays at rest; what is new or changes is a row.
    let again: Vec<_> = events
        .iter()
        .filter(|it| matches!(it.event, Event::Person(_)))
        .cloned()
        .collect();
    let done = writer.append(&again, &[]).unwrap();
    assert_eq!(done.known as usize, again.len());
    assert_eq!(rows(&place), 0);
    let changes = [
        named(1_000_003, "Renamed"),
        named(5, "Newcomer"),
        created(3_000, "Latest"),
        seen(
            Event::Topic {
                id: TopicId(77),
                title: Some("Retitled".to_owned()),
                status: Some(TopicStatus::Closed),
                hidden: None,
            },
            Source::Live,
        ),
        deleted(78),
    ];
    writer.append(&changes, &[]).unwrap();
    assert!((5..=6).contains(&rows(&place)));
    for _ in 0..2 {
        let (topics, people) = facts(&place);
        let topic = |id| topics.iter().find(|topic| topic.id == TopicId(id)).unwrap();
        assert_eq!(
            (topic(77).title.as_str(), topic(77).status),
            ("Retitled", TopicStatus::Closed)
        );
        assert_eq!(topic(78).status, TopicStatus::Deleted);
        assert_eq!(topic(3_000).title, "Latest");
        assert_eq!(
            topic(79),
            before
                .0
                .iter()
                .find(|topic| topic.id == TopicId(79))
                .unwrap()
        );
        let person = |id| {
            people
                .iter()
                .find(|person| person.id == PersonId(id))
                .unwrap()
        };
        assert_eq!(person(1_000_003).name, "Renamed");
        assert_eq!(person(5).name, "Newcomer");
        let past = place.reader().past_names(PersonId(1_000_003)).unwrap();
        assert_eq!(past.len(), 1);
        // An older fact does not replace a newer one, also where that is at rest.
        writer.append(&[created(77, "Old title")], &[]).unwrap();
        writer.vacuum().unwrap();
        assert_eq!(rows(&place), 0);
    }
}

#[test]
fn a_damaged_page_is_an_error() {
    let place = Place::new();
    let mut writer = place.writer();
    writer
        .append(&[created(2, "A"), named(5, "B")], &[])
        .unwrap();
    writer.vacuum().unwrap();
    writer
        .connection()
        .execute("UPDATE roster SET body = x'00'", [])
        .unwrap();
    assert!(matches!(
        place.reader().topics(),
        Err(ArchiveError::Corrupt { .. })
    ));
    assert!(matches!(
        place.reader().people(),
        Err(ArchiveError::Corrupt { .. })
    ));
}

#[test]
fn topics_whose_customer_is_unknown_are_told_of_once_at_rest_or_not() {
    let place = Place::new();
    let mut writer = place.writer();
    let topics = |range: std::ops::Range<i32>| -> Vec<Observed> {
        range
            .map(|id| created(id, &format!("Topic {id}")))
            .collect()
    };
    let customer = |topic: i32| {
        let customer = Customer {
            first_name: Some("Anna".to_owned()),
            ..Customer::default()
        };
        let topic = TopicId(topic);
        seen(Event::Customer { topic, customer }, Source::Crm)
    };
    let unknown = |seen: &mut TopicsSeen| -> Vec<i32> {
        let topics = place.reader().topics_without_customer(seen).unwrap();
        topics.into_iter().map(|topic| topic.0).collect()
    };
    writer.append(&topics(2..2_000), &[]).unwrap();
    writer.vacuum().unwrap();
    let known: Vec<_> = (2..1_990).filter(|id| *id != 700).map(customer).collect();
    writer.append(&known, &[]).unwrap();
    writer.append(&topics(2_000..2_005), &[]).unwrap();

    let mut seen = TopicsSeen::default();
    let all: Vec<i32> = [700].into_iter().chain(1_990..2_005).collect();
    assert_eq!(unknown(&mut seen), all);
    // Pages that were looked through are not looked through again.
    assert_eq!(unknown(&mut seen), (2_000..2_005).collect::<Vec<_>>());
    writer.append(&[customer(2_001)], &[]).unwrap();
    writer.append(&topics(2_005..2_600), &[]).unwrap();
    writer.vacuum().unwrap();
    let told = unknown(&mut seen);
    for id in (2_002..2_600).chain([2_000]) {
        assert!(told.contains(&id), "{id}");
    }
    assert!(!told.contains(&2_001) && !told.contains(&1_000));
    assert!(unknown(&mut seen).is_empty());
    assert_eq!(unknown(&mut TopicsSeen::default()).len(), all.len() + 594);

    let reader = place.reader();
    let after = |topic| reader.customer_after(TopicId(topic)).unwrap();
    assert_eq!(after(0), Some(TopicId(2)));
    assert_eq!(after(699), Some(TopicId(701)));
    assert_eq!(after(1_989), Some(TopicId(2_001)));
    assert_eq!(after(2_001), None);
}
