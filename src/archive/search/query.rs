//! What to search for: the language of queries.
//!
//! ```text
//! refund "left our depot" -test from:anna role:operator topic:5343 has:photo after:2026-11-01
//! ```
//! Words must all occur, as the beginning of a word or as another form of it; words of one or two
//! letters, whole. A phrase stays together. `-` leaves out. A filter's value may be quoted; several
//! of one kind are alternatives.

use jiff::civil;
use jiff::tz::TimeZone;

use super::fold::{Folded, SEPARATOR};
use super::stem::{Stemmers, Stems};
use crate::model::{Media, MediaKind, Snapshot};

/// A query, taken apart.
#[derive(Debug, Default)]
pub struct Query {
    pub(super) terms: Vec<Term>,
    pub(super) without: Vec<Term>,
    pub(super) filters: Filters,
}

/// What else must hold; nothing given: anything.
#[derive(Debug, Default)]
pub(super) struct Filters {
    /// Names, usernames or ids of authors.
    pub(super) from: Vec<String>,
    /// Roles, as transcripts name them.
    pub(super) role: Vec<String>,
    /// Ids or titles of topics.
    pub(super) topic: Vec<String>,
    pub(super) has: Vec<Has>,
    /// Sent at or after, Unix seconds.
    pub(super) after: Option<i64>,
    /// Sent before.
    pub(super) before: Option<i64>,
}

/// Why a query cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Neither words nor filters.
    #[error("the query has no letters or digits to search for")]
    Empty,
    /// A filter without a value.
    #[error("`{0}:` needs a value right behind it, such as {0}:{1}")]
    NoValue(&'static str, &'static str),
    /// Something that messages cannot have.
    #[error("`has:{0}` is unknown: use {known}", known = listed(&Query::KINDS))]
    UnknownHas(String),
    /// No role.
    #[error("`role:{0}` is unknown: use {known}", known = listed(&Query::ROLES))]
    UnknownRole(String),
    /// No date.
    #[error("`{0}:{1}` is no date: use 2026-11-23 or 2026-11-23T14:30")]
    Date(&'static str, String),
}

/// `one, two or three`.
fn listed(names: &[&str]) -> String {
    match names {
        [names @ .., last] if !names.is_empty() => format!("{} or {last}", names.join(", ")),
        names => names.concat(),
    }
}

impl Query {
    /// What `role:` knows.
    pub const ROLES: [&str; 6] = [
        "customer",
        "operator",
        "assistant",
        "note",
        "command",
        "service",
    ];

    /// What `has:` knows.
    pub const KINDS: [&str; 18] = [
        "photo",
        "video",
        "voice",
        "audio",
        "document",
        "sticker",
        "animation",
        "video_note",
        "poll",
        "contact",
        "location",
        "file",
        "media",
        "link",
        "reply",
        "forward",
        "edit",
        "reaction",
    ];

    /// Whether roles have to be resolved.
    #[must_use]
    pub fn asks_for_roles(&self) -> bool {
        !self.filters.role.is_empty()
    }

    /// Reads a query; days without an offset are those of `zone`.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, QueryError> {
        let stemmers = Stemmers::default();
        let mut query = Self::default();
        for token in tokens(text) {
            match token.filter {
                Some(filter) => query.filters.add(filter, &token.text, zone)?,
                None => {
                    let Some(term) = Term::new(&token.text, &stemmers) else {
                        continue;
                    };
                    let terms = match token.without {
                        true => &mut query.without,
                        false => &mut query.terms,
                    };
                    if !terms.contains(&term) {
                        terms.push(term);
                    }
                }
            }
        }
        if query.terms.is_empty() && !query.filters.is_any() {
            return Err(QueryError::Empty);
        }
        Ok(query)
    }
}

/// A filter's name and an example of its value.
const FILTERS: [(&str, &str); 6] = [
    ("from", "anna"),
    ("role", "operator"),
    ("topic", "5343"),
    ("has", "photo"),
    ("after", "2026-11-23"),
    ("before", "2026-11-23"),
];

/// A part of a query as it was typed.
#[derive(Debug, PartialEq)]
struct Token {
    filter: Option<(&'static str, &'static str)>,
    without: bool,
    text: String,
}

/// Cuts a query at its spaces; what stands in double quotes stays together.
fn tokens(query: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let filter = FILTERS.into_iter().find(|(name, _)| {
            rest.strip_prefix(name)
                .is_some_and(|it| it.starts_with(':'))
        });
        if let Some((name, _)) = filter {
            rest = rest.get(name.len() + 1..).unwrap_or_default();
        }
        let without = filter.is_none()
            && rest.strip_prefix('-').is_some_and(|it| {
                it.starts_with(|first: char| first == '"' || first.is_alphanumeric())
            });
        if without {
            rest = rest.get(1..).unwrap_or_default();
        }
        let (text, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                // A quote within begins a phrase of its own.
                let end = rest.find(|letter: char| letter.is_whitespace() || letter == '"');
                rest.split_at(end.unwrap_or(rest.len()))
            }
        };
        if filter.is_some() || !text.is_empty() {
            tokens.push(Token {
                filter,
                without,
                text: text.to_owned(),
            });
        }
        rest = after.trim_start();
    }
    tokens
}

impl Filters {
    fn is_any(&self) -> bool {
        let Self {
            from,
            role,
            topic,
            has,
            after,
            before,
        } = self;
        let lists = !from.is_empty() || !role.is_empty() || !topic.is_empty() || !has.is_empty();
        lists || after.is_some() || before.is_some()
    }

    fn add(
        &mut self,
        (name, example): (&'static str, &'static str),
        value: &str,
        zone: &TimeZone,
    ) -> Result<(), QueryError> {
        let value = value.trim();
        if value.is_empty() {
            return Err(QueryError::NoValue(name, example));
        }
        let lower = value.to_lowercase();
        let date = || date(value, zone).ok_or_else(|| QueryError::Date(name, value.to_owned()));
        match name {
            "from" => self.from.push(value.to_owned()),
            "topic" => self.topic.push(value.to_owned()),
            "role" if Query::ROLES.contains(&lower.as_str()) => self.role.push(lower),
            "role" => return Err(QueryError::UnknownRole(value.to_owned())),
            "has" => self
                .has
                .push(Has::named(&lower).ok_or(QueryError::UnknownHas(lower))?),
            "after" => self.after = self.after.max(Some(date()?)),
            _ => {
                let before = date()?;
                self.before = Some(self.before.map_or(before, |known| known.min(before)));
            }
        }
        Ok(())
    }

    /// Whether a message has what is asked for and was sent when it is asked for.
    pub(super) fn take(&self, snapshot: &Snapshot) -> bool {
        let date = snapshot.message.date;
        self.after.is_none_or(|after| date >= after)
            && self.before.is_none_or(|before| date < before)
            && self.has.iter().all(|has| has.is_true_of(snapshot))
    }
}

/// The beginning of a day or a moment.
fn date(text: &str, zone: &TimeZone) -> Option<i64> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_second());
    }
    let civil = text
        .parse::<civil::DateTime>()
        .or_else(|_| text.parse::<civil::Date>().map(|date| date.at(0, 0, 0, 0)));
    let zoned = civil.ok()?.to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_second())
}

/// What a message may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    Kind(MediaKind),
    /// Anything that has a file.
    File,
    /// Any media at all, link previews aside.
    Media,
    Link,
    Reply,
    Forward,
    Edit,
    Reaction,
}

impl Has {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "file" => Self::File,
            "media" => Self::Media,
            "link" => Self::Link,
            "reply" => Self::Reply,
            "forward" => Self::Forward,
            "edit" => Self::Edit,
            "reaction" => Self::Reaction,
            "poll" => Self::Kind(MediaKind::Poll),
            "contact" => Self::Kind(MediaKind::Contact),
            "location" => Self::Kind(MediaKind::Location),
            kind => Self::Kind(MediaKind::by_file_name(kind)?),
        })
    }

    fn is_true_of(self, snapshot: &Snapshot) -> bool {
        use crate::model::EntityKind::{Link, TextLink};
        let message = &snapshot.message;
        let kind = message.media.as_ref().map(|media: &Media| media.kind);
        match self {
            Self::Kind(wanted) => kind == Some(wanted),
            Self::File => kind.is_some_and(|kind| kind.file_name().is_some()),
            Self::Media => kind.is_some_and(|kind| kind != MediaKind::WebPage),
            Self::Link => {
                let is_link = |kind| matches!(kind, &Link | &TextLink { .. });
                kind == Some(MediaKind::WebPage)
                    || message.entities.iter().any(|entity| is_link(&entity.kind))
            }
            Self::Reply => message.reply_to.is_some(),
            Self::Forward => message.forward.is_some(),
            Self::Edit => !snapshot.versions.is_empty() || message.edit_date.is_some(),
            Self::Reaction => {
                let reactions = snapshot.marks.reactions.as_ref();
                reactions.is_some_and(|it| !it.counts.is_empty())
            }
        }
    }
}

/// A word or a phrase, folded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// With one [`SEPARATOR`] between words.
    pub(super) letters: Vec<char>,
    /// Of a single word.
    stems: Stems,
    /// How many letters every form of it begins with.
    pub(super) common: usize,
}

/// How well a word matches: the higher the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    Beginning,
    Form,
    Exact,
}

impl Term {
    fn new(text: &str, stemmers: &Stemmers) -> Option<Self> {
        let mut folded = Folded::default();
        folded.set(text);
        let letters = folded.letters;
        if letters.is_empty() {
            return None;
        }
        let word: String = letters.iter().collect();
        let stems = stemmers.stems(&word);
        // A short stem says too little; then the word stands for itself.
        let common = stems.common(&word);
        let common = if common < 3 { letters.len() } else { common };
        Some(Self {
            letters,
            stems,
            common,
        })
    }

    /// Whether it has to match whole.
    pub(super) fn is_short(&self) -> bool {
        // Latin, Greek or Cyrillic: two letters of other scripts may say much.
        self.letters.len() <= 2 && self.letters.iter().all(|letter| *letter < '\u{530}')
    }

    /// What all texts with it have in common.
    pub(super) fn indexed(&self) -> &[char] {
        self.letters.get(..self.common).unwrap_or_default()
    }

    /// The words of [`indexed`](Self::indexed).
    pub(super) fn words(&self) -> impl Iterator<Item = &[char]> {
        self.indexed().split(|letter| *letter == SEPARATOR)
    }

    /// Finds it in a text: calls `each` with the letters that match, from and to.
    pub(super) fn find(
        &self,
        text: &Folded,
        stemmers: &Stemmers,
        mut each: impl FnMut(usize, usize, Fit),
    ) {
        let begin = self.letters.get(..self.common).unwrap_or_default();
        for start in text.starts.iter().copied() {
            let rest = text.letters.get(start..).unwrap_or_default();
            if !rest.starts_with(begin) {
                continue;
            }
            if rest.starts_with(&self.letters) {
                let end = start + self.letters.len();
                match text.letters.get(end) {
                    None | Some(&SEPARATOR) => each(start, end, Fit::Exact),
                    Some(_) if self.is_short() => {}
                    Some(_) => {
                        let word = text.word(start);
                        let whole = self.meets(word, stemmers);
                        let (end, fit) = match whole {
                            true => (start + word.len(), Fit::Form),
                            false => (end, Fit::Beginning),
                        };
                        each(start, end, fit);
                    }
                }
            } else {
                let word = text.word(start);
                if self.meets(word, stemmers) {
                    each(start, start + word.len(), Fit::Form);
                }
            }
        }
    }

    fn meets(&self, word: &[char], stemmers: &Stemmers) -> bool {
        if self.stems == Stems::None {
            return false;
        }
        let word: String = word.iter().collect();
        self.stems.meet(&stemmers.stems(&word))
    }
}

#[cfg(test)]
#[path = "query/tests.rs"]
mod tests;
