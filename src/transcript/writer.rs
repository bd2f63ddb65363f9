//! What every format's writer does, and what it is told.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Deref;
use std::rc::Rc;

use serde::{Serialize, Serializer};

use super::role::Role;
use super::{Format, Summary};
use crate::archive::Order;
use crate::model::{Customer, GroupId, MessageId, Person, PersonId, Snapshot, Topic, TopicId};

/// Writes one format. Called in this order: `preamble`, for each message perhaps `topic` and
/// then `message`, `postamble`. A writer keeps a bounded amount of what it has written.
pub(super) trait TranscriptWriter {
    /// What stands before all messages.
    fn preamble(&mut self, out: &mut dyn Write) -> io::Result<()>;
    /// A topic begins; its messages follow. Not called where topics are interleaved.
    fn topic(&mut self, out: &mut dyn Write, topic: &TopicHead) -> io::Result<()>;
    /// The next message.
    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()>;
    /// What stands behind all messages.
    fn postamble(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()>;
}

/// What the archive knows besides the messages that are written; asked when it is needed, so that
/// no more of it is in memory than that.
pub(super) trait Facts {
    /// A message that a reply in a topic refers to and that is no longer at hand.
    fn message(&self, id: MessageId, topic: TopicId) -> Option<Snapshot>;
    /// Somebody.
    fn person(&self, id: PersonId) -> Option<Person>;
    /// A topic.
    fn topic(&self, id: TopicId) -> Option<Topic>;
    /// All topics that may occur, ascending.
    fn each_topic(&self, each: &mut dyn FnMut(Topic));
    /// Whom a topic stands for.
    fn customer(&self, topic: TopicId) -> Option<Customer>;
}

/// People that are remembered.
const REMEMBERED: usize = 8_192;

/// What a transcript as a whole is about.
pub(super) struct Page<'a> {
    pub(super) group: GroupId,
    /// The group's title, where known.
    pub(super) title: Option<String>,
    /// The transcript's only topic.
    pub(super) single: Option<TopicId>,
    pub(super) order: Order,
    pub(super) timezone: jiff::tz::TimeZone,
    pub(super) language: String,
    pub(super) facts: Box<dyn Facts + 'a>,
    /// Use [`Page::person`].
    pub(super) people: RefCell<HashMap<PersonId, Option<Rc<Person>>>>,
}

/// Somebody's name; not empty.
#[derive(Clone, Debug)]
pub(super) struct Name(Rc<Person>);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.name
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// A topic and whom it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TopicHead {
    pub(super) topic: Topic,
    pub(super) customer: Option<Customer>,
}

/// A message on its way into a file.
pub(super) struct Entry<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) role: Role,
    pub(super) topic: &'a TopicHead,
}

impl<'a> Page<'a> {
    /// All of a group, in English and UTC, until told otherwise.
    pub(super) fn new(group: GroupId, facts: Box<dyn Facts + 'a>) -> Self {
        Self {
            group,
            title: None,
            single: None,
            order: Order::Topic,
            timezone: jiff::tz::TimeZone::UTC,
            language: String::new(),
            facts,
            people: RefCell::default(),
        }
    }

    /// Somebody, where known.
    pub(super) fn person(&self, id: PersonId) -> Option<Rc<Person>> {
        let mut people = self.people.borrow_mut();
        if let Some(known) = people.get(&id) {
            return known.clone();
        }
        if people.len() == REMEMBERED {
            people.clear();
        }
        let person = self.facts.person(id).map(Rc::new);
        people.insert(id, person.clone());
        person
    }

    /// Somebody's name, where one is known.
    pub(super) fn name(&self, person: PersonId) -> Option<Name> {
        let person = self.person(person)?;
        (!person.name.is_empty()).then_some(Name(person))
    }

    /// A moment as clocks in the transcript's time zone show it; `None` beyond the year 9999.
    pub(super) fn local(&self, at: i64) -> Option<jiff::civil::DateTime> {
        jiff::Timestamp::from_second(at)
            .ok()
            .map(|at| self.timezone.to_datetime(at))
    }

    /// Whether messages of several topics follow each other, so that each must name its own.
    pub(super) fn interleaved(&self) -> bool {
        self.single.is_none() && self.order == Order::Id
    }
}

/// The writer of a format.
pub(super) fn writer_of<'a>(format: Format, page: &'a Page<'a>) -> Box<dyn TranscriptWriter + 'a> {
    match format {
        Format::Html => Box::new(super::html::Html::new(page)),
        Format::Telegram => Box::new(super::telegram::Telegram::new(page)),
        Format::Jsonl => Box::new(super::jsonl::Jsonl::new(page)),
    }
}
