//! Requests in a minute: of a user and of the project, reads and writes apart.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::emulator::systems::pace::{Limit, Pace};

/// Users that are counted, at most.
const MOST_USERS: usize = 1_000;

/// How often a minute, reads and writes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// One user.
    pub user: usize,
    /// All users together.
    pub project: usize,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            user: 60,
            project: 300,
        }
    }
}

#[derive(Debug)]
pub(super) struct Quota {
    what: &'static str,
    quotas: Quotas,
    project: Pace,
    users: HashMap<String, Pace>,
}

impl Quota {
    /// Counts what is called `what`: `Read` or `Write`.
    pub(super) fn new(what: &'static str, quotas: Quotas) -> Self {
        Self {
            what,
            quotas,
            project: Pace::new(a_minute(quotas.project)),
            users: HashMap::new(),
        }
    }

    /// Counts a request; the error names the limit that it exceeds.
    pub(super) fn take(&mut self, user: &str, now: Timestamp) -> Result<(), String> {
        if self.users.len() >= MOST_USERS && !self.users.contains_key(user) {
            self.users.clear();
        }
        let own = self
            .users
            .entry(user.to_owned())
            .or_insert_with(|| Pace::new(a_minute(self.quotas.user)));
        let over = if own.take(now).is_err() {
            "per minute per user"
        } else if self.project.take(now).is_err() {
            "per minute"
        } else {
            return Ok(());
        };
        let what = self.what;
        Err(format!(
            "Quota exceeded for quota metric '{what} requests' and limit '{what} requests {over}' \
             of service 'sheets.googleapis.com' for consumer 'project_number:100000000001'."
        ))
    }
}

const fn a_minute(most: usize) -> Limit {
    Limit::Window {
        most,
        within: Duration::from_secs(60),
    }
}
