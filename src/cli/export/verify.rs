//! `export --verify`: an export held against its manifest.

use std::io::Write;
use std::path::Path;

use indicatif::ProgressBar;
use serde::Serialize;

use super::bar;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::{exit, output};
use crate::transcript::{FileEntry, Manifest, ManifestError, Verdict};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    manifest: &'a Path,
    files: usize,
    bytes: u64,
    wrong: &'a [Wrong<'a>],
}

/// A file that is not as the manifest says.
#[derive(Serialize)]
struct Wrong<'a> {
    path: &'a str,
    verdict: Verdict,
}

pub(super) fn run(context: &Context, path: &Path) -> Result<(), Failure> {
    let manifest = Manifest::read(path).map_err(|error| {
        let code = match error {
            ManifestError::Read(_) => exit::NOT_FOUND,
            ManifestError::Form(_) => exit::DATA,
        };
        Failure::new(code, format!("{}: {error}", path.display())).help(
            "an export writes NAME.manifest.json beside a file, manifest.json into a directory",
        )
    })?;
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let interrupt = Interrupt::listen();
    let bytes = manifest.files.iter().map(|file| file.bytes).sum();
    let bar = bar::bytes(bytes);
    let mut wrong = Vec::new();
    for file in &manifest.files {
        match look(file, dir, &bar, &interrupt)? {
            Verdict::Same => {}
            verdict => wrong.push(Wrong {
                path: &file.path,
                verdict,
            }),
        }
    }
    bar.finish_and_clear();
    if context.global.json {
        output::print_json(&Report {
            manifest: path,
            files: manifest.files.len(),
            bytes,
            wrong: &wrong,
        })?;
    } else {
        output::print(|out| {
            for Wrong { path, verdict } in &wrong {
                let word = match verdict {
                    Verdict::Missing => "missing",
                    Verdict::Same | Verdict::Different => "differs",
                };
                writeln!(out, "{word}  {}", output::plain(path))?;
            }
            let files = output::count(manifest.files.len() as u64, "file");
            match wrong.len() {
                0 => writeln!(
                    out,
                    "{files}, {}: as the manifest says",
                    output::size(bytes)
                ),
                some => writeln!(out, "{some} of {files} not as the manifest says"),
            }
        })?;
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::new(exit::DIFFERS, ""))
}

fn look(
    file: &FileEntry,
    dir: &Path,
    bar: &ProgressBar,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let verdict = file.verify(dir, &mut |read| {
        bar.inc(read);
        !interrupt.is_set()
    });
    verdict.ok_or_else(Failure::interrupted)
}
