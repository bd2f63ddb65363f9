//! One line of topicvault's own JSON Lines.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::role::Role;
use crate::model::{
    Button, Entity, Forward, GroupId, Marks, Media, Message, MessageId, PersonId, Reacted,
    ReactionCount, Reactions, Reply, Service, Snapshot, Source, TopicId, Version, Views, Votes,
};

/// A message with all that the archive knows of it, as one JSON object.
///
/// Others rely on the names of the fields up to `versions`: they are always present, `null` where
/// nothing is known, so that a table reader finds the same columns in every line. Those after it
/// are present only where they say something. Reading ignores `from`, `role` and `kind`, which
/// follow from the rest, and takes any absent field for unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record<'a> {
    /// The group's bare id, as in `t.me/c/<group>/…`.
    pub group: i64,
    /// Id within the group.
    pub id: MessageId,
    /// Topic it stands in.
    pub topic: TopicId,
    /// When it was sent, Unix seconds.
    pub date: i64,
    /// Author's marked id: users and bots positive, channels `-100…`.
    #[serde(default)]
    pub from_id: Option<PersonId>,
    /// Author's name as last observed.
    #[serde(default)]
    pub from: Option<Cow<'a, str>>,
    /// What it is in the conversation, by the rules in force at export.
    #[serde(default)]
    pub role: Option<Role>,
    /// `text`, `service`, `unsupported` or the media's kind.
    #[serde(default)]
    pub kind: Cow<'a, str>,
    /// Text or caption.
    #[serde(default)]
    pub text: Cow<'a, str>,
    /// Formatting of `text`; offsets and lengths count UTF-16 units.
    #[serde(default)]
    pub entities: Cow<'a, [Entity]>,
    /// Id of the message that this answers.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    /// When this version was made, Unix seconds; `null` for the first.
    #[serde(default)]
    pub edit_date: Option<i64>,
    /// Whether it was deleted.
    #[serde(default)]
    pub deleted: bool,
    /// When its deletion was observed, Unix seconds.
    #[serde(default)]
    pub deleted_at: Option<i64>,
    /// Description of the media.
    #[serde(default)]
    pub media: Option<Cow<'a, Media>>,
    /// How many of each reaction, most first.
    #[serde(default)]
    pub reactions: Cow<'a, [ReactionCount]>,
    /// Telegram's own message, by its `action`.
    #[serde(default)]
    pub service: Option<Cow<'a, Service>>,
    /// Earlier versions, oldest first.
    #[serde(default)]
    pub versions: Vec<VersionRecord<'a>>,
    /// The part of `reply_to` that was quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_quote: Option<Cow<'a, str>>,
    /// Formatting of `reply_quote`.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub reply_quote_entities: Cow<'a, [Entity]>,
    /// The chat in which `reply_to` stands, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_chat: Option<PersonId>,
    /// `reply_to` stands in another chat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_external: bool,
    /// Where it was forwarded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Cow<'a, Forward>>,
    /// The inline bot it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_bot: Option<PersonId>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub buttons: Cow<'a, [Vec<Button>]>,
    /// Messages sent together share this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<i64>,
    /// Name of the constructor of a message that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Cow<'a, str>>,
    /// Who showed the latest version, where that was not the userbot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<Source>,
    /// Who reacted, as far as Telegram tells; latest first.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub reacted: Cow<'a, [Reacted]>,
    /// Pinned now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// How a poll stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Cow<'a, Votes>>,
    /// Views and forwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
}

/// An earlier version of a message; every field is always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord<'a> {
    /// Text or caption at that time.
    #[serde(default)]
    pub text: Cow<'a, str>,
    /// Formatting.
    #[serde(default)]
    pub entities: Cow<'a, [Entity]>,
    /// Media at that time.
    #[serde(default)]
    pub media: Option<Cow<'a, Media>>,
    /// When that version was made; `null` for the first.
    #[serde(default)]
    pub edit_date: Option<i64>,
}

/// For fields that are left out where they say nothing.
#[expect(clippy::ptr_arg, reason = "serde hands over the field itself")]
fn is_empty<T: Clone>(list: &Cow<'_, [T]>) -> bool {
    list.is_empty()
}

impl<'a> Record<'a> {
    /// What is written of a message; `from` is its author's name.
    #[must_use]
    pub fn new(group: GroupId, snapshot: &'a Snapshot, from: Option<&'a str>, role: Role) -> Self {
        let message = &snapshot.message;
        let marks = &snapshot.marks;
        let reply = message.reply_to.as_ref();
        let reactions = marks.reactions.as_ref();
        Self {
            group: group.bare(),
            id: message.id,
            topic: message.topic,
            date: message.date,
            from_id: message.from,
            from: from.map(Cow::from),
            role: Some(role),
            kind: message.kind().into(),
            text: Cow::from(&message.text),
            entities: Cow::from(&message.entities),
            reply_to: reply.map(|reply| reply.id),
            edit_date: message.edit_date,
            deleted: snapshot.deleted_at.is_some(),
            deleted_at: snapshot.deleted_at,
            media: message.media.as_ref().map(Cow::Borrowed),
            reactions: reactions.map_or_else(Cow::default, |it| Cow::from(&it.counts)),
            service: message.service.as_ref().map(Cow::Borrowed),
            versions: snapshot.versions.iter().map(VersionRecord::from).collect(),
            reply_quote: reply.and_then(|reply| reply.quote.as_deref().map(Cow::from)),
            reply_quote_entities: reply
                .map_or_else(Cow::default, |reply| Cow::from(&reply.quote_entities)),
            reply_chat: reply.and_then(|reply| reply.chat),
            reply_external: reply.is_some_and(|reply| reply.external),
            forward: message.forward.as_ref().map(Cow::Borrowed),
            via_bot: message.via_bot,
            buttons: Cow::from(&message.buttons),
            album: message.album,
            unsupported: message.unsupported.as_deref().map(Cow::from),
            seen_by: snapshot.by,
            reacted: reactions.map_or_else(Cow::default, |it| Cow::from(&it.people)),
            pinned: marks.pinned,
            votes: marks.votes.as_ref().map(Cow::Borrowed),
            views: marks.views,
        }
    }

    /// The message that the line tells of. A line that says deleted but not when counts as
    /// deleted at its last known date.
    #[must_use]
    pub fn into_snapshot(self) -> Snapshot {
        let last_date = self.edit_date.unwrap_or(self.date);
        Snapshot {
            by: self.seen_by,
            deleted_at: self.deleted_at.or(self.deleted.then_some(last_date)),
            message: Message {
                id: self.id,
                topic: self.topic,
                date: self.date,
                from: self.from_id,
                text: self.text.into_owned(),
                entities: self.entities.into_owned(),
                reply_to: self.reply_to.map(|id| Reply {
                    id,
                    quote: self.reply_quote.map(Cow::into_owned),
                    quote_entities: self.reply_quote_entities.into_owned(),
                    chat: self.reply_chat,
                    external: self.reply_external,
                }),
                edit_date: self.edit_date,
                media: self.media.map(Cow::into_owned),
                forward: self.forward.map(Cow::into_owned),
                via_bot: self.via_bot,
                buttons: self.buttons.into_owned(),
                album: self.album,
                service: self.service.map(Cow::into_owned),
                unsupported: self.unsupported.map(Cow::into_owned),
            },
            versions: self.versions.into_iter().map(Version::from).collect(),
            marks: Marks {
                reactions: (!self.reactions.is_empty() || !self.reacted.is_empty()).then(|| {
                    Reactions {
                        counts: self.reactions.into_owned(),
                        people: self.reacted.into_owned(),
                    }
                }),
                pinned: self.pinned,
                votes: self.votes.map(Cow::into_owned),
                views: self.views,
            },
        }
    }
}

impl<'a> From<&'a Version> for VersionRecord<'a> {
    fn from(version: &'a Version) -> Self {
        Self {
            text: Cow::from(&version.text),
            entities: Cow::from(&version.entities),
            media: version.media.as_ref().map(Cow::Borrowed),
            edit_date: version.edit_date,
        }
    }
}

impl From<VersionRecord<'_>> for Version {
    fn from(record: VersionRecord<'_>) -> Self {
        Self {
            text: record.text.into_owned(),
            entities: record.entities.into_owned(),
            media: record.media.map(Cow::into_owned),
            edit_date: record.edit_date,
        }
    }
}
