//! topicvault's own JSON Lines: lossless, one message a line.

use std::io::{self, Write};

use super::Summary;
use super::record::Record;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};

/// Writes [`Record`]s; a file without messages is empty.
pub(super) struct Jsonl<'a> {
    page: &'a Page<'a>,
}

impl<'a> Jsonl<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self { page }
    }
}

impl TranscriptWriter for Jsonl<'_> {
    fn preamble(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn topic(&mut self, _out: &mut dyn Write, _topic: &TopicHead) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        let from = entry
            .snapshot
            .message
            .from
            .and_then(|author| self.page.name(author))
            .map(str::to_owned);
        let record = Record::new(self.page.group, entry.snapshot, from, entry.role);
        serde_json::to_writer(&mut *out, &record)?;
        out.write_all(b"\n")
    }

    fn postamble(&mut self, _out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        Ok(())
    }
}
