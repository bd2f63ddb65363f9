//! Full disks, unwritable files and damaged frames.

use rusqlite::Connection;

use super::*;

fn many(first: i32, last: i32) -> Vec<Observed> {
    (first..=last)
        .map(|id| live(text(id, 1, &format!("message {id} {}", "x".repeat(500)))))
        .collect()
}

#[test]
fn a_full_disk_loses_nothing_that_was_committed() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.append(&many(1, 50), &[]).unwrap();
    // SQLite's own limit reports the same error as a disk without space.
    let limit = |pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        writer
            .connection()
            .query_row(&sql, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let now = limit(1);
    let error = writer.append(&many(51, 5000), &[]).unwrap_err();
    assert!(matches!(error, ArchiveError::Full { .. }), "{error:?}");
    assert_eq!(place.reader().stats().unwrap().messages, 50);

    let sql = format!("PRAGMA max_page_count = {}", now * 1000);
    writer.connection().query_row(&sql, [], |_| Ok(())).unwrap();
    let appended = writer.append(&many(51, 5000), &[]).unwrap();
    assert_eq!((appended.new, appended.last_seq), (4950, 5000));
    assert_eq!(place.reader().stats().unwrap().hot, 5000);
}

#[test]
fn an_unwritable_file_is_said_to_be_so() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.append(&many(1, 5), &[]).unwrap();
    writer
        .connection()
        .pragma_update(None, "query_only", true)
        .unwrap();
    let error = writer.append(&many(6, 9), &[]).unwrap_err();
    assert!(matches!(error, ArchiveError::ReadOnly { .. }), "{error:?}");
}

#[test]
fn a_damaged_frame_is_named_and_others_are_read() {
    let place = Place::new();
    let mut writer = place.writer();
    for first in [1, 11] {
        writer.append(&many(first, first + 9), &[]).unwrap();
        writer.seal(&SEAL).unwrap();
    }
    let conn = Connection::open(writer.path()).unwrap();
    let damage = "UPDATE frame SET body = \
                  CAST(substr(body, 1, 40) || x'5A' || substr(body, 42) AS BLOB) WHERE id = 1";
    conn.execute(damage, []).unwrap();
    let reader = place.reader();
    let error = reader.message(MessageId(5)).unwrap_err();
    assert!(matches!(error, ArchiveError::Frame { frame: 1, .. }));
    assert!(error.to_string().contains("frame 1 of"));
    assert!(reader.message(MessageId(15)).unwrap().is_some());
    assert_eq!(reader.last(TopicId(1), 5).unwrap().len(), 5);

    // A frame that says it is right, but is not.
    conn.execute(
        "UPDATE frame SET body = x'545646', checksum = ?1 WHERE id = 1",
        [blake3::hash(b"TVF").as_bytes().as_slice()],
    )
    .unwrap();
    let error = reader.message(MessageId(5)).unwrap_err();
    assert!(matches!(error, ArchiveError::Frame { frame: 1, .. }));
}

/// Whatever is wrong with what frames need, is an error that names it.
#[test]
fn damage_beside_frames_is_an_error_that_names_it() {
    let place = Place::new();
    let mut writer = place.writer();
    for sealing in 0..3 {
        let events: Vec<_> = (1..=6000)
            .map(|number| {
                let id = sealing * 6000 + number;
                live(text(id, id % 40 + 1, &super::compacting::phrase(id)))
            })
            .collect();
        writer.append(&events, &[]).unwrap();
        writer.seal(&SEAL).unwrap();
    }
    compact(&place.vault, &mut writer);
    let conn = rusqlite::Connection::open(writer.path()).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    let read = |damage: &str| {
        conn.execute_batch(damage).unwrap();
        place
            .reader()
            .read(&Selection::default(), Order::Topic, &mut |_| {
                ControlFlow::Continue(())
            })
            .map_err(|error| error.to_string())
    };
    assert_eq!(read("UPDATE meta SET value = value"), Ok(()));
    let kept = "CREATE TABLE kept AS SELECT * FROM dictionary";
    assert_eq!(read(kept), Ok(()));
    for (damage, said) in [
        (
            "UPDATE dictionary SET body = x'28B52FFD'",
            "checksum differs",
        ),
        (
            "UPDATE dictionary SET body = substr(body, 1, 50), checksum = x'00'",
            "checksum differs",
        ),
        (
            "DELETE FROM dictionary WHERE id > 0",
            "dictionary is missing",
        ),
    ] {
        let error = read(damage).unwrap_err();
        assert!(error.contains(said), "{damage}: {error}");
        let back = "INSERT OR REPLACE INTO dictionary SELECT * FROM kept";
        assert_eq!(read(back), Ok(()));
    }
    // The index of runs against the frames, and the other way round.
    for (damage, said) in [
        (
            "UPDATE run SET number = number + 100000 WHERE topic = 7",
            "a run that its frame does not hold",
        ),
        (
            "UPDATE run SET number = -5 WHERE topic = 8",
            "a run of no frame",
        ),
    ] {
        let error = read(damage).unwrap_err();
        assert!(error.contains(said), "{damage}: {error}");
        conn.execute_batch("DELETE FROM run WHERE number < 0 OR number > 100000")
            .unwrap();
    }
}

/// What claims to be huge once it is unpacked is refused before memory is taken.
#[test]
fn what_claims_a_terabyte_is_an_error_that_names_it() {
    let place = Place::new();
    let mut writer = place.writer();
    let events: Vec<_> = (1..=18_000)
        .map(|id| live(text(id, id % 40 + 1, &super::compacting::phrase(id))))
        .collect();
    writer.append(&events, &[]).unwrap();
    writer.seal(&SEAL).unwrap();
    compact(&place.vault, &mut writer);
    writer.vacuum().unwrap();
    let conn = Connection::open(writer.path()).unwrap();
    let rows = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        conn.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert!(rows("dictionary") > 0 && rows("roster") > 0);
    // A frame of zstd in one segment whose content is said to be 2^40 bytes long.
    let claims = [
        &[0x28, 0xB5, 0x2F, 0xFD, 0xE0][..],
        &(1_u64 << 40).to_le_bytes(),
        &[0x01, 0x00, 0x00],
    ]
    .concat();
    // 256 MB of zeros in some kilobytes, without a word on how much it is.
    let mut bomb = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    std::io::copy(
        &mut std::io::Read::take(std::io::repeat(0), 256 << 20),
        &mut bomb,
    )
    .unwrap();
    let bomb = bomb.finish().unwrap();
    for body in [claims, bomb] {
        for (table, said) in [
            ("dictionary", "a dictionary that does not decompress"),
            ("roster", "a page of topics or people"),
        ] {
            let sql = format!("UPDATE {table} SET body = ?1, checksum = ?2");
            let checksum = blake3::hash(&body);
            conn.execute(&sql, rusqlite::params![body, checksum.as_bytes()])
                .unwrap();
            let reader = place.reader();
            let error = match table {
                "roster" => reader.topics().unwrap_err(),
                _ => reader.last(TopicId(7), 5).unwrap_err(),
            };
            assert!(error.to_string().contains(said), "{error}");
        }
    }
    // Runs without end.
    conn.execute("UPDATE frame SET runs = 1 << 60, last_ids = x''", [])
        .unwrap();
    let search = Search {
        query: Query::parse("word", &jiff::tz::TimeZone::UTC).unwrap(),
        limit: 5,
        ..Search::default()
    };
    let found = place
        .reader()
        .search(&search, &mut || ControlFlow::Continue(()));
    assert!(found.is_err());
}
