//! A writer on a thread of its own.

mod compaction;
mod worker;

use std::thread;

use tokio::sync::{mpsc, oneshot, watch};

use self::compaction::Compaction;
use self::worker::Worker;
use super::append::{Appended, Position};
use super::compact::{CompactPolicy, Fold};
use super::error::{ArchiveError, OpenError};
use super::media::FileChange;
use super::reader::Reader;
use super::seal::SealPolicy;
use super::store::MediaStore;
use super::vault::Vault;
use crate::model::{GroupId, Observed};

/// Appends that may wait; whoever comes when it is full waits for room.
const QUEUE: usize = 256;

/// A writer on a thread of its own. Clones share it; it ends when the last one is dropped. The
/// archive's lock is released when the thread has ended, which only [`close`](Self::close) waits for.
#[derive(Clone, Debug)]
pub struct Handle {
    jobs: mpsc::Sender<Job>,
    commits: watch::Receiver<i64>,
    vault: Vault,
    group: GroupId,
}

/// Events that stand in line to be committed.
#[derive(Debug)]
pub struct Submitted(oneshot::Receiver<Result<Appended, ArchiveError>>);

impl Submitted {
    /// Returns after the commit.
    pub async fn committed(self) -> Result<Appended, ArchiveError> {
        self.0.await.map_err(|_| ArchiveError::Closed)?
    }
}

type Answer<T> = oneshot::Sender<Result<T, ArchiveError>>;

#[derive(Debug)]
enum Job {
    Append(Vec<Observed>, Vec<Position>, Answer<Appended>),
    Title(String, Answer<()>),
    Files(Vec<FileChange>, Answer<()>),
    Fold(Box<Fold>, Answer<Option<i64>>),
    Sweep(Answer<()>),
    Close(Answer<()>),
}

impl Handle {
    /// Starts the thread. It seals by itself as the policy says.
    pub fn spawn(vault: &Vault, group: GroupId, policy: SealPolicy) -> Result<Self, OpenError> {
        Self::spawn_compacting(vault, group, policy, None)
    }

    /// The same, and compacts beside its work, on a further thread.
    pub fn spawn_compacting(
        vault: &Vault,
        group: GroupId,
        policy: SealPolicy,
        compact: Option<CompactPolicy>,
    ) -> Result<Self, OpenError> {
        let writer = vault.writer(group)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (committed, commits) = watch::channel(writer.last_seq());
        let compaction =
            compact.map(|policy| Compaction::new(vault.clone(), group, policy, jobs.downgrade()));
        let worker = Worker::new(writer, queue, committed, policy, compaction)?;
        thread::Builder::new()
            .name(format!("archive-{group}"))
            .spawn(move || worker.run())
            .map_err(|error| OpenError::io(vault.dir(), error))?;
        Ok(Self {
            jobs,
            commits,
            vault: vault.clone(),
            group,
        })
    }

    /// Appends; returns after the commit. What waits together is committed together.
    pub async fn append(
        &self,
        events: Vec<Observed>,
        positions: Vec<Position>,
    ) -> Result<Appended, ArchiveError> {
        self.submit(events, positions).await?.committed().await
    }

    /// Hands events over to be appended; returns as soon as they stand in line, in the order of the
    /// calls, and what tells of the commit.
    pub async fn submit(
        &self,
        events: Vec<Observed>,
        positions: Vec<Position>,
    ) -> Result<Submitted, ArchiveError> {
        let (answer, answered) = oneshot::channel();
        self.jobs
            .send(Job::Append(events, positions, answer))
            .await
            .map_err(|_| ArchiveError::Closed)?;
        Ok(Submitted(answered))
    }

    /// Remembers the group's title.
    pub async fn set_title(&self, title: String) -> Result<(), ArchiveError> {
        self.ask(|answer| Job::Title(title, answer)).await
    }

    /// Notes what became of files; returns after the commit. Nobody is woken: the log is the same.
    pub async fn note_files(&self, changes: Vec<FileChange>) -> Result<(), ArchiveError> {
        self.ask(|answer| Job::Files(changes, answer)).await
    }

    /// Where contents of files are kept.
    #[must_use]
    pub fn media(&self) -> MediaStore {
        self.vault.media()
    }

    /// Wakes at each commit with the log's highest sequence number.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<i64> {
        self.commits.clone()
    }

    /// A reader of the same archive.
    pub fn reader(&self) -> Result<Reader, OpenError> {
        self.vault.reader(self.group)
    }

    /// Ends the thread after what is queued has been committed.
    pub async fn close(self) -> Result<(), ArchiveError> {
        self.ask(Job::Close).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, ArchiveError> {
        let (answer, answered) = oneshot::channel();
        self.jobs
            .send(job(answer))
            .await
            .map_err(|_| ArchiveError::Closed)?;
        answered.await.map_err(|_| ArchiveError::Closed)?
    }
}
