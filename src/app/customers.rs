//! Fills `topic → customer` from the CRM: the author of a customer's message is the CRM's bot or
//! relay account and says nothing about who wrote.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::archive::{ArchiveError, Handle, OpenError};
use crate::crm::TopicsApi;
use crate::model::{Event, GroupId, Observed, Source, TopicId};

/// Topics that the CRM did not know, or did not answer about, are asked about again after this.
const ASK_AGAIN: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("a reading task ended unexpectedly")]
    Task,
}

/// Asks the CRM about every topic whose customer is unknown, now and whenever the archive grows.
pub(super) async fn follow(
    group: GroupId,
    archive: Handle,
    crm: TopicsApi,
    stop: CancellationToken,
) {
    let mut commits = archive.commits();
    let mut asked: HashMap<TopicId, Instant> = HashMap::new();
    loop {
        commits.mark_unchanged();
        if let Err(reason) = ask(group, &archive, &crm, &mut asked, &stop).await {
            warn!(%group, error = %reason, "cannot look up customers");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ASK_AGAIN) => {}
            changed = commits.changed() => if changed.is_err() { return },
        }
    }
}

async fn ask(
    group: GroupId,
    archive: &Handle,
    crm: &TopicsApi,
    asked: &mut HashMap<TopicId, Instant>,
    stop: &CancellationToken,
) -> Result<(), LookError> {
    for topic in unknown_topics(archive).await? {
        let recently = asked.get(&topic).is_some_and(|at| at.elapsed() < ASK_AGAIN);
        if recently {
            continue;
        }
        asked.insert(topic, Instant::now());
        let answer = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            answer = crm.info_by_topic(group, topic) => answer,
        };
        match answer {
            Ok(Some(customer)) => {
                let event = Event::Customer { topic, customer };
                let observed = Observed {
                    event,
                    source: Source::Crm,
                    at: now(),
                };
                archive.append(vec![observed], Vec::new()).await?;
            }
            Ok(None) => {}
            Err(reason) => warn!(%group, %topic, error = %reason, "the CRM gave no answer"),
        }
    }
    Ok(())
}

/// Topics (General aside, which is nobody's) without a known customer.
async fn unknown_topics(archive: &Handle) -> Result<Vec<TopicId>, LookError> {
    let archive = archive.clone();
    let look = move || -> Result<Vec<TopicId>, LookError> {
        let reader = archive.reader()?;
        let mut unknown = Vec::new();
        for topic in reader.topics()? {
            if topic.id != TopicId::GENERAL && reader.customer(topic.id)?.is_none() {
                unknown.push(topic.id);
            }
        }
        Ok(unknown)
    };
    tokio::task::spawn_blocking(look)
        .await
        .map_err(|_| LookError::Task)?
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
