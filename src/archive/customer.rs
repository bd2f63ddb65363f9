//! Who the customers are: one to a topic, as last observed.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::Fault;
use super::facts::source_number;
use super::roster::{Rosters, TOPICS};
use crate::model::{Customer, PersonId, Source, TopicId};

/// Takes who a topic's customer is, unless a later observation is known.
pub(super) fn put(
    conn: &Connection,
    topic: TopicId,
    customer: &Customer,
    source: Source,
    at: i64,
) -> Result<bool, Fault> {
    let known = of(conn, topic)?;
    if known.as_ref() == Some(customer) {
        return Ok(false);
    }
    let changed = conn
        .prepare_cached(
            "INSERT INTO customer (topic, user_id, first_name, last_name, username, language, \
               phone, chat_title, source, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
             ON CONFLICT (topic) DO UPDATE SET \
               user_id = excluded.user_id, first_name = excluded.first_name, \
               last_name = excluded.last_name, username = excluded.username, \
               language = excluded.language, phone = excluded.phone, \
               chat_title = excluded.chat_title, source = excluded.source, at = excluded.at \
             WHERE excluded.at >= at",
        )?
        .execute(params![
            topic.0,
            customer.user_id.map(|id| id.0),
            customer.first_name,
            customer.last_name,
            customer.username,
            customer.language,
            customer.phone,
            customer.chat_title,
            source_number(source),
            at
        ])?;
    Ok(changed > 0)
}

/// Everybody who has a username: the id and the name.
pub(super) fn each_username(
    conn: &Connection,
    each: &mut dyn FnMut(PersonId, &str),
) -> Result<(), Fault> {
    let select = "SELECT user_id, username FROM customer \
                  WHERE user_id IS NOT NULL AND username IS NOT NULL";
    let mut statement = conn.prepare_cached(select)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        each(PersonId(row.get(0)?), &name);
    }
    Ok(())
}

/// Who a topic's customer is.
pub(super) fn of(conn: &Connection, topic: TopicId) -> Result<Option<Customer>, Fault> {
    let read = |row: &Row<'_>| {
        Ok(Customer {
            user_id: row.get::<_, Option<i64>>(0)?.map(PersonId),
            first_name: row.get(1)?,
            last_name: row.get(2)?,
            username: row.get(3)?,
            language: row.get(4)?,
            phone: row.get(5)?,
            chat_title: row.get(6)?,
        })
    };
    Ok(conn
        .prepare_cached(
            "SELECT user_id, first_name, last_name, username, language, phone, chat_title \
             FROM customer WHERE topic = ?1",
        )?
        .query_row([topic.0], read)
        .optional()?)
}

/// The next topic after this one whose customer is known.
pub(super) fn after(conn: &Connection, topic: TopicId) -> Result<Option<TopicId>, Fault> {
    Ok(conn
        .prepare_cached("SELECT topic FROM customer WHERE topic > ?1 ORDER BY topic LIMIT 1")?
        .query_row([topic.0], |row| row.get(0).map(TopicId))
        .optional()?)
}

/// The topics of a customer, newest first.
pub(super) fn topics_of(
    conn: &Connection,
    user: PersonId,
    limit: usize,
) -> Result<Vec<TopicId>, Fault> {
    let select = "SELECT topic FROM customer WHERE user_id = ?1 ORDER BY topic DESC LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = conn.prepare_cached(select)?;
    let topics = statement.query_map(params![user.0, limit], |row| row.get(0).map(TopicId))?;
    topics.collect::<Result<_, _>>().map_err(Fault::from)
}

/// How far [`Reader::topics_without_customer`](super::Reader::topics_without_customer) has looked.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicsSeen {
    page: i64,
}

/// The topics of which nobody has said who the customer is, in no order; those that were told of
/// before may be left out, or come again.
pub(super) fn unknown(
    conn: &Connection,
    rosters: &mut Rosters,
    seen: &mut TopicsSeen,
) -> Result<Vec<TopicId>, Fault> {
    let mut topics = Vec::new();
    let newest = rosters.each_id_since(conn, &TOPICS, seen.page, &mut |id| {
        topics.push(i32::try_from(id).map_err(|_| Fault::Damaged("a topic out of range"))?);
        Ok(())
    })?;
    topics.sort_unstable();
    topics.dedup();
    let (Some(first), Some(last)) = (topics.first(), topics.last()) else {
        return Ok(Vec::new());
    };
    let mut statement = conn.prepare_cached(
        "SELECT topic FROM customer WHERE topic BETWEEN ?1 AND ?2 ORDER BY topic",
    )?;
    let mut known = statement
        .query_map([first, last], |row| row.get::<_, i32>(0))?
        .peekable();
    // Both ascend, so one pass tells.
    let mut unknown = Vec::new();
    for topic in topics.iter().copied() {
        while known
            .next_if(|of| of.as_ref().is_ok_and(|of| *of < topic))
            .is_some()
        {}
        match known.peek() {
            Some(Ok(of)) if *of == topic => {}
            Some(Err(_)) => known.next().transpose().map(|_| ())?,
            _ => unknown.push(TopicId(topic)),
        }
    }
    drop(known);
    seen.page = newest;
    Ok(unknown)
}
