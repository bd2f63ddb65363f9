//! Whole exports: one file or many, with a manifest that says what they are.
//!
//! The messages come from [`feed`](super::feed), a writer makes a format of them, and a thread of
//! its own writes and hashes what comes of it onto the caller's [`Shelf`].

mod by_topic;
mod manifest;
mod scribe;
mod site;

use std::cell::RefCell;

use serde_json::{Map, Value, json};

pub use manifest::{
    ArchiveEntry, FileEntry, GroupEntry, Manifest, ManifestError, Privacy, Verdict,
};
pub use scribe::Shelf;

use super::choice::Choice;
use super::facts::page;
use super::filter::MediaFilter;
use super::pull::Pull;
use super::render::{Progress, go_on};
use super::run::Run;
use super::training::{Report, Trainer};
use super::writer::writer_of;
use super::{Format, Options, Summary, TranscriptError};
use crate::archive::{Order, Reader};
use scribe::Scribe;
pub(super) use scribe::Sheet;
pub(super) use site::{PAGE_SCRIPT, STYLE};

/// One group of an export.
#[derive(Debug)]
pub struct Group {
    /// Its archive.
    pub reader: Reader,
    /// What of it, and how; the format is the same for all groups.
    pub options: Options,
    /// Only what is new since the last export of its name.
    pub pull: Option<Pull>,
}

/// How an export lies in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One file of this name; of several groups, one in a directory of each.
    File(String),
    /// A file a topic; of pages, a site with an index.
    ByTopic,
    /// Formats to train on: a file a split, in a directory with what describes them.
    Folder,
}

/// Exports to `shelf`, in memory that does not follow the number of messages. `progress` hears the
/// number of messages so far and may stop it.
///
/// # Errors
/// Where an archive cannot be read, a file cannot be written, or `progress` breaks. What was written
/// until then is no usable export.
pub fn export(
    groups: &[Group],
    layout: &Layout,
    shelf: &mut dyn Shelf,
    progress: &mut Progress<'_>,
) -> Result<Manifest, TranscriptError> {
    let mut manifest = begin(groups);
    let mut scribe = Scribe::new()?;
    let mut trainer = None;
    let mut before = 0;
    for Group {
        reader,
        options,
        pull,
    } in groups
    {
        let dir = match groups {
            [_] => String::new(),
            _ => format!("{}/", reader.group()),
        };
        // The archive as it is before it is read: what comes in meanwhile is not promised.
        let archive = archive(reader, &mut manifest.warnings)?;
        let mut out = Out {
            scribe: &mut scribe,
            shelf,
            dir: &dir,
        };
        let progress = &mut |written| progress(before + written);
        let done = if options.format.is_for_training() {
            train(
                &mut trainer,
                reader,
                options,
                pull.as_ref(),
                layout,
                &mut out,
                progress,
            )
        } else {
            messages(reader, options, pull.as_ref(), layout, &mut out, progress)
        };
        let summary = explained(done, &mut scribe)?;
        if summary.unsure > 0 {
            manifest.warnings.push(format!(
                "group {}: the role of {} message{} is unsure (`topicvault doctor` says whose \
                 and what to do)",
                reader.group(),
                summary.unsure,
                if summary.unsure == 1 { "" } else { "s" }
            ));
        }
        before += summary.messages;
        for (kind, count) in &summary.replaced {
            *manifest.privacy.replaced.entry(kind.clone()).or_default() += count;
        }
        manifest.messages += summary.messages;
        manifest.groups.push(GroupEntry {
            group: reader.group().bare(),
            title: reader.title()?,
            messages: summary.messages,
            topics: summary.topics,
            unsure: summary.unsure,
            first_id: summary.ids.map(|(first, _)| first),
            last_id: summary.ids.map(|(_, last)| last),
            archive,
        });
    }
    if let (Some(trainer), Some(group)) = (trainer, groups.first()) {
        let mut out = Out {
            scribe: &mut scribe,
            shelf,
            dir: "",
        };
        let report = trainer.finish(&group.options, layout, &mut out);
        let report = explained(report, &mut scribe)?;
        if report.sessions == 0 {
            manifest.warnings.push(
                "no session was left to train on; the report says why, and readers of datasets \
                 refuse one without rows"
                    .to_owned(),
            );
        }
        manifest.privacy = Privacy {
            redacted: true,
            replaced: report.redacted.clone(),
            training_consent: Some("customers".to_owned()),
        };
        manifest.training = Some(report);
    }
    manifest.files = scribe.finish()?;
    Ok(manifest)
}

/// Where writing failed, the thread that writes knows why: others only notice that it ended.
fn explained<T>(
    done: Result<T, TranscriptError>,
    scribe: &mut Scribe,
) -> Result<T, TranscriptError> {
    if let Err(TranscriptError::Write(_)) = &done {
        scribe.finish()?;
    }
    done
}

/// Conversations to train on, which go on from group to group.
fn train(
    trainer: &mut Option<Trainer>,
    reader: &Reader,
    options: &Options,
    pull: Option<&Pull>,
    layout: &Layout,
    out: &mut Out<'_>,
    progress: &mut Progress<'_>,
) -> Result<Summary, TranscriptError> {
    if !options.training.consent {
        return Err(TranscriptError::Consent(reader.group()));
    }
    out.dir = "";
    let trainer = match trainer {
        Some(trainer) => trainer,
        None => trainer.insert(Trainer::new(options, layout, out)?),
    };
    trainer.group(reader, options, pull, out, progress)
}

/// Where files go.
pub(super) struct Out<'a> {
    scribe: &'a mut Scribe,
    shelf: &'a mut dyn Shelf,
    /// Before every path.
    dir: &'a str,
}

impl Out<'_> {
    /// Begins a file, which ends when what is returned is dropped.
    pub(super) fn begin(&mut self, path: &str) -> std::io::Result<Sheet> {
        let path = format!("{}{path}", self.dir);
        self.scribe.begin(self.shelf, &path)
    }

    /// The files that have ended so far.
    pub(super) fn written(&self) -> std::io::Result<Vec<FileEntry>> {
        self.scribe.written()
    }
}

/// A format of which each message is a part.
fn messages(
    reader: &Reader,
    options: &Options,
    pull: Option<&Pull>,
    layout: &Layout,
    out: &mut Out<'_>,
    progress: &mut Progress<'_>,
) -> Result<Summary, TranscriptError> {
    let name = match layout {
        Layout::File(name) => name,
        Layout::ByTopic if options.format == Format::Html => {
            return site::write(reader, options, pull, out, progress);
        }
        Layout::ByTopic => return by_topic::write(reader, options, pull, out, progress),
        Layout::Folder => return Err(TranscriptError::Layout(options.format.name())),
    };
    let failure = RefCell::new(None);
    let choice = Choice::new(reader, options)?.since(pull);
    let page = page(reader, options, &failure)?;
    let sheet = out.begin(name)?;
    let writer = writer_of(options.format, &page)?;
    let mut run = Run::new(&page, &options.roles, writer, Box::new(sheet));
    run.begin()?;
    choice.feed(reader, options, &mut |snapshot| {
        run.push(snapshot)?;
        go_on(&failure, run.written(), progress)
    })?;
    run.end()
}

fn begin(groups: &[Group]) -> Manifest {
    let options = groups.first().map(|group| &group.options);
    let mut manifest = Manifest::new(options.map_or("", |options| options.format.name()));
    manifest.filters = options.map(filters).unwrap_or_default();
    if let Some(pull) = groups.first().and_then(|group| group.pull.as_ref()) {
        let name = Value::from(pull.name());
        manifest.filters.insert("since_last".to_owned(), name);
    }
    manifest.privacy.redacted = options.is_some_and(|options| options.redact.is_some());
    manifest
}

/// The archive as it is now, and what its reader must know.
fn archive(reader: &Reader, warnings: &mut Vec<String>) -> Result<ArchiveEntry, TranscriptError> {
    let stats = reader.stats()?;
    if stats.unknown > 0 {
        warnings.push(format!(
            "group {}: of {} message ids nothing is known, so messages may be missing \
             (`topicvault audit --heal` fetches them)",
            reader.group(),
            stats.unknown
        ));
    }
    Ok(ArchiveEntry {
        root: format!("blake3:{}", reader.root()?),
        messages: stats.messages + stats.deleted,
        unknown: stats.unknown,
    })
}

/// What was asked for, by option; what takes everything is left out.
fn filters(options: &Options) -> Map<String, Value> {
    let Options {
        selection, filter, ..
    } = options;
    let mut asked = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            asked.insert(name.to_owned(), value);
        }
    };
    fn some<T: serde::Serialize>(list: &[T]) -> Option<Value> {
        (!list.is_empty()).then(|| json!(list))
    }
    put("topics", some(&selection.topics));
    put("since", selection.since.map(|at| json!(at)));
    put("until", selection.until.map(|at| json!(at)));
    put("skip_deleted", selection.skip_deleted.then(|| json!(true)));
    put("last", options.last.map(|last| json!(last)));
    put("users", some(&filter.people));
    put("roles", some(&filter.roles));
    put(
        "media",
        match &filter.media {
            MediaFilter::Whatever => None,
            MediaFilter::Any => Some(json!("any")),
            MediaFilter::None => Some(json!("none")),
            MediaFilter::Kinds(kinds) => Some(json!(kinds)),
        },
    );
    put("languages", some(&filter.languages));
    put(
        "min_turns",
        (filter.min_turns > 0).then(|| json!(filter.min_turns)),
    );
    put("closed", filter.closed.then(|| json!(true)));
    put("order", (options.order == Order::Id).then(|| json!("id")));
    asked
}
