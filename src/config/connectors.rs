//! `[connectors]`: outside systems.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where outside systems are described.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectorsConfig {
    /// Directory of connectors' files, one `.toml` a system.
    pub dir: PathBuf,
}

impl Default for ConnectorsConfig {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("connectors"),
        }
    }
}
