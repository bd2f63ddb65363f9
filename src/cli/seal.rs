//! `seal`: packs archives as tightly as it goes.

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output;
use crate::archive::{CompactPolicy, Compacted, Compactor, Reader, SealPolicy, Vault};
use crate::config::Config;
use crate::model::GroupId;

/// Options of `seal`.
#[derive(Debug, Args)]
pub struct SealArgs {
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
}

/// What was done with one archive.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    group: GroupId,
    title: Option<String>,
    messages: u64,
    /// Messages that were packed anew.
    packed: u64,
    before: u64,
    bytes: u64,
}

pub(super) fn run(context: &Context, args: &SealArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let interrupt = Interrupt::listen();
    let groups: Vec<GroupId> = match &args.group.group {
        Some(wanted) => vec![context::reader(&vault, Some(wanted))?.group()],
        None => vault.groups()?,
    };
    let mut lines = Vec::new();
    for group in groups {
        lines.push(pack(&vault, &loaded.config, group, &interrupt)?);
    }
    if context.global.json {
        return output::print_json(&lines);
    }
    output::print(|out| lines.iter().try_for_each(|line| show(out, line)))
}

/// Seals and compacts one archive.
pub(super) fn pack(
    vault: &Vault,
    config: &Config,
    group: GroupId,
    interrupt: &Interrupt,
) -> Result<Line, Failure> {
    let mut writer = vault.writer(group)?;
    let reader = vault.reader(group)?;
    let before = reader.stats()?.bytes;
    writer.seal(&SealPolicy {
        hot_messages: 1,
        level: config.vault.seal_level,
    })?;
    let bar = bar();
    let mut go_on = |done: Compacted| {
        bar.set_length(done.of);
        bar.set_position(done.messages);
        match interrupt.is_set() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let policy = CompactPolicy {
        level: config.vault.compact_level.max(1),
        segments: 1,
    };
    let done = Compactor::new(vault.reader(group)?, policy)
        .run(&mut |fold| writer.fold(&fold), &mut go_on);
    bar.finish_and_clear();
    let done = done?;
    if interrupt.is_set() {
        return Err(Failure::interrupted());
    }
    writer.sweep()?;
    writer.vacuum()?;
    line(&reader, before, done.messages)
}

fn line(reader: &Reader, before: u64, packed: u64) -> Result<Line, Failure> {
    let stats = reader.stats()?;
    Ok(Line {
        group: reader.group(),
        title: reader.title()?,
        messages: stats.messages + stats.deleted,
        packed,
        before,
        bytes: stats.bytes,
    })
}

fn show(out: &mut Vec<u8>, line: &Line) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let title = line
        .title
        .as_deref()
        .map_or_else(String::new, output::plain);
    let each = line.bytes as f64 / line.messages.max(1) as f64;
    writeln!(
        out,
        "{bold}{title}{bold:#} ({}): {}, {} before, {} now, {each:.1} bytes a message",
        line.group.marked(),
        output::count(line.messages, "message"),
        output::size(line.before),
        output::size(line.bytes),
    )
}

/// A bar on stderr where that is a terminal, else nothing.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("packing {bar:40} {human_pos}/{human_len} messages {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
