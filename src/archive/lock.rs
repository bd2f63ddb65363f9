//! One writer an archive, across processes.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use super::error::OpenError;
use super::files;

/// How often and how long apart a lock that is held is tried again.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(30);

/// Locks a file for this process alone. A lock that is held is tried again for a moment: whoever
/// has just ended may still be closing its files, and a child process holds copies of its
/// parent's between fork and exec.
///
/// # Errors
/// [`TryLockError::WouldBlock`] when somebody else keeps it.
pub fn lock_alone(file: &File) -> Result<(), TryLockError> {
    let mut tries = 1;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if tries < TRIES => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            outcome => return outcome,
        }
    }
}

/// Held by a writer for as long as it lives. A file of its own, because SQLite's locks come and go
/// with transactions; the operating system releases it however the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of an archive, or says who has it.
    pub(super) fn take(archive: &Path) -> Result<Self, OpenError> {
        let path = archive.with_extension("lock");
        let mut file = files::private(&path).map_err(|error| OpenError::io(&path, error))?;
        match lock_alone(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Best effort: the pid only makes the message better.
                let _ = file.read_to_string(&mut text);
                return Err(OpenError::Locked {
                    path: archive.to_owned(),
                    pid: text.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(OpenError::io(&path, error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(|error| OpenError::io(&path, error))?;
        Ok(Self { _file: file })
    }
}
