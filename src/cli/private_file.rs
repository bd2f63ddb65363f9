//! Files with secrets in them.

use std::io::{self, Write};
use std::path::Path;

use super::exit;
use super::failure::Failure;

/// Writes a file that only its owner can read, whole or not at all; `flag` is what names it.
pub(super) fn write(path: &Path, text: &str, flag: &str) -> Result<(), Failure> {
    let cannot = |error: io::Error| {
        Failure::new(
            exit::UNEXPECTED,
            format!("cannot write {}: {error}", path.display()),
        )
        .help(format!(
            "check that the directory exists and is writable, or name another file with {flag}"
        ))
    };
    let mut hidden = path.file_name().unwrap_or_default().to_owned();
    hidden.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(hidden);
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(cannot)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| {
            // The error is what matters; the left-over is only untidy.
            let _ = std::fs::remove_file(&part);
            cannot(error)
        })
}
