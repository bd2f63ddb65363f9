//! `init`: a commented config file, from questions at the terminal or from flags.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::{exit, output, private_file, prompt};
use crate::bot::custom_commands;
use crate::config::{self, quote};
use crate::model::GroupId;

/// Options of `init`. On a terminal, what is not given is asked for.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Print the commented default configuration, with every key there is, and end
    #[arg(long)]
    pub print: bool,
    /// Replace a config file that is there already
    #[arg(long)]
    pub force: bool,
    /// Ask nothing; what is not given keeps its default
    #[arg(long, short)]
    pub yes: bool,
    /// Application id from my.telegram.org/apps
    #[arg(long, value_name = "ID")]
    pub api_id: Option<String>,
    /// Application hash that goes with it; safer in TOPICVAULT_TELEGRAM_API_HASH
    #[arg(long, value_name = "HASH")]
    pub api_hash: Option<String>,
    /// The companion bot's token from @BotFather; safer in TOPICVAULT_BOT_TOKEN
    #[arg(long, value_name = "TOKEN")]
    pub bot_token: Option<String>,
    /// The group to capture: -100…, bare id, or the link of any message in it
    #[arg(long, value_name = "GROUP", allow_hyphen_values = true)]
    pub group: Option<String>,
    /// Time zone of dates shown to people, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// Ids of the accounts that post customers' messages (the CRM's bot or relay account), with commas
    #[arg(long, value_name = "IDS", allow_hyphen_values = true)]
    pub relay: Option<String>,
    /// Address of the CRM's Topics API
    #[arg(long, value_name = "URL")]
    pub crm_url: Option<String>,
    /// Token for the CRM's Topics API; safer in TOPICVAULT_CRM_API_KEY
    #[arg(long, value_name = "KEY")]
    pub crm_api_key: Option<String>,
    /// What the correspondence is kept for, in your words
    #[arg(long, value_name = "TEXT")]
    pub purpose: Option<String>,
    /// For how many days it is meant to be kept; 0: until somebody asks for erasure
    #[arg(long, value_name = "DAYS")]
    pub retention_days: Option<String>,
}

/// A question: the key it fills, the answer given by a flag, and what makes an answer acceptable.
struct Question<'a> {
    key: &'static str,
    flag: &'static str,
    given: Option<&'a str>,
    text: &'static str,
    hidden: bool,
    /// The answer as TOML, or what is wrong with it.
    accept: fn(&str) -> Result<String, &'static str>,
}

pub(super) fn run(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    if args.print {
        return output::print(|out| out.write_all(config::TEMPLATE.as_bytes()));
    }
    let path = context
        .global
        .config
        .clone()
        .unwrap_or_else(|| PathBuf::from(config::FILE_NAME));
    if path.exists() && !args.force {
        return Err(
            Failure::new(exit::USAGE, format!("{} is there already", path.display()))
                .help("edit it, or write a new one with --force; --config FILE names another"),
        );
    }
    let mut values = answers(&questions(args), !args.yes && prompt::is_terminal())?;
    if let Some(dir) = &context.global.vault {
        values.push(("vault.dir", quote(&dir.to_string_lossy())));
    }
    // What belongs to the group's block cannot stand without it.
    if !values.iter().any(|(key, _)| *key == "groups.id") {
        values.retain(|(key, _)| !key.starts_with("groups."));
    }
    private_file::write(&path, &config::fill(&values), "--config")?;

    let missing: Vec<&str> = ["telegram.api_id", "telegram.api_hash", "groups.id"]
        .into_iter()
        .filter(|key| !values.iter().any(|(set, _)| set == key))
        .collect();
    if context.global.json {
        return output::print_json(&json!({
            "file": path,
            "missing": missing,
            "custom_commands": custom_commands(),
        }));
    }
    let named = context.global.config.is_some();
    output::print(|out| next_steps(out, &path, named, &missing))
}

fn questions(args: &InitArgs) -> Vec<Question<'_>> {
    vec![
        Question {
            key: "telegram.api_id",
            flag: "--api-id",
            given: args.api_id.as_deref(),
            text: "api_id of your own application (https://my.telegram.org/apps):",
            hidden: false,
            accept: |text| match text.parse::<i32>() {
                Ok(id) if id > 0 => Ok(id.to_string()),
                _ => Err("must be a positive number"),
            },
        },
        Question {
            key: "telegram.api_hash",
            flag: "--api-hash",
            given: args.api_hash.as_deref(),
            text: "api_hash that goes with it (not shown):",
            hidden: true,
            accept: |text| {
                if text.len() == 32 && text.chars().all(|c| c.is_ascii_hexdigit()) {
                    Ok(quote(text))
                } else {
                    Err("must be 32 hexadecimal digits")
                }
            },
        },
        Question {
            key: "groups.id",
            flag: "--group",
            given: args.group.as_deref(),
            text: "The group to capture: copy the link of any message in it (t.me/c/…):",
            hidden: false,
            accept: |text| match text.parse::<GroupId>() {
                Ok(group) => Ok(quote(&group.marked().to_string())),
                Err(_) => Err("must be -100…, the bare id, or a t.me/c/… link"),
            },
        },
        Question {
            key: "groups.timezone",
            flag: "--timezone",
            given: args.timezone.as_deref(),
            text: "Time zone of dates shown to people, such as Europe/Berlin [UTC]:",
            hidden: false,
            accept: |text| match jiff::tz::TimeZone::get(text) {
                Ok(_) => Ok(quote(text)),
                Err(_) => Err("must be an IANA name such as Europe/Berlin"),
            },
        },
        Question {
            key: "groups.roles.relays",
            flag: "--relay",
            given: args.relay.as_deref(),
            text: "Id of the CRM's bot or relay account, which posts customers' messages (Enter: it is looked for in the group):",
            hidden: false,
            accept: |text| {
                let ids: Result<Vec<i64>, _> =
                    text.split(',').map(|id| id.trim().parse()).collect();
                ids.map(|ids| format!("{ids:?}"))
                    .map_err(|_| "must be a number, or several with commas")
            },
        },
        Question {
            key: "bot.token",
            flag: "--bot-token",
            given: args.bot_token.as_deref(),
            text: "The companion bot's token from @BotFather (not shown; Enter: no bot):",
            hidden: true,
            accept: |text| {
                if config::is_bot_token(text) {
                    Ok(quote(text))
                } else {
                    Err("must look like 123456789:AA…")
                }
            },
        },
        Question {
            key: "crm.url",
            flag: "--crm-url",
            given: args.crm_url.as_deref(),
            text: "Address of the CRM's Topics API (Enter: none):",
            hidden: false,
            accept: |text| {
                if text.starts_with("https://") || text.starts_with("http://") {
                    Ok(quote(text))
                } else {
                    Err("must begin with https:// or http://")
                }
            },
        },
        Question {
            key: "crm.api_key",
            flag: "--crm-api-key",
            given: args.crm_api_key.as_deref(),
            text: "Token for the Topics API (not shown; Enter: none):",
            hidden: true,
            accept: |text| Ok(quote(text)),
        },
        Question {
            key: "privacy.purpose",
            flag: "--purpose",
            given: args.purpose.as_deref(),
            text: "What is the correspondence kept for? One sentence for your record of processing:",
            hidden: false,
            accept: |text| Ok(quote(text)),
        },
        Question {
            key: "privacy.retention_days",
            flag: "--retention-days",
            given: args.retention_days.as_deref(),
            text: "For how many days is it meant to be kept? [0: until somebody asks for erasure]:",
            hidden: false,
            accept: |text| match text.parse::<u32>() {
                Ok(days) => Ok(days.to_string()),
                Err(_) => Err("must be a number of days, or 0"),
            },
        },
    ]
}

/// Takes the flags' answers, asks for the others; an empty answer keeps the default.
fn answers(
    questions: &[Question<'_>],
    interactive: bool,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut values = Vec::new();
    for question in questions {
        if let Some(given) = question.given {
            let value = (question.accept)(given.trim()).map_err(|problem| {
                Failure::new(exit::USAGE, format!("{} {problem}", question.flag))
            })?;
            values.push((question.key, value));
            continue;
        }
        if interactive && let Some(value) = ask_until_right(question)? {
            values.push((question.key, value));
        }
    }
    Ok(values)
}

/// Asks until the answer is acceptable; `None` for an empty one.
fn ask_until_right(question: &Question<'_>) -> Result<Option<String>, Failure> {
    loop {
        let answer = if question.hidden {
            prompt::ask_hidden(question.text)
        } else {
            prompt::ask(question.text)
        }?;
        if answer.is_empty() {
            return Ok(None);
        }
        match (question.accept)(&answer) {
            Ok(value) => return Ok(Some(value)),
            Err(problem) => writeln!(anstream::stderr(), "  It {problem}.")?,
        }
    }
}

fn next_steps(out: &mut Vec<u8>, path: &Path, named: bool, missing: &[&str]) -> io::Result<()> {
    let commands = custom_commands();
    let program = if named {
        format!("topicvault --config {}", path.display())
    } else {
        "topicvault".to_owned()
    };
    writeln!(out, "Written: {} (only you can read it).", path.display())?;
    if !missing.is_empty() {
        writeln!(out, "Still to be filled in there: {}.", missing.join(", "))?;
    }
    writeln!(
        out,
        "\
Next:
  1. In @BotFather: /setprivacy, Disable for the bot; /setjoingroups, Enable.
  2. Add the bot and the account that will capture to the group.
  3. In the CRM's set-up, leave these commands to us:
     @CUSTOM_COMMANDS@ {commands}
  4. {program} login
  5. {program} doctor
  6. {program} run"
    )
}
