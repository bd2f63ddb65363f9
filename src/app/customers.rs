//! Fills `topic → customer` from the CRM: the author of a customer's message is the CRM's bot or
//! relay account and says nothing about who wrote.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::rota::{Answer, Rota};
use crate::archive::{ArchiveError, Handle, OpenError};
use crate::crm::{CrmError, TopicsApi};
use crate::model::{Event, GroupId, Observed, Source, TopicId};

/// How often the list of topics is read at most, however much is committed: with 20,000 topics
/// that takes some 20 ms.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The pause between two questions about customers who are known: nobody waits for the answer.
const REFRESH_PACE: Duration = Duration::from_secs(1);

#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("a reading task ended unexpectedly")]
    Task,
}

/// Asks the CRM about every topic: soon where the customer is unknown, now and then otherwise.
/// Nothing waits for it, and while the CRM is down it is left alone for longer and longer.
pub(super) async fn follow(
    group: GroupId,
    archive: Handle,
    crm: TopicsApi,
    stop: CancellationToken,
) {
    let work = async {
        let mut commits = archive.commits();
        let mut rota = Rota::default();
        loop {
            commits.mark_unchanged();
            if let Err(reason) = look(&archive, &mut rota).await {
                warn!(%group, error = %reason, "cannot look up topics");
            }
            let look_again = Instant::now() + LOOK_EVERY;
            serve(group, &archive, &crm, &mut rota, look_again).await;
            tokio::time::sleep_until(look_again).await;
            let next = rota.next_at();
            tokio::select! {
                () = async {
                    match next {
                        Some(at) => tokio::time::sleep_until(at).await,
                        None => std::future::pending().await,
                    }
                } => {}
                changed = commits.changed() => if changed.is_err() { return },
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// Asks about the topics whose turn it is, until `end`.
async fn serve(group: GroupId, archive: &Handle, crm: &TopicsApi, rota: &mut Rota, end: Instant) {
    while let Some((topic, known)) = rota.turn(Instant::now()) {
        let answer = match crm.info_by_topic(group, topic).await {
            Ok(Some(customer)) => {
                let observed = Observed {
                    event: Event::Customer { topic, customer },
                    source: Source::Crm,
                    at: jiff::Timestamp::now().as_second(),
                };
                if let Err(reason) = archive.append(vec![observed], Vec::new()).await {
                    warn!(%group, %topic, error = %reason, "a customer could not be stored");
                    rota.answered(topic, Answer::Nothing, Instant::now());
                    return;
                }
                Answer::Customer
            }
            Ok(None) => Answer::Nothing,
            Err(reason @ (CrmError::Refused { .. } | CrmError::OtherTopic { .. })) => {
                warn!(%group, %topic, error = %reason, "the CRM gave no answer");
                Answer::Nothing
            }
            Err(reason) => {
                warn!(%group, error = %reason, "the CRM cannot be asked now");
                Answer::Outage
            }
        };
        rota.answered(topic, answer, Instant::now());
        if known {
            tokio::time::sleep(REFRESH_PACE).await;
        }
        if Instant::now() >= end {
            return;
        }
    }
}

/// Puts new topics on the rota (General aside, which is nobody's).
async fn look(archive: &Handle, rota: &mut Rota) -> Result<(), LookError> {
    let archive = archive.clone();
    let planned = rota.topics();
    let look = move || -> Result<Vec<(TopicId, bool)>, LookError> {
        let reader = archive.reader()?;
        let mut new = Vec::new();
        reader.each_topic(&mut |topic| {
            if topic.id != TopicId::GENERAL && !planned.contains(&topic.id) {
                new.push(topic.id);
            }
        })?;
        new.into_iter()
            .map(|topic| Ok((topic, reader.customer(topic)?.is_some())))
            .collect()
    };
    let new = tokio::task::spawn_blocking(look)
        .await
        .map_err(|_| LookError::Task)??;
    for (topic, known) in new {
        rota.add(topic, known, Instant::now());
    }
    Ok(())
}
