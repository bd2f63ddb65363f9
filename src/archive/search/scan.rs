//! Walks the archive for a query.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use super::fold::{Folded, Query};
use super::hit::Hit;
use crate::archive::error::{ArchiveError, Fault};
use crate::archive::hot;
use crate::archive::marks::Marks;
use crate::archive::reader::Reader;
use crate::model::{GroupId, Snapshot};

/// Hot messages looked at together.
const PAGE: usize = 512;

impl Reader {
    /// Finds the newest messages in whose current text all words of the query begin a word,
    /// whatever their case; at most `limit`, newest first. Deleted messages are found too and say
    /// so. A query without letters or digits finds nothing.
    pub fn search(&self, query: &str, limit: usize) -> Result<Vec<Hit>, ArchiveError> {
        let query = Query::new(query);
        if query.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let group = self.group();
        self.snapshot(|conn| {
            let marks = Marks::many(conn)?;
            let mut scan = Scan {
                query: &query,
                group,
                limit,
                folded: Folded::default(),
                hits: BTreeMap::new(),
            };
            scan.hot(conn, &marks)?;
            self.scan_frames(conn, &marks, &mut scan)?;
            let mut hits: Vec<Hit> = scan.hits.into_values().rev().collect();
            for hit in &mut hits {
                hit.name = name(conn, hit)?;
            }
            Ok(hits)
        })
    }

    fn scan_frames(
        &self,
        conn: &Connection,
        marks: &Marks,
        scan: &mut Scan<'_>,
    ) -> Result<(), Fault> {
        let mut statement =
            conn.prepare_cached("SELECT id, last_id FROM frame ORDER BY last_id DESC")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if scan.is_settled_above(row.get(1)?) {
                break;
            }
            let runs = self.frames.borrow_mut().get(conn, row.get(0)?)?;
            for run in runs.iter() {
                for record in run.records.iter().rev() {
                    if scan.is_settled_above(record.id) {
                        break;
                    }
                    if marks.is_overlaid(conn, record.id)? {
                        scan.look(&marks.sealed(conn, run.topic, record.clone())?);
                    } else if let Some(found) = scan.find(&record.latest.text) {
                        scan.take(&marks.sealed(conn, run.topic, record.clone())?, &found);
                    }
                }
            }
        }
        Ok(())
    }
}

fn name(conn: &Connection, hit: &Hit) -> Result<Option<String>, Fault> {
    let Some(from) = hit.from else {
        return Ok(None);
    };
    let name: Option<String> = conn
        .prepare_cached("SELECT name FROM person WHERE id = ?1")?
        .query_row([from.0], |row| row.get(0))
        .optional()?;
    Ok(name.filter(|name| !name.is_empty()))
}

struct Scan<'a> {
    query: &'a Query,
    group: GroupId,
    limit: usize,
    folded: Folded,
    hits: BTreeMap<i32, Hit>,
}

impl Scan<'_> {
    fn hot(&mut self, conn: &Connection, marks: &Marks) -> Result<(), Fault> {
        let mut below = None;
        loop {
            let ids = hot::newest_ids_of_all(conn, below, PAGE)?;
            let (Some(newest), Some(oldest)) = (ids.first(), ids.last()) else {
                return Ok(());
            };
            if self.is_settled_above(*newest) {
                return Ok(());
            }
            below = Some(*oldest);
            let versions = hot::versions(conn, hot::HOT, *oldest, *newest)?;
            for (topic, record) in hot::into_records(versions) {
                if let Some(found) = self.find(&record.latest.text) {
                    self.take(&marks.hot(conn, topic, record)?, &found);
                }
            }
        }
    }

    fn find(&mut self, text: &str) -> Option<Vec<(usize, usize)>> {
        self.folded.set(text);
        self.query.find(&self.folded)
    }

    fn look(&mut self, snapshot: &Snapshot) {
        if let Some(found) = self.find(&snapshot.message.text) {
            self.take(snapshot, &found);
        }
    }

    fn take(&mut self, snapshot: &Snapshot, found: &[(usize, usize)]) {
        let hit = Hit::new(self.group, snapshot, found);
        self.hits.insert(hit.id.0, hit);
        if self.hits.len() > self.limit {
            self.hits.pop_first();
        }
    }

    /// Whether enough was found, all of it newer than `id`.
    fn is_settled_above(&self, id: i32) -> bool {
        self.hits.len() == self.limit
            && self
                .hits
                .first_key_value()
                .is_some_and(|(oldest, _)| *oldest > id)
    }
}
