//! What the bot posts: notes, which never reach the customer.

use crate::archive::Outgoing;
use crate::config::RoleRules;
use crate::connectors::Markup;
use crate::model::{Entity, EntityKind};

/// Longest text of a message, in UTF-16 code units.
const TEXT_LIMIT: usize = 4096;
/// Longest caption of a document, in UTF-16 code units.
const CAPTION_LIMIT: usize = 1024;
/// How a note begins unless the group's rules say otherwise.
const DEFAULT_PREFIX: &str = "/ ";

/// How a note begins in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotePrefix(String);

impl Default for NotePrefix {
    fn default() -> Self {
        Self(DEFAULT_PREFIX.to_owned())
    }
}

impl NotePrefix {
    /// The prefix that the group's rules name; a blank one is no protection and becomes `/ `.
    #[must_use]
    pub fn of(rules: &RoleRules) -> Self {
        let prefix = rules.note_prefix.trim_start();
        if prefix.is_empty() {
            Self::default()
        } else {
            Self(prefix.to_owned())
        }
    }

    /// The prefix itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words that reach the customer, and what else is no note. They lie in the outbox before they are
/// posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ForCustomer(String);

impl ForCustomer {
    /// Makes words of a text; `None`: nothing is left of it.
    pub(super) fn new(prefix: &NotePrefix, text: &str) -> Option<Self> {
        let prefix = prefix.0.trim_end();
        let mut text = text.trim();
        // What begins like a note or a command would be one, and not arrive.
        while let Some(rest) = text.strip_prefix('/').or_else(|| text.strip_prefix(prefix)) {
            text = rest.trim_start();
        }
        text.chars()
            .any(is_visible)
            .then(|| Self(cut(text, TEXT_LIMIT)))
    }

    /// What lies in the outbox.
    pub(super) fn of(outgoing: &Outgoing) -> Self {
        Self(outgoing.text.clone())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// A text that begins with the group's note prefix. There is no other way to make one, and besides
/// `ForCustomer` no other type that the bot can post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    /// What of it is formatted.
    entities: Vec<Entity>,
}

impl Note {
    /// Makes a note of a text.
    #[must_use]
    pub fn new(prefix: &NotePrefix, text: &str) -> Self {
        let text = text.trim();
        // Telegram trims messages: of a prefix alone, `/` would be left, which is no note.
        let text = if text.chars().any(is_visible) {
            text
        } else {
            "…"
        };
        Self {
            text: format!("{}{text}", prefix.0),
            entities: Vec::new(),
        }
    }

    /// Makes a note of a text with formatting.
    #[must_use]
    pub fn marked(prefix: &NotePrefix, markup: &Markup) -> Self {
        if !markup.text.chars().any(is_visible) {
            return Self::new(prefix, "");
        }
        let shift = units(&prefix.0);
        let shifted = markup.entities.iter().cloned().map(|mut entity| {
            entity.offset += shift;
            entity
        });
        Self {
            text: format!("{}{}", prefix.0, markup.text),
            entities: shifted.collect(),
        }
    }

    /// The same note with a line before it.
    pub(super) fn below(self, prefix: &NotePrefix, head: &str) -> Self {
        let text = self.text.strip_prefix(&prefix.0).unwrap_or(&self.text);
        let head = format!("{}{}\n", prefix.0, head.trim());
        let shift = units(&head).saturating_sub(units(&prefix.0));
        let shifted = self.entities.into_iter().map(|mut entity| {
            entity.offset += shift;
            entity
        });
        Self {
            text: format!("{head}{text}"),
            entities: shifted.collect(),
        }
    }

    /// Makes a note of pieces of text; some of them are bold.
    #[must_use]
    pub fn of_pieces<'t>(
        prefix: &NotePrefix,
        pieces: impl IntoIterator<Item = (&'t str, bool)>,
    ) -> Self {
        let mut note = Self {
            text: prefix.0.clone(),
            entities: Vec::new(),
        };
        let mut at = units(&note.text);
        for (piece, is_bold) in pieces {
            // Telegram trims messages, which must not shift what is bold.
            let begins = note.text.len() == prefix.0.len();
            let piece = if begins { piece.trim_start() } else { piece };
            if is_bold && !piece.is_empty() {
                note.entities.push(Entity {
                    offset: at,
                    length: units(piece),
                    kind: EntityKind::Bold,
                });
            }
            at += units(piece);
            note.text.push_str(piece);
        }
        if note
            .text
            .chars()
            .skip(prefix.0.chars().count())
            .any(is_visible)
        {
            note
        } else {
            Self::new(prefix, "")
        }
    }

    /// As the text of a message, cut to what Telegram takes.
    #[must_use]
    pub fn text(&self) -> String {
        cut(&self.text, TEXT_LIMIT)
    }

    /// What of the text is formatted, as far as it is left.
    #[must_use]
    pub fn entities(&self) -> Vec<Entity> {
        let end = units(&self.text());
        let within = self.entities.iter().filter(|entity| entity.offset < end);
        within
            .cloned()
            .map(|mut entity| {
                entity.length = entity.length.min(end - entity.offset);
                entity
            })
            .collect()
    }

    /// As the caption of a document, cut to what Telegram takes.
    #[must_use]
    pub fn caption(&self) -> String {
        cut(&self.text, CAPTION_LIMIT)
    }
}

fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The beginning of a text, up to the end of a line or of a word where one is near.
fn cut(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_owned();
    }
    let mut room = limit.saturating_sub(2);
    let mut short: String = text
        .chars()
        .take_while(|character| {
            let fits = character.len_utf16() <= room;
            room = room.saturating_sub(character.len_utf16());
            fits
        })
        .collect();
    let at_least = short.len() * 3 / 4;
    let line = short.rfind('\n').filter(|end| *end >= at_least);
    let word = short
        .rfind(char::is_whitespace)
        .filter(|end| *end >= at_least);
    match (line, word) {
        (Some(end), _) => {
            short.truncate(end);
            short.push_str("\n…");
        }
        (None, Some(end)) => {
            short.truncate(end);
            short.push_str(" …");
        }
        (None, None) => short.push('…'),
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_blank_text_is_still_a_note_after_telegram_trims_it() {
        for text in ["", "  \n", "\u{200b}\u{feff}"] {
            let note = Note::new(&NotePrefix::default(), text);
            assert_eq!(note.text().trim(), "/ …");
        }
    }

    #[test]
    fn no_words_become_a_note_or_a_command() {
        let prefix = NotePrefix("#note ".to_owned());
        for (written, sent) in [
            ("Hello / you", Some("Hello / you")),
            (" /link N005\n", Some("link N005")),
            ("/ /link N005", Some("link N005")),
            ("#note/ #noted", Some("d")),
            ("/ / ", None),
            ("\u{200b}", None),
        ] {
            let words = ForCustomer::new(&prefix, written);
            assert_eq!(words.as_ref().map(ForCustomer::text), sent);
        }
    }

    #[test]
    fn a_group_s_own_prefix_is_kept_and_a_blank_one_is_not() {
        let rules = |prefix: &str| RoleRules {
            note_prefix: prefix.to_owned(),
            ..RoleRules::default()
        };
        assert_eq!(
            Note::new(&NotePrefix::of(&rules("#note ")), "x").text(),
            "#note x"
        );
        for blank in ["", "  ", "\n"] {
            assert_eq!(NotePrefix::of(&rules(blank)).as_str(), "/ ");
        }
    }

    proptest! {
        #[test]
        fn everything_made_is_a_note_that_telegram_takes(text in ".{0,3000}") {
            let note = Note::new(&NotePrefix::default(), &text.repeat(3));
            for (posted, limit) in [(note.text(), TEXT_LIMIT), (note.caption(), CAPTION_LIMIT)] {
                prop_assert!(posted.trim().starts_with("/ "));
                prop_assert!(posted.encode_utf16().count() <= limit);
            }
        }
    }
}
