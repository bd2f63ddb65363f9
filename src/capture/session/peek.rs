//! A look at a login that changes nothing, also while another process uses it.

use std::fs::{File, TryLockError};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::error::SessionError;
use super::file::{APPLICATION_ID, cipher_of, explain, explain_store};
use super::store::{Store, sealing};
use crate::config::Secret;

/// What a look shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peeked {
    /// User id; `None` where nobody has logged in, or it is encrypted and the key is not known.
    pub(crate) id: Option<i64>,
    /// Display name, where it was ever told.
    pub(crate) name: Option<String>,
    /// Datacentre of the account, where it can be read.
    pub(crate) dc: Option<i32>,
    /// Encrypted at rest.
    pub(crate) encrypted: bool,
    /// Another process has it.
    pub(crate) in_use: bool,
    /// Why it could not be read, where it could not.
    pub(crate) trouble: Option<String>,
}

/// Looks at a login's file.
pub(crate) fn peek(path: &Path, key: &Secret) -> Peeked {
    let mut seen = Peeked {
        in_use: in_use(path),
        ..Peeked::default()
    };
    if let Err(error) = look(path, key, &mut seen) {
        seen.trouble = Some(error.to_string());
    }
    seen
}

fn look(path: &Path, key: &Secret, seen: &mut Peeked) -> Result<(), SessionError> {
    let sqlite = |source| explain(path, source);
    let stored = |error| explain_store(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    let pragma = |name: &str| -> Result<i64, SessionError> {
        db.pragma_query_value(None, name, |row| row.get(0))
            .map_err(sqlite)
    };
    if pragma("application_id")? != APPLICATION_ID {
        return Err(SessionError::Foreign {
            path: path.to_owned(),
        });
    }
    // Before the second migration no file was encrypted, nor held a name.
    if pragma("user_version")? < 2 {
        let (id, dc) = first_format(&db).map_err(sqlite)?;
        (seen.id, seen.dc) = (id, dc);
        return Ok(());
    }
    let store = match sealing(&db).map_err(stored)? {
        None => Store::Plain,
        Some(sealing) => {
            seen.encrypted = true;
            if key.is_empty() {
                return Err(SessionError::KeyMissing {
                    path: path.to_owned(),
                });
            }
            cipher_of(path, key, &sealing)?
        }
    };
    let memory = store.load(&db).map_err(stored)?;
    seen.id = memory.me.map(|me| me.bare_id_unchecked());
    seen.dc = Some(memory.home_dc);
    seen.name = memory.name;
    Ok(())
}

fn first_format(db: &Connection) -> rusqlite::Result<(Option<i64>, Option<i32>)> {
    use rusqlite::OptionalExtension as _;
    let id = db
        .query_row("SELECT id FROM peer WHERE is_self = 1", [], |row| {
            row.get(0)
        })
        .optional()?;
    let dc = db
        .query_row("SELECT home_dc FROM account WHERE id = 1", [], |row| {
            row.get(0)
        })
        .optional()?;
    Ok((id, dc))
}

/// Whether another process holds the login's lock.
fn in_use(path: &Path) -> bool {
    let Ok(lock) = File::open(path.with_extension("session.lock")) else {
        return false;
    };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}
