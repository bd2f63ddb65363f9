//! Telegram Desktop's `result.json`, the format that most tools read.
//!
//! One topic is one chat, named after the topic. A whole group is one chat too; since the format
//! has no place for a topic, every message carries `topic_id`, one of our own keys, which readers
//! skip when they do not know them. The others: `role`, `deleted`, `deleted_unixtime`, `versions`,
//! `media` (our description of it), `entities` (where the format's flat runs lose some of the
//! formatting), `reply_quote`, `reply_to_external_id`, `album`, and for the chat `topic_id`,
//! `group_name` and `topics`. Files themselves are never included.

mod around;
mod media;
mod service;
mod text;

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::Summary;
use super::record::VersionRecord;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};
use crate::model::{Button, GroupId, Message, PersonId, Service, TopicId};

/// Writes one JSON object with a message a line, so that it is read in pieces by tools and eyes.
pub(super) struct Telegram<'a> {
    page: &'a Page<'a>,
    first: bool,
    line: Vec<u8>,
}

impl<'a> Telegram<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self {
            page,
            first: true,
            line: Vec::new(),
        }
    }

    /// The list of topics, a line each.
    fn topics(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n \"topics\": [")?;
        let (mut written, mut first) = (Ok(()), true);
        self.page.facts.each_topic(&mut |topic| {
            if written.is_ok() {
                let comma = if std::mem::take(&mut first) { "" } else { "," };
                let topic = json!({"id": topic.id, "title": topic.title, "status": topic.status});
                written = write!(out, "{comma}{topic}");
            }
        });
        written?;
        out.write_all(b"],")
    }

    fn date(&self, at: i64) -> String {
        self.page
            .local(at)
            .map_or_else(|| "1970-01-01T00:00:00".to_owned(), |date| date.to_string())
    }
}

/// A message's object, written key by key.
struct Line<'a> {
    telegram: &'a Telegram<'a>,
    entry: &'a Entry<'a>,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let snapshot = self.entry.snapshot;
        let message = &snapshot.message;
        let mut object = serializer.serialize_map(None)?;
        match &message.service {
            Some(service) => self.service(&mut object, service)?,
            None => self.ordinary(&mut object)?,
        }
        reply(&mut object, message)?;
        if let Some(name) = &message.unsupported {
            object.serialize_entry("unsupported", name)?;
        }
        if text::flattened(&message.text, &message.entities) {
            object.serialize_entry("entities", &message.entities)?;
        }
        object.serialize_entry("topic_id", &message.topic)?;
        object.serialize_entry("role", &self.entry.role)?;
        if let Some(album) = message.album {
            object.serialize_entry("album", &album)?;
        }
        if let Some(media) = &message.media {
            object.serialize_entry("media", media)?;
        }
        let marks = &snapshot.marks;
        if let Some(reactions) = &marks.reactions
            && !reactions.counts.is_empty()
        {
            let name = |id| self.telegram.page.name(id);
            let list = around::reactions(reactions, name, |at| self.telegram.date(at));
            object.serialize_entry("reactions", &list)?;
        }
        if marks.pinned {
            object.serialize_entry("pinned", &true)?;
        }
        if let Some(views) = marks.views {
            object.serialize_entry("views", &views)?;
        }
        if let Some(at) = snapshot.deleted_at {
            object.serialize_entry("deleted", &true)?;
            object.serialize_entry("deleted_unixtime", &format_args!("{at}"))?;
        }
        if !snapshot.versions.is_empty() {
            let versions = snapshot.versions.iter().map(VersionRecord::from);
            object.serialize_entry("versions", &versions.collect::<Vec<_>>())?;
        }
        object.end()
    }
}

impl Line<'_> {
    fn common<M: SerializeMap>(&self, object: &mut M, kind: &str) -> Result<(), M::Error> {
        let message = &self.entry.snapshot.message;
        object.serialize_entry("id", &message.id)?;
        object.serialize_entry("type", kind)?;
        object.serialize_entry("date", &self.telegram.date(message.date))?;
        object.serialize_entry("date_unixtime", &format_args!("{}", message.date))
    }

    fn service<M: SerializeMap>(&self, object: &mut M, service: &Service) -> Result<(), M::Error> {
        let message = &self.entry.snapshot.message;
        self.common(object, "service")?;
        if let Some(author) = message.from {
            object.serialize_entry("actor", &self.telegram.page.name(author))?;
            object.serialize_entry("actor_id", &Peer(author))?;
        }
        service::describe(object, service, self.telegram.page)?;
        object.serialize_entry("text", &message.text)?;
        text::objects(object, &message.text, &message.entities)
    }

    fn ordinary<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        let page = self.telegram.page;
        let snapshot = self.entry.snapshot;
        let message = &snapshot.message;
        let kind = if message.unsupported.is_some() {
            "unsupported"
        } else {
            "message"
        };
        self.common(object, kind)?;
        if let Some(at) = message.edit_date {
            object.serialize_entry("edited", &self.telegram.date(at))?;
            object.serialize_entry("edited_unixtime", &format_args!("{at}"))?;
        }
        if let Some(author) = message.from {
            object.serialize_entry("from", &page.name(author))?;
            object.serialize_entry("from_id", &Peer(author))?;
        }
        if let Some(forward) = &message.forward {
            let known = forward.from.and_then(|from| page.name(from));
            let name = known.or(forward.name.as_deref());
            object.serialize_entry("forwarded_from", &name)?;
            if let Some(from) = forward.from {
                object.serialize_entry("forwarded_from_id", &Peer(from))?;
            }
        }
        if let Some(bot) = message.via_bot {
            let person = page.facts.person(bot);
            match person.as_ref().and_then(|bot| bot.username.as_ref()) {
                Some(name) => object.serialize_entry("via_bot", &format_args!("@{name}"))?,
                None => object.serialize_entry("via_bot", &Peer(bot))?,
            }
        }
        if let Some(media) = &message.media {
            media::describe(object, media, snapshot.marks.votes.as_ref())?;
        }
        text::text(object, &message.text, &message.entities)?;
        text::objects(object, &message.text, &message.entities)?;
        if !message.buttons.is_empty() {
            let rows: Vec<Value> = message.buttons.iter().map(|row| buttons(row)).collect();
            object.serialize_entry("inline_bot_buttons", &rows)?;
        }
        Ok(())
    }
}

impl TranscriptWriter for Telegram<'_> {
    fn preamble(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let group_name = self
            .page
            .title
            .clone()
            .unwrap_or_else(|| self.page.group.to_string());
        let mut head = Map::new();
        let topic = self.page.single.get();
        let topic_name = topic
            .and_then(|topic| self.page.facts.topic(topic))
            .map(|topic| topic.title);
        let name = topic_name.unwrap_or_else(|| group_name.clone());
        head.insert("name".into(), json!(name));
        head.insert("type".into(), json!("private_supergroup"));
        head.insert("id".into(), json!(self.page.group));
        if topic.is_some() {
            head.insert("group_name".into(), json!(group_name));
        }
        out.write_all(b"{")?;
        for (key, value) in head {
            write!(out, "\n \"{key}\": {value},")?;
        }
        if topic.is_none() {
            self.topics(out)?;
        }
        out.write_all(b"\n \"messages\": [")
    }

    fn topic(&mut self, _out: &mut dyn Write, _topic: &TopicHead) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        line.extend_from_slice(if self.first { b"\n  " } else { b",\n  " });
        self.first = false;
        let (telegram, entry) = (&*self, &entry);
        serde_json::to_writer(&mut line, &Line { telegram, entry })?;
        out.write_all(&line)?;
        self.line = line;
        Ok(())
    }

    fn shows_topics(&self) -> bool {
        false
    }

    fn postamble(&mut self, out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        out.write_all(if self.first { b"]" } else { b"\n ]" })?;
        // Behind the messages, which some readers look for among the first five keys.
        if let Some(topic) = self.page.single.get() {
            write!(out, ",\n \"topic_id\": {topic}")?;
        }
        out.write_all(b"\n}\n")
    }
}

/// What the message answers. As in Telegram Desktop's own files a plain post answers its topic's
/// first message: that is how readers find a message's topic. General has no such message.
fn reply<M: SerializeMap>(object: &mut M, message: &Message) -> Result<(), M::Error> {
    let inside = message.reply_to.as_ref().filter(|reply| !reply.external);
    if let Some(reply) = inside {
        object.serialize_entry("reply_to_message_id", &reply.id)?;
    } else if message.topic != TopicId::GENERAL && message.topic.0 != message.id.0 {
        object.serialize_entry("reply_to_message_id", &message.topic)?;
    }
    if let Some(reply) = &message.reply_to {
        if reply.external {
            object.serialize_entry("reply_to_external_id", &reply.id)?;
        }
        if let Some(quote) = &reply.quote {
            object.serialize_entry("reply_quote", quote)?;
        }
    }
    Ok(())
}

fn buttons(row: &[Button]) -> Value {
    row.iter()
        .map(|button| match &button.url {
            Some(url) => json!({"type": "url", "text": button.text, "data": url}),
            None => json!({"type": "callback", "text": button.text}),
        })
        .collect()
}

/// `user123`, `chat123` or `channel123`.
struct Peer(PersonId);

impl Display for Peer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let id = self.0.0;
        match (id, GroupId::from_marked(id)) {
            (_, Some(channel)) => write!(f, "channel{channel}"),
            (user @ 0.., None) => write!(f, "user{user}"),
            (chat, None) => write!(f, "chat{}", chat.unsigned_abs()),
        }
    }
}

impl Serialize for Peer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_named_as_telegram_desktop_names_them() {
        assert_eq!(Peer(PersonId(5)).to_string(), "user5");
        assert_eq!(Peer(PersonId(-77)).to_string(), "chat77");
        assert_eq!(
            Peer(PersonId(-1_002_101_424_779)).to_string(),
            "channel2101424779"
        );
        assert_eq!(
            Peer(PersonId(i64::MIN)).to_string(),
            "chat9223372036854775808"
        );
    }
}
