//! Fills `topic → customer` from the CRM: the author of a customer's message is the CRM's bot or
//! relay account and says nothing about who wrote.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::rota::{Answer, Rota, Turn};
use crate::archive::{ArchiveError, Handle, OpenError, Reader, TopicsSeen};
use crate::crm::{Crm, CrmError};
use crate::model::{Event, GroupId, Observed, Source, TopicId};

/// How often new topics are looked for at most, however much is committed.
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
    crm: Arc<dyn Crm>,
    stop: CancellationToken,
) {
    let work = async {
        let mut commits = archive.commits();
        let mut desk = Desk {
            group,
            archive,
            crm,
            rota: Rota::new(Instant::now()),
            seen: TopicsSeen::default(),
        };
        loop {
            commits.mark_unchanged();
            if let Err(reason) = desk.look().await {
                warn!(%group, error = %reason, "cannot look up topics");
            }
            let look_again = Instant::now() + LOOK_EVERY;
            if let Err(reason) = desk.serve(look_again).await {
                warn!(%group, error = %reason, "cannot look up customers");
            }
            tokio::time::sleep_until(look_again).await;
            tokio::select! {
                () = tokio::time::sleep_until(desk.rota.next_at()) => {}
                changed = commits.changed() => if changed.is_err() { return },
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// The customers of a group.
struct Desk {
    group: GroupId,
    archive: Handle,
    crm: Arc<dyn Crm>,
    rota: Rota,
    seen: TopicsSeen,
}

impl Desk {
    /// Puts new topics on the rota (General aside, which is nobody's).
    async fn look(&mut self) -> Result<(), LookError> {
        let mut seen = self.seen;
        let look = move |reader: &Reader| {
            let topics = reader.topics_without_customer(&mut seen)?;
            Ok((topics, seen))
        };
        let (mut topics, seen) = self.read(look).await?;
        self.seen = seen;
        topics.retain(|topic| *topic != TopicId::GENERAL);
        self.rota.add(topics, Instant::now());
        Ok(())
    }

    /// Asks about those whose turn it is, until `end`.
    async fn serve(&mut self, end: Instant) -> Result<(), LookError> {
        while let Some(turn) = self.rota.turn(Instant::now()) {
            match turn {
                Turn::Unknown(waiting) => {
                    let answer = self.ask(waiting.topic).await;
                    self.rota.answered(waiting, answer, Instant::now());
                }
                Turn::KnownAfter(reached) => {
                    let next = self
                        .read(move |reader| reader.customer_after(reached))
                        .await?;
                    let Some(topic) = next else {
                        self.rota.came_round(Instant::now());
                        continue;
                    };
                    let answer = self.ask(topic).await;
                    self.rota.refreshed(topic, answer, Instant::now());
                    tokio::time::sleep(REFRESH_PACE).await;
                }
            }
            if Instant::now() >= end {
                break;
            }
        }
        Ok(())
    }

    /// Asks the CRM about a topic, and writes down who the customer is.
    async fn ask(&self, topic: TopicId) -> Answer {
        let group = self.group;
        let customer = match self.crm.topic(group, topic).await {
            Ok(Some(info)) => info.customer,
            Ok(None) => return Answer::Nothing,
            Err(reason @ (CrmError::Refused { .. } | CrmError::OtherTopic { .. })) => {
                warn!(%group, %topic, error = %reason, "the CRM gave no answer");
                return Answer::Nothing;
            }
            Err(reason) => {
                warn!(%group, error = %reason, "the CRM cannot be asked now");
                return Answer::Outage;
            }
        };
        let observed = Observed {
            event: Event::Customer { topic, customer },
            source: Source::Crm,
            at: jiff::Timestamp::now().as_second(),
        };
        match self.archive.append(vec![observed], Vec::new()).await {
            Ok(_) => Answer::Customer,
            Err(reason) => {
                warn!(%group, %topic, error = %reason, "a customer could not be stored");
                Answer::Nothing
            }
        }
    }

    /// Reads from the archive, off the runtime's threads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T, LookError> {
        let archive = self.archive.clone();
        let work = move || Ok(read(&archive.reader()?)?);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| LookError::Task)?
    }
}
