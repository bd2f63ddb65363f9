//! What a message carries besides text, as far as the Bot API tells.

use teloxide::types::{Dice, FileMeta, Invoice, MediaKind as Raw, Poll as RawPoll, Seconds};

use crate::model::{Media, MediaKind, Poll};

/// A message's media.
pub(super) fn media(raw: &Raw) -> Option<Media> {
    Some(match raw {
        Raw::Text(_) | Raw::Migration(_) => return None,
        Raw::Photo(it) => {
            // The last one is the largest.
            let Some(size) = it.photo.last() else {
                return Some(Media::of(MediaKind::Photo));
            };
            Media {
                width: Some(size.width),
                height: Some(size.height),
                ..file(MediaKind::Photo, &size.file)
            }
        }
        Raw::Video(it) => Media {
            width: Some(it.video.width),
            height: Some(it.video.height),
            duration: seconds(it.video.duration),
            file_name: it.video.file_name.clone(),
            mime_type: it.video.mime_type.as_ref().map(ToString::to_string),
            ..file(MediaKind::Video, &it.video.file)
        },
        Raw::VideoNote(it) => Media {
            width: Some(it.video_note.length),
            height: Some(it.video_note.length),
            duration: seconds(it.video_note.duration),
            ..file(MediaKind::VideoNote, &it.video_note.file)
        },
        Raw::Voice(it) => Media {
            duration: seconds(it.voice.duration),
            mime_type: it.voice.mime_type.as_ref().map(ToString::to_string),
            ..file(MediaKind::Voice, &it.voice.file)
        },
        Raw::Audio(it) => Media {
            duration: seconds(it.audio.duration),
            file_name: it.audio.file_name.clone(),
            mime_type: it.audio.mime_type.as_ref().map(ToString::to_string),
            ..file(MediaKind::Audio, &it.audio.file)
        },
        Raw::Animation(it) => Media {
            width: Some(it.animation.width),
            height: Some(it.animation.height),
            duration: seconds(it.animation.duration),
            file_name: it.animation.file_name.clone(),
            mime_type: it.animation.mime_type.as_ref().map(ToString::to_string),
            ..file(MediaKind::Animation, &it.animation.file)
        },
        Raw::Document(it) => Media {
            file_name: it.document.file_name.clone(),
            mime_type: it.document.mime_type.as_ref().map(ToString::to_string),
            ..file(MediaKind::Document, &it.document.file)
        },
        Raw::Sticker(it) => Media {
            width: Some(it.sticker.width.into()),
            height: Some(it.sticker.height.into()),
            note: it.sticker.emoji.clone(),
            ..file(MediaKind::Sticker, &it.sticker.file)
        },
        Raw::Contact(it) => {
            let last = it.contact.last_name.as_deref().unwrap_or_default();
            let parts = [
                it.contact.first_name.as_str(),
                last,
                &it.contact.phone_number,
            ];
            noted(MediaKind::Contact, &parts)
        }
        Raw::Venue(it) => noted(MediaKind::Venue, &[&it.venue.title, &it.venue.address]),
        Raw::Location(it) => {
            let place = format!("{} {}", it.location.latitude, it.location.longitude);
            noted(MediaKind::Location, &[&place])
        }
        Raw::Poll(it) => poll(&it.poll),
        Raw::Game(it) => noted(MediaKind::Game, &[&it.game.title, &it.game.description]),
        Raw::Story(_) => Media::of(MediaKind::Story),
        Raw::Checklist(_) => Media::of(MediaKind::Checklist),
        Raw::PaidMedia(_) => Media::of(MediaKind::PaidMedia),
    })
}

/// What messages that were sent together share.
pub(super) fn album(raw: &Raw) -> Option<i64> {
    let group = match raw {
        Raw::Audio(it) => it.media_group_id.as_ref(),
        Raw::Document(it) => it.media_group_id.as_ref(),
        Raw::Photo(it) => it.media_group_id.as_ref(),
        Raw::Video(it) => it.media_group_id.as_ref(),
        _ => None,
    };
    group?.0.parse().ok()
}

pub(super) fn dice(dice: &Dice) -> Media {
    let emoji = serde_json::to_value(dice.emoji).unwrap_or_default();
    let value = dice.value.to_string();
    noted(
        MediaKind::Dice,
        &[emoji.as_str().unwrap_or_default(), &value],
    )
}

pub(super) fn invoice(invoice: &Invoice) -> Media {
    let amount = format!("{} {}", invoice.total_amount, invoice.currency);
    let parts = [invoice.title.as_str(), &invoice.description, &amount];
    noted(MediaKind::Invoice, &parts)
}

pub(super) fn giveaway() -> Media {
    Media::of(MediaKind::Giveaway)
}

fn poll(raw: &RawPoll) -> Media {
    let answers = raw.options.iter().map(|option| option.text.clone());
    // Votes are told under the poll's id; one without can have none.
    let Ok(id) = raw.id.0.parse() else {
        return noted(MediaKind::Poll, &[&raw.question]);
    };
    Media {
        poll: Some(Box::new(Poll {
            id,
            question: raw.question.clone(),
            answers: answers.collect(),
            anonymous: raw.is_anonymous,
            multiple: raw.allows_multiple_answers,
            quiz: matches!(raw.poll_type, teloxide::types::PollType::Quiz),
        })),
        ..Media::of(MediaKind::Poll)
    }
}

/// A file; its id belongs to the bot alone and is left out.
fn file(kind: MediaKind, meta: &FileMeta) -> Media {
    Media {
        size: Some(meta.size.into()).filter(|size| *size > 0),
        ..Media::of(kind)
    }
}

fn noted(kind: MediaKind, parts: &[&str]) -> Media {
    let parts: Vec<&str> = parts.iter().copied().filter(|it| !it.is_empty()).collect();
    Media {
        note: (!parts.is_empty()).then(|| parts.join(" ")),
        ..Media::of(kind)
    }
}

fn seconds(seconds: Seconds) -> Option<u32> {
    Some(seconds.seconds())
}
