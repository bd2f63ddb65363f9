//! Layout 1, in which archives of format 1 were sealed; read only.
//!
//! ```text
//! heads   a run: topic (signed, to the run before), count, first id (signed, to the run before)
//! starts  a run: date of its first message (signed, to the run before)
//! ids     a message but the first of its run: distance to the one before, less one
//! dates   a message but the first of its run: signed distance to the one before
//! people  each author once, signed, in order of appearance
//! authors a message: 0 for nobody, else place in people plus one
//! flags   a message: 1 edited, 2 reply, 4 rest, 8 earlier
//! edits   where edited: signed distance from date to edit_date
//! replies where reply: signed distance from the message replied to
//! texts   a message: UTF-8, 0x00 ends it (0x00 and 0x01 within are 0x01 0x01 and 0x01 0x02)
//! rest    where rest: JSON of `Rest`, 0x00 ends it
//! earlier where earlier: JSON of the earlier versions, 0x00 ends it
//! ```

use super::encode::Encoder;
use super::error::CodecError;
use super::frame::{Frame, json, lengths};
use super::layout::{MAX_MESSAGES, MAX_RUN};
use super::pack::unpack;
use super::varint::Column;
use crate::archive::record::{Around, Body, Record};

pub(super) const LAYOUT: u8 = 1;

const NAMES: [&str; 12] = [
    "heads", "starts", "ids", "dates", "people", "authors", "flags", "edits", "replies", "texts",
    "rest", "earlier",
];

/// Reads a frame whose layout was read already, as one of the latest layout.
pub(super) fn read(mut header: Column<'_>) -> Result<Frame, CodecError> {
    let lengths = lengths::<12>(&mut header)?;
    let mut raw = [const { Vec::new() }; 12];
    for (number, (column, (length, packed))) in raw.iter_mut().zip(lengths).enumerate() {
        let taken = header.bytes(packed)?;
        *column = if packed == length {
            taken.to_vec()
        } else {
            unpack(number, taken, length, None)?
        };
    }
    header.end()?;
    let [
        heads,
        starts,
        ids,
        dates,
        people,
        authors,
        flags,
        edits,
        replies,
        texts,
        rest,
        earlier,
    ] = std::array::from_fn(|number| {
        let name = NAMES.get(number).copied().unwrap_or("?");
        Column::new(name, raw.get(number).map_or(&[], Vec::as_slice))
    });
    let mut columns = Columns {
        heads,
        starts,
        ids,
        dates,
        authors,
        flags,
        edits,
        replies,
        texts,
        rest,
        earlier,
        people: all_people(people)?,
        messages: 0,
    };
    let mut encoder = Encoder::default();
    let mut head = Head::default();
    while columns.heads.left() > 0 {
        columns.run(&mut head, &mut encoder)?;
    }
    columns.end()?;
    encoder.into_frame()
}

fn all_people(mut column: Column<'_>) -> Result<Vec<i64>, CodecError> {
    let mut people = Vec::new();
    while column.left() > 0 {
        if people.len() == MAX_MESSAGES {
            return Err(CodecError::TooLarge(people.len() as u64));
        }
        people.push(column.signed()?);
    }
    Ok(people)
}

#[derive(Default)]
struct Head {
    topic: i64,
    first_id: i64,
    first_date: i64,
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
    messages: usize,
}

impl Columns<'_> {
    fn run(&mut self, head: &mut Head, encoder: &mut Encoder) -> Result<(), CodecError> {
        head.topic += self.heads.signed_small()?;
        let count = usize::try_from(self.heads.number()?)
            .ok()
            .filter(|count| (1..=MAX_RUN).contains(count))
            .ok_or(self.heads.invalid())?;
        head.first_id += self.heads.signed_small()?;
        head.first_date = head.first_date.wrapping_add(self.starts.signed()?);
        self.messages += count;
        if self.messages > MAX_MESSAGES {
            return Err(CodecError::TooLarge(self.messages as u64));
        }
        let topic = i32::try_from(head.topic).map_err(|_| self.heads.invalid())?;
        let (mut id, mut date) = (head.first_id, head.first_date);
        for place in 0..count {
            if place > 0 {
                let distance = self.ids.number()?;
                id = i64::try_from(distance)
                    .ok()
                    .and_then(|distance| id.checked_add(distance)?.checked_add(1))
                    .ok_or(self.ids.invalid())?;
                date = date.wrapping_add(self.dates.signed()?);
            }
            let id = i32::try_from(id).map_err(|_| self.ids.invalid())?;
            let record = self.record(id, date)?;
            // Another slot for a run would break what the run index says.
            if place == 0 && !encoder.begins_run(topic, &record) {
                return Err(self.heads.invalid());
            }
            encoder.push(topic, &record)?;
        }
        Ok(())
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
        if flags & !0b1111 != 0 {
            return Err(self.flags.invalid());
        }
        let edit_date = match flags & 1 {
            0 => None,
            _ => Some(date.wrapping_add(self.edits.signed()?)),
        };
        let reply = match flags & 2 {
            0 => None,
            _ => {
                let reply = i64::from(id).checked_sub(self.replies.signed()?);
                let reply = reply.and_then(|reply| i32::try_from(reply).ok());
                Some(reply.ok_or(self.replies.invalid())?)
            }
        };
        Ok(Record {
            id,
            date,
            author,
            latest: Body {
                edit_date,
                reply,
                text: text(&mut self.texts)?,
                ..Body::default()
            }
            .with_rest(match flags & 4 {
                0 => None,
                _ => Some(json(&mut self.rest)?),
            }),
            earlier: match flags & 8 {
                0 => Vec::new(),
                _ => json(&mut self.earlier)?,
            },
            around: Around::default(),
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
    let mut plain = Vec::new();
    let mut rest = column.terminated()?.iter();
    while let Some(byte) = rest.next() {
        match (byte, rest.as_slice().first()) {
            (1, Some(code @ 1..=2)) => {
                plain.push(code - 1);
                rest.next();
            }
            (1, _) => return Err(column.invalid()),
            _ => plain.push(*byte),
        }
    }
    String::from_utf8(plain).map_err(|_| column.invalid())
}
