//! How far capture is, for everyone who wants to know.

use std::collections::HashMap;

use tokio::sync::watch;

use super::clock;
use crate::model::GroupId;

/// How far capture is, for `/status`, `doctor` and the demo.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Connected and past its first reconciliation.
    pub caught_up: bool,
    /// Highest message id reconciled with history.
    pub watermark: i32,
    /// When the last update or reconciliation was committed, Unix seconds.
    pub last_commit: Option<i64>,
    /// Until when Telegram asked us to wait, Unix seconds.
    pub flood_until: Option<i64>,
}

/// Publishes progress; only ever told what has been committed.
#[derive(Clone, Debug)]
pub(super) struct Board(watch::Sender<HashMap<GroupId, Progress>>);

impl Board {
    pub(super) fn new(
        sender: watch::Sender<HashMap<GroupId, Progress>>,
        groups: impl Iterator<Item = GroupId>,
    ) -> Self {
        sender.send_modify(|all| {
            for group in groups {
                all.entry(group).or_default();
            }
        });
        Self(sender)
    }

    /// Something of a group was committed.
    pub(super) fn committed(&self, group: GroupId) {
        self.change(group, |progress| progress.last_commit = Some(clock::now()));
    }

    /// A group was reconciled up to an id.
    pub(super) fn reconciled(&self, group: GroupId, watermark: i32) {
        self.change(group, |progress| {
            progress.caught_up = true;
            progress.watermark = progress.watermark.max(watermark);
            progress.last_commit = Some(clock::now());
        });
    }

    /// A group is not ours to see any more.
    pub(super) fn lost(&self, group: GroupId) {
        self.change(group, |progress| progress.caught_up = false);
    }

    /// The connection was lost: nothing is caught up until the next reconciliation.
    pub(super) fn disconnected(&self) {
        self.0.send_modify(|all| {
            all.values_mut()
                .for_each(|progress| progress.caught_up = false);
        });
    }

    /// A live message was committed: the watermark follows while no id is left out.
    pub(super) fn followed(&self, group: GroupId, id: i32) {
        self.change(group, |progress| {
            if progress.caught_up && progress.watermark.checked_add(1) == Some(id) {
                progress.watermark = id;
            }
        });
    }

    /// Telegram asks everyone of us to wait, or no longer does.
    pub(super) fn flood(&self, until: Option<i64>) {
        self.0.send_if_modified(|all| {
            let changed = all.values().any(|progress| progress.flood_until != until);
            all.values_mut()
                .for_each(|progress| progress.flood_until = until);
            changed
        });
    }

    fn change(&self, group: GroupId, change: impl FnOnce(&mut Progress)) {
        self.0
            .send_modify(|all| change(all.entry(group).or_default()));
    }
}
