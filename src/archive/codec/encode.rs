//! Records into frames.

use std::collections::HashMap;

use super::error::CodecError;
use super::layout::{
    COLUMNS, EARLIER, ESCAPE, FLAG_EARLIER, FLAG_EDITED, FLAG_REPLY, FLAG_REST, HEADS, LAYOUT,
    MAGIC, MAX_MESSAGES, MAX_RAW, MAX_RUN, NAMES, REST, TARGET_RAW,
};
use super::varint::{put, put_signed};
use crate::archive::record::Record;

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
    people: HashMap<i64, u64>,
    messages: usize,
    date: i64,
    first_date: i64,
}

impl Encoder {
    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages == 0
    }

    /// Whether it is time to [`finish`](Self::finish).
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.messages >= MAX_MESSAGES || self.raw_bytes() >= TARGET_RAW
    }

    fn raw_bytes(&self) -> usize {
        self.columns.iter().map(Vec::len).sum()
    }

    /// Adds a record. A new run begins with another topic, when the run is full, or when the id is
    /// not above the one before.
    pub fn push(&mut self, topic: i32, record: &Record) -> Result<(), CodecError> {
        let [
            _,
            starts,
            ids,
            dates,
            people,
            authors,
            flags,
            edits,
            replies,
            texts,
            rests,
            earlier,
        ] = &mut self.columns;
        let id = i64::from(record.id);
        match self.runs.last_mut() {
            Some(run) if run.topic == topic && run.count < MAX_RUN && run.last_id < record.id => {
                put(ids, (id - i64::from(run.last_id) - 1).unsigned_abs());
                put_signed(dates, record.date.wrapping_sub(self.date));
                run.last_id = record.id;
                run.first_date = run.first_date.min(record.date);
                run.last_date = run.last_date.max(record.date);
                run.count += 1;
            }
            _ => {
                put_signed(starts, record.date.wrapping_sub(self.first_date));
                self.first_date = record.date;
                self.runs.push(RunHead {
                    topic,
                    first_id: record.id,
                    last_id: record.id,
                    first_date: record.date,
                    last_date: record.date,
                    count: 1,
                });
            }
        }
        self.date = record.date;
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
        let mut flag = 0;
        if let Some(edit_date) = record.latest.edit_date {
            flag |= FLAG_EDITED;
            put_signed(edits, edit_date.wrapping_sub(record.date));
        }
        if let Some(reply) = record.latest.reply {
            flag |= FLAG_REPLY;
            put_signed(replies, id - i64::from(reply));
        }
        put_text(texts, &record.latest.text);
        if let Some(rest) = &record.latest.rest {
            flag |= FLAG_REST;
            put_json(rests, rest, NAMES[REST])?;
        }
        if !record.earlier.is_empty() {
            flag |= FLAG_EARLIER;
            put_json(earlier, &record.earlier, NAMES[EARLIER])?;
        }
        flags.push(flag);
        self.messages += 1;
        Ok(())
    }

    /// Compresses what was added and begins anew.
    pub fn finish(&mut self, level: i32) -> Result<Encoded, CodecError> {
        let mut full = std::mem::take(self);
        let [heads, ..] = &mut full.columns;
        let (mut topic, mut first_id) = (0_i64, 0_i64);
        for run in &full.runs {
            put_signed(heads, i64::from(run.topic) - topic);
            put(heads, run.count as u64);
            put_signed(heads, i64::from(run.first_id) - first_id);
            topic = i64::from(run.topic);
            first_id = i64::from(run.first_id);
        }
        let raw_bytes = full.raw_bytes();
        if raw_bytes as u64 > MAX_RAW {
            return Err(CodecError::TooLarge(raw_bytes as u64));
        }
        let mut body = Vec::with_capacity(raw_bytes / 4);
        body.extend(MAGIC);
        body.push(LAYOUT);
        let mut packed_columns = Vec::with_capacity(raw_bytes / 4);
        let mut compressor = zstd::bulk::Compressor::new(level)
            .map_err(|_| CodecError::Compression(NAMES[HEADS]))?;
        // The length is stored in our header already.
        compressor
            .include_contentsize(false)
            .map_err(|_| CodecError::Compression(NAMES[HEADS]))?;
        for (name, column) in NAMES.iter().zip(&full.columns) {
            let packed = compressor
                .compress(column)
                .map_err(|_| CodecError::Compression(name))?;
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
            runs: full.runs,
        })
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte > ESCAPE) {
        out.extend_from_slice(text.as_bytes());
    } else {
        for byte in text.bytes() {
            if byte <= ESCAPE {
                out.push(ESCAPE);
                out.push(byte + 1);
            } else {
                out.push(byte);
            }
        }
    }
    out.push(0);
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
