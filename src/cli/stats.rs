//! `stats`: what the vault holds.

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::Failure;
use super::{exit, output};
use crate::archive::{Reader, Stats};
use crate::model::GroupId;

/// Options of `stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
}

/// One group's line.
#[derive(Debug, Serialize)]
struct Line {
    /// Bare id.
    group: GroupId,
    title: Option<String>,
    #[serde(flatten)]
    stats: Stats,
}

pub(super) fn run(context: &Context, args: &StatsArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let mut lines = Vec::new();
    let mut failed = Vec::new();
    if args.group.group.is_some() {
        lines.push(line(&context::reader(
            &vault,
            args.group.group.as_deref(),
        )?)?);
    } else {
        // One broken archive must not hide the others.
        for group in vault.groups()? {
            let figures = vault
                .reader(group)
                .map_err(Failure::from)
                .and_then(|reader| line(&reader));
            match figures {
                Ok(figures) => lines.push(figures),
                Err(failure) => failed.push((group, failure)),
            }
        }
    }
    if context.global.json {
        output::print_json(&lines)?;
    } else if lines.is_empty() && failed.is_empty() {
        output::print(|out| writeln!(out, "The vault at {} is empty.", vault.dir().display()))?;
    } else {
        output::print(|out| lines.iter().try_for_each(|line| show(out, line)))?;
    }
    let several = failed.len();
    match failed.into_iter().next() {
        None => Ok(()),
        Some((_, failure)) if several == 1 => Err(failure),
        Some((_, failure)) => Err(Failure {
            code: exit::ARCHIVE,
            message: format!(
                "{several} archives cannot be read; the first: {}",
                failure.message
            ),
            help: failure.help,
        }),
    }
}

fn line(reader: &Reader) -> Result<Line, Failure> {
    Ok(Line {
        group: reader.group(),
        title: reader.title()?,
        stats: reader.stats()?,
    })
}

fn show(out: &mut Vec<u8>, line: &Line) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let stats = &line.stats;
    let title = line
        .title
        .as_deref()
        .map_or_else(String::new, output::plain);
    writeln!(out, "{bold}{title}{bold:#} ({})", line.group.marked())?;
    let mut row = |name: &str, value: String| writeln!(out, "  {name:<10} {value}");
    row("messages", stats.messages.to_string())?;
    row("deleted", stats.deleted.to_string())?;
    row("edits", stats.edits.to_string())?;
    row("topics", stats.topics.to_string())?;
    row("people", stats.people.to_string())?;
    if let Some((first, last)) = stats.ids {
        row(
            "ids",
            format!("{first} to {last}, {} unknown", stats.unknown),
        )?;
    }
    if let Some((first, last)) = stats.dates {
        row(
            "from",
            format!("{} to {} UTC", output::date(first), output::date(last)),
        )?;
    }
    row(
        "stored",
        format!(
            "{} ({} frames, {} messages not packed yet)",
            output::size(stats.bytes),
            stats.frames,
            stats.hot
        ),
    )
}
