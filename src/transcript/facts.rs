//! What a transcript asks of the archive besides messages.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::people::People;
use super::redaction::{Redacted, Redaction};
use super::writer::{Facts, Page};
use super::{Options, TranscriptError};
use crate::archive::{ArchiveError, Reader, Selection};
use crate::model::{Customer, MessageId, Person, PersonId, Snapshot, Topic, TopicId};

/// What a transcript of this archive is about. Where the archive cannot be read later on, the
/// first reason is in `failure`.
pub(super) fn page<'a>(
    reader: &'a Reader,
    options: &'a Options,
    failure: &'a RefCell<Option<ArchiveError>>,
) -> Result<Page<'a>, TranscriptError> {
    let mut people = People::default();
    reader.each_person(&mut |person| people.push(&person))?;
    let facts = Archive {
        reader,
        selection: &options.selection,
        failure,
    };
    let (redaction, facts): (_, Box<dyn Facts + 'a>) = match &options.redact {
        None => (None, Box::new(facts)),
        Some(key) => {
            let redaction = Rc::new(Redaction::new(reader, key.clone())?);
            let facts = Redacted {
                facts,
                redaction: Rc::clone(&redaction),
            };
            (Some(redaction), Box::new(facts))
        }
    };
    let single = match options.selection.topics.as_slice() {
        [topic] => Some(*topic),
        _ => None,
    };
    Ok(Page {
        group: reader.group(),
        title: reader.title()?,
        people,
        single: Cell::new(single),
        order: options.order,
        timezone: options.timezone.clone(),
        language: options.language.clone(),
        facts,
        redaction,
        place: RefCell::default(),
    })
}

/// The archive as a transcript asks it. Where it cannot be read, the first reason is kept.
pub(super) struct Archive<'a> {
    reader: &'a Reader,
    selection: &'a Selection,
    failure: &'a RefCell<Option<ArchiveError>>,
}

impl Archive<'_> {
    fn known<T: Default>(&self, found: Result<T, ArchiveError>) -> T {
        found.unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}

impl Facts for Archive<'_> {
    fn message(&self, id: MessageId, topic: TopicId) -> Option<Snapshot> {
        // A reply to what cannot be read is written without a preview.
        let found = self.reader.message_near(id, Some(topic));
        found.ok().flatten()
    }

    fn person(&self, id: PersonId) -> Option<Person> {
        self.known(self.reader.person(id))
    }

    fn topic(&self, id: TopicId) -> Option<Topic> {
        self.known(self.reader.topic(id))
    }

    fn each_topic(&self, each: &mut dyn FnMut(Topic)) {
        let chosen = &self.selection.topics;
        self.known(self.reader.each_topic(&mut |topic| {
            if chosen.is_empty() || chosen.contains(&topic.id) {
                each(topic);
            }
        }));
    }

    fn customer(&self, topic: TopicId) -> Option<Customer> {
        self.known(self.reader.customer(topic))
    }
}
