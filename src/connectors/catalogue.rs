//! All connectors of a directory.

use std::path::{Path, PathBuf};

use super::build;
use super::definition::Connector;
use super::problem::Problem;
use super::spot::Spot;

/// Largest file that is read.
const LARGEST: u64 = 1 << 20;

/// Why a connector's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The directory or a file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in a file is wrong.
    #[error("{}", problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
    Wrong {
        /// All that is wrong.
        problems: Vec<Problem>,
    },
}

/// The connectors of a directory, by name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Those that can be used.
    pub connectors: Vec<Connector>,
}

impl Catalogue {
    /// Reads every `.toml` file of a directory, in the order of their names. A directory that is
    /// not there holds none.
    ///
    /// # Errors
    /// The first file that cannot be used.
    pub fn read(directory: &Path) -> Result<Self, CatalogueError> {
        let unreadable = |source| CatalogueError::Unreadable {
            path: directory.to_owned(),
            source,
        };
        let entries = match std::fs::read_dir(directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            entries => entries.map_err(unreadable)?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                files.push(path);
            }
        }
        files.sort();
        let connectors: Result<Vec<_>, _> = files.iter().map(|file| read(file)).collect();
        let connectors = connectors?;
        clashes(&connectors)?;
        Ok(Self { connectors })
    }
}

/// What the files of a directory hold, connectors and their secrets, as a hash: another one means
/// that something changed.
#[must_use]
pub fn fingerprint(directory: &Path) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        let is_small = |meta: std::fs::Metadata| meta.is_file() && meta.len() <= LARGEST;
        if !std::fs::metadata(&file).is_ok_and(is_small) {
            continue;
        }
        if let Ok(text) = std::fs::read(&file) {
            hasher.update(file.as_os_str().as_encoded_bytes());
            hasher.update(blake3::hash(&text).as_bytes());
        }
    }
    hasher.finalize()
}

/// Reads one file.
///
/// # Errors
/// Where it cannot be read or something in it is wrong; all that is wrong is told.
pub(super) fn read(path: &Path) -> Result<Connector, CatalogueError> {
    let unreadable = |source| CatalogueError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST {
        let error = std::io::Error::other("it is too large for a connector's file");
        return Err(unreadable(error));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let made = build::connector(&name, &path.display().to_string(), &text);
    made.map_err(|problems| CatalogueError::Wrong { problems })
}

impl Connector {
    /// Reads a file's text; `name` is the connector's, `file` what messages call it.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        build::connector(name, file, text)
    }

    /// Reads one file.
    ///
    /// # Errors
    /// Where it cannot be read or something in it is wrong; all that is wrong is told.
    pub fn read(path: &Path) -> Result<Self, CatalogueError> {
        read(path)
    }
}

/// Two connectors cannot answer to the same command.
fn clashes(connectors: &[Connector]) -> Result<(), CatalogueError> {
    let mut taken: Vec<(&str, &Spot)> = Vec::new();
    let mut problems = Vec::new();
    for connector in connectors {
        for action in connector.actions.values() {
            let Some(command) = &action.command else {
                continue;
            };
            if let Some((_, other)) = taken.iter().find(|(name, _)| name == command) {
                let what = format!("the command /{command} is taken: {other} has it");
                let problem = Problem::new(action.spot.clone(), what);
                problems.push(problem.help("give one of them another `command`"));
            }
            taken.push((command, &action.spot));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(CatalogueError::Wrong { problems }),
    }
}
