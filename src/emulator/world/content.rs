//! What a message can carry that is no file.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A point on the map, degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// −90 to 90.
    pub latitude: f64,
    /// −180 to 180.
    pub longitude: f64,
}

/// What a message carries instead of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A shared contact.
    Contact {
        /// As the sender wrote it.
        phone: String,
        /// First name.
        first_name: String,
        /// Last name, may be empty.
        #[serde(default)]
        last_name: String,
        /// Their account, where known.
        #[serde(default)]
        user_id: Option<i64>,
    },
    /// A fixed point.
    Location {
        /// Where.
        #[serde(flatten)]
        point: Point,
    },
    /// A place with a name.
    Venue {
        /// Where.
        #[serde(flatten)]
        point: Point,
        /// Name.
        title: String,
        /// Address.
        address: String,
    },
    /// A poll or a quiz.
    Poll(Poll),
    /// A dice, a dart or the like.
    Dice {
        /// Which one.
        emoji: String,
        /// How it fell, from 1 on.
        value: i32,
    },
}

impl Content {
    /// The name that the Bot API gives the kind, as in a message's field.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Contact { .. } => "contact",
            Self::Location { .. } => "location",
            Self::Venue { .. } => "venue",
            Self::Poll(_) => "poll",
            Self::Dice { .. } => "dice",
        }
    }
}

/// A poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// Its id; the world gives one to a poll that is posted with 0.
    #[serde(default)]
    pub id: i64,
    /// What is asked.
    pub question: String,
    /// What can be answered, two to ten.
    pub options: Vec<PollOption>,
    /// Whether nobody sees who voted for what.
    #[serde(default)]
    pub anonymous: bool,
    /// Whether more than one answer may be chosen.
    #[serde(default)]
    pub multiple: bool,
    /// The right answer of a quiz, counted from 0.
    #[serde(default)]
    pub correct: Option<usize>,
    /// Whether it takes no more votes.
    #[serde(default)]
    pub closed: bool,
}

/// An answer to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    /// Its text.
    pub text: String,
    /// Who chose it.
    #[serde(default)]
    pub voters: BTreeSet<i64>,
}

impl Poll {
    /// Everyone who voted.
    #[must_use]
    pub fn voters(&self) -> BTreeSet<i64> {
        let all = self.options.iter().flat_map(|option| &option.voters);
        all.copied().collect()
    }
}
