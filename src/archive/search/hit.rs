//! What a search finds.

use std::borrow::Cow;

use serde::Serialize;

use super::matches::Matches;
use crate::model::{GroupId, Media, MessageId, PersonId, Snapshot, TopicId, message_link};

/// Characters of text shown around the first match.
const SHOWN: usize = 120;
/// Of them before the match, at most.
const BEFORE: usize = 40;

/// A message that a search found. Field names are those of the JSON Lines format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Where: the group.
    pub group: GroupId,
    /// The message.
    pub id: MessageId,
    /// The topic.
    pub topic: TopicId,
    /// The topic's title, where known.
    pub topic_title: Option<String>,
    /// When it was sent, Unix seconds.
    pub date: i64,
    /// Who wrote it.
    pub from_id: Option<PersonId>,
    /// The author's name, where known.
    pub from: Option<String>,
    /// What kind of message: `text`, `photo`, `document`, …
    pub kind: &'static str,
    /// Its current text.
    pub text: String,
    /// The message was deleted in Telegram.
    pub deleted: bool,
    /// Opens the message in Telegram.
    pub link: String,
    /// How well it matches; the higher the better, only comparable within a query.
    #[serde(skip)]
    pub score: u32,
    /// About 120 characters of text and file name around the first match, on one line and without
    /// control characters.
    #[serde(skip)]
    pub snippet: String,
    /// The matches within the snippet: begin and end, counted in characters, ascending and apart.
    #[serde(skip)]
    pub matches: Vec<(usize, usize)>,
}

impl Hit {
    /// From a message and where the words stand in what is [`searched`] of it.
    pub(super) fn new(group: GroupId, snapshot: Snapshot, found: &Matches) -> Self {
        let message = snapshot.message;
        let text = searched(&message.text, message.media.as_ref());
        let (snippet, matches) = snippet(&text, &found.places);
        Self {
            group,
            id: message.id,
            topic: message.topic,
            topic_title: None,
            date: message.date,
            from_id: message.from,
            from: None,
            kind: message.kind(),
            link: message_link(group, message.topic, message.id),
            text: message.text,
            deleted: snapshot.deleted_at.is_some(),
            score: found.score,
            snippet,
            matches,
        }
    }
}

/// What of a message is searched: its text, and below it the name of its file.
pub(in crate::archive) fn searched<'a>(text: &'a str, media: Option<&'a Media>) -> Cow<'a, str> {
    match media.and_then(|media| media.file_name.as_deref()) {
        None | Some("") => Cow::Borrowed(text),
        Some(name) if text.is_empty() => Cow::Borrowed(name),
        Some(name) => Cow::Owned(format!("{text}\n{name}")),
    }
}

fn snippet(text: &str, found: &[(usize, usize)]) -> (String, Vec<(usize, usize)>) {
    let letters: Vec<char> = text.chars().collect();
    let first = found.first().map_or(0, |(begin, _)| *begin);
    let mut begin = first.saturating_sub(BEFORE);
    if letters.len() <= SHOWN {
        begin = 0;
    } else if begin > 0 {
        // Begin with a whole word where one begins soon.
        let before = letters.get(begin..first).unwrap_or_default();
        begin += before
            .iter()
            .position(|letter| letter.is_whitespace())
            .map_or(0, |space| space + 1);
    }
    let end = (begin + SHOWN).min(letters.len());
    let mut snippet = String::new();
    let shift = if begin > 0 {
        snippet.push('…');
        1
    } else {
        0
    };
    let shown = letters.get(begin..end).unwrap_or_default();
    // One for one, so that the places of matches stay right.
    snippet.extend(
        shown
            .iter()
            .map(|letter| if letter.is_control() { ' ' } else { *letter }),
    );
    if end < letters.len() {
        snippet.push('…');
    }
    let matches = found
        .iter()
        .filter(|(from, _)| (begin..end).contains(from))
        .map(|(from, to)| (from - begin + shift, to.min(&end) - begin + shift))
        .collect();
    (snippet, matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_shown_whole() {
        let (text, matches) = snippet("line one\nline two", &[(9, 13)]);
        assert_eq!(text, "line one line two");
        assert_eq!(matches, [(9, 13)]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_match() {
        let long = format!("{}счёт {}", "слово ".repeat(50), "ещё ".repeat(50));
        let (text, matches) = snippet(&long, &[(300, 304), (304, 305)]);
        let letters: Vec<char> = text.chars().collect();
        assert_eq!(letters.len(), 122);
        assert!(text.starts_with("…слово") && text.ends_with('…'));
        let (from, to) = matches.first().copied().unwrap_or_default();
        let shown: String = letters.get(from..to).unwrap_or_default().iter().collect();
        assert_eq!(shown, "счёт");
    }
}
