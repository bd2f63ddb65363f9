//! Whether there is room for more.

use std::io;
use std::time::{Duration, Instant};

use super::{Busy, Full, Media, Stop, on_disk};
use crate::archive::MediaStore;

/// How often the directory is measured anew: others may write to it, and people tidy up.
const MEASURE_EVERY: Duration = Duration::from_secs(10 * 60);

/// How much more may be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Bytes.
    pub(super) left: u64,
    /// Bytes of downloads that were begun: what they still lack may fit where they would not.
    pub(super) begun: u64,
    /// What is in the way of more.
    pub(super) limit: Full,
}

impl Media {
    /// Looks how much room there is; `None`: nothing limits it. Warns once when it gets little.
    pub(super) async fn room(&self, busy: &Busy, store: &MediaStore) -> Result<Option<Room>, Stop> {
        // While it is full, only measuring can tell that it no longer is.
        let full = self.state.borrow().full.is_some();
        let due = self
            .memory()
            .measured
            .is_none_or(|at| full || at.elapsed() > MEASURE_EVERY);
        let disk = store.clone();
        let (used, begun, free): (Option<io::Result<u64>>, io::Result<u64>, _) =
            on_disk(busy, move || {
                (due.then(|| disk.used()), disk.begun(), disk.free())
            })
            .await?;
        if let Some(used) = used {
            let used = used?;
            self.memory().measured = Some(Instant::now());
            self.state.send_modify(|state| state.used = used);
        }
        let used = self.state.borrow().used;
        self.warn(used, free);
        let cap = (self.max_total > 0).then(|| (self.max_total.saturating_sub(used), Full::Cap));
        let disk = free.map(|free| (free.saturating_sub(self.keep_free), Full::Disk));
        let nearest = [cap, disk]
            .into_iter()
            .flatten()
            .min_by_key(|(left, _)| *left);
        let begun = begun?;
        Ok(nearest.map(|(left, limit)| Room { left, begun, limit }))
    }

    /// So many bytes were written.
    pub(super) fn took(&self, bytes: u64) {
        self.state.send_modify(|state| {
            state.used += bytes;
            state.received += bytes;
        });
    }

    /// Says once when there is little room left.
    fn warn(&self, used: u64, free: Option<u64>) {
        let near_cap = self.max_total > 0
            && u128::from(used) * 100 >= u128::from(self.max_total) * u128::from(self.warn_at);
        let near_full = free.is_some_and(|free| free < self.keep_free.saturating_mul(2));
        let warning = near_cap || near_full;
        if warning && !self.state.borrow().warning {
            tracing::warn!(
                used,
                max_total = self.max_total,
                free,
                keep_free = self.keep_free,
                "there is little room left for files"
            );
        }
        self.state.send_if_modified(|state| {
            let changed = (state.warning, state.free) != (warning, free);
            (state.warning, state.free) = (warning, free);
            changed
        });
    }

    /// Tells, once each, that something that is wanted does not fit, and that everything does again.
    pub(super) fn tell_full(&self, full: Option<Full>) {
        let before = self.state.borrow().full;
        match (before, full) {
            (None, Some(reason)) => {
                tracing::warn!(?reason, "some files are not fetched until there is room");
            }
            (Some(_), None) => tracing::info!("there is room again for all files"),
            _ => {}
        }
        self.state.send_if_modified(|state| {
            let changed = state.full != full;
            state.full = full;
            changed
        });
    }
}
