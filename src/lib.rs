//! topicvault: never lose a customer conversation.

pub mod app;
pub mod archive;
pub mod bot;
pub mod capture;
pub mod cli;
pub mod config;
pub mod crm;
#[cfg(feature = "emulator")]
pub mod demo;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod i18n;
pub mod model;
pub mod steps;
pub mod transcript;
