//! Where results go: stdout, as text or JSON. A reader that goes away ends the command quietly.

use std::io::{self, Write};

use serde::Serialize;

use super::failure::{Failure, is_broken_pipe};

/// Writes a result to stdout; `write` may colour, which is removed where it is not wanted.
///
/// # Errors
/// When stdout cannot be written, except that nobody reads it any more.
pub(super) fn print(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<(), Failure> {
    let mut buffer = Vec::new();
    let mut out = anstream::stdout();
    let result = write(&mut buffer)
        .and_then(|()| out.write_all(&buffer))
        .and_then(|()| out.flush());
    match result {
        Err(error) if !is_broken_pipe(&error) => {
            Err(Failure::from(error).context("writing the result"))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON value and a line feed to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)?;
    print(|out| writeln!(out, "{text}"))
}

/// Text from Telegram on a terminal: control characters could move the cursor or recolour
/// what we say, so they become spaces.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Things and how many, in English.
pub(super) fn count(number: impl Into<u64>, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        several => format!("{several} {noun}s"),
    }
}

/// Reads a number of things that are wanted.
///
/// # Errors
/// What is wrong, for clap.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("must be a number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let bytes_f = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes_f / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes_f / 1e6),
        _ => format!("{:.1} GB", bytes_f / 1e9),
    }
}

/// A date for people, in UTC.
pub(super) fn date(seconds: i64) -> String {
    written(seconds, "%Y-%m-%d %H:%M")
}

/// A date for people to the second, in UTC.
pub(super) fn moment(seconds: i64) -> String {
    written(seconds, "%Y-%m-%d %H:%M:%S")
}

fn written(seconds: i64, format: &str) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| seconds.to_string(),
        |time| time.strftime(format).to_string(),
    )
}
