//! Makes an export's files. Blocks: runs on a thread for that.

use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::pack::{Packed, pack};
use super::request::CommandError;
use super::scratch::{Scratch, Workshop};
use crate::archive::{ArchiveError, Reader, Vault};
use crate::model::{GroupId, MessageId, TopicId};
use crate::transcript::{self, Format, Key, Layout, Manifest, Options, Shelf, TranscriptError};

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
    /// The file with the key for pseudonyms, where personal data is to be replaced.
    pub(super) key: Option<PathBuf>,
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
        let mut options = self.options.clone();
        if let Some(file) = &self.key {
            options.redact = Some(Key::in_file(file)?);
        }
        // A title may be somebody's name.
        let titled = topic.as_ref().filter(|_| options.redact.is_none());
        let stem = match titled {
            Some(_) => transcript::file_name(titled, options.format, today),
            None => format!("{}-{today}.{}", self.topic, options.format.extension()),
        };
        let layout = match options.format {
            Format::Dataset => Layout::Folder,
            _ => Layout::File(stem.clone()),
        };
        let scratch = self.workshop.bench()?;
        let mut shelf = Bench {
            scratch: &scratch,
            files: Vec::new(),
        };
        let unknown = reader.stats()?.unknown;
        let groups = [transcript::Group {
            reader,
            options,
            pull: None,
        }];
        let made = transcript::export(&groups, &layout, &mut shelf, &mut |written| {
            self.written.store(written, Ordering::Relaxed);
            if self.abandon.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let manifest = match made {
            Err(TranscriptError::Stopped) => return Err(CommandError::Interrupted),
            made => made?,
        };
        let nothing = match &manifest.training {
            Some(report) => report.sessions == 0,
            None => manifest.messages == 0,
        };
        if nothing {
            return Ok(None);
        }
        let (path, name) = shelf.whole(&stem, &manifest)?;
        Ok(Some(Made {
            messages: manifest.messages,
            title: topic.map(|topic| topic.title),
            behind: !seen,
            unknown,
            unsure: manifest.groups.iter().map(|group| group.unsure).sum(),
            files: pack(&scratch, &path, &name, self.limit)?,
            _scratch: scratch,
        }))
    }
}

/// The files of an export while they are being made.
struct Bench<'a> {
    scratch: &'a Scratch,
    /// Names within the export, and where they lie.
    files: Vec<(String, PathBuf)>,
}

impl Shelf for Bench<'_> {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write + Send>> {
        // A number keeps files of like names in different directories apart.
        let name = path.replace('/', "-");
        let (place, file) = self
            .scratch
            .create(&format!("{}-{name}", self.files.len()))?;
        self.files.push((path.to_owned(), place));
        Ok(Box::new(file))
    }
}

impl Bench<'_> {
    /// The export as one file: itself, or a ZIP archive of all that belongs to it and the manifest.
    fn whole(&self, stem: &str, manifest: &Manifest) -> io::Result<(PathBuf, String)> {
        if let [(_, path)] = self.files.as_slice() {
            return Ok((path.clone(), stem.to_owned()));
        }
        let name = format!("{stem}.zip");
        let (path, file) = self.scratch.create(&name)?;
        let mut zip = zip::ZipWriter::new(file);
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        for (name, place) in &self.files {
            zip.start_file(name.as_str(), options)?;
            io::copy(&mut File::open(place)?, &mut zip)?;
        }
        zip.start_file("manifest.json", options)?;
        zip.write_all(manifest.to_json().as_bytes())?;
        zip.finish()?;
        Ok((path, name))
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
