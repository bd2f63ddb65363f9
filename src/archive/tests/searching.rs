//! Search over hot and sealed messages alike.

use super::*;
use crate::model::{Media, MediaKind, Person, PersonKind};

fn search(reader: &Reader, query: &str, topics: &[i32], limit: usize) -> Vec<Hit> {
    let Ok(query) = Query::parse(query, &jiff::tz::TimeZone::UTC) else {
        return Vec::new();
    };
    let search = Search {
        query,
        topics: topics.iter().copied().map(TopicId).collect(),
        limit,
        role_of: Some(&|snapshot| match snapshot.message.from {
            Some(PersonId(101)) => "customer",
            _ => "operator",
        }),
        ..Search::default()
    };
    reader
        .search(&search, &mut || ControlFlow::Continue(()))
        .unwrap()
}

fn found(reader: &Reader, query: &str, limit: usize) -> Vec<i32> {
    found_in(reader, query, &[], limit)
}

fn found_in(reader: &Reader, query: &str, topics: &[i32], limit: usize) -> Vec<i32> {
    let hits = search(reader, query, topics, limit);
    hits.iter().map(|hit| hit.id.0).collect()
}

#[test]
fn the_newest_come_first_whether_hot_or_sealed() {
    let place = Place::new();
    let mut writer = place.writer();
    for round in 0..4 {
        let events: Vec<_> = (1..=50)
            .map(|id| live(text(round * 50 + id, id % 4 + 1, &format!("Заказ {id}"))))
            .collect();
        writer.append(&events, &[]).unwrap();
        if round < 3 {
            writer.seal(&SEAL).unwrap();
        }
    }
    let reader = place.reader();
    assert_eq!(found(&reader, "заказ 7", 10), [157, 107, 57, 7]);
    assert_eq!(found(&reader, "ЗАКАЗ", 3), [200, 199, 198]);
    assert_eq!(found(&reader, "заказ", 1000).len(), 200);
    assert!(found(&reader, "отказ", 10).is_empty());
    assert!(found(&reader, "?", 10).is_empty());
    assert!(found(&reader, "заказ", 0).is_empty());

    assert_eq!(found_in(&reader, "заказ", &[2, 3], 3), [200, 199, 196]);
    assert_eq!(found_in(&reader, "заказ", &[2], 1000).len(), 52);
    assert!(found_in(&reader, "заказ", &[77], 9).is_empty());

    let all = Search {
        query: Query::parse("заказ", &jiff::tz::TimeZone::UTC).unwrap(),
        limit: 1000,
        ..Search::default()
    };
    let mut asked = 0;
    let hits = reader.search(&all, &mut || {
        asked += 1;
        if asked == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((asked, hits.unwrap().len()), (2, 50), "only the hot ones");
}

#[test]
fn names_of_files_are_searched_below_the_text() {
    let place = Place::new();
    let mut writer = place.writer();
    let file = |id, words: &str| {
        let mut message = text(id, 9, words);
        let mut media = Media::of(MediaKind::Document);
        media.file_name = Some("Счёт_17.pdf".to_owned());
        message.media = Some(media);
        live(message)
    };
    writer
        .append(&[file(1, ""), live(text(2, 9, "счёт"))], &[])
        .unwrap();
    writer.seal(&SEAL).unwrap();
    writer.append(&[file(3, "here it is")], &[]).unwrap();
    let reader = place.reader();
    assert_eq!(found(&reader, "счет_17", 9), [3, 1]);
    let hits = search(&reader, "PDF here", &[], 9);
    let [hit] = hits.as_slice() else {
        panic!("{hits:?}")
    };
    assert_eq!((hit.kind, hit.text.as_str()), ("document", "here it is"));
    assert_eq!(hit.snippet, "here it is Счёт_17.pdf");
    assert_eq!(hit.matches, [(0, 4), (19, 22)]);
}

#[test]
fn the_current_text_counts_and_deletions_are_said() {
    let place = Place::new();
    let mut writer = place.writer();
    writer
        .append(
            &[live(text(1, 9, "an apple")), live(text(2, 9, "a pear"))],
            &[],
        )
        .unwrap();
    writer.seal(&SEAL).unwrap();
    let person = Person {
        id: PersonId(101),
        kind: PersonKind::User,
        name: "Anna".to_owned(),
        username: None,
    };
    writer
        .append(
            &[
                live(edited(1, 9, "a pear too", 5)),
                deleted(1),
                seen(Event::Person(person), Source::Live),
            ],
            &[],
        )
        .unwrap();
    let reader = place.reader();
    assert!(found(&reader, "apple", 9).is_empty());
    let hits = search(&reader, "PEA", &[], 9);
    assert_eq!(hits.len(), 2);
    let hit = &hits[1];
    assert!(hit.deleted && !hits[0].deleted);
    assert_eq!(
        (hit.snippet.as_str(), hit.matches.as_slice()),
        ("a pear too", &[(2, 5)][..])
    );
    assert_eq!(hit.from.as_deref(), Some("Anna"));
    assert_eq!(hit.link, "https://t.me/c/2101424779/9/1");
}

#[test]
fn the_best_come_first_and_the_newest_among_equals() {
    let place = Place::new();
    let mut writer = place.writer();
    let said = [
        "заказы",
        "мой заказ",
        "заказать звонок",
        "нет заказа и счёта",
        "заказ и счёт",
        "счёт и заказ",
    ];
    let events: Vec<_> = (1..)
        .zip(said)
        .map(|(id, said)| live(text(id, 9, said)))
        .collect();
    writer.append(&events, &[]).unwrap();
    for round in 0..3 {
        let reader = place.reader();
        assert_eq!(
            found(&reader, "заказ", 9),
            [6, 5, 2, 4, 1, 3],
            "round {round}"
        );
        assert_eq!(found(&reader, "счет заказ", 9), [6, 5, 4]);
        assert_eq!(found(&reader, "\"заказ и счет\"", 9), [5]);
        assert_eq!(found(&reader, "заказ -счет", 2), [2, 1]);
        writer.seal(&SEAL).unwrap();
        if round > 0 {
            compact(&place.vault, &mut writer);
        }
    }
}

#[test]
fn filters_narrow_with_words_and_without() {
    let place = Place::new();
    let mut writer = place.writer();
    let named = |id, name: &str, username: Option<&str>| {
        let person = Person {
            id: PersonId(id),
            kind: PersonKind::User,
            name: name.to_owned(),
            username: username.map(str::to_owned),
        };
        seen(Event::Person(person), Source::Live)
    };
    let created = |id, title: &str| {
        let mut message = text(id, id, "");
        message.service = Some(crate::model::Service::TopicCreated {
            title: title.to_owned(),
        });
        live(message)
    };
    let mut photo = text(10, 7, "see the refund");
    photo.media = Some(Media::of(MediaKind::Photo));
    writer
        .append(
            &[
                created(7, "Anna Schmidt"),
                created(8, "Борис"),
                live(text(9, 7, "my refund")),
                live(photo),
                live(text(11, 8, "refund?")),
                live(text(15, 8, "no refund")),
                reaction(15, "👍"),
                named(101, "Bot", None),
                named(102, "Anna Schmidt", Some("anna_s")),
            ],
            &[],
        )
        .unwrap();
    for round in 0..3 {
        let reader = place.reader();
        // Authors are 100 + id % 7.
        for (query, ids) in [
            ("refund from:anna", vec![9]),
            ("from:@ANNA_s", vec![9]),
            ("refund from:\"schmidt anna\"", vec![9]),
            ("refund from:101", vec![15]),
            ("refund from:nobody", vec![]),
            ("refund role:customer", vec![15]),
            ("refund role:operator topic:8", vec![11]),
            ("refund topic:борис", vec![15, 11]),
            ("topic:anna topic:8 refund", vec![15, 11, 10, 9]),
            ("has:photo", vec![10]),
            ("refund has:media -my", vec![10]),
            ("has:reaction", vec![15]),
            ("refund after:2023-11-14T22:13:31Z", vec![15, 11]),
            ("refund before:2023-11-14T22:13:31Z", vec![10, 9]),
            ("refund after:2023-11-15", vec![]),
        ] {
            assert_eq!(found(&reader, query, 9), ids, "{query}, round {round}");
        }
        writer.seal(&SEAL).unwrap();
        if round > 0 {
            compact(&place.vault, &mut writer);
        }
    }
}

#[test]
fn edits_after_sealing_count_until_and_after_they_are_folded_in() {
    let place = Place::new();
    let mut writer = place.writer();
    let events: Vec<_> = (1..=20).map(|id| live(text(id, 9, "an apple"))).collect();
    writer.append(&events, &[]).unwrap();
    writer.seal(&SEAL).unwrap();
    writer
        .append(&[live(edited(5, 9, "a pear", 5))], &[])
        .unwrap();
    for _ in 0..2 {
        let reader = place.reader();
        assert_eq!(found(&reader, "pear", 9), [5]);
        assert_eq!(found(&reader, "apple", 30).len(), 19);
        compact(&place.vault, &mut writer);
    }
}
