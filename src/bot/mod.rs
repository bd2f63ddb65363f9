//! The companion bot: what operators talk to in a topic.
//!
//! One direction in, one direction out. `service` polls for updates, `command` finds out which
//! command a message is, `operators` whether its author may give it, and a file a command
//! (`export`, `status`, `help`) answers from the archive. Answers leave through the group's
//! `queue`, which keeps Telegram's limits; `telegram` is the only place that posts. What is posted
//! is a [`Note`], a type that cannot be made without the prefix that keeps it from the customer.
//! The bot never replies to a message either: where the CRM passes on explicit replies, a reply
//! would reach the customer whatever it begins with.
//!
//! Beside that the bot is a second source of the archive (`source`, `convert`).

mod arguments;
mod audit;
mod canary;
mod command;
mod connection;
mod convert;
mod dispatch;
mod error;
mod export;
mod facts;
mod help;
mod line;
mod note;
mod notices;
mod operators;
mod pack;
mod progress;
mod queue;
mod render;
mod request;
mod scratch;
mod search;
mod service;
mod source;
mod status;
mod telegram;
#[cfg(all(test, feature = "emulator"))]
mod tests;
#[cfg(feature = "emulator")]
mod witness;

pub use canary::{Canary, canary};
pub use command::custom_commands;
pub use error::BotError;
pub use facts::{BotFacts, GroupFacts, Membership, check};
pub use note::{Note, NotePrefix};
pub use notices::{Alert, Notices};
pub use service::run;
pub use source::Archives;
#[cfg(feature = "emulator")]
pub use witness::{Seen, witness};
