//! topicvault's own JSON Lines: lossless, one message a line.

use std::io::{self, Write};

use super::Summary;
use super::record::Record;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};

/// Writes [`Record`]s; a file without messages is empty.
pub(super) struct Jsonl<'a> {
    page: &'a Page<'a>,
    line: Vec<u8>,
}

impl<'a> Jsonl<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self {
            page,
            line: Vec::new(),
        }
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
        let author = entry.snapshot.message.from;
        let from = author.and_then(|author| self.page.name(author));
        let record = Record::new(self.page.group, entry.snapshot, from, entry.role);
        self.line.clear();
        serde_json::to_writer(&mut self.line, &record)?;
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    fn shows_topics(&self) -> bool {
        false
    }

    fn postamble(&mut self, _out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        Ok(())
    }
}
