//! The directory that a demo leaves its files in.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::bridge;
use super::options::DemoError;

/// The demo's config file.
pub(super) const CONFIG: &str = "topicvault.toml";

/// Tells other demos that one runs here.
const LOCK: &str = ".demo.lock";

/// Makes the directory, or clears what an earlier demo left there; refuses anything else. The
/// directory is the caller's for as long as it keeps the file.
pub(super) fn take(dir: &Path) -> Result<fs::File, DemoError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::Write { path, source }
    };
    make_dir(dir)?;
    let empty = fs::read_dir(dir)
        .map_err(failed(dir))?
        .all(|entry| entry.is_ok_and(|entry| entry.file_name() == LOCK));
    if !empty && !is_demo_config(&dir.join(CONFIG)) {
        return Err(DemoError::NotADemo(dir.to_owned()));
    }
    let lock = dir.join(LOCK);
    let file = fs::File::create(&lock).map_err(failed(&lock))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Err(DemoError::Busy(dir.to_owned())),
        Err(fs::TryLockError::Error(error)) => return Err(failed(&lock)(error)),
    }
    for part in ["vault", "sessions", "exports", "connectors"] {
        let path = dir.join(part);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(&path)(error));
            }
            _ => {}
        }
    }
    Ok(file)
}

/// Whether a file is a config that an emulator wrote, and nobody changed since: it may be replaced.
#[must_use]
pub fn is_untouched_config(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| bridge::is_untouched(&text))
}

/// Whether a file is a config that bridges the built-in Telegram, changed or not.
#[must_use]
pub fn is_demo_config(path: &Path) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.starts_with(bridge::FIRST_LINE))
}

/// Makes a directory with those above it.
pub(super) fn make_dir(dir: &Path) -> Result<(), DemoError> {
    fs::create_dir_all(dir).map_err(|source| DemoError::Write {
        path: dir.to_owned(),
        source,
    })
}

/// Writes a file that only its owner can read: it holds keys, if only the emulator's.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), DemoError> {
    let write = || {
        let mut options = fs::File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(text.as_bytes())
    };
    write().map_err(|source| DemoError::Write {
        path: path.to_owned(),
        source,
    })
}
