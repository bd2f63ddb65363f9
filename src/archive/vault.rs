//! The directory of archives.

use std::fs;
use std::path::{Path, PathBuf};

use super::db;
use super::error::OpenError;
use super::files;
use super::lock::Lock;
use super::reader::Reader;
use super::state::State;
use super::store::MediaStore;
use super::writer::Writer;
use crate::model::GroupId;

/// The directory of archives: `<group>.db` files and `state.db`, 0700, its files 0600.
#[derive(Clone, Debug)]
pub struct Vault {
    dir: PathBuf,
}

impl Vault {
    /// Opens a vault, creating the directory if it is missing.
    pub fn create(dir: &Path) -> Result<Self, OpenError> {
        if !dir.exists() {
            files::private_dir(dir).map_err(|error| match error.kind() {
                std::io::ErrorKind::PermissionDenied => OpenError::ReadOnly {
                    path: dir.to_owned(),
                },
                _ => OpenError::io(dir, error),
            })?;
        }
        Self::open(dir)
    }

    /// Opens an existing vault.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let dir = dir.to_owned();
        match fs::metadata(&dir) {
            Ok(metadata) if metadata.is_dir() => Ok(Self { dir }),
            Ok(_) => Err(OpenError::NotADirectory { dir }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(OpenError::NoVault { dir })
            }
            Err(error) => Err(OpenError::io(&dir, error)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The groups that have an archive, ascending.
    pub fn groups(&self) -> Result<Vec<GroupId>, OpenError> {
        let failed = |error| OpenError::io(&self.dir, error);
        let mut groups = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "db")
                && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
                && let Some(group) = stem.parse().ok().and_then(GroupId::from_bare)
            {
                groups.push(group);
            }
        }
        groups.sort_unstable();
        Ok(groups)
    }

    /// Opens a group's archive for reading.
    pub fn reader(&self, group: GroupId) -> Result<Reader, OpenError> {
        let path = self.path(group);
        if !path.exists() {
            return Err(OpenError::NoArchive {
                group,
                dir: self.dir.clone(),
            });
        }
        let conn = db::open_reader(&path, &db::ARCHIVE)?;
        self.check_group(&conn, &path, group)?;
        Ok(Reader::new(conn, path, group))
    }

    /// Opens (or creates) a group's archive for writing; a second writer, also of another process, is refused.
    pub fn writer(&self, group: GroupId) -> Result<Writer, OpenError> {
        if !self.dir.exists() {
            return Err(OpenError::NoVault {
                dir: self.dir.clone(),
            });
        }
        let path = self.path(group);
        let lock = Lock::take(&path)?;
        let bare = group.to_string();
        let conn = db::open_writer(&path, &db::ARCHIVE, &[("group", &bare)])?;
        self.check_group(&conn, &path, group)?;
        Writer::new(conn, path, lock)
    }

    /// Opens (or creates) `state.db`.
    pub fn state(&self) -> Result<State, OpenError> {
        let path = self.dir.join("state.db");
        let conn = db::open_writer(&path, &db::STATE, &[])?;
        Ok(State::new(conn, path))
    }

    /// Where contents of files are kept; nothing is created yet.
    #[must_use]
    pub fn media(&self) -> MediaStore {
        MediaStore::in_vault(&self.dir)
    }

    fn path(&self, group: GroupId) -> PathBuf {
        self.dir.join(format!("{group}.db"))
    }

    fn check_group(
        &self,
        conn: &rusqlite::Connection,
        path: &Path,
        group: GroupId,
    ) -> Result<(), OpenError> {
        let found: String = conn
            .query_row("SELECT value FROM meta WHERE key = 'group'", [], |row| {
                row.get(0)
            })
            .map_err(|error| OpenError::sqlite(path, error))?;
        if found == group.to_string() {
            Ok(())
        } else {
            Err(OpenError::WrongGroup {
                path: path.to_owned(),
                found,
            })
        }
    }
}
