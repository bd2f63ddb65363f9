//! The tables: their columns, and where their rows come from.

use std::collections::HashMap;
use std::ops::ControlFlow;

use rusqlite::types::Value;
use serde::Serialize;

use crate::archive::error::ArchiveError;
use crate::archive::reader::Reader;
use crate::archive::selection::{Order, Selection};
use crate::model::{
    MessageId, Person, PersonId, Snapshot, Topic, TopicId, TopicStatus, message_link,
};

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// A message each, as it stands now.
    Messages,
    /// A version each, the latest included.
    Versions,
    /// Topics.
    Topics,
    /// Authors.
    People,
    /// What is known of message ids, as ranges.
    Coverage,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Messages,
        Self::Versions,
        Self::Topics,
        Self::People,
        Self::Coverage,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Versions => "versions",
            Self::Topics => "topics",
            Self::People => "people",
            Self::Coverage => "coverage",
        }
    }

    /// Its columns, in order. Dates are Unix seconds, but for `sent`, which is readable (UTC).
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Messages => &[
                "group_id",
                "id",
                "topic",
                "topic_title",
                "date",
                "sent",
                "from_id",
                "from_name",
                "kind",
                "text",
                "reply_to",
                "edit_date",
                "deleted_at",
                "versions",
                "file_name",
                "media",
                "entities",
                "reactions",
                "service",
                "seen_by",
                "link",
            ],
            Self::Versions => &[
                "group_id",
                "id",
                "topic",
                "date",
                "number",
                "latest",
                "edit_date",
                "text",
                "entities",
                "media",
            ],
            Self::Topics => &["group_id", "id", "title", "status", "created", "hidden"],
            Self::People => &["group_id", "id", "kind", "name", "username"],
            Self::Coverage => &["group_id", "first", "last", "state", "source"],
        }
    }
}

/// What a query narrows a table to; bounds are included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) group: Option<i64>,
    pub(super) topic: Option<i64>,
    pub(super) ids: (i64, i64),
    pub(super) dates: (i64, i64),
    /// The columns that are read, by bit; the last bit stands for all further ones.
    pub(super) columns: u64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            group: None,
            topic: None,
            ids: (i64::MIN, i64::MAX),
            dates: (i64::MIN, i64::MAX),
            columns: u64::MAX,
        }
    }
}

/// A row; columns that nobody reads are empty.
pub(super) type Row = Vec<Value>;

/// Calls `each` with a table's rows of one archive until that breaks.
pub(super) fn read(
    reader: &Reader,
    table: Table,
    wanted: &Wanted,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), ArchiveError> {
    let group = Value::Integer(reader.group().bare());
    let topics = || -> Result<Vec<Topic>, ArchiveError> { reader.topics() };
    match table {
        Table::Messages | Table::Versions => messages(reader, table, wanted, each),
        Table::Topics => {
            for topic in topics()? {
                let status = match topic.status {
                    TopicStatus::Open => "open",
                    TopicStatus::Closed => "closed",
                    TopicStatus::Deleted => "deleted",
                };
                let row = vec![
                    group.clone(),
                    number(topic.id.0),
                    topic.title.into(),
                    status.to_owned().into(),
                    topic.created.into(),
                    topic.hidden.into(),
                ];
                if each(row).is_break() {
                    break;
                }
            }
            Ok(())
        }
        Table::People => {
            for person in reader.people()?.into_values() {
                let row = vec![
                    group.clone(),
                    person.id.0.into(),
                    json(&person.kind, true),
                    person.name.into(),
                    person.username.into(),
                ];
                if each(row).is_break() {
                    break;
                }
            }
            Ok(())
        }
        Table::Coverage => {
            for range in reader.coverage(i32::MIN..=i32::MAX)? {
                let row = vec![
                    group.clone(),
                    number(*range.ids.start()),
                    number(*range.ids.end()),
                    json(&range.known, true),
                    json(&range.witness, true),
                ];
                if each(row).is_break() {
                    break;
                }
            }
            Ok(())
        }
    }
}

fn messages(
    reader: &Reader,
    table: Table,
    wanted: &Wanted,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> Result<(), ArchiveError> {
    let small = |id: i64| i32::try_from(id).unwrap_or(if id < 0 { i32::MIN } else { i32::MAX });
    let names = Names::read(reader, table, wanted)?;
    let mut emit = |snapshot: Snapshot| match table {
        Table::Versions => versions(reader, snapshot, each),
        _ => each(message(reader, &names, snapshot, wanted.columns)),
    };
    if wanted.ids.0 == wanted.ids.1 {
        if let Some(snapshot) = reader.message(MessageId(small(wanted.ids.0)))? {
            let _ = emit(snapshot);
        }
        return Ok(());
    }
    let mut topics = Vec::new();
    if let Some(topic) = wanted.topic {
        let Ok(topic) = i32::try_from(topic) else {
            return Ok(());
        };
        topics.push(TopicId(topic));
    }
    let order = match topics.is_empty() {
        true => Order::Id,
        false => Order::Topic,
    };
    let selection = Selection {
        topics,
        ids: Some(small(wanted.ids.0)..=small(wanted.ids.1)),
        since: Some(wanted.dates.0),
        until: wanted.dates.1.checked_add(1),
        skip_deleted: false,
    };
    reader.read(&selection, order, &mut emit)
}

/// What is called how; read where it is asked for.
#[derive(Default)]
struct Names {
    topics: HashMap<TopicId, String>,
    people: HashMap<PersonId, Person>,
}

impl Names {
    fn read(reader: &Reader, table: Table, wanted: &Wanted) -> Result<Self, ArchiveError> {
        let mut names = Self::default();
        if table != Table::Messages {
            return Ok(names);
        }
        if wanted.columns >> 3 & 1 == 1 {
            let topics = reader.topics()?.into_iter();
            names.topics = topics.map(|topic| (topic.id, topic.title)).collect();
        }
        if wanted.columns >> 7 & 1 == 1 {
            names.people = reader.people()?;
        }
        Ok(names)
    }
}

fn message(reader: &Reader, names: &Names, snapshot: Snapshot, columns: u64) -> Row {
    let is_read = |column: usize| columns >> column.min(63) & 1 == 1;
    let link = is_read(20)
        .then(|| message_link(reader.group(), snapshot.message.topic, snapshot.message.id));
    let Snapshot {
        message,
        versions,
        deleted_at,
        by,
        marks,
    } = snapshot;
    let sent = is_read(5)
        .then(|| jiff::Timestamp::from_second(message.date).ok())
        .flatten();
    let person = message.from.and_then(|from| names.people.get(&from));
    let kind = message.kind().to_owned();
    let file_name = message
        .media
        .as_ref()
        .and_then(|media| media.file_name.clone());
    let reactions = marks.reactions.as_ref().map(|it| &it.counts);
    vec![
        reader.group().bare().into(),
        number(message.id.0),
        number(message.topic.0),
        names.topics.get(&message.topic).cloned().into(),
        message.date.into(),
        sent.map(|sent| sent.to_string()).into(),
        message.from.map(|from| from.0).into(),
        person.map(|person| person.name.clone()).into(),
        kind.into(),
        message.text.into(),
        message
            .reply_to
            .as_ref()
            .map(|reply| i64::from(reply.id.0))
            .into(),
        message.edit_date.into(),
        deleted_at.into(),
        Value::Integer(i64::try_from(versions.len() + 1).unwrap_or(i64::MAX)),
        file_name.into(),
        json(&message.media, is_read(15)),
        json(
            &message.entities,
            is_read(16) && !message.entities.is_empty(),
        ),
        json(&reactions, is_read(17)),
        json(&message.service, is_read(18)),
        json(&by, is_read(19)),
        link.into(),
    ]
}

fn versions(
    reader: &Reader,
    snapshot: Snapshot,
    each: &mut dyn FnMut(Row) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let message = snapshot.message;
    let count = snapshot.versions.len();
    let latest = crate::model::Version {
        text: message.text,
        entities: message.entities,
        media: message.media,
        edit_date: message.edit_date,
    };
    for (place, version) in snapshot.versions.into_iter().chain([latest]).enumerate() {
        each(vec![
            reader.group().bare().into(),
            number(message.id.0),
            number(message.topic.0),
            message.date.into(),
            Value::Integer(i64::try_from(place + 1).unwrap_or(i64::MAX)),
            (place == count).into(),
            version.edit_date.into(),
            version.text.into(),
            json(&version.entities, !version.entities.is_empty()),
            json(&version.media, true),
        ])?;
    }
    ControlFlow::Continue(())
}

fn number(value: i32) -> Value {
    Value::Integer(value.into())
}

/// A value as JSON; words without their quotes, nothing as NULL.
fn json(value: &impl Serialize, is_read: bool) -> Value {
    if !is_read {
        return Value::Null;
    }
    match serde_json::to_value(value) {
        Ok(serde_json::Value::Null) | Err(_) => Value::Null,
        Ok(serde_json::Value::String(text)) => Value::Text(text),
        Ok(other) => Value::Text(other.to_string()),
    }
}
