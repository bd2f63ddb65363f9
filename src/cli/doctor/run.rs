//! The command: all checks, the table, the exit code.

use clap::Args;

use super::check::{Check, State, show};
use super::{local, network};
use crate::cli::{Context, Failure, exit, output};

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Leave out what needs the network
    #[arg(long)]
    pub offline: bool,
}

pub(in crate::cli) fn run(context: &Context, args: &DoctorArgs) -> Result<(), Failure> {
    let mut checks = Vec::new();
    match context.config() {
        Ok(loaded) => {
            checks.extend(local::configuration(&loaded));
            checks.extend(local::sessions(&loaded));
            checks.push(local::vault(&loaded.config.vault.dir));
            checks.push(local::space(&loaded.config.vault.dir));
            checks.push(local::clock());
            if !args.offline {
                let runtime = context.runtime()?;
                checks.extend(runtime.block_on(network::checks(&loaded)));
            }
        }
        Err(failure) => checks.push(Check::failed("config", failure)),
    }
    if context.global.json {
        output::print_json(&checks)?;
    } else {
        output::print(|out| checks.iter().try_for_each(|check| show(out, check)))?;
    }
    if checks.iter().any(|check| check.state == State::Failed) {
        // The table has said it all.
        return Err(Failure::new(exit::CHECK, ""));
    }
    Ok(())
}
