//! Which authors and topics a query is about.

use std::collections::HashSet;

use rusqlite::Connection;

use super::fold::Folded;
use super::query::Filters;
use crate::archive::error::Fault;
use crate::archive::facts;
use crate::archive::roster::Rosters;
use crate::model::TopicId;

/// Authors and topics, as sets of ids; `None`: all.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) authors: Option<HashSet<i64>>,
    pub(super) topics: Option<HashSet<i32>>,
}

impl Scope {
    /// Resolves what the query names; `topics` (none: all) narrows further.
    pub(super) fn of(
        conn: &Connection,
        rosters: &mut Rosters,
        filters: &Filters,
        topics: &[TopicId],
    ) -> Result<Self, Fault> {
        let mut scope = Self::default();
        if !topics.is_empty() {
            scope.topics = Some(topics.iter().map(|topic| topic.0).collect());
        }
        if !filters.topic.is_empty() {
            let mut named = HashSet::new();
            for name in &filters.topic {
                named.extend(name.parse::<i32>().ok());
                for topic in facts::topics(conn, rosters)? {
                    if is_called(&topic.title, name) {
                        named.insert(topic.id.0);
                    }
                }
            }
            scope.topics = Some(match scope.topics {
                None => named,
                Some(known) => known.intersection(&named).copied().collect(),
            });
        }
        if !filters.from.is_empty() {
            let mut authors = HashSet::new();
            for name in &filters.from {
                authors.extend(name.parse::<i64>().ok());
                facts::people(conn, rosters, |person| {
                    let username = name.strip_prefix('@').unwrap_or(name);
                    let known = person.username.as_deref();
                    if is_called(&person.name, name)
                        || known.is_some_and(|known| known.eq_ignore_ascii_case(username))
                    {
                        authors.insert(person.id.0);
                    }
                })?;
            }
            scope.authors = Some(authors);
        }
        Ok(scope)
    }

    pub(super) fn has_topic(&self, topic: i32) -> bool {
        self.topics
            .as_ref()
            .is_none_or(|topics| topics.contains(&topic))
    }

    pub(super) fn has_author(&self, author: Option<i64>) -> bool {
        match &self.authors {
            None => true,
            Some(authors) => author.is_some_and(|author| authors.contains(&author)),
        }
    }
}

/// Whether all words of `wanted` begin words of a name.
fn is_called(name: &str, wanted: &str) -> bool {
    let (mut folded, mut words) = (Folded::default(), Folded::default());
    folded.set(name);
    words.set(wanted);
    let begins = |word: &[char]| {
        let places = folded.starts.iter();
        let mut rests = places.filter_map(|start| folded.letters.get(*start..));
        rests.any(|rest| rest.starts_with(word))
    };
    let mut parts = words.letters.split(|letter| *letter == ' ');
    !words.letters.is_empty() && parts.all(begins)
}
