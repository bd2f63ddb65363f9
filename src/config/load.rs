//! Loading: defaults < file < environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Table;
use toml::de::DeTable;

use super::error::{ConfigError, Origin};
use super::keys::{self, Lines};
use super::{Config, check, environment};

/// Name of the config file in the current directory.
pub const FILE_NAME: &str = "topicvault.toml";

/// A loaded, checked configuration.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration; its paths are resolved.
    pub config: Config,
    /// The file it came from; `None`: defaults and environment only.
    pub path: Option<PathBuf>,
    /// What relative paths are relative to: the file's directory, else the current one.
    pub base: PathBuf,
    /// What is doubtful without being wrong.
    pub warnings: Vec<String>,
}

/// Loads from the process's surroundings: `path`, else the default places, and the environment.
///
/// # Errors
/// When `path` is not there, or what is found cannot be read or is no valid configuration.
pub fn load(path: Option<&Path>) -> Result<Loaded, ConfigError> {
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(environment::PREFIX))
        .collect();
    let path = match path {
        Some(path) => Some(path.to_owned()),
        None => default_path(),
    };
    load_with(path.as_deref(), &variables)
}

/// The first default place that holds a file.
fn default_path() -> Option<PathBuf> {
    let local = PathBuf::from(FILE_NAME);
    if local.is_file() {
        return Some(local);
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".config")))?;
    Some(home.join("topicvault/config.toml")).filter(|path| path.is_file())
}

/// Loads from a given file and given variables.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    path: Option<&Path>,
    variables: &BTreeMap<String, String>,
) -> Result<Loaded, ConfigError> {
    let known = keys::known();
    let text = path.map(read).transpose()?;
    let (mut table, lines) = match (&text, path) {
        (Some(text), Some(path)) => parse(path, text, &known)?,
        _ => (Table::new(), Lines::default()),
    };
    let (used, stray) = environment::overlay(&mut table, &known, variables)?;
    let origins = Origins {
        path: path.map(Path::to_owned),
        lines,
        used,
    };
    let mut config = Config::deserialize(table)
        .map_err(|error| misfit(&error, text.as_deref(), path, &origins))?;
    check::check(&config, &origins)?;

    let base = match path.and_then(Path::parent) {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let base = std::path::absolute(&base).unwrap_or(base);
    config.vault.dir = base.join(&config.vault.dir);
    config.privacy.pseudonym_key = base.join(&config.privacy.pseudonym_key);
    config.telegram.sessions = base.join(&config.telegram.sessions);
    config.connectors.dir = base.join(&config.connectors.dir);

    let mut warnings: Vec<String> = stray
        .into_iter()
        .map(|name| format!("environment variable {name} belongs to no key and is ignored"))
        .collect();
    if let Some(path) = path
        && text
            .as_deref()
            .is_some_and(|_| origins.file_has_secrets(&config))
        && readable_by_others(path)
    {
        warnings.push(format!(
            "{} holds secrets and others can read it: chmod 600 {0}",
            path.display()
        ));
    }
    Ok(Loaded {
        config,
        path: path.map(Path::to_owned),
        base,
        warnings,
    })
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| {
        if source.kind() == std::io::ErrorKind::NotFound {
            ConfigError::Missing {
                path: path.to_owned(),
            }
        } else {
            ConfigError::Unreadable {
                path: path.to_owned(),
                source,
            }
        }
    })
}

fn parse(path: &Path, text: &str, known: &Table) -> Result<(Table, Lines), ConfigError> {
    let syntax = |error: toml::de::Error| ConfigError::Syntax {
        origin: Origin::File {
            path: path.to_owned(),
            line: error
                .span()
                .map_or(0, |span| keys::line_at(text, span.start)),
        },
        problem: harmless(error.message()),
    };
    let spanned = DeTable::parse(text).map_err(syntax)?;
    let lines = keys::check(path, text, spanned.get_ref(), known)?;
    let table = text.parse::<Table>().map_err(syntax)?;
    Ok((table, lines))
}

/// An error of serde's after the walk: a number out of range, an address that is none, a missing key.
fn misfit(
    error: &toml::de::Error,
    text: Option<&str>,
    path: Option<&Path>,
    origins: &Origins,
) -> ConfigError {
    // The merged table has no spans; the file itself, read again, knows the line.
    let in_file = text.and_then(|text| {
        let error = toml::from_str::<Config>(text).err()?;
        let line = keys::line_at(text, error.span()?.start);
        Some((line, harmless(error.message())))
    });
    let (line, problem) = in_file.unwrap_or_else(|| (0, harmless(error.message())));
    let origin = match path {
        Some(path) if line > 0 || origins.used.is_empty() => Origin::File {
            path: path.to_owned(),
            line,
        },
        _ => Origin::Environment(
            origins
                .used
                .values()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        ),
    };
    ConfigError::Invalid {
        key: origins.key_at(line).unwrap_or_else(|| "config".to_owned()),
        origin,
        problem,
        help: None,
    }
}

/// A parser's message without the value that it may quote: the value may be a secret.
fn harmless(message: &str) -> String {
    match message.rsplit_once(", expected ") {
        Some((_, "i32" | "i64" | "u32" | "u64")) if message.starts_with("invalid ") => {
            "must be a whole number in range".to_owned()
        }
        Some((_, expected)) if message.starts_with("invalid ") => {
            format!("must be {expected}")
        }
        _ => message.lines().next().unwrap_or_default().to_owned(),
    }
}

/// Where values came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins {
    path: Option<PathBuf>,
    lines: Lines,
    /// Key → variable.
    used: BTreeMap<String, String>,
}

impl Origins {
    /// Where a key's value came from.
    pub(super) fn of(&self, key: &str) -> Origin {
        if let Some(name) = self.used.get(key) {
            return Origin::Environment(name.clone());
        }
        match (&self.path, self.lines.get(key)) {
            (Some(path), Some(line)) => Origin::File {
                path: path.clone(),
                line,
            },
            _ => Origin::Default,
        }
    }

    fn key_at(&self, line: usize) -> Option<String> {
        self.lines.key_at(line)
    }

    fn file_has_secrets(&self, config: &Config) -> bool {
        let secrets = [
            ("telegram.api_hash", config.telegram.api_hash.is_empty()),
            (
                "telegram.session_key",
                config.telegram.session_key.is_empty(),
            ),
            ("bot.token", config.bot.token.is_empty()),
            ("crm.api_key", config.crm.api_key.is_empty()),
            (
                "crm.instance_api_key",
                config.crm.instance_api_key.is_empty(),
            ),
        ];
        secrets
            .iter()
            .any(|(key, empty)| !empty && matches!(self.of(key), Origin::File { .. }))
    }
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_path: &Path) -> bool {
    false
}
