//! `login`: the userbot's account.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::prompt::TerminalLogin;
use super::{exit, output};
use crate::{capture, config};

/// Options of `login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// Name of the login [default: what the config says]
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Phone number in international form; else it is asked for
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
}

pub(super) fn run(context: &Context, args: &LoginArgs) -> Result<(), Failure> {
    let mut loaded = context.config()?;
    if let Some(account) = &args.account {
        if !config::is_account_name(account) {
            return Err(Failure::new(
                exit::USAGE,
                "--account must be a plain name: letters, digits, - _ .",
            ));
        }
        loaded.config.telegram.account.clone_from(account);
    }
    loaded.config.require_telegram()?;
    let mut prompt = TerminalLogin {
        phone: args.phone.clone(),
    };
    // Questions block, so Ctrl-C keeps its default action: it ends the process at once, which the
    // session's file survives.
    let me = context.runtime()?.block_on(capture::login(
        &loaded.config.telegram,
        &loaded.base,
        &mut prompt,
    ))?;
    if context.global.json {
        return output::print_json(&json!({
            "account": loaded.config.telegram.account,
            "id": me.id,
            "name": me.name,
        }));
    }
    output::print(|out| writeln!(out, "Logged in as {} ({}).", output::plain(&me.name), me.id))
}
