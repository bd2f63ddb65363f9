//! The thread of a writer: commits what stands in line, seals, tidies up.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::compaction::Compaction;
use super::{Answer, Job};
use crate::archive::append::{Appended, Position};
use crate::archive::error::OpenError;
use crate::archive::seal::SealPolicy;
use crate::archive::writer::Writer;
use crate::model::Observed;

/// How long after the last sealing or compaction it lets go of what it keeps in memory for more.
const REST: Duration = Duration::from_secs(1);

/// Events that are committed together at most, so that the first to wait does not wait long.
const TOGETHER: usize = 4096;

/// The thread's side of a handle.
pub(super) struct Worker {
    writer: Writer,
    queue: mpsc::Receiver<Job>,
    committed: watch::Sender<i64>,
    policy: SealPolicy,
    /// Hot messages at which to seal next: the policy's, or more after a failure.
    seal_at: u64,
    compaction: Option<Compaction>,
    /// There is something to do that can wait.
    untidy: bool,
    /// When it lets go of what it keeps in memory, after much work.
    rest_at: Option<Instant>,
    /// Who waits for its end.
    closing: Vec<Answer<()>>,
    /// Waits for the queue no longer than so long.
    clock: Runtime,
}

impl Worker {
    /// What serves `queue` and tells of commits.
    pub(super) fn new(
        mut writer: Writer,
        queue: mpsc::Receiver<Job>,
        committed: watch::Sender<i64>,
        policy: SealPolicy,
        compaction: Option<Compaction>,
    ) -> Result<Self, OpenError> {
        writer.keep_little()?;
        let clock = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| OpenError::io(writer.path(), error))?;
        Ok(Self {
            writer,
            queue,
            committed,
            policy,
            seal_at: policy.hot_messages,
            compaction,
            untidy: false,
            rest_at: None,
            closing: Vec::new(),
            clock,
        })
    }

    /// Works until the queue ends, or until somebody closes it: then what is queued is committed
    /// first, and the lock is free when the answer arrives.
    pub(super) fn run(mut self) {
        while self.closing.is_empty()
            && let Some(job) = self.next()
        {
            self.serve(job);
            if self.closing.is_empty() {
                self.seal();
            }
        }
        self.queue.close();
        while let Ok(job) = self.queue.try_recv() {
            self.serve(job);
        }
        let closing = std::mem::take(&mut self.closing);
        drop(self);
        for answer in closing {
            let _ = answer.send(Ok(()));
        }
    }

    /// Does a job, and the one that it met while it looked for more of its kind. Whoever stopped
    /// waiting for an answer needs none.
    fn serve(&mut self, job: Job) {
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
                Job::Fold(..) | Job::Sweep(_) if !self.closing.is_empty() => {}
                Job::Fold(fold, answer) => {
                    let _ = answer.send(self.writer.fold(&fold));
                    self.worked();
                }
                Job::Sweep(answer) => {
                    let _ = answer.send(self.writer.sweep());
                }
                Job::Close(answer) => self.closing.push(answer),
            }
        }
    }

    /// The next job; while there is none, it tidies up a little at a time, then lets go of what it
    /// keeps in memory. `None` at the end.
    fn next(&mut self) -> Option<Job> {
        while self.untidy {
            match self.queue.try_recv() {
                Ok(job) => return Some(job),
                Err(mpsc::error::TryRecvError::Disconnected) => return None,
                Err(mpsc::error::TryRecvError::Empty) => {}
            }
            self.untidy = self.writer.tidy().unwrap_or_else(|error| {
                // The next sealing tries again.
                tracing::warn!(%error, "tidying up failed, searches may be slower");
                false
            });
        }
        if let Some(at) = self.rest_at {
            let soon = async { tokio::time::timeout_at(at, self.queue.recv()).await };
            if at > Instant::now()
                && let Ok(job) = self.clock.block_on(soon)
            {
                return job;
            }
            self.rest_at = None;
            self.writer.let_go();
        }
        self.queue.blocking_recv()
    }

    /// Messages were packed: that leaves some things to do, and more in memory than is needed.
    fn worked(&mut self) {
        self.untidy = true;
        self.rest_at = Some(Instant::now() + REST);
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
                self.worked();
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
}
