//! The files that lie beside an export.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use super::error::ImportError;
use crate::archive::{FileChange, MediaStore};
use crate::model::{GroupId, Media};

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

/// Takes files along.
pub(super) struct Files {
    /// Where the export lies.
    dir: PathBuf,
    store: MediaStore,
    group: GroupId,
}

impl Files {
    pub(super) fn new(dir: &Path, store: MediaStore, group: GroupId) -> Self {
        Self {
            dir: dir.to_owned(),
            store,
            group,
        }
    }

    /// Puts a message's file into the vault. It is known by its content from then on, since an
    /// export has no ids of files: a number below zero. `None`: it does not lie there.
    pub(super) fn take(
        &self,
        path: &str,
        media: &mut Media,
    ) -> Result<Option<FileChange>, ImportError> {
        if media.kind.file_name().is_none() || media.file_id.is_some() {
            return Ok(None);
        }
        let failed = |error| ImportError::File {
            path: path.to_owned(),
            error,
        };
        let Some(found) = self.find(path).map_err(failed)? else {
            return Ok(None);
        };
        let id = id_of(&found).map_err(failed)?;
        let mut file = File::open(&found).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut partial = self
            .store
            .begin(self.group, id, "import", Some(size))
            .map_err(failed)?;
        partial.restart().map_err(failed)?;
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece).map_err(failed)?;
            if read == 0 {
                break;
            }
            let read = piece.get(..read).unwrap_or_default();
            partial.write(read).map_err(failed)?;
        }
        let (hash, length) = partial.finish().map_err(failed)?;
        media.file_id = Some(id);
        media.size.get_or_insert(length);
        Ok(Some(FileChange::Stored { id, hash, length }))
    }

    /// Forgets the traces of what was taken, once the archive knows it.
    pub(super) fn settle(&self, changes: &[FileChange]) -> Result<(), ImportError> {
        for change in changes {
            if let FileChange::Stored { id, .. } = change {
                let done = self.store.forget_file(self.group, *id);
                done.map_err(|error| ImportError::File {
                    path: self.store.dir().display().to_string(),
                    error,
                })?;
            }
        }
        Ok(())
    }

    /// A path of the file is hostile: it stays within the export, also where it leads through
    /// links, and is a file.
    fn find(&self, path: &str) -> std::io::Result<Option<PathBuf>> {
        let relative = Path::new(path);
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if path.is_empty() || !relative.components().all(is_plain) {
            return Ok(None);
        }
        let found = match self.dir.join(relative).canonicalize() {
            Ok(found) => found,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_inside = found.starts_with(self.dir.canonicalize()?);
        Ok((is_inside && found.is_file()).then_some(found))
    }
}

/// A number for a content.
fn id_of(path: &Path) -> std::io::Result<i64> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    let hash = hasher.finalize();
    let first = hash
        .as_bytes()
        .first_chunk::<8>()
        .copied()
        .unwrap_or_default();
    Ok(i64::from_le_bytes(first) | i64::MIN)
}
