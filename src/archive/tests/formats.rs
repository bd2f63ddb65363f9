//! Archives of every format that there was, as they were written then: see
//! `tests/fixtures/archives/README.md`.

use std::fs;

use super::*;

const FIXTURES: [(&str, &[u8]); 3] = [
    (
        "1.0",
        include_bytes!("../../../tests/fixtures/archives/format-1.0.db.zst"),
    ),
    (
        "1.1",
        include_bytes!("../../../tests/fixtures/archives/format-1.1.db.zst"),
    ),
    (
        "2.0",
        include_bytes!("../../../tests/fixtures/archives/format-2.0.db.zst"),
    ),
];

fn place(fixture: &[u8]) -> Place {
    let place = Place::new();
    let path = place.vault.dir().join(format!("{}.db", group()));
    fs::write(&path, zstd::decode_all(fixture).unwrap()).unwrap();
    place
}

fn check(place: &Place, format: &str) {
    let reader = place.reader();
    assert_eq!(reader.title().unwrap().as_deref(), Some("Support desk"));
    assert_eq!(reader.position("pts").unwrap(), Some(7));
    let found = all(&reader, &Selection::default(), Order::Id);
    assert_eq!(ids(&found), (2..=41).collect::<Vec<_>>(), "{format}");
    let get = |id| {
        found
            .iter()
            .find(|it| it.message.id == MessageId(id))
            .unwrap()
    };
    assert_eq!(get(5).message.text, "Guten Tag – Größe „M“ 5");
    assert_eq!(get(6).message.text, "Здравствуйте, где заказ? Ёлка 6");
    assert_eq!(get(12).message.text, "Hello\0 and \u{1}\u{2} 👍 12");
    assert_eq!(get(13).message.text, "今天天气很好 13");
    assert_eq!(get(14).message.text, " 14");
    assert_eq!(get(15).message.from, None);
    assert_eq!(
        get(10).message.reply_to,
        Some(crate::model::Reply::to(MessageId(7)))
    );
    let quote = get(20).message.reply_to.as_ref().unwrap().quote.as_deref();
    assert_eq!(quote, Some("quoted"));
    let file = get(16).message.media.as_ref().unwrap().file_name.as_deref();
    assert_eq!(file, Some("invoice.pdf"));
    for (id, texts) in [
        (
            7,
            [
                "今天天气很好".to_owned() + " 7",
                "before sealing".to_owned(),
            ],
        ),
        (8, ["今天天气很好 8".to_owned(), "after sealing".to_owned()]),
    ] {
        let snapshot = get(id);
        assert_eq!(snapshot.message.text, texts[1]);
        assert_eq!(snapshot.versions.len(), 1, "{format} {id}");
    }
    assert!(get(9).deleted_at.is_some());
    assert_eq!(get(41).message.text, "hot");
    let query = Query::parse("заказы", &jiff::tz::TimeZone::UTC).unwrap();
    let search = Search {
        query,
        limit: 50,
        ..Search::default()
    };
    let hits = reader
        .search(&search, &mut || ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(hits.len(), 7, "{format}");
    let people = reader.people().unwrap();
    assert_eq!(people.get(&PersonId(103)).unwrap().name, "Anna");
    assert_eq!(reader.topics().unwrap().len(), 3);
    if format != "1.0" {
        assert!(get(10).marks.reactions.is_some() && get(11).marks.pinned);
    }
}

#[test]
fn old_archives_are_read_on_after_their_first_writing_and_compacted() {
    for (format, fixture) in FIXTURES {
        let place = place(fixture);
        if format.starts_with("1.") {
            assert!(matches!(
                place.vault.reader(group()),
                Err(OpenError::Older { .. })
            ));
        } else {
            check(&place, format);
        }
        let mut writer = place.writer();
        check(&place, format);
        let again = writer
            .append(&[live(edited(8, 3, "after sealing", 60))], &[])
            .unwrap();
        assert_eq!(again.known, 1);
        writer.seal(&SEAL).unwrap();
        check(&place, format);
        // What is compacted already is left alone.
        let new = if format.starts_with("1.") { 40 } else { 1 };
        assert_eq!(compact(&place.vault, &mut writer), new);
        check(&place, format);
    }
}

/// How the fixture of the current format was made; an earlier one is never made again.
#[test]
#[ignore = "writes a fixture of the current format: FIXTURE_TO=FILE"]
fn a_fixture_of_this_format() {
    let (_, newest) = FIXTURES.last().unwrap();
    let place = place(newest);
    let mut writer = place.writer();
    compact(&place.vault, &mut writer);
    writer.vacuum().unwrap();
    let path = writer.path().to_owned();
    drop(writer);
    check(&place, "this");
    let packed = zstd::encode_all(fs::File::open(path).unwrap(), 19).unwrap();
    fs::write(std::env::var("FIXTURE_TO").unwrap(), packed).unwrap();
}
