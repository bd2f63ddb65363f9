//! How fast we ask.
//!
//! Telegram tells nobody how often a method may be called; it answers whoever calls too often with
//! a wait, and whoever calls during the wait with a longer one. So there is one pacer an account.
//! Every question goes through it, on the lane of its kind of method, and healing goes before
//! backfill. At Telegram's own servers it begins slowly and quickens a little while all goes well;
//! at a server of one's own it does not hold anybody up until the first wait.
//!
//! From a wait it learns the rate that is permitted, on the assumption of a bucket that time fills
//! (a *burst* of calls at once, then a *rate*): between two waits no more calls can have passed than
//! the time in between allows, which bounds the rate from below; and that bound is exact as long as
//! the bucket was never full, that is, while fewer calls passed than fitted into the first burst.
//! Otherwise the rate is raised slowly until the next wait shows where it lies. Two waits are
//! enough where bursts are large, three where they are small; then it stays a little below the
//! limit, and tries more only after a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::clock;
use crate::metrics::Metrics;

/// Calls a second to begin with at Telegram's own servers: a page of history holds 100 messages,
/// and such a pace is tolerated for hours.
const GENTLE: f64 = 1.0;

/// The most that is tried there.
const MOST: f64 = 3.0;

/// The same for pieces of files, which apps fetch by the dozen.
const FILES: (f64, f64) = (4.0, 16.0);

/// Calls that may come at once at Telegram's own servers before the pace counts: what an app does
/// when it is opened.
const BURST: u32 = 10;

/// Parts by which the pace grows in a second while a limit is looked for, and while all is well.
const SEARCH: (f64, f64) = (0.05, 0.2);
const QUICKEN: f64 = 0.002;

/// How far below a known limit to stay.
const BELOW: f64 = 0.95;

/// How long a learnt limit holds before more is tried: doubled each time, up to the second.
const HOLD: (Duration, Duration) = (Duration::from_secs(15 * 60), Duration::from_secs(4 * 3_600));

/// Fewer calls than this say little about a rate.
const FEW: f64 = 8.0;

/// Never slower than this, calls a second.
const SLOWEST: f64 = 0.02;

/// Calls in flight at once once a lane has shown that it takes many.
const WIDE: usize = 10;

/// How long those who can wait leave way to those who cannot.
const GIVE_WAY: Duration = Duration::from_millis(5);

/// What kind of method is called; waits are told for each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    /// Messages: pages of history, messages by id.
    History,
    /// Updates that were missed.
    Differences,
    /// Lists of topics.
    Topics,
    /// Files.
    Files,
    /// Everything else.
    Other,
}

impl Lane {
    /// The lane of a method, by its name.
    pub(super) fn of(method: &str) -> Self {
        match method {
            "messages.getHistory" | "messages.getReplies" | "channels.getMessages" => Self::History,
            "updates.getState" | "updates.getDifference" | "updates.getChannelDifference" => {
                Self::Differences
            }
            "messages.getForumTopics" | "messages.getForumTopicsByID" => Self::Topics,
            "upload.getFile" => Self::Files,
            _ => Self::Other,
        }
    }
}

/// Paces every question of an account.
#[derive(Clone, Debug)]
pub(super) struct Pacer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    gentle: bool,
    lanes: Mutex<HashMap<Lane, State>>,
    metrics: Mutex<Metrics>,
}

/// What is known of a lane.
#[derive(Debug)]
struct State {
    /// Calls a second; `None`: as fast as they come.
    rate: Option<f64>,
    /// The most that is tried at Telegram's own servers.
    most: f64,
    /// What it was when the last wait was over.
    began: f64,
    /// How the pace changes by itself.
    drift: Drift,
    /// When the pace was last looked at.
    paced: Instant,
    /// When the next call may go.
    next: Instant,
    /// Calls that may go at once.
    burst: u32,
    /// Not before this, as Telegram says.
    until: Option<Instant>,
    /// Since the lane began, or the last wait was told.
    since: Instant,
    /// Calls answered since.
    passed: u32,
    /// Calls in the first burst that Telegram took; known after the first wait.
    bucket: Option<f64>,
    /// How long the next limit that is learnt will hold.
    hold: Duration,
    /// Calls answered in all.
    answered: u64,
    /// How many wait who cannot wait long.
    pressing: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Drift {
    /// Looks for the limit.
    Search,
    /// Grows a little, up to what is usual.
    Quicken,
    /// Stays until then.
    Hold(Instant),
}

impl State {
    fn new(lane: Lane, gentle: bool, now: Instant) -> Self {
        let (begin, most) = match lane {
            Lane::Files => FILES,
            _ => (GENTLE, MOST),
        };
        Self {
            rate: gentle.then_some(begin),
            most,
            began: GENTLE,
            drift: Drift::Quicken,
            paced: now,
            next: now,
            burst: if gentle { BURST } else { 0 },
            until: None,
            since: now,
            passed: 0,
            bucket: None,
            hold: HOLD.0,
            answered: 0,
            pressing: 0,
        }
    }

    /// Lets the pace drift.
    fn drift(&mut self, gentle: bool, now: Instant) {
        let seconds = now.saturating_duration_since(self.paced).as_secs_f64();
        self.paced = now;
        let Some(rate) = &mut self.rate else { return };
        if let Drift::Hold(until) = self.drift {
            if now < until {
                return;
            }
            self.drift = Drift::Quicken;
        }
        // Time in which nobody asked shows nothing.
        let seconds = seconds.min(1.0);
        *rate *= match self.drift {
            Drift::Search => 1.0 + search(*rate, self.bucket) * seconds,
            _ => 1.0 + QUICKEN * seconds,
        };
        if gentle {
            *rate = rate.min(self.most);
        }
    }

    /// When a call may go; takes its turn. `None`: right now.
    fn turn(&mut self, gentle: bool, now: Instant) -> Option<Instant> {
        if let Some(until) = self.until.filter(|until| *until > now) {
            return Some(until);
        }
        self.until = None;
        self.drift(gentle, now);
        let rate = self.rate?;
        if self.burst > 0 {
            self.burst -= 1;
            return None;
        }
        if self.next > now {
            return Some(self.next);
        }
        // Turns that nobody took are gone.
        self.next = now + Duration::from_secs_f64(1.0 / rate.max(SLOWEST));
        None
    }

    fn answered(&mut self) {
        self.passed = self.passed.saturating_add(1);
        self.answered += 1;
    }

    /// Telegram says to wait.
    fn wait(&mut self, wait: Duration, now: Instant) {
        let until = now + wait;
        let told_already = self.until.is_some_and(|known| known > now);
        self.until = Some(self.until.map_or(until, |known| known.max(until)));
        if told_already {
            return; // asked before the wait was known: it teaches nothing
        }
        let seconds = now
            .saturating_duration_since(self.since)
            .as_secs_f64()
            .max(0.001);
        let passed = f64::from(self.passed);
        let rate = match (self.bucket, self.rate) {
            (None, _) => {
                // Burst and rate cannot be told apart yet. A wait of several seconds says that
                // calls are rare.
                self.bucket = Some(passed);
                self.drift = Drift::Search;
                let fast = self.rate.unwrap_or(passed / seconds);
                let likely =
                    (fast / 2.0).min((passed / seconds / 2.0).max(0.5 / wait.as_secs_f64()));
                // A wait out of the blue, after few calls, says nothing about a rate.
                likely.max(GENTLE / 2.0)
            }
            (Some(bucket), current) => {
                // No more can have passed than time allowed.
                let least = (passed - 1.0).max(passed / 2.0) / seconds;
                let current = current.unwrap_or(least);
                let grown = current >= 1.2 * self.began;
                self.bucket = Some(bucket.min(passed.max(1.0)));
                if passed < 1.0 {
                    self.drift = Drift::Search;
                    current / 2.0
                } else if passed < FEW && !grown {
                    self.drift = Drift::Search;
                    0.8 * passed / seconds
                } else if passed < 0.9 * bucket || grown {
                    // While searching, the bucket takes a while to run dry: the limit lies below.
                    let growth = search(current, Some(bucket));
                    let over = (2.0 * bucket * growth * current).sqrt();
                    let likely = if grown {
                        least.max(current - over)
                    } else {
                        least
                    };
                    self.drift = Drift::Hold(now + self.hold);
                    self.hold = (self.hold * 2).min(HOLD.1);
                    BELOW * likely.min(current)
                } else {
                    self.drift = Drift::Search;
                    BELOW * least
                }
            }
        };
        let rate = rate.max(SLOWEST);
        self.rate = Some(rate);
        self.began = rate;
        self.burst = 0;
        self.since = now;
        self.passed = 0;
        self.next = until;
        self.paced = now;
    }
}

/// How quickly to look for a limit: so that the pace goes beyond it by some 15 % at most before the
/// bucket is empty and a wait tells.
fn search(rate: f64, bucket: Option<f64>) -> f64 {
    let bucket = bucket.unwrap_or(1.0).max(1.0);
    // Rare calls tell less in a second.
    (0.011 * rate / bucket).clamp(SEARCH.0, SEARCH.1) * rate.min(1.0)
}

impl Pacer {
    /// A pacer; a gentle one for Telegram's own servers.
    pub(super) fn new(gentle: bool) -> Self {
        Self(Arc::new(Shared {
            gentle,
            lanes: Mutex::default(),
            metrics: Mutex::default(),
        }))
    }

    /// Whether it paces questions to Telegram's own servers.
    pub(super) fn is_gentle(&self) -> bool {
        self.0.gentle
    }

    fn with<T>(&self, lane: Lane, look: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = Instant::now();
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let state = lanes
            .entry(lane)
            .or_insert_with(|| State::new(lane, self.0.gentle, now));
        look(state, now)
    }

    /// Returns when a call may go. May be cancelled.
    pub(super) async fn turn(&self, lane: Lane, pressing: bool) {
        let _pressing = pressing.then(|| Pressing::new(self, lane));
        let gentle = self.0.gentle;
        loop {
            let then = self.with(lane, |state, now| {
                if !pressing && state.pressing > 0 {
                    return Some(now + GIVE_WAY);
                }
                state.turn(gentle, now)
            });
            let Some(then) = then else { return };
            tokio::time::sleep_until(then).await;
        }
    }

    /// A call was answered.
    pub(super) fn answered(&self, lane: Lane) {
        self.with(lane, |state, _| state.answered());
    }

    /// Telegram says to wait before the next call.
    pub(super) fn wait(&self, lane: Lane, wait: Duration) {
        let told = self.with(lane, |state, now| {
            let known = state.until.map_or(now, |known| known.max(now));
            state.wait(wait, now);
            (now + wait).saturating_duration_since(known)
        });
        let metrics = self
            .0
            .metrics
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        metrics.flooded(told);
    }

    /// Waits are counted there from now on.
    pub(super) fn count_in(&self, metrics: Metrics) {
        *self
            .0
            .metrics
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = metrics;
    }

    /// The end of the longest wait, Unix seconds, for people; `None` while there is none.
    pub(super) fn until(&self) -> Option<i64> {
        let left = self.left()?.as_secs_f64().ceil() as i64;
        Some(clock::now().saturating_add(left))
    }

    /// Returns when no wait is pending.
    pub(super) async fn wait_out(&self) {
        while let Some(left) = self.left() {
            tokio::time::sleep(left).await;
        }
    }

    /// How long the longest wait still lasts; `None` while there is none. Files hold nobody up who
    /// waits for messages, and tell of their waits themselves.
    pub(super) fn left(&self) -> Option<Duration> {
        let now = Instant::now();
        let lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes
            .iter()
            .filter(|(lane, _)| **lane != Lane::Files)
            .filter_map(|(_, state)| state.until)
            .map(|until| until.saturating_duration_since(now))
            .filter(|left| !left.is_zero())
            .max()
    }

    /// How many calls may be in flight at once. While nothing is known of a lane, few: those that
    /// are under way when a wait is told make it longer.
    pub(super) fn width(&self, lane: Lane) -> usize {
        self.with(lane, |state, _| match (state.rate, state.answered) {
            (Some(_), _) | (None, ..30) => 1,
            (None, ..100) => 2,
            (None, _) => WIDE,
        })
    }
}

/// Somebody waits who cannot wait long.
struct Pressing<'a>(&'a Pacer, Lane);

impl<'a> Pressing<'a> {
    fn new(pacer: &'a Pacer, lane: Lane) -> Self {
        pacer.with(lane, |state, _| state.pressing += 1);
        Self(pacer, lane)
    }
}

impl Drop for Pressing<'_> {
    fn drop(&mut self) {
        self.0.with(self.1, |state, _| {
            state.pressing = state.pressing.saturating_sub(1)
        });
    }
}

#[cfg(test)]
mod tests;
