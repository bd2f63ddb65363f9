//! Where what was read goes: to a thread that packs, and on to one that writes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use jiff::tz::TimeZone;

use super::error::{ImportError, Place};
use super::files::Files;
use super::lines;
use super::scan::Chat;
use super::telegram::{self, Raw};
use super::topics::{Found, Topics};
use super::{Imported, Options};
use crate::archive::{FileChange, Load, Loaded, Loader, Vault, Writer};
use crate::model::{Event, GroupId, Observed, Person, PersonId, PersonKind, Snapshot, Source};

/// Messages packed and written together.
const TOGETHER: usize = 8_192;
/// Names that are remembered, so that they are not told again with each message.
const NAMES: usize = 65_536;

/// The group that a chat is, where it is one that can be imported.
pub(super) fn group_of(chat: &Chat, options: &Options) -> Option<GroupId> {
    let is_supergroup = matches!(
        chat.kind.as_deref(),
        Some("private_supergroup" | "public_supergroup")
    );
    let own = chat.id.filter(|_| is_supergroup).and_then(|id| {
        // Some write the marked form.
        GroupId::from_bare(id).or_else(|| GroupId::from_marked(id))
    });
    match (options.group, own) {
        (Some(wanted), Some(own)) if wanted != own => None,
        (wanted, own) => wanted.or(own),
    }
}

/// Reads a record of a Telegram Desktop export; errs with what is wrong.
pub(super) fn read(bytes: &[u8], zone: &TimeZone) -> Result<telegram::Read, String> {
    let raw: Raw<'_> = serde_json::from_slice(bytes).map_err(|error| lines::wrong(&error))?;
    telegram::read(raw, zone)
}

/// Messages on their way.
#[derive(Default)]
struct Batch {
    messages: Vec<Snapshot>,
    facts: Vec<Observed>,
    files: Vec<FileChange>,
}

/// One group's archive while a file is read.
pub(super) struct Target {
    group: GroupId,
    options: Options,
    /// Gone once everything was read: the writer has to be the last to close the archive.
    topics: Option<Topics>,
    files: Option<Files>,
    batch: Batch,
    names: HashMap<i64, String>,
    report: Imported,
    to_pack: Option<SyncSender<Batch>>,
    packing: JoinHandle<Result<(), ImportError>>,
    writing: JoinHandle<Result<Loaded, ImportError>>,
}

impl Target {
    pub(super) fn open(
        vault: &Vault,
        group: GroupId,
        title: Option<String>,
        options: &Options,
    ) -> Result<Self, ImportError> {
        let mut writer = vault.writer(group)?;
        if let Some(title) = title.as_deref().filter(|title| !title.is_empty()) {
            writer.set_title(title)?;
        }
        let files = |dir: &Path| Files::new(dir, vault.media(), group);
        let settled = options.files.as_deref().map(files);
        let loader = Loader::new(vault.reader(group)?, options.level, options.at)?;
        let (to_pack, pack) = sync_channel(1);
        let (to_write, write) = sync_channel(1);
        let at = options.at;
        Ok(Self {
            group,
            options: options.clone(),
            topics: Some(Topics::new(vault.reader(group)?)?),
            files: options.files.as_deref().map(files),
            batch: Batch::default(),
            names: HashMap::new(),
            report: Imported {
                group: group.bare(),
                title,
                ..Imported::default()
            },
            to_pack: Some(to_pack),
            packing: thread::spawn(move || packing(loader, &pack, to_write)),
            writing: thread::spawn(move || writing(writer, &write, settled.as_ref(), at)),
        })
    }

    pub(super) fn group(&self) -> GroupId {
        self.group
    }

    /// Takes a record of a Telegram Desktop export.
    pub(super) fn telegram(&mut self, bytes: &[u8], place: Place) -> Result<(), ImportError> {
        let read = read(bytes, &self.options.zone);
        let mut read = match read {
            Ok(read) => read,
            Err(what) => return self.bad(place, what),
        };
        let message = &mut read.snapshot.message;
        if let Some(topics) = &mut self.topics
            && topics.place(message, read.topic, read.answers)? == Found::Lost
        {
            self.report.lost += 1;
        }
        if let (Some(files), Some(path), Some(media)) =
            (&self.files, &read.file, &mut message.media)
            && let Some(change) = files.take(path, media)?
        {
            self.report.files += 1;
            self.batch.files.push(change);
        }
        if let Some(author) = read.author {
            self.person(author.id, author.kind, &author.name);
        }
        self.snapshot(read.snapshot);
        Ok(())
    }

    /// Notes what somebody is called.
    pub(super) fn person(&mut self, id: PersonId, kind: PersonKind, name: &str) {
        if name.is_empty() || self.names.get(&id.0).is_some_and(|known| known == name) {
            return;
        }
        if self.names.len() >= NAMES {
            self.names.clear();
        }
        self.names.insert(id.0, name.to_owned());
        let person = Person {
            id,
            kind,
            name: name.to_owned(),
            username: None,
        };
        self.batch.facts.push(Observed {
            event: Event::Person(person),
            source: Source::Import,
            at: self.options.at,
        });
    }

    pub(super) fn snapshot(&mut self, snapshot: Snapshot) {
        self.report.messages += 1;
        self.batch.messages.push(snapshot);
    }

    /// A record that cannot be read.
    pub(super) fn bad(&mut self, place: Place, what: String) -> Result<(), ImportError> {
        self.report.left_out.add(&self.options, place, what)
    }

    pub(super) fn is_full(&self) -> bool {
        self.batch.messages.len() >= TOGETHER
    }

    /// Hands over what was read so far.
    pub(super) fn flush(&mut self) -> Result<(), ImportError> {
        let batch = std::mem::take(&mut self.batch);
        let sent = self.to_pack.as_ref().map(|to_pack| to_pack.send(batch));
        match sent {
            Some(Ok(())) => Ok(()),
            // A thread has ended: why, it says.
            _ => self.end().map(drop),
        }
    }

    /// Waits until everything is written.
    pub(super) fn finish(mut self) -> Result<Imported, ImportError> {
        self.flush()?;
        let loaded = self.end()?;
        self.report.new = loaded.new;
        self.report.edited = loaded.edited;
        self.report.known = self
            .report
            .messages
            .saturating_sub(loaded.new + loaded.edited);
        Ok(self.report)
    }

    fn end(&mut self) -> Result<Loaded, ImportError> {
        self.topics = None;
        self.to_pack = None;
        let ended = || ImportError::Archive(crate::archive::ArchiveError::Closed);
        let idle = || thread::spawn(|| Ok(()));
        let packing = std::mem::replace(&mut self.packing, idle());
        let writing = thread::spawn(|| Ok(Loaded::default()));
        let writing = std::mem::replace(&mut self.writing, writing);
        // The writer's trouble is the cause of the packer's.
        let loaded = writing.join().map_err(|_| ended())??;
        packing.join().map_err(|_| ended())??;
        Ok(loaded)
    }
}

type Packed = (Load, Vec<FileChange>);

fn packing(
    mut loader: Loader,
    batches: &Receiver<Batch>,
    to_write: SyncSender<Packed>,
) -> Result<(), ImportError> {
    for batch in batches {
        let load = loader.pack(batch.messages, batch.facts)?;
        if to_write.send((load, batch.files)).is_err() {
            break;
        }
    }
    // Before the writer, which ends when nothing can come any more.
    drop(loader);
    drop(to_write);
    Ok(())
}

fn writing(
    mut writer: Writer,
    loads: &Receiver<Packed>,
    files: Option<&Files>,
    at: i64,
) -> Result<Loaded, ImportError> {
    let mut all = Loaded::default();
    for (load, changes) in loads {
        if !load.is_empty() {
            let loaded = writer.load(load, at)?;
            all.new += loaded.new;
            all.edited += loaded.edited;
            all.known += loaded.known;
        }
        if !changes.is_empty() {
            writer.note_files(&changes)?;
            if let Some(files) = files {
                files.settle(&changes)?;
            }
        }
    }
    Ok(all)
}
