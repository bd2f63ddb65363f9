//! A note posted to see it captured, and taken away again.

use std::time::Instant;

use teloxide::requests::Requester;
use teloxide::types::ChatId;

use super::connection::Connection;
use super::error::BotError;
use super::note::{Note, NotePrefix};
use super::queue::{Post, Refusal, Transport};
use crate::config::Config;
use crate::model::{GroupId, MessageId, TopicId};

/// What it says, for whoever sees it meanwhile.
const TEXT: &str =
    "topicvault canary: is the archive keeping up? This note is deleted in a moment.";

/// A note that was posted.
#[derive(Debug)]
pub struct Canary {
    connection: Connection,
    group: GroupId,
    id: MessageId,
    began: Instant,
    answered: Instant,
}

/// Posts a note in a topic.
///
/// # Errors
/// A [`BotError`] where the config cannot work, or the Bot API does not answer or refuses.
pub async fn canary(config: &Config, group: GroupId, topic: TopicId) -> Result<Canary, BotError> {
    let connection = Connection::new(&config.bot)?;
    let prefix = config
        .group(group)
        .map_or_else(NotePrefix::default, |group| NotePrefix::of(&group.roles));
    let post = Post::note(topic, Note::new(&prefix, TEXT));
    let began = Instant::now();
    match connection.send(group, &post).await {
        Ok(id) => Ok(Canary {
            connection,
            group,
            id,
            began,
            answered: Instant::now(),
        }),
        Err(Refusal::Wait(wait)) => Err(BotError::Refused {
            call: "sendMessage",
            cause: format!("it asks to wait {} s", wait.as_secs()),
        }),
        Err(Refusal::NotSent(cause) | Refusal::Unclear(cause)) => Err(BotError::Unreachable {
            call: "sendMessage",
            cause,
        }),
        Err(Refusal::Never(cause) | Refusal::Taken(cause)) => Err(BotError::Refused {
            call: "sendMessage",
            cause,
        }),
    }
}

impl Canary {
    /// The note's id.
    #[must_use]
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// When the bot began to send it.
    #[must_use]
    pub const fn began(&self) -> Instant {
        self.began
    }

    /// When the Bot API had answered.
    #[must_use]
    pub const fn answered(&self) -> Instant {
        self.answered
    }

    /// Takes the note away.
    ///
    /// # Errors
    /// A [`BotError`] where the Bot API does not answer or refuses.
    pub async fn delete(&self) -> Result<(), BotError> {
        let id = teloxide::types::MessageId(self.id.0);
        let chat = ChatId(self.group.marked());
        match self.connection.calls.delete_message(chat, id).await {
            Ok(_) => Ok(()),
            Err(error) => Err(BotError::Refused {
                call: "deleteMessage",
                cause: self.connection.describe(&error),
            }),
        }
    }
}
