//! Compaction: what it joins, what it folds in, and what may happen beside it.

use rusqlite::Connection;

use super::*;

/// Rows of the archive's own tables.
fn count(place: &Place, sql: &str) -> i64 {
    let conn = Connection::open(place.reader().path()).unwrap();
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// A topic a customer, a few phrases each, in so many sealings.
fn fill(writer: &mut Writer, sealings: i32, each: i32) {
    for sealing in 0..sealings {
        let first = sealing * each + 1;
        let events: Vec<_> = (first..first + each)
            .map(|id| live(text(id, id % 40 + 1, &phrase(id))))
            .collect();
        writer.append(&events, &[]).unwrap();
        writer.seal(&SEAL).unwrap();
    }
}

pub(super) fn phrase(id: i32) -> String {
    let parts = [
        "Guten Tag, meine Bestellung ist noch nicht da",
        "Здравствуйте, когда придёт мой заказ",
        "Hello, I would like to return my order",
        "The parcel left our depot this morning",
    ];
    let part = parts.get(id.unsigned_abs() as usize % 4).unwrap();
    format!("{part}, {}", id.wrapping_mul(7919) % 1000)
}

#[test]
fn the_runs_of_a_topic_are_joined() {
    let place = Place::new();
    let mut writer = place.writer();
    fill(&mut writer, 5, 400);
    let before = all(&place.reader(), &Selection::default(), Order::Id);
    assert_eq!(count(&place, "SELECT count(*) FROM run"), 5 * 40);
    assert_eq!(compact(&place.vault, &mut writer), 2000);
    assert_eq!(count(&place, "SELECT count(*) FROM run"), 40);
    assert_eq!(
        count(&place, "SELECT count(DISTINCT segment) FROM frame"),
        1
    );
    let after = all(&place.reader(), &Selection::default(), Order::Id);
    assert!(before == after);
    // There is nothing to do then, and more is joined when it comes.
    assert_eq!(compact(&place.vault, &mut writer), 0);
    writer.append(&[live(text(5000, 3, "more"))], &[]).unwrap();
    writer.seal(&SEAL).unwrap();
    assert_eq!(compact(&place.vault, &mut writer), 2001);
    let last = place.reader().last(TopicId(3), 2).unwrap();
    assert_eq!(ids(&last), [1962, 5000]);
}

#[test]
fn what_came_after_sealing_is_folded_in_and_nothing_is_lost() {
    let place = Place::new();
    let mut writer = place.writer();
    writer
        .append(
            &(1..=6)
                .map(|id| live(text(id, 2, "first")))
                .collect::<Vec<_>>(),
            &[],
        )
        .unwrap();
    writer.seal(&SEAL).unwrap();
    let later = [
        live(edited(1, 2, "second", 10)),
        live(edited(1, 2, "third", 20)),
        deleted(2),
        reaction(3, "👍"),
        reaction(3, "❤"),
        mark(4, Mark::Pinned { pinned: true }),
    ];
    writer.append(&later, &[]).unwrap();
    let before = all(&place.reader(), &Selection::default(), Order::Id);
    let marks = place.reader().marks(MessageId(3)).unwrap();
    assert_eq!(marks.len(), 2);
    compact(&place.vault, &mut writer);
    for table in ["version", "deletion"] {
        assert_eq!(
            count(&place, &format!("SELECT count(*) FROM {table}")),
            0,
            "{table}"
        );
    }
    assert_eq!(
        count(&place, "SELECT count(*) FROM mark"),
        1,
        "the list of pins is read as rows"
    );
    assert_eq!(
        all(&place.reader(), &Selection::default(), Order::Id),
        before
    );
    assert_eq!(place.reader().marks(MessageId(3)).unwrap(), marks);
    assert_eq!(place.reader().pinned().unwrap(), [MessageId(4)]);

    // The same said again is known; what is new is new.
    let again = writer.append(&later, &[]).unwrap();
    assert_eq!((again.new, again.edited, again.deleted), (0, 0, 0));
    let more = [
        reaction(3, ""),
        history(text(2, 2, "first")),
        live(edited(1, 2, "fourth", 30)),
    ];
    let done = writer.append(&more, &[]).unwrap();
    assert_eq!(done.edited, 2);
    for _ in 0..2 {
        let reader = place.reader();
        let third = reader.message(MessageId(3)).unwrap().unwrap();
        assert!(third.marks.reactions.is_none_or(|it| it.counts.is_empty()));
        let second = reader.message(MessageId(2)).unwrap().unwrap();
        assert_eq!(
            second.deleted_at, None,
            "a deletion that was folded in is taken back"
        );
        let first = reader.message(MessageId(1)).unwrap().unwrap();
        let texts: Vec<_> = first.versions.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(
            (first.message.text.as_str(), texts),
            ("fourth", vec!["first", "second", "third"])
        );
        compact(&place.vault, &mut writer);
    }
}

#[test]
fn what_changes_meanwhile_is_not_lost() {
    let place = Place::new();
    let mut writer = place.writer();
    fill(&mut writer, 2, 100);
    let early = [
        live(edited(7, 8, "early", 10)),
        deleted(9),
        reaction(11, "👍"),
    ];
    writer.append(&early, &[]).unwrap();
    let mut tries = 0;
    let mut compactor = Compactor::new(place.reader(), COMPACT);
    let done = compactor
        .run(
            &mut |fold| {
                tries += 1;
                if tries == 1 {
                    // In a later message of the same time, what was hidden is filled in: the row
                    // that was folded is another one now.
                    let filled = Message {
                        reply_to: Some(crate::model::Reply::to(MessageId(3))),
                        ..edited(7, 8, "early", 10)
                    };
                    let late = [live(filled), history(text(9, 10, &phrase(9)))];
                    writer.append(&late, &[]).unwrap();
                }
                writer.fold(&fold)
            },
            &mut |_| ControlFlow::Continue(()),
        )
        .unwrap();
    assert_eq!((tries, done.messages), (2, 200));
    let reader = place.reader();
    let seventh = reader.message(MessageId(7)).unwrap().unwrap();
    assert!(seventh.message.reply_to.is_some());
    assert_eq!(seventh.versions.len(), 1);
    assert_eq!(
        reader.message(MessageId(9)).unwrap().unwrap().deleted_at,
        None
    );
}

#[test]
fn it_can_be_interrupted_and_goes_on() {
    let place = Place::new();
    let mut writer = place.writer();
    // Several frames' worth.
    let long = "слово ".repeat(100);
    for sealing in 0..3 {
        let events: Vec<_> = (1..=1000)
            .map(|id| {
                live(text(
                    sealing * 1000 + id,
                    id % 10 + 1,
                    &format!("{long}{id}"),
                ))
            })
            .collect();
        writer.append(&events, &[]).unwrap();
        writer.seal(&SEAL).unwrap();
    }
    let before = all(&place.reader(), &Selection::default(), Order::Topic);
    let mut steps = 0;
    loop {
        let mut stopped = false;
        Compactor::new(place.reader(), COMPACT)
            .run(&mut |fold| writer.fold(&fold), &mut |done| {
                stopped = done.messages < done.of;
                ControlFlow::Break(())
            })
            .unwrap();
        steps += 1;
        let reader = place.reader();
        for topic in [1, 5, 10] {
            let last = reader.last(TopicId(topic), 1).unwrap();
            assert_eq!(ids(&last), [2991 + (topic + 8) % 10]);
        }
        assert!(all(&reader, &Selection::default(), Order::Topic) == before);
        if !stopped {
            break;
        }
        assert!(steps < 50, "it gets on");
    }
    assert!(steps > 2, "{steps}");
    assert_eq!(count(&place, "SELECT sum(gone) FROM frame"), 0);
}

#[test]
fn a_dictionary_is_of_what_several_customers_share() {
    let place = Place::new();
    let mut writer = place.writer();
    // What only one says, very often; and a number.
    let own = "xylophonspielplatz";
    for sealing in 0..3 {
        let events: Vec<_> = (1..=6000)
            .map(|number| {
                let id = sealing * 6000 + number;
                let said = match id % 40 {
                    7 => format!("{own} {own} {id}"),
                    _ => format!("{}, Tel. 491701234567", phrase(id)),
                };
                live(text(id, id % 40 + 1, &said))
            })
            .collect();
        writer.append(&events, &[]).unwrap();
        writer.seal(&SEAL).unwrap();
    }
    compact(&place.vault, &mut writer);
    let conn = Connection::open(place.reader().path()).unwrap();
    let body: Vec<u8> = conn
        .query_row("SELECT body FROM dictionary", [], |row| row.get(0))
        .unwrap();
    let bytes = zstd::bulk::decompress(&body, 1 << 20).unwrap();
    let shows = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(shows(b"would like to return"));
    assert!(!shows(b"xyloph") && !shows(b"spielplatz") && !shows(b"491"));
    assert_eq!(
        count(
            &place,
            "SELECT count(*) FROM frame WHERE dictionary IS NULL"
        ),
        0
    );
    // Sealing uses it from now on.
    writer
        .append(&[live(text(90_000, 3, &phrase(1)))], &[])
        .unwrap();
    writer.seal(&SEAL).unwrap();
    assert_eq!(
        count(
            &place,
            "SELECT count(*) FROM frame WHERE dictionary IS NULL"
        ),
        0
    );
    assert_eq!(
        all(&place.reader(), &Selection::default(), Order::Id).len(),
        18_001
    );
}
