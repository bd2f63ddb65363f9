//! `completions`: shell completions from the same definitions.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::failure::Failure;
use super::output;

/// Prints the completions of a shell.
pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    output::print(|out| {
        clap_complete::generate(shell, &mut Cli::command(), "topicvault", out);
        Ok(())
    })
}
