//! The sample of a group that is looked at.
//!
//! Not the whole archive: up to [`NEWEST`] of its newest topics, about as many spread evenly over the
//! older ones, of each the first [`OPENING`] messages (where it shows who created the topic, who spoke
//! first, and who answered), and the latest words in General. That is at most some 12,000 messages
//! whatever the archive holds; only the list of topics is passed over as a whole. Nothing is drawn by
//! chance: the same archive gives the same sample.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::evidence::Evidence;
use super::{Known, PersonId};
use crate::archive::{ArchiveError, Reader};
use crate::config::RoleRules;
use crate::model::{Message, PersonKind, Service, Snapshot, TopicId};
use crate::transcript::role::is_note;

/// The newest topics: how the group is run today.
pub(super) const NEWEST: usize = 100;
/// Topics among the older ones, at least, where there are as many; at most twice as many.
pub(super) const SPREAD: usize = 100;
/// Messages at the beginning of a topic.
const OPENING: usize = 40;
/// Messages in General.
const GENERAL: usize = 200;
/// A CRM posts what a customer wrote within so many seconds of creating the topic for it.
const PROMPT: i64 = 3;

/// What was seen in a group.
#[derive(Debug, Default)]
pub(super) struct Sample {
    /// Topics with words in them.
    pub(super) topics: u32,
    /// Those of them of which it is known who created them.
    known: u32,
    /// By author; those whom Telegram does not name are nobody's.
    seen: BTreeMap<PersonId, Seen>,
    /// Messages and notes of nobody.
    nameless: (u64, u64),
}

/// What was seen of somebody.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) kind: Option<PersonKind>,
    pub(super) evidence: Evidence,
    /// Of the topics in which theirs are the first words: in how many others have words.
    pub(super) others: HashMap<PersonId, u32>,
}

impl Sample {
    /// Looks at a group.
    pub(super) fn take(
        reader: &Reader,
        rules: &RoleRules,
        known: &Known,
    ) -> Result<Self, ArchiveError> {
        let mut sample = Self::default();
        for topic in topics(reader)? {
            sample.topic(&reader.opening(topic, OPENING)?, rules, known);
        }
        for snapshot in reader.last(TopicId::GENERAL, GENERAL)? {
            let message = &snapshot.message;
            if message.service.is_none()
                && let Some(author) = message.from
            {
                sample.of(author).evidence.general += 1;
            }
        }
        let (topics, known) = (sample.topics, sample.known);
        for (id, seen) in &mut sample.seen {
            seen.evidence.topics = topics;
            seen.evidence.known = known;
            seen.kind = reader.person(*id)?.map(|person| person.kind);
        }
        Ok(sample)
    }

    /// What was seen of somebody.
    pub(super) fn evidence(&self, id: PersonId) -> Option<Evidence> {
        self.seen.get(&id).map(|seen| seen.evidence)
    }

    /// Everybody who was seen, ascending by id.
    pub(super) fn everybody(&self) -> impl Iterator<Item = (PersonId, &Seen)> {
        self.seen.iter().map(|(id, seen)| (*id, seen))
    }

    /// How many messages were looked at.
    pub(super) fn messages(&self) -> u64 {
        let messages = self.seen.values().map(|seen| seen.evidence.messages);
        messages.sum::<u64>() + self.nameless.0
    }

    /// Authors, each with how many notes and other messages are theirs.
    pub(super) fn authors(&self) -> impl Iterator<Item = (Option<PersonId>, u64, u64)> {
        let named = self.seen.iter().map(|(id, seen)| {
            let Evidence {
                messages, notes, ..
            } = seen.evidence;
            (Some(*id), notes, messages - notes)
        });
        let (messages, notes) = self.nameless;
        named.chain([(None, notes, messages - notes)])
    }

    fn of(&mut self, author: PersonId) -> &mut Seen {
        self.seen.entry(author).or_default()
    }

    /// Looks at a topic's first messages, ascending.
    fn topic(&mut self, opening: &[Snapshot], rules: &RoleRules, known: &Known) {
        // Our own bot may greet before anybody else; that says nothing.
        let is_ours = |id: PersonId| known.bot == Some(id) || rules.assistants.contains(&id.0);
        let mut words: Vec<(PersonId, i64)> = Vec::new();
        for Snapshot { message, .. } in opening {
            if message.service.is_some() {
                continue;
            }
            let note = is_note(message, rules);
            match message.from {
                None => {
                    self.nameless.0 += 1;
                    self.nameless.1 += u64::from(note);
                }
                Some(author) => {
                    let evidence = &mut self.of(author).evidence;
                    evidence.messages += 1;
                    evidence.notes += u64::from(note);
                    if !note {
                        words.push((author, message.date));
                    }
                }
            }
        }
        let Some((first, said)) = words.iter().copied().find(|(id, _)| !is_ours(*id)) else {
            return;
        };
        self.topics += 1;
        let created = opening.iter().find_map(|it| creation(&it.message));
        if let Some((creator, _)) = created {
            self.known += 1;
            self.of(creator).evidence.created += 1;
        }
        let (mut answered, mut resumed) = (false, false);
        let (mut speakers, mut joined) = (HashSet::new(), HashSet::new());
        for (author, _) in &words {
            if speakers.iter().any(|other| other != author) {
                joined.insert(*author);
            }
            speakers.insert(*author);
            if *author != first {
                answered |= speakers.contains(&first);
            } else {
                resumed |= answered;
            }
        }
        for author in &joined {
            self.of(*author).evidence.joined += 1;
        }
        for author in &speakers {
            self.of(*author).evidence.spoke += 1;
        }
        let seen = self.of(first);
        for author in speakers.iter().filter(|author| **author != first) {
            *seen.others.entry(*author).or_default() += 1;
        }
        let evidence = &mut seen.evidence;
        evidence.first += 1;
        evidence.answered += u32::from(answered);
        evidence.resumed += u32::from(resumed);
        let prompt = created.is_some_and(|(_, at)| (0..=PROMPT).contains(&(said - at)));
        evidence.prompt += u32::from(prompt);
    }
}

/// Who created the topic that a message says was created, and when.
fn creation(message: &Message) -> Option<(PersonId, i64)> {
    match message.service {
        Some(Service::TopicCreated { .. }) => message.from.map(|creator| (creator, message.date)),
        _ => None,
    }
}

/// The topics to look at, General aside; in memory that does not follow how many there are.
fn topics(reader: &Reader) -> Result<Vec<TopicId>, ArchiveError> {
    let mut choice = Choice::default();
    reader.each_topic(&mut |topic| {
        if topic.id != TopicId::GENERAL {
            choice.push(topic.id);
        }
    })?;
    Ok(choice.older.into_iter().chain(choice.newest).collect())
}

/// The newest topics, and every so manieth of the older ones.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) older: Vec<TopicId>,
    pub(super) newest: VecDeque<TopicId>,
    passed: usize,
    step: usize,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            older: Vec::new(),
            newest: VecDeque::new(),
            passed: 0,
            step: 1,
        }
    }
}

impl Choice {
    /// Takes the next one; they come ascending.
    pub(super) fn push(&mut self, topic: TopicId) {
        self.newest.push_back(topic);
        if self.newest.len() <= NEWEST {
            return;
        }
        let Some(older) = self.newest.pop_front() else {
            return;
        };
        if self.passed.is_multiple_of(self.step) {
            self.older.push(older);
        }
        self.passed += 1;
        if self.older.len() == 2 * SPREAD {
            // Every second one goes, and of those to come too.
            let mut place = 0;
            self.older.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.step *= 2;
        }
    }
}
