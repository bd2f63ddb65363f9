//! Temporary directories beside the vault, which holds what is as private as they are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the directories are called, to tell them from anybody else's.
const PREFIX: &str = "export-";

/// Where temporary directories are made: `tmp` in the vault.
#[derive(Clone, Debug)]
pub(super) struct Workshop {
    dir: PathBuf,
}

impl Workshop {
    /// Opens the workshop and removes what an earlier process left behind.
    pub(super) fn open(vault: &Path) -> io::Result<Self> {
        let dir = vault.join("tmp");
        private_dir(&dir)?;
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Self { dir })
    }

    /// A new, empty directory, removed when dropped.
    pub(super) fn bench(&self) -> io::Result<Scratch> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = self
            .dir
            .join(format!("{PREFIX}{}-{number}", std::process::id()));
        private_dir(&dir)?;
        Ok(Scratch { dir })
    }
}

/// A directory that is removed with all that is in it when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    dir: PathBuf,
}

impl Scratch {
    /// Creates a file in it that only its owner can read.
    pub(super) fn create(&self, name: &str) -> io::Result<(PathBuf, fs::File)> {
        let path = self.dir.join(name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok((path, file))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(%error, "a temporary directory could not be removed; the next start will");
        }
    }
}

fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use super::*;

    #[test]
    fn what_is_dropped_or_left_behind_is_removed_and_nothing_else() {
        let vault = tempfile::tempdir().unwrap();
        let workshop = Workshop::open(vault.path()).unwrap();
        let bench = workshop.bench().unwrap();
        let (path, mut file) = bench.create("a.html").unwrap();
        file.write_all(b"x").unwrap();
        drop(bench);
        assert!(!path.exists());

        let left = workshop.bench().unwrap();
        let (left_file, _) = left.create("b.html").unwrap();
        std::mem::forget(left);
        let other = workshop.dir.join("somebody else's");
        fs::write(&other, "x").unwrap();
        Workshop::open(vault.path()).unwrap();
        assert!(!left_file.exists());
        assert!(other.exists());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_look_in() {
        use std::os::unix::fs::PermissionsExt;
        let vault = tempfile::tempdir().unwrap();
        let workshop = Workshop::open(vault.path()).unwrap();
        let bench = workshop.bench().unwrap();
        let (path, _) = bench.create("a").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&workshop.dir), 0o700);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&path), 0o600);
    }
}
