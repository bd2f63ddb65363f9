//! What surrounds a message and changes without anybody editing it: reactions, pins, votes, views.

use serde::{Deserialize, Serialize};

use super::ids::PersonId;

/// One thing around a message, as it stood when it was observed. Another one of the same kind
/// replaces it; the archive keeps each change, of views only the latest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// All reactions.
    Reactions(Reactions),
    /// Whether it is pinned.
    Pinned {
        /// Pinned, or no longer.
        pinned: bool,
    },
    /// How a poll stands.
    Votes(Votes),
    /// How often it was seen and passed on.
    Views(Views),
}

impl Mark {
    /// Whether it goes without saying.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Reactions(it) => it.counts.is_empty() && it.people.is_empty(),
            Self::Pinned { pinned } => !pinned,
            Self::Votes(it) => it.voters == 0 && !it.closed,
            Self::Views(it) => *it == Views::default(),
        }
    }
}

/// The reactions to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reactions {
    /// How many of each, most first.
    #[serde(default)]
    pub counts: Vec<ReactionCount>,
    /// Who reacted, as far as Telegram tells; latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Reacted>,
}

impl Reactions {
    /// How many reactions are counted whose people are not named.
    #[must_use]
    pub fn unnamed(&self) -> u32 {
        let counted = self.counts.iter().map(|it| it.count);
        let counted = counted.fold(0_u32, u32::saturating_add);
        counted.saturating_sub(u32::try_from(self.people.len()).unwrap_or(u32::MAX))
    }

    /// Whether no reaction is named more often than it is counted.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let named = |reaction: &Reaction| {
            let people = self.people.iter();
            people.filter(|it| it.reaction == *reaction).count()
        };
        let counted = |reaction: &Reaction| {
            let mut counts = self.counts.iter();
            counts
                .find(|it| it.reaction == *reaction)
                .map(|it| it.count)
        };
        self.people.iter().all(|it| {
            counted(&it.reaction)
                .and_then(|count| usize::try_from(count).ok())
                .is_some_and(|count| named(&it.reaction) <= count)
        })
    }
}

/// How many people chose a reaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionCount {
    /// Which one.
    pub reaction: Reaction,
    /// How many.
    pub count: u32,
}

/// One person's reaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reacted {
    /// Whose.
    pub person: PersonId,
    /// Which one.
    pub reaction: Reaction,
    /// When, Unix seconds.
    pub date: i64,
}

/// What people react with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// An emoji.
    Emoji(String),
    /// A custom emoji: the document that draws it.
    Custom(i64),
    /// A paid star.
    Paid,
}

/// How a poll stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// Takes no more votes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// How many people voted.
    pub voters: u32,
    /// Votes for each answer, in the poll's order; empty where Telegram does not show them, as it
    /// does to those who have not voted until the poll is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<u32>,
    /// Who voted, as far as Telegram tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Voted>,
}

/// One person's vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voted {
    /// Whose.
    pub person: PersonId,
    /// The answer's place in the poll, from 0; `None` where Telegram shows who voted and not yet
    /// for what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<u32>,
}

/// How often a message was seen and passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<u32>,
    /// Forwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwards: Option<u32>,
}

/// How everything around a message stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Reactions; none where none was ever observed.
    pub reactions: Option<Reactions>,
    /// Pinned now.
    pub pinned: bool,
    /// How its poll stands.
    pub votes: Option<Votes>,
    /// Views and forwards.
    pub views: Option<Views>,
}

impl Marks {
    /// Those that say something, one by one.
    #[must_use]
    pub fn all(&self) -> Vec<Mark> {
        let pinned = self.pinned.then_some(Mark::Pinned { pinned: true });
        [
            self.reactions.clone().map(Mark::Reactions),
            pinned,
            self.votes.clone().map(Mark::Votes),
            self.views.map(Mark::Views),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Puts in the latest mark of a kind.
    pub fn set(&mut self, mark: Mark) {
        match mark {
            Mark::Reactions(reactions) => self.reactions = Some(reactions),
            Mark::Pinned { pinned } => self.pinned = pinned,
            Mark::Votes(votes) => self.votes = Some(votes),
            Mark::Views(views) => self.views = Some(views),
        }
    }
}
