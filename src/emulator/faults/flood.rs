//! A model of how Telegram punishes hammering.
//!
//! Each account has a bucket a family of methods: calls take from it, time fills it. Who calls with
//! an empty bucket is told to wait until the next call is permitted; who calls while told to wait
//! is told to wait twice as long, up to a cap.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often a family of methods may be called.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloodLimit {
    /// Calls a second in the long run, more than 0.
    pub rate: f64,
    /// Calls that may come at once, at least 1.
    pub burst: u32,
}

/// What is limited and how it is punished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloodModel {
    /// The limit of every family without one of its own; `None`: those are free.
    #[serde(default)]
    pub every: Option<FloodLimit>,
    /// Limits by family: `history`, `differences`, `posting`, `topics`, `files`, `login`,
    /// `contacts`, `other`.
    #[serde(default)]
    pub families: BTreeMap<String, FloodLimit>,
    /// The longest wait, seconds.
    #[serde(default = "day")]
    pub cap: u32,
}

const fn day() -> u32 {
    86_400
}

/// The names that families can have.
const FAMILIES: [&str; 8] = [
    "history",
    "differences",
    "posting",
    "topics",
    "files",
    "login",
    "contacts",
    "other",
];

impl FloodModel {
    /// What is wrong with it, if anything.
    ///
    /// # Errors
    /// Words for whoever wrote it.
    pub fn check(&self) -> Result<(), String> {
        for (name, limit) in &self.families {
            if !FAMILIES.contains(&name.as_str()) {
                return Err(format!(
                    "there is no family {name:?} of methods; there are {}",
                    FAMILIES.join(", ")
                ));
            }
            limit.check()?;
        }
        if self.cap == 0 {
            return Err("`cap` is at least 1 second".to_owned());
        }
        self.every.map_or(Ok(()), FloodLimit::check)
    }

    fn limit(&self, family: &str) -> Option<FloodLimit> {
        self.families.get(family).copied().or(self.every)
    }
}

impl FloodLimit {
    fn check(self) -> Result<(), String> {
        if self.rate.is_finite() && self.rate > 0.0 && self.burst > 0 {
            Ok(())
        } else {
            Err("`rate` is more than 0 calls a second and `burst` at least 1 call".to_owned())
        }
    }
}

/// The family of a method of either face; `None` for what every client may always call.
pub(super) fn family(method: &str) -> Option<&'static str> {
    let method = method.to_ascii_lowercase();
    let Some((space, name)) = method.split_once('.') else {
        return bot_family(&method);
    };
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    Some(match space {
        "help" => return None,
        "updates" => "differences",
        "upload" => "files",
        "auth" => "login",
        "contacts" => "contacts",
        "messages" | "channels" if name.contains("forumtopic") => "topics",
        "messages" | "channels"
            if starts(&["gethistory", "getreplies", "search", "getmessages"]) =>
        {
            "history"
        }
        "messages" | "channels" if starts(&["send", "edit", "forward", "delete"]) => "posting",
        _ => "other",
    })
}

fn bot_family(method: &str) -> Option<&'static str> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| method.starts_with(prefix));
    if matches!(method, "getupdates" | "getme") {
        None
    } else if method.contains("forumtopic") {
        Some("topics")
    } else if method == "getfile" {
        Some("files")
    } else if starts(&["send", "edit", "forward", "copy", "deletemessage"]) {
        Some("posting")
    } else {
        Some("other")
    }
}

/// What became of an account's calls of one family.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FloodRecord {
    /// User id; 0 before login.
    pub account: i64,
    /// The family of methods.
    pub family: &'static str,
    /// Calls that were answered.
    pub permitted: u64,
    /// Calls that were told to wait.
    pub punished: u64,
    /// Those of them that came while told to wait already.
    pub impatient: u64,
    /// Seconds from the first call to the last.
    pub seconds: f64,
    /// What may be called a second in the long run.
    pub rate: f64,
    /// Seconds that a wait still lasts; 0: none.
    pub wait: u32,
}

#[derive(Clone, Debug)]
struct Bucket {
    calls: f64,
    filled: Duration,
    penalty: Duration,
    until: Duration,
    first: Duration,
    last: Duration,
    permitted: u64,
    punished: u64,
    impatient: u64,
}

/// Every account's buckets.
#[derive(Clone, Debug, Default)]
pub(super) struct Flood {
    model: Option<FloodModel>,
    buckets: BTreeMap<(i64, &'static str), Bucket>,
}

/// Whole seconds, rounded up, at least 1.
fn seconds(wait: Duration) -> u32 {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX).max(1)
}

impl Flood {
    /// Another model, or none; what was counted is forgotten.
    pub(super) fn set(&mut self, model: Option<FloodModel>) {
        self.model = model;
        self.buckets.clear();
    }

    /// The model in force.
    pub(super) const fn model(&self) -> Option<&FloodModel> {
        self.model.as_ref()
    }

    /// Counts a call at `now` (since any fixed moment); the seconds to wait where it comes too
    /// early.
    pub(super) fn call(&mut self, account: i64, method: &str, now: Duration) -> Option<u32> {
        let model = self.model.as_ref()?;
        let family = family(method)?;
        let limit = model.limit(family)?;
        let cap = Duration::from_secs(u64::from(model.cap));
        let burst = f64::from(limit.burst);
        let bucket = self.buckets.entry((account, family)).or_insert(Bucket {
            calls: burst,
            filled: now,
            penalty: Duration::ZERO,
            until: Duration::ZERO,
            first: now,
            last: now,
            permitted: 0,
            punished: 0,
            impatient: 0,
        });
        bucket.last = now;
        let gained = now.saturating_sub(bucket.filled).as_secs_f64() * limit.rate;
        bucket.calls = (bucket.calls + gained).min(burst);
        bucket.filled = now;
        if now < bucket.until {
            bucket.impatient += 1;
            bucket.penalty = (bucket.penalty * 2).min(cap);
        } else if bucket.calls >= 1.0 {
            bucket.calls -= 1.0;
            bucket.permitted += 1;
            return None;
        } else {
            let missing = (1.0 - bucket.calls) / limit.rate;
            // Clients are told whole seconds, so those are what counts. A rate close to 0 asks
            // for more than a cap, or a Duration, can hold.
            let wait = Duration::try_from_secs_f64(missing).unwrap_or(cap);
            bucket.penalty = Duration::from_secs(u64::from(seconds(wait))).min(cap);
        }
        bucket.punished += 1;
        bucket.until = now + bucket.penalty;
        Some(seconds(bucket.penalty))
    }

    /// What was counted, by account and family.
    pub(super) fn records(&self, now: Duration) -> Vec<FloodRecord> {
        let buckets = self.buckets.iter();
        buckets
            .map(|((account, family), bucket)| {
                let wait = bucket.until.saturating_sub(now);
                let limit = self.model.as_ref().and_then(|model| model.limit(family));
                FloodRecord {
                    account: *account,
                    family,
                    permitted: bucket.permitted,
                    punished: bucket.punished,
                    impatient: bucket.impatient,
                    seconds: bucket.last.saturating_sub(bucket.first).as_secs_f64(),
                    rate: limit.map_or(0.0, |limit| limit.rate),
                    wait: if wait.is_zero() { 0 } else { seconds(wait) },
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(rate: f64, burst: u32, cap: u32) -> Flood {
        let mut flood = Flood::default();
        flood.set(Some(FloodModel {
            every: Some(FloodLimit { rate, burst }),
            families: BTreeMap::new(),
            cap,
        }));
        flood
    }

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_burst_passes_then_the_rate_counts() {
        let mut flood = flood(0.5, 3, 100);
        for _ in 0..3 {
            assert_eq!(flood.call(1, "messages.getHistory", at(0)), None);
        }
        assert_eq!(flood.call(1, "messages.getHistory", at(0)), Some(2));
        assert_eq!(
            flood.call(2, "messages.getHistory", at(0)),
            None,
            "another account"
        );
        assert_eq!(
            flood.call(1, "updates.getDifference", at(0)),
            None,
            "another family"
        );
        assert_eq!(flood.call(1, "messages.getReplies", at(2_000)), None);
        assert_eq!(flood.call(1, "messages.getHistory", at(2_000)), Some(2));
    }

    #[test]
    fn hammering_doubles_the_wait_up_to_the_cap() {
        let mut flood = flood(1.0, 1, 10);
        assert_eq!(flood.call(1, "messages.search", at(0)), None);
        for wait in [1, 2, 4, 8, 10, 10] {
            assert_eq!(flood.call(1, "messages.search", at(1)), Some(wait));
        }
        let record = flood.records(at(1)).remove(0);
        assert_eq!(
            (record.permitted, record.punished, record.impatient),
            (1, 6, 5)
        );
        assert_eq!(record.wait, 10);
        assert_eq!(
            flood.call(1, "messages.search", at(10_001)),
            None,
            "the wait was sat out"
        );
        assert_eq!(
            flood.call(1, "messages.search", at(10_001)),
            Some(1),
            "and it begins anew"
        );
    }

    #[test]
    fn whoever_keeps_the_rate_is_never_punished() {
        let mut flood = flood(2.0, 1, 100);
        for call in 0..100 {
            assert_eq!(
                flood.call(1, "upload.getFile", at(call * 500)),
                None,
                "{call}"
            );
        }
        let record = flood.records(at(50_000)).remove(0);
        assert_eq!((record.permitted, record.punished), (100, 0));
        assert!((record.seconds - 49.5).abs() < 1e-9);
    }

    #[test]
    fn families_can_be_limited_alone_and_help_is_free() {
        let mut flood = Flood::default();
        assert_eq!(flood.call(1, "messages.getHistory", at(0)), None, "off");
        let limit = FloodLimit {
            rate: 1e-9,
            burst: 1,
        };
        flood.set(Some(FloodModel {
            every: None,
            families: [("posting".to_owned(), limit)].into(),
            cap: 60,
        }));
        assert_eq!(flood.call(1, "sendMessage", at(0)), None);
        assert_eq!(flood.call(1, "messages.sendMedia", at(0)), Some(60));
        assert_eq!(flood.call(1, "messages.getHistory", at(0)), None);
        assert_eq!(family("help.getConfig"), None);
        assert_eq!(family("getUpdates"), None);
        assert_eq!(family("messages.getForumTopics"), Some("topics"));
        assert_eq!(family("users.getUsers"), Some("other"));
    }

    #[test]
    fn models_without_sense_are_named() {
        let model = |name: &str, rate| FloodModel {
            every: None,
            families: [(name.to_owned(), FloodLimit { rate, burst: 1 })].into(),
            cap: 1,
        };
        assert!(
            model("hystory", 1.0)
                .check()
                .unwrap_err()
                .contains("history")
        );
        assert!(model("history", 0.0).check().is_err());
        assert!(model("history", f64::NAN).check().is_err());
        assert_eq!(model("history", 1.0).check(), Ok(()));
        assert!(
            FloodModel {
                cap: 0,
                ..model("history", 1.0)
            }
            .check()
            .is_err()
        );
    }
}
