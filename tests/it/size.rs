//! How large an archive of real text is, held to what it was: growth is noticed, and shrinking noted.

use std::fs;
use std::ops::ControlFlow;

use rusqlite::Connection;
use topicvault::archive::{CompactPolicy, Compactor, Vault};
use topicvault::import;
use topicvault::model::GroupId;

const SAMPLE: &[u8] = include_bytes!("../fixtures/corpus/result.json.zst");
const MESSAGES: f64 = 12_000.0;
/// Bytes a message after sealing: all but the search index, and the index.
const ARCHIVE: f64 = 25.77;
const INDEX: f64 = 11.61;

#[test]
fn an_archive_stays_as_small_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(dir.path()).unwrap();
    let group = GroupId::from_bare(2_101_424_779).unwrap();
    let options = import::Options {
        group: None,
        zone: jiff::tz::TimeZone::UTC,
        skip_bad: false,
        files: None,
        level: 3,
        at: 1_795_392_000,
    };
    let input = zstd::Decoder::new(SAMPLE).unwrap();
    import::telegram(&vault, input, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let mut writer = vault.writer(group).unwrap();
    let policy = CompactPolicy {
        level: 19,
        segments: 1,
    };
    Compactor::new(vault.reader(group).unwrap(), policy)
        .run(&mut |fold| writer.fold(&fold), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
    writer.vacuum().unwrap();
    let path = writer.path().to_owned();
    drop(writer);
    let whole = fs::metadata(&path).unwrap().len() as f64 / MESSAGES;
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA journal_mode = DELETE; DROP TABLE run_words; VACUUM")
        .unwrap();
    let archive = fs::metadata(&path).unwrap().len() as f64 / MESSAGES;
    let index = whole - archive;
    println!("archive {archive:.2}, index {index:.2} bytes a message");
    for (what, found, known) in [("archive", archive, ARCHIVE), ("index", index, INDEX)] {
        let share = found / known - 1.0;
        assert!(
            share.abs() <= 0.02,
            "the {what} takes {found:.3} bytes a message, {:.1} % more than the {known} it took",
            share * 100.0
        );
    }
}
