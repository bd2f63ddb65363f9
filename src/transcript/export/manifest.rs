//! What an export holds and where it comes from, for whoever receives it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::scribe::hex;

/// The version of the manifest's own form.
const VERSION: u32 = 1;
/// Larger ones are none of ours.
const LARGEST: u64 = 256 << 20;

/// Lies beside every export. The same archive and options give the same manifest, byte for byte:
/// it holds no time of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub manifest: u32,
    /// The program and its version.
    pub made_by: String,
    /// Format of the files, as `--format` names it.
    pub format: String,
    /// What was asked for, by option; empty: everything.
    pub filters: serde_json::Map<String, serde_json::Value>,
    /// Whether personal data was replaced, and who consented to what.
    pub privacy: Privacy,
    /// Each group.
    pub groups: Vec<GroupEntry>,
    /// Messages that the files hold or, in formats for training, were made of.
    pub messages: u64,
    /// In formats to train on: what was made of them, and what was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<super::Report>,
    /// What its reader should know before relying on it.
    pub warnings: Vec<String>,
    /// Each file, by path.
    pub files: Vec<FileEntry>,
}

/// How personal data was treated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Personal data was replaced by pseudonyms.
    pub redacted: bool,
    /// How many of each kind were.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub replaced: std::collections::BTreeMap<String, u64>,
    /// `training_consent` of the groups, in formats for training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_consent: Option<String>,
}

/// What was exported of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEntry {
    /// Bare id.
    pub group: i64,
    /// Its title, where known.
    pub title: Option<String>,
    /// Messages.
    pub messages: u64,
    /// Topics that they stand in.
    pub topics: u64,
    /// Messages whose role the rules do not settle.
    pub unsure: u64,
    /// Lowest id.
    pub first_id: Option<i32>,
    /// Highest id.
    pub last_id: Option<i32>,
    /// The archive at that moment.
    pub archive: ArchiveEntry,
}

/// The archive that an export was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveEntry {
    /// Hash over all of the archive's content, as it lay in the file.
    pub root: String,
    /// Messages that it held, deleted ones included.
    pub messages: u64,
    /// Ids of which it knew nothing.
    pub unknown: u64,
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Relative to the manifest, its parts separated by `/`.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read.
    #[error("the manifest cannot be read")]
    Read(#[from] io::Error),
    /// It is none.
    #[error("this is no manifest of an export: {0}")]
    Form(String),
}

/// What became of a file since its manifest was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As the manifest says.
    Same,
    /// Not there, or not readable.
    Missing,
    /// Of another size, or other content.
    Different,
}

impl Manifest {
    pub(super) fn new(format: &str) -> Self {
        Self {
            manifest: VERSION,
            made_by: format!("topicvault {}", env!("CARGO_PKG_VERSION")),
            format: format.to_owned(),
            filters: serde_json::Map::new(),
            privacy: Privacy::default(),
            groups: Vec::new(),
            messages: 0,
            training: None,
            warnings: Vec::new(),
            files: Vec::new(),
        }
    }

    /// As its file holds it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads one.
    ///
    /// # Errors
    /// Where it cannot be read or is none: also where a path in it leads out of its directory.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let mut text = String::new();
        File::open(path)?.take(LARGEST).read_to_string(&mut text)?;
        let manifest: Self =
            serde_json::from_str(&text).map_err(|error| ManifestError::Form(error.to_string()))?;
        if manifest.manifest != VERSION {
            let version = manifest.manifest;
            return Err(ManifestError::Form(format!(
                "version {version} is not known"
            )));
        }
        for file in &manifest.files {
            let plain = |part| matches!(part, Component::Normal(_));
            if file.path.is_empty() || !Path::new(&file.path).components().all(plain) {
                return Err(ManifestError::Form(format!(
                    "{:?} is no path within the export",
                    file.path
                )));
            }
        }
        Ok(manifest)
    }
}

impl FileEntry {
    /// Holds the file below `dir` against the entry; `go_on` is asked now and then and may stop it,
    /// which gives `None`.
    pub fn verify(&self, dir: &Path, go_on: &mut dyn FnMut(u64) -> bool) -> Option<Verdict> {
        let path = dir.join(&self.path);
        let Ok(mut file) = File::open(path) else {
            return Some(Verdict::Missing);
        };
        match file.metadata() {
            Ok(metadata) if metadata.is_file() && metadata.len() == self.bytes => {}
            Ok(_) => return Some(Verdict::Different),
            Err(_) => return Some(Verdict::Missing),
        }
        let mut hash = Context::new(&SHA256);
        let mut lot = vec![0; 256 << 10];
        loop {
            let read = match file.read(&mut lot) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Some(Verdict::Missing),
            };
            hash.update(lot.get(..read).unwrap_or_default());
            if !go_on(read as u64) {
                return None;
            }
        }
        let same = hex(hash.finish().as_ref()) == self.sha256;
        Some(if same {
            Verdict::Same
        } else {
            Verdict::Different
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn written(dir: &Path, path: &str) -> Result<Manifest, ManifestError> {
        let mut manifest = Manifest::new("jsonl");
        manifest.files.push(FileEntry {
            path: path.to_owned(),
            bytes: 3,
            // `printf abc | sha256sum`
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
        });
        let file = dir.join("manifest.json");
        std::fs::write(&file, manifest.to_json()).unwrap();
        let read = Manifest::read(&file)?;
        assert_eq!(read, manifest);
        Ok(read)
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = written(dir.path(), "data/a.jsonl").unwrap();
        let verdict = || manifest.files[0].verify(dir.path(), &mut |_| true).unwrap();
        assert_eq!(verdict(), Verdict::Missing);
        std::fs::create_dir(dir.path().join("data")).unwrap();
        for (content, expected) in [
            ("abc", Verdict::Same),
            ("abd", Verdict::Different),
            ("abcd", Verdict::Different),
            ("", Verdict::Different),
        ] {
            std::fs::write(dir.path().join("data/a.jsonl"), content).unwrap();
            assert_eq!(verdict(), expected, "{content:?}");
        }
    }

    #[test]
    fn a_manifest_names_nothing_outside_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["../secret", "/etc/passwd", "a/../../b", "", "."] {
            let error = written(dir.path(), path).unwrap_err().to_string();
            assert!(error.contains("is no path within the export"), "{error}");
        }
        std::fs::write(dir.path().join("x"), "{}").unwrap();
        assert!(Manifest::read(&dir.path().join("x")).is_err());
    }
}
