//! What operators are told by themselves, once and no more: that a group is not captured, that it
//! is again, that the disk fills up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Board, disk};
use crate::archive::Vault;
use crate::bot::{Alert, Notices};
use crate::config::Config;
use crate::metrics::Metrics;
use crate::model::GroupId;

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often to look at the disk.
const DISK_EVERY: Duration = Duration::from_secs(30);

/// A group that goes up and down is told of again only after so long.
const QUIET: Duration = Duration::from_secs(30 * 60);

/// What is looked at, and whom to tell.
pub(super) struct Watched {
    pub(super) config: watch::Receiver<Arc<Config>>,
    pub(super) vault: Vault,
    pub(super) progress: watch::Receiver<Board>,
    pub(super) metrics: Metrics,
    /// The way to the bot, where there is one.
    pub(super) notices: Option<Notices>,
}

/// Looks and tells until stopped.
pub(super) async fn keep(watched: Watched, stop: CancellationToken) {
    let mut alarms = Alarms::default();
    let mut disk_at = Instant::now();
    loop {
        let now = Instant::now();
        let (after, low) = {
            let config = watched.config.borrow();
            (config.bot.alert_after, config.vault.low_space)
        };
        let mut due = Vec::new();
        if after > 0 {
            let board = watched.progress.borrow().clone();
            due = alarms.look(&board, now, Duration::from_secs(after));
        }
        if low > 0 && now >= disk_at {
            disk_at = now + DISK_EVERY;
            let dir = watched.vault.dir().to_owned();
            let free = tokio::task::spawn_blocking(move || disk::free(&dir)).await;
            if let Some(free) = free.ok().flatten()
                && alarms.disk(free, low, now)
            {
                let accounts = watched.config.borrow().accounts();
                let groups = accounts.into_values().flatten();
                due.extend(groups.map(|group| (group, Alert::DiskLow { free })));
            }
        }
        for (group, alert) in due {
            tell(&watched, group, alert);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn tell(watched: &Watched, group: GroupId, alert: Alert) {
    match alert {
        Alert::Down { trouble, .. } => {
            error!(%group, trouble = trouble.name(), "operators are told that the group is not captured");
        }
        Alert::Back { seconds } => info!(%group, seconds, "the group is captured again"),
        Alert::DiskLow { free } => warn!(free, "the disk of the vault fills up"),
    }
    if let Some(notices) = &watched.notices {
        watched.metrics.told();
        notices.tell(group, alert);
    }
}

/// When which alert is due, without any I/O.
#[derive(Debug, Default)]
struct Alarms {
    groups: HashMap<GroupId, Alarm>,
    disk_told: Option<Instant>,
}

#[derive(Debug, Default)]
struct Alarm {
    /// Since when it is down.
    down: Option<Instant>,
    /// Operators know that it is.
    told: bool,
    /// When they were last told that it is.
    last: Option<Instant>,
}

impl Alarms {
    /// What to tell now, if a group must be down for `after` to be worth it.
    fn look(&mut self, board: &Board, now: Instant, after: Duration) -> Vec<(GroupId, Alert)> {
        self.groups.retain(|group, _| board.contains_key(group));
        let mut due = Vec::new();
        for (group, progress) in board {
            let alarm = self.groups.entry(*group).or_default();
            match &progress.down {
                Some(down) => {
                    let began = *alarm.down.get_or_insert(now);
                    let long = now.saturating_duration_since(began) >= after;
                    let quiet = alarm
                        .last
                        .is_none_or(|last| now.saturating_duration_since(last) >= QUIET);
                    if long && quiet && !alarm.told {
                        (alarm.told, alarm.last) = (true, Some(now));
                        due.push((
                            *group,
                            Alert::Down {
                                since: down.since,
                                trouble: down.trouble,
                            },
                        ));
                    }
                }
                None => {
                    let began = alarm.down.take();
                    if std::mem::take(&mut alarm.told) {
                        let lasted = began
                            .map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
                        let seconds = lasted.as_secs();
                        due.push((*group, Alert::Back { seconds }));
                    }
                }
            }
        }
        due
    }

    /// Whether to tell that so much is free where `low` is little. Once; again after there was
    /// clearly more, and not too soon.
    fn disk(&mut self, free: u64, low: u64, now: Instant) -> bool {
        if free >= low {
            if free >= low.saturating_add(low / 4)
                && self
                    .disk_told
                    .is_some_and(|told| now.saturating_duration_since(told) >= QUIET)
            {
                self.disk_told = None;
            }
            return false;
        }
        if self.disk_told.is_some() {
            return false;
        }
        self.disk_told = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::capture::{Down, Progress, Trouble};

    const AFTER: Duration = Duration::from_secs(120);

    fn board(down: bool) -> (GroupId, Board) {
        let group = GroupId::from_bare(7).unwrap();
        let progress = Progress {
            down: down.then(|| Down {
                since: 55,
                trouble: Trouble::Revoked,
                reason: String::new(),
            }),
            ..Progress::default()
        };
        (group, Board::from([(group, progress)]))
    }

    /// Looks at these seconds, at each of which the group is down or not; what is told, and when.
    fn story(steps: impl IntoIterator<Item = (u64, bool)>) -> Vec<(u64, &'static str)> {
        let mut alarms = Alarms::default();
        let start = Instant::now();
        let mut told = Vec::new();
        for (second, down) in steps {
            let now = start + Duration::from_secs(second);
            for (_, alert) in alarms.look(&board(down).1, now, AFTER) {
                told.push((
                    second,
                    match alert {
                        Alert::Down { since: 55, .. } => "down",
                        Alert::Back { .. } => "back",
                        _ => "?",
                    },
                ));
            }
        }
        told
    }

    #[test]
    fn a_short_trouble_is_not_told() {
        assert_eq!(
            story([(0, true), (119, true), (121, false), (400, false)]),
            []
        );
    }

    #[test]
    fn a_long_one_is_told_once_and_its_end_too() {
        let steps = (0..600).map(|second| (second, second < 500));
        assert_eq!(story(steps), [(120, "down"), (500, "back")]);
    }

    #[test]
    fn flapping_is_told_once_in_half_an_hour() {
        // Up for ten seconds every five minutes.
        let steps = (0..4_000).map(|second| (second, second % 300 >= 10));
        let expected = [
            (130, "down"),
            (300, "back"),
            (1_930, "down"),
            (2_100, "back"),
            (3_730, "down"),
            (3_900, "back"),
        ];
        assert_eq!(story(steps), expected);
    }

    #[test]
    fn the_end_says_how_long_it_was() {
        let mut alarms = Alarms::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(alarms.look(&board(true).1, at(0), AFTER).is_empty());
        let (group, down) = board(true);
        assert_eq!(
            alarms.look(&down, at(120), AFTER),
            [(
                group,
                Alert::Down {
                    since: 55,
                    trouble: Trouble::Revoked
                }
            )]
        );
        assert_eq!(
            alarms.look(&board(false).1, at(500), AFTER),
            [(group, Alert::Back { seconds: 500 })]
        );
    }

    #[test]
    fn a_disk_around_the_limit_is_told_of_once() {
        let mut alarms = Alarms::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!alarms.disk(2_000, 1_000, at(0)));
        assert!(alarms.disk(999, 1_000, at(1)));
        for second in 2..100 {
            assert!(!alarms.disk(990 + second, 1_000, at(second)));
        }
        assert!(!alarms.disk(5_000, 1_000, at(3_000)));
        assert!(alarms.disk(900, 1_000, at(3_001)));
    }
}
