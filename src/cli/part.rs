//! A transcript on its way to its file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::exit;
use super::failure::Failure;

/// A file that takes its name only when it is whole, and is gone when it never gets there.
pub(super) struct Part {
    path: PathBuf,
    pub(super) file: BufWriter<File>,
    done: bool,
}

impl Part {
    pub(super) fn create(target: &Path) -> Result<Self, Failure> {
        let name = target.file_name().ok_or_else(|| {
            Failure::new(exit::USAGE, format!("{} is no file name", target.display()))
        })?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let path = target.with_file_name(hidden);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        // A transcript is correspondence: for its owner's eyes only.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| {
            Failure::new(
                exit::UNEXPECTED,
                format!("cannot write {}: {error}", target.display()),
            )
            .help("check that the directory exists and is writable, or name another with --out")
        })?;
        Ok(Self {
            path,
            file: BufWriter::new(file),
            done: false,
        })
    }

    /// Gives the file its name; returns its size.
    pub(super) fn finish(mut self, target: &Path) -> Result<u64, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::new(
                exit::UNEXPECTED,
                format!("cannot write {}: {error}", target.display()),
            )
        };
        self.file.flush().map_err(cannot)?;
        self.file.get_ref().sync_all().map_err(cannot)?;
        let bytes = self.file.get_ref().metadata().map_err(cannot)?.len();
        std::fs::rename(&self.path, target).map_err(cannot)?;
        self.done = true;
        Ok(bytes)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            // What cannot be removed is at least hidden and says `.part`.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x.html");
        let mut part = Part::create(&target).unwrap();
        part.file.write_all(b"half").unwrap();
        // An interrupted or failed export drops it.
        drop(part);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

        std::fs::write(&target, "old").unwrap();
        let mut part = Part::create(&target).unwrap();
        part.file.write_all(b"whole").unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"old");
        assert_eq!(part.finish(&target).unwrap(), 5);
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
    }
}
