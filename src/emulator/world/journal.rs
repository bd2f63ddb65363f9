//! What the world told whom: tests read from it what a client could have observed.

use std::collections::BTreeMap;

use serde::Serialize;

/// How a change reached a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Pushed over an open connection as it happened.
    Push,
    /// Inside a difference that the client asked for.
    Difference,
}

/// One change handed to one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Connection, see [`Opened`].
    pub connection: u64,
    /// Index of the change in the world's log.
    pub change: usize,
    /// Bare id of the group.
    pub group: i64,
    /// Message ids concerned.
    pub ids: Vec<i32>,
    /// `posted`, `edited` or `deleted`.
    pub what: &'static str,
    /// The text handed over; `None` for deletions.
    pub text: Option<String>,
    /// Its edit date.
    pub edit_date: Option<i64>,
    /// How.
    pub way: Way,
    /// When, milliseconds since the epoch (real clock).
    pub at_ms: u64,
}

/// An MTProto connection of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Opened {
    /// Running number.
    pub connection: u64,
    /// The logged-in user, once known.
    pub user: Option<i64>,
    /// When opened, milliseconds since the epoch (real clock).
    pub opened_ms: u64,
    /// When the server saw it end.
    pub closed_ms: Option<u64>,
}

/// Deliveries that are kept; the older half is forgotten beyond.
const DELIVERIES: usize = 400_000;

impl Journal {
    /// Notes what was handed over.
    pub fn deliver(&mut self, deliveries: impl IntoIterator<Item = Delivery>) {
        self.deliveries.extend(deliveries);
        if self.deliveries.len() > DELIVERIES {
            self.deliveries.drain(..DELIVERIES / 2);
        }
    }
}

/// The record of connections, deliveries and methods called.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Journal {
    /// Connections in the order they were opened.
    pub connections: Vec<Opened>,
    /// Deliveries in order.
    pub deliveries: Vec<Delivery>,
    /// How often each MTProto method was called, by user id (0 before login) and method name.
    pub methods: BTreeMap<i64, BTreeMap<String, u64>>,
}
