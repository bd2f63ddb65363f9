//! Secrets of a connector: read from the environment or from files, never from its own file.

use std::collections::BTreeMap;
use std::path::Path;

use super::definition::SecretPlace;
use crate::config::Secret;

/// Largest file that is taken for a secret: a service account's key has about 2,400 bytes.
const LARGEST: u64 = 64 * 1024;

/// The secrets that were found, and why others were not.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    found: BTreeMap<String, Secret>,
    missing: BTreeMap<String, String>,
}

impl Secrets {
    /// Reads secrets; paths are relative to the connector's directory.
    pub(super) fn read(places: &BTreeMap<String, SecretPlace>, directory: &Path) -> Self {
        let mut secrets = Self::default();
        for (name, place) in places {
            match read(place, directory) {
                Ok(secret) => {
                    secrets.found.insert(name.clone(), secret);
                }
                Err(problem) => {
                    secrets.missing.insert(name.clone(), problem);
                }
            }
        }
        secrets
    }

    /// A secret; why not, where it is not there.
    pub(super) fn get(&self, name: &str) -> Result<&Secret, &str> {
        self.found.get(name).ok_or_else(|| {
            let problem = self.missing.get(name);
            problem.map_or("it is not declared in [secrets]", String::as_str)
        })
    }

    /// Those that are not there, and why.
    pub(super) fn missing(&self) -> impl Iterator<Item = (&str, &str)> {
        let missing = self.missing.iter();
        missing.map(|(name, problem)| (name.as_str(), problem.as_str()))
    }

    /// A text without any of them.
    pub(super) fn mask(&self, text: &str) -> String {
        mask(text, self.found.values().map(Secret::expose))
    }
}

/// A text without some others. Short ones stay: masking "1" would leave nothing to read.
pub(super) fn mask<'t>(text: &str, hidden: impl IntoIterator<Item = &'t str>) -> String {
    let mut masked = text.to_owned();
    for hidden in hidden {
        if hidden.chars().count() >= 3 {
            masked = masked.replace(hidden, "***");
        }
    }
    masked
}

fn read(place: &SecretPlace, directory: &Path) -> Result<Secret, String> {
    let text = match place {
        SecretPlace::Environment(name) => {
            std::env::var(name).map_err(|_| format!("environment variable {name} is not set"))?
        }
        SecretPlace::File(file) => {
            let path = directory.join(file);
            let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
            let size = std::fs::metadata(&path).map_err(wrong)?.len();
            if size > LARGEST {
                return Err(format!("{} is too large for a secret", path.display()));
            }
            std::fs::read_to_string(&path).map_err(wrong)?
        }
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(match place {
            SecretPlace::Environment(name) => format!("environment variable {name} is empty"),
            SecretPlace::File(file) => format!("{} is empty", file.display()),
        });
    }
    Ok(Secret::new(text))
}
