//! The contents of files, each once, under the hash of its bytes.
//!
//! ```text
//! media/<first 2 hex digits>/<BLAKE3, 64 hex digits>   whole, verified contents; never changed
//! media/partial/<name>                                 what is under way
//! media/partial/<name>.sum                             how much of it is known to be right
//! ```
//! A content gets its final name only by a rename, after its bytes were read back, compared with
//! what was received and written to the disk; so whoever finds a final name finds a whole content,
//! whatever is killed when. Beside a partial stands how many bytes were written and their BLAKE3:
//! what a kill or a power cut left is held against it, and only what agrees is gone on from. The
//! `.sum` outlives the rename until the archive's row is written, so that a kill between them costs
//! no second download.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::files;
use crate::model::GroupId;
use crate::steps;

/// Bytes read at once when contents are read back.
const READ: usize = 256 * 1024;

/// The directory of contents.
#[derive(Clone, Debug)]
pub struct MediaStore {
    dir: PathBuf,
}

/// A download that was begun before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Telegram's id of the file.
    pub file: i64,
    /// The whole content, where it is in the store already and only the archive was not told.
    pub whole: Option<(blake3::Hash, u64)>,
    name: String,
}

impl MediaStore {
    pub(super) fn in_vault(vault: &Path) -> Self {
        Self {
            dir: vault.join("media"),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where a content lies, or would.
    #[must_use]
    pub fn path(&self, hash: &blake3::Hash) -> PathBuf {
        let hex = hash.to_hex();
        let folder = hex.get(..2).unwrap_or_default();
        self.dir.join(folder).join(hex.as_str())
    }

    /// Opens a content; `None` where it is not there.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn open(&self, hash: &blake3::Hash) -> io::Result<Option<File>> {
        match File::open(self.path(hash)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates the directories.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn prepare(&self) -> io::Result<()> {
        files::private_dir(&self.partials())?;
        sync_dir(&self.dir)?;
        self.dir.parent().map_or(Ok(()), sync_dir)
    }

    /// Bytes of all contents and partials.
    ///
    /// # Errors
    /// What the file system refuses; what vanishes meanwhile counts as nothing.
    pub fn used(&self) -> io::Result<u64> {
        let mut used = 0;
        for folder in entries(&self.dir)? {
            if !folder.is_dir() {
                continue;
            }
            for path in entries(&folder)? {
                used += fs::metadata(&path).map_or(0, |metadata| metadata.len());
            }
        }
        Ok(used)
    }

    /// Bytes of downloads that were begun and not ended.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn begun(&self) -> io::Result<u64> {
        let sizes = entries(&self.partials())?
            .into_iter()
            .map(|path| fs::metadata(&path).map_or(0, |metadata| metadata.len()));
        Ok(sizes.sum())
    }

    /// Bytes that may still be written to the disk; `None` where the system does not say.
    #[must_use]
    pub fn free(&self) -> Option<u64> {
        #[cfg(unix)]
        {
            let there = self.dir.ancestors().find(|dir| dir.exists())?;
            let disk = rustix::fs::statvfs(there).ok()?;
            Some(disk.f_bavail.saturating_mul(disk.f_frsize))
        }
        #[cfg(not(unix))]
        None
    }

    fn partials(&self) -> PathBuf {
        self.dir.join("partial")
    }

    /// Begins or goes on with a download. `form` tells apart what a file may come as (the sizes of
    /// a photo); with it and the announced size a changed content is another download. What was
    /// begun of the same file in another form is removed.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn begin(
        &self,
        group: GroupId,
        file: i64,
        form: &str,
        size: Option<u64>,
    ) -> io::Result<Partial> {
        self.prepare()?;
        let form: String = form
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        let size = size.map_or_else(|| "x".to_owned(), |size| size.to_string());
        let start = prefix(group, file);
        let name = format!("{start}{form}_{size}");
        for other in self.unfinished(group)? {
            if other.name.starts_with(&start) && other.name != name {
                self.forget(&other)?;
            }
        }
        Partial::open(self.clone(), &name)
    }

    /// The downloads of a group that were begun and not ended.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn unfinished(&self, group: GroupId) -> io::Result<Vec<Unfinished>> {
        let start = format!("{group}_");
        let mut names: Vec<String> = entries(&self.partials())?
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .filter(|name| name.starts_with(&start))
            .map(|name| name.strip_suffix(".sum").unwrap_or(name).to_owned())
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut found = Vec::new();
        for name in names {
            let Some(file) = name.split('_').nth(1).and_then(|id| id.parse().ok()) else {
                continue;
            };
            let whole = match Sum::read(&self.sum_path(&name)) {
                Some(sum) if !self.partial_path(&name).exists() => {
                    let there = fs::metadata(self.path(&sum.hash));
                    there
                        .is_ok_and(|there| there.len() == sum.length)
                        .then_some((sum.hash, sum.length))
                }
                _ => None,
            };
            found.push(Unfinished { file, whole, name });
        }
        Ok(found)
    }

    /// Removes what is left of a download.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn forget(&self, unfinished: &Unfinished) -> io::Result<()> {
        remove(&self.partial_path(&unfinished.name))?;
        remove(&self.sum_path(&unfinished.name))
    }

    /// Removes what is left of all downloads of a file, once the archive knows what became of it.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn forget_file(&self, group: GroupId, file: i64) -> io::Result<()> {
        let start = prefix(group, file);
        for unfinished in self.unfinished(group)? {
            if unfinished.name.starts_with(&start) {
                self.forget(&unfinished)?;
            }
        }
        Ok(())
    }

    fn partial_path(&self, name: &str) -> PathBuf {
        self.partials().join(name)
    }

    fn sum_path(&self, name: &str) -> PathBuf {
        self.partials().join(format!("{name}.sum"))
    }
}

fn prefix(group: GroupId, file: i64) -> String {
    format!("{group}_{file}_")
}

/// A content that is being received.
#[derive(Debug)]
pub struct Partial {
    store: MediaStore,
    name: String,
    file: File,
    hasher: blake3::Hasher,
    length: u64,
}

impl Partial {
    fn open(store: MediaStore, name: &str) -> io::Result<Self> {
        let file = files::private(&store.partial_path(name))?;
        let mut partial = Self {
            name: name.to_owned(),
            file,
            hasher: blake3::Hasher::new(),
            length: 0,
            store,
        };
        let sum = Sum::read(&partial.store.sum_path(name));
        if !sum.is_some_and(|sum| partial.take_up(&sum).unwrap_or(false)) {
            partial.restart()?;
        }
        Ok(partial)
    }

    /// Reads what is there, and keeps it where it is what was written.
    fn take_up(&mut self, sum: &Sum) -> io::Result<bool> {
        if self.file.metadata()?.len() < sum.length {
            return Ok(false);
        }
        self.hasher = blake3::Hasher::new();
        let read = hash_of(&mut self.file, &mut self.hasher, sum.length)?;
        if read != sum.length || self.hasher.finalize() != sum.hash {
            return Ok(false);
        }
        // What was written after the sum is not known to be right.
        self.file.set_len(sum.length)?;
        self.file.seek(SeekFrom::Start(sum.length))?;
        self.length = sum.length;
        Ok(true)
    }

    /// Bytes received so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Begins anew.
    ///
    /// # Errors
    /// What the file system refuses.
    pub fn restart(&mut self) -> io::Result<()> {
        remove(&self.store.sum_path(&self.name))?;
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hasher = blake3::Hasher::new();
        self.length = 0;
        Ok(())
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// What the file system refuses; what came before stays.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A write that failed in its middle may have left something.
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(bytes)?;
        steps::passed("media.before_sum");
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Sum {
            length: self.length,
            hash: self.hasher.finalize(),
        }
        .write(&self.store.sum_path(&self.name))?;
        steps::passed("media.after_piece");
        Ok(())
    }

    /// Puts the whole content under its final name: written to the disk, read back and compared,
    /// then renamed. Returns its address and length. The archive has to be told before
    /// [`MediaStore::forget_file`] removes the last trace of the download.
    ///
    /// # Errors
    /// What the file system refuses, and `InvalidData` where the disk holds something else than
    /// was received; then the download begins anew.
    pub fn finish(mut self) -> io::Result<(blake3::Hash, u64)> {
        let hash = self.hasher.finalize();
        let length = self.length;
        self.file.set_len(length)?;
        self.file.sync_all()?;
        let mut again = blake3::Hasher::new();
        let read = hash_of(&mut self.file, &mut again, length)?;
        if read != length || again.finalize() != hash {
            self.restart()?;
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the disk does not hold what was written to it",
            ));
        }
        // An empty content has had no piece.
        let sum = Sum { length, hash };
        sum.write(&self.store.sum_path(&self.name))?;
        steps::passed("media.before_rename");
        let partial = self.store.partial_path(&self.name);
        let target = self.store.path(&hash);
        if fs::metadata(&target).is_ok_and(|there| there.len() == length) {
            remove(&partial)?;
            return Ok((hash, length));
        }
        if let Some(folder) = target.parent() {
            files::private_dir(folder)?;
            sync_dir(&self.store.dir)?;
            fs::rename(&partial, &target)?;
            sync_dir(folder)?;
            sync_dir(&self.store.partials())?;
        }
        steps::passed("media.after_rename");
        Ok((hash, length))
    }
}

/// How much of a partial is known to be right.
#[derive(Clone, Copy, Debug)]
struct Sum {
    length: u64,
    hash: blake3::Hash,
}

impl Sum {
    fn read(path: &Path) -> Option<Self> {
        let mut text = String::new();
        let file = File::open(path).ok()?;
        file.take(256).read_to_string(&mut text).ok()?;
        let (length, hash) = text.strip_suffix('\n')?.split_once(' ')?;
        Some(Self {
            length: length.parse().ok()?,
            hash: blake3::Hash::from_hex(hash).ok()?,
        })
    }

    /// Not atomic: a torn one is no sum, and the download begins anew.
    fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = files::private(path)?;
        let text = format!("{} {}\n", self.length, self.hash.to_hex());
        file.write_all(text.as_bytes())?;
        file.set_len(text.len() as u64)
    }
}

/// Hashes a file from its start, up to so many bytes; returns how many there were.
fn hash_of(file: &mut File, hasher: &mut blake3::Hasher, length: u64) -> io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; READ];
    let mut rest = Read::by_ref(file).take(length);
    let mut done = 0;
    loop {
        let read = rest.read(&mut buffer)?;
        if read == 0 {
            return Ok(done);
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        done += read as u64;
    }
}

/// What a directory holds; nothing where it is not there.
fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes names in a directory last, where the system can.
fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}
