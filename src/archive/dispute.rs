//! Where two sources say different things about the same version of a message.
//!
//! The userbot is shown the group as a member sees it, so its word is what the archive tells; what
//! another source said instead is kept beside, for whoever wants to know why.

use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use super::error::Fault;
use super::facts::{source_from, source_number};
use super::record::Body;
use crate::model::{Entity, MessageId, Source, TopicId};

/// What two sources disagree about.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Dispute {
    /// Which message.
    pub message: MessageId,
    /// Who said something else.
    pub source: Source,
    /// When, Unix seconds.
    pub at: i64,
    /// The fields in question as they are held.
    pub held: Value,
    /// The same fields as they were said to be.
    pub said: Value,
}

/// A version as one source shows it, with what belongs to the message as a whole.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) body: &'a Body,
    pub(super) author: Option<i64>,
    pub(super) topic: i32,
}

/// What a source that may see less says differently; `None`: it agrees, maybe in fewer words.
pub(super) fn differences(held: Shown<'_>, said: Shown<'_>) -> Option<(Value, Value)> {
    let (mut ours, mut theirs) = (Map::new(), Map::new());
    let mut differ = |name: &str, held: Value, said: Value| {
        ours.insert(name.to_owned(), held);
        theirs.insert(name.to_owned(), said);
    };
    if !said.body.text.is_empty() && said.body.text != held.body.text {
        let text = |body: &Body| Value::from(body.text.as_str());
        differ("text", text(held.body), text(said.body));
    }
    if let (Some(held), Some(said)) = (held.author, said.author)
        && held != said
    {
        differ("author", held.into(), said.into());
    }
    // A source that does not see topics says General.
    if said.topic != TopicId::GENERAL.0 && said.topic != held.topic {
        differ("topic", held.topic.into(), said.topic.into());
    }
    let (mine, other) = (kind(held.body), kind(said.body));
    if other.is_some() && mine != other {
        differ("media", mine.into(), other.into());
    }
    (!ours.is_empty()).then_some((Value::Object(ours), Value::Object(theirs)))
}

/// Whether a version that agrees with one held, and was made later, is an edit all the same: of the
/// formatting, or one that took the caption away.
pub(super) fn is_edited(held: &Body, said: &Body) -> bool {
    let caption = kind(said).is_some() && said.text != held.text;
    let formatting = !said.text.is_empty() && entities(said) != entities(held);
    caption || formatting
}

fn entities(body: &Body) -> &[Entity] {
    body.rest.as_deref().map_or(&[], |rest| &rest.entities)
}

/// The kind of media, where it is one that every source calls the same.
fn kind(body: &Body) -> Option<String> {
    let media = body.rest.as_deref()?.media.as_ref()?;
    let kind = media.kind.file_name()?;
    Some(kind.to_owned())
}

/// Keeps a dispute, unless it is known, maybe as part of another one.
pub(super) fn keep(
    conn: &Connection,
    id: i32,
    source: Source,
    at: i64,
    (held, said): &(Value, Value),
    next_seq: impl FnOnce() -> i64,
) -> Result<(), Fault> {
    let mut known =
        conn.prepare_cached("SELECT said FROM dispute WHERE id = ?1 AND source = ?2")?;
    let mut rows = known.query(params![id, source_number(source)])?;
    let mut known = false;
    while let Some(row) = rows.next()? {
        let known_said = json(row.get(0)?)?;
        let mut fields = said.as_object().into_iter().flatten();
        known |= fields.all(|(name, value)| known_said.get(name) == Some(value));
    }
    let (held, said) = (held.to_string(), said.to_string());
    if !known {
        conn.prepare_cached(
            "INSERT INTO dispute (seq, id, source, at, held, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            next_seq(),
            id,
            source_number(source),
            at,
            held,
            said
        ])?;
    }
    Ok(())
}

/// All disputes in the order in which they came up.
pub(super) fn all(conn: &Connection) -> Result<Vec<Dispute>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT id, source, at, held, said FROM dispute ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut disputes = Vec::new();
    while let Some(row) = rows.next()? {
        disputes.push(Dispute {
            message: MessageId(row.get(0)?),
            source: source_from(row.get(1)?)?,
            at: row.get(2)?,
            held: json(row.get(3)?)?,
            said: json(row.get(4)?)?,
        });
    }
    Ok(disputes)
}

fn json(text: String) -> Result<Value, Fault> {
    serde_json::from_str(&text).map_err(|_| Fault::Damaged("an unreadable dispute"))
}
