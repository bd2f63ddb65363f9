//! Opening a login's file, and the thread that writes it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, RwLock};

use grammers_session::types::DcOption;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::error::SessionError;
use super::memory::Memory;
use super::rows;
use crate::archive::lock_alone;
use crate::config::ServerConfig;
use crate::steps;

/// `tvSE`: what the migrations write as SQLite's application id.
const APPLICATION_ID: i64 = 1_953_911_621;

/// Every migration there is; the format's number is their count.
const MIGRATIONS: &[&str] = &[include_str!("../../../schema/session/0001_session.sql")];

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// An open login. Its lock and its thread end with it.
pub(crate) struct SessionFile {
    path: PathBuf,
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
    /// its key, where the login has none) becomes the home datacentre's.
    pub(crate) fn open(path: &Path, server: Option<&ServerConfig>) -> Result<Self, SessionError> {
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
        let mut memory = rows::load(&db).map_err(|source| explain(path, source))?;
        if let Some(server) = server {
            let option = server_option(&memory, server)?;
            let save = |db: &Connection| -> rusqlite::Result<()> {
                rows::save_home(db, option.id)?;
                rows::save_datacentre(db, &option)
            };
            save(&db).map_err(|source| explain(path, source))?;
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
        write: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
        remember: impl FnOnce(&mut Memory) + Send + 'static,
    ) -> Result<(), SessionError> {
        let (done, result) = oneshot::channel();
        let memory = Arc::clone(&self.memory);
        let job: Job = Box::new(move |db| {
            steps::passed("session.before_save");
            let saved = (|| {
                let transaction = db.transaction()?;
                write(&transaction)?;
                transaction.commit()
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
            .map_err(|source| explain(&self.path, source))
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

/// Opens or creates a file that only its owner may read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Tells a damaged file from other trouble.
fn explain(path: &Path, source: rusqlite::Error) -> SessionError {
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

fn decode_key(hex: &str) -> Option<[u8; 256]> {
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
