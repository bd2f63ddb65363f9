//! The one integration binary: it runs the real program and real clients.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "emulator")]
mod accounts;
mod architecture;
#[cfg(feature = "emulator")]
mod audit;
#[cfg(feature = "emulator")]
mod backfill;
#[cfg(feature = "emulator")]
mod bot_api;
#[cfg(feature = "emulator")]
mod bridge;
#[cfg(feature = "emulator")]
mod canary;
#[cfg(feature = "emulator")]
mod capture;
mod command_line;
#[cfg(feature = "emulator")]
mod connectors_docs;
#[cfg(feature = "emulator")]
mod crash;
#[cfg(feature = "emulator")]
mod desk;
#[cfg(feature = "emulator")]
mod emulator;
#[cfg(feature = "emulator")]
mod emulator_docs;
mod export;
mod help;
mod import;
#[cfg(feature = "emulator")]
mod judge;
#[cfg(feature = "emulator")]
mod outside;
mod program;
mod roles;
mod size;
#[cfg(feature = "emulator")]
mod soak;
mod source;
#[cfg(feature = "emulator")]
mod sources;
#[cfg(feature = "emulator")]
mod trouble;
mod vault;
#[cfg(feature = "emulator")]
mod watch;
