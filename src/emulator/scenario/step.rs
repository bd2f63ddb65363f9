//! What happened, told.

use serde::Serialize;

use super::cast::Cast;
use crate::emulator::world::{State, User};

/// What someone did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// A customer wrote.
    CustomerWrites,
    /// A customer sent a picture, a voice message or a document.
    CustomerSendsFile,
    /// An operator answered the customer.
    OperatorAnswers,
    /// An operator sent the customer a document.
    OperatorSendsFile,
    /// An operator wrote a note.
    OperatorNotes,
    /// An operator typed a command.
    OperatorCommands,
    /// A bot of somebody else's wrote.
    OtherBotWrites,
    /// Someone edited a message.
    Edits,
    /// Someone deleted a message.
    Deletes,
    /// A topic was opened.
    OpensTopic,
    /// A topic was renamed.
    RenamesTopic,
    /// A topic was closed.
    ClosesTopic,
    /// A topic was opened again.
    ReopensTopic,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Name of who did it: the customer's own, although the CRM posts for them.
    pub who: String,
    /// Topic.
    pub topic: i32,
    /// Title of the topic.
    pub title: String,
    /// What.
    pub what: Deed,
    /// The message that came into being, changed or went.
    pub message_id: i32,
    /// Text, caption or title; the former text of what was deleted.
    pub text: String,
}

/// A step by `speaker`.
pub(super) fn step(
    state: &State,
    cast: &Cast,
    topic: i32,
    speaker: i64,
    what: Deed,
    message_id: i32,
    text: String,
) -> Step {
    let title = state
        .group(cast.group)
        .and_then(|group| group.topics.get(&topic))
        .map(|topic| topic.title.clone());
    Step {
        who: state.user(speaker).map(User::name).unwrap_or_default(),
        topic,
        title: title.unwrap_or_default(),
        what,
        message_id,
        text,
    }
}
