//! Where personal data stands in a text.
//!
//! Links are looked for first, then addresses and @names, then numbers, each in what is left: so
//! that no part of a link is taken for a telephone number. A text without a digit, an `@` or a
//! link is passed over at once.

mod address;
mod card;
mod context;
mod iban;
mod link;
mod mail;
mod phone;
mod random;

use std::ops::Range;

pub(super) use phone::digits;

/// What kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::transcript) enum Kind {
    Phone,
    Email,
    Card,
    Iban,
    Ip,
    Link,
    Username,
    Name,
}

impl Kind {
    /// As reports name it.
    pub(in crate::transcript) const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Ip => "ip",
            Self::Link => "link",
            Self::Username => "username",
            Self::Name => "name",
        }
    }
}

/// A place that is personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// A text, and what of it is taken already.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    /// Ascending and apart.
    found: Vec<Found>,
    /// Links that say nothing of anybody: nothing is looked for in them.
    closed: Vec<Range<usize>>,
}

impl Text<'_> {
    fn is_free(&self, range: &Range<usize>) -> bool {
        let apart = |other: &Range<usize>| other.end <= range.start || range.end <= other.start;
        self.found.iter().all(|found| apart(&found.range)) && self.closed.iter().all(apart)
    }

    fn take(&mut self, kind: Kind, range: Range<usize>) {
        if self.is_free(&range) {
            self.found.push(Found { range, kind });
        }
    }
}

/// Finds what has a form of its own, ascending. `known` are digits of telephone numbers that are
/// known to be somebody's.
pub(super) fn find(text: &str, known: &[String]) -> Vec<Found> {
    let signs = Signs::of(text);
    if !signs.any() {
        return Vec::new();
    }
    let mut text = Text {
        text,
        found: Vec::new(),
        closed: Vec::new(),
    };
    if signs.dot || signs.colon {
        link::find(&mut text);
    }
    if signs.at {
        mail::find(&mut text);
    }
    if signs.digit {
        iban::find(&mut text);
        card::find(&mut text);
    }
    if signs.digit && (signs.dot || signs.colon) {
        address::find(&mut text);
    }
    if signs.digit {
        phone::find(&mut text, known);
    }
    text.found.sort_by_key(|found| found.range.start);
    text.found
}

/// Which signs a text has.
#[derive(Default)]
struct Signs {
    digit: bool,
    at: bool,
    dot: bool,
    colon: bool,
}

impl Signs {
    fn of(text: &str) -> Self {
        let mut signs = Self::default();
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => signs.digit = true,
                b'@' => signs.at = true,
                b'/' => signs.dot = true,
                b'.' => signs.dot = true,
                b':' => signs.colon = true,
                _ => {}
            }
        }
        signs
    }

    const fn any(&self) -> bool {
        self.digit || self.at || self.dot || self.colon
    }
}

/// The character before a place.
fn before(text: &str, place: usize) -> Option<char> {
    text.get(..place)?.chars().next_back()
}

/// The character at a place.
fn after(text: &str, place: usize) -> Option<char> {
    text.get(place..)?.chars().next()
}
