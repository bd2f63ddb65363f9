//! One self-contained page: nothing in it runs, loads or points anywhere but to the web, a chat
//! or a letter, whatever people wrote.

mod around;
mod bubble;
mod escape;
mod head;
mod media;
mod preview;
mod text;

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Summary;
use super::role::Role;
use super::words::Labels;
use super::writer::{Entry, Page, TopicHead, TranscriptWriter};
use crate::model::{PersonId, TopicId};
pub(super) use escape::Escaped;
pub(super) use head::{POLICY, document, script_policy};
use preview::Previews;

/// Seconds of silence after which the same sender is named again.
const PAUSE: i64 = 15 * 60;

/// Writes the page.
pub(super) struct Html<'a> {
    page: &'a Page<'a>,
    labels: &'static Labels,
    previews: Previews,
    /// A topic's section is open.
    in_section: bool,
    /// A day's part is open.
    in_day: bool,
    /// Day of the last separator.
    day: Option<jiff::civil::Date>,
    last: Option<Last>,
    /// What is being written.
    html: String,
}

/// The message before, as far as the next one's looks depend on it.
#[derive(PartialEq, Eq)]
struct Last {
    from: Option<PersonId>,
    role: Role,
    topic: TopicId,
    date: i64,
}

impl<'a> Html<'a> {
    pub(super) fn new(page: &'a Page<'a>) -> Self {
        Self {
            page,
            labels: Labels::of(&page.language),
            previews: Previews::default(),
            in_section: false,
            in_day: false,
            day: None,
            last: None,
            html: String::new(),
        }
    }

    /// Writes the day where it is another than the message before had.
    fn separate_days(&mut self, html: &mut String, date: i64) {
        let Some(day) = self.page.local(date).map(|at| at.date()) else {
            return;
        };
        if self.day.replace(day) != Some(day) {
            self.last = None;
            self.end_day(html);
            self.in_day = true;
            let _ = write!(
                html,
                "<div class=\"d\">\n<h2 class=\"day\"><time datetime=\"{day}\">{}</time></h2>\n",
                Escaped(&self.labels.day(day))
            );
        }
    }

    /// Ends the day's part of the page.
    fn end_day(&mut self, html: &mut String) {
        if std::mem::take(&mut self.in_day) {
            html.push_str("</div>\n");
        }
    }

    /// Whether the message goes on where the same sender stopped a moment ago.
    fn goes_on(&mut self, entry: &Entry<'_>) -> bool {
        let message = &entry.snapshot.message;
        let this = Last {
            from: message.from,
            role: entry.role,
            topic: message.topic,
            date: message.date,
        };
        let goes_on = self.last.as_ref().is_some_and(|last| {
            last.from == this.from
                && last.role == this.role
                && last.topic == this.topic
                && (0..PAUSE).contains(&this.date.saturating_sub(last.date))
        });
        self.last = Some(this);
        goes_on
    }
}

impl TranscriptWriter for Html<'_> {
    fn preamble(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut html = String::new();
        head::page(&mut html, self.page, self.labels);
        out.write_all(html.as_bytes())
    }

    fn topic(&mut self, out: &mut dyn Write, topic: &TopicHead) -> io::Result<()> {
        let mut html = String::new();
        self.end_day(&mut html);
        if self.in_section {
            html.push_str("</section>\n");
        }
        self.in_section = true;
        self.day = None;
        self.last = None;
        head::topic(&mut html, self.page, topic, self.labels);
        out.write_all(html.as_bytes())
    }

    fn message(&mut self, out: &mut dyn Write, entry: Entry<'_>) -> io::Result<()> {
        let mut html = std::mem::take(&mut self.html);
        html.clear();
        if !self.in_section {
            html.push_str("<section>\n");
            self.in_section = true;
        }
        self.separate_days(&mut html, entry.snapshot.message.date);
        let goes_on = self.goes_on(&entry);
        bubble::bubble(
            &mut html,
            &entry,
            &bubble::Around {
                page: self.page,
                labels: self.labels,
                previews: &self.previews,
                goes_on,
            },
        );
        self.previews.remember(&entry, self.page, self.labels);
        out.write_all(html.as_bytes())?;
        self.html = html;
        Ok(())
    }

    fn shows_topics(&self) -> bool {
        true
    }

    fn postamble(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let mut html = String::new();
        if summary.messages == 0 {
            let _ = writeln!(html, "<p class=\"none\">{}</p>", self.labels.none);
        }
        self.end_day(&mut html);
        if self.in_section {
            html.push_str("</section>\n");
        }
        head::end(&mut html, self.page, self.labels, summary);
        out.write_all(html.as_bytes())
    }
}
