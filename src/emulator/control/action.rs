//! What someone in the world can be made to do, as a request says it.

use std::fmt;

use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::media::Media;
use crate::emulator::world::{Button, Entity, Quote, Standing};

/// Somebody: a user id, or a username with or without `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// By id.
    Id(i64),
    /// By username.
    Name(String),
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl Visitor<'_> for Reads {
            type Value = Who;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a user id or a username")
            }
            fn visit_i64<E: de::Error>(self, id: i64) -> Result<Who, E> {
                Ok(Who::Id(id))
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Who, E> {
                Ok(Who::Id(i64::try_from(id).unwrap_or(i64::MAX)))
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Who, E> {
                Ok(Who::Name(name.trim_start_matches('@').to_owned()))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

/// One or several of something.
#[derive(Clone, Debug)]
pub(super) enum OneOrMany<T> {
    /// One.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    /// Not `untagged`, which would say of a mistake inside only that there is one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = match Value::deserialize(deserializer)? {
            Value::Array(list) => {
                let many: Result<Vec<T>, _> =
                    list.into_iter().map(serde_json::from_value).collect();
                many.map(Self::Many)
            }
            one => serde_json::from_value(one).map(Self::One),
        };
        read.map_err(de::Error::custom)
    }
}

/// Tells `null` (`Some(None)`) from nothing (`None`, by `default`).
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Rows of buttons.
pub(super) type Rows = Vec<Vec<NewButton>>;

impl<T> OneOrMany<T> {
    /// All of them.
    pub(super) fn list(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// A button below a message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewButton {
    text: String,
    url: Option<String>,
    data: Option<String>,
}

impl From<NewButton> for Button {
    fn from(new: NewButton) -> Self {
        Self {
            text: new.text,
            url: new.url,
            data: new.data,
            copy: None,
        }
    }
}

/// Formatting, with the names of the ground truth.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEntity {
    #[serde(rename = "type")]
    kind: String,
    offset: i32,
    length: i32,
    href: Option<String>,
    language: Option<String>,
    user_id: Option<i64>,
}

impl From<NewEntity> for Entity {
    fn from(new: NewEntity) -> Self {
        Self {
            kind: new.kind,
            offset: new.offset,
            length: new.length,
            href: new.href,
            language: new.language,
            user_id: new.user_id,
            collapsed: false,
        }
    }
}

/// Part of the message replied to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewQuote {
    text: String,
    #[serde(default)]
    offset: i32,
}

impl From<NewQuote> for Quote {
    fn from(new: NewQuote) -> Self {
        Self {
            text: new.text,
            entities: Vec::new(),
            offset: new.offset,
        }
    }
}

/// Where somebody is to stand.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NewStanding {
    Member,
    Left,
    Administrator,
    Restricted,
    Banned,
}

impl From<NewStanding> for Standing {
    fn from(new: NewStanding) -> Self {
        match new {
            NewStanding::Member => Self::Member,
            NewStanding::Left => Self::Left,
            NewStanding::Administrator => Self::Administrator,
            NewStanding::Restricted => Self::Restricted,
            NewStanding::Banned => Self::Banned,
        }
    }
}

/// What to do, and who does it. `group` is the first group unless given.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Action {
    /// A member posts.
    Post {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        topic: Option<i32>,
        #[serde(default)]
        text: String,
        #[serde(default)]
        entities: Vec<NewEntity>,
        reply_to: Option<i32>,
        quote: Option<NewQuote>,
        media: Option<Media>,
        album: Option<i64>,
        #[serde(default)]
        silent: bool,
        #[serde(default)]
        buttons: Rows,
    },
    /// A member changes what they wrote; what is not given stays.
    Edit {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: i32,
        #[serde(default, deserialize_with = "present")]
        text: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")]
        entities: Option<Option<Vec<NewEntity>>>,
        media: Option<Media>,
        #[serde(default, deserialize_with = "present")]
        buttons: Option<Option<Rows>>,
    },
    /// A member deletes messages.
    Delete {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: Option<i32>,
        #[serde(default)]
        messages: Vec<i32>,
    },
    /// A member reacts, or takes it back.
    React {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: i32,
        reaction: Option<OneOrMany<String>>,
    },
    /// A topic begins, changes or goes.
    Topic {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        topic: Option<i32>,
        title: Option<String>,
        customer: Option<i64>,
        closed: Option<bool>,
        hidden: Option<bool>,
        pinned: Option<bool>,
        #[serde(default)]
        deleted: bool,
    },
    /// A member presses a button.
    Press {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: i32,
        data: String,
    },
    /// A member votes, or takes the vote back.
    Vote {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: i32,
        options: Vec<usize>,
    },
    /// An administrator pins a message.
    Pin {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: i32,
        #[serde(default)]
        silent: bool,
    },
    /// An administrator unpins a message; without `message` everything, or all in `topic`.
    Unpin {
        #[serde(rename = "as")]
        who: Who,
        group: Option<i64>,
        message: Option<i32>,
        topic: Option<i32>,
    },
    /// A member forwards a message.
    Forward {
        #[serde(rename = "as")]
        who: Who,
        from: Option<i64>,
        message: i32,
        group: Option<i64>,
        #[serde(default)]
        topic: i32,
    },
    /// Somebody joins, leaves, or is moved by the owner (unless `as` says who does it).
    Member {
        #[serde(rename = "as")]
        who: Option<Who>,
        group: Option<i64>,
        user: Who,
        standing: NewStanding,
    },
    /// A customer writes to the desk, and the CRM posts it; the first customer unless named.
    Customer {
        #[serde(rename = "as")]
        who: Option<Who>,
        #[serde(default)]
        text: String,
        #[serde(default)]
        entities: Vec<NewEntity>,
        media: Option<Media>,
        album: Option<i64>,
        reply_to: Option<i32>,
    },
    /// Somebody scans a QR code: the client that shows it logs in as them.
    Scan {
        #[serde(rename = "as")]
        who: Who,
        token: String,
    },
}

impl Action {
    /// Takes out what it carries, to be made before the world is asked.
    pub(super) fn take_media(&mut self) -> Option<Media> {
        match self {
            Self::Post { media, .. } | Self::Edit { media, .. } | Self::Customer { media, .. } => {
                media.take()
            }
            _ => None,
        }
    }

    /// Bytes that have to be made up for it.
    pub(super) fn made_up(&self) -> usize {
        match self {
            Self::Post { media, .. } | Self::Edit { media, .. } | Self::Customer { media, .. } => {
                media.as_ref().map_or(0, Media::made_up)
            }
            _ => 0,
        }
    }
}
