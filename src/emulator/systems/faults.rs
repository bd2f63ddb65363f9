//! What goes wrong with the next requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Faults that wait at once, at most.
const MOST: usize = 1_000;

/// Something that goes wrong with one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 401, as the system words it. Where tokens are fetched, those fetched earlier stop working;
    /// a request that fetches one passes, and the fault waits for the next.
    ExpiredToken,
    /// 403, as the system words it.
    Forbidden,
    /// 404, as the system words it.
    NotFound,
    /// Too many requests, with the status that the system uses for it.
    TooMany {
        /// Seconds, in a header `Retry-After`.
        retry_after: Option<u64>,
    },
    /// 529 at Notion, else 503.
    Overloaded,
    /// 500.
    ServerError,
    /// The request waits for so long, and is served then. Whoever hangs up meanwhile has not been
    /// served.
    Hang {
        /// Seconds.
        seconds: u64,
    },
    /// 200 with a login page, `text/html`; nothing was done.
    Html,
    /// The request is served, but of the answer only the first half arrives, as if it were whole:
    /// 200, `application/json`.
    Malformed,
    /// 200 without a body; nothing was done.
    Empty,
    /// 200 with JSON of that size; nothing was done.
    Huge {
        /// Bytes.
        bytes: u64,
    },
    /// 302; nothing was done.
    Redirect {
        /// Header `Location`.
        to: String,
    },
    /// The connection is closed; nothing was done.
    DropBefore,
    /// The request is served, and the connection is closed without an answer.
    DropAfter,
}

/// The faults of one system, the next first. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct FaultQueue(Arc<Mutex<VecDeque<Waiting>>>);

#[derive(Clone, Debug)]
struct Waiting {
    /// What the request's path has to contain.
    at: Option<String>,
    fault: Fault,
}

impl FaultQueue {
    /// The next request meets it.
    pub fn push(&self, fault: Fault) {
        self.add(None, fault);
    }

    /// The next request whose path contains a text meets it.
    pub fn push_at(&self, at: impl Into<String>, fault: Fault) {
        self.add(Some(at.into()), fault);
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue().len()
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.queue().clear();
    }

    /// The fault that a request meets; it is gone then.
    pub(super) fn take(&self, path: &str, fetches_token: bool) -> Option<Fault> {
        let mut queue = self.queue();
        let meets = |waiting: &Waiting| {
            waiting.at.as_ref().is_none_or(|at| path.contains(at))
                && !(fetches_token && waiting.fault == Fault::ExpiredToken)
        };
        let place = queue.iter().position(meets)?;
        queue.remove(place).map(|waiting| waiting.fault)
    }

    fn add(&self, at: Option<String>, fault: Fault) {
        let mut queue = self.queue();
        if queue.len() < MOST {
            queue.push_back(Waiting { at, fault });
        }
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_meets_one_request() {
        let faults = FaultQueue::default();
        faults.push_at("pages", Fault::ServerError);
        faults.push(Fault::ExpiredToken);
        faults.push(Fault::Html);
        assert_eq!(faults.take("/token", true), Some(Fault::Html));
        assert_eq!(faults.take("/v1/pages/7", false), Some(Fault::ServerError));
        assert_eq!(faults.take("/v1/pages/7", false), Some(Fault::ExpiredToken));
        assert_eq!(faults.take("/v1/pages/7", false), None);
        assert_eq!(faults.waiting(), 0);
    }
}
