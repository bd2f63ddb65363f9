//! From the arguments to the exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use super::args::{Cli, Color, Command};
use super::context::Context;
use super::failure::Failure;
use super::{
    accounts, audit, backfill, completions, connector, doctor, exit, export, import, init, login,
    logout, logs, run, seal, search, sql, stats,
};
#[cfg(feature = "emulator")]
use super::{demo, emulator};

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; either way a closed pipe is none of our business.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                exit::USAGE
            } else {
                exit::OK
            });
        }
    };
    match cli.global.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
    logs::start(&cli.global);

    match dispatch(cli) {
        Ok(()) => ExitCode::from(exit::OK),
        Err(failure) => {
            report(&failure);
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let context = Context::new(cli.global);
    match cli.command {
        #[cfg(feature = "emulator")]
        Command::Demo(args) => demo::run(&context, &args),
        Command::Init(args) => init::run(&context, &args),
        Command::Login(args) => login::run(&context, &args),
        Command::Logout(args) => logout::run(&context, &args),
        Command::Accounts(args) => accounts::run(&context, &args),
        Command::Run(args) => run::run(&context, &args),
        Command::Export(args) => export::run(&context, &args),
        Command::Search(args) => search::run(&context, &args),
        Command::Audit(args) => audit::run(&context, &args),
        Command::Backfill(args) => backfill::run(&context, &args),
        Command::Stats(args) => stats::run(&context, &args),
        Command::Import(args) => import::run(&context, &args),
        Command::Sql(args) => sql::run(&context, &args),
        Command::Connector(args) => connector::run(&context, &args),
        Command::Seal(args) => seal::run(&context, &args),
        Command::Doctor(args) => doctor::run(&context, &args),
        #[cfg(feature = "emulator")]
        Command::Emulator(args) => emulator::run(&context, &args),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// Says on stderr what happened and what to do.
fn report(failure: &Failure) {
    if failure.message.is_empty() {
        return;
    }
    let mut err = anstream::stderr();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let cyan = anstyle::AnsiColor::Cyan.on_default().bold();
    // When stderr is closed there is nobody left to tell.
    let _ = writeln!(err, "{red}error:{red:#} {}", failure.message);
    if let Some(help) = &failure.help {
        let _ = writeln!(err, "{cyan}help:{cyan:#} {help}");
    }
}
