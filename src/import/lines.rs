//! topicvault's own JSON Lines.

use std::io::{BufRead, Read};

use super::error::{ImportError, Place};
use super::load::Target;
use super::run::Import;
use crate::model::{GroupId, PersonId, PersonKind};
use crate::transcript::Record;

/// A line in bytes, at most.
const LONGEST: u64 = 16 * 1024 * 1024;

pub(super) fn import(
    import: &mut Import<'_, '_>,
    mut input: impl BufRead,
) -> Result<(), ImportError> {
    let mut line = Vec::new();
    let mut next = Place { offset: 0, line: 0 };
    loop {
        line.clear();
        let read = (&mut input)
            .take(LONGEST + 1)
            .read_until(b'\n', &mut line)
            .map_err(ImportError::Read)?;
        if read == 0 {
            return Ok(());
        }
        next.line += 1;
        let place = next;
        next.offset += read as u64;
        let is_whole = read as u64 <= LONGEST || line.ends_with(b"\n");
        if !is_whole {
            next.offset += pass_over(&mut input)?;
        }
        import.progress.bytes = next.offset;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let record: Result<Record<'_>, String> = match is_whole {
            false => Err("a line of more than 16 MB".to_owned()),
            true => serde_json::from_slice(&line).map_err(|error| wrong(&error)),
        };
        let record = match record {
            Ok(record) => record,
            Err(what) => {
                import.bad(place, what)?;
                continue;
            }
        };
        let own = || GroupId::from_bare(record.group);
        let Some(group) = import.options.group.or_else(own) else {
            import.bad(place, "its group is none".to_owned())?;
            continue;
        };
        let is_of = |target: &Target| target.group() == group;
        if !import.target.as_ref().is_some_and(is_of) {
            import.enter(group, None)?;
        }
        if let Some(target) = &mut import.target {
            if let (Some(id), Some(name)) = (record.from_id, &record.from) {
                target.person(id, kind(id), name);
            }
            target.snapshot(record.into_snapshot());
        }
        import.progress.messages += 1;
        if import.hand_over()?.is_break() {
            return Ok(());
        }
    }
}

/// Passes over the rest of a line; returns how many bytes that was.
fn pass_over(input: &mut impl BufRead) -> Result<u64, ImportError> {
    let mut passed = 0;
    loop {
        let bytes = input.fill_buf().map_err(ImportError::Read)?;
        let end = memchr::memchr(b'\n', bytes);
        let length = end.map_or(bytes.len(), |end| end + 1);
        input.consume(length);
        passed += length as u64;
        if end.is_some() || length == 0 {
            return Ok(passed);
        }
    }
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

fn kind(id: PersonId) -> PersonKind {
    match id.0 {
        0.. => PersonKind::User,
        _ => PersonKind::Channel,
    }
}
