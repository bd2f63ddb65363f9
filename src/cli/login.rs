//! `login`: the userbot's account.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::prompt::TerminalLogin;
use super::{exit, output};
use crate::capture;
use crate::config::{self, Loaded};

/// Options of `login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// Name of the login [default: what the config says]
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Phone number in international form; else it is asked for
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// Show a QR code for another device of the account to scan, instead of asking for a number
    /// (experimental)
    #[arg(long, conflicts_with = "phone")]
    pub qr: bool,
}

/// Lays `--account` over the configuration.
///
/// # Errors
/// When it cannot name a login.
pub(super) fn choose(loaded: &mut Loaded, account: Option<&str>) -> Result<(), Failure> {
    let Some(account) = account else {
        return Ok(());
    };
    if !config::is_account_name(account) {
        return Err(Failure::new(
            exit::USAGE,
            "--account must be a plain name: letters, digits, - _ .",
        ));
    }
    account.clone_into(&mut loaded.config.telegram.account);
    Ok(())
}

pub(super) fn run(context: &Context, args: &LoginArgs) -> Result<(), Failure> {
    let mut loaded = context.config()?;
    choose(&mut loaded, args.account.as_deref())?;
    loaded.config.require_telegram()?;
    let mut prompt = TerminalLogin {
        phone: args.phone.clone(),
        shown: 0,
    };
    // Questions block, so Ctrl-C keeps its default action: it ends the process at once, which the
    // session's file survives.
    let (telegram, base) = (&loaded.config.telegram, loaded.base.as_path());
    let me = context.runtime()?.block_on(async {
        if args.qr {
            capture::login_by_qr(telegram, base, &mut prompt).await
        } else {
            capture::login(telegram, base, &mut prompt).await
        }
    })?;
    if context.global.json {
        return output::print_json(&json!({
            "account": loaded.config.telegram.account,
            "id": me.id,
            "name": me.name,
        }));
    }
    output::print(|out| writeln!(out, "Logged in as {} ({}).", output::plain(&me.name), me.id))
}
