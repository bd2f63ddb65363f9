//! Whether there is room for more.

use std::io;
use std::time::{Duration, Instant};

use super::{Busy, Full, Media, Stop, on_disk};
use crate::archive::MediaStore;

/// How often the directory is measured anew: others may write to it, and people tidy up.
const MEASURE_EVERY: Duration = Duration::from_secs(10 * 60);

impl Media {
    /// Looks for room for so many bytes more; says what is in the way.
    pub(super) async fn room(
        &self,
        busy: &Busy,
        store: &MediaStore,
        need: u64,
    ) -> Result<Option<Full>, Stop> {
        // While it is full, only measuring can tell that it no longer is.
        let full = self.state.borrow().full.is_some();
        let due = self
            .memory()
            .measured
            .is_none_or(|at| full || at.elapsed() > MEASURE_EVERY);
        let disk = store.clone();
        let (used, free): (Option<io::Result<u64>>, _) =
            on_disk(busy, move || (due.then(|| disk.used()), disk.free())).await?;
        if let Some(used) = used {
            let used = used?;
            self.memory().measured = Some(Instant::now());
            self.state.send_modify(|state| state.used = used);
        }
        Ok(self.judge(free, need))
    }

    /// So many bytes were written.
    pub(super) fn took(&self, bytes: u64) {
        self.state.send_modify(|state| {
            state.used += bytes;
            state.received += bytes;
        });
    }

    /// Publishes and tells once what changed.
    fn judge(&self, free: Option<u64>, need: u64) -> Option<Full> {
        let before = self.state.borrow().clone();
        let used = before.used;
        let full = if self.max_total > 0 && used.saturating_add(need) > self.max_total {
            Some(Full::Cap)
        } else if free.is_some_and(|free| free < self.keep_free.saturating_add(need)) {
            Some(Full::Disk)
        } else {
            None
        };
        let near_cap = self.max_total > 0
            && u128::from(used) * 100 >= u128::from(self.max_total) * u128::from(self.warn_at);
        let near_full = free.is_some_and(|free| free < self.keep_free.saturating_mul(2));
        let warning = near_cap || near_full;
        if warning && !before.warning {
            tracing::warn!(
                used,
                max_total = self.max_total,
                free,
                keep_free = self.keep_free,
                "there is little room left for files"
            );
        }
        match (before.full, full) {
            (None, Some(reason)) => tracing::warn!(
                ?reason,
                used,
                free,
                "no more files are fetched until there is room"
            ),
            (Some(_), None) => tracing::info!("there is room again, files are fetched"),
            _ => {}
        }
        self.state.send_if_modified(|state| {
            let changed = (state.full, state.warning, state.free) != (full, warning, free);
            (state.full, state.warning, state.free) = (full, warning, free);
            changed
        });
        full
    }
}
