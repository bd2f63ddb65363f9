//! What the control port says no with.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::emulator::hint;
use crate::emulator::world::Refusal;

/// Why a request was not done: a name for programs and words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emulator) struct Refused {
    /// Telegram's name for it where it has one.
    pub(super) error: String,
    /// What is wrong and what to do.
    pub(in crate::emulator) description: String,
}

impl Refused {
    pub(super) fn new(error: &str, description: impl Into<String>) -> Self {
        Self {
            error: error.to_owned(),
            description: description.into(),
        }
    }

    /// As it stands in an answer.
    pub(super) fn body(&self) -> Value {
        json!({ "error": self.error, "description": self.description })
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(self.body())).into_response()
    }
}

/// Reads a body that has to be JSON.
pub(super) fn json_of(body: &[u8]) -> Result<Value, Refused> {
    serde_json::from_slice(body)
        .map_err(|error| Refused::new("BAD_JSON", format!("the body is no JSON: {error}")))
}

/// Reads a value strictly: unknown keys are refused, with the nearest right one.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Refused> {
    if !value.is_object() {
        return Err(Refused::new(
            "BAD_REQUEST",
            "the body has to be a JSON object",
        ));
    }
    serde_json::from_value(value)
        .map_err(|error| Refused::new("BAD_REQUEST", hint::explained(&error.to_string())))
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let words = match refusal {
            Refusal::NoSuchGroup => {
                "whoever acts is no member of that group; `member` changes that, and \
                 GET /world/groups lists who is in which"
            }
            Refusal::NoSuchTopic => {
                "the group has no such topic (any more); GET /world/groups lists them"
            }
            Refusal::TopicClosed => {
                "the topic is closed and whoever acts is no administrator; reopen it with `topic` \
                 and \"closed\": false"
            }
            Refusal::NoSuchMessage => {
                "the group has no such message (any more), or it is one of Telegram's own; \
                 GET /world/messages lists them"
            }
            Refusal::NoSuchReply => "the message in `reply_to` does not exist (any more)",
            Refusal::NotTheAuthor => "only its author may do this to a message: name them in `as`",
            Refusal::Empty => "there is nothing to say: give `text` or `media`, or a `title`",
            Refusal::TooLong => {
                "at most 4,096 characters (1,024 below media), counted in UTF-16 units"
            }
            Refusal::NotModified => "that is how it is already",
            Refusal::NoForum => "the group has no topics",
            Refusal::AdministratorRequired => {
                "only administrators may do this: name one in `as`, or make one with `member`"
            }
            Refusal::MayNotWrite => "whoever acts may only read in that group",
            Refusal::OwnerStays => "the owner's standing cannot be changed",
            Refusal::NoSuchUser => "there is no such account; GET /world/users lists them",
            Refusal::NoSuchReaction => {
                "people cannot react with that; use one of Telegram's standard emoji such as 👍"
            }
            Refusal::TooManyReactions => "one reaction by one person to one message",
            Refusal::TooManyPins => "at most five topics can be pinned",
            Refusal::NoPoll => "that message is no poll",
            Refusal::PollClosed => "the poll takes no more votes",
            Refusal::NoSuchOption => {
                "the poll has no such answer (they count from 0), or takes only one"
            }
            Refusal::AlreadyVoted => {
                "they voted already; take the vote back first with \"options\": []"
            }
            Refusal::NoSuchButton => {
                "no button below that message has this `data`, or no bot would hear of it"
            }
            Refusal::WrongMedia => "messages of this kind cannot be changed so",
            Refusal::Protected => "the group's content is protected and cannot be forwarded",
            _ => "Telegram would refuse this, too",
        };
        Self::new(&refusal.to_string(), words)
    }
}
