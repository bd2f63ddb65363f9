//! An export on its way to its name: a file with its manifest, or a directory with it inside.
//!
//! Either is made under a hidden name beside its place, locked meanwhile, and takes the name only
//! when it is whole. What a killed process left behind is removed by the next export to that place.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::exit;
use crate::cli::failure::Failure;
use crate::transcript::{Manifest, Shelf};

/// How a directory of an export is known.
const MANIFEST: &str = "manifest.json";
/// Held locked while a directory is being made.
const LOCK: &str = ".making";

/// Files that an export makes beside its own at most: a report, twice.
const BESIDE: usize = 4;

/// What is being made.
pub(super) struct Part {
    target: PathBuf,
    hidden: PathBuf,
    kind: Kind,
    done: bool,
}

enum Kind {
    /// The file under its hidden name, and what was made beside it: hidden name and name.
    File(File, Vec<(PathBuf, PathBuf)>),
    Folder(#[expect(dead_code, reason = "held for its lock")] File),
}

/// The manifest of a file lies beside it.
pub(super) fn manifest_of(file: &Path) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(".manifest.json");
    file.with_file_name(name)
}

impl Part {
    /// Begins a file; the export writes just one.
    pub(super) fn file(target: &Path) -> Result<Self, Failure> {
        let hidden = hidden(target)?;
        let file = private(&hidden).map_err(|error| cannot(target, &error))?;
        let locked = file.try_lock();
        locked.map_err(|error| cannot(target, &error.into()))?;
        Ok(Self {
            target: target.to_owned(),
            hidden,
            kind: Kind::File(file, Vec::new()),
            done: false,
        })
    }

    /// Begins a directory.
    pub(super) fn folder(target: &Path) -> Result<Self, Failure> {
        let hidden = hidden(target)?;
        let begin = || -> io::Result<File> {
            folder(&hidden)?;
            let lock = private(&hidden.join(LOCK))?;
            lock.try_lock()?;
            Ok(lock)
        };
        let lock = begin().map_err(|error| cannot(target, &error))?;
        Ok(Self {
            target: target.to_owned(),
            hidden,
            kind: Kind::Folder(lock),
            done: false,
        })
    }

    /// Gives it its name, and writes its manifest; returns where that is.
    pub(super) fn finish(mut self, manifest: &Manifest) -> Result<PathBuf, Failure> {
        let place = self.take_place(manifest);
        let place = place.map_err(|error| cannot(&self.target, &error))?;
        self.done = true;
        Ok(place)
    }

    fn take_place(&mut self, manifest: &Manifest) -> io::Result<PathBuf> {
        match &self.kind {
            Kind::File(file, beside) => {
                file.sync_all()?;
                let place = manifest_of(&self.target);
                // Never the manifest of another content beside the file.
                gone(fs::remove_file(&place))?;
                for (hidden, target) in beside {
                    fs::rename(hidden, target)?;
                }
                fs::rename(&self.hidden, &self.target)?;
                let hidden = self.hidden.with_extension("manifest");
                write(&hidden, manifest)?;
                fs::rename(hidden, &place)?;
                Ok(place)
            }
            Kind::Folder(_) => {
                write(&self.hidden.join(MANIFEST), manifest)?;
                gone(fs::remove_file(self.hidden.join(LOCK)))?;
                if self.target.exists() {
                    replace(&self.hidden, &self.target)?;
                } else {
                    fs::rename(&self.hidden, &self.target)?;
                }
                Ok(self.target.join(MANIFEST))
            }
        }
    }
}

impl Shelf for Part {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write + Send>> {
        match &mut self.kind {
            Kind::File(file, beside) => {
                let target = self.target.with_file_name(path);
                if target == self.target {
                    return Ok(Box::new(file.try_clone()?));
                }
                // Under a name of its own, so that what a killed process leaves is found.
                let mut hidden = self.hidden.clone().into_os_string();
                hidden.push(format!(".{}", beside.len()));
                let file = private(Path::new(&hidden))?;
                beside.push((hidden.into(), target));
                Ok(Box::new(file))
            }
            Kind::Folder(_) => {
                let path = self.hidden.join(path);
                if let Some(parent) = path.parent() {
                    folder(parent)?;
                }
                Ok(Box::new(private(&path)?))
            }
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            // What cannot be removed is at least hidden and says `.part`.
            remove(&self.hidden);
            if let Kind::File(_, beside) = &self.kind {
                beside.iter().for_each(|(hidden, _)| remove(hidden));
            }
        }
    }
}

/// Puts a directory in the place of another one, which is removed.
fn replace(new: &Path, target: &Path) -> io::Result<()> {
    // Both change places at once: whenever the process is killed, one of them is there.
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE) {
            Ok(()) => return fs::remove_dir_all(new),
            // Not every file system can.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let old = new.with_extension("old");
    fs::rename(target, &old)?;
    fs::rename(new, target)?;
    fs::remove_dir_all(old)
}

/// Whether a directory may be replaced: one that an export made, or an empty one.
pub(super) fn is_export(dir: &Path) -> bool {
    dir.join(MANIFEST).is_file() && Manifest::read(&dir.join(MANIFEST)).is_ok()
        || fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// The hidden name, free of what a killed process left there.
fn hidden(target: &Path) -> Result<PathBuf, Failure> {
    let Some(name) = target.file_name() else {
        let message = format!("{} is no file name", target.display());
        return Err(Failure::new(exit::USAGE, message));
    };
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut abandoned: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let ours = found
            .as_encoded_bytes()
            .strip_prefix(prefix.as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(b".part"))
            .is_some_and(|process| !process.is_empty() && process.iter().all(u8::is_ascii_digit));
        if ours && is_abandoned(&entry.path()) {
            abandoned.push(entry.path());
        }
    }
    for path in abandoned {
        // What belongs to it first: it is the lock of all.
        for number in 0..BESIDE {
            let mut beside = path.clone().into_os_string();
            beside.push(format!(".{number}"));
            remove(Path::new(&beside));
        }
        remove(&path);
    }
    prefix.push(format!("{}.part", std::process::id()));
    Ok(target.with_file_name(prefix))
}

/// Whether nobody is making it any more.
fn is_abandoned(path: &Path) -> bool {
    let lock = if path.is_dir() {
        path.join(LOCK)
    } else {
        path.to_owned()
    };
    match File::open(lock) {
        Ok(file) => file.try_lock().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn remove(path: &Path) {
    let _ = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}

fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// An export is correspondence: for its owner's eyes only.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn write(path: &Path, manifest: &Manifest) -> io::Result<()> {
    let mut file = private(path)?;
    file.write_all(manifest.to_json().as_bytes())?;
    file.sync_all()
}

fn cannot(target: &Path, error: &io::Error) -> Failure {
    Failure::new(
        exit::UNEXPECTED,
        format!("cannot write {}: {error}", target.display()),
    )
    .help("check that the directory exists and is writable, or name another with --out")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::transcript::Manifest;

    fn manifest() -> Manifest {
        let json = serde_json::json!({
            "manifest": 1, "made_by": "a test", "format": "csv", "filters": {},
            "privacy": {"redacted": false}, "groups": [], "messages": 0, "warnings": [],
            "files": [],
        });
        serde_json::from_value(json).unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("x.html");
        let mut part = Part::file(&target).unwrap();
        part.create("x.html").unwrap().write_all(b"half").unwrap();
        // An interrupted or failed export drops it.
        drop(part);
        assert!(names(dir.path()).is_empty());

        fs::write(&target, "old").unwrap();
        let mut part = Part::file(&target).unwrap();
        part.create("x.html").unwrap().write_all(b"whole").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        part.finish(&manifest()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert_eq!(names(dir.path()), ["x.html", "x.html.manifest.json"]);
    }

    #[test]
    fn a_directory_takes_the_place_of_another_export_only_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("site");
        let mut part = Part::folder(&target).unwrap();
        part.create("t/1.html").unwrap().write_all(b"1").unwrap();
        drop(part);
        assert!(names(dir.path()).is_empty());
        for round in ["1", "2"] {
            let mut part = Part::folder(&target).unwrap();
            let name = format!("t/{round}.html");
            part.create(&name).unwrap().write_all(b"x").unwrap();
            part.finish(&manifest()).unwrap();
            assert_eq!(names(&target.join("t")), [format!("{round}.html")]);
            assert_eq!(names(&target), ["manifest.json", "t"]);
            assert!(is_export(&target));
        }
        assert_eq!(names(dir.path()), ["site"]);
        fs::write(target.join("manifest.json"), "{}").unwrap();
        assert!(!is_export(&target));
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_lives_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("site");
        let dead = dir.path().join(".site.1.part");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        fs::write(dir.path().join(".site.x.part"), "").unwrap();
        let alive = dir.path().join(".site.2.part");
        fs::create_dir(&alive).unwrap();
        let lock = private(&alive.join(LOCK)).unwrap();
        lock.lock().unwrap();
        drop(Part::folder(&target).unwrap());
        assert_eq!(names(dir.path()), [".site.2.part", ".site.x.part"]);
    }
}
