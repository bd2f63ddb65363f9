//! The canary: a note that the bot posts, and how long it takes into the archive.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::check::{Check, State};
use crate::archive::{Handle, OpenError, Reader, SealPolicy, Vault};
use crate::bot::canary as post;
use crate::capture::{CaptureError, Progress, Userbot};
use crate::cli::context::reader;
use crate::cli::{Failure, exit};
use crate::config::Loaded;
use crate::model::{GroupId, TopicId};

/// How long the note may take into the archive.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait for our own capture to have read what is new. A long history goes on being
/// read meanwhile, and live messages do not wait for it.
const SETTLING: Duration = Duration::from_secs(20);

/// How often the archive is looked at: as exact as the answer is.
const LOOK: Duration = Duration::from_millis(2);

/// The group that is meant.
///
/// # Errors
/// When none or several could be.
pub(super) fn group(loaded: &Loaded, wanted: Option<&str>) -> Result<GroupId, Failure> {
    let groups = loaded.config.require_groups()?;
    match (wanted, groups.as_slice()) {
        (None, [only]) => Ok(*only),
        (None, several) => Err(Failure::new(
            exit::USAGE,
            format!("{} groups are configured; say which one", several.len()),
        )
        .help("--group ID")),
        (Some(wanted), groups) => {
            let by_id = wanted.parse().ok();
            let found = by_id.or_else(|| {
                let vault = Vault::open(&loaded.config.vault.dir).ok()?;
                Some(reader(&vault, Some(wanted)).ok()?.group())
            });
            found.filter(|group| groups.contains(group)).ok_or_else(|| {
                Failure::new(
                    exit::USAGE,
                    format!("no group {wanted:?} is configured with [[groups]]"),
                )
            })
        }
    }
}

/// Posts the note, waits for it in the archive, takes it away.
pub(super) async fn check(loaded: &Loaded, group: GroupId, topic: TopicId) -> Vec<Check> {
    let capture = match Capture::open(loaded, group).await {
        Ok(capture) => capture,
        Err(failure) => return vec![Check::failed("canary", failure)],
    };
    let checks = watched(loaded, group, topic, &capture).await;
    capture.close().await;
    checks
}

async fn watched(loaded: &Loaded, group: GroupId, topic: TopicId, capture: &Capture) -> Vec<Check> {
    let canary = match post(&loaded.config, group, topic).await {
        Ok(canary) => canary,
        Err(error) => return vec![Check::failed("canary", error.into())],
    };
    let arrived = arrival(&capture.reader, canary.id()).await;
    let is_there = matches!(arrived, Ok(Some(_)));
    let mut checks = vec![match arrived {
        Ok(Some(at)) => Check::new(
            "canary",
            State::Ok,
            format!(
                "archived {} ms after it was sent, {}, by {}",
                (at - canary.began()).as_millis(),
                after_answer(canary.answered(), at),
                capture.who(),
            ),
        ),
        Ok(None) => Check::new(
            "canary",
            State::Failed,
            format!(
                "message {} did not arrive in the archive within {} s",
                canary.id(),
                PATIENCE.as_secs()
            ),
        )
        .help(capture.advice()),
        Err(failure) => Check::failed("canary", failure),
    }];
    checks.push(match canary.delete().await {
        Ok(()) => Check::new(
            "canary",
            State::Ok,
            "the note is deleted again; the archive keeps it, marked as deleted",
        ),
        Err(error) => Check::new("canary", State::Warning, error.to_string())
            .help("delete the note by hand; it is a note and reached no customer"),
    });
    if capture.own.is_some() && is_there {
        // The deletion would be found at the next start; found now, it need not be.
        let _ =
            tokio::time::timeout(Duration::from_secs(2), gone(&capture.reader, canary.id())).await;
    }
    checks
}

fn after_answer(answered: Instant, arrived: Instant) -> String {
    match arrived.checked_duration_since(answered) {
        Some(later) => format!("{} ms after the Bot API's answer", later.as_millis()),
        None => format!(
            "{} ms before the Bot API's answer",
            (answered - arrived).as_millis()
        ),
    }
}

/// When a message stood in the archive; `None`: it did not come.
async fn arrival(reader: &Reader, id: crate::model::MessageId) -> Result<Option<Instant>, Failure> {
    let give_up = Instant::now() + PATIENCE;
    while Instant::now() < give_up {
        if reader.message(id)?.is_some() {
            return Ok(Some(Instant::now()));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(None)
}

async fn gone(reader: &Reader, id: crate::model::MessageId) {
    while !matches!(reader.message(id), Ok(Some(held)) if held.deleted_at.is_some()) {
        tokio::time::sleep(LOOK).await;
    }
}

/// Who captures meanwhile.
struct Capture {
    reader: Reader,
    /// `None`: a service that runs already.
    own: Option<Own>,
}

/// Our own capture.
struct Own {
    archive: Handle,
    stop: CancellationToken,
    task: JoinHandle<Result<(), CaptureError>>,
}

impl Capture {
    /// Finds a service that has the archive, or captures by itself.
    async fn open(loaded: &Loaded, group: GroupId) -> Result<Self, Failure> {
        let config = &loaded.config;
        let vault = Vault::create(&config.vault.dir)?;
        let policy = SealPolicy {
            hot_messages: config.vault.seal_after,
            level: config.vault.seal_level,
        };
        let archive = match Handle::spawn(&vault, group, policy) {
            Ok(archive) => archive,
            Err(OpenError::Locked { .. }) => {
                return Ok(Self {
                    reader: vault.reader(group)?,
                    own: None,
                });
            }
            Err(error) => return Err(error.into()),
        };
        let userbot = Userbot::connect(&config.telegram, &loaded.base).await?;
        userbot.check_groups(&[group]).await?;
        let (report, mut progress) = watch::channel(HashMap::<GroupId, Progress>::new());
        let stop = CancellationToken::new();
        let run = userbot.run(vec![(group, archive.clone())], report, stop.clone());
        let task = tokio::spawn(run);
        let settled = progress.wait_for(|all| all.get(&group).is_some_and(|it| it.caught_up));
        // Not settled, or ended: the note will tell.
        let _ = tokio::time::timeout(SETTLING, settled).await;
        Ok(Self {
            reader: archive.reader()?,
            own: Some(Own {
                archive,
                stop,
                task,
            }),
        })
    }

    fn who(&self) -> &'static str {
        match self.own {
            Some(_) => "this command, which captured meanwhile",
            None => "the running service",
        }
    }

    fn advice(&self) -> String {
        let look = match self.own {
            Some(_) => "see the log with -vv",
            None => "see /status in the topic and the service's log",
        };
        format!(
            "{look}: is the userbot a member of the group, is Telegram asking it to wait, is the \
             disk full?"
        )
    }

    async fn close(self) {
        let Some(own) = self.own else { return };
        own.stop.cancel();
        match own.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the canary's capture ended badly"),
            Err(_) => tracing::error!("the canary's capture broke off"),
        }
        if let Err(error) = own.archive.close().await {
            tracing::warn!(%error, "the archive was not closed well");
        }
    }
}
