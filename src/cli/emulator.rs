//! `emulator`: the built-in Telegram alone.

use clap::Args;

use super::context::Context;
use super::exit;
use super::failure::Failure;

/// Options of `emulator`.
#[derive(Debug, Args)]
pub struct EmulatorArgs {
    /// Another world
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many messages in the world
    #[arg(long, value_name = "N")]
    pub messages: Option<u32>,
}

pub(super) fn run(_context: &Context, _args: &EmulatorArgs) -> Result<(), Failure> {
    Err(Failure::new(
        exit::UNEXPECTED,
        "this build cannot run the built-in Telegram alone yet",
    ))
}
