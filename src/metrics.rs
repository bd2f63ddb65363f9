//! What is counted and measured, for whoever watches the service: counters that parts of it move,
//! in the format that Prometheus reads.
//!
//! Labels are numbers and words of ours: no titles, no names, nothing personal.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::model::{GroupId, Source};

/// Upper bounds of the classes that commit lags are counted in, seconds: 10 ms is the target.
const LAGS: [f64; 14] = [
    0.000_5, 0.001, 0.002, 0.003, 0.005, 0.007_5, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByGroupAndSource {
    group: i64,
    source: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

/// The counters. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    events: Family<ByGroupAndSource, Counter>,
    messages: Family<ByGroupAndSource, Counter>,
    lag: Histogram,
    flood_seconds: Counter<f64, AtomicU64>,
    flood_waits: Counter,
    reconnects: Family<ByReason, Counter>,
    notes: Counter,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            events: Family::default(),
            messages: Family::default(),
            lag: Histogram::new(LAGS),
            flood_seconds: Counter::default(),
            flood_waits: Counter::default(),
            reconnects: Family::default(),
            notes: Counter::default(),
        }
    }
}

impl Metrics {
    /// So many events of a source, so many new messages among them, were committed to a group.
    pub fn committed(&self, group: GroupId, source: Source, events: usize, messages: u64) {
        let labels = ByGroupAndSource {
            group: group.bare(),
            source: name(source),
        };
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.0.events.get_or_create(&labels).inc_by(events);
        self.0.messages.get_or_create(&labels).inc_by(messages);
    }

    /// What came over the socket then is committed now.
    pub fn lagged(&self, received: Instant) {
        self.0.lag.observe(received.elapsed().as_secs_f64());
    }

    /// Telegram asked to wait, and so much of that is more than what was pending.
    pub fn flooded(&self, more: Duration) {
        self.0.flood_waits.inc();
        self.0.flood_seconds.inc_by(more.as_secs_f64());
    }

    /// A connection is made anew; `reason` is one of a few words.
    pub fn reconnected(&self, reason: &'static str) {
        self.0.reconnects.get_or_create(&ByReason { reason }).inc();
    }

    /// The bot told operators of trouble.
    pub fn told(&self) {
        self.0.notes.inc();
    }

    /// Enters the counters into a registry.
    pub fn register(&self, registry: &mut Registry) {
        let inner = &self.0;
        registry.register(
            "events",
            "Events committed to archives",
            inner.events.clone(),
        );
        registry.register(
            "messages",
            "Messages that were new to their archive",
            inner.messages.clone(),
        );
        registry.register(
            "commit_lag_seconds",
            "From the arrival of an update at the socket to its durable commit",
            inner.lag.clone(),
        );
        registry.register(
            "flood_wait_seconds",
            "Time that Telegram asked to wait",
            inner.flood_seconds.clone(),
        );
        registry.register(
            "flood_waits",
            "How often Telegram asked to wait",
            inner.flood_waits.clone(),
        );
        registry.register(
            "reconnects",
            "Connections made anew, by what ended the one before",
            inner.reconnects.clone(),
        );
        registry.register(
            "alerts",
            "Notes about trouble handed to the bot for operators",
            inner.notes.clone(),
        );
    }
}

const fn name(source: Source) -> &'static str {
    match source {
        Source::Live => "live",
        Source::History => "history",
        Source::Bot => "bot",
        Source::Crm => "crm",
        Source::Import => "import",
    }
}
