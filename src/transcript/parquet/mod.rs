//! Parquet: a wide table with a row a message, for DuckDB, Spark and pandas.

mod column;
mod file;

use std::io::{self, Write};

use serde::Serialize;

use super::Summary;
use super::record::VersionRecord;
use super::table::Row;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};
use column::Column;
pub(super) use file::ParquetFile;

/// What is rare and nested is JSON.
const SCHEMA: &str = "
message messages {
  required int64 group;
  required int32 id;
  required int32 topic;
  required binary topic_title (STRING);
  required int64 date (TIMESTAMP(MILLIS,true));
  optional int64 from_id;
  optional binary from (STRING);
  required binary role (STRING);
  required binary kind (STRING);
  required binary text (STRING);
  optional int32 reply_to;
  optional int64 edit_date (TIMESTAMP(MILLIS,true));
  required boolean deleted;
  optional int64 deleted_at (TIMESTAMP(MILLIS,true));
  optional binary media (STRING);
  optional binary file_name (STRING);
  optional binary mime_type (STRING);
  optional int64 file_size;
  optional int32 width;
  optional int32 height;
  optional int32 duration;
  optional binary entities (STRING);
  optional binary reactions (STRING);
  optional binary service (STRING);
  optional binary versions (STRING);
  required binary link (STRING);
}";

/// Writes the table.
pub(super) struct Messages<'a> {
    page: &'a Page<'a>,
    /// Made with the first byte that is written.
    file: Option<ParquetFile>,
}

impl<'a> Messages<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self { page, file: None }
    }
}

impl TranscriptWriter for Messages<'_> {
    fn preamble(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        self.file = Some(ParquetFile::new(SCHEMA, &["text", "link"])?);
        Ok(())
    }

    fn topic(&mut self, _out: &mut dyn Write, _topic: &TopicHead) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let row = Row::of(&entry, self.page);
        let [
            group,
            id,
            topic,
            title,
            date,
            from_id,
            from,
            role,
            kind,
            text,
            reply_to,
            edit_date,
            deleted,
            deleted_at,
            rest @ ..,
        ] = file.columns()
        else {
            return Err(io::Error::other("a column is missing"));
        };
        group.long(row.group.bare());
        id.int(row.id.0);
        topic.int(row.topic.0);
        title.text(row.topic_title);
        date.long(millis(row.date));
        from_id.long(row.from_id.map(|from| from.0));
        from.text(row.from);
        role.text(row.role.name());
        kind.text(row.kind);
        text.text(row.text);
        reply_to.int(row.reply_to.map(|id| id.0));
        edit_date.long(row.edit_date.map(millis));
        deleted.bool(row.deleted_at.is_some());
        deleted_at.long(row.deleted_at.map(millis));
        extras(rest, &row, &entry)?;
        file.end_row(out)
    }

    fn shows_topics(&self) -> bool {
        true
    }

    fn postamble(&mut self, out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.end(out),
            None => Ok(()),
        }
    }
}

/// Media, what is nested, and the link.
fn extras(columns: &mut [Column], row: &Row<'_>, entry: &Entry<'_>) -> io::Result<()> {
    let [
        media,
        file_name,
        mime_type,
        file_size,
        width,
        height,
        duration,
        entities,
        reactions,
        service,
        versions,
        link,
    ] = columns
    else {
        return Err(io::Error::other("a column is missing"));
    };
    let small = |number: Option<u32>| number.and_then(|it| i32::try_from(it).ok());
    let it = row.media;
    media.text(it.map(|_| row.kind));
    file_name.text(it.and_then(|it| it.file_name.as_deref()));
    mime_type.text(it.and_then(|it| it.mime_type.as_deref()));
    file_size.long(
        it.and_then(|it| it.size)
            .and_then(|it| i64::try_from(it).ok()),
    );
    width.int(small(it.and_then(|it| it.width)));
    height.int(small(it.and_then(|it| it.height)));
    duration.int(small(it.and_then(|it| it.duration)));
    let snapshot = entry.snapshot;
    let message = &snapshot.message;
    json(
        entities,
        Some(&message.entities).filter(|it| !it.is_empty()),
    )?;
    let counts = snapshot.marks.reactions.as_ref().map(|it| &it.counts);
    json(reactions, counts.filter(|it| !it.is_empty()))?;
    json(service, message.service.as_ref())?;
    let earlier = Some(&snapshot.versions).filter(|it| !it.is_empty());
    let earlier = earlier.map(|it| it.iter().map(VersionRecord::from).collect::<Vec<_>>());
    json(versions, earlier.as_ref())?;
    let mut written = Ok(());
    link.written(|bytes| written = write!(bytes, "{}", row.link()));
    written
}

/// JSON, where there is something to say.
fn json(column: &mut Column, value: Option<&impl Serialize>) -> io::Result<()> {
    let Some(value) = value else {
        column.text(None);
        return Ok(());
    };
    let mut result = Ok(());
    column.written(|bytes| result = serde_json::to_writer(bytes, value));
    Ok(result?)
}

fn millis(seconds: i64) -> i64 {
    seconds.saturating_mul(1000)
}
