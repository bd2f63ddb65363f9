//! `accounts`: the logins that there are.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::{exit, output};
use crate::capture::{self, CaptureError, SavedLogin};
use crate::config::{Config, Loaded};

/// Options of `accounts`.
#[derive(Debug, Args)]
pub struct AccountsArgs {
    /// Ask Telegram whether each login is still good
    #[arg(long)]
    pub check: bool,
}

/// A line of the list.
#[derive(Debug, Serialize)]
struct Line {
    /// What `telegram.account` calls it.
    account: String,
    /// User id.
    id: Option<i64>,
    /// The account's display name.
    name: Option<String>,
    /// Datacentre.
    dc: Option<i32>,
    encrypted: bool,
    in_use: bool,
    /// Marked ids of the configured groups that are captured with it.
    groups: Vec<i64>,
    /// Whether Telegram still takes it; `null` where it was not or could not be asked.
    valid: Option<bool>,
    /// Why it cannot be read or asked about.
    trouble: Option<String>,
}

pub(super) fn run(context: &Context, args: &AccountsArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    if args.check {
        loaded.config.require_telegram()?;
    }
    let found = capture::accounts(&loaded.config.telegram, &loaded.base)?;
    let mut lines: Vec<Line> = found
        .into_iter()
        .map(|account| line(&loaded.config, account))
        .collect();
    if args.check {
        let runtime = context.runtime()?;
        for line in &mut lines {
            runtime.block_on(check(&loaded, line));
        }
    }
    if context.global.json {
        output::print_json(&lines)?;
    } else {
        output::print(|out| show(out, &lines, &loaded))?;
    }
    if lines.iter().any(|line| line.valid == Some(false)) {
        // The list has said it all.
        return Err(Failure::new(exit::LOGIN, ""));
    }
    Ok(())
}

fn line(config: &Config, account: SavedLogin) -> Line {
    Line {
        groups: groups_of(config, &account.name),
        account: account.name,
        id: account.id,
        name: account.title,
        dc: account.dc,
        encrypted: account.encrypted,
        in_use: account.in_use,
        valid: None,
        trouble: account.trouble,
    }
}

/// The groups that are captured with an account.
fn groups_of(config: &Config, account: &str) -> Vec<i64> {
    let mut groups = config.accounts().remove(account).unwrap_or_default();
    groups.sort_unstable();
    groups.into_iter().map(|group| group.marked()).collect()
}

async fn check(loaded: &Loaded, line: &mut Line) {
    // Whoever uses it would be refused by Telegram if it were not good any more, and a second use
    // would end it.
    if line.in_use || line.trouble.is_some() {
        return;
    }
    let mut telegram = loaded.config.telegram.clone();
    telegram.account.clone_from(&line.account);
    match capture::check(&telegram, &loaded.base).await {
        Ok(me) => {
            line.valid = Some(true);
            (line.id, line.name) = (Some(me.id), Some(me.name));
            line.encrypted = line.encrypted || !telegram.session_key.is_empty();
        }
        Err(
            error @ (CaptureError::NotLoggedIn
            | CaptureError::Revoked
            | CaptureError::Deactivated
            | CaptureError::Duplicated),
        ) => {
            line.valid = Some(false);
            line.trouble = Some(error.to_string());
        }
        Err(error) => line.trouble = Some(error.to_string()),
    }
}

fn show(out: &mut Vec<u8>, lines: &[Line], loaded: &Loaded) -> std::io::Result<()> {
    if lines.is_empty() {
        let dir = loaded.base.join(&loaded.config.telegram.sessions);
        return writeln!(
            out,
            "There is no login in {}; `topicvault login` makes one.",
            dir.display()
        );
    }
    let width = lines.iter().map(|line| line.account.len()).max();
    for line in lines {
        let who = match (line.id, &line.name) {
            (Some(id), Some(name)) => format!("{} ({id})", output::plain(name)),
            (Some(id), None) => id.to_string(),
            (None, _) if line.trouble.is_some() => "not readable".to_owned(),
            (None, _) => "nobody".to_owned(),
        };
        let mut facts = vec![who];
        facts.extend(line.dc.map(|dc| format!("datacentre {dc}")));
        facts.push(if line.encrypted {
            "encrypted".to_owned()
        } else {
            "not encrypted".to_owned()
        });
        if line.in_use {
            facts.push("in use".to_owned());
        }
        match line.valid {
            Some(true) => facts.push("good".to_owned()),
            Some(false) => facts.push("no longer good".to_owned()),
            None => {}
        }
        let groups: Vec<String> = line.groups.iter().map(i64::to_string).collect();
        facts.push(if groups.is_empty() {
            "for no group".to_owned()
        } else {
            format!("for {}", groups.join(", "))
        });
        let width = width.unwrap_or(0);
        writeln!(out, "{:width$}  {}", line.account, facts.join(", "))?;
        if let Some(trouble) = &line.trouble {
            writeln!(out, "{:width$}  → {trouble}", "")?;
        }
    }
    Ok(())
}
