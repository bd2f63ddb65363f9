//! Compaction beside a writer's work.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::{Answer, Job};
use crate::archive::compact::{CompactPolicy, Compactor};
use crate::archive::error::ArchiveError;
use crate::archive::vault::Vault;
use crate::model::GroupId;

/// One compaction at a time in the whole process: each takes a core and 60 MB.
static COMPACTING: Mutex<()> = Mutex::new(());

/// Compacts on a thread of its own, which ends when there is nothing left to do or the writer is
/// gone.
pub(super) struct Compaction {
    vault: Vault,
    group: GroupId,
    policy: CompactPolicy,
    jobs: mpsc::WeakSender<Job>,
}

impl Compaction {
    /// Of a group's archive, through its writer's queue.
    pub(super) const fn new(
        vault: Vault,
        group: GroupId,
        policy: CompactPolicy,
        jobs: mpsc::WeakSender<Job>,
    ) -> Self {
        Self {
            vault,
            group,
            policy,
            jobs,
        }
    }

    /// Begins, unless one goes on already.
    pub(super) fn start(&self) {
        let (vault, group, policy) = (self.vault.clone(), self.group, self.policy);
        let jobs = self.jobs.clone();
        let work = move || {
            // Where another one runs, the next sealing asks again.
            let Ok(_alone) = COMPACTING.try_lock() else {
                return;
            };
            match compact(&vault, group, policy, &jobs) {
                // The writer was closed: another time.
                Ok(()) | Err(ArchiveError::Closed) => {}
                Err(error) => tracing::warn!(%error, "compaction failed, the archive stays larger"),
            }
        };
        let started = thread::Builder::new()
            .name(format!("compact-{}", self.group))
            .spawn(work);
        if let Err(error) = started {
            tracing::warn!(%error, "compaction cannot start");
        }
    }
}

fn compact(
    vault: &Vault,
    group: GroupId,
    policy: CompactPolicy,
    jobs: &mpsc::WeakSender<Job>,
) -> Result<(), ArchiveError> {
    let Ok(reader) = vault.reader(group) else {
        return Ok(());
    };
    let mut apply = |fold| ask_writer(jobs, |answer| Job::Fold(Box::new(fold), answer));
    let mut go_on = |_| ControlFlow::Continue(());
    let done = Compactor::new(reader, policy).run(&mut apply, &mut go_on)?;
    if done.messages > 0 {
        tracing::debug!(messages = done.messages, "compacted");
        ask_writer(jobs, Job::Sweep)?;
    }
    Ok(())
}

fn ask_writer<T>(
    jobs: &mpsc::WeakSender<Job>,
    job: impl FnOnce(Answer<T>) -> Job,
) -> Result<T, ArchiveError> {
    let (answer, answered) = oneshot::channel();
    // Held no longer than it takes, so that the thread ends with its last handle.
    let sender = jobs.upgrade().ok_or(ArchiveError::Closed)?;
    sender
        .blocking_send(job(answer))
        .map_err(|_| ArchiveError::Closed)?;
    drop(sender);
    answered.blocking_recv().map_err(|_| ArchiveError::Closed)?
}
