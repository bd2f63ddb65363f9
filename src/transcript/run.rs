//! One transcript on its way into its file.

use std::collections::{HashMap, HashSet};
use std::io::Write;

use super::role::resolve;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};
use super::{Summary, TranscriptError};
use crate::config::RoleRules;
use crate::model::{PersonId, Snapshot, Topic, TopicId, TopicStatus};

/// Heads of topics that are remembered where topics are interleaved.
const HEADS: usize = 4_096;

/// One transcript being written: gives each message its role and topic and counts.
pub(super) struct Run<'a> {
    page: &'a Page<'a>,
    rules: &'a RoleRules,
    writer: Box<dyn TranscriptWriter + 'a>,
    out: Box<dyn Write + 'a>,
    current: Option<TopicHead>,
    /// Heads of interleaved topics, so that few are looked up twice.
    heads: HashMap<TopicId, TopicHead>,
    topics: HashSet<TopicId>,
    summary: Summary,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        page: &'a Page<'a>,
        rules: &'a RoleRules,
        writer: Box<dyn TranscriptWriter + 'a>,
        out: Box<dyn Write + 'a>,
    ) -> Self {
        Self {
            page,
            rules,
            writer,
            out,
            current: None,
            heads: HashMap::new(),
            topics: HashSet::new(),
            summary: Summary::default(),
        }
    }

    /// Writes what stands before all messages; the head of a single topic too, so that it shows
    /// even where the topic has no message.
    pub(super) fn begin(&mut self) -> Result<(), TranscriptError> {
        self.writer.preamble(&mut self.out)?;
        if let Some(topic) = self.page.single.get() {
            let head = self.head(topic);
            self.writer.topic(&mut self.out, &head)?;
            self.current = Some(head);
        }
        Ok(())
    }

    /// Writes the next message.
    pub(super) fn push(&mut self, snapshot: &Snapshot) -> Result<(), TranscriptError> {
        self.push_and(snapshot, &mut |_| {})
    }

    /// Writes the next message; `shown` is told of it as it was written.
    pub(super) fn push_and(
        &mut self,
        snapshot: &Snapshot,
        shown: &mut dyn FnMut(&Snapshot),
    ) -> Result<(), TranscriptError> {
        let topic = snapshot.message.topic;
        let kind_of = |person: PersonId| self.page.people.kind(person);
        let resolved = resolve(&snapshot.message, self.rules, self.page.group, &kind_of);
        let current = self.current.take();
        // Most messages follow one of the same topic.
        if current
            .as_ref()
            .is_none_or(|head| head.topic.id != topic || self.topics.is_empty())
            && self.topics.insert(topic)
        {
            self.summary.topics += 1;
        }
        let head = match current {
            Some(head) if head.topic.id == topic => head,
            previous if self.page.interleaved() => {
                if self.heads.len() == HEADS {
                    self.heads.clear();
                }
                if let Some(previous) = previous {
                    self.heads.insert(previous.topic.id, previous);
                }
                match self.heads.remove(&topic) {
                    Some(head) => head,
                    None => self.head(topic),
                }
            }
            _ => {
                let head = self.head(topic);
                self.writer.topic(&mut self.out, &head)?;
                head
            }
        };
        let redacted = self.page.facts.redacted(snapshot);
        shown(redacted.as_ref().unwrap_or(snapshot));
        let entry = Entry {
            snapshot: redacted.as_ref().unwrap_or(snapshot),
            role: resolved.role,
            topic: &head,
        };
        self.writer.message(&mut self.out, entry)?;
        self.current = Some(head);
        self.summary.take(snapshot.message.id, resolved.sure);
        Ok(())
    }

    /// Messages written so far.
    pub(super) fn written(&self) -> u64 {
        self.summary.messages
    }

    /// Writes what stands behind all messages.
    pub(super) fn end(mut self) -> Result<Summary, TranscriptError> {
        self.writer.postamble(&mut self.out, &self.summary)?;
        self.out.flush()?;
        if let Some(redaction) = &self.page.redaction {
            self.summary.replaced = redaction.replaced();
        }
        Ok(self.summary)
    }

    /// A topic's facts; a topic of which only messages are known gets an empty title.
    fn head(&self, topic: TopicId) -> TopicHead {
        let facts = &self.page.facts;
        let unknown = || Topic {
            id: topic,
            title: String::new(),
            status: TopicStatus::Open,
            hidden: false,
            created: None,
        };
        if !self.writer.shows_topics() {
            return TopicHead {
                topic: unknown(),
                customer: None,
            };
        }
        TopicHead {
            topic: facts.topic(topic).unwrap_or_else(unknown),
            customer: facts.customer(topic),
        }
    }
}
