//! A message of a Telegram Desktop export as the archive knows it.
//!
//! The keys are those of Telegram Desktop's own exports of the last years; our own, which
//! `export --format telegram` adds, are read back. What is not known is left alone.

use std::borrow::Cow;

use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use super::text;
use crate::model::{
    Button, Entity, Forward, GroupId, Marks, Media, MediaKind, Message, MessageId, Person,
    PersonId, PersonKind, Reacted, Reaction, ReactionCount, Reactions, Reply, Service, Snapshot,
    Source, TopicId, Version, Views, Votes,
};
use crate::transcript::VersionRecord;

/// A message as the file has it.
#[derive(Debug, Deserialize)]
pub(super) struct Raw<'a> {
    id: i64,
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    date: Option<Cow<'a, str>>,
    #[serde(default)]
    date_unixtime: Option<Value>,
    #[serde(borrow, default)]
    edited: Option<Cow<'a, str>>,
    #[serde(default)]
    edited_unixtime: Option<Value>,
    #[serde(borrow, default)]
    from: Option<Cow<'a, str>>,
    #[serde(default)]
    from_id: Option<Value>,
    #[serde(borrow, default)]
    actor: Option<Cow<'a, str>>,
    #[serde(default)]
    actor_id: Option<Value>,
    #[serde(borrow, default)]
    action: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    new_title: Option<Cow<'a, str>>,
    #[serde(default)]
    closed: Option<bool>,
    #[serde(default)]
    hidden: Option<bool>,
    #[serde(default)]
    message_id: Option<i64>,
    #[serde(default)]
    member_ids: Vec<i64>,
    #[serde(default)]
    reply_to_message_id: Option<i64>,
    #[serde(default)]
    reply_to_peer_id: Option<Value>,
    #[serde(borrow, default)]
    forwarded_from: Option<Cow<'a, str>>,
    #[serde(default)]
    forwarded_from_id: Option<Value>,
    #[serde(default)]
    pub(super) text: Value,
    #[serde(default)]
    text_entities: Option<Vec<text::Part<'a>>>,
    #[serde(borrow, default)]
    photo: Option<Cow<'a, str>>,
    #[serde(default)]
    photo_file_size: Option<u64>,
    #[serde(borrow, default)]
    file: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    file_name: Option<Cow<'a, str>>,
    #[serde(default)]
    file_size: Option<u64>,
    #[serde(borrow, default)]
    media_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    mime_type: Option<Cow<'a, str>>,
    #[serde(default)]
    duration_seconds: Option<u32>,
    #[serde(default)]
    width: Option<u32>,
    #[serde(default)]
    height: Option<u32>,
    #[serde(borrow, default)]
    sticker_emoji: Option<Cow<'a, str>>,
    #[serde(default)]
    contact_information: Option<Value>,
    #[serde(default)]
    location_information: Option<Value>,
    #[serde(borrow, default)]
    place_name: Option<Cow<'a, str>>,
    #[serde(default)]
    poll: Option<Value>,
    #[serde(default)]
    self_destruct_period_seconds: Option<i64>,
    #[serde(default)]
    inline_bot_buttons: Vec<Vec<Value>>,
    #[serde(default)]
    reactions: Vec<Value>,
    // Our own.
    #[serde(default)]
    topic_id: Option<TopicId>,
    #[serde(default)]
    entities: Option<Vec<Entity>>,
    #[serde(default)]
    media: Option<Media>,
    #[serde(default)]
    album: Option<i64>,
    #[serde(default)]
    reply_quote: Option<String>,
    #[serde(default)]
    reply_to_external_id: Option<i64>,
    #[serde(default)]
    deleted_unixtime: Option<Value>,
    #[serde(default)]
    versions: Vec<VersionRecord<'static>>,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    views: Option<Views>,
    #[serde(borrow, default)]
    unsupported: Option<Cow<'a, str>>,
}

/// A message, and what else its record tells.
#[derive(Debug)]
pub(super) struct Read {
    /// Its topic is not known yet, unless the file says.
    pub(super) snapshot: Snapshot,
    pub(super) topic: Option<TopicId>,
    /// The message it answers, which may only say in which topic it stands.
    pub(super) answers: Option<MessageId>,
    /// Who wrote it.
    pub(super) author: Option<Person>,
    /// Where its file lies, relative to the export.
    pub(super) file: Option<String>,
}

/// Reads a message; `zone` is where dates without an offset were written.
pub(super) fn read(raw: Raw<'_>, zone: &TimeZone) -> Result<Read, String> {
    let id = i32::try_from(raw.id).map_err(|_| format!("its id {} is out of range", raw.id))?;
    let date = moment(raw.date_unixtime.as_ref(), raw.date.as_deref(), zone)
        .ok_or("it says no date (`date_unixtime`, `date`)")?;
    let is_service = raw.kind == "service";
    let (name, who) = match is_service {
        true => (&raw.actor, &raw.actor_id),
        false => (&raw.from, &raw.from_id),
    };
    let from = match who {
        None | Some(Value::Null) => None,
        Some(who) => Some(peer(who).ok_or("its author's id cannot be read")?),
    };
    let author = from.map(|id| Person {
        id,
        kind: match id.0 {
            0.. => PersonKind::User,
            _ => PersonKind::Channel,
        },
        name: name.as_deref().unwrap_or_default().to_owned(),
        username: None,
    });
    let (text, mut entities) = match raw.text_entities {
        Some(parts) => text::join(parts),
        None => text::of(&raw.text).ok_or("its `text` is neither text nor parts of it")?,
    };
    if let Some(own) = raw.entities {
        entities = own;
    }
    let edit_date = match (&raw.edited_unixtime, &raw.edited) {
        (None, None) => None,
        (unix, local) => moment(unix.as_ref(), local.as_deref(), zone),
    };
    let small = |id: i64| i32::try_from(id).ok().map(MessageId);
    let is_elsewhere = raw.reply_to_peer_id.is_some();
    let elsewhere = raw.reply_to_message_id.filter(|_| is_elsewhere);
    let external = raw.reply_to_external_id.or(elsewhere).and_then(small);
    let answers = raw
        .reply_to_message_id
        .filter(|_| !is_elsewhere)
        .and_then(small);
    let reply_to = match external {
        Some(id) => Some(Reply {
            external: true,
            quote: raw.reply_quote.clone(),
            chat: raw.reply_to_peer_id.as_ref().and_then(peer),
            ..Reply::to(id)
        }),
        None => answers.map(|id| Reply {
            quote: raw.reply_quote.clone(),
            ..Reply::to(id)
        }),
    };
    let mut file = raw
        .photo
        .as_deref()
        .or(raw.file.as_deref())
        .filter(|path| !path.starts_with('('));
    let media = match raw.media {
        Some(own) => Some(own),
        None if raw.self_destruct_period_seconds.is_some() => {
            file = None;
            Some(Media::of(MediaKind::Expiring))
        }
        None => media(&Described {
            has_photo: raw.photo.is_some(),
            has_file: raw.file.is_some(),
            size: raw.photo_file_size.or(raw.file_size),
            name: raw.file_name.as_deref(),
            kind: raw.media_type.as_deref(),
            mime_type: raw.mime_type.as_deref(),
            duration: raw.duration_seconds,
            width: raw.width,
            height: raw.height,
            emoji: raw.sticker_emoji.as_deref(),
            contact: raw.contact_information.as_ref(),
            location: raw.location_information.as_ref(),
            place: raw.place_name.as_deref(),
            poll: raw.poll.as_ref(),
        }),
    };
    let service = is_service.then(|| {
        let text = |it: &Option<Cow<'_, str>>| it.as_deref().unwrap_or_default().to_owned();
        let people = || raw.member_ids.iter().copied().map(PersonId);
        match raw.action.as_deref().unwrap_or_default() {
            "topic_created" => Service::TopicCreated {
                title: text(&raw.title),
            },
            "topic_edit" => Service::TopicEdited {
                title: raw.new_title.as_deref().map(str::to_owned),
                closed: raw.closed,
                hidden: raw.hidden,
            },
            "pin_message" => Service::Pinned {
                message: raw.message_id.and_then(small),
            },
            "invite_members" if !raw.member_ids.is_empty() => Service::Joined {
                people: people().collect(),
            },
            "remove_members" if raw.member_ids.len() == 1 => Service::Left {
                person: people().next().unwrap_or(PersonId(0)),
            },
            "edit_group_title" => Service::GroupTitle {
                title: text(&raw.title),
            },
            other => Service::Other {
                name: other.to_owned(),
            },
        }
    });
    let forward = raw.forwarded_from.as_ref().map(|name| {
        let from = raw.forwarded_from_id.as_ref().and_then(peer);
        Forward {
            from,
            name: from.is_none().then(|| name.clone().into_owned()),
            date,
        }
    });
    let votes = raw.poll.as_ref().and_then(votes);
    let message = Message {
        id: MessageId(id),
        topic: TopicId::GENERAL,
        date,
        from,
        text,
        entities,
        reply_to,
        edit_date,
        media,
        forward,
        via_bot: None,
        buttons: raw
            .inline_bot_buttons
            .iter()
            .map(|row| row.iter().map(button).collect())
            .collect(),
        album: raw.album,
        service,
        unsupported: match raw.kind.as_ref() {
            "unsupported" => Some(
                raw.unsupported
                    .as_deref()
                    .unwrap_or("unsupported")
                    .to_owned(),
            ),
            _ => raw.unsupported.as_deref().map(str::to_owned),
        },
    };
    Ok(Read {
        topic: raw.topic_id,
        answers,
        author,
        file: file.map(str::to_owned),
        snapshot: Snapshot {
            message,
            versions: raw.versions.into_iter().map(Version::from).collect(),
            deleted_at: raw.deleted_unixtime.as_ref().and_then(number),
            by: Some(Source::Import),
            marks: Marks {
                reactions: reactions(&raw.reactions, zone),
                pinned: raw.pinned,
                votes,
                views: raw.views,
            },
        },
    })
}

/// A number, also where it is written as text.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

/// A moment: exactly, or by the clock of whoever exported.
fn moment(unix: Option<&Value>, local: Option<&str>, zone: &TimeZone) -> Option<i64> {
    if let Some(seconds) = unix.and_then(number) {
        return Some(seconds);
    }
    let civil: civil::DateTime = local?.parse().ok()?;
    Some(civil.to_zoned(zone.clone()).ok()?.timestamp().as_second())
}

/// `user5`, `channel5`, `chat5`; in older exports the number alone.
fn peer(value: &Value) -> Option<PersonId> {
    let text = match value {
        Value::Number(number) => return number.as_i64().filter(|id| *id > 0).map(PersonId),
        Value::String(text) => text,
        _ => return None,
    };
    if let Some(digits) = text.strip_prefix("channel") {
        let group = digits.parse().ok().and_then(GroupId::from_bare)?;
        return Some(PersonId(group.marked()));
    }
    if let Some(digits) = text.strip_prefix("chat") {
        let bare: u64 = digits.parse().ok()?;
        return 0_i64.checked_sub_unsigned(bare).map(PersonId);
    }
    let digits = text.strip_prefix("user").unwrap_or(text);
    digits.parse().ok().map(PersonId)
}

/// What a record says of media.
struct Described<'a> {
    has_photo: bool,
    has_file: bool,
    size: Option<u64>,
    name: Option<&'a str>,
    kind: Option<&'a str>,
    mime_type: Option<&'a str>,
    duration: Option<u32>,
    width: Option<u32>,
    height: Option<u32>,
    emoji: Option<&'a str>,
    contact: Option<&'a Value>,
    location: Option<&'a Value>,
    place: Option<&'a str>,
    poll: Option<&'a Value>,
}

fn media(it: &Described<'_>) -> Option<Media> {
    let text = |value: &Value, key: &str| {
        let text = value.get(key).and_then(Value::as_str).unwrap_or_default();
        text.to_owned()
    };
    let (kind, note) = if it.has_photo {
        (MediaKind::Photo, None)
    } else if it.has_file {
        let kind = match it.kind {
            Some("video_file") => MediaKind::Video,
            Some("video_message") => MediaKind::VideoNote,
            Some("voice_message") => MediaKind::Voice,
            Some("audio_file") => MediaKind::Audio,
            Some("animation") => MediaKind::Animation,
            Some("sticker") => MediaKind::Sticker,
            _ => MediaKind::Document,
        };
        (kind, it.emoji.map(str::to_owned))
    } else if let Some(contact) = it.contact {
        let parts = ["first_name", "last_name", "phone_number"].map(|key| text(contact, key));
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (MediaKind::Contact, Some(parts.join(" ")))
    } else if let Some(location) = it.location {
        let degree = |key| {
            location
                .get(key)
                .and_then(Value::as_f64)
                .unwrap_or_default()
        };
        let place = format!("{:.6},{:.6}", degree("latitude"), degree("longitude"));
        match it.place {
            Some(name) => (MediaKind::Venue, Some(format!("{name} {place}"))),
            None => (MediaKind::Location, Some(place)),
        }
    } else if let Some(poll) = it.poll {
        let answers = poll.get("answers").and_then(Value::as_array);
        let mut note = text(poll, "question");
        for answer in answers.into_iter().flatten() {
            note += "\n- ";
            note += &text(answer, "text");
        }
        (MediaKind::Poll, Some(note))
    } else {
        return None;
    };
    Some(Media {
        file_name: it.name.map(str::to_owned),
        mime_type: it.mime_type.map(str::to_owned),
        size: it.size,
        width: it.width,
        height: it.height,
        duration: it.duration,
        note,
        ..Media::of(kind)
    })
}

fn button(value: &Value) -> Button {
    let text = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_link = value.get("type").and_then(Value::as_str) == Some("url");
    Button {
        text: text("text").unwrap_or_default(),
        url: text("data").filter(|_| is_link),
    }
}

fn votes(poll: &Value) -> Option<Votes> {
    let count = |value: &Value, key| {
        let count = value.get(key).and_then(Value::as_u64).unwrap_or(0);
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let answers = poll.get("answers").and_then(Value::as_array);
    let votes = Votes {
        closed: poll.get("closed").and_then(Value::as_bool).unwrap_or(false),
        voters: count(poll, "total_voters"),
        answers: answers
            .into_iter()
            .flatten()
            .map(|answer| count(answer, "voters"))
            .collect(),
        ..Votes::default()
    };
    (votes.voters > 0 || votes.closed).then_some(votes)
}

fn reactions(all: &[Value], zone: &TimeZone) -> Option<Reactions> {
    let mut reactions = Reactions::default();
    for value in all {
        let text = |key| value.get(key).and_then(Value::as_str);
        let reaction = match text("type") {
            Some("emoji") => Reaction::Emoji(text("emoji")?.to_owned()),
            Some("custom_emoji") => {
                Reaction::Custom(value.get("document_id").and_then(number).unwrap_or(0))
            }
            Some("paid") => Reaction::Paid,
            _ => continue,
        };
        let count = value.get("count").and_then(Value::as_u64).unwrap_or(0);
        reactions.counts.push(ReactionCount {
            reaction: reaction.clone(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
        });
        let recent = value.get("recent").and_then(Value::as_array);
        for person in recent.into_iter().flatten() {
            let date = person.get("date").and_then(Value::as_str);
            if let Some(who) = person.get("from_id").and_then(peer) {
                reactions.people.push(Reacted {
                    person: who,
                    reaction: reaction.clone(),
                    date: moment(None, date, zone).unwrap_or(0),
                });
            }
        }
    }
    (!reactions.counts.is_empty()).then_some(reactions)
}

#[cfg(test)]
#[path = "telegram/tests.rs"]
mod tests;
