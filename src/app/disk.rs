//! How much room is left where the vault lies.

use std::path::Path;

/// Free bytes on a directory's disk; `None` where the system does not say.
#[cfg(unix)]
pub(super) fn free(dir: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Free bytes on a directory's disk; `None` where the system does not say.
#[cfg(not(unix))]
pub(super) fn free(_dir: &Path) -> Option<u64> {
    None
}

/// Whether files can be made in a directory. Tried, because permission bits know nothing of full
/// or read-only disks.
pub(super) fn is_writable(dir: &Path) -> bool {
    let probe = dir.join(format!(".topicvault-{}.ready", std::process::id()));
    let written = std::fs::write(&probe, b"ready").is_ok();
    // Where it could not be made there is nothing to remove.
    let _ = std::fs::remove_file(probe);
    written
}
