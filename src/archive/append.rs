//! What an event changes: the rules by which observations of several sources become one history.

mod stored;
mod versions;

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use self::stored::Stored;
use super::counters::Counters;
use super::coverage::{self, Known, Pending, Witness};
use super::customer;
use super::dictionary;
use super::error::Fault;
use super::facts::{self, TopicFacts, Topics};
use super::frames::Frames;
use super::hot::{self, HotVersion};
use super::load::Load;
use super::mark::{self, Marked};
use super::media::{self, SeenFile};
use super::press::Press;
use super::record::{Body, MAX_MESSAGE};
use super::segment;
use crate::model::{Event, Mark, Message, MessageId, Observed, Source, TopicId};

/// A named number of a source's own (pts, watermark), stored in the transaction of the events it goes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Such as `pts` or `watermark`.
    pub name: String,
    /// Its value.
    pub value: i64,
}

/// What an append did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Messages not known before.
    pub new: u64,
    /// New versions of known messages, and deleted ones that turned out to exist.
    pub edited: u64,
    /// Messages newly marked deleted.
    pub deleted: u64,
    /// Reactions, pins, votes and views that changed.
    pub marked: u64,
    /// Events that said nothing new.
    pub known: u64,
    /// Highest sequence number of the log afterwards.
    pub last_seq: i64,
}

/// What the writer remembers between transactions.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) counters: Counters,
    pub(super) coverage: Pending,
    pub(super) topics: Topics,
    pub(super) frames: Frames,
    /// The messages that this transaction brought.
    pub(super) fresh: HashSet<i32>,
    /// The topics of sealed messages that this transaction was about.
    pub(super) places: HashMap<i32, i32>,
    /// What sealing packs with.
    pub(super) press: Option<Press>,
}

impl Memory {
    /// Forgets what the file knows as well.
    pub(super) fn let_go(&mut self) {
        self.topics.clear();
        self.frames.clear();
        self.press = None;
    }

    /// What to seal with: this level and the newest dictionary.
    pub(super) fn press(
        &mut self,
        conn: &Connection,
        level: i32,
    ) -> Result<(&mut Press, &mut Counters), Fault> {
        let newest = dictionary::newest(conn)?.map(|(number, _)| number);
        let press = match self.press.take() {
            Some(press) if press.is(level, newest) => press,
            _ => {
                let bytes = newest.map(|number| self.frames.dictionary(conn, number));
                let bytes = bytes.transpose()?;
                Press::new(level, newest.zip(bytes.as_ref()))?
            }
        };
        Ok((self.press.insert(press), &mut self.counters))
    }
}

/// One append within an open transaction.
pub(super) struct Appending<'a> {
    conn: &'a Connection,
    memory: &'a mut Memory,
    done: Appended,
}

impl<'a> Appending<'a> {
    pub(super) fn new(conn: &'a Connection, memory: &'a mut Memory) -> Self {
        Self {
            conn,
            memory,
            done: Appended::default(),
        }
    }

    /// Applies events and positions.
    pub(super) fn run(
        mut self,
        events: &[Observed],
        positions: &[Position],
    ) -> Result<Appended, Fault> {
        for observed in events {
            self.event(observed)?;
        }
        for position in positions {
            self.conn
                .prepare_cached("INSERT OR REPLACE INTO position (name, value) VALUES (?1, ?2)")?
                .execute(params![position.name, position.value])?;
        }
        self.done.last_seq = self.memory.counters.seq;
        Ok(self.done)
    }

    fn event(&mut self, observed: &Observed) -> Result<(), Fault> {
        match &observed.event {
            Event::Message(message) => self.message(message, observed.source, observed.at),
            Event::Deleted(ids) => ids
                .iter()
                .try_for_each(|id| self.deleted(*id, observed.source, observed.at)),
            Event::Empty(ids) => ids
                .iter()
                .try_for_each(|id| self.empty(*id, observed.source)),
            Event::Mark { id, mark } => {
                // Goes without saying of a message that has just come.
                let nothing_before = self.memory.counters.early == 0;
                if mark.is_nothing() && nothing_before && self.memory.fresh.contains(&id.0) {
                    self.done.known += 1;
                    return Ok(());
                }
                let known = self.memory.coverage.get(self.conn, id.0)?;
                if matches!(known, Some(Known::Erased | Known::Expired)) {
                    self.done.known += 1;
                    return Ok(());
                }
                let any_folded = self.memory.counters.around > 0;
                let counters = &mut self.memory.counters;
                let next = || counters.next_seq();
                let frames = &mut self.memory.frames;
                let (conn, topic) = (self.conn, self.memory.places.get(&id.0).copied());
                let folded = || match any_folded && known.is_some() {
                    true => folded(conn, frames, id.0, topic, mark),
                    false => Ok(None),
                };
                let (source, at) = (observed.source, observed.at);
                if mark::put(self.conn, id.0, folded, mark, source, at, next)? {
                    self.memory.fresh.remove(&id.0);
                    self.memory.counters.early += i64::from(known.is_none());
                    self.done.marked += 1;
                } else {
                    self.done.known += 1;
                }
                Ok(())
            }
            Event::Topic {
                id,
                title,
                status,
                hidden,
            } => {
                // Current: nothing said up to the newest message known may overwrite it.
                let stored = coverage::highest(self.conn)?;
                let from = self.memory.coverage.highest().max(stored).unwrap_or(0);
                let facts = TopicFacts {
                    title: title.as_deref(),
                    status: *status,
                    hidden: *hidden,
                };
                let rosters = &mut self.memory.frames.rosters;
                let topics = &mut self.memory.topics;
                let changed = topics.observe(self.conn, rosters, id.0, from, facts)?;
                self.count_fact(changed);
                Ok(())
            }
            Event::Person(person) => {
                let seq = self.memory.counters.seq + 1;
                let changed = facts::put_person(
                    self.conn,
                    &mut self.memory.frames.rosters,
                    person,
                    observed.source,
                    observed.at,
                    seq,
                )?;
                self.count_fact(changed);
                Ok(())
            }
            Event::Customer { topic, customer } => {
                self.ensure(topic.0)?;
                let changed =
                    customer::put(self.conn, *topic, customer, observed.source, observed.at)?;
                self.count_fact(changed);
                Ok(())
            }
        }
    }

    /// Makes sure that a topic is listed.
    fn ensure(&mut self, topic: i32) -> Result<(), Fault> {
        let memory = &mut *self.memory;
        memory
            .topics
            .ensure(self.conn, &mut memory.frames.rosters, topic)
    }

    /// Whether nothing is known of what a part of a file brings.
    pub(super) fn is_news(&mut self, load: &Load) -> Result<bool, Fault> {
        for (id, _) in &load.ids {
            if self.memory.coverage.get(self.conn, *id)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the frames of a file.
    pub(super) fn loaded(&mut self, load: &Load) -> Result<(), Fault> {
        if load.ids.is_empty() {
            return Ok(());
        }
        let segment = self.memory.counters.next_segment();
        for packed in &load.frames {
            segment::write(self.conn, &mut self.memory.counters, segment, packed)?;
        }
        for (id, is_deleted) in &load.ids {
            let known = match is_deleted {
                true => Known::Deleted,
                false => Known::Captured,
            };
            self.memory.coverage.set(*id, known, Witness::Import);
        }
        for topic in &load.topics {
            self.ensure(*topic)?;
        }
        for message in &load.noted {
            self.noted(message)?;
        }
        let counters = &mut self.memory.counters;
        for date in load
            .dates
            .into_iter()
            .flat_map(|(first, last)| [first, last])
        {
            counters.dated(date);
        }
        counters.edits += i64::try_from(load.edits).unwrap_or(i64::MAX);
        counters.around += i64::try_from(load.around).unwrap_or(i64::MAX);
        // Whoever waits for news is told.
        counters.next_seq();
        Ok(())
    }

    /// Facts have no rows in the log, but whoever waits for news is told.
    fn count_fact(&mut self, changed: bool) {
        if changed {
            self.memory.counters.next_seq();
        } else {
            self.done.known += 1;
        }
    }

    fn message(&mut self, message: &Message, source: Source, at: i64) -> Result<(), Fault> {
        let id = message.id.0;
        let body = Body::of(message).shown_by(source);
        let bytes = body.text.len() + body.rest_json()?.map_or(0, |json| json.len());
        if bytes > MAX_MESSAGE {
            return Err(Fault::TooLarge { id, bytes });
        }
        let state = self.memory.coverage.state(self.conn, id)?;
        let known = state.map(|(known, _)| known);
        // Never again, whoever shows it.
        if matches!(known, Some(Known::Erased | Known::Expired)) {
            self.done.known += 1;
            return Ok(());
        }
        let witness = Witness::from(source);
        if let Some((known, by)) = state
            && witness == Witness::Userbot
            && by != Witness::Userbot
        {
            self.memory.coverage.set(id, known, witness);
        }
        let stored = match known {
            Some(Known::Captured | Known::Deleted) => self.stored(id, message.topic)?,
            _ => None,
        };
        let Some(stored) = stored else {
            return self.new_message(message, body, known, witness);
        };
        let undeleted = known == Some(Known::Deleted)
            && source == Source::History
            && self.undelete(id, stored.folded_deletion, at)?;
        let news = match witness {
            Witness::Userbot => self.own_version(stored, message, body, source, at)?,
            _ => self.other_version(stored, message, body, source, at)?,
        };
        if !news {
            if undeleted {
                self.done.edited += 1;
            } else {
                self.done.known += 1;
            }
        }
        Ok(())
    }

    fn new_message(
        &mut self,
        message: &Message,
        body: Body,
        known: Option<Known>,
        witness: Witness,
    ) -> Result<(), Fault> {
        let id = message.id.0;
        self.ensure(message.topic.0)?;
        self.insert(hot::HOT, message, body)?;
        self.memory.counters.hot += 1;
        self.memory.counters.dated(message.date);
        // Deletion and message may arrive in either order: deleted stays deleted.
        if known != Some(Known::Deleted) {
            self.memory.coverage.set(id, Known::Captured, witness);
        }
        self.memory.fresh.insert(id);
        self.done.new += 1;
        Ok(())
    }

    fn insert(&mut self, overlay: i64, message: &Message, body: Body) -> Result<(), Fault> {
        let version = self.row(message, body);
        hot::insert(self.conn, overlay, &version)?;
        self.noted(message)
    }

    fn row(&mut self, message: &Message, body: Body) -> HotVersion {
        HotVersion {
            seq: self.memory.counters.next_seq(),
            id: message.id.0,
            topic: message.topic.0,
            date: message.date,
            author: message.from.map(|person| person.0),
            body,
        }
    }

    /// What follows from a message that is stored.
    fn noted(&mut self, message: &Message) -> Result<(), Fault> {
        if let Some(file) = SeenFile::of(message) {
            media::seen(self.conn, &file)?;
        }
        if let Some(poll) = message.media.as_ref().and_then(|media| media.poll.as_ref()) {
            mark::put_poll(self.conn, poll.id, message.id.0)?;
        }
        if let Some(service) = &message.service {
            self.memory.topics.service(
                self.conn,
                &mut self.memory.frames.rosters,
                message.topic.0,
                message.id.0,
                message.date,
                service,
            )?;
        }
        Ok(())
    }

    /// Adds to a hot message what is no content and was missing. Sealed ones stay as they are.
    fn fill_in(&mut self, stored: &Stored, seen: &Body, topic: TopicId) -> Result<(), Fault> {
        let Some(hot) = &stored.hot_latest else {
            return Ok(());
        };
        let mut filled = hot.clone();
        if filled.body.fill_in(seen) {
            hot::update(self.conn, &filled)?;
        }
        // A source that does not see topics says General.
        if !stored.sealed && hot.topic == TopicId::GENERAL.0 && topic != TopicId::GENERAL {
            self.ensure(topic.0)?;
            hot::set_topic(self.conn, hot.id, topic.0)?;
        }
        Ok(())
    }

    fn deleted(&mut self, id: MessageId, source: Source, at: i64) -> Result<(), Fault> {
        if matches!(
            self.memory.coverage.get(self.conn, id.0)?,
            Some(Known::Deleted | Known::Erased | Known::Expired)
        ) {
            self.done.known += 1;
            return Ok(());
        }
        let seq = self.memory.counters.next_seq();
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO deletion (id, at, seq) VALUES (?1, ?2, ?3)")?
            .execute(params![id.0, at, seq])?;
        self.memory
            .coverage
            .set(id.0, Known::Deleted, source.into());
        // A topic goes with the message that began it.
        Topics::gone(self.conn, &mut self.memory.frames.rosters, id.0)?;
        self.done.deleted += 1;
        Ok(())
    }

    /// History shows a message that was marked deleted: the mark was wrong, unless it is newer than
    /// what history showed.
    fn undelete(&mut self, id: i32, folded: Option<i64>, at: i64) -> Result<bool, Fault> {
        let deleted = hot::deletion(self.conn, id)?.unwrap_or(folded);
        if deleted.is_some_and(|deleted| deleted > at) {
            return Ok(false);
        }
        if folded.is_none() {
            self.conn
                .prepare_cached("DELETE FROM deletion WHERE id = ?1")?
                .execute([id])?;
        } else {
            let seq = self.memory.counters.seq + 1;
            self.conn
                .prepare_cached(
                    "INSERT OR REPLACE INTO deletion (id, at, seq) VALUES (?1, NULL, ?2)",
                )?
                .execute(params![id, seq])?;
        }
        self.memory
            .coverage
            .set(id, Known::Captured, Witness::Userbot);
        Topics::back(self.conn, &mut self.memory.frames.rosters, id)?;
        self.memory.counters.next_seq();
        Ok(true)
    }

    fn empty(&mut self, id: MessageId, source: Source) -> Result<(), Fault> {
        if self.memory.coverage.get(self.conn, id.0)?.is_some() {
            self.done.known += 1;
        } else {
            self.memory.coverage.set(id.0, Known::Empty, source.into());
        }
        Ok(())
    }
}

/// How marks of this kind stood when a message was last packed.
fn folded(
    conn: &Connection,
    frames: &mut Frames,
    id: i32,
    topic: Option<i32>,
    mark: &Mark,
) -> Result<Option<Mark>, Fault> {
    let found = frames.find(conn, id, topic)?;
    let marks = found.map(|(_, record)| record.around.marks);
    let same = |marked: &Marked| mark::kind(&marked.mark) == mark::kind(mark);
    let last = marks.and_then(|marks| marks.into_iter().rfind(same));
    Ok(last.map(|marked| marked.mark))
}
