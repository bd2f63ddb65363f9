//! What a reply shows of the message that it answers.

use std::collections::HashMap;

use crate::model::{Message, MessageId, Snapshot, TopicId};
use crate::transcript::words::{Labels, cut, media, sender};
use crate::transcript::writer::{Entry, Page};

/// How many of the last messages are remembered. Most replies go back a few messages; an older
/// one is looked up in the archive. Together under 2 MB.
const REMEMBERED: usize = 4096;

/// The last messages in short, so that a reply can show what it answers without another read.
#[derive(Default)]
pub(super) struct Previews {
    /// The oldest is written over by the newest, which spares taking memory for each.
    ring: Vec<(MessageId, Preview)>,
    next: usize,
    places: HashMap<MessageId, usize>,
}

/// A message in short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Preview {
    pub(super) who: String,
    pub(super) text: String,
    /// It stands on this page and can be jumped to.
    pub(super) here: bool,
}

impl Previews {
    pub(super) fn remember(&mut self, entry: &Entry<'_>, page: &Page<'_>, labels: &Labels) {
        let message = &entry.snapshot.message;
        let head = Some(entry.topic);
        let who = sender(message, Some(entry.role), head, page, labels);
        if self.next == self.ring.len() {
            self.ring.push((message.id, Preview::default()));
        }
        let Some((id, preview)) = self.ring.get_mut(self.next) else {
            return;
        };
        if self.places.get(id) == Some(&self.next) {
            self.places.remove(id);
        }
        *id = message.id;
        preview.say(&who, message, labels);
        preview.here = true;
        self.places.insert(message.id, self.next);
        self.next = (self.next + 1) % REMEMBERED;
    }

    /// What a reply in a topic answers, in short; `None` where the archive does not hold it.
    pub(super) fn find(
        &self,
        id: MessageId,
        topic: TopicId,
        page: &Page<'_>,
        labels: &Labels,
    ) -> Option<Preview> {
        let known = self.places.get(&id).and_then(|place| self.ring.get(*place));
        if let Some((_, preview)) = known {
            return Some(preview.clone());
        }
        let Snapshot { message, .. } = page.facts.message(id, topic)?;
        let mut preview = Preview::default();
        preview.say(
            &sender(&message, None, None, page, labels),
            &message,
            labels,
        );
        Some(preview)
    }
}

impl Preview {
    /// Says in short what a message says.
    fn say(&mut self, who: &str, message: &Message, labels: &Labels) {
        self.who.clear();
        self.who.push_str(who);
        self.text.clear();
        match &message.media {
            _ if !message.text.is_empty() => cut(&mut self.text, &message.text),
            Some(media) => cut(&mut self.text, &media::short(media, labels)),
            None if message.service.is_some() => self.text.push_str(labels.service),
            None => {}
        }
    }
}
