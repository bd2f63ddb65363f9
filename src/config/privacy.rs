//! `[privacy]`: what the correspondence is kept for, and how long.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The data protection policy, as the vault's owner states it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyConfig {
    /// What the correspondence is kept for, in the owner's words. Empty: not stated.
    pub purpose: String,
    /// For how many days it is meant to be kept; 0: until somebody asks for erasure.
    pub retention_days: u32,
    /// The file with the key under which exports' pseudonyms are made, relative to the config file.
    /// It is made when it is first needed.
    pub pseudonym_key: PathBuf,
}

impl Default for PrivacyConfig {
    fn default() -> Self {
        Self {
            purpose: String::new(),
            retention_days: 0,
            pseudonym_key: PathBuf::from("pseudonyms.key"),
        }
    }
}
