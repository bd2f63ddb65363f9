//! Search over hot and sealed messages alike.

use super::*;
use crate::model::{Media, MediaKind, Person, PersonKind};

fn search(reader: &Reader, query: &str, topics: &[i32], limit: usize) -> Vec<Hit> {
    let search = Search {
        query: query.to_owned(),
        topics: topics.iter().copied().map(TopicId).collect(),
        limit,
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
        query: "заказ".to_owned(),
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
