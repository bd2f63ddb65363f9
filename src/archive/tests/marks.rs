//! What surrounds messages, and names that change.

use super::*;
use crate::model::{
    Mark, Person, PersonKind, Reacted, Reaction, ReactionCount, Reactions, Service, Views, Voted,
    Votes,
};

fn mark(id: i32, mark: Mark) -> Observed {
    let id = MessageId(id);
    seen(Event::Mark { id, mark }, Source::Live)
}

fn thumbs(people: &[i64], count: u32) -> Mark {
    let reaction = || Reaction::Emoji("👍".to_owned());
    let person = |person: &i64| Reacted {
        person: PersonId(*person),
        reaction: reaction(),
        date: 1_700_000_400,
    };
    Mark::Reactions(Reactions {
        counts: vec![ReactionCount {
            reaction: reaction(),
            count,
        }],
        people: people.iter().map(person).collect(),
    })
}

#[test]
fn each_change_of_reactions_is_kept_and_the_last_one_counts() {
    let place = Place::new();
    let mut writer = place.writer();
    let none = Mark::Reactions(Reactions::default());
    let events = [
        live(text(1, 1, "hello")),
        mark(1, none.clone()),
        mark(1, thumbs(&[7], 1)),
        mark(1, thumbs(&[8, 7], 2)),
        mark(1, thumbs(&[8, 7], 2)),
        mark(1, none.clone()),
    ];
    let done = writer.append(&events, &[]).unwrap();
    assert_eq!((done.marked, done.known), (3, 2));
    for _ in 0..2 {
        let reader = place.reader();
        let history: Vec<_> = reader.marks(MessageId(1)).unwrap();
        assert_eq!(
            history.iter().map(|it| &it.mark).collect::<Vec<_>>(),
            [&thumbs(&[7], 1), &thumbs(&[8, 7], 2), &none]
        );
        let snapshot = reader.message(MessageId(1)).unwrap().unwrap();
        assert_eq!(snapshot.marks.reactions, Some(Reactions::default()));
        assert_eq!(
            all(&reader, &Selection::default(), Order::Topic)[0],
            snapshot
        );
        writer.seal(&SEAL).unwrap();
    }
}

#[test]
fn who_reacted_is_not_forgotten_when_only_numbers_are_told() {
    let place = Place::new();
    let mut writer = place.writer();
    let events = [mark(1, thumbs(&[7, 8], 2)), mark(1, thumbs(&[8], 2))];
    let done = writer.append(&events, &[]).unwrap();
    assert_eq!((done.marked, done.known), (1, 1));
    let more = [mark(1, thumbs(&[9], 3))];
    assert_eq!(writer.append(&more, &[]).unwrap().marked, 1);
}

#[test]
fn a_mark_may_come_before_its_message() {
    let place = Place::new();
    let mut writer = place.writer();
    let pinned = mark(5, Mark::Pinned { pinned: true });
    writer
        .append(&[pinned, mark(6, Mark::Pinned { pinned: false })], &[])
        .unwrap();
    writer.append(&[live(text(5, 1, "later"))], &[]).unwrap();
    let reader = place.reader();
    assert!(reader.message(MessageId(5)).unwrap().unwrap().marks.pinned);
    assert_eq!(reader.pinned().unwrap(), [MessageId(5)]);
    writer
        .append(&[mark(5, Mark::Pinned { pinned: false })], &[])
        .unwrap();
    assert_eq!(reader.pinned().unwrap(), []);
    assert_eq!(reader.marks(MessageId(5)).unwrap().len(), 2);
}

#[test]
fn votes_are_completed_and_views_only_grow() {
    let place = Place::new();
    let mut writer = place.writer();
    let votes = |voters, answers: &[u32], people: &[(i64, u32)]| {
        let voted = |(person, answer): &(i64, u32)| Voted {
            person: PersonId(*person),
            answer: Some(*answer),
        };
        Mark::Votes(Votes {
            closed: false,
            voters,
            answers: answers.to_vec(),
            people: people.iter().map(voted).collect(),
        })
    };
    let views = |views| {
        Mark::Views(Views {
            views,
            forwards: None,
        })
    };
    let events = [
        mark(1, votes(0, &[0, 0], &[])),
        mark(1, votes(2, &[1, 1], &[(7, 0)])),
        mark(1, votes(2, &[], &[])),
        mark(1, votes(2, &[1, 1], &[(7, 0), (8, 1)])),
        mark(1, views(Some(4))),
        mark(1, views(Some(9))),
        mark(1, views(Some(6))),
        mark(1, views(None)),
    ];
    let done = writer.append(&events, &[]).unwrap();
    assert_eq!((done.marked, done.known), (4, 4));
    writer.append(&[live(text(1, 1, "?"))], &[]).unwrap();
    let marks = place.reader().message(MessageId(1)).unwrap().unwrap().marks;
    assert_eq!(marks.views.and_then(|views| views.views), Some(9));
    assert_eq!(marks.votes.map(|votes| votes.people.len()), Some(2));
    assert_eq!(place.reader().marks(MessageId(1)).unwrap().len(), 3);
}

#[test]
fn names_that_somebody_bore_stay_findable() {
    let place = Place::new();
    let mut writer = place.writer();
    let named = |name: &str, source| {
        let person = Person {
            id: PersonId(7),
            kind: PersonKind::User,
            name: name.to_owned(),
            username: None,
        };
        seen(Event::Person(person), source)
    };
    let events = [
        named("Anna", Source::Live),
        named("Anna", Source::History),
        named("Old Anna", Source::Import),
        named("Anna Schmidt", Source::Live),
        named("", Source::Live),
        named("Anna", Source::Live),
    ];
    writer.append(&events, &[]).unwrap();
    let reader = place.reader();
    let names: Vec<_> = reader.past_names(PersonId(7)).unwrap();
    let names: Vec<_> = names.iter().map(|past| past.name.as_str()).collect();
    assert_eq!(names, ["Anna", "Anna Schmidt"]);
    assert_eq!(reader.people().unwrap()[&PersonId(7)].name, "Anna");
}

#[test]
fn general_may_be_hidden() {
    let place = Place::new();
    let mut writer = place.writer();
    let hide = |id, hidden| {
        let mut message = text(id, 1, "");
        message.service = Some(Service::TopicEdited {
            title: None,
            closed: None,
            hidden: Some(hidden),
        });
        live(message)
    };
    writer.append(&[hide(3, true)], &[]).unwrap();
    assert!(place.reader().topics().unwrap()[0].hidden);
    writer.append(&[hide(2, false)], &[]).unwrap();
    assert!(place.reader().topics().unwrap()[0].hidden, "older news");
    writer.append(&[hide(4, false)], &[]).unwrap();
    assert!(!place.reader().topics().unwrap()[0].hidden);
}
