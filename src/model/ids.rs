//! The one place that makes and parses ids.
//!
//! Telegram writes the same supergroup in three ways: the bare channel id of MTProto
//! (`2101424779`), the Bot API's marked id (`-1002101424779`) and the path of a link
//! (`t.me/c/2101424779/…`). We keep the bare id and convert at the borders.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the Bot API subtracts from to mark a channel: `marked = -(10^12) - bare`.
const MARK: i64 = 1_000_000_000_000;

/// A supergroup, by its bare MTProto channel id (always positive).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(i64);

/// A forum topic: the id of the service message that created it; General is 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(pub i32);

/// A message within its group; ids of a supergroup are consecutive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i32);

/// Who wrote something, as the Bot API marks it: users and bots positive, basic groups negative,
/// channels and supergroups `-100…`. One number space, so an author needs no second column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

/// An id or link that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no group id: use -100…, the bare id, or a t.me/c/… link")]
pub struct IdError(pub String);

impl GroupId {
    /// A group for examples, which nobody has.
    pub const EXAMPLE: Self = Self(2_101_424_779);

    /// From the bare channel id of MTProto; `None` unless positive and small enough to be marked.
    #[must_use]
    pub const fn from_bare(bare: i64) -> Option<Self> {
        if bare > 0 && bare < MARK {
            Some(Self(bare))
        } else {
            None
        }
    }

    /// From the Bot API's `-100…` form.
    #[must_use]
    pub const fn from_marked(marked: i64) -> Option<Self> {
        match marked.checked_neg() {
            Some(positive) => Self::from_bare(positive - MARK),
            None => None,
        }
    }

    /// The bare channel id.
    #[must_use]
    pub const fn bare(self) -> i64 {
        self.0
    }

    /// The Bot API's `-100…` form.
    #[must_use]
    pub const fn marked(self) -> i64 {
        -MARK - self.0
    }
}

impl FromStr for GroupId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError(text.to_owned());
        let text = text.trim();
        let path = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .unwrap_or(text);
        if let Some(rest) = path.strip_prefix("t.me/c/") {
            let bare = rest.split(['/', '?']).next().unwrap_or_default();
            return bare
                .parse()
                .ok()
                .and_then(Self::from_bare)
                .ok_or_else(wrong);
        }
        let number: i64 = text.parse().map_err(|_| wrong())?;
        if number < 0 {
            Self::from_marked(number)
        } else {
            Self::from_bare(number)
        }
        .ok_or_else(wrong)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupId({})", self.0)
    }
}

impl TopicId {
    /// The topic that every forum has.
    pub const GENERAL: Self = Self(1);
}

macro_rules! plain_number {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}
plain_number!(TopicId, MessageId, PersonId);

/// `https://t.me/c/<group>/<topic>/<id>`: opens a message for members of the group.
#[must_use]
pub fn message_link(group: GroupId, topic: TopicId, id: MessageId) -> String {
    format!("https://t.me/c/{group}/{topic}/{id}")
}

/// `https://t.me/c/<group>/<topic>`: opens a topic for members of the group.
#[must_use]
pub fn topic_link(group: GroupId, topic: TopicId) -> String {
    format!("https://t.me/c/{group}/{topic}")
}

/// TDLib shifts server message ids left by 20 bits; the CRM hands out ids in that form.
/// `None` when the low bits show a local, never sent message or the id does not fit.
#[must_use]
pub fn from_tdlib(id: i64) -> Option<MessageId> {
    (id > 0 && id & 0xF_FFFF == 0)
        .then(|| i32::try_from(id >> 20).ok())
        .flatten()
        .map(MessageId)
}

/// The TDLib form of a server message id.
#[must_use]
pub fn to_tdlib(id: MessageId) -> i64 {
    i64::from(id.0) << 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_group_are_one_group() {
        let group = GroupId::from_bare(2_101_424_779);
        for text in [
            "2101424779",
            "-1002101424779",
            "https://t.me/c/2101424779/5343",
            "t.me/c/2101424779/5343/5360?thread=1",
        ] {
            assert_eq!(text.parse::<GroupId>().ok(), group, "{text}");
        }
        assert_eq!(group.map(GroupId::marked), Some(-1_002_101_424_779));
    }

    #[test]
    fn what_is_no_group_is_refused() {
        for text in [
            "",
            "0",
            "-5",
            "-1000000000000",
            "support",
            "t.me/c/x/1",
            "-9223372036854775808",
        ] {
            assert!(text.parse::<GroupId>().is_err(), "{text}");
        }
    }

    #[test]
    fn tdlib_ids_are_shifted_by_twenty_bits() {
        assert_eq!(from_tdlib(5_602_541_568), Some(MessageId(5343)));
        assert_eq!(to_tdlib(MessageId(5343)), 5_602_541_568);
        assert_eq!(from_tdlib(5_602_541_569), None);
    }
}
