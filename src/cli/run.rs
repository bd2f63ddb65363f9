//! `run`: the service.

use clap::Args;

use super::context::Context;
use super::exit;
use super::failure::Failure;

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {}

pub(super) fn run(context: &Context, _args: &RunArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    loaded.config.require_telegram()?;
    loaded.config.require_groups()?;
    Err(Failure::new(
        exit::UNEXPECTED,
        "this build has no service yet",
    ))
}
