//! Records into frames.

use std::collections::HashMap;

use super::error::CodecError;
use super::frame::Frame;
use super::layout::{
    ANYBODY, AROUND, AROUND_FLAG, COLUMNS, EARLIER, EARLIER_FLAG, EDITED_FLAG, IMPORTED_FLAG,
    LAYOUT, MAGIC, MAX_MESSAGES, MAX_RAW, MAX_RUN, NAMES, RECENT, REPLY_FLAG, REST, REST_FLAG,
    TEXTS,
};
use super::letters;
use super::pack::Packer;
use super::varint::{put, put_signed};
use crate::archive::record::Record;
use crate::model::Source;

/// What the run index says about a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunHead {
    /// Its topic.
    pub topic: i32,
    /// Lowest id.
    pub first_id: i32,
    /// Highest id.
    pub last_id: i32,
    /// Earliest date.
    pub first_date: i64,
    /// Latest date.
    pub last_date: i64,
    /// Messages.
    pub count: usize,
    /// Date of the first message.
    start: i64,
    /// A message of it has a file with a name.
    has_names: bool,
}

/// A finished frame.
#[derive(Debug)]
pub struct Encoded {
    /// The bytes to store.
    pub body: Vec<u8>,
    /// Length of all columns before compression.
    pub raw_bytes: usize,
    /// Its runs, in slot order.
    pub runs: Vec<RunHead>,
}

/// Collects records, topic by topic and ascending within, into one frame.
#[derive(Debug, Default)]
pub struct Encoder {
    columns: [Vec<u8>; COLUMNS],
    runs: Vec<RunHead>,
    /// Places of people, plus one.
    people: HashMap<i64, u64>,
    /// Who spoke in this run, the last one first.
    recent: Vec<Option<i64>>,
    messages: usize,
    date: i64,
}

impl Encoder {
    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages == 0
    }

    /// Whether another run should begin in another frame, where frames are to hold so many bytes of
    /// text. (What is rare compresses to next to nothing, but there may be very much of it.)
    #[must_use]
    pub fn is_full(&self, text: usize) -> bool {
        self.messages >= MAX_MESSAGES - MAX_RUN
            || self.columns[TEXTS].len() >= text
            || self.raw_bytes() >= text * 4
    }

    /// Whether a record of this topic would begin a run.
    #[must_use]
    pub fn begins_run(&self, topic: i32, record: &Record) -> bool {
        self.runs.last().is_none_or(|run| {
            run.topic != topic || run.count >= MAX_RUN || run.last_id >= record.id
        })
    }

    fn raw_bytes(&self) -> usize {
        self.columns.iter().map(Vec::len).sum()
    }

    /// Adds a record. A new run begins with another topic, when the run is full, or when the id is
    /// not above the one before.
    pub fn push(&mut self, topic: i32, record: &Record) -> Result<(), CodecError> {
        let begins = self.begins_run(topic, record);
        let [
            _,
            people,
            ids,
            dates,
            shapes,
            authors,
            edits,
            replies,
            rests,
            earlier,
            around,
            texts,
        ] = &mut self.columns;
        let id = i64::from(record.id);
        match self.runs.last_mut() {
            Some(run) if !begins => {
                put(ids, (id - i64::from(run.last_id) - 1).unsigned_abs());
                put_signed(dates, record.date.wrapping_sub(self.date));
                run.last_id = record.id;
                run.first_date = run.first_date.min(record.date);
                run.last_date = run.last_date.max(record.date);
                run.count += 1;
            }
            _ => {
                self.recent.clear();
                self.runs.push(RunHead {
                    topic,
                    first_id: record.id,
                    last_id: record.id,
                    first_date: record.date,
                    last_date: record.date,
                    count: 1,
                    start: record.date,
                    has_names: false,
                });
            }
        }
        self.date = record.date;

        let spoke = self.recent.iter().position(|it| *it == record.author);
        let mut shape = match spoke {
            Some(place) => {
                self.recent.remove(place);
                place as u8
            }
            None => {
                let place = match record.author {
                    None => 0,
                    Some(author) => {
                        let next = self.people.len() as u64 + 1;
                        *self.people.entry(author).or_insert_with(|| {
                            put_signed(people, author);
                            next
                        })
                    }
                };
                put(authors, place);
                self.recent.truncate(RECENT - 1);
                ANYBODY
            }
        };
        self.recent.insert(0, record.author);
        if let Some(edit_date) = record.latest.edit_date {
            shape |= EDITED_FLAG;
            put_signed(edits, edit_date.wrapping_sub(record.date));
        }
        if let Some(reply) = record.latest.reply {
            shape |= REPLY_FLAG;
            put_signed(replies, id - i64::from(reply));
        }
        let mut by = record.latest.by;
        if by == Some(Source::Import) {
            shape |= IMPORTED_FLAG;
            by = None;
        }
        if let Some(rest) = record.latest.rest_with_source(by) {
            shape |= REST_FLAG;
            put_json(rests, &rest, NAMES[REST])?;
            let name = rest
                .media
                .as_ref()
                .and_then(|media| media.file_name.as_ref());
            if let Some(run) = self.runs.last_mut()
                && name.is_some()
            {
                run.has_names = true;
            }
        }
        if !record.earlier.is_empty() {
            shape |= EARLIER_FLAG;
            put_json(earlier, &record.earlier, NAMES[EARLIER])?;
        }
        if !record.around.is_nothing() {
            shape |= AROUND_FLAG;
            put_json(around, &record.around, NAMES[AROUND])?;
        }
        shapes.push(shape);
        letters::put(texts, &record.latest.text);
        self.messages += 1;
        Ok(())
    }

    /// Compresses what was added and begins anew.
    pub fn finish(&mut self, packer: &mut Packer) -> Result<Encoded, CodecError> {
        let (columns, runs) = self.take();
        let raw_bytes = columns.iter().map(Vec::len).sum::<usize>();
        if raw_bytes as u64 > MAX_RAW {
            return Err(CodecError::TooLarge(raw_bytes as u64));
        }
        let mut body = Vec::with_capacity(raw_bytes / 4);
        body.extend(MAGIC);
        body.push(LAYOUT);
        let mut packed_columns = Vec::with_capacity(raw_bytes / 4);
        for (number, column) in columns.iter().enumerate() {
            let packed = packer.pack(number, column)?;
            let kept = if packed.len() < column.len() {
                &packed
            } else {
                column
            };
            put(&mut body, column.len() as u64);
            put(&mut body, kept.len() as u64);
            packed_columns.extend_from_slice(kept);
        }
        body.extend(packed_columns);
        Ok(Encoded {
            body,
            raw_bytes,
            runs,
        })
    }

    /// What was added as a frame that was never packed.
    pub(super) fn into_frame(mut self) -> Result<Frame, CodecError> {
        let (columns, _) = self.take();
        Frame::of(columns)
    }

    fn take(&mut self) -> ([Vec<u8>; COLUMNS], Vec<RunHead>) {
        let mut full = std::mem::take(self);
        let [heads, ..] = &mut full.columns;
        let (mut topic, mut first_id, mut start) = (0_i64, 0_i64, 0_i64);
        for run in &full.runs {
            put_signed(heads, i64::from(run.topic) - topic);
            put(heads, (run.count as u64) << 1 | u64::from(run.has_names));
            put_signed(heads, i64::from(run.first_id) - first_id);
            put_signed(heads, run.start.wrapping_sub(start));
            topic = i64::from(run.topic);
            first_id = i64::from(run.first_id);
            start = run.start;
        }
        (full.columns, full.runs)
    }
}

fn put_json(
    out: &mut Vec<u8>,
    value: &impl serde::Serialize,
    name: &'static str,
) -> Result<(), CodecError> {
    serde_json::to_writer(&mut *out, value).map_err(|_| CodecError::Invalid(name))?;
    out.push(0);
    Ok(())
}
