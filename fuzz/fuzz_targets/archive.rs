//! Whatever is in an archive's file, reading it is an error or an answer: any bytes in any place, a
//! page of topics or people of any content, a frame of any content with a checksum that is right.
#![no_main]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;

use jiff::tz::TimeZone;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use rusqlite::{Connection, params};
use topicvault::archive::{OpenError, Order, Query, Search, Selection, Sql, Vault};
use topicvault::model::{GroupId, TopicId};

const ARCHIVE: &[u8] = include_bytes!("../../tests/fixtures/archives/format-2.0.db.zst");

#[derive(Arbitrary, Debug)]
enum Harm {
    /// Bytes of the file.
    Bytes(Vec<(u32, u8)>),
    /// A page of topics (or people).
    Page { topics: bool, first: i64, last: i64, json: String },
    /// A frame, and what the tables say of it.
    Frame { body: Vec<u8>, facts: [i64; 5] },
    /// Which run is where.
    Run { topic: i32, last: i32, number: i64, count: i64 },
}

struct Place {
    vault: Vault,
    group: GroupId,
    path: PathBuf,
    bytes: Vec<u8>,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        // Kept until the process ends.
        let dir = tempfile::tempdir().expect("a directory").keep();
        let group = GroupId::from_bare(2_101_424_779).expect("a group");
        let vault = Vault::create(&dir).expect("a vault");
        let path = dir.join(format!("{group}.db"));
        let db = zstd::decode_all(ARCHIVE).expect("our own");
        std::fs::write(&path, db).expect("a file");
        // Brings it to today's format, and its topics to rest.
        let mut writer = vault.writer(group).expect("a writer");
        writer.vacuum().expect("room");
        drop(writer);
        let bytes = std::fs::read(&path).expect("the file");
        Place {
            vault,
            group,
            path,
            bytes,
        }
    })
}

/// Writes the harmed archive; an error is SQLite's refusal of values, and as good as any harm.
fn harm(place: &Place, harms: Vec<Harm>) -> rusqlite::Result<()> {
    let mut bytes = place.bytes.clone();
    for harm in &harms {
        if let Harm::Bytes(changes) = harm {
            for (at, to) in changes {
                let at = *at as usize % bytes.len();
                bytes[at] = *to;
            }
        }
    }
    for beside in ["db-wal", "db-shm"] {
        let _ = std::fs::remove_file(place.path.with_extension(beside));
    }
    std::fs::write(&place.path, bytes).expect("a file");
    let conn = Connection::open(&place.path)?;
    for harm in harms {
        match harm {
            Harm::Bytes(_) => {}
            Harm::Page { topics, first, last, json } => {
                let body = zstd::bulk::compress(json.as_bytes(), 1).expect("a text");
                conn.execute(
                    "INSERT INTO roster (kind, first, last, count, checksum, body) \
                     VALUES (?1, ?2, ?3, 1, ?4, ?5)",
                    params![
                        if topics { 1 } else { 2 },
                        first,
                        last,
                        blake3::hash(&body).as_bytes(),
                        body
                    ],
                )?;
            }
            Harm::Frame { body, facts: [messages, first, last, gone, raw] } => {
                conn.execute(
                    "UPDATE frame SET body = ?1, checksum = ?2, messages = ?3, first_id = ?4, \
                       last_id = ?5, gone = ?6 WHERE id = (SELECT id FROM frame ORDER BY id LIMIT 1 \
                       OFFSET ?7 % (SELECT count(*) FROM frame))",
                    params![
                        body,
                        blake3::hash(&body).as_bytes(),
                        messages,
                        first,
                        last,
                        gone,
                        raw.unsigned_abs() >> 1
                    ],
                )?;
            }
            Harm::Run { topic, last, number, count } => {
                conn.execute(
                    "INSERT INTO run (topic, last_id, number, count) VALUES (?1, ?2, ?3, ?4)",
                    params![topic, last, number, count],
                )?;
            }
        }
    }
    Ok(())
}

fn read(place: &Place) -> Result<(), OpenError> {
    let reader = place.vault.reader(place.group)?;
    let _ = reader.stats();
    let _ = reader.topics();
    let _ = reader.people();
    let _ = reader.coverage(i32::MIN..=i32::MAX);
    let _ = reader.last(TopicId(1), 50);
    for order in [Order::Id, Order::Topic] {
        let _ = reader.read(&Selection::default(), order, &mut |_| ControlFlow::Continue(()));
    }
    for query in ["hello", "\"guten tag\"", "заказ topic:desk", "from:anna before:2030-01-01"] {
        let search = Search {
            query: Query::parse(query, &TimeZone::UTC).expect("a query"),
            limit: 10,
            ..Search::default()
        };
        let _ = reader.search(&search, &mut || ControlFlow::Continue(()));
    }
    drop(reader);
    let mut sql = Sql::new(&place.vault, &[place.group]).expect("a connection");
    for table in ["messages", "versions", "topics", "people", "coverage"] {
        let query = format!("SELECT * FROM {table}");
        let _ = sql.query(&query, || false, &mut |_, _| true);
    }
    Ok(())
}

fuzz_target!(|harms: Vec<Harm>| {
    let place = place();
    let _ = harm(place, harms);
    let _ = read(place);
    // Whoever writes meets the same file.
    if let Ok(mut writer) = place.vault.writer(place.group) {
        let _ = writer.tidy();
        let _ = writer.vacuum();
    }
});
