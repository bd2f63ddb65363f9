//! The first connections: what Telegram says at the start counts, and its silence does not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::capture::{CaptureError, Trouble, Userbot};
use crate::config::{Config, TelegramConfig};
use crate::model::GroupId;

/// How long a start waits for Telegram; after that the rest of the service must not.
const PATIENCE: Duration = Duration::from_secs(12);

/// An account's first connection, or why there is none yet.
pub(super) type First = Result<Userbot, CaptureError>;

/// Connects every account and has Telegram look at its groups.
///
/// # Errors
/// What nobody but a person can put right: settings, a login's file, a group that is none.
pub(super) async fn connect(
    config: &Config,
    base: &Path,
) -> Result<BTreeMap<String, First>, CaptureError> {
    let mut attempts = JoinSet::new();
    for (account, groups) in config.accounts() {
        let telegram = config.login_of(&account);
        let base = base.to_owned();
        attempts.spawn(async move { (account, one(telegram, base, groups).await) });
    }
    let mut first = BTreeMap::new();
    while let Some(attempt) = attempts.join_next().await {
        match attempt {
            Ok((account, attempt)) => drop(first.insert(account, attempt?)),
            Err(_) => tracing::error!("a first connection broke off; trying again"),
        }
    }
    Ok(first)
}

/// Whether waiting does not help, but somebody who logs in.
pub(super) fn needs_a_person(first: &First) -> bool {
    first.as_ref().is_err_and(|error| {
        matches!(
            error.trouble(),
            Trouble::NotLoggedIn
                | Trouble::Revoked
                | Trouble::Duplicated
                | Trouble::Deactivated
                | Trouble::Moved
        )
    })
}

async fn one(
    telegram: TelegramConfig,
    base: PathBuf,
    groups: Vec<GroupId>,
) -> Result<First, CaptureError> {
    let work = async {
        let userbot = match Userbot::connect(&telegram, &base).await {
            Ok(userbot) => userbot,
            Err(error) if matches!(error.trouble(), Trouble::Settings | Trouble::Session) => {
                return Err(error);
            }
            Err(error) => return Ok(Err(error)),
        };
        match userbot.check_groups(&groups).await {
            Err(error) if matches!(error.trouble(), Trouble::NotMember | Trouble::NotForum) => {
                Err(error)
            }
            // Other trouble meets the capture as well, which knows how to live with it.
            _ => Ok(Ok(userbot)),
        }
    };
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| {
            Ok(Err(CaptureError::Unreachable {
                reason: format!("no answer within {} s", PATIENCE.as_secs()),
            }))
        })
}
