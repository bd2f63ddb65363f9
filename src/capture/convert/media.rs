//! What a message carries besides text: described, never downloaded here.

use grammers_client::tl;

use super::name::constructor;
use crate::model::{Media, MediaKind};

/// A message's media.
///
/// Link previews are left out. Telegram makes them some time after the message and announces them
/// as edits of it; kept, each of them would look like a new version of a text that nobody touched.
/// The link itself stands in the text.
pub(super) fn media(raw: Option<&tl::enums::MessageMedia>) -> Option<Media> {
    use tl::enums::MessageMedia as Raw;
    let raw = raw?;
    if expires(raw) {
        return Some(Media::of(MediaKind::Expiring));
    }
    Some(match raw {
        Raw::Empty | Raw::WebPage(_) => return None,
        Raw::Photo(media) => photo(media.photo.as_ref()),
        Raw::Document(media) => document(media),
        Raw::Contact(contact) => Media {
            note: note(&[
                &contact.first_name,
                &contact.last_name,
                &contact.phone_number,
            ]),
            ..Media::of(MediaKind::Contact)
        },
        Raw::Geo(media) => place(&media.geo),
        Raw::GeoLive(media) => place(&media.geo),
        Raw::Venue(venue) => Media {
            note: note(&[&venue.title, &venue.address]),
            ..Media::of(MediaKind::Venue)
        },
        Raw::Poll(media) => poll(media),
        Raw::Dice(dice) => Media {
            note: note(&[&dice.emoticon, &dice.value.to_string()]),
            ..Media::of(MediaKind::Dice)
        },
        Raw::Unsupported
        | Raw::Game(_)
        | Raw::Invoice(_)
        | Raw::Story(_)
        | Raw::Giveaway(_)
        | Raw::GiveawayResults(_)
        | Raw::PaidMedia(_)
        | Raw::ToDo(_)
        | Raw::VideoStream(_) => Media {
            note: Some(constructor(raw)),
            ..Media::of(MediaKind::Unsupported)
        },
    })
}

/// Whether the content destroys itself after being seen. Of such a message only its existence is
/// kept: no file, no caption.
pub(super) fn expires(raw: &tl::enums::MessageMedia) -> bool {
    match raw {
        tl::enums::MessageMedia::Photo(media) => media.ttl_seconds.is_some(),
        tl::enums::MessageMedia::Document(media) => media.ttl_seconds.is_some(),
        _ => false,
    }
}

fn photo(raw: Option<&tl::enums::Photo>) -> Media {
    let mut media = Media::of(MediaKind::Photo);
    let Some(tl::enums::Photo::Photo(photo)) = raw else {
        return media;
    };
    media.file_id = Some(photo.id);
    let sizes = photo.sizes.iter().filter_map(|size| match size {
        tl::enums::PhotoSize::Size(size) => Some((size.w, size.h, Some(size.size))),
        tl::enums::PhotoSize::Progressive(size) => {
            Some((size.w, size.h, size.sizes.iter().copied().max()))
        }
        tl::enums::PhotoSize::PhotoCachedSize(size) => {
            Some((size.w, size.h, i32::try_from(size.bytes.len()).ok()))
        }
        tl::enums::PhotoSize::Empty(_)
        | tl::enums::PhotoSize::PhotoStrippedSize(_)
        | tl::enums::PhotoSize::PhotoPathSize(_) => None,
    });
    if let Some((width, height, bytes)) =
        sizes.max_by_key(|(width, height, _)| i64::from(*width) * i64::from(*height))
    {
        media.width = u32::try_from(width).ok();
        media.height = u32::try_from(height).ok();
        media.size = bytes.and_then(|bytes| u64::try_from(bytes).ok());
    }
    media
}

fn document(raw: &tl::types::MessageMediaDocument) -> Media {
    let mut media = Media::of(if raw.round {
        MediaKind::VideoNote
    } else if raw.voice {
        MediaKind::Voice
    } else if raw.video {
        MediaKind::Video
    } else {
        MediaKind::Document
    });
    match &raw.document {
        Some(tl::enums::Document::Document(document)) => {
            media.file_id = Some(document.id);
            media.mime_type = Some(document.mime_type.clone()).filter(|mime| !mime.is_empty());
            media.size = u64::try_from(document.size).ok();
            describe(&mut media, &document.attributes);
        }
        Some(tl::enums::Document::Empty(document)) => media.file_id = Some(document.id),
        None => {}
    }
    media
}

/// Reads a document's attributes. Several of them name a kind; the more telling one wins: a
/// sticker may be a video too, and an animation is one without sound.
fn describe(media: &mut Media, attributes: &[tl::enums::DocumentAttribute]) {
    use tl::enums::DocumentAttribute as Attribute;
    let (mut sticker, mut animated, mut video, mut audio) = (false, false, None, None);
    let size = |media: &mut Media, width: i32, height: i32| {
        media.width = u32::try_from(width).ok();
        media.height = u32::try_from(height).ok();
    };
    for attribute in attributes {
        match attribute {
            Attribute::ImageSize(image) => size(media, image.w, image.h),
            Attribute::Animated => animated = true,
            Attribute::Sticker(attribute) => {
                sticker = true;
                media.note = note(&[&attribute.alt]);
            }
            Attribute::CustomEmoji(attribute) => {
                sticker = true;
                media.note = note(&[&attribute.alt]);
            }
            Attribute::Video(attribute) => {
                size(media, attribute.w, attribute.h);
                media.duration = Some(seconds(attribute.duration));
                video = Some(attribute.round_message);
            }
            Attribute::Audio(attribute) => {
                media.duration = u32::try_from(attribute.duration).ok();
                audio = Some(attribute.voice);
                let parts = [attribute.performer.as_deref(), attribute.title.as_deref()];
                let parts: Vec<&str> = parts.into_iter().flatten().collect();
                if media.note.is_none() {
                    media.note = note(&parts);
                }
            }
            Attribute::Filename(attribute) => {
                media.file_name = Some(attribute.file_name.clone());
            }
            Attribute::HasStickers => {}
        }
    }
    media.kind = match (sticker, animated, video, audio) {
        (true, ..) => MediaKind::Sticker,
        (_, true, ..) => MediaKind::Animation,
        (_, _, Some(true), _) => MediaKind::VideoNote,
        (_, _, Some(false), _) => MediaKind::Video,
        (_, _, _, Some(true)) => MediaKind::Voice,
        (_, _, _, Some(false)) => MediaKind::Audio,
        _ => media.kind,
    };
}

fn place(geo: &tl::enums::GeoPoint) -> Media {
    Media {
        note: match geo {
            tl::enums::GeoPoint::Point(point) => {
                Some(format!("{:.6},{:.6}", point.lat, point.long))
            }
            tl::enums::GeoPoint::Empty => None,
        },
        ..Media::of(MediaKind::Location)
    }
}

/// A poll's question and answers. Not its votes: they change without anyone editing anything.
fn poll(raw: &tl::types::MessageMediaPoll) -> Media {
    let tl::enums::Poll::Poll(poll) = &raw.poll;
    let text = |text: &tl::enums::TextWithEntities| {
        let tl::enums::TextWithEntities::Entities(text) = text;
        text.text.clone()
    };
    let mut lines = vec![text(&poll.question)];
    lines.extend(poll.answers.iter().map(|answer| match answer {
        tl::enums::PollAnswer::Answer(answer) => format!("- {}", text(&answer.text)),
        tl::enums::PollAnswer::InputPollAnswer(answer) => format!("- {}", text(&answer.text)),
    }));
    Media {
        note: Some(lines.join("\n")),
        ..Media::of(MediaKind::Poll)
    }
}

/// Joins what is there; `None` where nothing is.
fn note(parts: &[impl AsRef<str>]) -> Option<String> {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.as_ref().trim())
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Whole seconds; what is no duration is none. The cast saturates.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and NaN becomes 0"
)]
fn seconds(duration: f64) -> u32 {
    duration.round() as u32
}
