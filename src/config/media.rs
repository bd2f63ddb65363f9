//! `[media]`: which files are fetched, and how much room they may take.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{MediaKind, MediaPolicy};

/// Which files are fetched, and how much room they may take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaConfig {
    /// The kinds that are fetched; empty: no files at all.
    pub download: Vec<String>,
    /// Largest file, bytes.
    pub max_size: u64,
    /// Largest file of a kind, bytes, where that is another.
    pub max_sizes: BTreeMap<String, u64>,
    /// Bytes that all files together may take; 0: as much as there is.
    pub max_total: u64,
    /// Bytes of the disk that are left free.
    pub keep_free: u64,
    /// Percent of `max_total` at which to warn, 1 to 100.
    pub warn_at: u8,
}

impl Default for MediaConfig {
    fn default() -> Self {
        let kinds = MediaKind::FILES.into_iter();
        Self {
            download: kinds
                .filter_map(MediaKind::file_name)
                .map(str::to_owned)
                .collect(),
            max_size: 20_000_000,
            max_sizes: BTreeMap::new(),
            max_total: 0,
            keep_free: 1_000_000_000,
            warn_at: 80,
        }
    }
}

impl MediaConfig {
    /// Which files are fetched. Names of no kind are passed over; loading refuses them.
    #[must_use]
    pub fn policy(&self) -> MediaPolicy {
        self.download
            .iter()
            .filter_map(|name| Some((name, MediaKind::by_file_name(name)?)))
            .fold(MediaPolicy::default(), |policy, (name, kind)| {
                let limit = self.max_sizes.get(name).copied().unwrap_or(self.max_size);
                policy.with(kind, Some(limit))
            })
    }
}
