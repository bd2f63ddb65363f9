//! Opening: what is refused, and how it is said.

use std::fs;

use rusqlite::Connection;

use super::*;

#[test]
fn archives_are_found_again() {
    let place = Place::new();
    assert!(place.vault.groups().unwrap().is_empty());
    drop(place.writer());
    drop(place.vault.state().unwrap());
    assert_eq!(place.vault.groups().unwrap(), [group()]);
    let mut writer = place.writer();
    assert_eq!(place.reader().title().unwrap(), None);
    writer.set_title("Support").unwrap();
    assert_eq!(place.reader().title().unwrap().as_deref(), Some("Support"));
    assert_eq!(place.reader().group(), group());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let mut writer = place.writer();
    writer.append(&[live(text(1, 1, "a"))], &[]).unwrap();
    let _state = place.vault.state().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.vault.dir()), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(place.vault.dir()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.extension().unwrap().to_string_lossy().into_owned());
    }
    assert!(names.contains(&"db-wal".to_owned()));
}

#[test]
fn what_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("nowhere");
    assert!(matches!(
        Vault::open(&missing),
        Err(OpenError::NoVault { .. })
    ));
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    assert!(matches!(
        Vault::open(&file),
        Err(OpenError::NotADirectory { .. })
    ));
    let place = Place::new();
    assert!(matches!(
        place.vault.reader(group()),
        Err(OpenError::NoArchive { .. })
    ));
    fs::remove_dir_all(place.vault.dir()).unwrap();
    assert!(matches!(
        place.vault.writer(group()),
        Err(OpenError::NoVault { .. })
    ));
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let place = Place::new();
    let first = place.writer();
    match place.vault.writer(group()) {
        Err(OpenError::Locked { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    drop(first);
    place.writer();
}

#[test]
fn foreign_and_damaged_files_are_refused() {
    let place = Place::new();
    let path = place.vault.dir().join(format!("{}.db", group()));
    fs::write(
        &path,
        "this is no database, only some text that is long enough to read",
    )
    .unwrap();
    assert!(matches!(
        place.vault.reader(group()),
        Err(OpenError::NotSqlite { .. })
    ));
    assert!(matches!(
        place.vault.writer(group()),
        Err(OpenError::NotSqlite { .. })
    ));
    assert_eq!(fs::read(&path).unwrap().len(), 63);

    fs::remove_file(&path).unwrap();
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE meta (x)").unwrap();
    drop(foreign);
    assert!(matches!(
        place.vault.reader(group()),
        Err(OpenError::Foreign { .. })
    ));
    assert!(matches!(
        place.vault.writer(group()),
        Err(OpenError::Foreign { .. })
    ));
}

#[test]
fn a_truncated_archive_is_an_error_and_no_panic() {
    let place = Place::new();
    let mut writer = place.writer();
    let events: Vec<_> = (1..500).map(|id| live(text(id, 1, "hello"))).collect();
    writer.append(&events, &[]).unwrap();
    let path = writer.path().to_owned();
    drop(writer);
    let whole = fs::read(&path).unwrap();
    for part in [20, 100, 4096, 5000, whole.len() / 2, whole.len() - 4096] {
        fs::write(&path, &whole[..part]).unwrap();
        let outcome = place.vault.reader(group()).map(|reader| {
            let mut count = 0;
            let read = reader.read(&Selection::default(), Order::Id, &mut |_| {
                count += 1;
                ControlFlow::Continue(())
            });
            (read, count)
        });
        match outcome {
            Err(OpenError::NotSqlite { .. } | OpenError::Corrupt { .. }) => {}
            Ok((Err(ArchiveError::Corrupt { .. }), _)) => {}
            other => panic!("{part}: {other:?}"),
        }
    }
}

fn set(path: &std::path::Path, key: &str, value: &str) {
    let conn = Connection::open(path).unwrap();
    conn.execute("UPDATE meta SET value = ?2 WHERE key = ?1", [key, value])
        .unwrap();
}

#[test]
fn newer_formats_are_read_where_possible_and_never_written() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.append(&[live(text(1, 1, "a"))], &[]).unwrap();
    let path = writer.path().to_owned();
    drop(writer);
    set(&path, "format_minor", "7");
    assert_eq!(place.reader().stats().unwrap().messages, 1);
    match place.vault.writer(group()) {
        Err(OpenError::NewerForWriting { found, .. }) => assert_eq!(found, "2.7"),
        other => panic!("{other:?}"),
    }
    set(&path, "format_major", "3");
    for error in [
        place.vault.reader(group()).err(),
        place.vault.writer(group()).err(),
    ] {
        assert!(matches!(error, Some(OpenError::Newer { .. })), "{error:?}");
    }
    set(&path, "format_major", "2");
    set(&path, "format_minor", "0");
    set(&path, "group", "5");
    assert!(matches!(
        place.vault.reader(group()),
        Err(OpenError::WrongGroup { .. })
    ));
}

#[test]
fn the_audit_log_is_kept_newest_first() {
    let place = Place::new();
    let mut state = place.vault.state().unwrap();
    let entry = |at| AuditEntry {
        at,
        group: group(),
        topic: TopicId(5),
        person: PersonId(7),
        action: "export".to_owned(),
        outcome: "served".to_owned(),
        result: Some("3 messages".to_owned()),
    };
    for at in 1..=3 {
        state.audit(&entry(at)).unwrap();
    }
    drop(state);
    let state = place.vault.state().unwrap();
    assert_eq!(state.audit_log(2).unwrap(), [entry(3), entry(2)]);
}

/// A schema as SQLite tells it, comments and spacing aside.
fn schema(conn: &Connection) -> Vec<String> {
    let mut statement = conn
        .prepare(
            "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_schema \
             WHERE name NOT LIKE 'sqlite_%' ORDER BY 1",
        )
        .unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.map(|row| {
        let sql = row.unwrap();
        let plain: Vec<&str> = sql
            .lines()
            .map(|line| line.split_once("--").map_or(line, |(code, _)| code))
            .flat_map(str::split_whitespace)
            .collect();
        // Added columns are set apart by a space.
        plain.join(" ").replace(" ,", ",").replace(" )", ")")
    })
    .collect()
}

#[test]
fn the_commented_schema_is_what_migrations_make() {
    let place = Place::new();
    let archive = place.writer().path().to_owned();
    drop(place.vault.state().unwrap());
    for (path, documented) in [
        (archive, include_str!("../../../schema/archive.sql")),
        (
            place.vault.dir().join("state.db"),
            include_str!("../../../schema/state.sql"),
        ),
    ] {
        let fresh = Connection::open_in_memory().unwrap();
        fresh.execute_batch(documented).unwrap();
        assert_eq!(schema(&fresh), schema(&Connection::open(path).unwrap()));
    }
}
