//! Reading where nothing may be written.
//!
//! Readers of a WAL archive share an index file, `-shm`, which the first of them creates. On a
//! read-only mount nobody can. Where there is no log (`-wal`) either, no writer has the archive
//! open, and SQLite can be told to read the file as one that does not change. With a log that is
//! not folded in, reading the file alone would leave out what was committed last: that is refused.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, ffi};

use super::error::OpenError;

/// Whether an archive that exists could not be read because its `-shm` cannot be created.
pub(super) fn is_cause(error: &Error) -> bool {
    let Error::SqliteFailure(failure, _) = error else {
        return false;
    };
    failure.code == ErrorCode::CannotOpen
        || matches!(
            failure.extended_code,
            ffi::SQLITE_READONLY_CANTINIT
                | ffi::SQLITE_READONLY_DIRECTORY
                | ffi::SQLITE_READONLY_RECOVERY
                | ffi::SQLITE_READONLY_CANTLOCK
        )
}

/// Opens the file as one that does not change. A writer that starts later is not seen, so such a
/// connection is for archives on read-only media and copies, not for following a live one.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    if fs::metadata(log(path)).is_ok_and(|log| log.len() > 0) {
        return Err(OpenError::UnfinishedLog {
            path: path.to_owned(),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri(path), flags).map_err(|error| OpenError::sqlite(path, error))
}

fn log(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// The path as SQLite's URI; whatever could have a meaning there is escaped.
fn uri(path: &Path) -> String {
    // An empty authority, or a path with two slashes in front would be taken for one.
    let mut uri = String::from(if path.is_absolute() {
        "file://"
    } else {
        "file:"
    });
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn failure(code: i32) -> Error {
        Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn only_what_a_read_only_place_causes_counts() {
        for code in [
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_READONLY_CANTINIT,
            ffi::SQLITE_READONLY_DIRECTORY,
        ] {
            assert!(is_cause(&failure(code)), "{code}");
        }
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_BUSY, ffi::SQLITE_NOTADB] {
            assert!(!is_cause(&failure(code)), "{code}");
        }
    }

    #[test]
    fn a_file_without_a_log_is_read_as_it_is_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("what? 100% #1 да.db");
        let writer = Connection::open(&path).unwrap();
        writer.pragma_update(None, "journal_mode", "WAL").unwrap();
        writer
            .execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
            .unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, OpenError::UnfinishedLog { .. }));
        drop(writer);
        let conn = open(&path).unwrap();
        let read: i64 = conn
            .query_row("SELECT a FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(read, 7);
        assert!(conn.execute("INSERT INTO t VALUES (8)", []).is_err());
        let files = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(files, 1, "nothing is created beside it");
    }
}
