//! Several sources, one history: the userbot's word counts, the others fill in, and where they
//! disagree both are kept.

use super::history::{message, texts};
use super::*;
use crate::model::{Entity, EntityKind};

fn bot(message: Message) -> Observed {
    seen(Event::Message(Box::new(message)), Source::Bot)
}

/// What only the userbot tells.
fn with_details(mut message: Message) -> Message {
    message.entities = vec![Entity {
        offset: 0,
        length: 2,
        kind: EntityKind::Bold,
    }];
    message
}

fn disputes(place: &Place) -> Vec<Dispute> {
    place.reader().disputes().unwrap()
}

/// Appends the events one by one, once without sealing and once sealing after each.
fn each_way(events: &[Observed], check: impl Fn(&Place)) {
    for seal in [false, true] {
        let place = Place::new();
        let mut writer = place.writer();
        for event in events {
            writer.append(std::slice::from_ref(event), &[]).unwrap();
            if seal {
                writer.seal(&SEAL).unwrap();
            }
        }
        check(&place);
    }
}

#[test]
fn whoever_comes_first_there_is_one_version_and_the_userbots() {
    let fuller = with_details(text(1, 7, "hello"));
    let orders = [
        [bot(text(1, 7, "hello")), live(fuller.clone())],
        [live(fuller.clone()), bot(text(1, 7, "hello"))],
        [bot(text(1, 7, "hello")), history(fuller.clone())],
        [bot(text(1, 1, "hello")), live(fuller.clone())],
    ];
    for events in orders {
        each_way(&events, |place| {
            let found = message(&place.reader(), 1);
            assert_eq!(found.message.entities, fuller.entities);
            assert_eq!((found.versions.len(), found.by), (0, None));
            assert_eq!(disputes(place), []);
            let stats = place.reader().stats().unwrap();
            assert_eq!((stats.messages, stats.edits), (1, 0));
            let covered = place.reader().coverage(1..=1).unwrap();
            assert_eq!(covered[0].witness, Witness::Userbot);
        });
    }
}

#[test]
fn what_only_the_bot_saw_is_kept_and_says_so() {
    let events = [
        live(text(1, 7, "a")),
        // Edited twice while the userbot was away.
        bot(edited(1, 7, "b", 50)),
        live(edited(1, 7, "c", 90)),
        // Posted and deleted meanwhile.
        bot(text(2, 7, "gone")),
        deleted(2),
    ];
    each_way(&events, |place| {
        let reader = place.reader();
        assert_eq!(texts(&reader, 1), ["a", "b", "c"]);
        assert_eq!(message(&reader, 1).by, None);
        let gone = message(&reader, 2);
        assert_eq!(
            (gone.by, gone.message.text.as_str()),
            (Some(Source::Bot), "gone")
        );
        assert!(gone.deleted_at.is_some());
        assert_eq!(disputes(place), []);
    });
}

#[test]
fn a_moved_edit_date_alone_is_no_version() {
    let events = [
        live(with_details(text(1, 7, "a"))),
        bot(with_details(edited(1, 7, "a", 50))),
    ];
    each_way(&events, |place| {
        assert_eq!(texts(&place.reader(), 1), ["a"])
    });
}

#[test]
fn disagreement_is_kept_once_whoever_spoke_first() {
    let mut other = text(1, 9, "hallo");
    other.from = Some(PersonId(6));
    for events in [
        [
            live(text(1, 7, "hello")),
            bot(other.clone()),
            bot(other.clone()),
        ],
        [
            bot(other.clone()),
            live(text(1, 7, "hello")),
            bot(other.clone()),
        ],
    ] {
        each_way(&events, |place| {
            assert_eq!(texts(&place.reader(), 1), ["hello"]);
            let disputes = disputes(place);
            assert_eq!(disputes.len(), 1, "{disputes:?}");
            let it = &disputes[0];
            assert_eq!((it.message, it.source), (MessageId(1), Source::Bot));
            assert_eq!(it.said["text"], "hallo");
            assert_eq!(it.held["text"], "hello");
            assert_eq!(
                (&it.held["topic"], &it.said["topic"]),
                (&7.into(), &9.into())
            );
            assert_eq!(it.said["author"], 6);
        });
    }
}

#[test]
fn two_edits_of_one_second_that_the_bot_saw_are_two_versions() {
    let events = [
        live(text(1, 7, "a")),
        bot(edited(1, 7, "b", 50)),
        bot(edited(1, 7, "c", 50)),
        live(with_details(edited(1, 7, "c", 50))),
        live(with_details(edited(1, 7, "c", 50))),
    ];
    each_way(&events, |place| {
        assert_eq!(texts(&place.reader(), 1), ["a", "b", "c"]);
        assert_eq!(disputes(place), []);
    });
}

#[test]
fn of_two_edits_of_one_second_none_is_lost_whoever_saw_which() {
    let (a, b) = (edited(1, 7, "a", 50), edited(1, 7, "b", 50));
    let first = text(1, 7, "first");
    for edits in [
        [bot(a.clone()), live(a.clone()), live(b.clone())],
        [bot(a.clone()), live(b.clone()), bot(b.clone())],
        [live(b.clone()), bot(a.clone()), bot(b.clone())],
        [live(a.clone()), live(b.clone()), bot(a.clone())],
        [bot(b.clone()), bot(a.clone()), history(b.clone())],
    ] {
        let mut events = vec![live(first.clone())];
        events.extend(edits);
        each_way(&events, |place| {
            assert_eq!(texts(&place.reader(), 1), ["first", "a", "b"], "{events:?}");
            assert_eq!(disputes(place), []);
        });
    }
}

#[test]
fn an_edit_whose_date_telegram_hides_from_the_userbot_is_the_one_that_the_bot_saw() {
    let events = [
        bot(text(1, 7, "a")),
        bot(edited(1, 7, "b", 100)),
        history(with_details(text(1, 7, "b"))),
        history(with_details(text(1, 7, "b"))),
    ];
    each_way(&events, |place| {
        let found = message(&place.reader(), 1);
        assert_eq!(texts(&place.reader(), 1), ["a", "b"]);
        assert_eq!((found.message.edit_date, found.by), (Some(100), None));
        assert_eq!(disputes(place), []);
    });
}

#[test]
fn what_the_userbot_confirmed_is_its_own_and_a_hidden_change_adds_to_it() {
    for first in [bot(text(1, 7, "a")), live(text(1, 7, "a"))] {
        let events = [
            first,
            live(text(1, 7, "a")),
            live(with_details(text(1, 7, "a"))),
        ];
        each_way(&events, |place| {
            assert_eq!(texts(&place.reader(), 1), ["a", "a"], "{events:?}");
            assert_eq!(message(&place.reader(), 1).by, None);
        });
    }
}

#[test]
fn an_edit_of_the_formatting_alone_that_only_the_bot_saw_is_kept() {
    let events = [
        live(text(1, 7, "a")),
        bot(with_details(edited(1, 7, "a", 50))),
        live(edited(1, 7, "c", 90)),
    ];
    each_way(&events, |place| {
        assert_eq!(texts(&place.reader(), 1), ["a", "a", "c"]);
    });
}
