//! The faults in force, as both faces ask for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::chance::Chance;
use super::failure::{Failure, Plain, Rule, take};
use super::flood::{Flood, FloodModel};
use super::pushes::PushFaults;

/// The datacentre that everybody lives in unless moved: the one new clients ask first.
pub const HOME_DC: i32 = 2;

/// How long answers of both faces take longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// Always, milliseconds.
    pub ms: u64,
    /// Up to so many milliseconds more.
    pub jitter_ms: u64,
}

/// What happens to MTProto connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Connections {
    /// The part of all frames from clients whose connection ends instead, 0 to 1.
    pub drop_probability: f64,
    /// Seconds for which new connections are still refused; 0: they are not.
    pub refuse_seconds: f64,
}

/// The faults in force. Clones share them.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<Switches>,
    dropped: watch::Sender<u64>,
    stalled: watch::Sender<u64>,
    released: watch::Sender<u64>,
}

#[derive(Debug)]
struct Switches {
    seed: u64,
    chance: Chance,
    mtproto: Vec<Rule>,
    bot_api: Vec<Rule>,
    flood: Flood,
    latency: Latency,
    pushes: PushFaults,
    drop_probability: f64,
    refuse_until: Duration,
    too_long_differences: u32,
    short_pieces: u32,
    homes: BTreeMap<i64, i32>,

    began: Instant,
    /// How far time was moved forward.
    moved: Duration,
}

impl Switches {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            chance: Chance::new(seed),
            mtproto: Vec::new(),
            bot_api: Vec::new(),
            flood: Flood::default(),
            latency: Latency::default(),
            pushes: PushFaults::default(),
            drop_probability: 0.0,
            refuse_until: Duration::ZERO,
            too_long_differences: 0,
            short_pieces: 0,
            homes: BTreeMap::new(),
            began: Instant::now(),
            moved: Duration::ZERO,
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed().saturating_add(self.moved)
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Faults {
    /// None in force; `seed` decides what will be left to chance.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let channel = || watch::channel(0).0;
        Self(Arc::new(Inner {
            state: Mutex::new(Switches::new(seed)),
            dropped: channel(),
            stalled: channel(),
            released: channel(),
        }))
    }

    /// Switches everything off, ends half-open connections, and begins chance anew.
    pub fn clear(&self) {
        let mut switches = self.lock();
        let (seed, began, moved) = (switches.seed, switches.began, switches.moved);
        *switches = Switches {
            began,
            moved,
            ..Switches::new(seed)
        };
        drop(switches);
        self.0.released.send_modify(|count| *count += 1);
    }

    /// What is in force, in the words of `POST /faults`, and what was counted.
    #[must_use]
    pub fn view(&self) -> Value {
        let switches = self.lock();
        let refuse = switches.refuse_until.saturating_sub(switches.now());
        json!({
            "mtproto": switches.mtproto,
            "bot_api": switches.bot_api,
            "flood": switches.flood.model(),
            "flood_record": switches.flood.records(switches.now()),
            "connections": Connections {
                drop_probability: switches.drop_probability,
                refuse_seconds: refuse.as_secs_f64(),
            },
            "pushes": switches.pushes,
            "differences": { "too_long": switches.too_long_differences },
            "files": { "short": switches.short_pieces },
            "latency": switches.latency,
            "migrate": switches
                .homes
                .iter()
                .map(|(user, dc)| json!({ "user": user, "dc": dc }))
                .collect::<Vec<Value>>(),
        })
    }

    /// Lets an MTProto method fail.
    pub fn fail_mtproto(&self, failure: impl Into<Rule>) {
        self.lock().mtproto.push(failure.into());
    }

    /// Lets a Bot API method fail.
    pub fn fail_bot_api(&self, failure: impl Into<Rule>) {
        self.lock().bot_api.push(failure.into());
    }

    /// What an account's call of an MTProto method is refused with: a flood wait where it calls
    /// too often, else the failure due. `account` is 0 before login.
    #[must_use]
    pub fn refusal_mtproto(&self, account: i64, method: &str) -> Option<Failure> {
        self.too_often(account, method)
            .map(|seconds| Failure {
                method: method.to_owned(),
                code: 420,
                message: format!("FLOOD_WAIT_{seconds}"),
                retry_after: None,
                times: 1,
            })
            .or_else(|| {
                let switches = &mut *self.lock();
                let (rules, chance) = (&mut switches.mtproto, &mut switches.chance);
                take(rules, chance, "mtproto", (account, method), false).map(|rule| rule.failure())
            })
    }

    /// What a bot's call is refused with, as [`Faults::refusal_mtproto`].
    #[must_use]
    pub fn refusal_bot_api(&self, bot: i64, method: &str) -> Option<Failure> {
        self.too_often(bot, method)
            .map(|seconds| Failure {
                method: method.to_owned(),
                code: 429,
                message: format!("Too Many Requests: retry after {seconds}"),
                retry_after: Some(seconds),
                times: 1,
            })
            .or_else(|| {
                let switches = &mut *self.lock();
                let (rules, chance) = (&mut switches.bot_api, &mut switches.chance);
                take(rules, chance, "bot_api", (bot, method), false).map(|rule| rule.failure())
            })
    }

    /// The answer without JSON that is due for a bot's call now; counts it. `bot` is 0 where the
    /// token is nobody's.
    #[must_use]
    pub fn take_plain(&self, bot: i64, method: &str) -> Option<Plain> {
        let switches = &mut *self.lock();
        let (rules, chance) = (&mut switches.bot_api, &mut switches.chance);
        let due = take(rules, chance, "plain", (bot, method), true)?;
        Some(Plain {
            status: u16::try_from(due.code).unwrap_or(500),
            body: due.message,
            done: due.done,
        })
    }

    fn too_often(&self, account: i64, method: &str) -> Option<u32> {
        let mut switches = self.lock();
        let now = switches.now();
        switches.flood.call(account, method, now)
    }

    /// Punishes hammering from now on, or no more.
    pub fn set_flood(&self, model: Option<FloodModel>) {
        self.lock().flood.set(model);
    }

    /// Lets time pass for flood waits and refused connections, when the world's clock is moved
    /// forward.
    pub fn forward(&self, seconds: u64) {
        let mut switches = self.lock();
        switches.moved = switches.moved.saturating_add(Duration::from_secs(seconds));
    }

    /// Delays every answer of both faces.
    pub fn set_latency_ms(&self, milliseconds: u64) {
        self.set_latency(Latency {
            ms: milliseconds,
            jitter_ms: 0,
        });
    }

    /// Delays every answer of both faces.
    pub fn set_latency(&self, latency: Latency) {
        self.lock().latency = latency;
    }

    /// The delay in force.
    #[must_use]
    pub fn latency(&self) -> Latency {
        self.lock().latency
    }

    /// How long the next answer to an account is delayed, milliseconds; 0 is who is not logged in.
    #[must_use]
    pub fn latency_ms(&self, account: i64) -> u64 {
        let mut switches = self.lock();
        let Latency { ms, jitter_ms } = switches.latency;
        let most = usize::try_from(jitter_ms).unwrap_or(usize::MAX - 1);
        let more = if most == 0 {
            0
        } else {
            let number = switches.chance.number("jitter", account, "");
            let mut draw = switches.chance.draw("jitter", account, "", number);
            draw.below(most.saturating_add(1))
        };
        ms.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
    }

    /// Holds MTProto pushes back, as a lossy network would: clients find out by differences.
    pub fn set_mute(&self, mute: bool) {
        self.lock().pushes.mute = mute;
    }

    /// Whether pushes are held back.
    #[must_use]
    pub fn mute(&self) -> bool {
        self.lock().pushes.mute
    }

    /// What becomes of pushes from now on.
    pub fn set_pushes(&self, pushes: PushFaults) {
        self.lock().pushes = pushes;
    }

    /// What becomes of pushes.
    #[must_use]
    pub fn pushes(&self) -> PushFaults {
        self.lock().pushes
    }

    /// What arrives of what is pushed to an account over a connection, each with its index in the
    /// world's log; `held` is the connection's own.
    pub fn pass_pushes<T: Clone>(
        &self,
        account: i64,
        sent: Vec<(usize, T)>,
        held: &mut Option<T>,
    ) -> Vec<T> {
        let (seed, pushes) = {
            let switches = self.lock();
            (switches.seed, switches.pushes)
        };
        pushes.pass((seed, account), sent, held)
    }

    /// Whether the next push only says that too much happened; counts it.
    #[must_use]
    pub fn take_too_long_push(&self) -> bool {
        count_down(&mut self.lock().pushes.too_long)
    }

    /// Lets the next channel differences be too long.
    pub fn set_too_long_differences(&self, times: u32) {
        self.lock().too_long_differences = times;
    }

    /// Whether the next channel difference is too long; counts it.
    #[must_use]
    pub fn take_too_long_difference(&self) -> bool {
        count_down(&mut self.lock().too_long_differences)
    }

    /// Lets the next pieces of files lack their last byte.
    pub fn set_short_pieces(&self, times: u32) {
        self.lock().short_pieces = times;
    }

    /// Whether the next piece of a file is short; counts it.
    #[must_use]
    pub fn take_short_piece(&self) -> bool {
        count_down(&mut self.lock().short_pieces)
    }

    /// Ends every open MTProto connection.
    pub fn drop_connections(&self) {
        self.0.dropped.send_modify(|count| *count += 1);
    }

    /// Wakes a connection that has to end.
    #[must_use]
    pub fn dropped(&self) -> watch::Receiver<u64> {
        self.0.dropped.subscribe()
    }

    /// Every open MTProto connection goes silent: the server neither reads nor writes any more,
    /// but keeps it open. New ones are served.
    pub fn half_open(&self) {
        self.0.stalled.send_modify(|count| *count += 1);
    }

    /// Wakes a connection that has to go silent.
    #[must_use]
    pub fn stalled(&self) -> watch::Receiver<u64> {
        self.0.stalled.subscribe()
    }

    /// Waits, as a silent connection, until it may end.
    pub async fn released(&self) {
        let (mut released, mut dropped) = (self.0.released.subscribe(), self.dropped());
        tokio::select! {
            // Both senders live as long as `self`.
            _ = released.changed() => {}
            _ = dropped.changed() => {}
        }
    }

    /// Ends connections at random: for a part of all frames from clients, 0 to 1.
    pub fn set_drop_probability(&self, part: f64) {
        self.lock().drop_probability = part;
    }

    /// Whether the connection over which a frame of an account came ends instead; 0 is who is not
    /// logged in.
    #[must_use]
    pub fn drops_frame(&self, account: i64) -> bool {
        let switches = &mut *self.lock();
        let part = switches.drop_probability;
        if part == 0.0 {
            return false;
        }
        let number = switches.chance.number("drop", account, "");
        let mut draw = switches.chance.draw("drop", account, "", number);
        draw.happens(part)
    }

    /// Refuses new MTProto connections for a while.
    pub fn refuse_connections(&self, time: Duration) {
        let mut switches = self.lock();
        switches.refuse_until = switches.now().saturating_add(time);
    }

    /// Whether new connections are refused.
    #[must_use]
    pub fn refuses_connections(&self) -> bool {
        let switches = self.lock();
        switches.now() < switches.refuse_until
    }

    /// Moves an account to another datacentre.
    pub fn migrate(&self, user: i64, dc: i32) {
        self.lock().homes.insert(user, dc);
    }

    /// The datacentre that an account lives in: [`HOME_DC`] unless moved.
    #[must_use]
    pub fn home_dc(&self, user: i64) -> i32 {
        self.lock().homes.get(&user).copied().unwrap_or(HOME_DC)
    }

    fn lock(&self) -> MutexGuard<'_, Switches> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count_down(times: &mut u32) -> bool {
    let due = *times > 0;
    *times = times.saturating_sub(1);
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_jitters_within_bounds_and_after_the_seed() {
        let run = |seed| {
            let faults = Faults::new(seed);
            faults.set_latency(Latency {
                ms: 5,
                jitter_ms: 3,
            });
            (0..50).map(|_| faults.latency_ms(7)).collect::<Vec<u64>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!(run(1).iter().all(|ms| (5..=8).contains(ms)));
        assert!(run(1).contains(&5) && run(1).contains(&8));
        assert_eq!(Faults::default().latency_ms(7), 0);
    }

    #[test]
    fn what_others_do_meanwhile_shifts_nothing() {
        let run = |others: bool| {
            let faults = Faults::new(9);
            faults.set_drop_probability(0.5);
            faults.set_latency(Latency {
                ms: 0,
                jitter_ms: 9,
            });
            let mut seen = Vec::new();
            for at in 0..50 {
                if others {
                    let _ = faults.latency_ms(8);
                    let _ = faults.drops_frame(8);
                    let _ = faults.pass_pushes(7, vec![(at, 1)], &mut None);
                }
                seen.push((faults.drops_frame(7), faults.latency_ms(7)));
            }
            seen
        };
        assert_eq!(run(false), run(true));
    }

    #[test]
    fn refusals_end_with_time_and_everything_with_clear() {
        let faults = Faults::new(1);
        faults.refuse_connections(Duration::from_secs(100));
        assert!(faults.refuses_connections());
        faults.forward(101);
        assert!(!faults.refuses_connections());
        faults.refuse_connections(Duration::MAX);
        faults.set_too_long_differences(2);
        faults.migrate(7, 4);
        faults.set_mute(true);
        faults.clear();
        assert!(!faults.refuses_connections() && !faults.mute());
        assert!(!faults.take_too_long_difference());
        assert_eq!(faults.home_dc(7), HOME_DC);
    }
}
