//! `[vault]`: where and how archives are kept.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The vault.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// The directory, relative to the config file.
    pub dir: PathBuf,
    /// Seal when this many messages are hot.
    pub seal_after: u64,
    /// zstd level of sealed frames, 1 to 19.
    pub seal_level: i32,
    /// zstd level of compacted frames, 1 to 19; 0: small segments are never joined.
    pub compact_level: i32,
    /// Operators are told when less than this is free on its disk, bytes; 0: never.
    pub low_space: u64,
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("vault"),
            seal_after: 4096,
            seal_level: 6,
            compact_level: 19,
            low_space: 1_000_000_000,
        }
    }
}
