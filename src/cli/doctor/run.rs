//! The command: all checks, the table, the exit code.

use clap::Args;

use super::check::{Check, State, show};
use super::{canary, local, network, roles};
use crate::cli::{Context, Failure, exit, output};
use crate::model::TopicId;

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Leave out what needs the network
    #[arg(long)]
    pub offline: bool,
    /// Post a note in this topic (its id), and say after how many milliseconds it was archived. The
    /// note reaches no customer and is deleted again
    #[arg(long, value_name = "TOPIC", conflicts_with = "offline", value_parser = topic)]
    pub canary: Option<TopicId>,
    /// The canary's group, where several are configured: -100…, bare id, link or title
    #[arg(
        long,
        value_name = "GROUP",
        requires = "canary",
        allow_hyphen_values = true
    )]
    pub group: Option<String>,
}

/// A topic: its id, or a link into it.
fn topic(text: &str) -> Result<TopicId, String> {
    let id = match text.split_once("t.me/c/") {
        Some((_, path)) => path.split(['/', '?']).nth(1).unwrap_or_default(),
        None => text,
    };
    match id.parse() {
        Ok(id) if id > 0 => Ok(TopicId(id)),
        _ => Err("must be a topic's id, the last number of its link".to_owned()),
    }
}

pub(in crate::cli) fn run(context: &Context, args: &DoctorArgs) -> Result<(), Failure> {
    let mut checks = Vec::new();
    match context.config() {
        Ok(loaded) => {
            checks.extend(local::configuration(&loaded));
            checks.extend(local::sessions(&loaded));
            checks.push(local::vault(&loaded.config.vault.dir));
            checks.extend(roles::checks(&loaded.config));
            checks.push(local::space(&loaded.config.vault.dir));
            checks.push(local::clock());
            if !args.offline {
                let runtime = context.runtime()?;
                checks.extend(runtime.block_on(network::checks(&loaded)));
                if let Some(topic) = args.canary {
                    match canary::group(&loaded, args.group.as_deref()) {
                        Ok(group) => {
                            let check = canary::check(&loaded, group, topic);
                            checks.extend(runtime.block_on(check));
                        }
                        Err(failure) => checks.push(Check::failed("canary", failure)),
                    }
                }
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
