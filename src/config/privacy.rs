//! `[privacy]`: what the correspondence is kept for, and how long.

use serde::{Deserialize, Serialize};

/// The data protection policy, as the vault's owner states it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivacyConfig {
    /// What the correspondence is kept for, in the owner's words. Empty: not stated.
    pub purpose: String,
    /// For how many days it is meant to be kept; 0: until somebody asks for erasure.
    pub retention_days: u32,
}
