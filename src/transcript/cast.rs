//! Who plays which part in a group.
//!
//! Who posts customers' messages, and which bots answer, is said by the configuration. Where it says
//! nothing, the group itself mostly shows it: a CRM creates a topic for each customer and posts all
//! that they write in it, so that one account creates nearly all topics, speaks first in them, and is
//! answered by the same few people everywhere. [`Cast::of`] looks for that in a bounded sample of the
//! archive. Where the evidence is thin or points to two, nobody is chosen: a wrong relay would turn
//! operators into customers in every transcript, while an unsure one is counted and asked about.

mod evidence;
mod judge;
mod sample;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::Serialize;

pub use self::evidence::{Doubt, Evidence};
use self::sample::Sample;
use super::role::resolve;
use crate::archive::{ArchiveError, Reader};
use crate::config::RoleRules;
use crate::model::{GroupId, Message, MessageId, Person, PersonId, PersonKind, TopicId};

/// What is known of a group besides its archive and its rules.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Our own bot.
    pub bot: Option<PersonId>,
    /// People of whom the configuration says that they answer: they never post customers' messages.
    pub operators: Vec<PersonId>,
}

/// Where a part's players come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The configuration names them; nothing is inferred over it.
    Config,
    /// They were found in the group.
    Found,
    /// Nobody is known.
    Nobody,
}

/// Somebody who plays a part, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Their id.
    pub id: PersonId,
    /// Their name; empty where the archive knows none.
    pub name: String,
    /// What sort of author, where that is known.
    pub kind: Option<PersonKind>,
    /// Our own bot.
    pub own: bool,
    /// What was seen of them; `None` where nothing was looked at.
    pub evidence: Option<Evidence>,
    /// Why they were not chosen; `None`: they play the part.
    pub doubt: Option<Doubt>,
}

impl Candidate {
    /// Whether they play the part.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        self.doubt.is_none()
    }
}

/// A part, and who plays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where that is known from.
    pub origin: Origin,
    /// Who plays it; where nobody does, those who may.
    pub candidates: Vec<Candidate>,
}

/// Messages in the sample whose role stays unsure, of one author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsettled {
    /// Whose; `None`: Telegram does not say.
    pub id: Option<PersonId>,
    /// Their name; empty where the archive knows none.
    pub name: String,
    /// What sort of author, where that is known.
    pub kind: Option<PersonKind>,
    /// How many.
    pub messages: u64,
}

/// Who plays which part in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cast {
    /// Who posts customers' messages.
    pub relays: Part,
    /// Our bot and other bots that answer.
    pub assistants: Part,
    /// Topics that were looked at.
    pub topics: u32,
    /// Messages that were looked at.
    pub messages: u64,
    /// Those of them whose role is unsure, by author, most first.
    pub unsettled: Vec<Unsettled>,
    #[serde(skip)]
    rules: RoleRules,
}

impl Cast {
    /// Completes a group's rules from the group itself; reads nothing where they name everybody.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn of(reader: &Reader, rules: &RoleRules, known: &Known) -> Result<Self, ArchiveError> {
        if rules.relays.is_empty() || rules.assistants.is_empty() {
            return Self::examined(reader, rules, known);
        }
        Self::judged(reader, &Sample::default(), rules, known)
    }

    /// The same, and always looks at the sample.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn examined(
        reader: &Reader,
        rules: &RoleRules,
        known: &Known,
    ) -> Result<Self, ArchiveError> {
        let sample = Sample::take(reader, rules, known)?;
        Self::judged(reader, &sample, rules, known)
    }

    /// The rules, completed.
    #[must_use]
    pub const fn rules(&self) -> &RoleRules {
        &self.rules
    }

    /// Messages that were looked at and whose role is unsure.
    #[must_use]
    pub fn unsure(&self) -> u64 {
        self.unsettled.iter().map(|one| one.messages).sum()
    }

    fn judged(
        reader: &Reader,
        sample: &Sample,
        rules: &RoleRules,
        known: &Known,
    ) -> Result<Self, ArchiveError> {
        let mut people = People {
            reader,
            bot: known.bot,
            met: HashMap::new(),
        };
        let mut rules = rules.clone();
        rules
            .operators
            .extend(known.operators.iter().map(|id| id.0));
        let relays = if rules.relays.is_empty() {
            let found = judge::relays(sample, &rules, known);
            rules.relays = chosen(&found);
            people.part(found)?
        } else {
            people.configured(&rules.relays, sample)?
        };
        let assistants = if rules.assistants.is_empty() {
            let found = judge::assistants(sample, &rules, known);
            rules.assistants = chosen(&found);
            people.part(found)?
        } else {
            people.configured(&rules.assistants, sample)?
        };
        let unsettled = people.unsettled(sample, &rules)?;
        Ok(Self {
            relays,
            assistants,
            topics: sample.topics,
            messages: sample.messages(),
            unsettled,
            rules,
        })
    }
}

/// What is thought of somebody.
type Verdict = (PersonId, Option<Evidence>, Option<Doubt>);

fn chosen(found: &[Verdict]) -> Vec<i64> {
    let sure = found.iter().filter(|(_, _, doubt)| doubt.is_none());
    sure.map(|(id, _, _)| id.0).collect()
}

/// Those whom the archive knows, each asked for once.
struct People<'a> {
    reader: &'a Reader,
    /// Our own.
    bot: Option<PersonId>,
    met: HashMap<PersonId, Option<Person>>,
}

impl People<'_> {
    fn of(&mut self, id: PersonId) -> Result<Option<&Person>, ArchiveError> {
        if !self.met.contains_key(&id) {
            self.met.insert(id, self.reader.person(id)?);
        }
        Ok(self.met.get(&id).and_then(Option::as_ref))
    }

    fn candidate(&mut self, verdict: Verdict) -> Result<Candidate, ArchiveError> {
        let (id, evidence, doubt) = verdict;
        let own = self.bot == Some(id);
        let person = self.of(id)?;
        Ok(Candidate {
            id,
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            kind: person.map(|person| person.kind),
            own,
            evidence,
            doubt,
        })
    }

    fn part(&mut self, found: Vec<Verdict>) -> Result<Part, ArchiveError> {
        let origin = match chosen(&found).is_empty() {
            true => Origin::Nobody,
            false => Origin::Found,
        };
        let candidates = found.into_iter().map(|one| self.candidate(one));
        Ok(Part {
            origin,
            candidates: candidates.collect::<Result<_, _>>()?,
        })
    }

    fn configured(&mut self, ids: &[i64], sample: &Sample) -> Result<Part, ArchiveError> {
        let named = ids.iter().map(|id| {
            let id = PersonId(*id);
            self.candidate((id, sample.evidence(id), None))
        });
        Ok(Part {
            origin: Origin::Config,
            candidates: named.collect::<Result<_, _>>()?,
        })
    }

    /// What [`resolve`] is unsure about, which hangs on the author and on whether it is a note.
    fn unsettled(
        &mut self,
        sample: &Sample,
        rules: &RoleRules,
    ) -> Result<Vec<Unsettled>, ArchiveError> {
        let group = self.reader.group();
        let mut found = Vec::new();
        for (author, notes, others) in sample.authors() {
            let person = match author {
                Some(id) => self.of(id)?,
                None => None,
            };
            let kind = person.map(|person| person.kind);
            let name = person.map(|person| person.name.clone()).unwrap_or_default();
            let unsure = |text: &str| !is_sure(author, text, kind, rules, group);
            let notes = if unsure(&rules.note_prefix) { notes } else { 0 };
            let others = if unsure("") { others } else { 0 };
            if notes + others > 0 {
                found.push(Unsettled {
                    id: author,
                    name,
                    kind,
                    messages: notes + others,
                });
            }
        }
        found.sort_by_key(|one| (std::cmp::Reverse(one.messages), one.id));
        Ok(found)
    }
}

fn is_sure(
    author: Option<PersonId>,
    text: &str,
    kind: Option<PersonKind>,
    rules: &RoleRules,
    group: GroupId,
) -> bool {
    let mut message = Message::text(MessageId(2), TopicId::GENERAL, 0, PersonId(0), text);
    message.from = author;
    resolve(&message, rules, group, &|_| kind).sure
}
