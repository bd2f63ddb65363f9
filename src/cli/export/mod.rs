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
use crate::config::{Config, GroupConfig};
use crate::model::{GroupId, MediaKind, PersonId, Topic, TopicId};
use crate::transcript::{
    self, Cast, Filter, Format, Group, Layout, Manifest, MediaFilter, Options, Shelf,
    TranscriptError,
};
pub use args::{ExportArgs, OrderArg, RoleArg, SelectionArgs};
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
}

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<(), Failure> {
    if let Some(manifest) = &args.verify {
        return verify::run(context, manifest);
    }
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let (groups, relays) = groups(&vault, args, &loaded.config)?;
    let interrupt = Interrupt::listen();
    if args.out.as_deref() == Some(Path::new("-")) {
        return to_stdout(&groups, args, &interrupt);
    }
    let target = target(args, &groups)?;
    let is_folder = args.by_topic || groups.len() > 1;
    vacant(&target, is_folder, args.force)?;
    let (mut part, layout) = if is_folder {
        (Part::folder(&target)?, layout(args, &groups)?)
    } else {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        (Part::file(&target)?, Layout::File(name.into_owned()))
    };
    let manifest = match write(&groups, &layout, &mut part, &interrupt) {
        Ok(manifest) => manifest,
        Err(Stopped::Gone) => return Err(Failure::new(exit::UNEXPECTED, "the file went away")),
        Err(Stopped::Failed(failure)) => return Err(failure),
    };
    let place = part.finish(&manifest)?;
    report(context, &target, &place, &manifest, &relays)
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
        });
    }
    output::print(|out| {
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
        groups.push(Group { reader, options });
    }
    if let (true, [_]) = (groups.len() > 1, args.selection.topic.as_slice()) {
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
        last: asked.last,
        order: asked.order.into(),
        roles: cast.rules().clone(),
        timezone: zone,
        language: group.language.unwrap_or_else(|| "en".to_owned()),
        ..Options::new(format)
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

/// Where the export goes.
fn target(args: &ExportArgs, groups: &[Group]) -> Result<PathBuf, Failure> {
    if args.by_topic || groups.len() > 1 {
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

fn layout(args: &ExportArgs, groups: &[Group]) -> Result<Layout, Failure> {
    Ok(if args.by_topic {
        Layout::ByTopic
    } else {
        Layout::File(name(args, groups)?)
    })
}

/// A name after topic and date.
fn name(args: &ExportArgs, groups: &[Group]) -> Result<String, Failure> {
    let Some(Group { reader, options }) = groups.first() else {
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

/// Standard output, which takes one file.
struct Stdout;

impl Shelf for Stdout {
    fn create(&mut self, _path: &str) -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(io::stdout()))
    }
}

fn to_stdout(groups: &[Group], args: &ExportArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    if args.by_topic || groups.len() > 1 {
        return Err(Failure::new(exit::USAGE, "stdout takes one file")
            .help("name a directory with --out DIR; it is made"));
    }
    let layout = Layout::File("-".to_owned());
    match write(groups, &layout, &mut Stdout, interrupt) {
        Ok(manifest) => {
            for warning in &manifest.warnings {
                say(&format!("note: {warning}"));
            }
            Ok(())
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
