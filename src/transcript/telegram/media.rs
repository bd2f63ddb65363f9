//! Media, as far as the archive knows it, in Telegram Desktop's keys.

use serde::ser::SerializeMap;
use serde_json::{Value, json};

use super::around;
use crate::model::{Media, MediaKind, Votes};

/// What Telegram Desktop itself writes instead of the path of a file that it left out.
const NOT_INCLUDED: &str = "(File not included. Change data exporting settings to download.)";

/// Adds what is known of a file, or of what else the message shows.
pub(super) fn describe<M: SerializeMap>(
    object: &mut M,
    media: &Media,
    votes: Option<&Votes>,
) -> Result<(), M::Error> {
    let note = media.note.as_deref().unwrap_or_default();
    match media.kind {
        MediaKind::Photo => {
            object.serialize_entry("photo", NOT_INCLUDED)?;
            if let Some(size) = media.size {
                object.serialize_entry("photo_file_size", &size)?;
            }
            dimensions(object, media)?;
        }
        MediaKind::Video => file(object, media, Some("video_file"))?,
        MediaKind::VideoNote => file(object, media, Some("video_message"))?,
        MediaKind::Voice => file(object, media, Some("voice_message"))?,
        MediaKind::Audio => file(object, media, Some("audio_file"))?,
        MediaKind::Animation => file(object, media, Some("animation"))?,
        MediaKind::Sticker => {
            file(object, media, Some("sticker"))?;
            if !note.is_empty() {
                object.serialize_entry("sticker_emoji", note)?;
            }
        }
        MediaKind::Document => file(object, media, None)?,
        MediaKind::Contact => {
            let (name, phone) = contact(note);
            object.serialize_entry(
                "contact_information",
                &json!({"first_name": name, "last_name": "", "phone_number": phone}),
            )?;
        }
        MediaKind::Location | MediaKind::Venue => {
            if let Some((latitude, longitude)) = coordinates(note) {
                object.serialize_entry(
                    "location_information",
                    &json!({"latitude": latitude, "longitude": longitude}),
                )?;
            }
            if media.kind == MediaKind::Venue {
                object.serialize_entry("place_name", note)?;
            }
        }
        MediaKind::Poll => {
            let mut poll = poll(note);
            if let Some(votes) = votes {
                around::votes(&mut poll, votes);
            }
            object.serialize_entry("poll", &poll)?;
        }
        // Only our own `media` key tells of these: the format shows them as plain text or not
        // at all.
        MediaKind::Dice
        | MediaKind::Story
        | MediaKind::Invoice
        | MediaKind::Game
        | MediaKind::Giveaway
        | MediaKind::PaidMedia
        | MediaKind::Checklist
        | MediaKind::WebPage
        | MediaKind::Expiring
        | MediaKind::Unsupported => {}
    }
    Ok(())
}

fn file<M: SerializeMap>(
    object: &mut M,
    media: &Media,
    media_type: Option<&str>,
) -> Result<(), M::Error> {
    object.serialize_entry("file", NOT_INCLUDED)?;
    if let Some(name) = &media.file_name {
        object.serialize_entry("file_name", name)?;
    }
    if let Some(size) = media.size {
        object.serialize_entry("file_size", &size)?;
    }
    if let Some(media_type) = media_type {
        object.serialize_entry("media_type", media_type)?;
    }
    if let Some(mime_type) = &media.mime_type {
        object.serialize_entry("mime_type", mime_type)?;
    }
    if let Some(seconds) = media.duration {
        object.serialize_entry("duration_seconds", &seconds)?;
    }
    dimensions(object, media)
}

fn dimensions<M: SerializeMap>(object: &mut M, media: &Media) -> Result<(), M::Error> {
    if let Some(width) = media.width {
        object.serialize_entry("width", &width)?;
    }
    if let Some(height) = media.height {
        object.serialize_entry("height", &height)?;
    }
    Ok(())
}

/// The name and the phone at the end of a contact's description.
fn contact(note: &str) -> (&str, &str) {
    let is_phone = |character: char| character.is_ascii_digit() || " +-()".contains(character);
    let name = note.trim_end_matches(is_phone);
    let phone = note.get(name.len()..).unwrap_or_default().trim();
    // A shorter number belongs to the name: "Entrance 2".
    if phone.bytes().filter(u8::is_ascii_digit).count() < 5 {
        return (note, "");
    }
    (name.trim_end_matches([',', ' ', ':', ';']), phone)
}

/// A poll's description: the question, then a line for each answer. Votes are not archived.
fn poll(note: &str) -> Value {
    let mut lines = note.lines();
    let question = lines.next().unwrap_or_default();
    let answers: Vec<Value> = lines
        .map(|line| {
            let text = line.strip_prefix("- ").unwrap_or(line);
            json!({"text": text, "voters": 0, "chosen": false})
        })
        .collect();
    json!({"question": question, "closed": false, "total_voters": 0, "answers": answers})
}

/// The first two decimal numbers of a place's description.
fn coordinates(note: &str) -> Option<(f64, f64)> {
    let mut numbers = note
        .split(|character: char| !(character.is_ascii_digit() || "+-.".contains(character)))
        .filter(|part| part.contains('.'))
        .filter_map(|part| part.parse::<f64>().ok());
    let place = (numbers.next()?, numbers.next()?);
    (place.0.abs() <= 90.0 && place.1.abs() <= 180.0).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_places_and_polls_are_read_from_their_description() {
        assert_eq!(contact("Anna S 49301234567"), ("Anna S", "49301234567"));
        assert_eq!(
            poll("When?\n- today\n- no"),
            json!({
                "question": "When?", "closed": false, "total_voters": 0,
                "answers": [
                    {"text": "today", "voters": 0, "chosen": false},
                    {"text": "no", "voters": 0, "chosen": false},
                ],
            })
        );
        assert_eq!(coordinates("52.520000,13.405000"), Some((52.52, 13.405)));
        assert_eq!(contact("Anna S, +49 30 1234"), ("Anna S", "+49 30 1234"));
        assert_eq!(contact("Entrance 2"), ("Entrance 2", ""));
        assert_eq!(coordinates("52.52, -13.405"), Some((52.52, -13.405)));
        assert_eq!(coordinates("Café 12"), None);
        assert_eq!(coordinates("152.5 13.4"), None);
    }
}
