//! How far capture is, for everyone who wants to know.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::clock;
use super::error::CaptureError;
use super::trouble::Trouble;
use crate::model::GroupId;

/// How far capture of a group is, for `/status`, `doctor`, metrics and the demo.
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
    /// How many older ids are still unknown and being fetched; none before they were counted.
    pub missing: Option<u64>,
    /// Telegram does not tell now what the missing ones are.
    pub stalled: bool,
    /// Why nothing is captured, while that is so.
    pub down: Option<Down>,
}

/// Since when and why a group is not captured.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Down {
    /// Unix seconds.
    pub since: i64,
    /// What kind of trouble it is.
    pub trouble: Trouble,
    /// What happened and what to do, for logs; no names, no secrets.
    pub reason: String,
}

/// What capture of a group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureState {
    /// It has not been answered yet.
    Connecting,
    /// It compares with history.
    CatchingUp,
    /// It follows what happens.
    Live,
    /// It cannot work; tried again by itself.
    Down,
}

impl Progress {
    /// Follows what happens, and everything older is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.caught_up && self.missing == Some(0)
    }

    /// What it does.
    #[must_use]
    pub fn state(&self) -> CaptureState {
        if self.down.is_some() {
            CaptureState::Down
        } else if self.caught_up {
            CaptureState::Live
        } else if self.last_commit.is_some() {
            CaptureState::CatchingUp
        } else {
            CaptureState::Connecting
        }
    }
}

/// Publishes the progress of one account's groups; only ever told what has been committed. Other
/// accounts write on the same board.
#[derive(Clone, Debug)]
pub(super) struct Board {
    all: watch::Sender<HashMap<GroupId, Progress>>,
    own: Arc<RwLock<BTreeSet<GroupId>>>,
}

impl Board {
    pub(super) fn new(all: watch::Sender<HashMap<GroupId, Progress>>) -> Self {
        Self {
            all,
            own: Arc::default(),
        }
    }

    /// A group is ours from now on.
    pub(super) fn claim(&self, group: GroupId) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        if own.insert(group) {
            self.all.send_modify(|all| {
                all.entry(group).or_default();
            });
        }
    }

    /// Exactly these groups are ours from now on.
    pub(super) fn claim_only(&self, groups: &BTreeSet<GroupId>) {
        for group in self.own().difference(groups) {
            self.release(*group);
        }
        groups.iter().for_each(|group| self.claim(*group));
    }

    /// A group is not captured any more.
    pub(super) fn release(&self, group: GroupId) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        if own.remove(&group) {
            self.all.send_modify(|all| drop(all.remove(&group)));
        }
    }

    /// Something of a group was committed.
    pub(super) fn committed(&self, group: GroupId) {
        self.change(group, |progress| {
            progress.last_commit = Some(clock::now());
            progress.down = None;
        });
    }

    /// A group was reconciled up to an id.
    pub(super) fn reconciled(&self, group: GroupId, watermark: i32) {
        self.change(group, |progress| {
            progress.caught_up = true;
            progress.watermark = progress.watermark.max(watermark);
            progress.last_commit = Some(clock::now());
            progress.down = None;
        });
    }

    /// So many older ids are unknown, and are being fetched or, when stalled, cannot be now.
    pub(super) fn missing(&self, group: GroupId, missing: u64, stalled: bool) {
        self.change(group, |progress| {
            progress.missing = Some(missing);
            progress.stalled = stalled;
        });
    }

    /// A group is not ours to see any more.
    pub(super) fn lost(&self, group: GroupId, error: &CaptureError) {
        self.change(group, |progress| fell(progress, error));
    }

    /// The connection was lost, or there was none: nothing is captured until the next one is made.
    pub(super) fn down(&self, error: &CaptureError) {
        self.each(|progress| fell(progress, error));
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
        let own = self.own();
        self.all.send_if_modified(|all| {
            let mut changed = false;
            for (_, progress) in all.iter_mut().filter(|(group, _)| own.contains(group)) {
                changed |= progress.flood_until != until;
                progress.flood_until = until;
            }
            changed
        });
    }

    fn own(&self) -> BTreeSet<GroupId> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.clone()
    }

    fn each(&self, mut change: impl FnMut(&mut Progress)) {
        let own = self.own();
        self.all.send_modify(|all| {
            all.iter_mut()
                .filter(|(group, _)| own.contains(group))
                .for_each(|(_, progress)| change(progress));
        });
    }

    /// What is told of a group that was given up meanwhile is of no interest.
    fn change(&self, group: GroupId, change: impl FnOnce(&mut Progress)) {
        self.all.send_modify(|all| {
            if let Some(progress) = all.get_mut(&group) {
                change(progress);
            }
        });
    }
}

/// Nothing is captured any more; since when stays as it was.
fn fell(progress: &mut Progress, error: &CaptureError) {
    progress.caught_up = false;
    let since = progress
        .down
        .as_ref()
        .map_or_else(clock::now, |down| down.since);
    progress.down = Some(Down {
        since,
        trouble: error.trouble(),
        reason: error.to_string(),
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn group(id: i64) -> GroupId {
        GroupId::from_bare(id).unwrap()
    }

    #[test]
    fn accounts_write_about_their_own_groups_only() {
        let (all, seen) = watch::channel(HashMap::new());
        let (one, other) = (Board::new(all.clone()), Board::new(all));
        one.claim(group(1));
        other.claim(group(2));
        one.reconciled(group(1), 5);
        other.reconciled(group(2), 6);
        other.down(&CaptureError::Revoked);
        other.flood(Some(9));
        assert_eq!(seen.borrow()[&group(1)].state(), CaptureState::Live);
        assert_eq!(seen.borrow()[&group(1)].flood_until, None);
        let down = seen.borrow()[&group(2)].down.clone().unwrap();
        assert_eq!(down.trouble, Trouble::Revoked);
        other.release(group(2));
        assert!(!seen.borrow().contains_key(&group(2)));
    }

    #[test]
    fn what_is_down_stays_so_since_then_until_something_is_committed() {
        let (all, seen) = watch::channel(HashMap::new());
        let board = Board::new(all);
        board.claim(group(1));
        assert_eq!(seen.borrow()[&group(1)].state(), CaptureState::Connecting);
        let silent = || CaptureError::Unreachable {
            reason: "x".to_owned(),
        };
        board.down(&silent());
        board.all.send_modify(|all| {
            all.get_mut(&group(1)).unwrap().down.as_mut().unwrap().since = 77;
        });
        board.down(&CaptureError::Revoked);
        let down = seen.borrow()[&group(1)].down.clone().unwrap();
        assert_eq!((down.since, down.trouble), (77, Trouble::Revoked));
        board.committed(group(1));
        assert_eq!(seen.borrow()[&group(1)].state(), CaptureState::CatchingUp);
        board.reconciled(group(1), 3);
        assert_eq!(seen.borrow()[&group(1)].state(), CaptureState::Live);
    }
}
