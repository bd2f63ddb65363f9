//! A conversation that is ready to be written.

use super::session::Turn;
use crate::model::GroupId;

/// A conversation: the customer begins, sides alternate, the desk has the last word.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// The same each time under the same key.
    pub(super) id: String,
    pub(super) group: GroupId,
    /// Pseudonym of the customer.
    pub(super) customer: String,
    /// ISO 639-1, where it could be told.
    pub(super) language: Option<String>,
    /// When the customer began, Unix seconds.
    pub(super) started: i64,
    pub(super) system: Option<String>,
    pub(super) turns: Vec<Turn>,
    /// Of everything that is said, the system prompt included.
    pub(super) tokens: u32,
}

impl Sample {
    /// Roles and what they say, as OpenAI names them.
    pub(super) fn messages(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let system = self.system.as_deref().map(|text| ("system", text));
        let turns = self.turns.iter().map(|turn| {
            let role = if turn.desk { "assistant" } else { "user" };
            (role, turn.text.as_str())
        });
        system.into_iter().chain(turns)
    }
}
