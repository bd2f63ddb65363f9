//! topicvault's own JSON Lines.

use std::io::BufRead;

use super::error::{ImportError, Place};
use super::load::Target;
use super::{GoOn, Options, Progress, Report};
use crate::archive::Vault;
use crate::model::{GroupId, PersonId, PersonKind};
use crate::transcript::Record;

/// A line in bytes, at most.
const LONGEST: usize = 16 * 1024 * 1024;

pub(super) fn import(
    vault: &Vault,
    mut input: impl BufRead,
    options: &Options,
    go_on: &mut GoOn<'_>,
) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut progress = Progress::default();
    let mut target: Option<Target> = None;
    let mut line = Vec::new();
    let mut place = Place { offset: 0, line: 0 };
    let ended = loop {
        line.clear();
        let limit = LONGEST as u64 + 1;
        let read = std::io::Read::take(&mut input, limit).read_until(b'\n', &mut line);
        match read {
            Ok(0) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(ImportError::Read(error)),
        }
        place.line += 1;
        let here = place;
        place.offset += line.len() as u64;
        progress.bytes = place.offset;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let record: Result<Record<'_>, String> = match line.len() > LONGEST {
            true => Err("a line of more than 16 MB".to_owned()),
            false => serde_json::from_slice(&line).map_err(|error| wrong(&error)),
        };
        let group = record
            .as_ref()
            .ok()
            .and_then(|record| GroupId::from_bare(record.group));
        let wanted = options.group.or(group);
        let (record, group) = match (record, wanted) {
            (Ok(record), Some(group)) => (record, group),
            (Ok(_), None) => {
                match bad(&mut target, options, here, "its group is none".to_owned()) {
                    Ok(()) => continue,
                    Err(error) => break Err(error),
                }
            }
            (Err(what), _) => match bad(&mut target, options, here, what) {
                Ok(()) => continue,
                Err(error) => break Err(error),
            },
        };
        if target.as_ref().is_none_or(|target| target.group() != group) {
            if let Some(done) = target.take() {
                report.groups.push(done.finish()?);
            }
            target = Some(Target::open(vault, group, None, options)?);
        }
        let Some(target) = &mut target else {
            continue;
        };
        progress.messages += 1;
        if let (Some(id), Some(name)) = (record.from_id, &record.from) {
            target.person(id, kind(id), name);
        }
        target.snapshot(record.into_snapshot());
        if target.is_full() {
            target.flush()?;
            if go_on(progress).is_break() {
                break Ok(());
            }
        }
    };
    if let Some(done) = target {
        report.groups.push(done.finish()?);
    }
    ended.map(|()| report)
}

/// What is wrong with a line, without what it says.
pub(super) fn wrong(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends too soon",
        serde_json::error::Category::Syntax => "it is no JSON",
        _ => "a field has another type than it should have, or one is missing",
    };
    format!("{what} (column {})", error.column())
}

fn bad(
    target: &mut Option<Target>,
    options: &Options,
    place: Place,
    what: String,
) -> Result<(), ImportError> {
    match target {
        Some(target) => target.bad(place, what),
        None if options.skip_bad => Ok(()),
        None => Err(ImportError::Record { place, what }),
    }
}

fn kind(id: PersonId) -> PersonKind {
    match id.0 {
        0.. => PersonKind::User,
        _ => PersonKind::Channel,
    }
}
