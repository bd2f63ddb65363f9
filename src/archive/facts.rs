//! Topics, people and customers: facts as last observed.

use std::collections::HashSet;

use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, params};

use super::error::Fault;
use super::roster::{Entry, PEOPLE, Rosters, TOPICS};
use crate::model::{Person, PersonId, PersonKind, Service, Source, Topic, TopicId, TopicStatus};

/// The number a source is stored as.
pub(super) fn source_number(source: Source) -> i64 {
    match source {
        Source::Live => 0,
        Source::History => 1,
        Source::Crm => 2,
        Source::Import => 3,
        Source::Bot => 4,
    }
}

pub(super) fn source_from(number: i64) -> Result<Source, Fault> {
    Ok(match number {
        0 => Source::Live,
        1 => Source::History,
        2 => Source::Crm,
        3 => Source::Import,
        4 => Source::Bot,
        _ => return Err(Fault::Damaged("an unknown source")),
    })
}

fn status_number(status: TopicStatus) -> i64 {
    match status {
        TopicStatus::Open => 0,
        TopicStatus::Closed => 1,
        TopicStatus::Deleted => 2,
    }
}

/// What was observed of a topic; what was not is absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TopicFacts<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) status: Option<TopicStatus>,
    pub(super) hidden: Option<bool>,
}

/// Topics that are remembered at most; one that was forgotten is looked up again.
const KNOWN: usize = 65_536;

/// Writes facts about topics; remembers which topics have a row.
#[derive(Debug, Default)]
pub(super) struct Topics {
    known: HashSet<i32>,
}

impl Topics {
    /// Makes sure that a topic has a row, so that every message's topic is listed.
    pub(super) fn ensure(
        &mut self,
        conn: &Connection,
        rosters: &mut Rosters,
        topic: i32,
    ) -> Result<(), Fault> {
        if self.known.contains(&topic) {
            return Ok(());
        }
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        if rosters.at_rest(conn, &TOPICS, topic.into())?.is_some() {
            self.known.insert(topic);
            return Ok(());
        }
        let title = if topic == TopicId::GENERAL.0 {
            "General"
        } else {
            ""
        };
        conn.prepare_cached(
            "INSERT OR IGNORE INTO topic (id, title, title_from, status, status_from) \
             VALUES (?1, ?2, -1, 0, -1)",
        )?
        .execute(params![topic, title])?;
        self.known.insert(topic);
        Ok(())
    }

    /// Takes facts observed at message id `from`, unless newer ones are known.
    pub(super) fn observe(
        &mut self,
        conn: &Connection,
        rosters: &mut Rosters,
        topic: i32,
        from: i32,
        facts: TopicFacts<'_>,
    ) -> Result<bool, Fault> {
        let TopicFacts {
            title,
            status,
            hidden,
        } = facts;
        self.ensure(conn, rosters, topic)?;
        rosters.thaw(conn, &TOPICS, topic.into())?;
        let mut changed = 0;
        if let Some(title) = title {
            changed += conn
                .prepare_cached(
                    "UPDATE topic SET title = ?2, title_from = ?3 \
                     WHERE id = ?1 AND title_from <= ?3 AND (title <> ?2 OR title_from < ?3)",
                )?
                .execute(params![topic, title, from])?;
        }
        if let Some(status) = status {
            changed += conn
                .prepare_cached(
                    "UPDATE topic SET status = ?2, status_from = ?3 \
                     WHERE id = ?1 AND status_from <= ?3 AND (status <> ?2 OR status_from < ?3)",
                )?
                .execute(params![topic, status_number(status), from])?;
        }
        if let Some(hidden) = hidden {
            changed += conn
                .prepare_cached(
                    "UPDATE topic SET hidden = ?2, hidden_from = ?3 \
                     WHERE id = ?1 AND hidden_from <= ?3 AND (hidden <> ?2 OR hidden_from < ?3)",
                )?
                .execute(params![topic, hidden, from])?;
        }
        Ok(changed > 0)
    }

    /// Reads what a service message says about its topic.
    pub(super) fn service(
        &mut self,
        conn: &Connection,
        rosters: &mut Rosters,
        topic: i32,
        id: i32,
        date: i64,
        service: &Service,
    ) -> Result<(), Fault> {
        match service {
            Service::TopicCreated { title } => {
                // Status is not said; it was open then, which is the default.
                let facts = TopicFacts {
                    title: Some(title),
                    ..TopicFacts::default()
                };
                self.observe(conn, rosters, topic, id, facts)?;
                conn.prepare_cached("UPDATE topic SET created = ?2 WHERE id = ?1")?
                    .execute(params![topic, date])?;
            }
            Service::TopicEdited {
                title,
                closed,
                hidden,
            } => {
                let status = closed.map(|closed| {
                    if closed {
                        TopicStatus::Closed
                    } else {
                        TopicStatus::Open
                    }
                });
                let facts = TopicFacts {
                    title: title.as_deref(),
                    status,
                    hidden: *hidden,
                };
                self.observe(conn, rosters, topic, id, facts)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The message that began a topic was deleted, which only happens to both.
    pub(super) fn gone(conn: &Connection, rosters: &mut Rosters, id: i32) -> Result<(), Fault> {
        if id != TopicId::GENERAL.0 {
            rosters.thaw(conn, &TOPICS, id.into())?;
            conn.prepare_cached("UPDATE topic SET status = ?2 WHERE id = ?1")?
                .execute(params![id, status_number(TopicStatus::Deleted)])?;
        }
        Ok(())
    }

    /// It was not deleted after all; whether it is open, the list of topics tells.
    pub(super) fn back(conn: &Connection, rosters: &mut Rosters, id: i32) -> Result<(), Fault> {
        rosters.thaw(conn, &TOPICS, id.into())?;
        conn.prepare_cached(
            "UPDATE topic SET status = 0, status_from = -1 WHERE id = ?1 AND status = ?2",
        )?
        .execute(params![id, status_number(TopicStatus::Deleted)])?;
        Ok(())
    }

    /// Forgets which rows exist, as after a rollback.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

/// All topics, ascending.
pub(super) fn topics(conn: &Connection, rosters: &mut Rosters) -> Result<Vec<Topic>, Fault> {
    let mut topics = Vec::new();
    each_topic(conn, rosters, &mut |topic| topics.push(topic))?;
    Ok(topics)
}

/// The same, one by one.
pub(super) fn each_topic(
    conn: &Connection,
    rosters: &mut Rosters,
    each: &mut dyn FnMut(Topic),
) -> Result<(), Fault> {
    rosters.each(conn, &TOPICS, &mut |entry| {
        each(topic_from(&entry)?);
        Ok(())
    })
}

/// One topic.
pub(super) fn topic(
    conn: &Connection,
    rosters: &mut Rosters,
    id: TopicId,
) -> Result<Option<Topic>, Fault> {
    let entry = rosters.get(conn, &TOPICS, id.0.into())?;
    entry.map(|entry| topic_from(&entry)).transpose()
}

fn topic_from(entry: &Entry) -> Result<Topic, Fault> {
    Ok(Topic {
        id: TopicId(value(entry, 0)?),
        title: value(entry, 1)?,
        status: match value::<i64>(entry, 3)? {
            0 => TopicStatus::Open,
            1 => TopicStatus::Closed,
            2 => TopicStatus::Deleted,
            _ => return Err(Fault::Damaged("an unknown status of a topic")),
        },
        created: value(entry, 5)?,
        hidden: value(entry, 6)?,
    })
}

/// A value of an entry.
fn value<T: FromSql>(entry: &Entry, place: usize) -> Result<T, Fault> {
    let value = entry.get(place).map_or(ValueRef::Null, ValueRef::from);
    T::column_result(value).map_err(|_| Fault::Damaged("a fact of an unknown kind"))
}

/// Takes a person's current name. A file tells names as they were when it was written, so it never
/// replaces one that was observed.
pub(super) fn put_person(
    conn: &Connection,
    rosters: &mut Rosters,
    person: &Person,
    source: Source,
    at: i64,
    seq: i64,
) -> Result<bool, Fault> {
    let kind = match person.kind {
        PersonKind::User => 0_i64,
        PersonKind::Bot => 1,
        PersonKind::Channel => 2,
    };
    if let Some(entry) = rosters.at_rest(conn, &PEOPLE, person.id.0)? {
        let is_row = conn
            .prepare_cached("SELECT 1 FROM person WHERE id = ?1")?
            .exists([person.id.0])?;
        if !is_row && person_from(&entry)? == *person {
            return Ok(false);
        }
        rosters.thaw(conn, &PEOPLE, person.id.0)?;
    }
    // An account that was deleted loses its name; what it was called stays findable.
    conn.prepare_cached(
        "INSERT INTO past_name (person, seq, name, username, until) \
         SELECT id, ?2, name, username, ?3 FROM person WHERE id = ?1 \
           AND (?6 <> 3 OR source = 3) AND name <> '' AND (name, username) IS NOT (?4, ?5)",
    )?
    .execute(params![
        person.id.0,
        seq,
        at,
        person.name,
        person.username,
        source_number(source)
    ])?;
    let changed = conn
        .prepare_cached(
            "INSERT INTO person (id, kind, name, username, source) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (id) DO UPDATE SET \
               kind = excluded.kind, name = excluded.name, username = excluded.username, \
               source = excluded.source \
             WHERE (excluded.source <> 3 OR source = 3) AND \
               (kind, name, username) IS NOT (excluded.kind, excluded.name, excluded.username)",
        )?
        .execute(params![
            person.id.0,
            kind,
            person.name,
            person.username,
            source_number(source)
        ])?;
    Ok(changed > 0)
}

/// Calls `each` with every person.
pub(super) fn people(
    conn: &Connection,
    rosters: &mut Rosters,
    mut each: impl FnMut(Person),
) -> Result<(), Fault> {
    rosters.each(conn, &PEOPLE, &mut |entry| {
        each(person_from(&entry)?);
        Ok(())
    })
}

/// One person.
pub(super) fn person(
    conn: &Connection,
    rosters: &mut Rosters,
    id: PersonId,
) -> Result<Option<Person>, Fault> {
    let entry = rosters.get(conn, &PEOPLE, id.0)?;
    entry.map(|entry| person_from(&entry)).transpose()
}

fn person_from(entry: &Entry) -> Result<Person, Fault> {
    Ok(Person {
        id: PersonId(value(entry, 0)?),
        kind: match value::<i64>(entry, 1)? {
            0 => PersonKind::User,
            1 => PersonKind::Bot,
            2 => PersonKind::Channel,
            _ => return Err(Fault::Damaged("an unknown kind of person")),
        },
        name: value(entry, 2)?,
        username: value(entry, 3)?,
    })
}

/// A name that somebody bore before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastName {
    /// Full name or title.
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// When another one was observed, Unix seconds.
    pub until: i64,
}

/// The names that somebody bore before, oldest first.
pub(super) fn past_names(conn: &Connection, person: PersonId) -> Result<Vec<PastName>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT name, username, until FROM past_name WHERE person = ?1 ORDER BY seq",
    )?;
    let mut rows = statement.query([person.0])?;
    let mut names = Vec::new();
    while let Some(row) = rows.next()? {
        names.push(PastName {
            name: row.get(0)?,
            username: row.get(1)?,
            until: row.get(2)?,
        });
    }
    Ok(names)
}
