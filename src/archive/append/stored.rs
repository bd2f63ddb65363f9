//! A message as it is stored, for whoever decides what an observation adds to it.

use super::super::dispute::{self, Shown};
use super::super::error::Fault;
use super::super::hot::{self, HotVersion};
use super::super::record::{self, Body};
use super::Appending;
use crate::model::{Message, TopicId};

/// A stored message with its versions, oldest first.
pub(super) struct Stored {
    pub(super) sealed: bool,
    pub(super) topic: i32,
    pub(super) date: i64,
    pub(super) author: Option<i64>,
    pub(super) versions: Vec<Body>,
    /// The latest version where that is a hot row.
    pub(super) hot_latest: Option<HotVersion>,
    /// When its deletion was observed, as far as that was folded into its frame.
    pub(super) folded_deletion: Option<i64>,
    /// Its versions that are rows.
    pub(super) rows: Vec<HotVersion>,
}

impl Stored {
    pub(super) fn latest(&self) -> Result<&Body, Fault> {
        let latest = self.versions.last();
        latest.ok_or(Fault::Damaged("a message without a version"))
    }

    /// Whether the userbot has shown this very version.
    pub(super) fn has_own(&self, body: &Body) -> bool {
        self.versions_made(body.made())
            .any(|known| known.by().is_none() && known.same_content(body))
    }

    /// Whether this very version is known.
    pub(super) fn has(&self, body: &Body) -> bool {
        self.versions_made(body.made())
            .any(|known| known.same_content(body))
    }

    pub(super) fn versions_made(
        &self,
        made: i64,
    ) -> impl DoubleEndedIterator<Item = &Body> + Clone {
        self.versions.iter().filter(move |it| it.made() == made)
    }

    /// What another source has shown of a version that the userbot shows: one that agrees, or one
    /// that cannot be but the same. (A second may hold two edits, but there is one original.)
    pub(super) fn other(&self, body: &Body, message: &Message) -> Option<Body> {
        let own = Shown {
            body,
            author: message.from.map(|person| person.0),
            topic: message.topic.0,
        };
        let theirs = |held: &&Body| held.by().is_some();
        let mut all = self.versions_made(body.made()).filter(theirs);
        let agrees = |held: &&Body| dispute::differences(own, self.shown(held)).is_none();
        // What comes without a date after others is an edit that readers need not notice.
        let only = self.versions.iter().all(|held| held.made() == 0);
        let same = |held: &&Body| only || held.text == body.text;
        let found = all.clone().rfind(agrees);
        found.or_else(|| all.rfind(same)).cloned()
    }

    /// The latest version, where another source has shown it as an edit and the userbot shows it
    /// without a date, as Telegram does for edits that readers need not notice.
    pub(super) fn undated(&self, body: &Body, message: &Message) -> Option<Body> {
        let own = Shown {
            body,
            author: message.from.map(|person| person.0),
            topic: message.topic.0,
        };
        let latest = self.versions.last()?;
        let is_so = body.made() == 0
            && latest.made() > 0
            && latest.by().is_some()
            && latest.text == body.text
            && dispute::differences(own, self.shown(latest)).is_none()
            && !self.has(body);
        is_so.then(|| latest.clone())
    }

    /// The row of a version; `None`: it is sealed.
    pub(super) fn row_of(&self, version: &Body) -> Option<i64> {
        let found = self.rows.iter().rfind(|row| row.body == *version);
        found.map(|row| row.seq)
    }

    pub(super) fn shown<'a>(&self, body: &'a Body) -> Shown<'a> {
        Shown {
            body,
            author: self.author,
            topic: self.topic,
        }
    }

    /// What further versions of it are.
    pub(super) fn overlay(&self) -> i64 {
        if self.sealed { hot::OVERLAY } else { hot::HOT }
    }
}

impl Appending<'_> {
    /// All that is stored of a message.
    pub(super) fn stored(&mut self, id: i32, topic: TopicId) -> Result<Option<Stored>, Fault> {
        let hot = hot::versions(self.conn, hot::HOT, id, id)?;
        if let Some(first) = hot.first() {
            return Ok(Some(Stored {
                sealed: false,
                topic: first.topic,
                date: first.date,
                author: first.author,
                hot_latest: hot.last().cloned(),
                folded_deletion: None,
                rows: hot.clone(),
                versions: hot.into_iter().map(|version| version.body).collect(),
            }));
        }
        let Some((topic, record)) = self.memory.frames.find(self.conn, id, Some(topic.0))? else {
            return Ok(None);
        };
        self.memory.places.insert(id, topic);
        let mut versions = record.earlier;
        versions.push(record.latest);
        let sealed_newest = versions.last().map_or((0, false), Body::order);
        let over = hot::versions(self.conn, hot::OVERLAY, id, id)?;
        let hot_latest = over
            .last()
            .filter(|version| version.body.order() >= sealed_newest)
            .cloned();
        let rows = over.clone();
        versions.extend(over.into_iter().map(|version| version.body));
        // Stable, as when reading.
        versions.sort_by_key(Body::order);
        record::without_superseded(&mut versions);
        Ok(Some(Stored {
            sealed: true,
            topic,
            date: record.date,
            author: record.author,
            versions,
            hot_latest,
            folded_deletion: record.around.deleted_at,
            rows,
        }))
    }
}
