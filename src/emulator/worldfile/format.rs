//! What a world file can say. `schema/world.toml` explains every key.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::emulator::control::Media;

/// Everything in a world file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldFile {
    /// Where the world's clock stands at first; the machine's time unless given.
    pub(super) clock: Option<Date>,
    pub(super) desk: Desk,
    pub(super) users: Vec<NewUser>,
    pub(super) bots: Vec<NewBot>,
    pub(super) groups: Vec<NewGroup>,
    /// Where it was read from, for errors that show only when the world is built.
    #[serde(skip)]
    pub(super) source: Source,
}

/// A file's name and text.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    pub(super) path: std::path::PathBuf,
    pub(super) text: std::sync::Arc<str>,
}

/// Which of the groups is the desk, and who does what there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Desk {
    pub(super) group: Option<Name>,
    pub(super) relay: Option<Name>,
    pub(super) userbot: Option<Name>,
    pub(super) assistant: Option<Name>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewUser {
    pub(super) id: Option<i64>,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) username: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) code: Option<String>,
    pub(super) password: Option<String>,
    pub(super) language: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBot {
    pub(super) id: Option<i64>,
    pub(super) username: String,
    pub(super) first_name: Option<String>,
    pub(super) token: Option<String>,
    #[serde(default = "yes")]
    pub(super) privacy_mode: bool,
    #[serde(default)]
    pub(super) bot_to_bot: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewGroup {
    pub(super) id: Option<i64>,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) forum: Option<bool>,
    pub(super) protected: bool,
    pub(super) created: Option<Date>,
    pub(super) owner: Option<Name>,
    pub(super) administrators: Vec<Name>,
    pub(super) members: Vec<Name>,
    pub(super) restricted: Vec<Name>,
    pub(super) banned: Vec<Name>,
    pub(super) messages: Vec<NewMessage>,
    pub(super) topics: Vec<NewTopic>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewTopic {
    pub(super) title: String,
    pub(super) by: Option<Name>,
    pub(super) customer: Option<Name>,
    pub(super) created: Option<Date>,
    pub(super) closed: bool,
    pub(super) pinned: bool,
    pub(super) messages: Vec<NewMessage>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    /// A name by which later messages can reply to it.
    pub(super) key: Option<String>,
    pub(super) from: Name,
    #[serde(default)]
    pub(super) text: String,
    pub(super) date: Option<Date>,
    pub(super) reply_to: Option<String>,
    pub(super) media: Option<Media>,
    pub(super) album: Option<i64>,
    #[serde(default)]
    pub(super) silent: bool,
    #[serde(default)]
    pub(super) pinned: bool,
    #[serde(default)]
    pub(super) deleted: bool,
    /// What its text was changed to, one after the other.
    #[serde(default)]
    pub(super) edits: Vec<String>,
    #[serde(default)]
    pub(super) reactions: Vec<NewReaction>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReaction {
    pub(super) by: Name,
    pub(super) emoji: String,
}

/// Somebody or a group: an id, a username, or a name or title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Id(i64),
    Text(String),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl Visitor<'_> for Reads {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id, a username or a name")
            }
            fn visit_i64<E: de::Error>(self, id: i64) -> Result<Name, E> {
                Ok(Name::Id(id))
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Name, E> {
                Ok(Name::Id(i64::try_from(id).unwrap_or(i64::MAX)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
                Ok(Name::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

/// A date: Unix seconds, or `2026-01-07T09:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date(pub(super) i64);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;

        fn parsed<E: de::Error>(text: &str) -> Result<Date, E> {
            let date = text.parse::<jiff::Timestamp>();
            // Telegram's dates end in 2038.
            date.ok()
                .and_then(|date| checked(date.as_second()))
                .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &Reads))
        }

        fn checked(seconds: i64) -> Option<Date> {
            (0..=i64::from(i32::MAX))
                .contains(&seconds)
                .then_some(Date(seconds))
        }

        impl<'de> Visitor<'de> for Reads {
            type Value = Date;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a date between 1970 and 2038 such as 2026-01-07T09:30:00Z, or Unix seconds",
                )
            }
            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Date, E> {
                checked(seconds)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Signed(seconds), &self))
            }
            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Date, E> {
                self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                parsed(text)
            }
            /// A date of TOML without quotes.
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Date, A::Error> {
                let date =
                    toml::value::Datetime::deserialize(de::value::MapAccessDeserializer::new(map))?;
                parsed(&date.to_string())
            }
        }
        deserializer.deserialize_any(Reads)
    }
}
