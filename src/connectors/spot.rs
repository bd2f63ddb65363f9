//! A place in a connector's file, for messages.

use std::fmt;
use std::sync::Arc;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file as it was named; a preset's name where it ships with the product.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 where only the file is known.
    pub line: usize,
}

impl Spot {
    /// So many lines further down.
    pub(super) fn below(&self, lines: usize) -> Self {
        let line = match self.line {
            0 => 0,
            line => line.saturating_add(lines),
        };
        Self {
            file: Arc::clone(&self.file),
            line,
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// A text of a file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) spot: Spot,
}

/// A file while it is read: tells lines from offsets.
#[derive(Clone, Debug)]
pub(super) struct Source<'t> {
    pub(super) file: Arc<str>,
    pub(super) text: &'t str,
}

impl Source<'_> {
    /// The line of a byte offset.
    pub(super) fn spot(&self, offset: usize) -> Spot {
        let before = self.text.as_bytes().get(..offset);
        let before = before.unwrap_or(self.text.as_bytes());
        Spot {
            file: Arc::clone(&self.file),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        }
    }

    /// A text as it stands in the file. Where the quotes stand alone on their line, the text begins
    /// on the next one, as TOML has it.
    pub(super) fn text(&self, text: &toml::Spanned<String>) -> Text {
        let span = text.span();
        let raw = self.text.get(span.start..).unwrap_or_default();
        let opens = |quotes| {
            let rest: Option<&str> = raw.strip_prefix(quotes);
            rest.is_some_and(|rest| rest.starts_with('\n') || rest.starts_with("\r\n"))
        };
        let shift = usize::from(opens("'''") || opens("\"\"\""));
        Text {
            text: text.get_ref().clone(),
            spot: self.spot(span.start).below(shift),
        }
    }
}
