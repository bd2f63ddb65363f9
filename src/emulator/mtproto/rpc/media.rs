//! What clients attach to messages.

use grammers_tl_types::{enums, types};

use super::refusal::RpcRefusal;
use crate::emulator::image;
use crate::emulator::mtproto::media::option;
use crate::emulator::mtproto::uploads::Uploads;
use crate::emulator::world::{Content, File, FileKind, Point, Poll, PollOption, State, dice};

/// Largest picture that can be sent as a photo.
const PHOTO_LIMIT: usize = 10 * 1024 * 1024;

/// What a client attached, before the world has seen it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Received {
    /// A new file, and the client's number for its parts.
    File(File, i64),
    /// Anything else.
    Other(enums::InputMedia),
}

impl Received {
    /// Whether the message will carry something: anything but the preview of a link.
    pub(super) fn carries(&self) -> bool {
        !matches!(self, Self::Other(enums::InputMedia::WebPage(_)))
    }

    /// Forgets the parts, now that the world has the file.
    pub(super) fn done(&self, uploads: &Uploads, me: i64) {
        if let Self::File(_, parts) = self {
            uploads.forget(me, *parts);
        }
    }
}

/// Puts a new file together, away from the world's lock. The parts stay until the file is where it
/// belongs, so that a client that is refused may try again.
pub(super) fn received(
    uploads: &Uploads,
    me: i64,
    media: enums::InputMedia,
) -> Result<Received, RpcRefusal> {
    let number = |file: &enums::InputFile| match file {
        enums::InputFile::File(it) => it.id,
        enums::InputFile::Big(it) => it.id,
        enums::InputFile::StoryDocument(_) => 0,
    };
    Ok(match media {
        enums::InputMedia::UploadedPhoto(it) => {
            Received::File(uploaded_photo(uploads, me, &it.file)?, number(&it.file))
        }
        enums::InputMedia::UploadedDocument(it) => {
            let number = number(&it.file);
            Received::File(uploaded_document(uploads, me, it)?, number)
        }
        other => Received::Other(other),
    })
}

/// What a message will carry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Attached {
    /// A file of the world's.
    File(i64),
    /// Something else.
    Content(Content),
    /// Nothing after all: the preview of a link, which the emulator does not make.
    Nothing,
}

/// Takes what a client attached into the world.
pub(super) fn attached(state: &mut State, received: &Received) -> Result<Attached, RpcRefusal> {
    use enums::InputMedia as Media;
    let media = match received {
        Received::File(file, _) => return Ok(Attached::File(state.add_file(file.clone()))),
        Received::Other(media) => media.clone(),
    };
    Ok(match media {
        Media::Photo(it) => match it.id {
            enums::InputPhoto::Photo(it) => {
                known(state, it.id, it.access_hash, &it.file_reference, true)?
            }
            enums::InputPhoto::Empty => return Err(RpcRefusal::bad("MEDIA_EMPTY")),
        },
        Media::Document(it) => match it.id {
            enums::InputDocument::Document(it) => {
                known(state, it.id, it.access_hash, &it.file_reference, false)?
            }
            enums::InputDocument::Empty => return Err(RpcRefusal::bad("MEDIA_EMPTY")),
        },
        Media::Contact(it) => Attached::Content(Content::Contact {
            user_id: state
                .users()
                .find(|user| user.phone.as_deref() == Some(it.phone_number.trim_start_matches('+')))
                .map(|user| user.id),
            phone: it.phone_number,
            first_name: it.first_name,
            last_name: it.last_name,
        }),
        Media::GeoPoint(it) => Attached::Content(Content::Location {
            point: point(&it.geo_point)?,
        }),
        Media::Venue(it) => Attached::Content(Content::Venue {
            point: point(&it.geo_point)?,
            title: it.title,
            address: it.address,
        }),
        Media::Poll(it) => Attached::Content(Content::Poll(poll(*it)?)),
        Media::Dice(it) => {
            let dice = dice(&it.emoticon).ok_or_else(|| RpcRefusal::bad("EMOTICON_INVALID"))?;
            Attached::Content(state.throw(dice))
        }
        Media::WebPage(_) => Attached::Nothing,
        Media::Empty => return Err(RpcRefusal::bad("MEDIA_EMPTY")),
        Media::PhotoExternal(_) | Media::DocumentExternal(_) => {
            // A server without internet fetches nothing.
            return Err(RpcRefusal::bad("WEBPAGE_CURL_FAILED"));
        }
        _ => return Err(RpcRefusal::bad("MEDIA_INVALID")),
    })
}

/// A file that is in the world already.
fn known(
    state: &State,
    id: i64,
    access_hash: i64,
    reference: &[u8],
    photo: bool,
) -> Result<Attached, RpcRefusal> {
    let name = if photo {
        "PHOTO_INVALID"
    } else {
        "DOCUMENT_INVALID"
    };
    let file = state
        .file(id)
        .filter(|file| state.hash(file.id) == access_hash)
        .filter(|file| (file.kind == FileKind::Photo) == photo)
        .ok_or_else(|| RpcRefusal::bad(name))?;
    if reference != state.file_reference(file.id) {
        return Err(RpcRefusal::bad("FILE_REFERENCE_EXPIRED"));
    }
    Ok(Attached::File(file.id))
}

/// The bytes and the name of an upload.
fn collected(
    uploads: &Uploads,
    me: i64,
    file: &enums::InputFile,
) -> Result<(Vec<u8>, String), RpcRefusal> {
    let (id, parts, name) = match file {
        enums::InputFile::File(it) => (it.id, it.parts, &it.name),
        enums::InputFile::Big(it) => (it.id, it.parts, &it.name),
        enums::InputFile::StoryDocument(_) => return Err(RpcRefusal::bad("MEDIA_INVALID")),
    };
    Ok((uploads.whole(me, id, parts)?, name.clone()))
}

fn uploaded_photo(uploads: &Uploads, me: i64, file: &enums::InputFile) -> Result<File, RpcRefusal> {
    let (bytes, _) = collected(uploads, me, file)?;
    if bytes.len() > PHOTO_LIMIT {
        return Err(RpcRefusal::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    let (width, height) =
        image::dimensions(&bytes).ok_or_else(|| RpcRefusal::bad("IMAGE_PROCESS_FAILED"))?;
    Ok(File {
        kind: FileKind::Photo,
        mime_type: "image/jpeg".to_owned(),
        width,
        height,
        bytes: bytes.into(),
        ..File::default()
    })
}

fn uploaded_document(
    uploads: &Uploads,
    me: i64,
    media: types::InputMediaUploadedDocument,
) -> Result<File, RpcRefusal> {
    use enums::DocumentAttribute as Attribute;
    let (bytes, name) = collected(uploads, me, &media.file)?;
    let mut file = File {
        name,
        mime_type: media.mime_type,
        bytes: bytes.into(),
        ..File::default()
    };
    let mut animated = false;
    for attribute in media.attributes {
        match attribute {
            Attribute::Filename(it) => file.name = it.file_name,
            Attribute::ImageSize(it) => (file.width, file.height) = (it.w, it.h),
            Attribute::Animated => animated = true,
            Attribute::Sticker(it) => {
                file.kind = FileKind::Sticker;
                file.emoji = it.alt;
            }
            Attribute::Video(it) => {
                file.kind = if it.round_message {
                    FileKind::VideoNote
                } else {
                    FileKind::Video
                };
                (file.width, file.height) = (it.w, it.h);
                file.duration = whole_seconds(it.duration);
            }
            Attribute::Audio(it) => {
                file.kind = if it.voice {
                    FileKind::Voice
                } else {
                    FileKind::Audio
                };
                file.duration = it.duration;
                file.title = it.title.unwrap_or_default();
                file.performer = it.performer.unwrap_or_default();
            }
            Attribute::HasStickers | Attribute::CustomEmoji(_) => {}
        }
    }
    if animated || (media.nosound_video && file.kind == FileKind::Video) {
        file.kind = FileKind::Animation;
    }
    if media.force_file {
        file.kind = FileKind::Document;
    }
    Ok(file)
}

/// A length that may be no number at all.
fn whole_seconds(seconds: f64) -> i32 {
    // The cast saturates, and makes 0 of what is no number.
    #[expect(clippy::cast_possible_truncation)]
    let whole = seconds.round() as i32;
    whole.max(0)
}

fn point(point: &enums::InputGeoPoint) -> Result<Point, RpcRefusal> {
    let invalid = || RpcRefusal::bad("GEO_POINT_INVALID");
    let enums::InputGeoPoint::Point(point) = point else {
        return Err(invalid());
    };
    if !(-90.0..=90.0).contains(&point.lat) || !(-180.0..=180.0).contains(&point.long) {
        return Err(invalid());
    }
    Ok(Point {
        latitude: point.lat,
        longitude: point.long,
    })
}

fn poll(media: types::InputMediaPoll) -> Result<Poll, RpcRefusal> {
    let text = |text: enums::TextWithEntities| {
        let enums::TextWithEntities::Entities(text) = text;
        text.text
    };
    let enums::Poll::Poll(poll) = media.poll;
    let question = text(poll.question);
    let mut options = Vec::new();
    let mut names = Vec::new();
    for (number, answer) in poll.answers.into_iter().enumerate() {
        let (words, name) = match answer {
            enums::PollAnswer::Answer(it) => (text(it.text), it.option),
            enums::PollAnswer::InputPollAnswer(it) => (text(it.text), option(number)),
        };
        names.push(name);
        options.push(PollOption {
            text: words,
            ..PollOption::default()
        });
    }
    let correct = match (poll.quiz, media.correct_answers.as_deref()) {
        (false, _) => None,
        (true, Some([one])) => {
            let at = usize::try_from(*one).ok().filter(|at| *at < names.len());
            Some(at.ok_or_else(|| RpcRefusal::bad("QUIZ_CORRECT_ANSWER_INVALID"))?)
        }
        (true, None | Some([])) => return Err(RpcRefusal::bad("QUIZ_CORRECT_ANSWERS_EMPTY")),
        (true, Some(_)) => return Err(RpcRefusal::bad("QUIZ_CORRECT_ANSWERS_TOO_MUCH")),
    };
    Ok(Poll {
        id: 0,
        question,
        options,
        anonymous: !poll.public_voters,
        multiple: poll.multiple_choice && !poll.quiz,
        correct,
        closed: false,
    })
}
