//! Frames into records; total, whatever the bytes.

use std::ops::Range;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;

use super::error::CodecError;
use super::first;
use super::layout::{
    ANYBODY, AROUND, AROUND_FLAG, AUTHORS, COLUMNS, DATES, EARLIER, EARLIER_FLAG, EDITED_FLAG,
    EDITS, HEADS, IDS, IMPORTED_FLAG, LAYOUT, MAGIC, MAX_MESSAGES, MAX_RAW, MAX_RUN, NAMES, PEOPLE,
    RECENT, REPLIES, REPLY_FLAG, REST, REST_FLAG, SHAPES, SPEAKER, TEXTS,
};
use super::letters;
use super::pack::{Dictionary, unpack};
use super::varint::Column;
use crate::archive::record::{Body, Record};
use crate::model::Source;

/// Messages of one topic, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The topic.
    pub topic: i32,
    /// Its messages; never empty.
    pub records: Vec<Record>,
}

/// Where a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its topic.
    pub topic: i32,
    /// Messages.
    pub count: usize,
    /// Id of its first message.
    pub first_id: i32,
    /// Date of its first message.
    pub first_date: i64,
    /// A message of it has a file with a name.
    pub has_names: bool,
}

/// A frame that is being read: columns are unpacked, and runs and messages decoded, when they are
/// wanted.
#[derive(Debug)]
pub struct Frame {
    packed: Vec<u8>,
    /// Where each column lies in `packed`, and how long it is unpacked.
    places: [(Range<usize>, usize); COLUMNS],
    dictionary: Option<Dictionary>,
    columns: [OnceLock<Vec<u8>>; COLUMNS],
    people: OnceLock<Vec<i64>>,
    heads: Vec<Head>,
    /// Where each run begins in the columns.
    starts: OnceLock<Result<Vec<Starts>, CodecError>>,
    /// Where each run's texts begin, and the end of all.
    texts: OnceLock<Result<Vec<usize>, CodecError>>,
}

/// A run's beginning in each column, in bytes.
type Starts = [u32; COLUMNS];

impl Frame {
    /// Reads the header and where runs begin. Sizes are checked before memory is taken.
    pub fn read(packed: Vec<u8>, dictionary: Option<Dictionary>) -> Result<Self, CodecError> {
        let rest = packed.strip_prefix(&MAGIC).ok_or(CodecError::NotAFrame)?;
        let mut header = Column::new("header", rest);
        match header.byte()? {
            LAYOUT => {}
            first::LAYOUT => return first::read(header),
            other => return Err(CodecError::Layout(other)),
        }
        let lengths = lengths::<COLUMNS>(&mut header)?;
        let mut at = packed.len() - header.left();
        let places = lengths.map(|(raw, length)| {
            let begin = at;
            at = at.saturating_add(length);
            (begin..at, raw)
        });
        if at != packed.len() {
            return Err(CodecError::Truncated("header"));
        }
        let mut frame = Self {
            packed,
            places,
            dictionary,
            columns: [const { OnceLock::new() }; COLUMNS],
            people: OnceLock::new(),
            heads: Vec::new(),
            starts: OnceLock::new(),
            texts: OnceLock::new(),
        };
        frame.heads = heads(frame.bytes(HEADS)?)?;
        Ok(frame)
    }

    /// From columns that were never packed.
    pub(super) fn of(columns: [Vec<u8>; COLUMNS]) -> Result<Self, CodecError> {
        let heads = heads(&columns[HEADS])?;
        Ok(Self {
            packed: Vec::new(),
            places: columns.each_ref().map(|column| (0..0, column.len())),
            dictionary: None,
            columns: columns.map(OnceLock::from),
            people: OnceLock::new(),
            heads,
            starts: OnceLock::new(),
            texts: OnceLock::new(),
        })
    }

    /// Where its runs begin, in slot order.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Bytes that it takes in memory now, about; what is unpacked later comes on top.
    #[must_use]
    pub fn size(&self) -> usize {
        let unpacked = self.columns.iter().filter_map(OnceLock::get);
        let columns: usize = unpacked.map(Vec::len).sum();
        let starts = match self.starts.get() {
            Some(_) => size_of::<Starts>(),
            None => 0,
        };
        self.packed.len() + columns + self.heads.len() * (40 + starts)
    }

    /// All runs. Errs also where something follows the last one.
    pub fn runs(&self) -> Result<Vec<Run>, CodecError> {
        (0..self.heads.len()).map(|slot| self.run(slot)).collect()
    }

    /// One run, by its slot; what lies before it was passed over, which costs a fraction of
    /// decoding it.
    pub fn run(&self, slot: usize) -> Result<Run, CodecError> {
        let topic = self.cursor(slot)?.topic;
        let records = self.tail(slot, usize::MAX)?;
        Ok(Run { topic, records })
    }

    /// The last `count` messages of a run, or all; those before are passed over.
    pub fn tail(&self, slot: usize, count: usize) -> Result<Vec<Record>, CodecError> {
        let mut cursor = self.cursor(slot)?;
        while cursor.left > count {
            cursor.skip(self)?;
        }
        let mut records = Vec::with_capacity(cursor.left);
        while let Some(record) = cursor.next(self)? {
            records.push(record);
        }
        Ok(records)
    }

    /// The message with this id of a run.
    pub fn find(&self, slot: usize, id: i32) -> Result<Option<Record>, CodecError> {
        let mut cursor = self.cursor(slot)?;
        let mut ids = cursor.column(self, IDS)?;
        let (mut at, mut place) = (cursor.id, 0);
        while at < i64::from(id) && place + 1 < cursor.left {
            at = step(at, &mut ids)?;
            place += 1;
        }
        if at != i64::from(id) {
            return Ok(None);
        }
        for _ in 0..place {
            cursor.skip(self)?;
        }
        cursor.next(self)
    }

    /// The texts of a run as they lie in the frame, each with its end. Nothing but texts is unpacked.
    pub(in crate::archive) fn texts(&self, slot: usize) -> Result<&[u8], CodecError> {
        let starts = self.texts.get_or_init(|| {
            let bytes = self.bytes(TEXTS)?;
            let mut texts = Column::new(NAMES[TEXTS], bytes);
            let mut starts = Vec::with_capacity(self.heads.len() + 1);
            for head in &self.heads {
                starts.push(bytes.len() - texts.left());
                texts.skip_terminated(head.count)?;
            }
            starts.push(bytes.len() - texts.left());
            Ok(starts)
        });
        let starts = starts.as_ref().map_err(|error| *error)?;
        let missing = CodecError::Truncated(NAMES[HEADS]);
        let (begin, end) = starts.get(slot).zip(starts.get(slot + 1)).ok_or(missing)?;
        self.bytes(TEXTS)?.get(*begin..*end).ok_or(missing)
    }

    /// Reads a run message by message, in whatever time.
    pub fn cursor(&self, slot: usize) -> Result<Cursor, CodecError> {
        let starts = self.starts.get_or_init(|| self.starts());
        let starts = starts.as_ref().map_err(|error| *error)?;
        let missing = CodecError::Truncated(NAMES[HEADS]);
        let (head, starts) = self.heads.get(slot).zip(starts.get(slot)).ok_or(missing)?;
        Ok(Cursor {
            topic: head.topic,
            id: i64::from(head.first_id),
            date: head.first_date,
            left: head.count,
            fresh: true,
            recent: [None; RECENT],
            spoke: 0,
            at: *starts,
        })
    }

    /// Passes over all runs once, noting where each begins. Errs where columns end too soon or too
    /// late.
    fn starts(&self) -> Result<Vec<Starts>, CodecError> {
        let mut columns: [Column<'_>; COLUMNS] =
            std::array::from_fn(|number| Column::new(name(number), &[]));
        for (number, column) in columns.iter_mut().enumerate() {
            *column = Column::new(name(number), self.bytes(number)?);
        }
        let whole = columns.each_ref().map(Column::left);
        let mut starts = Vec::with_capacity(self.heads.len());
        for head in &self.heads {
            let mut start = [0; COLUMNS];
            for ((at, column), whole) in start.iter_mut().zip(&columns).zip(whole) {
                *at = u32::try_from(whole - column.left()).unwrap_or(u32::MAX);
            }
            starts.push(start);
            let shapes = columns[SHAPES].bytes(head.count)?;
            let mut counts = [0_usize; 6];
            for shape in shapes {
                counts[0] += usize::from(shape & SPEAKER == ANYBODY);
                counts[1] += usize::from(shape & EDITED_FLAG != 0);
                counts[2] += usize::from(shape & REPLY_FLAG != 0);
                counts[3] += usize::from(shape & REST_FLAG != 0);
                counts[4] += usize::from(shape & EARLIER_FLAG != 0);
                counts[5] += usize::from(shape & AROUND_FLAG != 0);
            }
            columns[IDS].skip_numbers(head.count - 1)?;
            columns[DATES].skip_numbers(head.count - 1)?;
            columns[AUTHORS].skip_numbers(counts[0])?;
            columns[EDITS].skip_numbers(counts[1])?;
            columns[REPLIES].skip_numbers(counts[2])?;
            columns[REST].skip_terminated(counts[3])?;
            columns[EARLIER].skip_terminated(counts[4])?;
            columns[AROUND].skip_terminated(counts[5])?;
            columns[TEXTS].skip_terminated(head.count)?;
        }
        // These two were read whole.
        let read = |number: usize| number == HEADS || number == PEOPLE;
        for (number, column) in columns.iter().enumerate() {
            if !read(number) {
                column.end()?;
            }
        }
        Ok(starts)
    }

    /// A column, unpacked now unless it was before.
    fn bytes(&self, number: usize) -> Result<&[u8], CodecError> {
        let missing = CodecError::Truncated("header");
        let column = self.columns.get(number).ok_or(missing)?;
        if let Some(bytes) = column.get() {
            return Ok(bytes);
        }
        let (place, length) = self.places.get(number).ok_or(missing)?;
        let packed = self.packed.get(place.clone()).ok_or(missing)?;
        let bytes = if packed.len() == *length {
            packed.to_vec()
        } else {
            unpack(number, packed, *length, self.dictionary.as_ref())?
        };
        Ok(column.get_or_init(|| bytes))
    }

    fn people(&self) -> Result<&[i64], CodecError> {
        if let Some(people) = self.people.get() {
            return Ok(people);
        }
        let mut column = Column::new(NAMES[PEOPLE], self.bytes(PEOPLE)?);
        let mut people = Vec::new();
        while column.left() > 0 {
            if people.len() == MAX_MESSAGES {
                return Err(CodecError::TooLarge(people.len() as u64));
            }
            people.push(column.signed()?);
        }
        Ok(self.people.get_or_init(|| people))
    }
}

fn name(column: usize) -> &'static str {
    NAMES.get(column).copied().unwrap_or("?")
}

/// Reads how long the columns are, raw and packed.
pub(super) fn lengths<const N: usize>(
    header: &mut Column<'_>,
) -> Result<[(usize, usize); N], CodecError> {
    let mut lengths = [(0_usize, 0_usize); N];
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
    Ok(lengths)
}

fn heads(bytes: &[u8]) -> Result<Vec<Head>, CodecError> {
    let mut column = Column::new(NAMES[HEADS], bytes);
    let (mut topic, mut first_id, mut first_date) = (0_i64, 0_i64, 0_i64);
    let mut messages = 0;
    let mut heads = Vec::new();
    while column.left() > 0 {
        topic += column.signed_small()?;
        let packed = column.number()?;
        let has_names = packed & 1 == 1;
        let count = usize::try_from(packed >> 1)
            .ok()
            .filter(|count| (1..=MAX_RUN).contains(count))
            .ok_or(column.invalid())?;
        first_id += column.signed_small()?;
        first_date = first_date.wrapping_add(column.signed()?);
        messages += count;
        if messages > MAX_MESSAGES {
            return Err(CodecError::TooLarge(messages as u64));
        }
        let small = |number| i32::try_from(number).map_err(|_| column.invalid());
        heads.push(Head {
            topic: small(topic)?,
            count,
            first_id: small(first_id)?,
            first_date,
            has_names,
        });
    }
    Ok(heads)
}

/// The id after one.
fn step(id: i64, ids: &mut Column<'_>) -> Result<i64, CodecError> {
    let distance = ids.number()?;
    i64::try_from(distance)
        .ok()
        .and_then(|distance| id.checked_add(distance)?.checked_add(1))
        .filter(|id| *id <= i64::from(i32::MAX))
        .ok_or(ids.invalid())
}

/// A place in a run. It holds no frame, so that thousands of runs can be read side by side.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    topic: i32,
    id: i64,
    date: i64,
    left: usize,
    fresh: bool,
    recent: [Option<i64>; RECENT],
    spoke: usize,
    at: Starts,
}

impl Cursor {
    /// The run's topic.
    #[must_use]
    pub fn topic(&self) -> i32 {
        self.topic
    }

    /// The id of the message that comes next.
    pub fn peek(&self, frame: &Frame) -> Result<Option<i32>, CodecError> {
        if self.left == 0 {
            return Ok(None);
        }
        let id = match self.fresh {
            true => self.id,
            false => step(self.id, &mut self.column(frame, IDS)?)?,
        };
        i32::try_from(id)
            .map(Some)
            .map_err(|_| CodecError::Invalid(NAMES[IDS]))
    }

    /// Passes over the next message, which costs a fraction of decoding it.
    pub fn skip(&mut self, frame: &Frame) -> Result<(), CodecError> {
        if self.left == 0 {
            return Ok(());
        }
        self.step(frame)?;
        let shape = self.read(frame, SHAPES, Column::byte)?;
        self.author(frame, shape & SPEAKER)?;
        for (flag, column) in [(EDITED_FLAG, EDITS), (REPLY_FLAG, REPLIES)] {
            if shape & flag != 0 {
                self.read(frame, column, |column| column.skip_numbers(1))?;
            }
        }
        for (flag, column) in [
            (REST_FLAG, REST),
            (EARLIER_FLAG, EARLIER),
            (AROUND_FLAG, AROUND),
        ] {
            if shape & flag != 0 {
                self.read(frame, column, |column| column.terminated().map(drop))?;
            }
        }
        self.read(frame, TEXTS, |texts| texts.terminated().map(drop))
    }

    /// Moves on to the next message's id and date.
    fn step(&mut self, frame: &Frame) -> Result<(), CodecError> {
        if !std::mem::replace(&mut self.fresh, false) {
            let before = self.id;
            self.id = self.read(frame, IDS, |ids| step(before, ids))?;
            let distance = self.read(frame, DATES, Column::signed)?;
            self.date = self.date.wrapping_add(distance);
        }
        self.left -= 1;
        Ok(())
    }

    /// The next message; `frame` must be the one that the cursor is of.
    pub fn next(&mut self, frame: &Frame) -> Result<Option<Record>, CodecError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.step(frame)?;
        let id = i32::try_from(self.id).map_err(|_| CodecError::Invalid(NAMES[IDS]))?;
        let shape = self.read(frame, SHAPES, Column::byte)?;
        let author = self.author(frame, shape & SPEAKER)?;
        let edit_date = match shape & EDITED_FLAG {
            0 => None,
            _ => {
                let distance = self.read(frame, EDITS, Column::signed)?;
                Some(self.date.wrapping_add(distance))
            }
        };
        let reply = match shape & REPLY_FLAG {
            0 => None,
            _ => {
                let distance = self.read(frame, REPLIES, Column::signed)?;
                let reply = self.id.checked_sub(distance);
                let reply = reply.and_then(|reply| i32::try_from(reply).ok());
                Some(reply.ok_or(CodecError::Invalid(NAMES[REPLIES]))?)
            }
        };
        let rest = match shape & REST_FLAG {
            0 => None,
            _ => Some(self.read(frame, REST, json)?),
        };
        let earlier = match shape & EARLIER_FLAG {
            0 => Vec::new(),
            _ => self.read(frame, EARLIER, json)?,
        };
        let around = match shape & AROUND_FLAG {
            0 => Default::default(),
            _ => self.read(frame, AROUND, json)?,
        };
        let text = self.read(frame, TEXTS, |texts| letters::read(texts.terminated()?))?;
        Ok(Some(Record {
            id,
            date: self.date,
            author,
            latest: Body {
                edit_date,
                reply,
                text,
                rest: None,
                by: (shape & IMPORTED_FLAG != 0).then_some(Source::Import),
            }
            .with_rest(rest),
            earlier,
            around,
        }))
    }

    fn author(&mut self, frame: &Frame, speaker: u8) -> Result<Option<i64>, CodecError> {
        let place = usize::from(speaker);
        let author = if speaker == ANYBODY {
            let author = match self.read(frame, AUTHORS, Column::number)? {
                0 => None,
                place => {
                    let place = usize::try_from(place - 1).unwrap_or(usize::MAX);
                    let author = frame.people()?.get(place);
                    Some(*author.ok_or(CodecError::Invalid(NAMES[AUTHORS]))?)
                }
            };
            self.spoke = (self.spoke + 1).min(RECENT);
            self.recent.rotate_right(1);
            author
        } else {
            let recent = self.recent.get_mut(..=place).filter(|_| place < self.spoke);
            let recent = recent.ok_or(CodecError::Invalid(NAMES[SHAPES]))?;
            recent.rotate_right(1);
            return Ok(recent.first().copied().flatten());
        };
        self.recent[0] = author;
        Ok(author)
    }

    fn column<'a>(&self, frame: &'a Frame, number: usize) -> Result<Column<'a>, CodecError> {
        let at = self.at.get(number).map_or(0, |at| *at as usize);
        let bytes = frame.bytes(number)?.get(at..).unwrap_or_default();
        Ok(Column::new(name(number), bytes))
    }

    /// Reads from a column and goes on in it.
    fn read<'a, T>(
        &mut self,
        frame: &'a Frame,
        number: usize,
        read: impl FnOnce(&mut Column<'a>) -> Result<T, CodecError>,
    ) -> Result<T, CodecError> {
        let mut column = self.column(frame, number)?;
        let before = column.left();
        let value = read(&mut column)?;
        if let Some(at) = self.at.get_mut(number) {
            *at += u32::try_from(before - column.left()).unwrap_or(u32::MAX);
        }
        Ok(value)
    }
}

pub(super) fn json<T: DeserializeOwned>(column: &mut Column<'_>) -> Result<T, CodecError> {
    let bytes = column.terminated()?;
    serde_json::from_slice(bytes).map_err(|_| column.invalid())
}
