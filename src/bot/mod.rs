//! The companion bot: what operators talk to in a topic.
//!
//! One direction in, one direction out. `service` polls for updates, `command` finds out which
//! command a message is, `operators` and `permission` whether its author may give it, and a file a
//! command (`info`, `export`, `link` …) answers from the archive, the CRM and outside systems;
//! `act` does what connectors describe, `question` asks before that costs money, `triggers` does it
//! by itself, and `broken` tells after a start what a stop broke off. Answers leave through the
//! group's `queue`, which keeps Telegram's limits; `telegram` is the only place that posts. What is
//! posted is a [`Note`], a type that cannot be made without the prefix that keeps it from the
//! customer; what is meant for the customer lies in the `outbox` first, and only that becomes the
//! one other type. The bot never replies to a message either: where the CRM passes on explicit
//! replies, a reply would reach the customer whatever it begins with.
//!
//! Beside that the bot is a second source of the archive (`source`, `convert`).

mod act;
mod arguments;
mod audit;
mod broken;
mod canary;
mod command;
mod connection;
mod convert;
mod customer;
mod dispatch;
mod error;
mod export;
mod facts;
mod help;
mod history;
mod info;
mod line;
mod link;
mod note;
mod notices;
mod operators;
mod outbox;
mod pack;
mod parts;
mod permission;
mod progress;
mod question;
mod queue;
mod render;
mod request;
mod scratch;
mod search;
mod service;
mod source;
mod status;
mod store;
mod telegram;
#[cfg(all(test, feature = "emulator"))]
mod tests;
mod trigger;
mod triggers;
mod turns;
mod waiting;
#[cfg(feature = "emulator")]
mod witness;

pub use canary::{Canary, canary};
pub use command::custom_commands;
pub use error::BotError;
pub use facts::{BotFacts, GroupFacts, Membership, check, consider_config};
pub use note::{Note, NotePrefix};
pub use notices::{Alert, Notices};
pub use service::{Surroundings, run};
pub use source::Archives;
pub use trigger::TriggerError;
#[cfg(feature = "emulator")]
pub use witness::{Seen, witness};
