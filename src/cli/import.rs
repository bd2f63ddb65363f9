//! `import`: a file into the vault.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::context::Context;
use super::failure::Failure;
use super::follow::say;
use super::interrupt::Interrupt;
use super::{exit, output, seal};
use crate::archive::Vault;
use crate::config::Config;
use crate::import::{self, ImportError, Imported, LeftOut, Options, Report};
use crate::model::GroupId;

/// Options of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Telegram Desktop's result.json or topicvault's JSON Lines; `-`: stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What it is [default: what its beginning says]
    #[arg(long, value_name = "F")]
    pub format: Option<Form>,
    /// Only the chat of this group (-100…, bare id or t.me/c/… link); a single chat is taken for it
    #[arg(long, value_name = "GROUP", allow_hyphen_values = true)]
    pub group: Option<GroupId>,
    /// Leave out records that cannot be read, and list them
    #[arg(long)]
    pub skip_bad: bool,
    /// Only read the file, and say whether all of it can be read
    #[arg(long)]
    pub check: bool,
    /// Do not take along the files that lie beside the export
    #[arg(long)]
    pub no_files: bool,
    /// Do not pack tightly afterwards; `seal` does so later
    #[arg(long)]
    pub no_seal: bool,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Telegram Desktop's JSON
    Telegram,
    /// topicvault's own JSON Lines
    Jsonl,
}

pub(super) fn run(context: &Context, args: &ImportArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    let is_stdin = args.file == Path::new("-");
    let (input, length): (Box<dyn Read>, Option<u64>) = if is_stdin {
        (Box::new(std::io::stdin().lock()), None)
    } else {
        let opened = File::open(&args.file).and_then(|file| {
            let metadata = file.metadata()?;
            Ok((file, metadata))
        });
        let (file, metadata) = opened.map_err(|error| {
            let help =
                "Telegram Desktop: Export chat history, format JSON; the file is result.json";
            Failure::new(exit::DATA, format!("{}: {error}", args.file.display())).help(help)
        })?;
        if metadata.is_dir() {
            let inside = args.file.join("result.json");
            return Err(Failure::new(
                exit::USAGE,
                format!("{} is a directory", args.file.display()),
            )
            .help(format!("name the file in it: {}", inside.display())));
        }
        (Box::new(file), Some(metadata.len()))
    };
    let mut input = BufReader::with_capacity(256 * 1024, input);
    let form = match args.format {
        Some(form) => form,
        None => guess(&mut input)?,
    };
    if args.check && form == Form::Jsonl {
        return Err(Failure::new(
            exit::USAGE,
            "--check reads Telegram Desktop exports only",
        ));
    }
    let interrupt = Interrupt::listen();
    let group = args.group.and_then(|group| loaded.config.group(group));
    let beside = args.file.parent().filter(|_| !is_stdin && !args.no_files);
    let options = Options {
        group: args.group,
        zone: group
            .and_then(|group| group.zone())
            .unwrap_or(TimeZone::UTC),
        skip_bad: args.skip_bad,
        files: beside.map(|dir| match dir.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => dir.to_owned(),
        }),
        level: 3,
        at: Timestamp::now().as_second(),
    };
    let bar = bar(length);
    let mut go_on = |progress: import::Progress| {
        bar.set_position(progress.bytes);
        bar.set_message(output::count(progress.messages, "message"));
        match interrupt.is_set() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    if args.check {
        let report = import::check(input, &options, &mut go_on);
        bar.finish_and_clear();
        return checked(context, &report.map_err(|error| failure(error, args))?);
    }
    let vault = Vault::create(&loaded.config.vault.dir)?;
    let report = match form {
        Form::Telegram => import::telegram(&vault, input, &options, &mut go_on),
        Form::Jsonl => import::lines(&vault, input, &options, &mut go_on),
    };
    bar.finish_and_clear();
    let report = report.map_err(|error| failure(error, args))?;
    if interrupt.is_set() {
        return Err(Failure::interrupted());
    }
    if report.groups.is_empty() {
        tell(&report);
        return Err(nothing(&report, form));
    }
    if !args.no_seal {
        pack(&vault, &loaded.config, &report, &interrupt)?;
    }
    if context.global.json {
        return output::print_json(&report);
    }
    tell(&report);
    output::print(|out| report.groups.iter().try_for_each(|group| show(out, group)))
}

/// An export begins with a name and has its first value on a line of its own; a line of ours names
/// its group first.
fn guess(input: &mut impl BufRead) -> Result<Form, Failure> {
    let begin = input.fill_buf().map_err(Failure::from)?;
    let begin = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin);
    let text = String::from_utf8_lossy(begin.get(..256).unwrap_or(begin));
    let squeezed: String = text.split_whitespace().collect();
    Ok(match squeezed.starts_with("{\"group\":") {
        true => Form::Jsonl,
        false => Form::Telegram,
    })
}

fn failure(error: ImportError, args: &ImportArgs) -> Failure {
    let file = args.file.display();
    match error {
        ImportError::Open(error) => Failure::from(error),
        ImportError::Archive(error) => Failure::from(error),
        ImportError::Record { .. } => Failure::new(exit::DATA, format!("{file}, {error}")).help(
            "what comes before it is imported; --skip-bad leaves such records out and lists them",
        ),
        ImportError::NotAnExport { .. } => Failure::new(exit::DATA, format!("{file}, {error}")),
        ImportError::Read(_) | ImportError::File { .. } => {
            Failure::new(exit::DATA, format!("{file}: {error}"))
                .help("what comes before it is imported; run it again to go on")
        }
    }
}

fn nothing(report: &Report, form: Form) -> Failure {
    if report.passed_over > 0 {
        return Failure::new(
            exit::NOT_FOUND,
            format!(
                "none of the {} in this export is a supergroup, or the one asked for",
                output::count(report.passed_over, "chat")
            ),
        )
        .help("--group ID takes a single chat of any kind for that group's");
    }
    let what = match form {
        Form::Telegram => "the export holds no chat",
        Form::Jsonl if report.left_out.bad_count > 0 => "no line of the file can be read",
        Form::Jsonl => "the file holds no messages",
    };
    Failure::new(exit::NOT_FOUND, what)
}

fn pack(
    vault: &Vault,
    config: &Config,
    report: &Report,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    for imported in &report.groups {
        if let Some(group) = GroupId::from_bare(imported.group)
            && imported.new > 0
        {
            seal::pack(vault, config, group, interrupt)?;
        }
    }
    Ok(())
}

/// What reading alone has found.
fn checked(context: &Context, report: &Report) -> Result<(), Failure> {
    if context.global.json {
        return output::print_json(report);
    }
    tell(report);
    output::print(|out| {
        report.groups.iter().try_for_each(|group| {
            let title = group
                .title
                .as_deref()
                .map_or_else(String::new, output::plain);
            let read = output::count(group.messages, "message");
            let bad = group.left_out.bad_count;
            writeln!(out, "{title}: {read} can be read, {bad} cannot")
        })
    })
}

/// What the user should know besides.
fn tell(report: &Report) {
    list(&report.left_out);
    for imported in &report.groups {
        if imported.lost > 0 {
            let lost = output::count(imported.lost, "message");
            say(&format!(
                "note: {lost} answer something that neither the file nor the archive has, so that their \
             topic is unknown; they are in General"
            ));
        }
        list(&imported.left_out);
    }
}

fn list(left_out: &LeftOut) {
    for bad in &left_out.bad {
        say(&format!(
            "left out: line {} (byte {}): {}",
            bad.line, bad.offset, bad.what
        ));
    }
    let more = left_out.bad_count.saturating_sub(left_out.bad.len() as u64);
    if more > 0 {
        say(&format!("and {} more", output::count(more, "record")));
    }
}

fn show(out: &mut Vec<u8>, imported: &Imported) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let title = imported
        .title
        .as_deref()
        .map_or_else(String::new, output::plain);
    let group = GroupId::from_bare(imported.group).map_or(imported.group, GroupId::marked);
    write!(
        out,
        "{bold}{title}{bold:#} ({group}): {}, {} new, {} changed, {} known",
        output::count(imported.messages, "message"),
        imported.new,
        imported.edited,
        imported.known
    )?;
    if imported.files > 0 {
        write!(out, ", {}", output::count(imported.files, "file"))?;
    }
    if imported.left_out.bad_count > 0 {
        write!(out, ", {} left out", imported.left_out.bad_count)?;
    }
    writeln!(out)
}

/// A bar on stderr where that is a terminal, else nothing.
fn bar(length: Option<u64>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let (bar, template) = match length {
        Some(length) => (
            ProgressBar::new(length),
            "{bar:40} {bytes}/{total_bytes} {msg} {eta}",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
