//! Makes an export's files. Blocks: runs on a thread for that.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::pack::{Packed, pack};
use super::request::CommandError;
use super::scratch::{Scratch, Workshop};
use crate::archive::{ArchiveError, Reader, Vault};
use crate::model::{GroupId, MessageId, TopicId};
use crate::transcript::{self, Options, TranscriptError};

/// How long to wait until capture has seen the command itself, and so all that went before it.
/// Capture commits within some milliseconds; where it takes longer, it is behind.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(40);

/// An export to make.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) vault: Vault,
    pub(super) workshop: Workshop,
    pub(super) group: GroupId,
    pub(super) topic: TopicId,
    /// The command's own message.
    pub(super) command: MessageId,
    /// How long to wait for capture.
    pub(super) patience: Duration,
    pub(super) options: Options,
    /// Largest file, bytes.
    pub(super) limit: u64,
    /// Counts messages as they are written.
    pub(super) written: Arc<AtomicU64>,
    pub(super) abandon: CancellationToken,
}

/// An export that is made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) messages: u64,
    /// The topic's title, where known.
    pub(super) title: Option<String>,
    /// Capture has not yet seen the command.
    pub(super) behind: bool,
    /// Ids of the group of which nothing is known.
    pub(super) unknown: u64,
    /// Messages whose role is unsure.
    pub(super) unsure: u64,
    pub(super) files: Packed,
    /// Keeps the files until they are sent.
    pub(super) _scratch: Scratch,
}

impl Job {
    /// Makes the export; `None`: there is nothing to export.
    pub(super) fn run(self) -> Result<Option<Made>, CommandError> {
        if !self.vault.groups()?.contains(&self.group) {
            return Ok(None);
        }
        let reader = self.vault.reader(self.group)?;
        let seen = wait_for(&reader, self.command, self.patience, &self.abandon)?;
        let topic = reader
            .topics()?
            .into_iter()
            .find(|topic| topic.id == self.topic);
        let today = jiff::Timestamp::now()
            .to_zoned(self.options.timezone.clone())
            .date();
        let name = transcript::file_name(topic.as_ref(), self.options.format, today);
        let scratch = self.workshop.bench()?;
        let (path, file) = scratch.create(&name)?;
        let mut out = BufWriter::new(file);
        let rendered = transcript::render(&reader, &self.options, &mut out, &mut |written| {
            self.written.store(written, Ordering::Relaxed);
            if self.abandon.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let summary = match rendered {
            Err(TranscriptError::Stopped) => return Err(CommandError::Interrupted),
            rendered => rendered?,
        };
        out.flush()?;
        drop(out);
        if summary.messages == 0 {
            return Ok(None);
        }
        Ok(Some(Made {
            messages: summary.messages,
            title: topic.map(|topic| topic.title),
            behind: !seen,
            unknown: reader.stats()?.unknown,
            unsure: summary.unsure,
            files: pack(&scratch, &path, &name, self.limit)?,
            _scratch: scratch,
        }))
    }
}

/// Waits until the archive holds a message; whether it does.
pub(super) fn wait_for(
    reader: &Reader,
    message: MessageId,
    patience: Duration,
    abandon: &CancellationToken,
) -> Result<bool, ArchiveError> {
    let start = Instant::now();
    loop {
        if reader.message(message)?.is_some() {
            return Ok(true);
        }
        if start.elapsed() >= patience || abandon.is_cancelled() {
            return Ok(false);
        }
        std::thread::sleep(LOOK);
    }
}
