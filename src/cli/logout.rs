//! `logout`: ends a login of the userbot.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::{exit, output, prompt};
use crate::capture::{self, CaptureError, LoggedOut};

/// Options of `logout`.
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// Name of the login [default: what the config says]
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Remove the file alone and tell Telegram nothing: the login stays among the account's devices
    #[arg(long)]
    pub forget: bool,
}

pub(super) fn run(context: &Context, args: &LogoutArgs) -> Result<(), Failure> {
    let mut loaded = context.config()?;
    super::login::choose(&mut loaded, args.account.as_deref())?;
    let (telegram, base) = (&loaded.config.telegram, loaded.base.as_path());
    let path = capture::session_path(telegram, base);
    if !path.exists() {
        return Err(Failure::new(
            exit::LOGIN,
            format!("there is no login at {}", path.display()),
        )
        .help("`topicvault accounts` lists those that there are"));
    }
    if !args.forget {
        loaded.config.require_telegram()?;
    }
    if !args.yes {
        confirm(&telegram.account, args.forget)?;
    }
    let ended = if args.forget {
        capture::forget(telegram, base)?;
        "forgotten"
    } else {
        match context.runtime()?.block_on(capture::logout(telegram, base)) {
            Ok(LoggedOut::Ended) => "ended",
            Ok(LoggedOut::Already) => "already_ended",
            Err(error) => return Err(explained(error)),
        }
    };
    if context.global.json {
        return output::print_json(&json!({ "account": telegram.account, "login": ended }));
    }
    let said = match ended {
        "ended" => "Telegram ended the login, and its file is removed.",
        "already_ended" => "Telegram had ended the login before; its file is removed.",
        _ => {
            "The file is removed. Telegram was not told: end the login in an app, under Settings, \
             Devices."
        }
    };
    output::print(|out| writeln!(out, "{said}"))
}

/// Asks whether it is meant; nobody to ask is a no.
fn confirm(account: &str, forget: bool) -> Result<(), Failure> {
    if !prompt::is_terminal() {
        return Err(Failure::new(exit::USAGE, "nobody is there to confirm it")
            .help("add --yes if you mean it"));
    }
    let what = if forget {
        format!("Remove the file of login `{account}` without telling Telegram?")
    } else {
        format!("Log out `{account}`? Capture with it ends until the next login.")
    };
    let answer = prompt::ask(&format!("{what} [y/N]"))?.to_lowercase();
    if matches!(answer.as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(exit::INTERRUPTED, "nothing was changed"))
}

/// Adds what to do where Telegram could not be asked.
fn explained(error: CaptureError) -> Failure {
    let unasked = matches!(
        error,
        CaptureError::Unreachable { .. }
            | CaptureError::Telegram { .. }
            | CaptureError::FloodWait { .. }
    );
    let failure = Failure::from(error);
    if !unasked {
        return failure;
    }
    failure
        .context("nothing was changed, the login is still good")
        .help(
            "try again later; or end it in an app under Settings, Devices, and remove the file \
             with --forget",
        )
}
