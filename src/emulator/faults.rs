//! Things that go wrong on demand, for tests and for `POST /control/faults`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// An answer that a method gives instead of its own, a number of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Method name as each face writes it (`messages.getHistory`, `sendMessage`), compared without
    /// case; `*` means any.
    pub method: String,
    /// Error code: 420 for MTProto flood waits, an HTTP status for the Bot API.
    pub code: i32,
    /// MTProto: the error's name such as `FLOOD_WAIT_3`; Bot API: the description.
    pub message: String,
    /// Bot API: seconds in `parameters.retry_after`.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

/// The faults in force. Clones share them.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lists: Mutex<Lists>,
    dropped: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Lists {
    mtproto: Vec<Failure>,
    bot_api: Vec<Failure>,
    latency_ms: u64,
    mute: bool,
}

impl Default for Faults {
    fn default() -> Self {
        let (dropped, _) = watch::channel(0);
        Self(Arc::new(Inner {
            lists: Mutex::default(),
            dropped,
        }))
    }
}

impl Faults {
    /// Lets an MTProto method fail.
    pub fn fail_mtproto(&self, failure: Failure) {
        self.lists().mtproto.push(failure);
    }

    /// Lets a Bot API method fail.
    pub fn fail_bot_api(&self, failure: Failure) {
        self.lists().bot_api.push(failure);
    }

    /// The failure due for an MTProto method now; counts it.
    #[must_use]
    pub fn take_mtproto(&self, method: &str) -> Option<Failure> {
        take(&mut self.lists().mtproto, method)
    }

    /// The failure due for a Bot API method now; counts it.
    #[must_use]
    pub fn take_bot_api(&self, method: &str) -> Option<Failure> {
        take(&mut self.lists().bot_api, method)
    }

    /// Delays every answer of both faces.
    pub fn set_latency_ms(&self, milliseconds: u64) {
        self.lists().latency_ms = milliseconds;
    }

    /// How long answers are delayed, milliseconds.
    #[must_use]
    pub fn latency_ms(&self) -> u64 {
        self.lists().latency_ms
    }

    /// Holds MTProto pushes back, as a lossy network would: clients find out by differences.
    pub fn set_mute(&self, mute: bool) {
        self.lists().mute = mute;
    }

    /// Whether pushes are held back.
    #[must_use]
    pub fn mute(&self) -> bool {
        self.lists().mute
    }

    /// The datacentre that an account lives in.
    #[must_use]
    pub fn home_dc(&self, _user: i64) -> i32 {
        2
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

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(failures: &mut Vec<Failure>, method: &str) -> Option<Failure> {
    let at = failures
        .iter()
        .position(|failure| failure.method == "*" || failure.method.eq_ignore_ascii_case(method))?;
    let failure = failures.get_mut(at)?;
    failure.times = failure.times.saturating_sub(1);
    let due = failure.clone();
    if failure.times == 0 {
        failures.remove(at);
    }
    Some(due)
}
