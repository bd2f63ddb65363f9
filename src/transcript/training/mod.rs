//! Conversations to train on: sessions of a topic, their turns merged, without repetitions and
//! personal data, split by customer.
//!
//! A topic is cut where it was silent for long. Of a session, what customers and desk said is kept
//! and merged into turns that alternate, the customer first and the desk last, which is what all
//! trainers accept; notes, commands and Telegram's own messages are not. Memory holds one session,
//! and of those before it a signature of half a kilobyte to find repetitions by.

mod chat;
mod counter;
mod dataset;
mod near;
mod options;
mod outlet;
mod page;
mod sample;
mod session;
mod system;
mod tally;
mod trainer;

pub use options::{Splits, TrainingOptions};
pub use system::SystemPrompt;
pub use tally::{Class, LeftOut, Report, SplitReport};

pub(super) use trainer::Trainer;
