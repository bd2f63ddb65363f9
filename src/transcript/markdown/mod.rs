//! Markdown, for people who read text and for models that do.
//!
//! A heading a topic, a heading a day, a paragraph a message. What people wrote is escaped, so
//! that it shows as they wrote it.

mod escape;

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Summary;
use super::words::{Labels, cut, media, sender, sentence, topic};
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};
use crate::i18n::Noun;
use crate::model::{Entity, Media, Message, Version, message_link, topic_link};
use escape::{formatted, plain};

/// Writes the document.
pub(super) struct Markdown<'a> {
    page: &'a Page<'a>,
    labels: &'static Labels,
    day: Option<jiff::civil::Date>,
    text: String,
}

impl<'a> Markdown<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self {
            page,
            labels: Labels::of(&page.language),
            day: None,
            text: String::new(),
        }
    }

    fn separate_days(&mut self, date: i64) {
        let Some(day) = self.page.local(date).map(|at| at.date()) else {
            return;
        };
        if self.day.replace(day) != Some(day) {
            let _ = write!(self.text, "## {}\n\n", self.labels.day(day));
        }
    }

    /// Who, as what, when; the time links to the message.
    fn byline(&mut self, entry: &Entry<'_>) {
        let message = &entry.snapshot.message;
        let labels = self.labels;
        if message.service.is_some() {
            if message.from.is_some() {
                plain(
                    &mut self.text,
                    &sender(message, None, None, self.page, labels),
                );
                self.text.push(' ');
            }
        } else {
            let head = Some(entry.topic);
            let who = sender(message, Some(entry.role), head, self.page, labels);
            self.text.push_str("**");
            let name = who.trim();
            plain(&mut self.text, if name.is_empty() { "–" } else { name });
            let _ = write!(self.text, "** ({})", labels.role(entry.role));
            if self.page.interleaved() {
                self.text.push_str(" in ");
                plain(&mut self.text, &topic::title(&entry.topic.topic, labels));
            }
        }
        if let Some(service) = &message.service {
            plain(&mut self.text, &sentence(service, self.page, labels));
            if !message.text.is_empty() {
                self.text.push_str(": ");
                plain(&mut self.text, &message.text);
            }
        }
        let clock = match self.page.local(message.date) {
            Some(at) => format!("{:02}:{:02}", at.hour(), at.minute()),
            None => message.date.to_string(),
        };
        let link = message_link(self.page.group, message.topic, message.id);
        let _ = write!(self.text, ", [{clock}]({link})");
        self.state(entry);
    }

    /// Edited, pinned, deleted.
    fn state(&mut self, entry: &Entry<'_>) {
        let labels = self.labels;
        let moment = |at| self.page.local(at).map(|at| labels.moment(at));
        if let Some(at) = entry.snapshot.message.edit_date {
            let _ = write!(
                self.text,
                ", {} {}",
                labels.edited,
                moment(at).unwrap_or_default()
            );
        }
        if entry.snapshot.marks.pinned {
            let _ = write!(self.text, ", {}", labels.is_pinned);
        }
        if let Some(at) = entry.snapshot.deleted_at {
            let moment = moment(at).unwrap_or_default();
            let _ = write!(self.text, ", **{} {moment}**", labels.deleted);
        }
    }

    fn content(&mut self, message: &Message) {
        if let Some(forward) = &message.forward {
            let known = forward.from.and_then(|from| self.page.name(from));
            let name = known.or(forward.name.as_deref());
            let _ = write!(self.text, "\\\n{} ", self.labels.forwarded_from);
            plain(&mut self.text, name.unwrap_or(self.labels.unknown));
        }
        // A reply to the topic itself is how Telegram marks a plain post.
        let reply = message.reply_to.as_ref();
        if let Some(reply) = reply.filter(|it| it.external || it.id.0 != message.topic.0) {
            if reply.external {
                let _ = write!(self.text, "\\\n{}", self.labels.reply_elsewhere);
            } else {
                let link = message_link(self.page.group, message.topic, reply.id);
                let _ = write!(
                    self.text,
                    "\\\n{} [\\#{}]({link})",
                    self.labels.reply_to, reply.id
                );
            }
            let quote = match &reply.quote {
                Some(quote) => Some(quote.clone()),
                None if reply.external => None,
                None => {
                    let answered = self.page.facts.message(reply.id, message.topic);
                    answered.map(|answered| answered.message.text)
                }
            };
            if let Some(quote) = quote.filter(|quote| !quote.is_empty()) {
                let mut short = String::new();
                cut(&mut short, &quote);
                self.text.push_str(": ");
                plain(&mut self.text, &self.labels.quoted(&short));
            }
        }
        self.text.push_str("\n\n");
        if message.service.is_none() {
            self.version(&message.text, &message.entities, message.media.as_ref());
        }
        if let Some(name) = &message.unsupported {
            let _ = write!(self.text, "*{}* ", self.labels.unreadable);
            plain(&mut self.text, name);
            self.text.push_str("\n\n");
        }
        for row in &message.buttons {
            for button in row {
                self.text.push_str("\\[ ");
                plain(&mut self.text, button.text.trim());
                self.text.push_str(" \\] ");
            }
            self.text.push_str("\n\n");
        }
    }

    /// What one version of a message says.
    fn version(&mut self, text: &str, entities: &[Entity], media: Option<&Media>) {
        if let Some(media) = media {
            self.text.push_str("\\[");
            plain(&mut self.text, media::title(media, self.labels));
            let facts = media::facts(media, self.labels);
            if !facts.is_empty() {
                self.text.push_str(" · ");
                plain(&mut self.text, &facts);
            }
            self.text.push_str("\\]\n\n");
        }
        if !text.is_empty() {
            formatted(&mut self.text, text, entities);
            self.text.push_str("\n\n");
        }
    }

    fn earlier(&mut self, versions: &[Version]) {
        for version in versions {
            let when = version.edit_date.and_then(|at| self.page.local(at));
            let when = when.map_or_else(
                || self.labels.first_version.to_owned(),
                |at| self.labels.moment(at),
            );
            let _ = write!(self.text, "*{} ({when})*\n\n", self.labels.earlier_version);
            self.version(&version.text, &version.entities, version.media.as_ref());
        }
    }
}

impl TranscriptWriter for Markdown<'_> {
    fn preamble(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn topic(&mut self, out: &mut dyn Write, head: &TopicHead) -> io::Result<()> {
        self.day = None;
        self.text.clear();
        self.text.push_str("# ");
        let title = topic::title(&head.topic, self.labels);
        plain(
            &mut self.text,
            &title.split_whitespace().collect::<Vec<_>>().join(" "),
        );
        self.text.push_str("\n\n");
        let link = topic_link(self.page.group, head.topic.id);
        let status = self.labels.status(head.topic.status);
        let _ = writeln!(self.text, "- [{link}]({link}), {status}");
        for (name, value) in topic::facts(self.page, head, self.labels) {
            let _ = write!(self.text, "- {name}: ");
            plain(&mut self.text, value.trim());
            self.text.push('\n');
        }
        self.text.push('\n');
        out.write_all(self.text.as_bytes())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        self.text.clear();
        self.separate_days(entry.snapshot.message.date);
        self.byline(&entry);
        self.content(&entry.snapshot.message);
        self.earlier(&entry.snapshot.versions);
        out.write_all(self.text.as_bytes())
    }

    fn shows_topics(&self) -> bool {
        true
    }

    fn postamble(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let labels = self.labels;
        if summary.messages == 0 {
            return writeln!(out, "{}", labels.none);
        }
        let count = labels.spoken.count(summary.messages, Noun::Message);
        write!(out, "---\n\n{count}")?;
        if let Some((first, last)) = summary.ids {
            write!(out, ", {}: {first}–{last}", labels.ids)?;
        }
        out.write_all(b"\n")
    }
}
