//! What every format's writer does, and what it is told.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::rc::Rc;

use super::people::People;
use super::redaction::Redaction;
use super::role::Role;
use super::{Format, Summary, TranscriptError};
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
    /// Whether a message's looks depend on its topic's title or customer.
    fn shows_topics(&self) -> bool;
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
    /// A message as it is to be shown, where that is another one than the archive's.
    fn redacted(&self, _snapshot: &Snapshot) -> Option<Snapshot> {
        None
    }
}

/// What a transcript as a whole is about.
pub(super) struct Page<'a> {
    pub(super) group: GroupId,
    /// The group's title, where known.
    pub(super) title: Option<String>,
    pub(super) people: People,
    /// The transcript's only topic; where each topic has a file, the current one.
    pub(super) single: Cell<Option<TopicId>>,
    pub(super) order: Order,
    pub(super) timezone: jiff::tz::TimeZone,
    pub(super) language: String,
    pub(super) facts: Box<dyn Facts + 'a>,
    /// Replaces personal data, where that is wanted: in messages before they get here.
    pub(super) redaction: Option<Rc<Redaction>>,
    /// Where in a site the page lies that is being written.
    pub(super) place: RefCell<Option<Place>>,
}

/// Where in a site a page lies.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The first message of each page of the topic so far; the last is this page's.
    pub(super) firsts: Vec<MessageId>,
    /// Another page of the topic follows.
    pub(super) goes_on: bool,
}

impl Place {
    /// The file of a topic's page, counted from 1.
    pub(super) fn file(&self, topic: TopicId, number: usize) -> String {
        match number {
            ..=1 => format!("{topic}.html"),
            more => format!("{topic}-{more}.html"),
        }
    }

    /// The file of the page before this one on which a message stands.
    pub(super) fn holding(&self, topic: TopicId, id: MessageId) -> Option<String> {
        let number = self.firsts.partition_point(|first| *first <= id);
        (number > 0 && number < self.firsts.len()).then(|| self.file(topic, number))
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
    /// Of [`TranscriptWriter::shows_topics`] only, else without title and customer.
    pub(super) topic: &'a TopicHead,
}

impl Page<'_> {
    /// Somebody's name, where one is known.
    pub(super) fn name(&self, person: PersonId) -> Option<&str> {
        match &self.redaction {
            None => self.people.name(person),
            Some(redaction) => redaction.people.name(person),
        }
    }

    /// A moment as clocks in the transcript's time zone show it; `None` beyond the year 9999.
    pub(super) fn local(&self, at: i64) -> Option<jiff::civil::DateTime> {
        jiff::Timestamp::from_second(at)
            .ok()
            .map(|at| self.timezone.to_datetime(at))
    }

    /// Says whether another page of the topic follows the one that is being written.
    pub(super) fn go_on(&self, goes_on: bool) {
        if let Some(place) = &mut *self.place.borrow_mut() {
            place.goes_on = goes_on;
        }
    }

    /// Whether messages of several topics follow each other, so that each must name its own.
    pub(super) fn interleaved(&self) -> bool {
        self.single.get().is_none() && self.order == Order::Id
    }
}

/// The writer of a format of messages.
pub(super) fn writer_of<'a>(
    format: Format,
    page: &'a Page<'a>,
) -> Result<Box<dyn TranscriptWriter + 'a>, TranscriptError> {
    Ok(match format {
        Format::Html => Box::new(super::html::Html::new(page)),
        Format::Telegram => Box::new(super::telegram::Telegram::new(page)),
        Format::Jsonl => Box::new(super::jsonl::Jsonl::new(page)),
        Format::Markdown => Box::new(super::markdown::Markdown::new(page)),
        Format::Csv => Box::new(super::csv::Csv::new(page)),
        Format::Parquet => Box::new(super::parquet::Messages::new(page)),
        Format::Openai | Format::Sharegpt | Format::Trl | Format::Dataset => {
            return Err(TranscriptError::Layout(format.name()));
        }
    })
}
