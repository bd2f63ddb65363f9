//! Posting texts, files and other content.

use serde_json::{Value, json};

use super::api::{BotApi, group_of};
use super::draft::{array, begin, post};
use super::error::{Answer, ApiError};
use super::files::{self, About};
use super::params::{Fields, Params};
use super::text;
use crate::emulator::world::{self, Content, FileKind, Point, Poll, PollOption, State};

/// Longest side of a picture, pixels, and longest recording, seconds, that are believed.
const LONGEST: i32 = 10_000;
const LONGEST_RECORDING: i32 = 24 * 60 * 60;

/// `sendMessage`.
pub(super) fn message(api: &BotApi, bot: i64, params: &Params) -> Answer {
    if params.text("text").is_none() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    let (text, entities) = text::of_params(params, "text", "parse_mode", "entities")?;
    let (group, mut draft) = begin(api, bot, params)?;
    (draft.text, draft.entities) = (text, entities);
    post(api, bot, group, draft)
}

/// `sendPhoto`.
pub(super) fn photo(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Photo)
}

/// `sendDocument`.
pub(super) fn document(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Document)
}

/// `sendVideo`.
pub(super) fn video(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Video)
}

/// `sendAnimation`.
pub(super) fn animation(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Animation)
}

/// `sendAudio`.
pub(super) fn audio(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Audio)
}

/// `sendVoice`.
pub(super) fn voice(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Voice)
}

/// `sendVideoNote`.
pub(super) fn video_note(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::VideoNote)
}

/// `sendSticker`.
pub(super) fn sticker(api: &BotApi, bot: i64, params: &Params) -> Answer {
    with_file(api, bot, params, FileKind::Sticker)
}

fn with_file(api: &BotApi, bot: i64, params: &Params, kind: FileKind) -> Answer {
    let name = kind.name();
    let source = (params.file(name), params.text(name));
    let captioned = !matches!(kind, FileKind::Sticker | FileKind::VideoNote);
    let (text, entities) = if captioned {
        text::caption(params)?
    } else {
        (String::new(), Vec::new())
    };
    let given = |name: &str| params.text(name).unwrap_or_default().to_owned();
    let side = if kind == FileKind::VideoNote {
        "length"
    } else {
        "width"
    };
    let about = About {
        width: params.size(side, LONGEST),
        height: params.size("height", LONGEST),
        duration: params.size("duration", LONGEST_RECORDING),
        title: given("title"),
        performer: given("performer"),
        emoji: given("emoji"),
    };
    let (group, mut draft) = begin(api, bot, params)?;
    draft.file = Some(files::wanted(api, bot, kind, source, about)?);
    (draft.text, draft.entities) = (text, entities);
    post(api, bot, group, draft)
}

/// What an `InputMedia` says about its file.
pub(super) fn about(fields: Fields<'_>) -> About {
    let given = |name: &str| fields.text(name).unwrap_or_default().to_owned();
    About {
        width: fields.size("width", LONGEST),
        height: fields.size("height", LONGEST),
        duration: fields.size("duration", LONGEST_RECORDING),
        title: given("title"),
        performer: given("performer"),
        emoji: String::new(),
    }
}

/// `sendLocation`.
pub(super) fn location(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let point = point(params)?;
    with_content(api, bot, params, |_| Content::Location { point })
}

/// `sendVenue`.
pub(super) fn venue(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let point = point(params)?;
    let (title, address) = (params.required("title")?, params.required("address")?);
    with_content(api, bot, params, |_| Content::Venue {
        point,
        title: title.to_owned(),
        address: address.to_owned(),
    })
}

fn point(params: &Params) -> Result<Point, ApiError> {
    let degrees = |name: &str, most: f64| {
        let text = params
            .text(name)
            .ok_or_else(|| ApiError::bad_request(format!("{name} is empty")))?;
        let number: f64 = text.trim().parse().unwrap_or_default();
        if number.is_finite() && number.abs() <= most {
            Ok(number)
        } else {
            Err(ApiError::bad_request("invalid location specified"))
        }
    };
    Ok(Point {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
    })
}

/// `sendContact`.
pub(super) fn contact(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let phone = params.required("phone_number")?;
    let first_name = params.required("first_name")?;
    let bare = phone.trim_start_matches('+');
    with_content(api, bot, params, |state| Content::Contact {
        phone: phone.to_owned(),
        first_name: first_name.to_owned(),
        last_name: params.text("last_name").unwrap_or_default().to_owned(),
        user_id: state
            .users()
            .find(|user| user.phone.as_deref() == Some(bare))
            .map(|user| user.id),
    })
}

/// `sendDice`: falls as the seed decides.
pub(super) fn dice(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let dice = world::dice(params.text("emoji").unwrap_or("🎲"))
        .ok_or_else(|| ApiError::bad_request("EMOTICON_INVALID"))?;
    with_content(api, bot, params, |state| state.throw(dice))
}

fn with_content(
    api: &BotApi,
    bot: i64,
    params: &Params,
    content: impl FnOnce(&mut State) -> Content,
) -> Answer {
    let (group, mut draft) = begin(api, bot, params)?;
    draft.content = Some(api.world().write(content));
    post(api, bot, group, draft)
}

/// `sendPoll`.
pub(super) fn poll(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let refused = ApiError::bad_request;
    let (question, _) = text::of_params(
        params,
        "question",
        "question_parse_mode",
        "question_entities",
    )?;
    let options = poll_options(params)?;
    if question.is_empty() {
        return Err(refused("text must be non-empty"));
    }
    if question.chars().count() > 300 {
        return Err(refused("poll question length must not exceed 300"));
    }
    let quiz = match params.text("type") {
        Some("quiz") => true,
        None | Some("regular") => false,
        Some(_) => return Err(refused("unsupported poll type specified")),
    };
    let correct = if quiz {
        let listed = params.json("correct_option_ids", "correct option identifiers")?;
        let first = listed
            .as_ref()
            .and_then(|list| list.as_array()?.first()?.as_i64());
        let correct = first
            .or(params.integer("correct_option_id")?)
            .ok_or_else(|| refused("correct quiz option list must be non-empty"))?;
        let correct = usize::try_from(correct)
            .ok()
            .filter(|at| *at < options.len())
            .ok_or_else(|| refused("wrong quiz correct_option_id"))?;
        Some(correct)
    } else {
        None
    };
    let poll = Poll {
        id: 0,
        question,
        options,
        anonymous: !params.has("is_anonymous") || params.flag("is_anonymous"),
        multiple: params.flag("allows_multiple_answers"),
        correct,
        closed: params.flag("is_closed"),
    };
    with_content(api, bot, params, |_| Content::Poll(poll))
}

fn poll_options(params: &Params) -> Result<Vec<PollOption>, ApiError> {
    let refused = ApiError::bad_request;
    let value = params
        .json("options", "options")?
        .ok_or_else(|| refused("can't parse options JSON object"))?;
    let mut options = Vec::new();
    for option in array(&value, "String as options")? {
        let (text, _) = match option {
            Value::String(text) => (text.trim().to_owned(), Vec::new()),
            Value::Object(fields) => {
                text::of_fields(Fields(fields), "text", "text_parse_mode", "text_entities")?
            }
            _ => return Err(refused("expected an option to be of type String")),
        };
        if text.is_empty() {
            return Err(refused("poll options must be non-empty"));
        }
        if text.chars().count() > 100 {
            return Err(refused("poll options length must not exceed 100"));
        }
        options.push(PollOption {
            text,
            ..PollOption::default()
        });
        if options.len() > 12 {
            return Err(refused("poll can't have more than 12 options"));
        }
    }
    if options.is_empty() {
        return Err(refused("poll must have at least one answer option"));
    }
    Ok(options)
}

/// `sendChatAction`: nobody watches, but the chat must exist.
pub(super) fn action(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let action = params.text("action").unwrap_or_default();
    let known = [
        "cancel",
        "typing",
        "record_video",
        "upload_video",
        "record_audio",
        "record_voice",
        "upload_audio",
        "upload_voice",
        "upload_photo",
        "upload_document",
        "choose_sticker",
        "pick_up_location",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    if !known.iter().any(|known| known.eq_ignore_ascii_case(action)) {
        return Err(ApiError::bad_request("wrong parameter action in request"));
    }
    group_of(api, bot, params, "chat_id")?;
    Ok(json!(true))
}
