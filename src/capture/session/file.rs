//! Opening a login's file, and the thread that writes it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, RwLock};

use grammers_session::types::DcOption;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::cipher::{Cipher, CipherError, Sealing};
use super::error::SessionError;
use super::memory::Memory;
use super::store::{Store, StoreError, encrypt, sealing};
use crate::archive::lock_alone;
use crate::config::{Secret, ServerConfig};
use crate::steps;

/// `tvSE`: what the migrations write as SQLite's application id.
pub(super) const APPLICATION_ID: i64 = 1_953_911_621;

/// Every migration there is; the format's number is their count.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../schema/session/0001_session.sql"),
    include_str!("../../../schema/session/0002_sealed.sql"),
];

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// An open login. Its lock and its thread end with it.
pub(crate) struct SessionFile {
    path: PathBuf,
    pub(super) store: Store,
    pub(super) memory: Arc<RwLock<Memory>>,
    /// `None` only while being dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// Held for as long as the login is open.
    _lock: File,
}

impl std::fmt::Debug for SessionFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SessionFile {
    /// Opens a login, creating it if it is missing. With `server` set, that server's address (and
    /// its key, where the login has none) becomes the home datacentre's. With a `key`, the file is
    /// encrypted from now on; what was encrypted opens with the same key only.
    pub(crate) fn open(
        path: &Path,
        server: Option<&ServerConfig>,
        key: &Secret,
    ) -> Result<Self, SessionError> {
        let io = |source| SessionError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(dir) = path.parent() {
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.recursive(true).create(dir).map_err(io)?;
        }
        let lock = private(&path.with_extension("session.lock")).map_err(io)?;
        match lock_alone(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(SessionError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // SQLite gives its WAL the mode of the main file, so that is made first, by us.
        drop(private(path).map_err(io)?);
        let mut db = Connection::open(path).map_err(|source| explain(path, source))?;
        migrate(&mut db, path)?;
        let store = unlock(&mut db, path, key)?;
        let mut memory = store
            .load(&db)
            .map_err(|error| explain_store(path, error))?;
        if let Some(server) = server {
            let option = server_option(&memory, server)?;
            let save = |db: &Connection| {
                store.save_home(db, option.id)?;
                store.save_datacentre(db, &option)
            };
            save(&db).map_err(|error| explain_store(path, error))?;
            memory.home_dc = option.id;
            memory.datacentres.insert(option.id, option);
        }
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("session".to_owned())
            .spawn(move || {
                while let Ok(job) = queue.recv() {
                    job(&mut db);
                }
            })
            .map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            store,
            memory: Arc::new(RwLock::new(memory)),
            jobs: Some(jobs),
            thread: Some(thread),
            _lock: lock,
        })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes in one transaction and then remembers; returns after the commit.
    pub(super) async fn save(
        &self,
        write: impl FnOnce(&Connection, &Store) -> Result<(), StoreError> + Send + 'static,
        remember: impl FnOnce(&mut Memory) + Send + 'static,
    ) -> Result<(), SessionError> {
        let (done, result) = oneshot::channel();
        let memory = Arc::clone(&self.memory);
        let store = self.store.clone();
        let job: Job = Box::new(move |db| {
            steps::passed("session.before_save");
            let saved = (|| -> Result<(), StoreError> {
                let transaction = db.transaction()?;
                write(&transaction, &store)?;
                Ok(transaction.commit()?)
            })();
            steps::passed("session.after_save");
            if saved.is_ok() {
                remember(&mut memory.write().unwrap_or_else(|poison| poison.into_inner()));
            }
            // Whoever asked may have been cancelled meanwhile; what was written stays written.
            let _ = done.send(saved);
        });
        self.jobs
            .as_ref()
            .and_then(|jobs| jobs.send(job).ok())
            .ok_or(SessionError::Closed)?;
        result
            .await
            .map_err(|_| SessionError::Closed)?
            .map_err(|error| explain_store(&self.path, error))
    }

    /// Looks something up.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Memory) -> T) -> T {
        look(
            &self
                .memory
                .read()
                .unwrap_or_else(|poison| poison.into_inner()),
        )
    }

    /// Changes what is not stored.
    pub(super) fn adjust(&self, change: impl FnOnce(&mut Memory)) {
        change(
            &mut self
                .memory
                .write()
                .unwrap_or_else(|poison| poison.into_inner()),
        );
    }
}

impl Drop for SessionFile {
    /// Lets the thread write what is queued and close the database before the lock is given up.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Finds out how the rows are kept, and encrypts them where a key is configured and they are not.
fn unlock(db: &mut Connection, path: &Path, key: &Secret) -> Result<Store, SessionError> {
    let explained = |error| explain_store(path, error);
    let sqlite = |source| explain(path, source);
    let (store, clean) = match (sealing(db).map_err(explained)?, key.is_empty()) {
        (None, true) => return Ok(Store::Plain),
        (Some(_), true) => {
            return Err(SessionError::KeyMissing {
                path: path.to_owned(),
            });
        }
        (Some(sealing), false) => (cipher_of(path, key, &sealing)?, sealing.clean),
        (None, false) => {
            let (cipher, sealing) =
                Cipher::new(key.expose()).map_err(|error| explained(error.into()))?;
            steps::passed("session.before_encrypt");
            let transaction = db.transaction().map_err(sqlite)?;
            let store = encrypt(&transaction, cipher, &sealing).map_err(explained)?;
            transaction.commit().map_err(sqlite)?;
            steps::passed("session.encrypted");
            (store, false)
        }
    };
    if !clean {
        // What stood in plain lies in free pages and in the write-ahead log: write the file anew
        // and empty the log. Done again after a kill, until it is noted as done.
        (|| {
            db.pragma_update(None, "temp_store", "MEMORY")?;
            db.execute_batch("VACUUM")?;
            truncate_log(db)?;
            steps::passed("session.cleaned");
            db.execute("UPDATE sealing SET clean = 1 WHERE id = 1", [])?;
            Ok(())
        })()
        .map_err(sqlite)?;
    }
    Ok(store)
}

/// Moves the write-ahead log into the file and empties it.
fn truncate_log(db: &Connection) -> rusqlite::Result<()> {
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    match busy {
        0 => Ok(()),
        // Somebody reads the file at this moment, such as `topicvault accounts`.
        _ => Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            Some("the login is being read by another process".to_owned()),
        )),
    }
}

/// The cipher of an encrypted file.
pub(super) fn cipher_of(
    path: &Path,
    key: &Secret,
    sealing: &Sealing,
) -> Result<Store, SessionError> {
    match Cipher::of(key.expose(), sealing) {
        Ok(cipher) => Ok(Store::Sealed(Box::new(cipher))),
        Err(CipherError::Wrong) => Err(SessionError::KeyWrong {
            path: path.to_owned(),
        }),
        Err(error) => Err(explain_store(path, error.into())),
    }
}

/// Removes a login that nobody uses, with all that SQLite keeps beside it.
pub(crate) fn remove(path: &Path) -> Result<(), SessionError> {
    let io = |source| SessionError::Io {
        path: path.to_owned(),
        source,
    };
    let lock_path = path.with_extension("session.lock");
    let lock = private(&lock_path).map_err(io)?;
    match lock_alone(&lock) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(SessionError::InUse {
                path: path.to_owned(),
            });
        }
        Err(TryLockError::Error(source)) => return Err(io(source)),
    }
    // The log first: without its file it means nothing, but beside a new one it would be replayed.
    for end in ["-wal", "-shm", ""] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            other => other.map_err(io)?,
        }
    }
    // The lock's own file tells nothing; whoever waits for it would otherwise lock a ghost.
    Ok(())
}

/// Opens or creates a file that only its owner may read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Tells a damaged file from other trouble.
pub(super) fn explain_store(path: &Path, error: StoreError) -> SessionError {
    match error {
        StoreError::Sqlite(source) => explain(path, source),
        StoreError::Damaged => SessionError::Damaged {
            path: path.to_owned(),
        },
        StoreError::Cipher => SessionError::Seal {
            path: path.to_owned(),
        },
    }
}

/// Tells a damaged file from other trouble.
pub(super) fn explain(path: &Path, source: rusqlite::Error) -> SessionError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            SessionError::Damaged { path }
        }
        _ => match source {
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => SessionError::Damaged { path },
            source => SessionError::Sqlite { path, source },
        },
    }
}

fn migrate(db: &mut Connection, path: &Path) -> Result<(), SessionError> {
    let explained = |source| explain(path, source);
    let pragma = |db: &Connection, name: &str| -> Result<i64, SessionError> {
        db.pragma_query_value(None, name, |row| row.get(0))
            .map_err(explained)
    };
    let application = pragma(db, "application_id")?;
    let found = pragma(db, "user_version")?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let empty = pragma(db, "schema_version")? == 0;
    if !empty && application != APPLICATION_ID {
        return Err(SessionError::Foreign {
            path: path.to_owned(),
        });
    }
    if found > known {
        return Err(SessionError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    // A file cut short opens well and fails later; it is small, so look at all of it now.
    let intact: String = db
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(explained)?;
    if intact != "ok" {
        return Err(SessionError::Damaged {
            path: path.to_owned(),
        });
    }
    // FULL: a login that is lost costs the user a new one, and Telegram counts those.
    db.pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| db.pragma_update(None, "synchronous", "FULL"))
        .map_err(explained)?;
    for (index, migration) in MIGRATIONS.iter().enumerate() {
        let number = i64::try_from(index + 1).unwrap_or(i64::MAX);
        if number <= found {
            continue;
        }
        (|| {
            let transaction = db.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", number)?;
            transaction.commit()
        })()
        .map_err(explained)?;
    }
    Ok(())
}

/// The datacentre that a configured server stands for: its address always, its key only where the
/// login has none yet. The address of a local server changes with every start.
fn server_option(memory: &Memory, server: &ServerConfig) -> Result<DcOption, SessionError> {
    let known = memory
        .datacentres
        .get(&server.dc_id)
        .and_then(|option| option.auth_key);
    let auth_key = match known {
        Some(key) => Some(key),
        None if server.auth_key.is_empty() => None,
        None => Some(decode_key(server.auth_key.expose()).ok_or(SessionError::AuthKey)?),
    };
    Ok(DcOption {
        id: server.dc_id,
        ipv4: server.address,
        ipv6: std::net::SocketAddrV6::new(
            server.address.ip().to_ipv6_mapped(),
            server.address.port(),
            0,
            0,
        ),
        auth_key,
    })
}

pub(super) fn decode_key(hex: &str) -> Option<[u8; 256]> {
    let hex = hex.trim().as_bytes();
    if hex.len() != 512 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut key = [0u8; 256];
    for (byte, pair) in key.iter_mut().zip(hex.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(key)
}
