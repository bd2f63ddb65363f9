//! Which version of a message counts, and where sources disagree.

use super::super::dispute::{self, Shown};
use super::super::error::Fault;
use super::super::hot;
use super::super::record::Body;
use super::Appending;
use super::stored::Stored;
use crate::model::{Message, PersonId, Source, TopicId};

impl Appending<'_> {
    /// Adds a version that the userbot shows, unless it says nothing new. Says whether it did.
    pub(super) fn own_version(
        &mut self,
        stored: Stored,
        message: &Message,
        mut body: Body,
        source: Source,
        at: i64,
    ) -> Result<bool, Fault> {
        let latest = stored.latest()?;
        if latest.by().is_none() && latest.same_content(&body) {
            self.fill_in(&stored, &body, message.topic)?;
            return Ok(false);
        }
        if let Some(current) = stored.undated(&body, message) {
            // Telegram hides when it was edited; the other source was told.
            body.edit_date = current.edit_date;
            return self.confirm(stored, current, message, body, at);
        }
        if !stored.has_own(&body)
            && let Some(other) = stored.other(&body, message)
        {
            return self.confirm(stored, other, message, body, at);
        }
        let latest = stored.latest()?;
        if latest.same_content(&body) {
            self.fill_in(&stored, &body, message.topic)?;
            return Ok(false);
        }
        let (made, newest) = (body.made(), latest.made());
        let says_nothing = match source {
            // Old news, read again or replayed.
            Source::Live => made <= newest && stored.has(&body),
            // What history shows *is* the current state, unless it is a stale page.
            _ => made < newest && stored.has(&body),
        };
        if says_nothing {
            return Ok(false);
        }
        if made >= newest {
            body.fill_in(latest);
        }
        // Of two edits of one second the other one was the last: known, but not where it belongs.
        let known = stored
            .versions_made(made)
            .rfind(|it| it.same_content(&body));
        match known.cloned() {
            Some(known) => self.put_last(&stored, &known, message, body)?,
            None => {
                self.add(&stored, message, body)?;
                self.memory.counters.edits += 1;
            }
        }
        self.done.edited += 1;
        Ok(true)
    }

    /// Puts a version in the place of one of the same time, behind all others of that time.
    fn put_last(
        &mut self,
        stored: &Stored,
        held: &Body,
        message: &Message,
        body: Body,
    ) -> Result<(), Fault> {
        match stored.row_of(held) {
            Some(row) => {
                self.ensure(message.topic.0)?;
                let body = match held.is_instead() {
                    true => body.instead(),
                    false => body,
                };
                let mut version = self.row(message, body);
                version.author = version.author.or(stored.author);
                hot::replace(self.conn, stored.overlay(), row, &version)?;
                self.noted(message)
            }
            None => self.add(stored, message, body.instead()),
        }
    }

    /// The userbot shows a version that another source has shown already: its word counts. Says
    /// whether the two disagree.
    pub(super) fn confirm(
        &mut self,
        stored: Stored,
        other: Body,
        message: &Message,
        mut body: Body,
        at: i64,
    ) -> Result<bool, Fault> {
        let own = Shown {
            body: &body,
            author: message.from.map(|person| person.0),
            topic: message.topic.0,
        };
        let differences = dispute::differences(own, stored.shown(&other));
        if let Some(differences) = &differences {
            let counters = &mut self.memory.counters;
            let next = || counters.next_seq();
            let source = other.by().unwrap_or(Source::Bot);
            dispute::keep(self.conn, message.id.0, source, at, differences, next)?;
        }
        let news = differences.is_some();
        // What was imported stays as it is where that says it all: there may be millions of it.
        let imported = other.by() == Some(Source::Import);
        if !news && imported && other.same_content(&body) && *stored.latest()? == other {
            self.fill_in(&stored, &body, message.topic)?;
            return Ok(false);
        }
        body.fill_in(&other);
        self.put_last(&stored, &other, message, body)?;
        if news {
            self.done.edited += 1;
        }
        Ok(news)
    }

    /// Adds a version that another source than the userbot shows, unless it says nothing new, maybe
    /// in fewer words. Says whether it did.
    pub(super) fn other_version(
        &mut self,
        stored: Stored,
        message: &Message,
        body: Body,
        source: Source,
        at: i64,
    ) -> Result<bool, Fault> {
        let said = Shown {
            body: &body,
            author: message.from.map(|person| person.0),
            topic: message.topic.0,
        };
        let made = body.made();
        let agrees = |held: &Body| dispute::differences(stored.shown(held), said).is_none();
        let same_time: Vec<&Body> = stored.versions_made(made).collect();
        // Telegram moves the edit date for reactions and buttons too.
        let in_effect = stored.versions.iter().rfind(|held| held.made() < made);
        let known = match same_time.as_slice() {
            [] => in_effect.is_some_and(|held| agrees(held) && !dispute::is_edited(held, &body)),
            some => some.iter().any(|held| agrees(held)),
        };
        if known {
            if stored.latest()?.made() == made {
                self.fill_in(&stored, &body, message.topic)?;
            }
            return Ok(false);
        }
        // An original, or the same edit, can be only one thing; but a second may hold two edits.
        let disputed = |held: &&&Body| made == 0 || held.text == body.text;
        if let Some(held) = same_time.iter().rfind(disputed) {
            if let Some(differences) = dispute::differences(stored.shown(held), said) {
                let counters = &mut self.memory.counters;
                let next = || counters.next_seq();
                dispute::keep(self.conn, message.id.0, source, at, &differences, next)?;
            }
            return Ok(false);
        }
        self.add(&stored, message, body)?;
        self.memory.counters.edits += 1;
        self.done.edited += 1;
        Ok(true)
    }

    /// Adds a version of a stored message.
    pub(super) fn add(
        &mut self,
        stored: &Stored,
        message: &Message,
        body: Body,
    ) -> Result<(), Fault> {
        let mut placed = message.clone();
        placed.topic = TopicId(stored.topic);
        placed.date = stored.date;
        placed.from = stored.author.map(PersonId).or(message.from);
        self.insert(stored.overlay(), &placed, body)
    }
}
