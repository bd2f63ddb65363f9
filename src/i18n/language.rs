//! The languages, and saying a phrase in one of them.

use super::phrase::Phrase;
use super::{english, german, russian};

/// A language the product speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
    /// Russian.
    Russian,
}

impl Language {
    /// All of them; the first is what everyone gets whose own is not among them.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Russian];

    /// From a language tag such as `de`, `de-AT` or `ru`; anything unknown is English.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        match tag
            .split(['-', '_'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "de" => Self::German,
            "ru" => Self::Russian,
            _ => Self::English,
        }
    }

    /// The language's tag: `en`, `de` or `ru`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Russian => "ru",
        }
    }

    /// Says a phrase.
    #[must_use]
    pub fn say(self, phrase: &Phrase) -> String {
        match self {
            Self::English => english::say(phrase),
            Self::German => german::say(phrase),
            Self::Russian => russian::say(phrase),
        }
    }
}
