//! Search over hot and sealed messages alike.

use super::*;
use crate::model::{Person, PersonKind};

fn found(reader: &Reader, query: &str, limit: usize) -> Vec<i32> {
    let hits = reader.search(query, limit).unwrap();
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
    let hits = reader.search("PEA", 9).unwrap();
    assert_eq!(hits.len(), 2);
    let hit = &hits[1];
    assert!(hit.deleted && !hits[0].deleted);
    assert_eq!(
        (hit.snippet.as_str(), hit.matches.as_slice()),
        ("a pear too", &[(2, 5)][..])
    );
    assert_eq!(hit.name.as_deref(), Some("Anna"));
    assert_eq!(hit.link, "https://t.me/c/2101424779/9/1");
}
