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

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Summary;
use super::record::VersionRecord;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};
use crate::model::{Button, GroupId, Message, PersonId, TopicId};

/// Writes one JSON object with a message a line, so that it is read in pieces by tools and eyes.
pub(super) struct Telegram<'a> {
    page: &'a Page<'a>,
    first: bool,
}

impl<'a> Telegram<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self { page, first: true }
    }

    fn common(&self, message: &Message, kind: &str) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("id".into(), json!(message.id));
        object.insert("type".into(), json!(kind));
        object.insert("date".into(), json!(self.date(message.date)));
        object.insert("date_unixtime".into(), json!(message.date.to_string()));
        object
    }

    fn date(&self, at: i64) -> String {
        self.page.local(at).map_or_else(
            || "1970-01-01T00:00:00".to_owned(),
            |date| date.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        )
    }

    fn service(&self, message: &Message) -> Option<Map<String, Value>> {
        let service = message.service.as_ref()?;
        let mut object = self.common(message, "service");
        if let Some(author) = message.from {
            object.insert("actor".into(), json!(self.page.name(author)));
            object.insert("actor_id".into(), json!(peer(author)));
        }
        service::describe(&mut object, service, self.page);
        object.insert("text".into(), json!(message.text));
        object.insert(
            "text_entities".into(),
            text::objects(&message.text, &message.entities),
        );
        Some(object)
    }

    fn ordinary(&self, message: &Message) -> Map<String, Value> {
        let kind = if message.unsupported.is_some() {
            "unsupported"
        } else {
            "message"
        };
        let mut object = self.common(message, kind);
        if let Some(at) = message.edit_date {
            object.insert("edited".into(), json!(self.date(at)));
            object.insert("edited_unixtime".into(), json!(at.to_string()));
        }
        if let Some(author) = message.from {
            object.insert("from".into(), json!(self.page.name(author)));
            object.insert("from_id".into(), json!(peer(author)));
        }
        if let Some(forward) = &message.forward {
            let name = forward
                .from
                .and_then(|from| self.page.name(from))
                .or(forward.name.as_deref());
            object.insert("forwarded_from".into(), json!(name));
            if let Some(from) = forward.from {
                object.insert("forwarded_from_id".into(), json!(peer(from)));
            }
        }
        if let Some(bot) = message.via_bot {
            let username = self
                .page
                .people
                .get(&bot)
                .and_then(|bot| bot.username.as_ref());
            let bot = username.map_or_else(|| peer(bot), |name| format!("@{name}"));
            object.insert("via_bot".into(), json!(bot));
        }
        if let Some(media) = &message.media {
            media::describe(&mut object, media);
        }
        object.insert("text".into(), text::text(&message.text, &message.entities));
        object.insert(
            "text_entities".into(),
            text::objects(&message.text, &message.entities),
        );
        if !message.buttons.is_empty() {
            let rows: Vec<Value> = message.buttons.iter().map(|row| buttons(row)).collect();
            object.insert("inline_bot_buttons".into(), Value::Array(rows));
        }
        object
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
        let topic = self.page.single;
        let topic_name = topic
            .and_then(|topic| self.page.topics.get(&topic))
            .map(|topic| topic.title.clone());
        let name = topic_name.unwrap_or_else(|| group_name.clone());
        head.insert("name".into(), json!(name));
        head.insert("type".into(), json!("private_supergroup"));
        head.insert("id".into(), json!(self.page.group));
        if let Some(topic) = topic {
            head.insert("topic_id".into(), json!(topic));
            head.insert("group_name".into(), json!(group_name));
        } else {
            let topics: Vec<Value> = self
                .page
                .topics
                .values()
                .map(|topic| json!({"id": topic.id, "title": topic.title, "status": topic.status}))
                .collect();
            head.insert("topics".into(), Value::Array(topics));
        }
        out.write_all(b"{")?;
        for (key, value) in head {
            write!(out, "\n \"{key}\": {value},")?;
        }
        out.write_all(b"\n \"messages\": [")
    }

    fn topic(&mut self, _out: &mut dyn Write, _topic: &TopicHead) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        let message = &entry.snapshot.message;
        let mut object = self
            .service(message)
            .unwrap_or_else(|| self.ordinary(message));
        reply(&mut object, message);
        if let Some(name) = &message.unsupported {
            object.insert("unsupported".into(), json!(name));
        }
        if text::flattened(&message.text, &message.entities) {
            object.insert("entities".into(), json!(message.entities));
        }
        object.insert("topic_id".into(), json!(message.topic));
        object.insert("role".into(), json!(entry.role));
        if let Some(album) = message.album {
            object.insert("album".into(), json!(album));
        }
        if let Some(media) = &message.media {
            object.insert("media".into(), json!(media));
        }
        let marks = &entry.snapshot.marks;
        if let Some(reactions) = &marks.reactions
            && !reactions.counts.is_empty()
        {
            let list = around::reactions(reactions, |id| self.page.name(id), |at| self.date(at));
            object.insert("reactions".into(), list);
        }
        if let (Some(votes), Some(poll)) = (&marks.votes, object.get_mut("poll")) {
            around::votes(poll, votes);
        }
        if marks.pinned {
            object.insert("pinned".into(), json!(true));
        }
        if let Some(views) = marks.views {
            object.insert("views".into(), json!(views));
        }
        if let Some(at) = entry.snapshot.deleted_at {
            object.insert("deleted".into(), json!(true));
            object.insert("deleted_unixtime".into(), json!(at.to_string()));
        }
        if !entry.snapshot.versions.is_empty() {
            let versions: Vec<VersionRecord> = entry
                .snapshot
                .versions
                .into_iter()
                .map(VersionRecord::from)
                .collect();
            object.insert("versions".into(), json!(versions));
        }
        out.write_all(if self.first { b"\n  " } else { b",\n  " })?;
        self.first = false;
        serde_json::to_writer(&mut *out, &object)?;
        Ok(())
    }

    fn postamble(&mut self, out: &mut dyn Write, _summary: &Summary) -> io::Result<()> {
        out.write_all(if self.first { b"]\n}\n" } else { b"\n ]\n}\n" })
    }
}

/// What the message answers. As in Telegram Desktop's own files a plain post answers its topic's
/// first message: that is how readers find a message's topic. General has no such message.
fn reply(object: &mut Map<String, Value>, message: &Message) {
    let inside = message.reply_to.as_ref().filter(|reply| !reply.external);
    if let Some(reply) = inside {
        object.insert("reply_to_message_id".into(), json!(reply.id));
    } else if message.topic != TopicId::GENERAL && message.topic.0 != message.id.0 {
        object.insert("reply_to_message_id".into(), json!(message.topic));
    }
    if let Some(reply) = &message.reply_to {
        if reply.external {
            object.insert("reply_to_external_id".into(), json!(reply.id));
        }
        if let Some(quote) = &reply.quote {
            object.insert("reply_quote".into(), json!(quote));
        }
    }
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
fn peer(person: PersonId) -> String {
    match (person.0, GroupId::from_marked(person.0)) {
        (_, Some(channel)) => format!("channel{channel}"),
        (user @ 0.., None) => format!("user{user}"),
        (chat, None) => format!("chat{}", chat.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_named_as_telegram_desktop_names_them() {
        assert_eq!(peer(PersonId(5)), "user5");
        assert_eq!(peer(PersonId(-77)), "chat77");
        assert_eq!(peer(PersonId(-1_002_101_424_779)), "channel2101424779");
        assert_eq!(peer(PersonId(i64::MIN)), "chat9223372036854775808");
    }
}
