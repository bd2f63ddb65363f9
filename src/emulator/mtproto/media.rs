//! What a message carries, from the world to TL.

use std::collections::BTreeSet;

use grammers_tl_types::{enums, types};

use super::convert::{View, count, user_peer};
use super::session::seconds;
use crate::emulator::world::{Content, File, FileKind, Message, Point, Poll};

/// Voters that come with a poll by name.
const RECENT_VOTERS: usize = 3;

/// What a message carries.
pub(super) fn of(view: &View<'_>, message: &Message) -> Option<enums::MessageMedia> {
    let file = message.file.and_then(|id| view.state.file(id));
    match (file, &message.content) {
        (Some(file), _) => Some(of_file(view, file, message.date)),
        (None, Some(content)) => Some(of_content(view, content)),
        (None, None) => None,
    }
}

/// A file as a message shows it.
pub(super) fn of_file(view: &View<'_>, file: &File, date: i64) -> enums::MessageMedia {
    if file.kind == FileKind::Photo {
        return types::MessageMediaPhoto {
            spoiler: false,
            live_photo: false,
            photo: Some(photo(view, file, date)),
            ttl_seconds: None,
            video: None,
        }
        .into();
    }
    types::MessageMediaDocument {
        nopremium: false,
        spoiler: false,
        video: matches!(file.kind, FileKind::Video | FileKind::VideoNote),
        round: file.kind == FileKind::VideoNote,
        voice: file.kind == FileKind::Voice,
        document: Some(document(view, file, date)),
        alt_documents: None,
        video_cover: None,
        video_timestamp: None,
        ttl_seconds: None,
    }
    .into()
}

/// A photo; it has one size.
fn photo(view: &View<'_>, file: &File, date: i64) -> enums::Photo {
    types::Photo {
        has_stickers: false,
        id: file.id,
        access_hash: view.state.hash(file.id),
        file_reference: view.state.file_reference(file.id),
        date: seconds(date),
        sizes: vec![
            types::PhotoSize {
                r#type: "x".to_owned(),
                w: file.width,
                h: file.height,
                size: count(file.bytes.len()),
            }
            .into(),
        ],
        video_sizes: None,
        dc_id: view.state.files_dc,
    }
    .into()
}

fn document(view: &View<'_>, file: &File, date: i64) -> enums::Document {
    types::Document {
        id: file.id,
        access_hash: view.state.hash(file.id),
        file_reference: view.state.file_reference(file.id),
        date: seconds(date),
        mime_type: file.mime_type.clone(),
        size: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        thumbs: None,
        video_thumbs: None,
        dc_id: view.state.files_dc,
        attributes: attributes(file),
    }
    .into()
}

/// What makes a document a video, a voice message and so on.
fn attributes(file: &File) -> Vec<enums::DocumentAttribute> {
    let mut attributes = Vec::new();
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let video = |round_message| types::DocumentAttributeVideo {
        round_message,
        supports_streaming: !round_message,
        nosound: file.kind == FileKind::Animation,
        duration: f64::from(file.duration),
        w: file.width,
        h: file.height,
        preload_prefix_size: None,
        video_start_ts: None,
        video_codec: None,
    };
    match file.kind {
        FileKind::Voice | FileKind::Audio => attributes.push(
            types::DocumentAttributeAudio {
                voice: file.kind == FileKind::Voice,
                duration: file.duration,
                title: text(&file.title),
                performer: text(&file.performer),
                waveform: None,
            }
            .into(),
        ),
        FileKind::Video => attributes.push(video(false).into()),
        FileKind::VideoNote => attributes.push(video(true).into()),
        FileKind::Animation => {
            attributes.push(video(false).into());
            attributes.push(enums::DocumentAttribute::Animated);
        }
        FileKind::Sticker => attributes.push(
            types::DocumentAttributeSticker {
                mask: false,
                alt: file.emoji.clone(),
                stickerset: enums::InputStickerSet::Empty,
                mask_coords: None,
            }
            .into(),
        ),
        FileKind::Photo | FileKind::Document => {}
    }
    let picture = matches!(file.kind, FileKind::Document | FileKind::Sticker);
    if picture && file.width > 0 {
        let (w, h) = (file.width, file.height);
        attributes.push(types::DocumentAttributeImageSize { w, h }.into());
    }
    if !file.name.is_empty() {
        let file_name = file.name.clone();
        attributes.push(types::DocumentAttributeFilename { file_name }.into());
    }
    attributes
}

fn of_content(view: &View<'_>, content: &Content) -> enums::MessageMedia {
    match content {
        Content::Contact {
            phone,
            first_name,
            last_name,
            user_id,
        } => types::MessageMediaContact {
            phone_number: phone.clone(),
            first_name: first_name.clone(),
            last_name: last_name.clone(),
            vcard: String::new(),
            user_id: user_id.unwrap_or(0),
        }
        .into(),
        Content::Location { point } => types::MessageMediaGeo { geo: geo(*point) }.into(),
        Content::Venue {
            point,
            title,
            address,
        } => types::MessageMediaVenue {
            geo: geo(*point),
            title: title.clone(),
            address: address.clone(),
            provider: String::new(),
            venue_id: String::new(),
            venue_type: String::new(),
        }
        .into(),
        Content::Poll(poll) => types::MessageMediaPoll {
            poll: of_poll(poll),
            results: results(view, poll),
            attached_media: None,
        }
        .into(),
        Content::Dice { emoji, value } => types::MessageMediaDice {
            value: *value,
            emoticon: emoji.clone(),
            game_outcome: None,
        }
        .into(),
    }
}

fn geo(point: Point) -> enums::GeoPoint {
    types::GeoPoint {
        long: point.longitude,
        lat: point.latitude,
        access_hash: 0,
        accuracy_radius: None,
    }
    .into()
}

/// Text without formatting.
fn plain(text: &str) -> enums::TextWithEntities {
    types::TextWithEntities {
        text: text.to_owned(),
        entities: Vec::new(),
    }
    .into()
}

/// What stands for an answer in votes: its number in decimal, as Telegram's apps write it.
pub(super) fn option(number: usize) -> Vec<u8> {
    number.to_string().into_bytes()
}

/// A poll without its votes.
pub(super) fn of_poll(poll: &Poll) -> enums::Poll {
    let answers = poll.options.iter().enumerate().map(|(number, answer)| {
        types::PollAnswer {
            text: plain(&answer.text),
            option: option(number),
            media: None,
            added_by: None,
            date: None,
        }
        .into()
    });
    types::Poll {
        id: poll.id,
        closed: poll.closed,
        public_voters: !poll.anonymous,
        multiple_choice: poll.multiple,
        quiz: poll.correct.is_some(),
        open_answers: false,
        revoting_disabled: false,
        shuffle_answers: false,
        hide_results_until_close: false,
        creator: false,
        subscribers_only: false,
        question: plain(&poll.question),
        answers: answers.collect(),
        close_period: None,
        close_date: None,
        countries_iso2: None,
        hash: 0,
    }
    .into()
}

/// A poll's votes as an account may see them: counts only for those who have voted, or once the
/// poll is closed.
pub(super) fn results(view: &View<'_>, poll: &Poll) -> enums::PollResults {
    let voters = poll.voters();
    let shown = poll.closed || voters.contains(&view.me);
    let answers = poll.options.iter().enumerate().map(|(number, answer)| {
        types::PollAnswerVoters {
            chosen: answer.voters.contains(&view.me),
            correct: poll.correct == Some(number),
            option: option(number),
            // These two come together or not at all.
            voters: Some(count(answer.voters.len())),
            recent_voters: Some(recent(poll, &answer.voters)),
        }
        .into()
    });
    types::PollResults {
        min: false,
        has_unread_votes: false,
        can_view_stats: false,
        results: shown.then(|| answers.collect()),
        total_voters: Some(count(voters.len())),
        recent_voters: (!poll.anonymous).then(|| recent(poll, &voters)),
        solution: None,
        solution_entities: None,
        solution_media: None,
    }
    .into()
}

/// Some of those who voted, by name; nobody where votes are secret.
fn recent(poll: &Poll, voters: &BTreeSet<i64>) -> Vec<enums::Peer> {
    let shown = if poll.anonymous { 0 } else { RECENT_VOTERS };
    let newest = voters.iter().rev().take(shown);
    newest.map(|id| user_peer(*id)).collect()
}
