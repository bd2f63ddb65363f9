//! What can be checked without the network.

use std::path::Path;

use super::check::{Check, State};
use crate::archive::Vault;
use crate::capture;
use crate::cli::output;
use crate::config::{Config, Loaded};
use crate::connectors::Catalogue;

/// Less free space than this is worth a word.
const LITTLE_SPACE: u64 = 1_000_000_000;
/// A clock before this (2026-01-01) was never set.
const TOO_EARLY: i64 = 1_767_225_600;

/// Whether the configuration says what `run` needs.
pub(super) fn configuration(loaded: &Loaded) -> Vec<Check> {
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
    checks.extend(connectors(config));
    if config.privacy.purpose.is_empty() {
        checks.push(
            Check::new("privacy", State::Warning, "no purpose is stated")
                .help("set privacy.purpose: what the correspondence is kept for"),
        );
    }
    checks
}

/// Whether each connector has what it needs; the first file that is wrong stands for the others.
fn connectors(config: &Config) -> Vec<Check> {
    let dir = &config.connectors.dir;
    let connectors = match Catalogue::read(dir) {
        Ok(found) => found.connectors,
        Err(error) => return vec![Check::failed("connect", error.into())],
    };
    let checked = connectors.iter().map(|one| {
        let missing = one.missing(dir);
        if missing.is_empty() {
            return Check::new("connect", State::Ok, one.title.clone());
        }
        let what = format!("{}: {}", one.title, missing.join("; "));
        Check::new("connect", State::Warning, what)
    });
    checked.collect()
}

/// Whether there is a login for each account.
pub(super) fn sessions(loaded: &Loaded) -> Vec<Check> {
    let config = &loaded.config;
    let mut accounts = config.accounts();
    if accounts.is_empty() {
        accounts.insert(config.telegram.account.clone(), Vec::new());
    }
    accounts
        .keys()
        .map(|account| session(loaded, account))
        .collect()
}

/// Whether there is a login, for its owner only.
fn session(loaded: &Loaded, account: &str) -> Check {
    let path = capture::session_path(&loaded.config.login_of(account), &loaded.base);
    match std::fs::metadata(&path) {
        Err(_) => Check::new(
            "session",
            State::Failed,
            format!("there is no login at {}", path.display()),
        )
        .help(if account == loaded.config.telegram.account {
            "topicvault login".to_owned()
        } else {
            format!("topicvault login --account {account}")
        }),
        Ok(meta) if others_may_read(&meta) => Check::new(
            "session",
            State::Failed,
            format!(
                "others can read {}: whoever has it has the account",
                path.display()
            ),
        )
        .help(format!("chmod 600 {}", path.display())),
        Ok(_) => encryption(loaded, &path.display().to_string()),
    }
}

/// Whether a login's file is of use to whoever copies it.
fn encryption(loaded: &Loaded, path: &str) -> Check {
    use capture::Encryption;
    match capture::encryption(&loaded.config.telegram, &loaded.base) {
        Encryption::Encrypted => Check::new("session", State::Ok, format!("{path}, encrypted")),
        Encryption::Planned => Check::new(
            "session",
            State::Ok,
            format!("{path}, not encrypted yet: it will be when it is next used"),
        ),
        Encryption::Plain => Check::new("session", State::Ok, format!("{path}, not encrypted"))
            .help("set telegram.session_key to encrypt it at rest; whoever has a plain copy has the account"),
        Encryption::Locked(trouble) => Check::new("session", State::Failed, trouble),
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

/// Whether the vault can be written and every archive opened.
pub(super) fn vault(dir: &Path) -> Check {
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

/// How much room is left.
#[cfg(unix)]
pub(super) fn space(dir: &Path) -> Check {
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

/// How much room is left.
#[cfg(not(unix))]
pub(super) fn space(_dir: &Path) -> Check {
    Check::new("disk", State::Skipped, "not checked on this system")
}

/// Whether the clock was ever set.
pub(super) fn clock() -> Check {
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
