//! `export`: transcripts of a group or of some of its topics.

use std::io::{BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::context::{self, Context};
use super::failure::{Failure, is_broken_pipe};
use super::follow::say;
use super::interrupt::Interrupt;
use super::part::Part;
use super::{exit, output, roles, time};
use crate::archive::{Order, Reader, Selection};
use crate::config::{Config, GroupConfig};
use crate::model::{GroupId, Topic, TopicId};
use crate::transcript::{self, Cast, Format, Options, Summary};

/// Options of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The group: title, -100…, bare id or t.me/c/… link; may be left out where the vault has one
    #[arg(
        long,
        value_name = "GROUP",
        allow_hyphen_values = true,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub group: Option<String>,
    /// Only these topics
    #[arg(long, value_name = "ID")]
    pub topic: Vec<i32>,
    /// File format [default: what the name of --out says, else html]
    #[arg(long, short, value_name = "F")]
    pub format: Option<Format>,
    /// File or directory to write to; `-`: stdout [default: a file named after topic and date]
    #[arg(long, short, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Only the last so many messages
    #[arg(long, value_name = "N", value_parser = output::at_least_one)]
    pub last: Option<usize>,
    /// Only messages sent at or after this time: 2026-11-23, 2026-11-23T14:30:00Z or Unix seconds
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only messages sent before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// In which order messages stand
    #[arg(long, value_name = "ORDER", default_value = "topic")]
    pub order: OrderArg,
    /// Leave deleted messages out
    #[arg(long)]
    pub skip_deleted: bool,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

/// In which order messages stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderArg {
    /// Topic by topic
    Topic,
    /// The whole group by message id
    Id,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report<'a> {
    group: GroupId,
    file: &'a Path,
    bytes: u64,
    #[serde(flatten)]
    summary: &'a Summary,
    /// Who posts customers' messages.
    relays: &'a transcript::Part,
}

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let reader = context::reader(&vault, args.group.as_deref())?;
    let cast = roles::cast(&reader, &loaded.config)?;
    if let Some(note) = roles::note(&cast) {
        say(&format!("note: {note}"));
    }
    let options = options(args, &loaded.config, reader.group(), &cast)?;
    let topics = reader.topics()?;
    context::known_topics(&reader, &args.topic)?;
    let interrupt = Interrupt::listen();

    if args.out.as_deref() == Some(Path::new("-")) {
        let mut out = BufWriter::new(std::io::stdout().lock());
        return match write(&reader, &options, &mut out, &interrupt) {
            Ok(summary) => {
                say_unsure(&summary);
                Ok(())
            }
            Err(Stopped::Gone) => Ok(()),
            Err(Stopped::Failed(failure)) => Err(failure),
        };
    }

    let path = target(args, &options, &topics);
    // A file of that name takes the place of what is there: fatal for a device.
    if path.exists() && !path.is_file() {
        return Err(
            Failure::new(exit::USAGE, format!("{} is no file", path.display()))
                .help("--out - writes to stdout"),
        );
    }
    if path.exists() && !args.force {
        return Err(
            Failure::new(exit::USAGE, format!("{} is there already", path.display()))
                .help("--force replaces it; --out names another file"),
        );
    }
    let mut part = Part::create(&path)?;
    let summary = match write(&reader, &options, &mut part.file, &interrupt) {
        Ok(summary) => summary,
        Err(Stopped::Gone) => return Err(Failure::new(exit::UNEXPECTED, "the file went away")),
        Err(Stopped::Failed(failure)) => return Err(failure),
    };
    let bytes = part.finish(&path)?;
    say_unsure(&summary);
    if context.global.json {
        return output::print_json(&Report {
            group: reader.group(),
            file: &path,
            bytes,
            summary: &summary,
            relays: &cast.relays,
        });
    }
    output::print(|out| {
        writeln!(
            out,
            "{}: {} in {}, {}",
            path.display(),
            output::count(summary.messages, "message"),
            output::count(summary.topics, "topic"),
            output::size(bytes)
        )
    })
}

/// Roles are not guessed in silence: whoever reads the transcript has to know.
fn say_unsure(summary: &Summary) {
    if summary.unsure > 0 {
        say(&format!(
            "note: the role of {} is unsure; `topicvault doctor` says whose and what to do",
            output::count(summary.unsure, "message")
        ));
    }
}

fn options(
    args: &ExportArgs,
    config: &Config,
    group: GroupId,
    cast: &Cast,
) -> Result<Options, Failure> {
    // A group that the config does not name (any more) is read with the defaults.
    let group = config
        .group(group)
        .cloned()
        .unwrap_or_else(|| GroupConfig::new(group.to_string()));
    let zone = group.zone().unwrap_or(jiff::tz::TimeZone::UTC);
    let time = |flag: &str, text: &Option<String>| {
        text.as_deref()
            .map(|text| time::parse(text, &zone))
            .transpose()
            .map_err(|problem| Failure::new(exit::USAGE, format!("{flag} {problem}")))
    };
    let (since, until) = (time("--since", &args.since)?, time("--until", &args.until)?);
    if let (Some(since), Some(until)) = (since, until)
        && since >= until
    {
        return Err(Failure::new(
            exit::USAGE,
            "nothing can be sent between --since and --until",
        )
        .help("--since must be the earlier one; --until itself does not count"));
    }
    Ok(Options {
        format: match args.format {
            Some(format) => format,
            None => format_of(args.out.as_deref())?,
        },
        selection: Selection {
            topics: args.topic.iter().copied().map(TopicId).collect(),
            ids: None,
            since,
            until,
            skip_deleted: args.skip_deleted,
        },
        last: args.last,
        order: match args.order {
            OrderArg::Topic => Order::Topic,
            OrderArg::Id => Order::Id,
        },
        roles: cast.rules().clone(),
        timezone: zone,
        language: group.language.unwrap_or_else(|| "en".to_owned()),
    })
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
        Some(other) => Err(Failure::new(
            exit::USAGE,
            format!("no format is known by the ending .{other}"),
        )
        .help("say --format html, telegram or jsonl, or name a file .html, .json or .jsonl")),
    }
}

/// Where the transcript goes.
fn target(args: &ExportArgs, options: &Options, topics: &[Topic]) -> PathBuf {
    let name = || {
        let only = match args.topic.as_slice() {
            [id] => topics.iter().find(|topic| topic.id.0 == *id),
            _ => None,
        };
        let today = jiff::Timestamp::now()
            .to_zoned(options.timezone.clone())
            .date();
        transcript::file_name(only, options.format, today)
    };
    match &args.out {
        Some(path) if path.is_dir() => path.join(name()),
        Some(path) => path.clone(),
        None => PathBuf::from(name()),
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
    reader: &Reader,
    options: &Options,
    out: &mut dyn Write,
    interrupt: &Interrupt,
) -> Result<Summary, Stopped> {
    let bar = bar(reader, options);
    let result = transcript::render(reader, options, out, &mut |done| {
        bar.set_position(done);
        if interrupt.is_set() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    if interrupt.is_set() {
        return Err(Stopped::Failed(Failure::interrupted()));
    }
    let summary = match result {
        Ok(summary) => summary,
        Err(error) if is_broken_pipe(&error) => return Err(Stopped::Gone),
        Err(error) => return Err(Stopped::Failed(Failure::from(error))),
    };
    match out.flush() {
        Ok(()) => Ok(summary),
        Err(error) if is_broken_pipe(&error) => Err(Stopped::Gone),
        Err(error) => Err(Stopped::Failed(
            Failure::from(error).context("writing the transcript"),
        )),
    }
}

/// A bar on stderr where that is a terminal, else nothing.
fn bar(reader: &Reader, options: &Options) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let whole = options.selection.topics.is_empty()
        && options.selection.since.is_none()
        && options.selection.until.is_none();
    let total = whole
        .then(|| reader.stats().ok())
        .flatten()
        .map(|stats| stats.messages + stats.deleted)
        .map(|total| options.last.map_or(total, |last| total.min(last as u64)));
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:40} {human_pos}/{human_len} messages {eta}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} messages"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
