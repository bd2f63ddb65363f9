//! Files into archives: Telegram Desktop's `result.json` and topicvault's own JSON Lines.
//!
//! A file is read once, in pieces, in constant memory, on three threads: one reads and understands,
//! one packs, one writes. What is known already is compared and not taken twice, so that an import
//! that was interrupted is simply repeated.

mod error;
mod files;
mod left_out;
mod lines;
mod load;
mod run;
mod scan;
mod telegram;
mod text;
mod topics;

use std::io::{BufRead, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use jiff::tz::TimeZone;

pub use self::error::{ImportError, Place};
pub use self::left_out::{Bad, LeftOut};
use self::run::Import;
use self::scan::{Item, Scanner};
use crate::archive::Vault;
use crate::model::GroupId;

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// Take everything for this group's, or only its chat of several.
    pub group: Option<GroupId>,
    /// Whose clock dates without an offset were written by.
    pub zone: TimeZone,
    /// Leave out records that cannot be read.
    pub skip_bad: bool,
    /// Where the files of messages lie; `None`: they are not taken along.
    pub files: Option<PathBuf>,
    /// zstd level of frames.
    pub level: i32,
    /// Now, Unix seconds.
    pub at: i64,
}

/// What an import did with one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// The group, bare.
    pub group: i64,
    /// Its title, where the file says.
    pub title: Option<String>,
    /// Messages in the file.
    pub messages: u64,
    /// Of them not known before.
    pub new: u64,
    /// New versions of known messages, and deletions.
    pub edited: u64,
    /// Messages known already, as they were.
    pub known: u64,
    /// Files that were taken along.
    pub files: u64,
    /// Messages that answer something unknown, so that their topic is not known either: they are in
    /// General.
    pub lost: u64,
    /// Records that were left out.
    #[serde(flatten)]
    pub left_out: LeftOut,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Each group.
    pub groups: Vec<Imported>,
    /// Records that were left out before any that tells its group.
    #[serde(flatten)]
    pub left_out: LeftOut,
    /// Chats that were passed over, because they are no supergroups or not the one asked for.
    pub passed_over: u64,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Messages in them.
    pub messages: u64,
}

/// Asked after each few thousand messages; what was read until it breaks is written.
pub type GoOn<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// Imports a Telegram Desktop export, of one chat or of everything.
///
/// # Errors
/// When the file is no such export, holds a record that cannot be read, or the archive cannot be
/// written. What was read before is written.
pub fn telegram(
    vault: &Vault,
    input: impl Read,
    options: &Options,
    go_on: &mut GoOn<'_>,
) -> Result<Report, ImportError> {
    let mut import = Import::new(vault, options, go_on);
    let ended = import.telegram(input);
    import.end(ended)
}

/// Imports topicvault's own JSON Lines.
///
/// # Errors
/// As [`telegram`].
pub fn lines(
    vault: &Vault,
    input: impl BufRead,
    options: &Options,
    go_on: &mut GoOn<'_>,
) -> Result<Report, ImportError> {
    let mut import = Import::new(vault, options, go_on);
    let ended = lines::import(&mut import, input);
    import.end(ended)
}

/// Reads a Telegram Desktop export as [`telegram`] does, and writes nothing: says whether all of it
/// can be read. Chats that are no supergroups are read as well.
///
/// # Errors
/// As [`telegram`], the archive aside.
pub fn check(
    input: impl Read,
    options: &Options,
    go_on: &mut GoOn<'_>,
) -> Result<Report, ImportError> {
    let mut scanner = Scanner::new(input);
    let mut report = Report::default();
    let mut progress = Progress::default();
    loop {
        progress.bytes = scanner.consumed();
        let (bytes, place) = match scanner.next()? {
            None => return Ok(report),
            Some(Item::Chat(chat)) => {
                report.groups.push(Imported {
                    group: chat.id.unwrap_or_default(),
                    title: chat.name,
                    ..Imported::default()
                });
                continue;
            }
            Some(Item::Message { bytes, place }) => (bytes, place),
        };
        progress.messages += 1;
        let Some(imported) = report.groups.last_mut() else {
            continue;
        };
        match load::read(bytes, &options.zone) {
            Ok(_) => imported.messages += 1,
            Err(what) => imported.left_out.add(options, place, what)?,
        }
        if progress.messages.is_multiple_of(8192) && go_on(progress).is_break() {
            return Ok(report);
        }
    }
}

#[cfg(test)]
mod tests;
