//! From disk to [`WorldFile`].

use std::io::Read as _;
use std::path::Path;

use super::error::{Problem, WorldError};
use super::format::{Source, WorldFile};
use crate::emulator::hint;

/// Bytes of a world file, at most.
const LARGEST: u64 = 64 * 1024 * 1024;

impl WorldFile {
    /// Reads a file: JSON where its name ends in `.json`, else TOML.
    ///
    /// # Errors
    /// When it cannot be read or understood; says where and what to do.
    pub fn read(path: &Path) -> Result<Self, WorldError> {
        let failed = |problem: String| WorldError {
            path: path.to_owned(),
            line: None,
            problem,
        };
        let mut text = String::new();
        let file = std::fs::File::open(path)
            .map_err(|error| failed(format!("cannot be opened: {error}; check --world")))?;
        file.take(LARGEST + 1)
            .read_to_string(&mut text)
            .map_err(|error| failed(format!("cannot be read as text: {error}")))?;
        if text.len() as u64 > LARGEST {
            return Err(failed(format!("is larger than {LARGEST} bytes")));
        }
        let ending = path.extension().unwrap_or_default();
        Self::parse(path, &text, ending.eq_ignore_ascii_case("json"))
    }

    /// Understands a file's text.
    pub(super) fn parse(path: &Path, text: &str, json: bool) -> Result<Self, WorldError> {
        let failed = |line: Option<usize>, problem: &str| WorldError {
            path: path.to_owned(),
            line,
            problem: hint::explained(problem),
        };
        let mut world: Self = if json {
            serde_json::from_str(text).map_err(|error| {
                let line = Some(error.line()).filter(|line| *line > 0);
                let words = error.to_string();
                // The position is told apart; it would be told twice.
                let words = words
                    .rsplit_once(" at line ")
                    .map_or(words.as_str(), |it| it.0);
                failed(line, words)
            })?
        } else {
            toml::from_str(text).map_err(|error| {
                let line = error.span().map(|span| line_of(text, span.start));
                failed(line, error.message())
            })?
        };
        world.source = Source {
            path: path.to_owned(),
            text: text.into(),
        };
        Ok(world)
    }

    /// Finds where a problem is.
    pub(super) fn explain(&self, problem: Problem) -> WorldError {
        let line = problem.at.as_ref().and_then(|at| {
            let quoted = format!("{at:?}");
            let lines: Vec<&str> = self.source.text.lines().collect();
            // The last one: of two that are the same, the second is wrong.
            let is_it = |line: &&str| !line.trim_start().starts_with('#') && line.contains(&quoted);
            lines.iter().rposition(is_it).map(|at| at + 1)
        });
        WorldError {
            path: self.source.path.clone(),
            line,
            problem: problem.words,
        }
    }
}

/// The line that a byte is in, counted from 1.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
