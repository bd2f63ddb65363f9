//! Opening SQLite files of ours: identity, format version, migrations, pragmas.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::error::OpenError;
use super::files;
use super::read_only;

/// How long to wait for another connection's lock. Writers hold it for milliseconds; only a
/// checkpoint on a slow disk takes longer.
const BUSY: Duration = Duration::from_secs(10);

/// A kind of file: what marks it, its format and how to get there.
#[derive(Debug)]
pub(super) struct Kind {
    /// `PRAGMA application_id`: foreign SQLite files are refused.
    pub(super) application_id: i32,
    /// Readers of another major refuse the file.
    pub(super) major: u32,
    /// Writers of an older minor refuse the file.
    pub(super) minor: u32,
    /// Number n brings `user_version` from n to n + 1.
    pub(super) migrations: &'static [&'static str],
    /// `NORMAL` or `FULL`.
    pub(super) synchronous: &'static str,
}

/// One group's archive. NORMAL: SIGKILL loses nothing, and after a power cut the positions stored
/// with the events make capture fetch the last moments again.
pub(super) const ARCHIVE: Kind = Kind {
    application_id: 0x5456_6172,
    major: 2,
    minor: 0,
    migrations: &[
        include_str!("../../schema/archive/0001_first.sql"),
        include_str!("../../schema/archive/0002_everything.sql"),
        include_str!("../../schema/archive/0003_compact.sql"),
    ],
    synchronous: "NORMAL",
};

/// `state.db`. FULL: what only we know cannot be fetched again.
pub(super) const STATE: Kind = Kind {
    application_id: 0x5456_7374,
    major: 1,
    minor: 6,
    migrations: &[
        include_str!("../../schema/state/0001_first.sql"),
        include_str!("../../schema/state/0002_jobs.sql"),
        include_str!("../../schema/state/0003_backfill.sql"),
        include_str!("../../schema/state/0004_connectors.sql"),
        include_str!("../../schema/state/0005_desk.sql"),
        include_str!("../../schema/state/0006_once.sql"),
        include_str!("../../schema/state/0007_pulls.sql"),
    ],
    synchronous: "FULL",
};

/// Opens a file for writing, creating or migrating it as needed. `facts` go into `meta` of a new file.
pub(super) fn open_writer(
    path: &Path,
    kind: &Kind,
    facts: &[(&str, &str)],
) -> Result<Connection, OpenError> {
    let file = files::private(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => OpenError::ReadOnly {
            path: path.to_owned(),
        },
        _ => OpenError::io(path, error),
    })?;
    drop(file);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn =
        Connection::open_with_flags(path, flags).map_err(|error| OpenError::sqlite(path, error))?;
    let format = read_first(&conn).map_err(|error| OpenError::sqlite(path, error))?;
    if let Some(format) = format {
        format.check_readable(path, kind)?;
        format.check_writable(path, kind)?;
    }
    set_up(&mut conn, kind, format, facts).map_err(|error| OpenError::sqlite(path, error))?;
    Ok(conn)
}

fn set_up(
    conn: &mut Connection,
    kind: &Kind,
    format: Option<Format>,
    facts: &[(&str, &str)],
) -> rusqlite::Result<()> {
    if format.is_none() {
        // Both must precede the first table. Most tables are small, and frames end somewhere within a
        // page: 1.7 % of an archive of 300,000 messages.
        conn.pragma_update(None, "page_size", 2048)?;
        // Sealing frees pages; this lets it give them back.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", kind.synchronous)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // A long read keeps the WAL growing; afterwards it need not stay that large.
    conn.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    conn.pragma_update(None, "cache_size", -8 * 1024)?;
    keep_plans(conn)?;
    conn.set_prepared_statement_cache_capacity(128);
    migrate(conn, kind, facts)
}

/// Opens a file for reading only.
pub(super) fn open_reader(path: &Path, kind: &Kind) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sqlite = |error| OpenError::sqlite(path, error);
    let mut conn = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    let format = match read_first(&conn) {
        Err(error) if read_only::is_cause(&error) => {
            conn = read_only::open(path)?;
            read_first(&conn)
        }
        other => other,
    };
    let Some(format) = format.map_err(sqlite)? else {
        return Err(OpenError::Older {
            path: path.to_owned(),
        });
    };
    format.check_readable(path, kind)?;
    if usize::try_from(format.migrations).is_ok_and(|done| done < kind.migrations.len()) {
        return Err(OpenError::Older {
            path: path.to_owned(),
        });
    }
    conn.pragma_update(None, "query_only", true)
        .and_then(|()| conn.pragma_update(None, "cache_size", -4 * 1024))
        .and_then(|()| keep_plans(&conn))
        .map_err(|error| OpenError::sqlite(path, error))?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}

/// Has a connection plan each statement once. SQLite else looks at the values bound to it, and plans
/// those anew with each value that compare with a column of a partial index, or with a range: most of
/// the time it took to look a message up.
fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Has a connection keep at most so many KiB of pages.
pub(super) fn keep(conn: &Connection, kib: i32) -> rusqlite::Result<()> {
    conn.pragma_update(None, "cache_size", -kib)
}

/// Lets go of the pages that a connection keeps.
pub(super) fn let_go(conn: &Connection) {
    // What cannot be let go of stays, and no more than its cache holds.
    let _ = conn.execute_batch("PRAGMA shrink_memory");
}

/// What a file says about itself.
#[derive(Clone, Copy, Debug)]
struct Format {
    application_id: i32,
    migrations: i64,
    major: u32,
    minor: u32,
}

impl Format {
    fn check_readable(self, path: &Path, kind: &Kind) -> Result<(), OpenError> {
        let path = path.to_owned();
        if self.application_id != kind.application_id {
            return Err(OpenError::Foreign { path });
        }
        if self.major > kind.major {
            return Err(OpenError::Newer {
                path,
                found: format!("{}.{}", self.major, self.minor),
                known: format!("{}.{}", kind.major, kind.minor),
            });
        }
        Ok(())
    }

    fn check_writable(self, path: &Path, kind: &Kind) -> Result<(), OpenError> {
        let further = usize::try_from(self.migrations)
            .map_or(true, |migrations| migrations > kind.migrations.len());
        if further || (self.major, self.minor) > (kind.major, kind.minor) {
            return Err(OpenError::NewerForWriting {
                path: path.to_owned(),
                found: format!("{}.{}", self.major, self.minor),
                known: format!("{}.{}", kind.major, kind.minor),
            });
        }
        Ok(())
    }
}

/// Reads what the file says about itself; `None` for an empty one.
fn read_first(conn: &Connection) -> rusqlite::Result<Option<Format>> {
    conn.busy_timeout(BUSY)?;
    read_format(conn)
}

fn read_format(conn: &Connection) -> rusqlite::Result<Option<Format>> {
    let objects: i64 =
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application_id = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let migrations = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if objects == 0 && application_id == 0 {
        return Ok(None);
    }
    let number = |key: &str| -> rusqlite::Result<u32> {
        // A foreign file has no such table; its application id refuses it anyway.
        let has: i64 = conn.query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'",
            [],
            |row| row.get(0),
        )?;
        if has == 0 || application_id == 0 {
            return Ok(0);
        }
        let text: Option<String> = conn
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| {
                row.get(0)
            })
            .optional()?;
        // Unreadable means written by something we do not know: refuse it as newer.
        Ok(text.map_or(0, |text| text.parse().unwrap_or(u32::MAX)))
    };
    let (major, minor) = match application_id {
        id if id == ARCHIVE.application_id || id == STATE.application_id => {
            (number("format_major")?, number("format_minor")?)
        }
        _ => (0, 0),
    };
    Ok(Some(Format {
        application_id,
        migrations,
        major,
        minor,
    }))
}

/// Applies what is missing, each migration in a transaction of its own.
fn migrate(conn: &mut Connection, kind: &Kind, facts: &[(&str, &str)]) -> rusqlite::Result<()> {
    let done: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (number, sql) in (1_i64..).zip(kind.migrations) {
        if number <= done {
            continue;
        }
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Two processes may open state.db for the first time at once.
        let meanwhile: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if meanwhile >= number {
            continue;
        }
        tx.execute_batch(sql)?;
        {
            let mut put = tx.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?;
            put.execute(["format_major", &kind.major.to_string()])?;
            put.execute(["format_minor", &kind.minor.to_string()])?;
            if number == 1 {
                for (key, value) in facts {
                    put.execute([key, value])?;
                }
            }
        }
        tx.pragma_update(None, "application_id", kind.application_id)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}
