//! `export`: transcripts of a group or of some of its topics, and data to train on.

mod args;
mod bar;
mod part;
mod verify;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::context::{self, Context};
use super::failure::{Failure, is_broken_pipe};
use super::follow::say;
use super::interrupt::Interrupt;
use super::{exit, output, roles, time};
use crate::archive::{Reader, Selection, Vault};
use crate::config::{Config, GroupConfig, TrainingConsent};
use crate::model::{GroupId, MediaKind, PersonId, Topic, TopicId};
use crate::transcript::{
    self, Cast, Filter, Format, Group, Key, Layout, Manifest, MediaFilter, Options, Pull, Shelf,
    SystemPrompt, TrainingOptions, TranscriptError,
};
pub use args::{ExportArgs, OrderArg, RoleArg, SelectionArgs, TrainingArgs};
use part::Part;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    /// The group, where it is one.
    group: Option<GroupId>,
    file: &'a Path,
    manifest: &'a Path,
    files: usize,
    bytes: u64,
    messages: u64,
    topics: u64,
    /// Messages whose role is unsure.
    unsure: u64,
    /// Who posts customers' messages, in each group.
    relays: &'a [transcript::Part],
    ids: Option<(i32, i32)>,
    warnings: &'a [String],
    /// What was made to train on.
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<&'a transcript::Report>,
}

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<(), Failure> {
    if let Some(manifest) = &args.verify {
        return verify::run(context, manifest);
    }
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let (mut groups, relays) = groups(&vault, args, &loaded.config)?;
    let interrupt = Interrupt::listen();
    if args.out.as_deref() == Some(Path::new("-")) {
        return to_stdout(&mut groups, args, &interrupt);
    }
    let shape = Shape::of(args, &groups)?;
    let target = target(args, &groups, &shape)?;
    vacant(&target, shape.is_folder(), args.force)?;
    let (mut part, layout) = match shape {
        Shape::File => {
            let name = target.file_name().unwrap_or_default().to_string_lossy();
            (Part::file(&target)?, Layout::File(name.into_owned()))
        }
        Shape::Folder(layout) => (Part::folder(&target)?, layout),
    };
    let manifest = match write(&groups, &layout, &mut part, &interrupt) {
        Ok(manifest) => manifest,
        Err(Stopped::Gone) => return Err(Failure::new(exit::UNEXPECTED, "the file went away")),
        Err(Stopped::Failed(failure)) => return Err(failure),
    };
    let place = part.finish(&manifest)?;
    had(&mut groups)?;
    report(context, &target, &place, &manifest, &relays)
}

/// Notes what was exported, now that it is where it belongs.
fn had(groups: &mut [Group]) -> Result<(), Failure> {
    for group in groups {
        if let Some(pull) = group.pull.take() {
            pull.finish()?;
        }
    }
    Ok(())
}

/// What was exported under the name of `--since-last`.
fn pull(asked: &SelectionArgs, vault: &Vault, group: GroupId) -> Result<Option<Pull>, Failure> {
    let Some(name) = &asked.since_last else {
        return Ok(None);
    };
    let mut pull = Pull::new(vault.state()?, name, group).ok_or_else(|| {
        let message = format!("--since-last {name:?}: letters, digits, - _ and . only, 64 at most");
        Failure::new(exit::USAGE, message)
    })?;
    if asked.anew {
        pull.forget()?;
    }
    Ok(Some(pull))
}

/// Says what was written.
fn report(
    context: &Context,
    target: &Path,
    place: &Path,
    manifest: &Manifest,
    relays: &[transcript::Part],
) -> Result<(), Failure> {
    let bytes = manifest.files.iter().map(|file| file.bytes).sum();
    let topics = manifest.groups.iter().map(|group| group.topics).sum();
    for warning in &manifest.warnings {
        say(&format!("note: {warning}"));
    }
    if context.global.json {
        let only = match manifest.groups.as_slice() {
            [group] => Some(group),
            _ => None,
        };
        return output::print_json(&Report {
            group: only.and_then(|group| GroupId::from_bare(group.group)),
            file: target,
            manifest: place,
            files: manifest.files.len(),
            bytes,
            messages: manifest.messages,
            topics,
            unsure: manifest.groups.iter().map(|group| group.unsure).sum(),
            relays,
            ids: only.and_then(|group| group.first_id.zip(group.last_id)),
            warnings: &manifest.warnings,
            training: manifest.training.as_ref(),
        });
    }
    output::print(|out| {
        if let Some(training) = &manifest.training {
            writeln!(out, "{}", conversations(training))?;
        }
        write!(
            out,
            "{}: {} in {}, {}",
            target.display(),
            output::count(manifest.messages, "message"),
            output::count(topics, "topic"),
            output::size(bytes)
        )?;
        match manifest.files.len() {
            1 => writeln!(out),
            files => writeln!(out, ", {files} files"),
        }
    })
}

/// What was made to train on, in a line.
fn conversations(report: &transcript::Report) -> String {
    let left: u64 = report.left_out.sessions.values().sum();
    format!(
        "{} in {} of {}, {} tokens ({}); {} left out",
        output::count(report.sessions, "session"),
        output::count(report.turns, "turn"),
        output::count(report.customers, "customer"),
        report.tokens,
        report.tokenizer,
        output::count(left, "session")
    )
}

/// The groups, each with what is wanted of it; and who posts customers' messages in each.
fn groups(
    vault: &Vault,
    args: &ExportArgs,
    config: &Config,
) -> Result<(Vec<Group>, Vec<transcript::Part>), Failure> {
    let wanted: Vec<Option<&str>> = match args.group.as_slice() {
        [] => vec![None],
        some => some.iter().map(|group| Some(group.as_str())).collect(),
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut relays = Vec::new();
    for wanted in wanted {
        let reader = context::reader(vault, wanted)?;
        if groups.iter().any(|it| it.reader.group() == reader.group()) {
            continue;
        }
        let cast = roles::cast(&reader, config)?;
        if let Some(note) = roles::note(&cast) {
            say(&format!("note: {note}"));
        }
        let options = options(args, config, &reader, &cast)?;
        relays.push(cast.relays);
        let pull = pull(&args.selection, vault, reader.group())?;
        groups.push(Group {
            reader,
            options,
            pull,
        });
    }
    if groups.len() > 1 && !args.selection.topic.is_empty() {
        let message = "--topic names a topic of one group, and several are wanted";
        return Err(Failure::new(exit::USAGE, message));
    }
    Ok((groups, relays))
}

fn options(
    args: &ExportArgs,
    config: &Config,
    reader: &Reader,
    cast: &Cast,
) -> Result<Options, Failure> {
    let asked = &args.selection;
    context::known_topics(reader, &asked.topic)?;
    // A group that the config does not name (any more) is read with the defaults.
    let group = config
        .group(reader.group())
        .cloned()
        .unwrap_or_else(|| GroupConfig::new(reader.group().to_string()));
    let zone = group.zone().unwrap_or(jiff::tz::TimeZone::UTC);
    let time = |flag: &str, text: &Option<String>| {
        text.as_deref()
            .map(|text| time::parse(text, &zone))
            .transpose()
            .map_err(|problem| Failure::new(exit::USAGE, format!("{flag} {problem}")))
    };
    let (since, until) = (
        time("--since", &asked.since)?,
        time("--until", &asked.until)?,
    );
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(Failure::new(
            exit::USAGE,
            "nothing can be sent between --since and --until",
        )
        .help("--since must be the earlier one; --until itself does not count"));
    }
    let format = match args.format {
        Some(format) => format,
        None => format_of(args.out.as_deref().filter(|_| !args.by_topic))?,
    };
    Ok(Options {
        selection: Selection {
            topics: asked.topic.iter().copied().map(TopicId).collect(),
            ids: None,
            since,
            until,
            skip_deleted: asked.skip_deleted,
        },
        filter: Filter {
            people: people(&asked.user, reader)?,
            roles: asked.role.iter().map(|role| (*role).into()).collect(),
            media: media(&asked.media)?,
            languages: asked.language.clone(),
            min_turns: asked.min_turns,
            closed: asked.closed,
        },
        redact: key(args, config, format)?,
        training: training(args, group.training_consent)?,
        last: asked.last,
        order: asked.order.into(),
        roles: cast.rules().clone(),
        timezone: zone,
        language: group.language.unwrap_or_else(|| "en".to_owned()),
        ..Options::new(format)
    })
}

/// The key for pseudonyms, where personal data is to be replaced.
fn key(args: &ExportArgs, config: &Config, format: Format) -> Result<Option<Key>, Failure> {
    if !args.redact && !format.is_for_training() {
        return Ok(None);
    }
    let path = &config.privacy.pseudonym_key;
    let key = Key::in_file(path).map_err(|error| {
        let message = format!("the key for pseudonyms in {}: {error}", path.display());
        Failure::new(exit::CONFIG, message).help(
            "privacy.pseudonym_key names its file; without the old key, new pseudonyms are made",
        )
    })?;
    Ok(Some(key))
}

/// How conversations to train on are made.
fn training(args: &ExportArgs, consent: TrainingConsent) -> Result<TrainingOptions, Failure> {
    let args = &args.training;
    let template =
        match args.system.as_deref() {
            None => None,
            Some(text) => match text.strip_prefix('@') {
                None => Some(text.to_owned()),
                Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
                    Failure::new(exit::USAGE, format!("--system {text}: {error}"))
                })?),
            },
        };
    let system = template
        .map(|template| {
            SystemPrompt::parse(template.trim_end()).map_err(|problem| {
                Failure::new(exit::USAGE, format!("--system: {problem}")).help(
                    "it knows {{ group }}, {{ language }}, {{ language_name }} and {{ date }}",
                )
            })
        })
        .transpose()?;
    Ok(TrainingOptions {
        consent: consent == TrainingConsent::Customers,
        silence: args.silence,
        system,
        splits: args.split,
        near: (!args.keep_duplicates).then_some(args.near),
    })
}

/// The people whom `--user` names.
fn people(wanted: &[String], reader: &Reader) -> Result<Vec<PersonId>, Failure> {
    let mut people = Vec::new();
    for wanted in wanted {
        let Some(name) = wanted.strip_prefix('@') else {
            let id = wanted.parse().map_err(|_| {
                let message = format!("--user {wanted:?} is neither an id nor a @username");
                Failure::new(exit::USAGE, message)
            })?;
            people.push(PersonId(id));
            continue;
        };
        let is_name = |known: &Option<String>| {
            known
                .as_deref()
                .is_some_and(|it| it.eq_ignore_ascii_case(name))
        };
        let mut found = Vec::new();
        reader.each_person(&mut |person| {
            if is_name(&person.username) {
                found.push(person.id);
            }
        })?;
        for topic in reader.topics()? {
            if let Some(customer) = reader.customer(topic.id)?
                && is_name(&customer.username)
            {
                found.extend(customer.user_id);
            }
        }
        if found.is_empty() {
            let message = format!("the archive knows nobody called {wanted}");
            return Err(Failure::new(exit::NOT_FOUND, message)
                .help("names change; `topicvault sql` shows who is known, ids never change"));
        }
        people.append(&mut found);
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

/// What `--media` names.
fn media(wanted: &[String]) -> Result<MediaFilter, Failure> {
    match wanted {
        [] => return Ok(MediaFilter::Whatever),
        [one] if one == "any" => return Ok(MediaFilter::Any),
        [one] if one == "none" => return Ok(MediaFilter::None),
        _ => {}
    }
    let kind = |name: &String| -> Result<MediaKind, Failure> {
        let read = serde_json::from_value(serde_json::Value::String(name.to_lowercase()));
        read.map_err(|_| {
            Failure::new(exit::USAGE, format!("--media {name:?} is no kind of media")).help(
                "any, none, photo, video, video_note, voice, audio, animation, sticker, document, \
                 contact, location, venue, poll, web_page, …",
            )
        })
    };
    let kinds = wanted.iter().map(kind).collect::<Result<_, _>>()?;
    Ok(MediaFilter::Kinds(kinds))
}

/// The format that the name of the file asks for.
fn format_of(out: Option<&Path>) -> Result<Format, Failure> {
    let extension = out
        .filter(|path| !path.is_dir())
        .and_then(Path::extension)
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        None | Some("html" | "htm") => Ok(Format::Html),
        Some("json") => Ok(Format::Telegram),
        Some("jsonl" | "ndjson") => Ok(Format::Jsonl),
        Some("md" | "markdown") => Ok(Format::Markdown),
        Some("csv") => Ok(Format::Csv),
        Some("parquet") => Ok(Format::Parquet),
        Some(other) => Err(Failure::new(
            exit::USAGE,
            format!("no format is known by the ending .{other}"),
        )
        .help("say --format, or name a file .html, .json, .jsonl, .md, .csv or .parquet")),
    }
}

/// What an export is on disk.
enum Shape {
    /// One file, and what belongs to it beside.
    File,
    /// A directory of its own.
    Folder(Layout),
}

impl Shape {
    fn of(args: &ExportArgs, groups: &[Group]) -> Result<Self, Failure> {
        let format = groups.first().map(|group| group.options.format);
        let training = format.is_some_and(Format::is_for_training);
        if training && args.by_topic {
            let message =
                "--by-topic is for formats of messages: conversations are split by customer";
            return Err(Failure::new(exit::USAGE, message));
        }
        let named = args.out.as_deref().is_some_and(|out| {
            // A name without an ending is a directory's.
            out.extension().is_none() || out.is_dir()
        });
        Ok(if format == Some(Format::Dataset) || training && named {
            Self::Folder(Layout::Folder)
        } else if args.by_topic {
            Self::Folder(Layout::ByTopic)
        } else if groups.len() > 1 && !training {
            Self::Folder(Layout::File(name(args, groups)?))
        } else {
            Self::File
        })
    }

    const fn is_folder(&self) -> bool {
        matches!(self, Self::Folder(_))
    }
}

/// Where the export goes.
fn target(args: &ExportArgs, groups: &[Group], shape: &Shape) -> Result<PathBuf, Failure> {
    if shape.is_folder() {
        return args.out.clone().ok_or_else(|| {
            Failure::new(exit::USAGE, "several files need a directory")
                .help("name one with --out DIR; it is made")
        });
    }
    Ok(match &args.out {
        Some(path) if path.is_dir() => path.join(name(args, groups)?),
        Some(path) => path.clone(),
        None => PathBuf::from(name(args, groups)?),
    })
}

/// A name after topic and date.
fn name(args: &ExportArgs, groups: &[Group]) -> Result<String, Failure> {
    let Some(Group {
        reader, options, ..
    }) = groups.first()
    else {
        return Ok(String::new());
    };
    let topic: Option<Topic> = match args.selection.topic.as_slice() {
        [id] => reader.topic(TopicId(*id))?,
        _ => None,
    };
    let today = jiff::Timestamp::now()
        .to_zoned(options.timezone.clone())
        .date();
    Ok(transcript::file_name(topic.as_ref(), options.format, today))
}

/// Refuses a place where something is that must not be replaced.
fn vacant(target: &Path, is_folder: bool, force: bool) -> Result<(), Failure> {
    let usage = |message: String| Failure::new(exit::USAGE, message);
    if !target.exists() {
        return Ok(());
    }
    if is_folder {
        if !target.is_dir() {
            return Err(usage(format!("{} is no directory", target.display())));
        }
        if !part::is_export(target) {
            return Err(
                usage(format!("{} holds something else", target.display())).help(
                    "only a directory that an export made is replaced; name another with --out",
                ),
            );
        }
        let empty = std::fs::read_dir(target).is_ok_and(|mut it| it.next().is_none());
        if empty {
            return Ok(());
        }
    } else if !target.is_file() {
        // A file of that name takes the place of what is there: fatal for a device.
        return Err(
            usage(format!("{} is no file", target.display())).help("--out - writes to stdout")
        );
    }
    if force {
        return Ok(());
    }
    Err(usage(format!("{} is there already", target.display()))
        .help("--force replaces it; --out names another"))
}

/// Standard output, which takes the first file; what belongs to it goes nowhere.
#[derive(Default)]
struct Stdout {
    begun: bool,
}

impl Shelf for Stdout {
    fn create(&mut self, _path: &str) -> io::Result<Box<dyn Write + Send>> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(Box::new(io::sink()));
        }
        Ok(Box::new(io::stdout()))
    }
}

fn to_stdout(
    groups: &mut [Group],
    args: &ExportArgs,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    if Shape::of(args, groups)?.is_folder() {
        return Err(Failure::new(exit::USAGE, "stdout takes one file")
            .help("name a directory with --out DIR; it is made"));
    }
    let layout = Layout::File("-".to_owned());
    match write(groups, &layout, &mut Stdout::default(), interrupt) {
        Ok(manifest) => {
            for warning in &manifest.warnings {
                say(&format!("note: {warning}"));
            }
            had(groups)
        }
        Err(Stopped::Gone) => Ok(()),
        Err(Stopped::Failed(failure)) => Err(failure),
    }
}

/// Why writing ended early.
enum Stopped {
    /// Nobody reads the output any more.
    Gone,
    /// Anything else.
    Failed(Failure),
}

fn write(
    groups: &[Group],
    layout: &Layout,
    shelf: &mut dyn Shelf,
    interrupt: &Interrupt,
) -> Result<Manifest, Stopped> {
    let bar = bar::messages(groups);
    let result = transcript::export(groups, layout, shelf, &mut |done| {
        bar.set_position(done);
        if interrupt.is_set() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    match result {
        Err(TranscriptError::Stopped) => Err(Stopped::Failed(Failure::interrupted())),
        Ok(manifest) => Ok(manifest),
        Err(error) if is_broken_pipe(&error) => Err(Stopped::Gone),
        Err(error) => Err(Stopped::Failed(
            Failure::from(error).context("writing the export"),
        )),
    }
}
