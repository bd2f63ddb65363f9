//! What is seen of somebody in a group, and why that may not be enough.

use std::fmt;

use serde::Serialize;

use super::judge;

/// What was seen of somebody in the topics that were looked at. Notes are no words here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Topics with words in them that were looked at.
    pub topics: u32,
    /// Those of them of which it is known who created them.
    pub known: u32,
    /// Topics that they created.
    pub created: u32,
    /// Topics in which their words are the first.
    pub first: u32,
    /// Topics in which they have words.
    pub spoke: u32,
    /// Topics in which theirs are the first, and somebody else's come after.
    pub answered: u32,
    /// Topics in which theirs are the first, and theirs come again after somebody else's.
    pub resumed: u32,
    /// Topics in which they have words after somebody else's.
    pub joined: u32,
    /// Topics in which theirs are the first, within moments of the topic's creation.
    pub prompt: u32,
    /// Messages.
    pub messages: u64,
    /// Those of them that are notes.
    pub notes: u64,
    /// Messages in General, among its latest.
    pub general: u32,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { topics, known, .. } = self;
        if self.first == 0 {
            return write!(f, "wrote in {} of {topics} topics", self.spoke);
        }
        if *known > 0 {
            write!(f, "created {} of {known} topics, ", self.created)?;
        }
        write!(f, "spoke first in {}", self.first)?;
        if known != topics {
            write!(f, " of {topics}")?;
        }
        write!(f, ", was answered in {}", self.answered)
    }
}

/// Why somebody who may play a part was not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Too few topics.
    FewTopics,
    /// In too many topics somebody else speaks first.
    NotFirst,
    /// Somebody else creates topics.
    NotCreator,
    /// Too seldom answered.
    Unanswered,
    /// Does not go on after an answer, as a customer would.
    OneSided,
    /// Writes notes.
    WritesNotes,
    /// Writes in General, as colleagues do.
    InGeneral,
    /// Those who answer are others in each topic, as customers would be.
    Crowd,
    /// Somebody else writes in as many topics, and may be the one.
    Rival,
    /// A bot that wrote in few topics, or not in answer to anybody.
    SeldomAnswers,
    /// It is not known who posts customers' messages, so this may be the one.
    MayBeRelay,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewTopics => write!(
                f,
                "too few topics to tell ({} of a bot's, {} of a person's)",
                judge::BOT_TOPICS,
                judge::USER_TOPICS
            ),
            Self::NotFirst => f.write_str("in too many topics somebody else speaks first"),
            Self::NotCreator => f.write_str("somebody else creates topics"),
            Self::Unanswered => f.write_str("is seldom answered"),
            Self::OneSided => f.write_str("does not go on after an answer, as customers do"),
            Self::WritesNotes => f.write_str("writes notes"),
            Self::InGeneral => f.write_str("writes in General, as colleagues do"),
            Self::Crowd => f.write_str("those who answer are others in each topic"),
            Self::Rival => f.write_str("somebody else writes in as many topics"),
            Self::SeldomAnswers => f.write_str("seldom answers"),
            Self::MayBeRelay => f.write_str("may be the one who posts customers' messages"),
        }
    }
}
