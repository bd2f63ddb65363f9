//! Loading a file: messages packed away from the writer, and written in one go.
//!
//! What nobody knew before needs no hot rows: it is packed into frames at once. What is known
//! already, in whatever state, goes the ordinary way, where it is compared.

use std::collections::BTreeSet;

use super::append::Appended;
use super::codec::{CodecError, Frame, Record};
use super::dictionary;
use super::error::{ArchiveError, Fault};
use super::mark::Marked;
use super::press::{Packed, Press};
use super::reader::Reader;
use super::record::{Around, Body, MAX_MESSAGE, Rest};
use crate::model::{Event, Mark, Message, Observed, Snapshot, Source, Version};

/// A part of a file, ready to be written.
#[derive(Debug, Default)]
pub struct Load {
    pub(super) frames: Vec<Packed>,
    /// Ids of the messages in the frames; whether they were deleted.
    pub(super) ids: Vec<(i32, bool)>,
    pub(super) topics: BTreeSet<i32>,
    pub(super) dates: Option<(i64, i64)>,
    /// Versions beyond the first.
    pub(super) edits: u64,
    /// Messages with something around them.
    pub(super) around: u64,
    /// Messages from which more follows: files, polls, news about topics.
    pub(super) noted: Vec<Message>,
    /// Everything else, in the order of the file.
    pub(super) rest: Vec<Observed>,
}

/// What a load did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Messages that were new.
    pub new: u64,
    /// New versions of known messages.
    pub edited: u64,
    /// What said nothing new, messages and facts.
    pub known: u64,
}

impl Loaded {
    pub(super) fn add(&mut self, appended: Appended) {
        self.new += appended.new;
        self.edited += appended.edited + appended.deleted;
        self.known += appended.known;
    }
}

/// Packs what a file holds.
#[derive(Debug)]
pub struct Loader {
    reader: Reader,
    press: Press,
    at: i64,
}

impl Loader {
    /// Over a reader of the archive that will be loaded; `level` of zstd; `at`: now, Unix seconds.
    pub fn new(reader: Reader, level: i32, at: i64) -> Result<Self, ArchiveError> {
        let press = reader.snapshot(|conn| {
            let number = dictionary::newest(conn)?.map(|(number, _)| number);
            let dictionary = number
                .map(|number| dictionary::load(conn, number))
                .transpose()?;
            Press::new(level, number.zip(dictionary.as_ref()))
        })?;
        Ok(Self { reader, press, at })
    }

    /// Packs messages as a file tells them, and facts. Their sources are taken as they are.
    pub fn pack(
        &mut self,
        messages: Vec<Snapshot>,
        facts: Vec<Observed>,
    ) -> Result<Load, ArchiveError> {
        let mut load = Load {
            rest: facts,
            ..Load::default()
        };
        let known = self.known(&messages)?;
        let mut seen = BTreeSet::new();
        let mut records = Vec::with_capacity(messages.len());
        for snapshot in messages {
            let id = snapshot.message.id.0;
            if known.contains(&id) || !seen.insert(id) {
                events(snapshot, self.at, &mut load.rest);
                continue;
            }
            load.take(snapshot, self.at, &mut records)?;
        }
        records.sort_by_key(|(topic, record)| (*topic, record.id));
        let path = self.reader.path();
        load.frames = self.press.pack(&records).map_err(|fault| fault.at(path))?;
        Ok(load)
    }

    /// The ids of these messages of which something is known.
    fn known(&self, messages: &[Snapshot]) -> Result<BTreeSet<i32>, ArchiveError> {
        let ids = messages.iter().map(|snapshot| snapshot.message.id.0);
        let (Some(first), Some(last)) = (ids.clone().min(), ids.clone().max()) else {
            return Ok(BTreeSet::new());
        };
        let covered = self.reader.coverage(first..=last)?;
        if covered.is_empty() {
            return Ok(BTreeSet::new());
        }
        let is_known = |id: &i32| {
            let after = covered.partition_point(|range| *range.ids.end() < *id);
            let range = covered.get(after);
            range.is_some_and(|range| range.ids.contains(id))
        };
        Ok(ids.filter(is_known).collect())
    }
}

impl Load {
    fn take(
        &mut self,
        snapshot: Snapshot,
        at: i64,
        records: &mut Vec<(i32, Record)>,
    ) -> Result<(), ArchiveError> {
        let message = &snapshot.message;
        let (id, topic) = (message.id.0, message.topic.0);
        let latest = Body {
            by: snapshot.by,
            ..Body::of(message)
        };
        let earlier: Vec<Body> = snapshot.versions.into_iter().map(earlier).collect();
        let bytes = latest.size() + earlier.iter().map(Body::size).sum::<usize>();
        if bytes > MAX_MESSAGE {
            return Err(ArchiveError::TooLarge {
                id: message.id,
                bytes,
                limit: MAX_MESSAGE,
            });
        }
        let mut around = Around {
            deleted_at: snapshot.deleted_at,
            marks: Vec::new(),
        };
        let marks = snapshot.marks;
        let folded = [
            marks.reactions.map(Mark::Reactions),
            marks.votes.map(Mark::Votes),
            marks.views.map(Mark::Views),
        ];
        around
            .marks
            .extend(folded.into_iter().flatten().map(|mark| Marked {
                mark,
                at,
                source: Source::Import,
            }));
        if marks.pinned {
            // Pins are read as rows.
            let mark = Mark::Pinned { pinned: true };
            let id = message.id;
            self.rest.push(imported(Event::Mark { id, mark }, at));
        }
        self.ids.push((id, around.deleted_at.is_some()));
        self.topics.insert(topic);
        let date = message.date;
        self.dates = Some(match self.dates {
            None => (date, date),
            Some((first, last)) => (first.min(date), last.max(date)),
        });
        self.edits += earlier.len() as u64;
        self.around += u64::from(!around.is_nothing());
        let media = message.media.as_ref();
        let is_noted = message.service.is_some()
            || media.is_some_and(|media| media.file_id.is_some() || media.poll.is_some());
        records.push((
            topic,
            Record {
                id,
                date,
                author: message.from.map(|person| person.0),
                latest,
                earlier,
                around,
            },
        ));
        if is_noted {
            self.noted.push(snapshot.message);
        }
        Ok(())
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.rest.is_empty()
    }

    /// The same for the ordinary way: what the frames hold is unpacked again.
    pub(super) fn into_events(
        self,
        dictionary: impl Fn(i64) -> Result<super::codec::Dictionary, Fault>,
        at: i64,
    ) -> Result<Vec<Observed>, Fault> {
        let unreadable = |_: CodecError| Fault::Damaged("a frame that was packed just now");
        let mut all = Vec::new();
        for packed in self.frames {
            let dictionary = packed.dictionary.map(&dictionary).transpose()?;
            let frame = Frame::read(packed.encoded.body, dictionary).map_err(unreadable)?;
            for run in frame.runs().map_err(unreadable)? {
                for record in run.records {
                    let deleted_at = record.around.deleted_at;
                    let mut marks = crate::model::Marks::default();
                    for marked in &record.around.marks {
                        marks.set(marked.mark.clone());
                    }
                    let snapshot = record.into_snapshot(run.topic, Vec::new(), deleted_at, marks);
                    events(snapshot, at, &mut all);
                }
            }
        }
        all.extend(self.rest);
        Ok(all)
    }
}

fn earlier(version: Version) -> Body {
    let rest = Rest {
        entities: version.entities,
        media: version.media,
        ..Rest::default()
    };
    Body {
        edit_date: version.edit_date,
        reply: None,
        text: version.text,
        rest: (rest != Rest::default()).then(|| Box::new(rest)),
        by: None,
    }
}

fn imported(event: Event, at: i64) -> Observed {
    Observed {
        event,
        source: Source::Import,
        at,
    }
}

/// A message with its history, told as it happened.
fn events(snapshot: Snapshot, at: i64, all: &mut Vec<Observed>) {
    let id = snapshot.message.id;
    for version in snapshot.versions {
        let message = Message {
            text: version.text,
            entities: version.entities,
            media: version.media,
            edit_date: version.edit_date,
            ..snapshot.message.clone()
        };
        all.push(imported(Event::Message(Box::new(message)), at));
    }
    all.push(imported(Event::Message(Box::new(snapshot.message)), at));
    let marks = snapshot.marks;
    let marks = [
        marks.reactions.map(Mark::Reactions),
        marks.votes.map(Mark::Votes),
        marks.views.map(Mark::Views),
        marks.pinned.then_some(Mark::Pinned { pinned: true }),
    ];
    for mark in marks.into_iter().flatten() {
        all.push(imported(Event::Mark { id, mark }, at));
    }
    if let Some(deleted_at) = snapshot.deleted_at {
        all.push(imported(Event::Deleted(vec![id]), deleted_at));
    }
}
