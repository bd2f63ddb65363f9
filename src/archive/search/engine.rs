//! Walks the archive for a query.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rusqlite::Connection;

use super::candidates::{Candidate, Candidates, segments};
use super::fold::Folded;
use super::hit::{Hit, searched};
use super::matches::{Matches, matches};
use super::query::{Query, Term};
use super::scope::Scope;
use super::stem::Stemmers;
use crate::archive::codec::{CodecError, Record, Sieve};
use crate::archive::error::{ArchiveError, Fault};
use crate::archive::facts;
use crate::archive::frames::in_frame;
use crate::archive::hot;
use crate::archive::marks::Marks;
use crate::archive::reader::Reader;
use crate::archive::roster::Rosters;
use crate::model::{GroupId, Snapshot, TopicId};

/// Hot messages looked at together.
const PAGE: usize = 512;

/// So many times the hits that are wanted, or at least so many, are found before the best of them
/// are chosen: the newest, so that a common word does not lead through the whole archive.
const CHOICE: (usize, usize) = (2, 100);

/// The role of a message, as `role:` names it.
pub type RoleOf<'a> = dyn Fn(&Snapshot) -> &'static str + 'a;

/// What to search for.
#[derive(Default)]
pub struct Search<'a> {
    /// Words and filters.
    pub query: Query,
    /// Only in these topics (empty: all).
    pub topics: Vec<TopicId>,
    /// At most so many hits.
    pub limit: usize,
    /// Rather the newest than the best.
    pub newest: bool,
    /// Messages that are not looked for, whatever they say.
    pub passes_over: Option<&'a dyn Fn(&Snapshot) -> bool>,
    /// Resolves roles; without it no message has one.
    pub role_of: Option<&'a RoleOf<'a>>,
}

impl std::fmt::Debug for Search<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Search")
            .field("query", &self.query)
            .field("topics", &self.topics)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Finds messages that now match: those that say exactly what was asked for first, then other
    /// forms of the words and words that begin so, among equals the newest first. Deleted messages
    /// are found too and say so. `go_on` is asked every few hundred messages; when it breaks, the
    /// hits so far are returned.
    pub fn search(
        &self,
        search: &Search<'_>,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Vec<Hit>, ArchiveError> {
        if search.limit == 0 {
            return Ok(Vec::new());
        }
        self.snapshot(|conn| {
            let scope = Scope::of(
                conn,
                &mut self.frames.borrow_mut().rosters,
                &search.query.filters,
                &search.topics,
            )?;
            let ranked = !search.newest && search.query.terms.iter().any(|term| !term.is_short());
            let keep = match ranked {
                true => search.limit.saturating_mul(CHOICE.0).max(CHOICE.1),
                false => search.limit,
            };
            let words = search.query.terms.iter().flat_map(Term::words);
            let mut engine = Engine {
                reader: self,
                conn,
                search,
                scope,
                group: self.group(),
                keep,
                marks: Marks::many(conn)?,
                stemmers: Stemmers::default(),
                sieve: Sieve::new(words),
                folded: Folded::default(),
                passed: Vec::new(),
                hits: BTreeMap::new(),
            };
            if engine.hot(go_on)?.is_continue() && engine.overlaid(go_on)?.is_continue() {
                engine.sealed(go_on)?;
            }
            let mut hits: Vec<Hit> = engine.hits.into_values().collect();
            hits.sort_by_key(|hit| Reverse((if ranked { hit.score } else { 0 }, hit.id)));
            hits.truncate(search.limit);
            let rosters = &mut self.frames.borrow_mut().rosters;
            for hit in &mut hits {
                name(conn, rosters, hit)?;
            }
            Ok(hits)
        })
    }
}

/// Fills in what the archive calls the author and the topic.
fn name(conn: &Connection, rosters: &mut Rosters, hit: &mut Hit) -> Result<(), Fault> {
    if let Some(from) = hit.from_id {
        let person = facts::person(conn, rosters, from)?;
        hit.from = person.map(|person| person.name);
    }
    let topic = facts::topic(conn, rosters, hit.topic)?;
    hit.topic_title = topic.map(|topic| topic.title);
    for name in [&mut hit.from, &mut hit.topic_title] {
        *name = name.take().filter(|name| !name.is_empty());
    }
    Ok(())
}

struct Engine<'a> {
    reader: &'a Reader,
    conn: &'a Connection,
    search: &'a Search<'a>,
    scope: Scope,
    group: GroupId,
    /// Hits kept, the newest.
    keep: usize,
    marks: Marks,
    stemmers: Stemmers,
    sieve: Sieve,
    folded: Folded,
    /// Which messages of a run may match.
    passed: Vec<usize>,
    hits: BTreeMap<i32, Hit>,
}

impl Engine<'_> {
    fn hot(
        &mut self,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        let mut below = None;
        loop {
            let ids = hot::newest_ids_of_all(self.conn, below, PAGE)?;
            let (Some(newest), Some(oldest)) = (ids.first(), ids.last()) else {
                return Ok(ControlFlow::Continue(()));
            };
            if self.is_settled_above(*newest) {
                return Ok(ControlFlow::Continue(()));
            }
            if go_on().is_break() {
                return Ok(ControlFlow::Break(()));
            }
            below = Some(*oldest);
            let versions = hot::versions(self.conn, hot::HOT, *oldest, *newest)?;
            for (topic, record) in hot::into_records(versions) {
                if self.scope.has_topic(topic) && self.is_wanted(&record) {
                    let snapshot = self.marks.hot(self.conn, topic, record)?;
                    self.look(snapshot);
                }
            }
        }
    }

    /// Sealed messages with newer versions: the index knows only what was sealed.
    fn overlaid(
        &mut self,
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        let mut after = None;
        loop {
            let over = hot::overlaid_after(self.conn, after, PAGE)?;
            let Some(last) = over.last() else {
                return Ok(ControlFlow::Continue(()));
            };
            after = Some(last.seq);
            if go_on().is_break() {
                return Ok(ControlFlow::Break(()));
            }
            for version in &over {
                let media = version
                    .body
                    .rest
                    .as_ref()
                    .and_then(|rest| rest.media.as_ref());
                self.folded.set(&searched(&version.body.text, media));
                if !self.scope.has_topic(version.topic) || self.matches().is_none() {
                    continue;
                }
                let mut frames = self.reader.frames.borrow_mut();
                let found = frames.find(self.conn, version.id, Some(version.topic))?;
                drop(frames);
                if let Some((topic, record)) = found
                    && self.scope.has_author(record.author)
                {
                    let snapshot = self.marks.sealed(self.conn, topic, record)?;
                    self.look(snapshot);
                }
            }
        }
    }

    /// Segment by segment, the newest first: where much matches, the older ones are not looked at.
    fn sealed(&mut self, go_on: &mut dyn FnMut() -> ControlFlow<()>) -> Result<(), Fault> {
        let candidates = Candidates::new(self.conn, &self.search.query, &self.scope)?;
        for segment in segments(self.conn)? {
            if self.is_settled_above(segment.last_id) {
                break;
            }
            for candidate in candidates.of(&segment)? {
                if self.is_settled_above(candidate.last_id) {
                    break;
                }
                if go_on().is_break() {
                    return Ok(());
                }
                self.run(candidate)?;
            }
        }
        Ok(())
    }

    fn run(&mut self, candidate: Candidate) -> Result<(), Fault> {
        let frame = self
            .reader
            .frames
            .borrow_mut()
            .get(self.conn, candidate.frame)?;
        let slot = candidate.slot;
        let damaged = in_frame(candidate.frame);
        // What the texts themselves rule out is not even decoded.
        let missing = damaged(CodecError::Truncated("heads"));
        let head = frame.heads().get(slot).ok_or(missing)?;
        if self.search.query.terms.is_empty() || head.has_names {
            self.passed.clear();
            self.passed.extend(0..head.count);
        } else {
            let texts = frame.texts(slot).map_err(&damaged)?;
            self.sieve.sift(texts, &mut self.passed);
        }
        if self.passed.is_empty() {
            return Ok(());
        }
        let mut cursor = frame.cursor(slot).map_err(&damaged)?;
        let mut at = 0;
        for place in std::mem::take(&mut self.passed) {
            while at < place {
                cursor.skip(&frame).map_err(&damaged)?;
                at += 1;
            }
            at += 1;
            let Some(record) = cursor.next(&frame).map_err(&damaged)? else {
                break;
            };
            if !self.is_wanted(&record) {
                continue;
            }
            let is_newer = self.marks.is_overlaid(self.conn, record.id)?;
            if !is_newer {
                let media = record
                    .latest
                    .rest
                    .as_ref()
                    .and_then(|rest| rest.media.as_ref());
                self.folded.set(&searched(&record.latest.text, media));
                if self.matches().is_none() {
                    continue;
                }
            }
            let snapshot = self.marks.sealed(self.conn, cursor.topic(), record)?;
            self.look(snapshot);
        }
        Ok(())
    }

    /// Whether a message may be wanted by its author and date; spares looking closer.
    fn is_wanted(&self, record: &Record) -> bool {
        let filters = &self.search.query.filters;
        self.scope.has_author(record.author)
            && filters.after.is_none_or(|after| record.date >= after)
            && filters.before.is_none_or(|before| record.date < before)
    }

    /// Matches what was folded.
    fn matches(&self) -> Option<Matches> {
        matches(&self.search.query, &self.folded, &self.stemmers)
    }

    /// Takes a message as it stands now if it matches in every respect.
    fn look(&mut self, snapshot: Snapshot) {
        let query = &self.search.query;
        let roles = &query.filters.role;
        let role_of = self.search.role_of;
        let passes_over = self.search.passes_over;
        if !query.filters.take(&snapshot)
            || passes_over.is_some_and(|passes_over| passes_over(&snapshot))
            || !(roles.is_empty()
                || role_of.is_some_and(|role_of| {
                    let role = role_of(&snapshot);
                    roles.iter().any(|wanted| wanted == role)
                }))
        {
            return;
        }
        let message = &snapshot.message;
        self.folded
            .set(&searched(&message.text, message.media.as_ref()));
        let Some(found) = self.matches() else {
            return;
        };
        let hit = Hit::new(self.group, snapshot, &found);
        self.hits.insert(hit.id.0, hit);
        if self.hits.len() > self.keep {
            self.hits.pop_first();
        }
    }

    /// Whether enough was found, all of it newer than `id`.
    fn is_settled_above(&self, id: i32) -> bool {
        self.hits.len() == self.keep
            && self
                .hits
                .first_key_value()
                .is_some_and(|(oldest, _)| *oldest > id)
    }
}
