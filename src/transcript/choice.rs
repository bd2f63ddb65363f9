//! What an export takes, worked out before anything is written.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::feed::{Each, feed};
use super::language::{Sample, primary};
use super::pull::{Pull, digest};
use super::role::{Role, role};
use super::{Filter, Options, TranscriptError};
use crate::archive::{Order, Reader, Selection};
use crate::config::RoleRules;
use crate::model::{Message, PersonId, PersonKind, Snapshot, TopicId, TopicStatus};

/// What an export takes.
pub(super) struct Choice<'a> {
    filter: &'a Filter,
    rules: &'a RoleRules,
    bots: HashSet<PersonId>,
    /// The topics of the people whom the filter names, ascending.
    theirs: Vec<TopicId>,
    /// The only topics to read, ascending; `None`: those of the selection.
    topics: Option<Vec<TopicId>>,
    /// Only what is new to it.
    pull: Option<&'a Pull>,
}

impl<'a> Choice<'a> {
    /// Looks up whom and what the filter means. Where it asks for languages or turns, all that is
    /// selected is read for that once more.
    pub(super) fn new(reader: &Reader, options: &'a Options) -> Result<Self, TranscriptError> {
        let filter = &options.filter;
        let mut choice = Self {
            filter,
            rules: &options.roles,
            bots: HashSet::new(),
            theirs: Vec::new(),
            topics: None,
            pull: None,
        };
        if filter.is_everything() {
            return Ok(choice);
        }
        reader.each_person(&mut |person| {
            if person.kind == PersonKind::Bot {
                choice.bots.insert(person.id);
            }
        })?;
        for person in &filter.people {
            let topics = reader.topics_of_customer(*person, usize::MAX)?;
            choice.theirs.extend(topics);
        }
        choice.theirs.sort_unstable();
        choice.theirs.dedup();
        if filter.closed {
            choice.topics = Some(closed(reader, &options.selection)?);
        }
        // Sessions are looked at one by one when they are made.
        if filter.looks_into_topics() && !options.format.is_for_training() {
            choice.topics = Some(choice.fitting(reader, options)?);
        }
        Ok(choice)
    }

    /// Takes only what is new, and notes it when it was handed over.
    pub(super) fn since(mut self, pull: Option<&'a Pull>) -> Self {
        self.pull = pull;
        self
    }

    /// Hands over what is chosen.
    pub(super) fn feed(
        &self,
        reader: &Reader,
        options: &Options,
        each: &mut Each<'_>,
    ) -> Result<(), TranscriptError> {
        let pull = self.pull;
        let each = &mut |snapshot: &Snapshot| {
            each(snapshot)?;
            if let Some(pull) = pull {
                pull.mark(snapshot.message.id, digest(snapshot));
            }
            Ok(())
        };
        if self.filter.is_everything() && pull.is_none() {
            return feed(reader, options, None, each);
        }
        let mut options = options.clone();
        match &self.topics {
            // No topic at all would mean every topic.
            Some(topics) if topics.is_empty() => return Ok(()),
            Some(topics) => options.selection.topics.clone_from(topics),
            None => {}
        }
        feed(reader, &options, Some(&|it| self.takes(it)), each)
    }

    fn takes(&self, snapshot: &Snapshot) -> bool {
        let message = &snapshot.message;
        let role = || self.role(message);
        self.filter.takes(message, role, &self.theirs)
            && self
                .pull
                .is_none_or(|pull| pull.is_new(message.id, digest(snapshot)))
    }

    fn role(&self, message: &Message) -> Role {
        role(message, self.rules, &|person| self.bots.contains(&person))
    }

    /// The topics in the languages asked for, with as many turns.
    fn fitting(&self, reader: &Reader, options: &Options) -> Result<Vec<TopicId>, TranscriptError> {
        let mut selection = options.selection.clone();
        match &self.topics {
            Some(topics) if topics.is_empty() => return Ok(Vec::new()),
            Some(topics) => selection.topics.clone_from(topics),
            None => {}
        }
        let wanted: Vec<String> = self.filter.languages.iter().map(|it| primary(it)).collect();
        let mut fitting = Vec::new();
        let mut seen = Seen::default();
        let mut failure = None;
        let mut end = |topic: TopicId, seen: &Seen| {
            let known = match reader.customer(topic) {
                Ok(customer) => customer.and_then(|customer| customer.language),
                Err(error) => {
                    failure.get_or_insert(error);
                    None
                }
            };
            let spoken = || seen.sample.language(known.as_deref());
            if seen.turns >= self.filter.min_turns
                && (wanted.is_empty() || spoken().is_some_and(|it| wanted.contains(&it)))
            {
                fitting.push(topic);
            }
        };
        let mut current = None;
        reader.read(&selection, Order::Topic, &mut |snapshot| {
            let topic = snapshot.message.topic;
            if current.is_none_or(|current| current != topic) {
                if let Some(before) = current.replace(topic) {
                    end(before, &seen);
                }
                seen.begin();
            }
            // Whatever of it is to be written: the topic as a whole counts.
            seen.push(&snapshot.message, self.role(&snapshot.message));
            ControlFlow::Continue(())
        })?;
        if let Some(last) = current {
            end(last, &seen);
        }
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(fitting),
        }
    }
}

/// The closed ones among the selected topics.
fn closed(reader: &Reader, selection: &Selection) -> Result<Vec<TopicId>, TranscriptError> {
    let mut closed = Vec::new();
    reader.each_topic(&mut |topic| {
        let selected = selection.topics.is_empty() || selection.topics.contains(&topic.id);
        if selected && topic.status == TopicStatus::Closed {
            closed.push(topic.id);
        }
    })?;
    Ok(closed)
}

/// What was seen of a topic.
#[derive(Default)]
struct Seen {
    sample: Sample,
    turns: u32,
    /// Whether the desk spoke last.
    desk: Option<bool>,
}

impl Seen {
    fn begin(&mut self) {
        self.sample.clear();
        self.turns = 0;
        self.desk = None;
    }

    fn push(&mut self, message: &Message, role: Role) {
        let desk = match role {
            Role::Customer => false,
            Role::Operator | Role::Assistant => true,
            Role::Note | Role::Command | Role::Service => return,
        };
        if !desk {
            self.sample.push(&message.text);
        }
        if self.desk.replace(desk) != Some(desk) {
            self.turns += 1;
        }
    }
}
