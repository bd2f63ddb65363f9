//! What an archive knows besides messages: its topics, its people, and who the customers are.

use std::collections::HashMap;

use rusqlite::OptionalExtension;

use super::super::customer::{self, TopicsSeen};
use super::super::error::ArchiveError;
use super::super::facts::{self, PastName};
use super::Reader;
use crate::model::{Customer, Person, PersonId, Topic, TopicId};

impl Reader {
    /// Its title, where known.
    pub fn title(&self) -> Result<Option<String>, ArchiveError> {
        self.snapshot(|conn| {
            Ok(conn
                .prepare_cached("SELECT value FROM meta WHERE key = 'title'")?
                .query_row([], |row| row.get(0))
                .optional()?)
        })
    }

    /// All topics, ascending.
    pub fn topics(&self) -> Result<Vec<Topic>, ArchiveError> {
        self.snapshot(|conn| facts::topics(conn, &mut self.frames.borrow_mut().rosters))
    }

    /// All topics, ascending, one by one. `each` may not read from this reader.
    pub fn each_topic(&self, each: &mut dyn FnMut(Topic)) -> Result<(), ArchiveError> {
        self.snapshot(|conn| facts::each_topic(conn, &mut self.frames.borrow_mut().rosters, each))
    }

    /// One topic.
    pub fn topic(&self, id: TopicId) -> Result<Option<Topic>, ArchiveError> {
        self.snapshot(|conn| facts::topic(conn, &mut self.frames.borrow_mut().rosters, id))
    }

    /// Everyone who wrote.
    pub fn people(&self) -> Result<HashMap<PersonId, Person>, ArchiveError> {
        self.snapshot(|conn| {
            let mut people = HashMap::new();
            let rosters = &mut self.frames.borrow_mut().rosters;
            facts::people(conn, rosters, |person| {
                people.insert(person.id, person);
            })?;
            Ok(people)
        })
    }

    /// The same, one by one, ascending by id. `each` may not read from this reader.
    pub fn each_person(&self, each: &mut dyn FnMut(Person)) -> Result<(), ArchiveError> {
        self.snapshot(|conn| facts::people(conn, &mut self.frames.borrow_mut().rosters, each))
    }

    /// One author.
    pub fn person(&self, id: PersonId) -> Result<Option<Person>, ArchiveError> {
        self.snapshot(|conn| facts::person(conn, &mut self.frames.borrow_mut().rosters, id))
    }

    /// The names that somebody bore before, oldest first.
    pub fn past_names(&self, person: PersonId) -> Result<Vec<PastName>, ArchiveError> {
        self.snapshot(|conn| facts::past_names(conn, person))
    }

    /// Who a topic's customer is.
    pub fn customer(&self, topic: TopicId) -> Result<Option<Customer>, ArchiveError> {
        self.snapshot(|conn| customer::of(conn, topic))
    }

    /// Every customer's username, with whose it is.
    pub fn each_customer_username(
        &self,
        each: &mut dyn FnMut(PersonId, &str),
    ) -> Result<(), ArchiveError> {
        self.snapshot(|conn| customer::each_username(conn, each))
    }

    /// The topics of a customer, newest first.
    pub fn topics_of_customer(
        &self,
        user: PersonId,
        limit: usize,
    ) -> Result<Vec<TopicId>, ArchiveError> {
        self.snapshot(|conn| customer::topics_of(conn, user, limit))
    }

    /// The topics of which nobody has said who the customer is, in no order. Those that an earlier
    /// call with the same `seen` told of may be left out, or come again.
    pub fn topics_without_customer(
        &self,
        seen: &mut TopicsSeen,
    ) -> Result<Vec<TopicId>, ArchiveError> {
        self.snapshot(|conn| customer::unknown(conn, &mut self.frames.borrow_mut().rosters, seen))
    }

    /// The next topic after this one whose customer is known.
    pub fn customer_after(&self, topic: TopicId) -> Result<Option<TopicId>, ArchiveError> {
        self.snapshot(|conn| customer::after(conn, topic))
    }
}
