//! Topics and people at rest: a few hundred to a page, in columns, compressed.
//!
//! As with messages, what changes is a row, and compaction folds rows into pages; a row stands before
//! the entry of the same id in a page. Names are many and short, and a row of a table costs more than
//! a name: 6 % of an archive of 300,000 messages in 5,787 topics.

mod page;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use page::{Page, damaged, pack, whole};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::error::Fault;

/// Entries of a page.
const PAGE: usize = 512;
/// Rows that are worth folding.
const ENOUGH: i64 = 256;
/// Rows that are folded into one page, and the pages that become of it, at once.
const AT_ONCE: usize = 8 * PAGE;
/// A page in bytes, unpacked, at most: titles have 128 letters, names 64 and 64.
const LARGEST: usize = 4 * 1024 * 1024;
/// Unpacked pages that are kept, about 80 KB each.
const KEPT: usize = 96;

/// A table that comes to rest.
#[derive(Debug)]
pub(super) struct Kind {
    number: i64,
    table: &'static str,
    /// The first is the id.
    columns: &'static [&'static str],
}

/// `topic`.
pub(super) const TOPICS: Kind = Kind {
    number: 1,
    table: "topic",
    columns: &[
        "id",
        "title",
        "title_from",
        "status",
        "status_from",
        "created",
        "hidden",
        "hidden_from",
    ],
};

/// `person`.
pub(super) const PEOPLE: Kind = Kind {
    number: 2,
    table: "person",
    columns: &["id", "kind", "name", "username", "source"],
};

/// The values of a row, in the order of the columns.
pub(super) type Entry = Vec<Value>;

/// Reads entries; keeps pages, which never change under their number.
#[derive(Debug)]
pub(super) struct Rosters {
    /// Most recently used last.
    kept: Vec<(i64, Arc<Page>)>,
    limit: usize,
}

impl Default for Rosters {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            limit: KEPT,
        }
    }
}

impl Rosters {
    /// Keeps at most so many pages from now on.
    pub(super) const fn limit(&mut self, pages: usize) {
        self.limit = pages;
    }

    /// Lets go of all pages.
    pub(super) fn clear(&mut self) {
        self.kept = Vec::new();
    }

    /// An entry, wherever it is.
    pub(super) fn get(
        &mut self,
        conn: &Connection,
        kind: &Kind,
        id: i64,
    ) -> Result<Option<Entry>, Fault> {
        let sql = format!(
            "SELECT {} FROM {} WHERE id = ?1",
            kind.columns.join(", "),
            kind.table
        );
        let row = conn
            .prepare_cached(&sql)?
            .query_row([id], |row| entry(row, kind))
            .optional()?;
        match row {
            Some(entry) => Ok(Some(entry)),
            None => self.at_rest(conn, kind, id),
        }
    }

    /// An entry of a page, whether there is a row or not.
    pub(super) fn at_rest(
        &mut self,
        conn: &Connection,
        kind: &Kind,
        id: i64,
    ) -> Result<Option<Entry>, Fault> {
        let page: Option<i64> = conn
            .prepare_cached(
                "SELECT id FROM (SELECT id, last FROM roster WHERE kind = ?1 AND first <= ?2 \
                   ORDER BY first DESC LIMIT 1) WHERE last >= ?2",
            )?
            .query_row(params![kind.number, id], |row| row.get(0))
            .optional()?;
        match page {
            None => Ok(None),
            Some(page) => Ok(self.page(conn, kind, page)?.get(id)),
        }
    }

    /// Makes an entry a row again, so that it can be changed.
    pub(super) fn thaw(&mut self, conn: &Connection, kind: &Kind, id: i64) -> Result<(), Fault> {
        let Some(entry) = self.at_rest(conn, kind, id)? else {
            return Ok(());
        };
        let places: Vec<String> = (1..=entry.len()).map(|place| format!("?{place}")).collect();
        let sql = format!(
            "INSERT OR IGNORE INTO {} ({}) VALUES ({})",
            kind.table,
            kind.columns.join(", "),
            places.join(", ")
        );
        conn.prepare_cached(&sql)?
            .execute(params_from_iter(entry))?;
        Ok(())
    }

    /// Calls `each` with all entries, ascending by id.
    pub(super) fn each(
        &mut self,
        conn: &Connection,
        kind: &Kind,
        each: &mut dyn FnMut(Entry) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut rows = Rows::new(conn, kind);
        for page in pages(conn, kind)? {
            for (id, entry) in self.page(conn, kind, page.number)?.entries() {
                while let Some((_, row)) = rows.next_to(id.saturating_sub(1))? {
                    each(row)?;
                }
                match rows.next_to(id)? {
                    Some((_, row)) => each(row)?,
                    None => each(entry)?,
                }
            }
        }
        while let Some((_, row)) = rows.next_to(i64::MAX)? {
            each(row)?;
        }
        Ok(())
    }

    /// Calls `each` with the ids of all entries in pages newer than number `page`, and in rows, in
    /// no order and perhaps twice; returns the number of the newest page.
    pub(super) fn each_id_since(
        &mut self,
        conn: &Connection,
        kind: &Kind,
        page: i64,
        each: &mut dyn FnMut(i64) -> Result<(), Fault>,
    ) -> Result<i64, Fault> {
        let mut newest = page;
        for listed in pages(conn, kind)? {
            if listed.number > page {
                newest = newest.max(listed.number);
                let page = self.page(conn, kind, listed.number)?;
                page.ids().try_for_each(&mut *each)?;
            }
        }
        let sql = format!("SELECT id FROM {}", kind.table);
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?)?;
        }
        Ok(newest)
    }

    fn page(&mut self, conn: &Connection, kind: &Kind, number: i64) -> Result<Arc<Page>, Fault> {
        if let Some(place) = self.kept.iter().position(|(kept, _)| *kept == number) {
            let kept = self.kept.remove(place);
            let page = Arc::clone(&kept.1);
            self.kept.push(kept);
            return Ok(page);
        }
        let page = Arc::new(load(conn, kind, number)?);
        if self.kept.len() >= self.limit {
            self.kept.remove(0);
        }
        self.kept.push((number, Arc::clone(&page)));
        Ok(page)
    }
}

/// How many entries there are.
pub(super) fn count(conn: &Connection, kind: &Kind) -> Result<u64, Fault> {
    let at_rest: u64 = conn
        .prepare_cached("SELECT ifnull(sum(count), 0) FROM roster WHERE kind = ?1")?
        .query_row([kind.number], |row| row.get(0))?;
    let sql = format!("SELECT id FROM {}", kind.table);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let (mut rosters, mut more) = (Rosters::default(), 0);
    while let Some(row) = rows.next()? {
        let is_new = at_rest == 0 || rosters.at_rest(conn, kind, row.get(0)?)?.is_none();
        more += u64::from(is_new);
    }
    Ok(at_rest + more)
}

/// Folds rows into pages, where there are enough or `all`; at most so many pages at once. Says
/// whether something is left to do.
pub(super) fn fold(
    conn: &Connection,
    kind: &Kind,
    all: bool,
    mut at_most: usize,
) -> Result<bool, Fault> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} LIMIT ?1)",
        kind.table
    );
    let waiting: i64 = conn
        .prepare_cached(&sql)?
        .query_row([ENOUGH], |row| row.get(0))?;
    if waiting == 0 || (waiting < ENOUGH && !all) {
        return Ok(false);
    }
    let mut rows = Rows::new(conn, kind);
    let pages = pages(conn, kind)?;
    let ends = pages.iter().skip(1).map(|page| page.first - 1);
    let ends: Vec<i64> = ends.chain([i64::MAX]).collect();
    // Without a page there is one without entries.
    let numbers = pages.iter().map(|page| Some(page.number));
    let numbers: Vec<Option<i64>> = match pages.is_empty() {
        true => vec![None],
        false => numbers.collect(),
    };
    for (number, end) in numbers.into_iter().zip(ends) {
        let mut page: BTreeMap<i64, Entry> = BTreeMap::new();
        while page.len() < AT_ONCE
            && let Some((id, entry)) = rows.next_to(end)?
        {
            page.insert(id, entry);
        }
        let Some(last) = page.last_key_value().map(|(id, _)| *id) else {
            continue;
        };
        let more = page.len() == AT_ONCE;
        if at_most == 0 {
            return Ok(true);
        }
        at_most -= 1;
        if let Some(number) = number {
            for (id, entry) in load(conn, kind, number)?.entries() {
                page.entry(id).or_insert(entry);
            }
            conn.prepare_cached("DELETE FROM roster WHERE id = ?1")?
                .execute([number])?;
        }
        let entries: Vec<&Entry> = page.values().collect();
        for part in entries.chunks(PAGE) {
            store(conn, kind, part)?;
        }
        let sql = format!("DELETE FROM {} WHERE id <= ?1", kind.table);
        conn.prepare_cached(&sql)?.execute([last])?;
        if more {
            // Where the rest belongs, the new pages say.
            return Ok(true);
        }
    }
    Ok(false)
}

/// A page as the table lists it.
struct Listed {
    number: i64,
    first: i64,
}

fn pages(conn: &Connection, kind: &Kind) -> Result<Vec<Listed>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT id, first FROM roster WHERE kind = ?1 ORDER BY first")?;
    let pages = statement.query_map([kind.number], |row| {
        Ok(Listed {
            number: row.get(0)?,
            first: row.get(1)?,
        })
    })?;
    Ok(pages.collect::<Result<_, _>>()?)
}

/// The rows of a table, ascending by id, a few at a time.
struct Rows<'a> {
    conn: &'a Connection,
    kind: &'a Kind,
    read: VecDeque<(i64, Entry)>,
    /// Those up to here were read.
    after: i64,
    done: bool,
}

impl<'a> Rows<'a> {
    fn new(conn: &'a Connection, kind: &'a Kind) -> Self {
        Self {
            conn,
            kind,
            read: VecDeque::new(),
            after: i64::MIN,
            done: false,
        }
    }

    /// The next one, if its id is not beyond `last`.
    fn next_to(&mut self, last: i64) -> Result<Option<(i64, Entry)>, Fault> {
        if self.read.is_empty() && !self.done {
            let sql = format!(
                "SELECT {} FROM {} WHERE id > ?1 ORDER BY id LIMIT ?2",
                self.kind.columns.join(", "),
                self.kind.table
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            let rows = statement.query_map(params![self.after, PAGE], |row| {
                Ok((row.get(0)?, entry(row, self.kind)?))
            })?;
            self.read = rows.collect::<Result<_, _>>()?;
            self.done = self.read.len() < PAGE;
            self.after = self.read.back().map_or(i64::MAX, |(id, _)| *id);
        }
        let is_due = self.read.front().is_some_and(|(id, _)| *id <= last);
        Ok(is_due.then(|| self.read.pop_front()).flatten())
    }
}

fn entry(row: &Row<'_>, kind: &Kind) -> rusqlite::Result<Entry> {
    (0..kind.columns.len())
        .map(|place| row.get(place))
        .collect()
}

fn store(conn: &Connection, kind: &Kind, entries: &[&Entry]) -> Result<(), Fault> {
    let (first, last) = (
        whole(entries.first().and_then(|entry| entry.first()))?,
        whole(entries.last().and_then(|entry| entry.first()))?,
    );
    let json = pack(kind, entries)?;
    let body = zstd::bulk::compress(&json, 19).map_err(|_| damaged())?;
    conn.prepare_cached(
        "INSERT INTO roster (kind, first, last, count, checksum, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        kind.number,
        first,
        last,
        entries.len(),
        blake3::hash(&body).as_bytes(),
        body
    ])?;
    Ok(())
}

fn load(conn: &Connection, kind: &Kind, number: i64) -> Result<Page, Fault> {
    let (checksum, body): (Vec<u8>, Vec<u8>) = conn
        .prepare_cached("SELECT checksum, body FROM roster WHERE id = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if blake3::hash(&body).as_bytes() != checksum.as_slice() {
        return Err(damaged());
    }
    // Packed in one piece, so that its size is known, whatever it claims.
    let size = zstd::bulk::Decompressor::upper_bound(&body).unwrap_or(LARGEST);
    let json = zstd::bulk::decompress(&body, size.min(LARGEST)).map_err(|_| damaged())?;
    Page::read(kind, &json)
}
