//! `demo`: the whole bridge against the built-in Telegram.

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::exit;
use super::failure::Failure;

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where vault and exports are left [default: ./topicvault-demo]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Play the scenario once, print what the archive holds and end
    #[arg(long)]
    pub once: bool,
    /// Another world
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many messages before the scenario starts
    #[arg(long, value_name = "N")]
    pub messages: Option<u32>,
}

pub(super) fn run(_context: &Context, _args: &DemoArgs) -> Result<(), Failure> {
    Err(Failure::new(exit::UNEXPECTED, "this build has no demo yet"))
}
