//! What a reply shows of the message that it answers.

use std::collections::{HashMap, VecDeque};

use super::media;
use crate::model::{Customer, Message, MessageId, Snapshot};
use crate::transcript::labels::Labels;
use crate::transcript::role::Role;
use crate::transcript::writer::{Entry, Page};

/// How many of the last messages are remembered. Most replies go back a few messages; an older
/// one is looked up in the archive. Together under 2 MB.
const REMEMBERED: usize = 4096;

/// Longest preview, in characters.
const LONGEST: usize = 100;

/// The last messages in short, so that a reply can show what it answers without another read.
#[derive(Default)]
pub(super) struct Previews {
    order: VecDeque<MessageId>,
    known: HashMap<MessageId, Preview>,
}

/// A message in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Preview {
    pub(super) who: String,
    pub(super) text: String,
    /// It stands on this page and can be jumped to.
    pub(super) here: bool,
}

impl Previews {
    pub(super) fn remember(&mut self, entry: &Entry<'_>, page: &Page<'_>, labels: &Labels) {
        let message = &entry.snapshot.message;
        let customer = entry.topic.customer.as_ref();
        let preview = Preview {
            who: sender(message, Some(entry.role), customer, page, labels),
            text: excerpt(message, labels),
            here: true,
        };
        if self.known.insert(message.id, preview).is_none() {
            self.order.push_back(message.id);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// A message in short; `None` where the archive does not hold it.
    pub(super) fn find(&self, id: MessageId, page: &Page<'_>, labels: &Labels) -> Option<Preview> {
        if let Some(preview) = self.known.get(&id) {
            return Some(preview.clone());
        }
        let Snapshot { message, .. } = (page.lookup)(id)?;
        Some(Preview {
            who: sender(&message, None, None, page, labels),
            text: excerpt(&message, labels),
            here: false,
        })
    }
}

/// The name above a message: behind a relay account it is the customer's.
pub(super) fn sender(
    message: &Message,
    role: Option<Role>,
    customer: Option<&Customer>,
    page: &Page<'_>,
    labels: &Labels,
) -> String {
    let customer = customer
        .filter(|_| role == Some(Role::Customer))
        .and_then(Customer::display_name);
    if let Some(name) = customer {
        return name;
    }
    match message.from {
        Some(from) => page
            .name(from)
            .map_or_else(|| format!("{} {from}", labels.unknown), str::to_owned),
        None => labels.unknown.to_owned(),
    }
}

fn excerpt(message: &Message, labels: &Labels) -> String {
    if message.text.is_empty() {
        return match &message.media {
            Some(media) => cut(&media::short(media, labels)),
            None if message.service.is_some() => labels.service.to_owned(),
            None => String::new(),
        };
    }
    cut(&message.text)
}

/// The first characters, on one line.
pub(super) fn cut(text: &str) -> String {
    let mut short = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            short.truncate(short.trim_end().len());
            short.push('…');
            return short;
        }
        short.push(if character.is_whitespace() {
            ' '
        } else {
            character
        });
    }
    short.truncate(short.trim_end().len());
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_are_one_short_line() {
        assert_eq!(cut("a\nb  \n"), "a b");
        let long = cut(&"ж".repeat(200));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
