//! A message as the archive keeps it: what every message has, and what is rare.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::Fault;
use super::mark::Marked;
use crate::model::{
    Button, Entity, Forward, Marks, Media, Message, MessageId, PersonId, Reply, Service, Snapshot,
    Source, TopicId, Version,
};

/// Text and rare things of one version, in bytes. Telegram allows 4,096 characters; this keeps a
/// frame, and what decoding it may take, small whatever a file to import holds.
pub(super) const MAX_MESSAGE: usize = 1024 * 1024;

/// What most messages do not have. Names are short because they are stored with each message, and
/// stable because archives live long: fields are only ever added, with a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// Formatting.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// A reply with a quote or to another chat; a plain one is a column.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Media.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// Forwarded from.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// Inline bot.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub via_bot: Option<PersonId>,
    /// Buttons.
    #[serde(rename = "b", default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Album.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub album: Option<i64>,
    /// Service message.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Unreadable constructor.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// Only at rest: [`Body::by`].
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<Source>,
    /// It stands for a sealed version of the same time: one with the same text, else the last one
    /// that another source showed.
    #[serde(rename = "i", default, skip_serializing_if = "std::ops::Not::not")]
    pub instead: bool,
}

/// What may differ between versions of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BodyAtRest")]
pub struct Body {
    /// When this version was made; `None` for the first.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub edit_date: Option<i64>,
    /// The message plainly replied to.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<i32>,
    /// Text or caption.
    #[serde(rename = "t", default)]
    pub text: String,
    /// What is rare; boxed, because most messages have none of it.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Box<Rest>>,
    /// Who showed it, where that was not the userbot.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Source>,
}

/// A body as it was ever written: its source may be among what is rare.
#[derive(Deserialize)]
struct BodyAtRest {
    #[serde(rename = "d", default)]
    edit_date: Option<i64>,
    #[serde(rename = "p", default)]
    reply: Option<i32>,
    #[serde(rename = "t", default)]
    text: String,
    #[serde(rename = "x", default)]
    rest: Option<Box<Rest>>,
    #[serde(rename = "w", default)]
    by: Option<Source>,
}

impl From<BodyAtRest> for Body {
    fn from(rest: BodyAtRest) -> Self {
        Self {
            edit_date: rest.edit_date,
            reply: rest.reply,
            text: rest.text,
            rest: None,
            by: rest.by,
        }
        .with_rest(rest.rest)
    }
}

/// A message with all its versions, as it is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Message id.
    pub id: i32,
    /// When it was sent.
    pub date: i64,
    /// Who wrote it.
    pub author: Option<i64>,
    /// Latest version.
    pub latest: Body,
    /// Versions before it, oldest first.
    pub earlier: Vec<Body>,
    /// What happened to it and was folded in.
    pub around: Around,
}

/// Deletion and marks of a sealed message, as compaction found them. Later ones are rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    /// When its deletion was observed.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<i64>,
    /// Its marks, in the order in which they were observed.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Marked>,
}

impl Around {
    /// Whether nothing happened.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.deleted_at.is_none() && self.marks.is_empty()
    }
}

impl Body {
    /// What of a message belongs to its version.
    pub(super) fn of(message: &Message) -> Self {
        let (reply, quoted) = match &message.reply_to {
            Some(reply) if *reply == Reply::to(reply.id) => (Some(reply.id.0), None),
            other => (None, other.clone()),
        };
        let rest = Rest {
            entities: message.entities.clone(),
            reply: quoted,
            media: message.media.clone(),
            forward: message.forward.clone(),
            via_bot: message.via_bot,
            buttons: message.buttons.clone(),
            album: message.album,
            service: message.service.clone(),
            unsupported: message.unsupported.clone(),
            by: None,
            instead: false,
        };
        Self {
            edit_date: message.edit_date,
            reply,
            text: message.text.clone(),
            rest: (rest != Rest::default()).then(|| Box::new(rest)),
            by: None,
        }
    }

    /// The same with what is rare, as it was at rest.
    pub(super) fn with_rest(mut self, rest: Option<Box<Rest>>) -> Self {
        self.rest = rest;
        if let Some(rest) = &mut self.rest
            && let Some(by) = rest.by.take()
        {
            self.by = Some(by);
            if **rest == Rest::default() {
                self.rest = None;
            }
        }
        self
    }

    /// What is rare, as it is put to rest with its source.
    pub(super) fn rest_with_source(&self, by: Option<Source>) -> Option<Cow<'_, Rest>> {
        match (&self.rest, by) {
            (None, None) => None,
            (Some(rest), None) => Some(Cow::Borrowed(rest)),
            (rest, by) => {
                let rest = rest.as_deref().cloned().unwrap_or_default();
                Some(Cow::Owned(Rest { by, ..rest }))
            }
        }
    }

    /// The same, as another source than the userbot shows it.
    pub(super) fn shown_by(mut self, source: Source) -> Self {
        if !matches!(source, Source::Live | Source::History) {
            self.by = Some(source);
        }
        self
    }

    /// The same, in the place of what another source showed.
    pub(super) fn instead(mut self) -> Self {
        self.rest.get_or_insert_default().instead = true;
        self
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let rest = self.rest.as_deref().map_or(0, |rest| {
            serde_json::to_string(rest).map_or(0, |json| json.len())
        });
        64 + self.text.len() + rest
    }

    /// Whether it stands for a sealed version.
    pub(super) fn is_instead(&self) -> bool {
        self.rest.as_ref().is_some_and(|rest| rest.instead)
    }

    /// Who showed it, where that was not the userbot.
    pub(super) fn by(&self) -> Option<Source> {
        self.by
    }

    /// The message again.
    pub(super) fn into_message(
        self,
        id: i32,
        topic: i32,
        date: i64,
        author: Option<i64>,
    ) -> Message {
        let rest = self.rest.map(|rest| *rest).unwrap_or_default();
        let plain = self.reply.map(|id| Reply::to(MessageId(id)));
        Message {
            id: MessageId(id),
            topic: TopicId(topic),
            date,
            from: author.map(PersonId),
            text: self.text,
            entities: rest.entities,
            reply_to: plain.or(rest.reply),
            edit_date: self.edit_date,
            media: rest.media,
            forward: rest.forward,
            via_bot: rest.via_bot,
            buttons: rest.buttons,
            album: rest.album,
            service: rest.service,
            unsupported: rest.unsupported,
        }
    }

    /// As an earlier version is shown.
    pub(super) fn into_version(self) -> Version {
        let rest = self.rest.map(|rest| *rest).unwrap_or_default();
        Version {
            text: self.text,
            entities: rest.entities,
            media: rest.media,
            edit_date: self.edit_date,
        }
    }

    /// Order among versions: by when they were made, the first at zero.
    pub(super) fn made(&self) -> i64 {
        self.edit_date.unwrap_or(0)
    }

    /// The same, and among those of the same second the userbot's last: its word counts.
    pub(super) fn order(&self) -> (i64, bool) {
        (self.made(), self.by().is_none())
    }

    /// [`Message::same_content`] for versions at rest.
    pub(super) fn same_content(&self, other: &Self) -> bool {
        if self.text != other.text {
            return false;
        }
        let nothing = Rest::default();
        let mine = self.rest.as_deref().unwrap_or(&nothing);
        let theirs = other.rest.as_deref().unwrap_or(&nothing);
        mine.entities == theirs.entities
            && mine.media == theirs.media
            && mine.buttons == theirs.buttons
            && mine.service == theirs.service
            && mine.unsupported == theirs.unsupported
    }

    /// Takes from an observation what is no content and was not known yet; says whether that was
    /// anything.
    pub(super) fn fill_in(&mut self, other: &Self) -> bool {
        let nothing = Rest::default();
        let theirs = other.rest.as_deref().unwrap_or(&nothing);
        let mut rest = self.rest.as_deref().cloned().unwrap_or_default();
        let before = (rest.clone(), self.reply);
        if self.reply.is_none() && rest.reply.is_none() {
            self.reply = other.reply;
            rest.reply = theirs.reply.clone();
        }
        rest.forward = rest.forward.or_else(|| theirs.forward.clone());
        rest.via_bot = rest.via_bot.or(theirs.via_bot);
        rest.album = rest.album.or(theirs.album);
        if (&rest, self.reply) == (&before.0, before.1) {
            return false;
        }
        self.rest = (rest != Rest::default()).then(|| Box::new(rest));
        true
    }

    /// What is rare as the JSON it is stored as.
    pub(super) fn rest_json(&self) -> Result<Option<String>, Fault> {
        let Some(rest) = self.rest_with_source(self.by) else {
            return Ok(None);
        };
        serde_json::to_string(&rest)
            .map(Some)
            .map_err(|_| Fault::Damaged("a message that JSON cannot express"))
    }
}

/// Leaves out sealed versions in whose place others stand.
pub(super) fn without_superseded(bodies: &mut Vec<Body>) {
    let instead: Vec<Body> = bodies
        .iter()
        .filter(|body| body.is_instead())
        .cloned()
        .collect();
    for own in instead {
        let sealed = |body: &Body| !body.is_instead() && body.made() == own.made();
        let exact = |body: &Body| sealed(body) && body.same_content(&own);
        let same = |body: &Body| sealed(body) && body.text == own.text;
        let theirs = |body: &Body| sealed(body) && body.by().is_some();
        let found = bodies
            .iter()
            .position(exact)
            .or_else(|| bodies.iter().position(same))
            .or_else(|| bodies.iter().rposition(theirs));
        if let Some(place) = found {
            bodies.remove(place);
        }
    }
}

impl Record {
    /// Takes in versions that came after sealing.
    pub(super) fn with_versions(mut self, over: Vec<Body>) -> Self {
        if over.is_empty() {
            return self;
        }
        let mut bodies = std::mem::take(&mut self.earlier);
        bodies.push(self.latest);
        bodies.extend(over);
        // Stable: among equals what came later is later.
        bodies.sort_by_key(Body::order);
        without_superseded(&mut bodies);
        self.latest = bodies.pop().unwrap_or_default();
        self.earlier = bodies;
        self
    }

    /// Merges versions that came after sealing and says how it stands now.
    pub(super) fn into_snapshot(
        self,
        topic: i32,
        over: Vec<Body>,
        deleted_at: Option<i64>,
        marks: Marks,
    ) -> Snapshot {
        let Self {
            id,
            date,
            author,
            latest,
            earlier,
            ..
        } = self.with_versions(over);
        Snapshot {
            by: latest.by(),
            message: latest.into_message(id, topic, date, author),
            versions: earlier.into_iter().map(Body::into_version).collect(),
            deleted_at,
            marks,
        }
    }
}
