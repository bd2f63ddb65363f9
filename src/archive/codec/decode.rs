//! Frames into records; total, whatever the bytes.

use serde::de::DeserializeOwned;

use super::error::CodecError;
use super::layout::{
    AUTHORS, COLUMNS, DATES, EARLIER, EDITS, ESCAPE, FLAG_EARLIER, FLAG_EDITED, FLAG_REPLY,
    FLAG_REST, FLAGS, HEADS, IDS, LAYOUT, MAGIC, MAX_MESSAGES, MAX_RAW, MAX_RUN, NAMES, PEOPLE,
    REPLIES, REST, STARTS, TEXTS,
};
use super::varint::Column;
use crate::archive::record::{Body, Record};

/// Messages of one topic, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The topic.
    pub topic: i32,
    /// Its messages; never empty.
    pub records: Vec<Record>,
}

/// Decodes a frame. Sizes are checked before memory is taken, every read is bounds-checked, and
/// nothing panics: hostile bytes give an error.
pub fn decode_frame(bytes: &[u8]) -> Result<Vec<Run>, CodecError> {
    let columns = unpack(bytes)?;
    let mut columns = Columns::new(&columns)?;
    let mut runs = Vec::new();
    let mut heads = Heads::default();
    while let Some(head) = heads.next(&mut columns)? {
        runs.push(columns.run(&head)?);
    }
    columns.end()?;
    Ok(runs)
}

/// Decodes some of a frame's runs, given by their slots, ascending; what lies between is passed
/// over, which costs a fraction of decoding it. As total as [`decode_frame`], but damage in what is
/// passed over may go unnoticed.
pub fn decode_runs(bytes: &[u8], slots: &[usize]) -> Result<Vec<Run>, CodecError> {
    let columns = unpack(bytes)?;
    let mut columns = Columns::new(&columns)?;
    let mut runs = Vec::with_capacity(slots.len().min(MAX_MESSAGES));
    let mut heads = Heads::default();
    let mut slot = 0;
    let mut between = Between::default();
    for wanted in slots {
        loop {
            let head = heads.next(&mut columns)?;
            let head = head.ok_or(CodecError::Truncated(NAMES[HEADS]))?;
            slot += 1;
            if slot > *wanted {
                columns.skip(&std::mem::take(&mut between))?;
                runs.push(columns.run(&head)?);
                break;
            }
            between.runs += 1;
            between.messages += head.count;
        }
    }
    Ok(runs)
}

/// Where a run begins.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    topic: i64,
    first_id: i64,
    first_date: i64,
    count: usize,
}

/// Reads one head after the other: each is a distance to the one before.
#[derive(Debug, Default)]
struct Heads {
    last: Head,
    messages: usize,
}

impl Heads {
    fn next(&mut self, columns: &mut Columns<'_>) -> Result<Option<Head>, CodecError> {
        if columns.heads.left() == 0 {
            return Ok(None);
        }
        let last = &mut self.last;
        last.topic += columns.heads.signed_small()?;
        last.count = usize::try_from(columns.heads.number()?)
            .ok()
            .filter(|count| (1..=MAX_RUN).contains(count))
            .ok_or(CodecError::Invalid(NAMES[HEADS]))?;
        last.first_id += columns.heads.signed_small()?;
        last.first_date = last.first_date.wrapping_add(columns.starts.signed()?);
        self.messages += last.count;
        if self.messages > MAX_MESSAGES {
            return Err(CodecError::TooLarge(self.messages as u64));
        }
        Ok(Some(*last))
    }
}

/// Runs that nobody asked for.
#[derive(Debug, Default)]
struct Between {
    runs: usize,
    messages: usize,
}

/// Reads the header and decompresses the columns.
fn unpack(bytes: &[u8]) -> Result<Vec<Vec<u8>>, CodecError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(CodecError::NotAFrame)?;
    let mut header = Column::new("header", rest);
    let layout = header.byte()?;
    if layout != LAYOUT {
        return Err(CodecError::Layout(layout));
    }
    let mut lengths = [(0_usize, 0_usize); COLUMNS];
    let mut total = 0_u64;
    for length in &mut lengths {
        let (raw, packed) = (header.number()?, header.number()?);
        total = total.saturating_add(raw);
        if total > MAX_RAW {
            return Err(CodecError::TooLarge(total));
        }
        let small = |number| usize::try_from(number).map_err(|_| CodecError::TooLarge(number));
        *length = (small(raw)?, small(packed)?);
    }
    let mut decompressor =
        zstd::bulk::Decompressor::new().map_err(|_| CodecError::Compression(NAMES[HEADS]))?;
    let mut columns = Vec::with_capacity(COLUMNS);
    for (name, (raw, packed)) in NAMES.into_iter().zip(lengths) {
        let taken = header.bytes(packed)?;
        if packed == raw {
            columns.push(taken.to_vec());
            continue;
        }
        let column = decompressor
            .decompress(taken, raw)
            .map_err(|_| CodecError::Compression(name))?;
        if column.len() != raw {
            return Err(CodecError::Truncated(name));
        }
        columns.push(column);
    }
    header.end()?;
    Ok(columns)
}

struct Columns<'a> {
    heads: Column<'a>,
    starts: Column<'a>,
    ids: Column<'a>,
    dates: Column<'a>,
    authors: Column<'a>,
    flags: Column<'a>,
    edits: Column<'a>,
    replies: Column<'a>,
    texts: Column<'a>,
    rest: Column<'a>,
    earlier: Column<'a>,
    people: Vec<i64>,
}

impl<'a> Columns<'a> {
    fn new(columns: &'a [Vec<u8>]) -> Result<Self, CodecError> {
        let column = |index: usize| {
            let bytes = columns.get(index).map_or(&[][..], Vec::as_slice);
            Column::new(NAMES.get(index).copied().unwrap_or("?"), bytes)
        };
        let mut people_column = column(PEOPLE);
        let mut people = Vec::new();
        while people_column.left() > 0 {
            if people.len() == MAX_MESSAGES {
                return Err(CodecError::TooLarge(people.len() as u64));
            }
            people.push(people_column.signed()?);
        }
        Ok(Self {
            heads: column(HEADS),
            starts: column(STARTS),
            ids: column(IDS),
            dates: column(DATES),
            authors: column(AUTHORS),
            flags: column(FLAGS),
            edits: column(EDITS),
            replies: column(REPLIES),
            texts: column(TEXTS),
            rest: column(REST),
            earlier: column(EARLIER),
            people,
        })
    }

    fn run(&mut self, head: &Head) -> Result<Run, CodecError> {
        let topic = i32::try_from(head.topic).map_err(|_| self.heads.invalid())?;
        let mut records = Vec::with_capacity(head.count);
        let (mut id, mut date) = (head.first_id, head.first_date);
        for index in 0..head.count {
            if index > 0 {
                let distance = self.ids.number()?;
                id = i64::try_from(distance)
                    .ok()
                    .and_then(|distance| id.checked_add(distance)?.checked_add(1))
                    .ok_or(self.ids.invalid())?;
                date = date.wrapping_add(self.dates.signed()?);
            }
            let id = i32::try_from(id).map_err(|_| self.ids.invalid())?;
            records.push(self.record(id, date)?);
        }
        Ok(Run { topic, records })
    }

    fn skip(&mut self, between: &Between) -> Result<(), CodecError> {
        let followers = between.messages - between.runs;
        self.ids.skip_numbers(followers)?;
        self.dates.skip_numbers(followers)?;
        self.authors.skip_numbers(between.messages)?;
        let flags = self.flags.bytes(between.messages)?;
        let count = |flag: u8| flags.iter().filter(|flags| **flags & flag != 0).count();
        self.edits.skip_numbers(count(FLAG_EDITED))?;
        self.replies.skip_numbers(count(FLAG_REPLY))?;
        self.texts.skip_terminated(between.messages)?;
        self.rest.skip_terminated(count(FLAG_REST))?;
        self.earlier.skip_terminated(count(FLAG_EARLIER))
    }

    fn record(&mut self, id: i32, date: i64) -> Result<Record, CodecError> {
        let author = match self.authors.number()? {
            0 => None,
            place => {
                let place = usize::try_from(place - 1).map_err(|_| self.authors.invalid())?;
                let author = self.people.get(place).ok_or(self.authors.invalid())?;
                Some(*author)
            }
        };
        let flags = self.flags.byte()?;
        if flags & !(FLAG_EDITED | FLAG_REPLY | FLAG_REST | FLAG_EARLIER) != 0 {
            return Err(self.flags.invalid());
        }
        let edit_date = if flags & FLAG_EDITED != 0 {
            Some(date.wrapping_add(self.edits.signed()?))
        } else {
            None
        };
        let reply = if flags & FLAG_REPLY != 0 {
            let reply = i64::from(id).checked_sub(self.replies.signed()?);
            let reply = reply.and_then(|reply| i32::try_from(reply).ok());
            Some(reply.ok_or(self.replies.invalid())?)
        } else {
            None
        };
        let text = text(&mut self.texts)?;
        let rest = if flags & FLAG_REST != 0 {
            Some(json(&mut self.rest)?)
        } else {
            None
        };
        let earlier = if flags & FLAG_EARLIER != 0 {
            json(&mut self.earlier)?
        } else {
            Vec::new()
        };
        Ok(Record {
            id,
            date,
            author,
            latest: Body {
                edit_date,
                reply,
                text,
                rest,
            },
            earlier,
        })
    }

    fn end(&self) -> Result<(), CodecError> {
        [
            &self.heads,
            &self.starts,
            &self.ids,
            &self.dates,
            &self.authors,
            &self.flags,
            &self.edits,
            &self.replies,
            &self.texts,
            &self.rest,
            &self.earlier,
        ]
        .into_iter()
        .try_for_each(Column::end)
    }
}

fn text(column: &mut Column<'_>) -> Result<String, CodecError> {
    let bytes = column.terminated()?;
    let bytes = if bytes.contains(&ESCAPE) {
        let mut plain = Vec::with_capacity(bytes.len());
        let mut rest = bytes.iter();
        while let Some(byte) = rest.next() {
            if *byte != ESCAPE {
                plain.push(*byte);
                continue;
            }
            match rest.next() {
                Some(code @ 1..=2) => plain.push(code - 1),
                _ => return Err(column.invalid()),
            }
        }
        plain
    } else {
        bytes.to_vec()
    };
    String::from_utf8(bytes).map_err(|_| column.invalid())
}

fn json<T: DeserializeOwned>(column: &mut Column<'_>) -> Result<T, CodecError> {
    let bytes = column.terminated()?;
    serde_json::from_slice(bytes).map_err(|_| column.invalid())
}
