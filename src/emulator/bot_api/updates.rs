//! What waits for each bot, and `getUpdates`.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::api::BotApi;
use super::error::{Answer, ApiError};
use super::happenings::{self, KINDS};
use super::params::Params;
use crate::emulator::world::State;

/// How long updates wait for a bot, seconds.
const KEPT: i64 = 24 * 60 * 60;

/// Longest poll, seconds.
const LONGEST_POLL: i64 = 50;

/// Why a poll ended early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ended {
    #[default]
    Poll,
    Webhook,
    LogOut,
}

/// The updates of one bot. It follows the world's log by index, so nothing is missed while
/// nobody polls.
#[derive(Debug)]
pub(super) struct Queue {
    cursor: usize,
    next_id: u32,
    pending: VecDeque<Pending>,
    /// Kinds of updates that the bot wants.
    allowed: BTreeSet<&'static str>,
    /// Counts polls, and what else ends one: each ends the poll before.
    polls: watch::Sender<(u64, Ended)>,
    /// Highest id handed over.
    handed: u32,
    pub(super) received: Vec<Value>,
}

#[derive(Debug)]
struct Pending {
    id: u32,
    at: i64,
    update: Value,
}

/// The kinds of updates that a bot gets unless it says otherwise.
fn usual() -> BTreeSet<&'static str> {
    let usual = KINDS.iter().filter(|(_, usual)| *usual);
    usual.map(|(name, _)| *name).collect()
}

impl Queue {
    /// A queue that begins at `since` in the log; `seed` decides the first update id.
    pub(super) fn new(since: usize, seed: u64) -> Self {
        let first = 100_000_000 + u32::try_from(seed % 800_000_000).unwrap_or_default();
        let (polls, _) = watch::channel((0, Ended::default()));
        Self {
            cursor: since,
            next_id: first,
            pending: VecDeque::new(),
            allowed: usual(),
            polls,
            handed: 0,
            received: Vec::new(),
        }
    }

    /// How many polls there were.
    #[cfg(test)]
    pub(super) fn polls(&self) -> u64 {
        self.polls.borrow().0
    }

    fn fill(&mut self, state: &State, bot: i64) {
        let oldest = state.now() - KEPT;
        for change in state.log().get(self.cursor..).unwrap_or_default() {
            if change.at < oldest {
                continue;
            }
            for (name, content) in happenings::updates(state, bot, change) {
                if !self.allowed.contains(name) {
                    continue;
                }
                self.pending.push_back(Pending {
                    id: self.next_id,
                    at: change.at,
                    update: json!({ "update_id": self.next_id, name: content }),
                });
                self.next_id += 1;
            }
        }
        self.cursor = state.log().len();
        self.pending.retain(|pending| pending.at >= oldest);
    }

    /// Takes the client's list of kinds. An empty one means the usual ones; what cannot be read
    /// changes nothing, and unknown names are passed over, as Telegram does.
    pub(super) fn allow(&mut self, params: &Params) {
        let list = params.json("allowed_updates", "allowed updates");
        let Ok(Some(Value::Array(list))) = list else {
            return;
        };
        let named = |name: &str| list.iter().any(|wanted| wanted.as_str() == Some(name));
        let known = KINDS.iter().filter(|(name, _)| named(name));
        let allowed: BTreeSet<&'static str> = known.map(|(name, _)| *name).collect();
        self.allowed = if allowed.is_empty() { usual() } else { allowed };
    }

    /// The kinds that the bot asked for, where they are not the usual ones.
    pub(super) fn allowed(&self) -> Option<Vec<&'static str>> {
        let unusual = self.allowed != usual();
        let known = KINDS.iter().map(|(name, _)| *name);
        unusual.then(|| known.filter(|name| self.allowed.contains(name)).collect())
    }

    /// Forgets what the client has confirmed. A negative offset keeps the newest so many.
    fn confirm(&mut self, offset: i64) {
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let surplus = self.pending.len().saturating_sub(keep);
            self.pending.drain(..surplus);
        } else {
            self.pending
                .retain(|pending| i64::from(pending.id) >= offset);
        }
    }

    fn hand_over(&mut self, limit: usize) -> Vec<Value> {
        let mut updates = Vec::new();
        for pending in self.pending.iter().take(limit) {
            if pending.id > self.handed {
                self.handed = pending.id;
                self.received.push(pending.update.clone());
            }
            updates.push(pending.update.clone());
        }
        updates
    }

    /// The oldest update that waits.
    pub(super) fn first(&self) -> Option<(u32, Value)> {
        let first = self.pending.front()?;
        Some((first.id, first.update.clone()))
    }

    /// A webhook took the update with this id.
    pub(super) fn delivered(&mut self, id: u32) {
        if self.pending.front().is_some_and(|first| first.id == id) {
            self.hand_over(1);
            self.pending.pop_front();
        }
    }
}

impl BotApi {
    pub(super) fn fill(&self, bot: i64) {
        self.with_queue(bot, |queue| {
            self.world().read(|state| queue.fill(state, bot));
        });
    }

    /// How many updates wait.
    pub(super) fn pending(&self, bot: i64) -> usize {
        self.fill(bot);
        self.with_queue(bot, |queue| queue.pending.len())
    }

    /// Forgets what waits.
    pub(super) fn drop_pending(&self, bot: i64) {
        self.fill(bot);
        self.with_queue(bot, |queue| queue.pending.clear());
    }

    /// A webhook was set: a poll that waits ends.
    pub(super) fn poll_gives_way(&self, bot: i64) {
        self.begin_poll(bot, Ended::Webhook);
    }

    /// The bot leaves: its poll and its webhook end.
    pub(super) fn end_polls(&self, bot: i64) {
        self.begin_poll(bot, Ended::LogOut);
        self.unhook(bot);
    }

    fn begin_poll(&self, bot: i64, why: Ended) -> watch::Receiver<(u64, Ended)> {
        self.with_queue(bot, |queue| {
            queue.polls.send_modify(|(count, ended)| {
                *count += 1;
                *ended = why;
            });
            queue.polls.subscribe()
        })
    }

    /// What a poll asks for: how many updates, and how long it waits, seconds. What the client has
    /// confirmed is forgotten.
    fn prepare_poll(&self, bot: i64, params: &Params) -> Result<(usize, u64), ApiError> {
        let offset = params.integer("offset")?.unwrap_or_default();
        let limit = params.integer("limit")?.unwrap_or(100).clamp(1, 100);
        let timeout = params.integer("timeout")?.unwrap_or_default();
        if self.hooked(bot) {
            return Err(ApiError::webhook_active());
        }
        // What happened before the client changed its mind still follows the old choice.
        self.fill(bot);
        self.with_queue(bot, |queue| {
            queue.allow(params);
            queue.confirm(offset);
        });
        let limit = usize::try_from(limit).unwrap_or(100);
        let seconds = u64::try_from(timeout.clamp(0, LONGEST_POLL)).unwrap_or_default();
        Ok((limit, seconds))
    }

    /// `getUpdates` without waiting.
    pub(super) fn poll_once(&self, bot: i64, params: &Params) -> Answer {
        let (limit, _) = self.prepare_poll(bot, params)?;
        let updates = self.with_queue(bot, |queue| queue.hand_over(limit));
        Ok(Value::Array(updates))
    }

    /// `getUpdates` with long polling.
    pub(super) async fn get_updates(&self, bot: i64, params: &Params) -> Answer {
        let mut changes = self.world().changes();
        let (limit, seconds) = self.prepare_poll(bot, params)?;
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut polls = self.begin_poll(bot, Ended::Poll);
        loop {
            changes.mark_unchanged();
            self.fill(bot);
            let updates = self.with_queue(bot, |queue| queue.hand_over(limit));
            if !updates.is_empty() || Instant::now() >= end {
                return Ok(Value::Array(updates));
            }
            tokio::select! {
                changed = polls.changed() => {
                    if changed.is_ok() {
                        return match polls.borrow().1 {
                            Ended::Poll => Err(ApiError::other_poll()),
                            Ended::Webhook => Err(ApiError::ended_by_webhook()),
                            Ended::LogOut => Ok(json!([])),
                        };
                    }
                }
                _ = changes.changed() => {}
                () = tokio::time::sleep_until(end) => {}
                () = self.stop().cancelled() => return Ok(json!([])),
            }
        }
    }
}
