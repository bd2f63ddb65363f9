//! The demo: the whole bridge against the built-in Telegram, for people to follow and for tests
//! to judge.

mod bridge;
mod compare;

pub use bridge::config;
pub use compare::{Comparison, Difference, compare};
