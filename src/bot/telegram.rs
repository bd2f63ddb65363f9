//! The one place that posts.

use teloxide::payloads::{EditMessageTextSetters, SendDocumentSetters, SendMessageSetters};
use teloxide::requests::Requester;
use teloxide::types::{
    ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions,
    MessageEntity, MessageEntityKind, ThreadId,
};
use teloxide::{ApiError, RequestError};

use super::connection::Connection;
use super::note::Note;
use super::queue::{Post, Refusal, Transport};
use crate::model::{EntityKind, GroupId, MessageId, TopicId};

impl Transport for Connection {
    async fn send(&self, group: GroupId, post: &Post) -> Result<MessageId, Refusal> {
        let chat = ChatId(group.marked());
        let outcome = match post {
            Post::Text {
                topic,
                note,
                buttons,
            } => {
                let mut request = self.calls.send_message(chat, note.text());
                // What it links to is not what the note is about.
                request = request.link_preview_options(NO_PREVIEW);
                let entities = entities(note);
                if !entities.is_empty() {
                    request = request.entities(entities);
                }
                if !buttons.is_empty() {
                    let row = buttons
                        .iter()
                        .map(|one| InlineKeyboardButton::callback(&one.text, &one.data));
                    request = request.reply_markup(InlineKeyboardMarkup::new([row]));
                }
                if let Some(thread) = thread(*topic) {
                    request = request.message_thread_id(thread);
                }
                request.await.map(|message| message.id)
            }
            Post::Answer { topic, words } => {
                let mut request = self.calls.send_message(chat, words.text());
                if let Some(thread) = thread(*topic) {
                    request = request.message_thread_id(thread);
                }
                request.await.map(|message| message.id)
            }
            Post::Document {
                topic,
                path,
                name,
                caption,
            } => {
                let file = InputFile::file(path.clone()).file_name(name.clone());
                let mut request = self
                    .uploads
                    .send_document(chat, file)
                    .caption(caption.caption());
                if let Some(thread) = thread(*topic) {
                    request = request.message_thread_id(thread);
                }
                request.await.map(|message| message.id)
            }
            Post::Edit { message, note } => {
                let id = teloxide::types::MessageId(message.0);
                let mut request = self.calls.edit_message_text(chat, id, note.text());
                request = request.link_preview_options(NO_PREVIEW);
                let entities = entities(note);
                if !entities.is_empty() {
                    request = request.entities(entities);
                }
                match request.await {
                    Err(RequestError::Api(ApiError::MessageNotModified)) => Ok(id),
                    outcome => outcome.map(|message| message.id),
                }
            }
        };
        outcome
            .map(|id| MessageId(id.0))
            .map_err(|error| self.refusal(&error))
    }
}

const NO_PREVIEW: LinkPreviewOptions = LinkPreviewOptions {
    is_disabled: true,
    url: None,
    prefer_small_media: false,
    prefer_large_media: false,
    show_above_text: false,
};

/// What of a note is formatted, as teloxide has it; what a bot cannot send is left out.
fn entities(note: &Note) -> Vec<MessageEntity> {
    let known = note.entities().into_iter().filter_map(|entity| {
        let kind = match entity.kind {
            EntityKind::Bold => MessageEntityKind::Bold,
            EntityKind::Italic => MessageEntityKind::Italic,
            EntityKind::Underline => MessageEntityKind::Underline,
            EntityKind::Strikethrough => MessageEntityKind::Strikethrough,
            EntityKind::Spoiler => MessageEntityKind::Spoiler,
            EntityKind::Code => MessageEntityKind::Code,
            EntityKind::Pre { .. } => MessageEntityKind::Pre { language: None },
            EntityKind::Blockquote => MessageEntityKind::Blockquote,
            EntityKind::TextLink { href } => MessageEntityKind::TextLink {
                url: href.parse().ok()?,
            },
            _ => return None,
        };
        let (at, length) = (entity.offset, entity.length);
        Some(MessageEntity::new(
            kind,
            usize::try_from(at).ok()?,
            usize::try_from(length).ok()?,
        ))
    });
    known.collect()
}

/// General has no thread: naming it (1) is answered with "message thread not found".
fn thread(topic: TopicId) -> Option<ThreadId> {
    (topic != TopicId::GENERAL).then_some(ThreadId(teloxide::types::MessageId(topic.0)))
}

impl Connection {
    fn refusal(&self, error: &RequestError) -> Refusal {
        let cause = self.describe(error);
        match error {
            RequestError::RetryAfter(seconds) => Refusal::Wait(seconds.duration()),
            RequestError::Network(error) if error.is_connect() => Refusal::NotSent(cause),
            RequestError::Network(_) => Refusal::Unclear(cause),
            // A success that we cannot read: trying again would post twice.
            RequestError::InvalidJson { raw, .. } if raw.contains("\"ok\":true") => {
                Refusal::Taken(cause)
            }
            // A proxy's page instead of an answer.
            RequestError::InvalidJson { .. } => Refusal::Unclear(cause),
            RequestError::Api(ApiError::Unknown(text)) if text.contains("Too Many Requests") => {
                Refusal::NotSent(cause)
            }
            RequestError::Api(ApiError::Unknown(text)) if is_server_error(text) => {
                Refusal::Unclear(cause)
            }
            _ => Refusal::Never(cause),
        }
    }
}

/// teloxide hands server errors on as texts that it does not know.
fn is_server_error(text: &str) -> bool {
    [
        "Internal Server Error",
        "Bad Gateway",
        "Gateway Timeout",
        "Service Unavailable",
    ]
    .iter()
    .any(|known| text.contains(known))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;
    use crate::config::{BotConfig, Secret};

    fn refusal(error: RequestError) -> Refusal {
        Connection::new(&BotConfig {
            token: Secret::new("1:x"),
            ..BotConfig::default()
        })
        .unwrap()
        .refusal(&error)
    }

    fn unknown(text: &str) -> RequestError {
        RequestError::Api(ApiError::Unknown(text.to_owned()))
    }

    fn unreadable(raw: &str) -> RequestError {
        RequestError::InvalidJson {
            source: Arc::new(serde_json::from_str::<u8>("x").unwrap_err()),
            raw: raw.into(),
        }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_cannot_is_not() {
        let again = |error| match refusal(error) {
            Refusal::NotSent(_) | Refusal::Unclear(_) | Refusal::Wait(_) => true,
            Refusal::Taken(_) | Refusal::Never(_) => false,
        };
        for (error, wanted) in [
            (unknown("Internal Server Error"), true),
            (unknown("Too Many Requests"), true),
            (unreadable("<html>502 Bad Gateway</html>"), true),
            (unreadable(r#"{"ok":true,"result":{}}"#), false),
            (unknown("Bad Request: message thread not found"), false),
            (unknown("Bad Request: TOPIC_CLOSED"), false),
            (RequestError::Api(ApiError::ChatNotFound), false),
            (RequestError::Api(ApiError::RequestEntityTooLarge), false),
        ] {
            let said = format!("{error}");
            assert_eq!(again(error), wanted, "{said}");
        }
        let seconds = teloxide::types::Seconds::from_seconds(7);
        assert_eq!(
            refusal(RequestError::RetryAfter(seconds)),
            Refusal::Wait(std::time::Duration::from_secs(7))
        );
    }

    #[test]
    fn general_has_no_thread() {
        assert_eq!(thread(TopicId::GENERAL), None);
        assert!(thread(TopicId(5343)).is_some());
    }
}
