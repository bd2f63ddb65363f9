//! Why a configuration cannot be used: which key, where it stands, what to do.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of the config file, counted from 1.
    File {
        /// The file.
        path: PathBuf,
        /// The line; 0 where only the file is known.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// The default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: 0 } => write!(f, "{}", path.display()),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Default => f.write_str("the configuration"),
        }
    }
}

/// Why a configuration cannot be used. No variant carries a value from the file: it might be a
/// secret that landed in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line is not there.
    #[error("there is no config file {}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("cannot read the config file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{origin}: this is no valid TOML: {problem}")]
    Syntax {
        /// Where.
        origin: Origin,
        /// What the parser objects to, without the text itself.
        problem: String,
    },
    /// A key that does not exist.
    #[error("{origin}: unknown key `{key}`")]
    UnknownKey {
        /// Where.
        origin: Origin,
        /// The key with its section.
        key: String,
        /// The key that was probably meant, with its section.
        nearest: Option<String>,
    },
    /// A value of the wrong type or out of range.
    #[error("{origin}: `{key}` {problem}")]
    Invalid {
        /// Where.
        origin: Origin,
        /// The key with its section.
        key: String,
        /// What is wrong, without the value.
        problem: String,
        /// What to do.
        help: Option<String>,
    },
    /// A value that the command needs is not set.
    #[error("`{key}` is not set")]
    Required {
        /// The key with its section.
        key: &'static str,
        /// Where to get it and how to set it.
        help: String,
    },
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some("`topicvault init` writes one; or name another with --config FILE".to_owned())
            }
            Self::Unreadable { .. } => {
                Some("check that the file is yours and holds UTF-8 text".to_owned())
            }
            Self::Syntax { problem, .. } => problem
                .contains("quoted")
                .then(|| "values that are text need quotes: key = \"text\"".to_owned()),
            Self::UnknownKey { nearest, .. } => Some(nearest.as_ref().map_or_else(
                || "`topicvault init --print` shows every key there is".to_owned(),
                |nearest| format!("did you mean `{nearest}`?"),
            )),
            Self::Invalid { help, .. } => help.clone(),
            Self::Required { help, .. } => Some(help.clone()),
        }
    }
}
