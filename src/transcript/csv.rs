//! CSV by RFC 4180: a header, CRLF, quotes where they are needed.
//!
//! It begins with a byte order mark, without which Excel takes the text for another encoding. A
//! cell of text that a spreadsheet would take for a formula begins with an apostrophe.

use std::io::{self, Write};

use super::Summary;
use super::table::Row;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};

/// The columns, in order.
const HEADER: &str = "group,id,topic,topic_title,date,from_id,from,role,kind,text,reply_to,edit_date,\
                      deleted,deleted_at,media,file_name,file_size,link\r\n";

/// Writes a row a message.
pub(super) struct Csv<'a> {
    page: &'a Page<'a>,
    line: Vec<u8>,
}

impl<'a> Csv<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self {
            page,
            line: Vec::new(),
        }
    }
}

impl TranscriptWriter for Csv<'_> {
    fn preamble(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all("\u{feff}".as_bytes())?;
        out.write_all(HEADER.as_bytes())
    }

    fn topic(&mut self, _out: &mut dyn Write, _topic: &TopicHead) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        let row = Row::of(&entry, self.page);
        self.line.clear();
        let line = &mut self.line;
        write!(line, "{},{},{},", row.group, row.id, row.topic)?;
        text(line, row.topic_title);
        line.push(b',');
        moment(line, Some(row.date))?;
        maybe(line, row.from_id)?;
        text(line, row.from.unwrap_or_default());
        write!(line, ",{},{},", row.role.name(), row.kind)?;
        text(line, row.text);
        line.push(b',');
        maybe(line, row.reply_to)?;
        moment(line, row.edit_date)?;
        write!(line, "{},", row.deleted_at.is_some())?;
        moment(line, row.deleted_at)?;
        if row.media.is_some() {
            line.extend_from_slice(row.kind.as_bytes());
        }
        line.push(b',');
        let name = row.media.and_then(|media| media.file_name.as_deref());
        text(line, name.unwrap_or_default());
        line.push(b',');
        maybe(line, row.media.and_then(|media| media.size))?;
        line.extend_from_slice(row.link().as_bytes());
        line.extend_from_slice(b"\r\n");
        out.write_all(line)
    }

    fn shows_topics(&self) -> bool {
        true
    }

    fn postamble(&mut self, _out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        Ok(())
    }
}

/// A cell with what is known, and the comma behind it.
fn maybe(line: &mut Vec<u8>, value: Option<impl std::fmt::Display>) -> io::Result<()> {
    match value {
        Some(value) => write!(line, "{value},"),
        None => line.write_all(b","),
    }
}

/// A cell with a time in UTC, as RFC 3339 writes it, and the comma behind it. Empty beyond the
/// year 9999.
fn moment(line: &mut Vec<u8>, at: Option<i64>) -> io::Result<()> {
    let at = at.and_then(|at| jiff::Timestamp::from_second(at).ok());
    maybe(line, at)
}

/// A cell of text.
fn text(line: &mut Vec<u8>, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let quoted = text
        .bytes()
        .any(|byte| matches!(byte, b'"' | b',' | b'\r' | b'\n'));
    if quoted {
        line.push(b'"');
    }
    if formula {
        line.push(b'\'');
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('"') {
        line.extend_from_slice(before.as_bytes());
        line.extend_from_slice(b"\"\"");
        rest = after;
    }
    line.extend_from_slice(rest.as_bytes());
    if quoted {
        line.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: &str) -> String {
        let mut line = Vec::new();
        text(&mut line, value);
        String::from_utf8(line).unwrap_or_default()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        for (value, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            (" spaces ", " spaces "),
        ] {
            assert_eq!(cell(value), expected);
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        for value in ["=1+1", "+49 30", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"] {
            let cell = cell(value);
            assert!(cell.trim_start_matches('"').starts_with('\''), "{cell}");
        }
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    }
}
