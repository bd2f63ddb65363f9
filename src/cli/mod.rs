//! The command line: clap definitions, one file a command.
//!
//! Results go to stdout, everything else (progress, questions, logs, errors) to stderr.
//! [`exit`] documents the exit codes.

pub mod accounts;
pub mod args;
mod audit;
pub mod backfill;
mod completions;
pub mod connector;
mod context;
#[cfg(feature = "emulator")]
pub mod demo;
pub mod doctor;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod exit;
pub mod export;
mod failure;
mod follow;
pub mod import;
pub mod init;
mod interrupt;
pub mod login;
pub mod logout;
mod logs;
mod output;
#[cfg(feature = "emulator")]
mod parent;
mod private_file;
mod prompt;
mod roles;
pub mod run;
pub mod seal;
pub mod search;
pub mod sql;
mod start;
pub mod stats;
mod time;

pub use context::Context;
pub use failure::Failure;
pub use start::main;
