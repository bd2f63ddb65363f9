//! A writer on a thread of its own.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::thread;

use tokio::sync::{mpsc, oneshot, watch};

use super::append::{Appended, Position};
use super::compact::{CompactPolicy, Compactor, Fold};
use super::error::{ArchiveError, OpenError};
use super::media::FileChange;
use super::reader::Reader;
use super::seal::SealPolicy;
use super::store::MediaStore;
use super::vault::Vault;
use super::writer::Writer;
use crate::model::{GroupId, Observed};

/// Appends that may wait; whoever comes when it is full waits for room.
const QUEUE: usize = 256;

/// Events that are committed together at most, so that the first to wait does not wait long.
const TOGETHER: usize = 4096;

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
    Tidy(Answer<()>),
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
        let worker = Worker {
            writer,
            queue,
            committed,
            policy,
            seal_at: policy.hot_messages,
            compaction: compact.map(|policy| Compaction {
                vault: vault.clone(),
                group,
                policy,
                jobs: jobs.downgrade(),
            }),
            merging: false,
        };
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

/// The thread's side.
struct Worker {
    writer: Writer,
    queue: mpsc::Receiver<Job>,
    committed: watch::Sender<i64>,
    policy: SealPolicy,
    /// Hot messages at which to seal next: the policy's, or more after a failure.
    seal_at: u64,
    compaction: Option<Compaction>,
    /// The word index has parts to merge.
    merging: bool,
}

impl Worker {
    fn run(mut self) {
        while let Some(job) = self.next() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    Job::Append(events, positions, answer) => {
                        next = self.append(events, positions, answer);
                    }
                    Job::Files(changes, answer) => {
                        let _ = answer.send(self.writer.note_files(&changes));
                    }
                    Job::Fold(fold, answer) => {
                        let _ = answer.send(self.writer.fold(&fold));
                        self.merging = true;
                    }
                    Job::Tidy(answer) => {
                        let _ = answer.send(self.writer.sweep());
                    }
                    Job::Title(title, answer) => {
                        // Whoever stopped waiting for an answer needs none.
                        let _ = answer.send(self.writer.set_title(&title));
                    }
                    Job::Close(answer) => return self.close(answer),
                }
            }
            self.seal();
        }
    }

    /// The next job; while there is none, words are merged a little at a time. `None` at the end.
    fn next(&mut self) -> Option<Job> {
        while self.merging {
            match self.queue.try_recv() {
                Ok(job) => return Some(job),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
                Err(mpsc::error::TryRecvError::Empty) => {}
            }
            self.merging = self.writer.merge_words().unwrap_or_else(|error| {
                // The next sealing tries again.
                tracing::warn!(%error, "the word index stays in parts, searches are slower");
                false
            });
        }
        self.queue.blocking_recv()
    }

    /// Commits one append and those that wait behind it; returns the first job that is none.
    fn append(
        &mut self,
        events: Vec<Observed>,
        positions: Vec<Position>,
        answer: Answer<Appended>,
    ) -> Option<Job> {
        let mut count = events.len();
        let mut batch = vec![(events, positions)];
        let mut answers = vec![answer];
        let mut other = None;
        while count < TOGETHER {
            match self.queue.try_recv() {
                Ok(Job::Append(events, positions, answer)) => {
                    count += events.len();
                    batch.push((events, positions));
                    answers.push(answer);
                }
                Ok(job) => {
                    other = Some(job);
                    break;
                }
                Err(_) => break,
            }
        }
        let borrowed: Vec<_> = batch
            .iter()
            .map(|(events, positions)| (events.as_slice(), positions.as_slice()))
            .collect();
        match self.writer.append_all(&borrowed) {
            Ok(done) => {
                self.committed.send_replace(self.writer.last_seq());
                for (answer, appended) in answers.into_iter().zip(done) {
                    let _ = answer.send(Ok(appended));
                }
            }
            Err(error) => {
                for answer in answers {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
        other
    }

    /// Seals in an idle moment once enough is hot; when it is far too much, also between appends.
    fn seal(&mut self) {
        let hot = self.writer.hot();
        if hot < self.seal_at.max(1) || (!self.queue.is_empty() && hot < self.seal_at * 4) {
            return;
        }
        match self.writer.seal(&self.policy) {
            Ok(_) => {
                self.seal_at = self.policy.hot_messages;
                self.merging = true;
                if let Some(compaction) = &self.compaction {
                    compaction.start();
                }
            }
            Err(error) => {
                // The rows stay hot; with the disk full, for instance, there is no use in trying at
                // once again.
                self.seal_at = hot.saturating_add(self.policy.hot_messages.max(1));
                tracing::warn!(%error, "sealing failed, messages stay uncompressed for now");
            }
        }
    }

    /// Commits what is queued, then ends: the lock is free when the answer arrives.
    fn close(mut self, answer: Answer<()>) {
        self.queue.close();
        let mut closing = vec![answer];
        while let Ok(job) = self.queue.try_recv() {
            let mut next = Some(job);
            while let Some(job) = next.take() {
                match job {
                    Job::Append(events, positions, answer) => {
                        next = self.append(events, positions, answer);
                    }
                    Job::Files(changes, answer) => {
                        let _ = answer.send(self.writer.note_files(&changes));
                    }
                    Job::Title(title, answer) => {
                        let _ = answer.send(self.writer.set_title(&title));
                    }
                    // Compaction goes on another time.
                    Job::Fold(..) | Job::Tidy(_) => {}
                    Job::Close(answer) => closing.push(answer),
                }
            }
        }
        drop(self);
        for answer in closing {
            let _ = answer.send(Ok(()));
        }
    }
}

/// One compaction at a time in the whole process: each takes a core and 60 MB.
static COMPACTING: Mutex<()> = Mutex::new(());

/// Compacts on a thread of its own, which ends when there is nothing left to do or the writer is
/// gone.
struct Compaction {
    vault: Vault,
    group: GroupId,
    policy: CompactPolicy,
    jobs: mpsc::WeakSender<Job>,
}

impl Compaction {
    fn start(&self) {
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
        ask_writer(jobs, Job::Tidy)?;
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
