//! Walks the archive for a query.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension};

use super::fold::{Folded, Query};
use super::hit::{Hit, searched};
use crate::archive::codec::{Record, Run};
use crate::archive::error::{ArchiveError, Fault};
use crate::archive::frames::in_frame;
use crate::archive::hot;
use crate::archive::marks::Marks;
use crate::archive::reader::Reader;
use crate::model::{GroupId, Snapshot, TopicId};

/// Hot messages looked at together.
const PAGE: usize = 512;

/// What to search for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words that must all begin a word of the text or of the file's name, in any order and case;
    /// what stands in double quotes stays together.
    pub query: String,
    /// Only in these topics (empty: all).
    pub topics: Vec<TopicId>,
    /// At most so many hits, the newest.
    pub limit: usize,
}

impl Search {
    /// Whether the query has no letters or digits, so that nothing can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Query::new(&self.query).is_empty()
    }
}

impl Reader {
    /// Finds the newest messages that now match, newest first. Deleted messages are found too and
    /// say so. `go_on` is asked every few thousand messages; when it breaks, the hits so far are
    /// returned.
    pub fn search(
        &self,
        search: &Search,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Vec<Hit>, ArchiveError> {
        let query = Query::new(&search.query);
        if query.is_empty() || search.limit == 0 {
            return Ok(Vec::new());
        }
        let group = self.group();
        self.snapshot(|conn| {
            let marks = Marks::many(conn)?;
            let mut scan = Scan {
                query,
                search,
                group,
                go_on,
                folded: Folded::default(),
                hits: BTreeMap::new(),
            };
            if scan.hot(conn, &marks)?.is_continue() {
                self.scan_sealed(conn, &marks, &mut scan)?;
            }
            let mut hits: Vec<Hit> = scan.hits.into_values().rev().collect();
            for hit in &mut hits {
                name(conn, hit)?;
            }
            Ok(hits)
        })
    }

    fn scan_sealed(
        &self,
        conn: &Connection,
        marks: &Marks,
        scan: &mut Scan<'_>,
    ) -> Result<(), Fault> {
        for part in parts(conn, &scan.search.topics)? {
            if scan.is_settled_above(part.last_id) || (scan.go_on)().is_break() {
                break;
            }
            let mut runs = Vec::new();
            match part.of {
                Of::Frame { id, gone } => {
                    let frame = self.frames.borrow_mut().get(conn, id)?;
                    for slot in gone..frame.heads().len() {
                        runs.push(frame.run(slot).map_err(in_frame(id))?);
                    }
                }
                Of::Run(number) => runs.push(self.frames.borrow_mut().run(conn, number)?),
            }
            for run in &runs {
                scan.run(conn, marks, run)?;
            }
        }
        Ok(())
    }
}

/// A frame, or one run of it.
struct Part {
    last_id: i32,
    of: Of,
}

enum Of {
    Frame { id: i64, gone: usize },
    Run(i64),
}

/// Where sealed messages of these topics (none: of all) lie, newest first.
fn parts(conn: &Connection, topics: &[TopicId]) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    if topics.is_empty() {
        let mut statement = conn.prepare_cached("SELECT last_id, id, gone FROM frame")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            parts.push(Part {
                last_id: row.get(0)?,
                of: Of::Frame {
                    id: row.get(1)?,
                    gone: row.get(2)?,
                },
            });
        }
    }
    let mut statement = conn.prepare_cached("SELECT last_id, number FROM run WHERE topic = ?1")?;
    for topic in topics {
        let mut rows = statement.query([topic.0])?;
        while let Some(row) = rows.next()? {
            parts.push(Part {
                last_id: row.get(0)?,
                of: Of::Run(row.get(1)?),
            });
        }
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.last_id));
    Ok(parts)
}

/// Fills in what the archive calls the author and the topic.
fn name(conn: &Connection, hit: &mut Hit) -> Result<(), Fault> {
    let get = |sql: &str, id: i64| -> Result<Option<String>, Fault> {
        let name: Option<String> = conn
            .prepare_cached(sql)?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(name.filter(|name| !name.is_empty()))
    };
    if let Some(from) = hit.from_id {
        hit.from = get("SELECT name FROM person WHERE id = ?1", from.0)?;
    }
    hit.topic_title = get("SELECT title FROM topic WHERE id = ?1", hit.topic.0.into())?;
    Ok(())
}

struct Scan<'a> {
    query: Query,
    search: &'a Search,
    group: GroupId,
    go_on: &'a mut dyn FnMut() -> ControlFlow<()>,
    folded: Folded,
    hits: BTreeMap<i32, Hit>,
}

impl Scan<'_> {
    fn hot(&mut self, conn: &Connection, marks: &Marks) -> Result<ControlFlow<()>, Fault> {
        let mut below = None;
        loop {
            let ids = hot::newest_ids_of_all(conn, below, PAGE)?;
            let (Some(newest), Some(oldest)) = (ids.first(), ids.last()) else {
                return Ok(ControlFlow::Continue(()));
            };
            if self.is_settled_above(*newest) {
                return Ok(ControlFlow::Continue(()));
            }
            if (self.go_on)().is_break() {
                return Ok(ControlFlow::Break(()));
            }
            below = Some(*oldest);
            let versions = hot::versions(conn, hot::HOT, *oldest, *newest)?;
            for (topic, record) in hot::into_records(versions) {
                let topics = &self.search.topics;
                if !topics.is_empty() && !topics.contains(&TopicId(topic)) {
                    continue;
                }
                if let Some(found) = self.find(&record) {
                    self.take(marks.hot(conn, topic, record)?, &found);
                }
            }
        }
    }

    fn run(&mut self, conn: &Connection, marks: &Marks, run: &Run) -> Result<(), Fault> {
        for record in run.records.iter().rev() {
            if self.is_settled_above(record.id) {
                break;
            }
            if marks.is_overlaid(conn, record.id)? {
                self.look(marks.sealed(conn, run.topic, record.clone())?);
            } else if let Some(found) = self.find(record) {
                self.take(marks.sealed(conn, run.topic, record.clone())?, &found);
            }
        }
        Ok(())
    }

    fn find(&mut self, record: &Record) -> Option<Vec<(usize, usize)>> {
        let body = &record.latest;
        let media = body.rest.as_ref().and_then(|rest| rest.media.as_ref());
        self.folded.set(&searched(&body.text, media));
        self.query.find(&self.folded)
    }

    fn look(&mut self, snapshot: Snapshot) {
        let message = &snapshot.message;
        self.folded
            .set(&searched(&message.text, message.media.as_ref()));
        if let Some(found) = self.query.find(&self.folded) {
            self.take(snapshot, &found);
        }
    }

    fn take(&mut self, snapshot: Snapshot, found: &[(usize, usize)]) {
        let hit = Hit::new(self.group, snapshot, found);
        self.hits.insert(hit.id.0, hit);
        if self.hits.len() > self.search.limit {
            self.hits.pop_first();
        }
    }

    /// Whether enough was found, all of it newer than `id`.
    fn is_settled_above(&self, id: i32) -> bool {
        self.hits.len() == self.search.limit
            && self
                .hits
                .first_key_value()
                .is_some_and(|(oldest, _)| *oldest > id)
    }
}
