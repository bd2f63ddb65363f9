//! Redaction of all that a transcript of messages shows.

use std::cell::RefCell;
use std::rc::Rc;

use super::TranscriptError;
use super::facts::Archive;
use super::people::People;
use super::redact::{Key, Names, Redactor, person_token};
use super::writer::Facts;
use crate::archive::Reader;
use crate::model::{
    Customer, GroupId, MessageId, Person, PersonId, PersonKind, Snapshot, Topic, TopicId,
};

/// What personal data of one archive is replaced with.
pub(super) struct Redaction {
    redactor: Redactor,
    group: GroupId,
    /// Bots, by id: they keep theirs.
    bots: Vec<PersonId>,
    /// Everybody under their pseudonymous id.
    pub(super) people: People,
    /// The names of the topic that was asked for last.
    last: RefCell<Option<(TopicId, Rc<Names>)>>,
}

impl Redaction {
    pub(super) fn new(reader: &Reader, key: Key) -> Result<Self, TranscriptError> {
        let mut redactor = Redactor::new(key);
        redactor.meet(reader)?;
        let group = reader.group();
        let (mut bots, mut known) = (Vec::new(), Vec::new());
        reader.each_person(&mut |person| {
            if person.kind == PersonKind::Bot {
                bots.push(person.id);
            }
            known.push(redactor.somebody(&person, group));
        })?;
        known.sort_by_key(|person| person.id);
        known.dedup_by_key(|person| person.id);
        let mut people = People::default();
        for person in &known {
            people.push(person);
        }
        Ok(Self {
            redactor,
            group,
            bots,
            people,
            last: RefCell::default(),
        })
    }

    /// A message of a topic; `facts` know the archive as it is.
    pub(super) fn snapshot(&self, snapshot: &Snapshot, facts: &dyn Facts) -> Snapshot {
        let names = self.names(snapshot.message.topic, facts);
        self.redactor.snapshot(snapshot, &names, &|id| self.id(id))
    }

    /// How many of each kind were replaced.
    pub(super) fn replaced(&self) -> std::collections::BTreeMap<String, u64> {
        self.redactor.replaced()
    }

    fn id(&self, id: PersonId) -> PersonId {
        let bot = self.bots.binary_search(&id).is_ok();
        let kind = bot.then_some(PersonKind::Bot);
        self.redactor.id(id, kind, self.group)
    }

    fn names(&self, topic: TopicId, facts: &dyn Facts) -> Rc<Names> {
        if let Some((last, names)) = &*self.last.borrow()
            && *last == topic
        {
            return Rc::clone(names);
        }
        let title = facts.topic(topic).map(|topic| topic.title);
        let names = Rc::new(self.redactor.names(
            self.group,
            topic,
            facts.customer(topic).as_ref(),
            &title.unwrap_or_default(),
        ));
        *self.last.borrow_mut() = Some((topic, Rc::clone(&names)));
        names
    }

    /// The title of a customer's topic is the customer's name.
    fn topic(&self, topic: Topic, facts: &dyn Facts) -> Topic {
        if topic.id == TopicId::GENERAL {
            return topic;
        }
        let names = self.names(topic.id, facts);
        Topic {
            title: person_token(&names.pseudonym()),
            ..topic
        }
    }
}

/// The archive as a transcript without personal data shows it.
pub(super) struct Redacted<'a> {
    pub(super) facts: Archive<'a>,
    pub(super) redaction: Rc<Redaction>,
}

impl Facts for Redacted<'_> {
    fn message(&self, id: MessageId, topic: TopicId) -> Option<Snapshot> {
        let found = self.facts.message(id, topic)?;
        Some(self.redaction.snapshot(&found, &self.facts))
    }

    fn person(&self, id: PersonId) -> Option<Person> {
        // Only bots keep their ids, and only their names are asked for.
        let person = self.facts.person(id)?;
        (person.kind == PersonKind::Bot).then_some(person)
    }

    fn topic(&self, id: TopicId) -> Option<Topic> {
        let topic = self.facts.topic(id)?;
        Some(self.redaction.topic(topic, &self.facts))
    }

    fn each_topic(&self, each: &mut dyn FnMut(Topic)) {
        // Whose topic one is cannot be looked up while they are being read.
        let mut topics = Vec::new();
        self.facts.each_topic(&mut |topic| topics.push(topic));
        for topic in topics {
            each(self.redaction.topic(topic, &self.facts));
        }
    }

    fn customer(&self, topic: TopicId) -> Option<Customer> {
        let customer = self.facts.customer(topic)?;
        let names = self.redaction.names(topic, &self.facts);
        Some(Customer {
            user_id: customer.user_id.map(|id| self.redaction.id(id)),
            first_name: Some(person_token(&names.pseudonym())),
            language: customer.language,
            ..Customer::default()
        })
    }

    fn redacted(&self, snapshot: &Snapshot) -> Option<Snapshot> {
        Some(self.redaction.snapshot(snapshot, &self.facts))
    }
}
