//! `doctor`: what is in order, what is not, and what to do about it.

use std::io::Write;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::{exit, output};
use crate::archive::Vault;
use crate::bot::{self, Membership};
use crate::capture::{self, Userbot};
use crate::config::{Config, Loaded};
use crate::crm::TopicsApi;
use crate::model::{GroupId, TopicId};

/// Less free space than this is worth a word.
const LITTLE_SPACE: u64 = 1_000_000_000;
/// A clock before this (2026-01-01) was never set.
const TOO_EARLY: i64 = 1_767_225_600;
/// How long one check over the network may take, seconds.
const PATIENCE: u64 = 30;

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Leave out what needs the network
    #[arg(long)]
    pub offline: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// In order.
    Ok,
    /// Works, but is worth a look.
    Warning,
    /// Does not work.
    Failed,
    /// Not checked.
    Skipped,
}

/// One check.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found.
    detail: String,
    /// What to do.
    help: Option<String>,
}

impl Check {
    fn new(name: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self {
            name,
            state,
            detail: detail.into(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn failed(name: &'static str, failure: Failure) -> Self {
        Self {
            name,
            state: State::Failed,
            detail: failure.message,
            help: failure.help,
        }
    }
}

pub(super) fn run(context: &Context, args: &DoctorArgs) -> Result<(), Failure> {
    let mut checks = Vec::new();
    match context.config() {
        Ok(loaded) => {
            checks.extend(configuration(&loaded));
            checks.push(session(&loaded));
            checks.push(vault(&loaded.config.vault.dir));
            checks.push(space(&loaded.config.vault.dir));
            checks.push(clock());
            if !args.offline {
                let runtime = context.runtime()?;
                checks.extend(runtime.block_on(network(&loaded)));
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

fn show(out: &mut Vec<u8>, check: &Check) -> std::io::Result<()> {
    use anstyle::AnsiColor::{Green, Red, Yellow};
    let (mark, style) = match check.state {
        State::Ok => ("✓", Green.on_default()),
        State::Warning => ("!", Yellow.on_default()),
        State::Failed => ("✗", Red.on_default().bold()),
        State::Skipped => ("–", anstyle::Style::new().dimmed()),
    };
    writeln!(
        out,
        "{style}{mark}{style:#} {:<8} {}",
        check.name,
        output::plain(&check.detail)
    )?;
    if let Some(help) = &check.help {
        writeln!(out, "           → {help}")?;
    }
    Ok(())
}

fn configuration(loaded: &Loaded) -> Vec<Check> {
    let config = &loaded.config;
    let mut checks = Vec::new();
    checks.push(match &loaded.path {
        Some(path) => Check::new("config", State::Ok, path.display().to_string()),
        None => Check::new("config", State::Failed, "there is no config file")
            .help("`topicvault init` writes one"),
    });
    for warning in &loaded.warnings {
        checks.push(Check::new("config", State::Warning, warning.clone()));
    }
    for result in [config.require_telegram(), config.require_groups().map(drop)] {
        if let Err(error) = result {
            checks.push(Check::failed("config", error.into()));
        }
    }
    if config.privacy.purpose.is_empty() {
        checks.push(
            Check::new("privacy", State::Warning, "no purpose is stated")
                .help("set privacy.purpose: what the correspondence is kept for"),
        );
    }
    checks
}

fn session(loaded: &Loaded) -> Check {
    let path = capture::session_path(&loaded.config.telegram, &loaded.base);
    match std::fs::metadata(&path) {
        Err(_) => Check::new(
            "session",
            State::Failed,
            format!("there is no login at {}", path.display()),
        )
        .help("topicvault login"),
        Ok(meta) if others_may_read(&meta) => Check::new(
            "session",
            State::Failed,
            format!(
                "others can read {}: whoever has it has the account",
                path.display()
            ),
        )
        .help(format!("chmod 600 {}", path.display())),
        Ok(_) => Check::new("session", State::Ok, path.display().to_string()),
    }
}

#[cfg(unix)]
fn others_may_read(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn others_may_read(_meta: &std::fs::Metadata) -> bool {
    false
}

fn vault(dir: &Path) -> Check {
    if !dir.exists() {
        // `run` creates it; what counts is whether it can.
        return match nearest_existing(dir).map(writable) {
            Some(Ok(())) => Check::new(
                "vault",
                State::Ok,
                format!("{} will be created", dir.display()),
            ),
            _ => Check::new(
                "vault",
                State::Failed,
                format!("{} cannot be created", dir.display()),
            )
            .help("check the owner of the directory above it, or set vault.dir"),
        };
    }
    if let Err(error) = writable(dir) {
        return Check::new(
            "vault",
            State::Failed,
            format!("{} cannot be written: {error}", dir.display()),
        )
        .help("check its owner and whether the disk is mounted read-only");
    }
    let opened = Vault::open(dir).and_then(|vault| {
        let groups = vault.groups()?;
        for group in &groups {
            vault.reader(*group)?;
        }
        Ok(groups.len())
    });
    match opened {
        Ok(count) => Check::new(
            "vault",
            State::Ok,
            format!("{}, archives: {count}", dir.display()),
        ),
        Err(error) => Check::failed("vault", error.into()),
    }
}

/// Tries it: permission bits know nothing of read-only disks and access lists.
fn writable(dir: &Path) -> std::io::Result<()> {
    let probe = dir.join(format!(".topicvault-{}.probe", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}

fn nearest_existing(dir: &Path) -> Option<&Path> {
    dir.ancestors().find(|path| path.is_dir())
}

#[cfg(unix)]
fn space(dir: &Path) -> Check {
    let free = nearest_existing(dir)
        .and_then(|dir| rustix::fs::statvfs(dir).ok())
        .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    match free {
        None => Check::new("disk", State::Skipped, "the system does not say"),
        Some(free) if free < LITTLE_SPACE => Check::new(
            "disk",
            State::Warning,
            format!("only {} free", output::size(free)),
        )
        .help("free some space; a full disk stops capture, what is committed stays safe"),
        Some(free) => Check::new("disk", State::Ok, format!("{} free", output::size(free))),
    }
}

#[cfg(not(unix))]
fn space(_dir: &Path) -> Check {
    Check::new("disk", State::Skipped, "not checked on this system")
}

fn clock() -> Check {
    let now = jiff::Timestamp::now().as_second();
    if now < TOO_EARLY {
        return Check::new(
            "clock",
            State::Failed,
            format!("it says {} UTC", output::date(now)),
        )
        .help("set the system's clock; Telegram refuses messages from the wrong time");
    }
    Check::new("clock", State::Ok, format!("{} UTC", output::date(now)))
}

async fn network(loaded: &Loaded) -> Vec<Check> {
    let config = &loaded.config;
    let groups: Vec<GroupId> = config
        .groups
        .iter()
        .filter_map(|group| group.group().ok())
        .collect();
    let mut checks = Vec::new();
    if config.require_telegram().is_err() {
        checks.push(Check::new("login", State::Skipped, "api_id is not set"));
    } else if !capture::session_path(&config.telegram, &loaded.base).exists() {
        checks.push(Check::new("login", State::Skipped, "not logged in"));
    } else {
        checks.extend(patient("login", login(loaded, &groups)).await);
    }
    checks.extend(patient("bot", bot(config)).await);
    checks.extend(patient("crm", crm(config, groups.first().copied())).await);
    checks
}

/// A check that may hang gets an end.
async fn patient(name: &'static str, check: impl Future<Output = Vec<Check>>) -> Vec<Check> {
    let limit = std::time::Duration::from_secs(PATIENCE);
    tokio::time::timeout(limit, check)
        .await
        .unwrap_or_else(|_| {
            vec![
                Check::new(
                    name,
                    State::Failed,
                    format!("no answer within {PATIENCE} s"),
                )
                .help("check the network, a firewall or a proxy"),
            ]
        })
}

async fn login(loaded: &Loaded, groups: &[GroupId]) -> Vec<Check> {
    let userbot = match Userbot::connect(&loaded.config.telegram, &loaded.base).await {
        Ok(userbot) => userbot,
        Err(error) => return vec![Check::failed("login", error.into())],
    };
    let mut checks = vec![Check::new(
        "login",
        State::Ok,
        format!("{} ({})", userbot.me().name, userbot.me().id),
    )];
    for group in groups {
        checks.push(match userbot.check_groups(&[*group]).await {
            Ok(titles) => Check::new(
                "group",
                State::Ok,
                format!("{} ({})", titles.join(", "), group.marked()),
            ),
            Err(error) => Check::failed("group", error.into()),
        });
    }
    checks
}

async fn bot(config: &Config) -> Vec<Check> {
    if config.bot.token.is_empty() {
        return vec![Check::new("bot", State::Skipped, "none is set")];
    }
    let facts = match bot::check(config).await {
        Ok(facts) => facts,
        Err(error) => return vec![Check::failed("bot", error.into())],
    };
    let name = format!("@{}", facts.username);
    let mut checks = vec![if facts.can_read_all_group_messages {
        Check::new("bot", State::Ok, format!("{name}, privacy mode off"))
    } else {
        Check::new("bot", State::Warning, format!("{name}, privacy mode on"))
            .help("in @BotFather: /setprivacy, Disable; then remove the bot from the group and add it again")
    }];
    for place in &facts.groups {
        let group = place.group.marked();
        checks.push(match place.membership {
            Membership::Administrator => Check::new(
                "bot",
                State::Ok,
                format!("{name} is an administrator of {group}"),
            ),
            Membership::Member => {
                Check::new("bot", State::Ok, format!("{name} is a member of {group}"))
            }
            Membership::Restricted => Check::new(
                "bot",
                State::Failed,
                format!("{name} may not write in {group}"),
            )
            .help("lift its restriction in the group's settings"),
            Membership::Absent => {
                Check::new("bot", State::Failed, format!("{name} is not in {group}"))
                    .help("add it to the group; @BotFather's /setjoingroups must be enabled")
            }
        });
    }
    checks
}

async fn crm(config: &Config, group: Option<GroupId>) -> Vec<Check> {
    let api = match TopicsApi::new(&config.crm) {
        Ok(Some(api)) => api,
        Ok(None) => return vec![Check::new("crm", State::Skipped, "none is set")],
        Err(error) => return vec![Check::failed("crm", error.into())],
    };
    let Some(group) = group else {
        return vec![Check::new(
            "crm",
            State::Skipped,
            "there is no group to ask about",
        )];
    };
    // Whether it knows this topic is all the same: it must answer and take our key.
    vec![match api.info_by_topic(group, TopicId::GENERAL).await {
        Ok(_) => Check::new("crm", State::Ok, "it answers"),
        Err(error) => Check::failed("crm", error.into()),
    }]
}
