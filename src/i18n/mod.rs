//! The catalogue of what the product says to people, in English, German and Russian.

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
}
