//! The built-in Telegram.

pub mod world;
