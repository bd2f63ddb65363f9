//! A login on disk: the [`grammers_session::Session`] of the userbot, over SQLite.
//!
//! grammers' own storage links a second SQLite, so this one is ours. Everything is read once into
//! memory when the file is opened (grammers asks for the datacentre on every request and for peers
//! on every update), and written on a thread of its own, because the trait is asynchronous and
//! SQLite is not. A value enters the memory only after it has been committed.
//!
//! With `telegram.session_key` set, rows are sealed (`store`, `cipher`); nothing else changes.

mod cipher;
mod error;
mod file;
mod memory;
mod peek;
mod rows;
#[cfg(test)]
mod sealed_tests;
mod store;
#[cfg(test)]
mod tests;
mod trait_impl;

pub use error::SessionError;
pub(crate) use file::{SessionFile, remove};
pub(crate) use peek::peek;
