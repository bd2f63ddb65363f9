//! One check and how it looks.

use std::io::Write;

use serde::Serialize;

use crate::cli::{Failure, output};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// In order.
    Ok,
    /// Works, but is worth a look.
    Warning,
    /// Does not work.
    Failed,
    /// Not checked.
    Skipped,
}

/// One check.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) state: State,
    /// What was found.
    pub(super) detail: String,
    /// What to do.
    pub(super) help: Option<String>,
}

impl Check {
    pub(super) fn new(name: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self {
            name,
            state,
            detail: detail.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn failed(name: &'static str, failure: Failure) -> Self {
        Self {
            name,
            state: State::Failed,
            detail: failure.message,
            help: failure.help,
        }
    }
}

/// A line for people, with what to do below it.
pub(super) fn show(out: &mut Vec<u8>, check: &Check) -> std::io::Result<()> {
    use anstyle::AnsiColor::{Green, Red, Yellow};
    let (mark, style) = match check.state {
        State::Ok => ("✓", Green.on_default()),
        State::Warning => ("!", Yellow.on_default()),
        State::Failed => ("✗", Red.on_default().bold()),
        State::Skipped => ("–", anstyle::Style::new().dimmed()),
    };
    writeln!(
        out,
        "{style}{mark}{style:#} {:<8} {}",
        check.name,
        output::plain(&check.detail)
    )?;
    if let Some(help) = &check.help {
        writeln!(out, "           → {help}")?;
    }
    Ok(())
}
