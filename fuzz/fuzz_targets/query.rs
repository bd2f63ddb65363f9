//! Any text is a query or is said not to be one, and finds what it is made of; any SQL is answered
//! or refused, and changes nothing.
#![no_main]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use topicvault::archive::{Query, Search, Sql, Vault};
use topicvault::model::GroupId;

const ARCHIVE: &[u8] = include_bytes!("../../tests/fixtures/archives/format-2.0.db.zst");

/// Steps of SQLite after which an answer is long enough: some milliseconds.
const STEPS: u32 = 20;

fn vault() -> &'static (Vault, GroupId) {
    static VAULT: OnceLock<(Vault, GroupId)> = OnceLock::new();
    VAULT.get_or_init(|| {
        // Kept until the process ends.
        let dir = tempfile::tempdir().expect("a directory").keep();
        let group = GroupId::from_bare(2_101_424_779).expect("a group");
        let vault = Vault::create(&dir).expect("a vault");
        let db = zstd::decode_all(ARCHIVE).expect("our own");
        std::fs::write(dir.join(Path::new(&format!("{group}.db"))), db).expect("a file");
        // Brings it to today's format.
        drop(vault.writer(group).expect("a writer"));
        (vault, group)
    })
}

fuzz_target!(|text: &str| {
    let (vault, group) = vault();
    let query = Query::parse(text, &TimeZone::UTC);
    // What can be read can be read in quotes as well, unless it has some.
    if query.is_ok() && !text.contains([':', '"', '-']) {
        assert!(Query::parse(&format!("\"{text}\""), &TimeZone::UTC).is_ok());
    }
    if let Ok(query) = query {
        let search = Search {
            query,
            limit: 10,
            ..Search::default()
        };
        let reader = vault.reader(*group).expect("a reader");
        let hits = reader.search(&search, &mut || ControlFlow::Continue(()));
        assert!(hits.expect("a search").len() <= 10);
    }
    let mut sql = Sql::new(vault, &[*group]).expect("a connection");
    let mut steps = 0;
    let stop = move || {
        steps += 1;
        steps > STEPS
    };
    // Refused, stopped or answered.
    let _ = sql.query(text, stop, &mut |_, _| true);
});
