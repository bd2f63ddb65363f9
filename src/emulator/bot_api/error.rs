//! Refusals in Telegram's own words.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::emulator::faults::Failure;
use crate::emulator::world::Refusal;

/// What a method answers instead of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    code: u16,
    description: String,
    retry_after: Option<u32>,
}

/// A method's outcome.
pub(super) type Answer = Result<Value, ApiError>;

impl ApiError {
    fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            retry_after: None,
        }
    }

    /// 400 with Telegram's prefix.
    pub(super) fn bad_request(what: impl std::fmt::Display) -> Self {
        Self::new(400, format!("Bad Request: {what}"))
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    pub(super) fn not_a_member() -> Self {
        Self::new(403, "Forbidden: bot is not a member of the supergroup chat")
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(super) fn no_such_method() -> Self {
        Self::new(404, "Not Found: method not found")
    }

    /// 403: the bot was banned there.
    pub(super) fn kicked() -> Self {
        Self::new(403, "Forbidden: bot was kicked from the supergroup chat")
    }

    /// 403 with Telegram's prefix.
    pub(super) fn forbidden(what: &str) -> Self {
        Self::new(403, format!("Forbidden: {what}"))
    }

    /// 409: another poll began.
    pub(super) fn other_poll() -> Self {
        Self::new(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot \
             instance is running",
        )
    }

    /// 409: a webhook was set while a poll waited.
    pub(super) fn ended_by_webhook() -> Self {
        Self::new(409, "Conflict: terminated by setWebhook request")
    }

    /// 409: a poll beside a webhook.
    pub(super) fn webhook_active() -> Self {
        Self::new(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to \
             delete the webhook first",
        )
    }

    pub(super) fn too_many_parts() -> Self {
        Self::new(
            413,
            "Request Entity Too Large: too many parameters in form data",
        )
    }

    pub(super) fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large")
    }

    /// 408: a client stopped in the middle of a request.
    pub(super) fn too_slow() -> Self {
        Self::new(408, "Request Timeout")
    }

    /// 503: too many large requests at once.
    pub(super) fn busy() -> Self {
        Self::new(503, "Service Unavailable")
    }

    pub(super) fn too_many_requests(seconds: u32) -> Self {
        Self {
            code: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(seconds),
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        Self {
            code: u16::try_from(failure.code).unwrap_or(500),
            description: failure.message,
            retry_after: failure.retry_after,
        }
    }
}

/// The wording for new messages; editing, deleting and topics say some things differently.
impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchGroup => Self::not_a_member(),
            Refusal::NoSuchTopic => Self::bad_request("message thread not found"),
            Refusal::NoSuchMessage => Self::bad_request("message not found"),
            Refusal::NoSuchReply => Self::bad_request("message to be replied not found"),
            Refusal::NotTheAuthor => Self::bad_request("message can't be edited"),
            Refusal::Empty => Self::bad_request("message text is empty"),
            Refusal::TooLong => Self::bad_request("message is too long"),
            Refusal::NotModified => Self::bad_request(
                "message is not modified: specified new message content and reply markup are \
                 exactly the same as a current content and reply markup of the message",
            ),
            Refusal::NoForum => Self::bad_request("the chat is not a forum"),
            Refusal::TopicClosed => Self::bad_request("TOPIC_CLOSED"),
            Refusal::AdministratorRequired => {
                Self::bad_request("not enough rights to manage topics")
            }
            Refusal::MayNotWrite => {
                Self::bad_request("not enough rights to send text messages to the chat")
            }
            Refusal::OwnerStays => Self::bad_request("can't remove chat owner"),
            Refusal::AdministratorStays => {
                Self::bad_request("user is an administrator of the chat")
            }
            Refusal::NotAMember => Self::bad_request("USER_NOT_PARTICIPANT"),
            Refusal::NoSuchUser => Self::bad_request("user not found"),
            Refusal::NoSuchReaction => Self::bad_request("REACTION_INVALID"),
            Refusal::TooManyReactions => Self::bad_request("REACTIONS_TOO_MANY"),
            Refusal::TooManyPins => Self::bad_request("PINNED_TOO_MUCH"),
            Refusal::NoPoll => Self::bad_request("message with poll to stop not found"),
            Refusal::PollClosed => Self::bad_request("poll has already been closed"),
            Refusal::NoSuchOption => Self::bad_request("OPTION_INVALID"),
            Refusal::AlreadyVoted => Self::bad_request("REVOTE_NOT_ALLOWED"),
            Refusal::NoSuchButton => Self::bad_request("BUTTON_DATA_INVALID"),
            Refusal::NoSuchPress => Self::bad_request(
                "query is too old and response timeout expired or query ID is invalid",
            ),
            Refusal::WrongMedia => Self::bad_request("message can't be edited"),
            Refusal::Protected => {
                Self::bad_request("message has protected content and can't be forwarded")
            }
            Refusal::BadCorrectAnswer => Self::bad_request("wrong quiz correct_option_id"),
            Refusal::TooManyButtons => Self::bad_request("reply markup is too long"),
            Refusal::BadButtonText => {
                Self::bad_request("inline keyboard button text must be non-empty")
            }
            Refusal::NoTopicTitle => Self::bad_request("name must be non-empty"),
            Refusal::NoTitle => Self::bad_request("title must be non-empty"),
            // Passed on as the servers say them.
            Refusal::NoSuchQuote
            | Refusal::BadQuestion
            | Refusal::BadAnswers
            | Refusal::BadAnswer
            | Refusal::NoContactName
            | Refusal::NoContactPhone
            | Refusal::FieldTooLong
            | Refusal::BadPoint
            | Refusal::BadButtonData
            | Refusal::BadButtonUrl
            | Refusal::BadButtonCopy
            | Refusal::BadButton
            | Refusal::BadAlbum
            | Refusal::AboutTooLong => Self::bad_request(refusal),
        }
    }
}

impl ApiError {
    /// Status and body.
    pub(super) fn into_parts(self) -> (u16, Value) {
        let mut body = json!({
            "ok": false,
            "error_code": self.code,
            "description": self.description,
        });
        if let (Some(seconds), Some(body)) = (self.retry_after, body.as_object_mut()) {
            body.insert("parameters".to_owned(), json!({ "retry_after": seconds }));
        }
        (self.code, body)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let wait = self.retry_after;
        let (code, body) = self.into_parts();
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, axum::Json(body)).into_response();
        if let Some(seconds) = wait {
            let headers = response.headers_mut();
            headers.insert(axum::http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
