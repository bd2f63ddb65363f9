//! What whoever watches the service is shown: figures at the moment of asking.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use serde::Serialize;
use tokio::sync::{Mutex, watch};

use super::{Board, disk};
use crate::archive::{MediaTotals, Stats, Vault};
use crate::capture::{CaptureState, Down};
use crate::metrics::Metrics;
use crate::model::{GroupId, MediaPolicy};

/// Figures of archives are counted anew at most this often, however often they are asked for.
const FRESH: Duration = Duration::from_secs(5);

const STATES: [(CaptureState, &str); 4] = [
    (CaptureState::Connecting, "connecting"),
    (CaptureState::CatchingUp, "catching_up"),
    (CaptureState::Live, "live"),
    (CaptureState::Down, "down"),
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByGroup {
    group: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByGroupAndState {
    group: i64,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// Where the figures come from.
pub(super) struct Scraped {
    vault: Vault,
    /// Which files are wanted.
    files: MediaPolicy,
    progress: watch::Receiver<Board>,
    metrics: Metrics,
    last: Mutex<Option<(Instant, Arc<Figures>)>>,
}

/// What takes a look at disks to know.
#[derive(Debug, Default)]
struct Figures {
    stats: BTreeMap<GroupId, Stats>,
    files: BTreeMap<GroupId, MediaTotals>,
    free: Option<u64>,
    writable: bool,
    resident: Option<u64>,
}

/// Whether everything works.
#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    /// Every group is live, and the archives can be written.
    pub(super) ready: bool,
    /// Files can be made in the vault.
    writable: bool,
    groups: Vec<GroupReadiness>,
}

#[derive(Debug, Serialize)]
struct GroupReadiness {
    /// As the Bot API names it.
    group: i64,
    state: CaptureState,
    #[serde(flatten)]
    down: Option<Down>,
}

impl Scraped {
    pub(super) fn new(
        vault: Vault,
        files: MediaPolicy,
        progress: watch::Receiver<Board>,
        metrics: Metrics,
    ) -> Self {
        Self {
            vault,
            files,
            progress,
            metrics,
            last: Mutex::new(None),
        }
    }

    /// Whether everything works, and what does not.
    pub(super) async fn readiness(&self) -> Readiness {
        let writable = self.figures().await.writable;
        let mut groups: Vec<GroupReadiness> = self
            .progress
            .borrow()
            .iter()
            .map(|(group, progress)| GroupReadiness {
                group: group.marked(),
                state: progress.state(),
                down: progress.down.clone(),
            })
            .collect();
        groups.sort_by_key(|group| group.group);
        let live = groups.iter().all(|group| group.state == CaptureState::Live);
        Readiness {
            ready: live && writable && !groups.is_empty(),
            writable,
            groups,
        }
    }

    /// Everything in the format that Prometheus reads.
    pub(super) async fn metrics(&self) -> Result<String, std::fmt::Error> {
        let figures = self.figures().await;
        let board = self.progress.borrow().clone();
        let now = jiff::Timestamp::now().as_second();
        let mut all = Registry::default();
        if let Some(resident) = figures.resident {
            let memory = gauge(resident);
            all.register("process_resident_memory_bytes", "Memory in use", memory);
        }
        let ours = all.sub_registry_with_prefix("topicvault");
        self.metrics.register(ours);
        let version = env!("CARGO_PKG_VERSION");
        ours.register("build", "This program", Info::new(Build { version }));
        groups(ours, &board, now);
        archives(ours, &figures.stats, now);
        files(ours, &figures.files);
        if let Some(free) = figures.free {
            ours.register("disk_free_bytes", "Free on the vault's disk", gauge(free));
        }
        let writable = gauge(u64::from(figures.writable));
        ours.register(
            "vault_writable",
            "Whether files can be made in the vault",
            writable,
        );
        let mut out = String::new();
        text::encode(&mut out, &all)?;
        Ok(out)
    }

    /// The figures, counted anew unless they are fresh. Whoever asks meanwhile waits for the same.
    async fn figures(&self) -> Arc<Figures> {
        let mut last = self.last.lock().await;
        if let Some((at, figures)) = &*last
            && at.elapsed() < FRESH
        {
            return Arc::clone(figures);
        }
        let vault = self.vault.clone();
        let groups: Vec<GroupId> = self.progress.borrow().keys().copied().collect();
        let policy = self.files;
        let work = move || count(&vault, &policy, &groups);
        let figures = tokio::task::spawn_blocking(work).await;
        let figures = Arc::new(figures.unwrap_or_default());
        *last = Some((Instant::now(), Arc::clone(&figures)));
        figures
    }
}

/// An archive that cannot be read just now is left out.
fn count(vault: &Vault, policy: &MediaPolicy, groups: &[GroupId]) -> Figures {
    let stats = |group: &GroupId| vault.reader(*group).ok()?.stats().ok();
    let files = |group: &GroupId| vault.reader(*group).ok()?.media_totals(policy).ok();
    Figures {
        files: groups
            .iter()
            .filter_map(|group| Some((*group, files(group)?)))
            .collect(),
        stats: groups
            .iter()
            .filter_map(|group| Some((*group, stats(group)?)))
            .collect(),
        free: disk::free(vault.dir()),
        writable: disk::is_writable(vault.dir()),
        resident: resident(),
    }
}

/// Memory in use, bytes; `None` where the system does not say.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

fn groups(registry: &mut Registry, board: &Board, now: i64) {
    let state = Family::<ByGroupAndState, Gauge>::default();
    let wait = Family::<ByGroup, Gauge>::default();
    let down = Family::<ByGroup, Gauge>::default();
    for (group, progress) in board {
        let group = group.bare();
        for (one, name) in STATES {
            let labels = ByGroupAndState { group, state: name };
            let is = i64::from(progress.state() == one);
            state.get_or_create(&labels).set(is);
        }
        let left = progress.flood_until.map_or(0, |until| (until - now).max(0));
        wait.get_or_create(&ByGroup { group }).set(left);
        let since = progress.down.as_ref().map_or(now, |down| down.since);
        down.get_or_create(&ByGroup { group })
            .set(now.saturating_sub(since).max(0));
    }
    registry.register(
        "capture_state",
        "What capture of a group does: 1 for that",
        state,
    );
    registry.register_with_unit(
        "flood_wait_left",
        "What is left of the wait that Telegram asked for",
        Unit::Seconds,
        wait,
    );
    registry.register_with_unit(
        "down",
        "For how long a group has not been captured",
        Unit::Seconds,
        down,
    );
}

fn archives(registry: &mut Registry, all: &BTreeMap<GroupId, Stats>, now: i64) {
    let family = Family::<ByGroup, Gauge>::default;
    let (unknown, bytes, held, age) = (family(), family(), family(), family());
    for (group, stats) in all {
        let labels = ByGroup {
            group: group.bare(),
        };
        unknown.get_or_create(&labels).set(whole(stats.unknown));
        bytes.get_or_create(&labels).set(whole(stats.bytes));
        held.get_or_create(&labels).set(whole(stats.messages));
        if let Some((_, last)) = stats.dates {
            age.get_or_create(&labels)
                .set(now.saturating_sub(last).max(0));
        }
    }
    registry.register(
        "unknown_ids",
        "Message ids of which nothing is known",
        unknown,
    );
    registry.register_with_unit("archive", "Size of an archive", Unit::Bytes, bytes);
    registry.register("archived_messages", "Messages that exist", held);
    registry.register_with_unit(
        "last_message_age",
        "How old the newest archived message is",
        Unit::Seconds,
        age,
    );
}

fn files(registry: &mut Registry, all: &BTreeMap<GroupId, MediaTotals>) {
    let number = Family::<ByGroupAndState, Gauge>::default();
    let bytes = Family::<ByGroupAndState, Gauge>::default();
    for (group, totals) in all {
        let labels = |state| ByGroupAndState {
            group: group.bare(),
            state,
        };
        for (state, count) in [
            ("stored", totals.stored),
            ("missing", totals.wanted),
            ("gone", totals.gone),
            ("left_out", totals.left_out),
        ] {
            number.get_or_create(&labels(state)).set(whole(count));
        }
        for (state, count) in [
            ("stored", totals.stored_bytes),
            ("missing", totals.wanted_bytes),
        ] {
            bytes.get_or_create(&labels(state)).set(whole(count));
        }
    }
    registry.register("files", "Files that messages carry", number);
    registry.register_with_unit("files", "Size of these, as announced", Unit::Bytes, bytes);
}

fn gauge(value: u64) -> Gauge<u64, AtomicU64> {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
