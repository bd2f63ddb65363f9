//! Worlds described in a file, TOML or JSON, instead of the built-in scenario.
//!
//! [`WorldFile`] is what the file says; `read` gets it from disk and says what is wrong with it, and
//! `build` makes a world of it: whatever the file leaves out (ids, phones, codes, tokens, dates)
//! follows from the seed and the order. `schema/world.toml` shows and explains every key.

mod build;
mod error;
mod format;
mod names;
mod plan;
mod read;
mod taken;
mod tell;

pub use error::WorldError;
pub use format::WorldFile;

#[cfg(test)]
mod tests;
