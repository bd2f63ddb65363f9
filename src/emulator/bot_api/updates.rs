//! What waits for each bot, and `getUpdates`.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::api::BotApi;
use super::encode;
use super::error::{Answer, ApiError};
use super::params::Params;
use crate::emulator::world::{State, What, bot_sees};

/// How long updates wait for a bot, seconds.
const KEPT: i64 = 24 * 60 * 60;

/// Longest poll, seconds.
const LONGEST_POLL: i64 = 50;

/// The updates of one bot. It follows the world's log by index, so nothing is missed while
/// nobody polls.
#[derive(Debug)]
pub(super) struct Queue {
    cursor: usize,
    next_id: u32,
    pending: VecDeque<Pending>,
    allowed: Option<BTreeSet<String>>,
    /// Counts polls: a new one ends the one before.
    polls: watch::Sender<u64>,
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

impl Queue {
    /// A queue that begins at `since` in the log; `seed` decides the first update id.
    pub(super) fn new(since: usize, seed: u64) -> Self {
        let first = 100_000_000 + u32::try_from(seed % 800_000_000).unwrap_or_default();
        let (polls, _) = watch::channel(0);
        Self {
            cursor: since,
            next_id: first,
            pending: VecDeque::new(),
            allowed: None,
            polls,
            handed: 0,
            received: Vec::new(),
        }
    }

    /// How many polls there were.
    #[cfg(test)]
    pub(super) fn polls(&self) -> u64 {
        *self.polls.borrow()
    }

    fn fill(&mut self, state: &State, bot: i64) {
        let oldest = state.now() - KEPT;
        for change in state.log().get(self.cursor..).unwrap_or_default() {
            let (name, message) = match &change.what {
                What::Posted(message) => ("message", message),
                What::Edited(message) => ("edited_message", message),
                _ => continue,
            };
            let wanted = self
                .allowed
                .as_ref()
                .is_none_or(|allowed| allowed.contains(name));
            if wanted && change.at >= oldest && bot_sees(state, bot, message) {
                let update = json!({
                    "update_id": self.next_id,
                    name: encode::message(state, bot, message),
                });
                self.pending.push_back(Pending {
                    id: self.next_id,
                    at: change.at,
                    update,
                });
                self.next_id += 1;
            }
        }
        self.cursor = state.log().len();
        self.pending.retain(|pending| pending.at >= oldest);
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
}

impl BotApi {
    fn fill(&self, bot: i64) {
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

    /// `getUpdates` with long polling.
    pub(super) async fn get_updates(&self, bot: i64, params: &Params) -> Answer {
        let offset = params.integer("offset")?.unwrap_or_default();
        let limit = params.integer("limit")?.unwrap_or(100).clamp(1, 100);
        let limit = usize::try_from(limit).unwrap_or(100);
        let timeout = params.integer("timeout")?.unwrap_or_default();
        let seconds = u64::try_from(timeout.clamp(0, LONGEST_POLL)).unwrap_or_default();
        let allowed: Option<BTreeSet<String>> = params.json("allowed_updates")?;
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut changes = self.world().changes();
        let mut polls = self.with_queue(bot, |queue| {
            queue.polls.send_modify(|count| *count += 1);
            queue.polls.subscribe()
        });
        // What happened before the client changed its mind still follows the old choice.
        self.fill(bot);
        self.with_queue(bot, |queue| {
            if let Some(allowed) = allowed {
                queue.allowed = Some(allowed).filter(|allowed| !allowed.is_empty());
            }
            queue.confirm(offset);
        });
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
                        return Err(ApiError::conflict());
                    }
                }
                _ = changes.changed() => {}
                () = tokio::time::sleep_until(end) => {}
                () = self.stop().cancelled() => return Ok(json!([])),
            }
        }
    }
}
