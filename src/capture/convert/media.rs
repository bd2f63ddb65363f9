//! What a message carries besides text: described, never downloaded here.

use grammers_client::tl;

use super::name::constructor;
use crate::model::{Media, MediaKind, Poll};

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
        Raw::Game(media) => {
            let tl::enums::Game::Game(game) = &media.game;
            noted(MediaKind::Game, &[&game.title, &game.description])
        }
        Raw::Invoice(invoice) => {
            let amount = format!("{} {}", invoice.total_amount, invoice.currency);
            noted(
                MediaKind::Invoice,
                &[&invoice.title, &invoice.description, &amount],
            )
        }
        Raw::Story(story) => self::story(story),
        Raw::Giveaway(giveaway) => noted(
            MediaKind::Giveaway,
            &[
                giveaway.prize_description.as_deref().unwrap_or_default(),
                &giveaway.quantity.to_string(),
            ],
        ),
        Raw::GiveawayResults(results) => noted(
            MediaKind::Giveaway,
            &[
                results.prize_description.as_deref().unwrap_or_default(),
                &results.winners_count.to_string(),
            ],
        ),
        Raw::PaidMedia(paid) => {
            let price = format!("{} XTR", paid.stars_amount);
            noted(MediaKind::PaidMedia, &[&price])
        }
        Raw::ToDo(list) => checklist(list),
        Raw::Unsupported | Raw::VideoStream(_) => Media {
            note: Some(constructor(raw)),
            ..Media::of(MediaKind::Unsupported)
        },
    })
}

fn noted(kind: MediaKind, parts: &[&str]) -> Media {
    Media {
        note: note(parts),
        ..Media::of(kind)
    }
}

/// A shared story: whose, which one, and what stands under it. It disappears after a day; what it
/// shows is not ours to keep.
fn story(raw: &tl::types::MessageMediaStory) -> Media {
    let whose = super::people::person_id(&raw.peer).to_string();
    let id = raw.id.to_string();
    let caption = match &raw.story {
        Some(tl::enums::StoryItem::Item(item)) => item.caption.as_deref().unwrap_or_default(),
        _ => "",
    };
    noted(MediaKind::Story, &[&whose, &id, caption])
}

/// A list of things to do, with what is done.
fn checklist(raw: &tl::types::MessageMediaToDo) -> Media {
    let tl::enums::TodoList::List(list) = &raw.todo;
    let done: Vec<i32> = raw
        .completions
        .iter()
        .flatten()
        .map(|it| {
            let tl::enums::TodoCompletion::Completion(it) = it;
            it.id
        })
        .collect();
    let mut lines = vec![plain(&list.title)];
    lines.extend(list.list.iter().map(|item| {
        let tl::enums::TodoItem::Item(item) = item;
        let mark = if done.contains(&item.id) { 'x' } else { ' ' };
        format!("[{mark}] {}", plain(&item.title))
    }));
    Media {
        note: Some(lines.join("\n")),
        ..Media::of(MediaKind::Checklist)
    }
}

fn plain(text: &tl::enums::TextWithEntities) -> String {
    let tl::enums::TextWithEntities::Entities(text) = text;
    text.text.clone()
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

/// A poll's question and answers. Its votes are a mark: they change without anyone editing anything.
fn poll(raw: &tl::types::MessageMediaPoll) -> Media {
    let tl::enums::Poll::Poll(poll) = &raw.poll;
    let answers = poll.answers.iter().map(|answer| match answer {
        tl::enums::PollAnswer::Answer(answer) => plain(&answer.text),
        tl::enums::PollAnswer::InputPollAnswer(answer) => plain(&answer.text),
    });
    let poll = Poll {
        id: poll.id,
        question: plain(&poll.question),
        answers: answers.collect(),
        anonymous: !poll.public_voters,
        multiple: poll.multiple_choice,
        quiz: poll.quiz,
    };
    let answers = poll.answers.iter().map(|answer| format!("\n- {answer}"));
    Media {
        note: Some(poll.question.clone() + &answers.collect::<String>()),
        poll: Some(Box::new(poll)),
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
