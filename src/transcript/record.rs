//! One line of topicvault's own JSON Lines.

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
pub struct Record {
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
    pub from: Option<String>,
    /// What it is in the conversation, by the rules in force at export.
    #[serde(default)]
    pub role: Option<Role>,
    /// `text`, `service`, `unsupported` or the media's kind.
    #[serde(default)]
    pub kind: String,
    /// Text or caption.
    #[serde(default)]
    pub text: String,
    /// Formatting of `text`; offsets and lengths count UTF-16 units.
    #[serde(default)]
    pub entities: Vec<Entity>,
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
    pub media: Option<Media>,
    /// How many of each reaction, most first.
    #[serde(default)]
    pub reactions: Vec<ReactionCount>,
    /// Telegram's own message, by its `action`.
    #[serde(default)]
    pub service: Option<Service>,
    /// Earlier versions, oldest first.
    #[serde(default)]
    pub versions: Vec<VersionRecord>,
    /// The part of `reply_to` that was quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_quote: Option<String>,
    /// Formatting of `reply_quote`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reply_quote_entities: Vec<Entity>,
    /// The chat in which `reply_to` stands, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_chat: Option<PersonId>,
    /// `reply_to` stands in another chat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_external: bool,
    /// Where it was forwarded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// The inline bot it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_bot: Option<PersonId>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Messages sent together share this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<i64>,
    /// Name of the constructor of a message that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// Who showed the latest version, where that was not the userbot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<Source>,
    /// Who reacted, as far as Telegram tells; latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reacted: Vec<Reacted>,
    /// Pinned now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// How a poll stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Votes>,
    /// Views and forwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
}

/// An earlier version of a message; every field is always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Text or caption at that time.
    #[serde(default)]
    pub text: String,
    /// Formatting.
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// Media at that time.
    #[serde(default)]
    pub media: Option<Media>,
    /// When that version was made; `null` for the first.
    #[serde(default)]
    pub edit_date: Option<i64>,
}

impl Record {
    /// What is written of a message; `from` is its author's name.
    #[must_use]
    pub fn new(group: GroupId, snapshot: Snapshot, from: Option<String>, role: Role) -> Self {
        let Snapshot {
            message,
            versions,
            deleted_at,
            by,
            marks,
        } = snapshot;
        let kind = message.kind().to_owned();
        let reply = message.reply_to;
        let (reactions, reacted) = marks
            .reactions
            .map(|reactions| (reactions.counts, reactions.people))
            .unwrap_or_default();
        Self {
            group: group.bare(),
            id: message.id,
            topic: message.topic,
            date: message.date,
            from_id: message.from,
            from,
            role: Some(role),
            kind,
            text: message.text,
            entities: message.entities,
            reply_to: reply.as_ref().map(|reply| reply.id),
            edit_date: message.edit_date,
            deleted: deleted_at.is_some(),
            deleted_at,
            media: message.media,
            reactions,
            service: message.service,
            versions: versions.into_iter().map(VersionRecord::from).collect(),
            reply_quote: reply.as_ref().and_then(|reply| reply.quote.clone()),
            reply_external: reply.as_ref().is_some_and(|reply| reply.external),
            reply_chat: reply.as_ref().and_then(|reply| reply.chat),
            reply_quote_entities: reply.map(|reply| reply.quote_entities).unwrap_or_default(),
            forward: message.forward,
            via_bot: message.via_bot,
            buttons: message.buttons,
            album: message.album,
            unsupported: message.unsupported,
            seen_by: by,
            reacted,
            pinned: marks.pinned,
            votes: marks.votes,
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
                text: self.text,
                entities: self.entities,
                reply_to: self.reply_to.map(|id| Reply {
                    id,
                    quote: self.reply_quote,
                    quote_entities: self.reply_quote_entities,
                    chat: self.reply_chat,
                    external: self.reply_external,
                }),
                edit_date: self.edit_date,
                media: self.media,
                forward: self.forward,
                via_bot: self.via_bot,
                buttons: self.buttons,
                album: self.album,
                service: self.service,
                unsupported: self.unsupported,
            },
            versions: self.versions.into_iter().map(Version::from).collect(),
            marks: Marks {
                reactions: (!self.reactions.is_empty() || !self.reacted.is_empty()).then_some(
                    Reactions {
                        counts: self.reactions,
                        people: self.reacted,
                    },
                ),
                pinned: self.pinned,
                votes: self.votes,
                views: self.views,
            },
        }
    }
}

impl From<Version> for VersionRecord {
    fn from(version: Version) -> Self {
        Self {
            text: version.text,
            entities: version.entities,
            media: version.media,
            edit_date: version.edit_date,
        }
    }
}

impl From<VersionRecord> for Version {
    fn from(record: VersionRecord) -> Self {
        Self {
            text: record.text,
            entities: record.entities,
            media: record.media,
            edit_date: record.edit_date,
        }
    }
}
