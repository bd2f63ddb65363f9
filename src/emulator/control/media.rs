//! Media to post: files and what is no file.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::refused::Refused;
use crate::emulator::image;
use crate::emulator::scenario::sample;
use crate::emulator::world::{
    self, Content, Dice, File, FileKind, Point, Poll, PollOption, State, World,
};

/// Bytes in one made-up file: enough to go beyond every limit of the Bot API.
const LARGEST: usize = 64 * 1024 * 1024;

/// A file. Its content is `content` (text), `base64`, `size` bytes that follow from the world's
/// seed, or, with none of these, a small real file of the kind.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::emulator) struct NewFile {
    name: String,
    mime_type: Option<String>,
    content: Option<String>,
    base64: Option<String>,
    size: Option<usize>,
    width: Option<i32>,
    height: Option<i32>,
    duration: Option<i32>,
    title: String,
    performer: String,
    emoji: String,
}

/// An answer of a poll: its text alone is enough.
#[derive(Clone, Debug)]
pub(in crate::emulator) struct Choice(String);

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            text: String,
        }
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = Choice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer of a poll, which is a text or {\"text\": …}")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Choice, E> {
                Ok(Choice(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Choice, A::Error> {
                let whole = Whole::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Choice(whole.text))
            }
        }
        deserializer.deserialize_any(Reads)
    }
}

/// Where what is left open comes from: a world that nobody else holds, or a shared one, whose lock
/// is then not held while a large file is made.
pub(in crate::emulator) trait Source {
    /// What the world's numbers follow from.
    fn seed(&self) -> u64;
    /// The next number.
    fn number(&mut self) -> i64;
    /// How a dice falls.
    fn fallen(&mut self, dice: Dice) -> Content;
}

impl Source for State {
    fn seed(&self) -> u64 {
        State::seed(self)
    }
    fn number(&mut self) -> i64 {
        self.make_number()
    }
    fn fallen(&mut self, dice: Dice) -> Content {
        self.throw(dice)
    }
}

impl Source for World {
    fn seed(&self) -> u64 {
        self.read(State::seed)
    }
    fn number(&mut self) -> i64 {
        self.write(State::make_number)
    }
    fn fallen(&mut self, dice: Dice) -> Content {
        self.write(|state| state.throw(dice))
    }
}

/// What a message carries, by `kind`.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::emulator) enum Media {
    Photo(NewFile),
    Video(NewFile),
    Animation(NewFile),
    Audio(NewFile),
    Voice(NewFile),
    VideoNote(NewFile),
    Sticker(NewFile),
    Document(NewFile),
    Contact {
        phone: String,
        first_name: String,
        #[serde(default)]
        last_name: String,
        user_id: Option<i64>,
    },
    Location {
        latitude: f64,
        longitude: f64,
    },
    Venue {
        latitude: f64,
        longitude: f64,
        title: String,
        address: String,
    },
    Poll {
        question: String,
        options: Vec<Choice>,
        #[serde(default)]
        anonymous: bool,
        #[serde(default)]
        multiple: bool,
        correct: Option<usize>,
        #[serde(default)]
        closed: bool,
    },
    Dice {
        emoji: Option<String>,
        value: Option<i32>,
    },
}

/// What a checked [`Media`] is to the world.
#[derive(Clone, Debug)]
pub(in crate::emulator) enum Made {
    /// A file to add.
    File(File),
    /// Anything else.
    Content(Content),
}

impl Media {
    /// Bytes that have to be made up for it.
    pub(super) fn made_up(&self) -> usize {
        match self {
            Self::Photo(file)
            | Self::Video(file)
            | Self::Animation(file)
            | Self::Audio(file)
            | Self::Voice(file)
            | Self::VideoNote(file)
            | Self::Sticker(file)
            | Self::Document(file) => file.size.unwrap_or(0),
            _ => 0,
        }
    }

    /// Checks it and makes it; `source` decides what is left open.
    pub(in crate::emulator) fn made(self, source: &mut impl Source) -> Result<Made, Refused> {
        let wrong = |words: &str| Refused::new("MEDIA_INVALID", words);
        let (kind, file) = match self {
            Self::Photo(file) => (FileKind::Photo, file),
            Self::Video(file) => (FileKind::Video, file),
            Self::Animation(file) => (FileKind::Animation, file),
            Self::Audio(file) => (FileKind::Audio, file),
            Self::Voice(file) => (FileKind::Voice, file),
            Self::VideoNote(file) => (FileKind::VideoNote, file),
            Self::Sticker(file) => (FileKind::Sticker, file),
            Self::Document(file) => (FileKind::Document, file),
            Self::Contact {
                phone,
                first_name,
                last_name,
                user_id,
            } => {
                if phone.trim().is_empty() || first_name.trim().is_empty() {
                    return Err(wrong("a contact needs `phone` and `first_name`"));
                }
                return Ok(Made::Content(Content::Contact {
                    phone,
                    first_name,
                    last_name,
                    user_id,
                }));
            }
            Self::Location {
                latitude,
                longitude,
            } => {
                let point = point(latitude, longitude)?;
                return Ok(Made::Content(Content::Location { point }));
            }
            Self::Venue {
                latitude,
                longitude,
                title,
                address,
            } => {
                return Ok(Made::Content(Content::Venue {
                    point: point(latitude, longitude)?,
                    title,
                    address,
                }));
            }
            Self::Poll {
                question,
                options,
                anonymous,
                multiple,
                correct,
                closed,
            } => {
                if question.trim().is_empty() || !(2..=12).contains(&options.len()) {
                    return Err(wrong("a poll needs a `question` and 2 to 12 `options`"));
                }
                if correct.is_some_and(|correct| correct >= options.len()) {
                    return Err(wrong("`correct` counts the poll's `options` from 0"));
                }
                let options = options
                    .into_iter()
                    .map(|choice| PollOption {
                        text: choice.0,
                        ..PollOption::default()
                    })
                    .collect();
                return Ok(Made::Content(Content::Poll(Poll {
                    id: 0,
                    question,
                    options,
                    anonymous,
                    multiple,
                    correct,
                    closed,
                })));
            }
            Self::Dice { emoji, value } => {
                let dice = world::dice(emoji.as_deref().unwrap_or("🎲"))
                    .ok_or_else(|| wrong("`emoji` of a dice is one of 🎲 🎯 🎳 🏀 ⚽ 🎰"))?;
                let (emoji, highest) = dice;
                let content = match value {
                    None => source.fallen(dice),
                    Some(value) if (1..=highest).contains(&value) => Content::Dice {
                        emoji: emoji.to_owned(),
                        value,
                    },
                    Some(_) => {
                        return Err(wrong(&format!("`value` of {emoji} is 1 to {highest}")));
                    }
                };
                return Ok(Made::Content(content));
            }
        };
        file.made(kind, source).map(Made::File)
    }
}

fn point(latitude: f64, longitude: f64) -> Result<Point, Refused> {
    if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
        Ok(Point {
            latitude,
            longitude,
        })
    } else {
        Err(Refused::new(
            "GEO_POINT_INVALID",
            "`latitude` is −90 to 90 and `longitude` −180 to 180, in degrees",
        ))
    }
}

impl NewFile {
    fn made(self, kind: FileKind, source: &mut impl Source) -> Result<File, Refused> {
        let given = [
            self.content.is_some(),
            self.base64.is_some(),
            self.size.is_some(),
        ];
        if given.iter().filter(|given| **given).count() > 1 {
            return Err(Refused::new(
                "MEDIA_INVALID",
                "a file's content is one of `content`, `base64` and `size`",
            ));
        }
        let negative = [self.width, self.height, self.duration]
            .iter()
            .any(|number| number.is_some_and(|number| number < 0));
        if negative {
            return Err(Refused::new(
                "MEDIA_INVALID",
                "`width`, `height` and `duration` are not negative",
            ));
        }
        let is_sample = !given.contains(&true);
        let name = match self.name {
            name if name.is_empty() && is_sample => sample_name(kind).to_owned(),
            name => name,
        };
        let number = usize::try_from(source.number() % 4_096).unwrap_or_default();
        let sample = sample(kind, &name, number);
        let bytes = match (self.content, self.base64, self.size) {
            (Some(text), ..) => Some(text.into_bytes()),
            (_, Some(code), _) => Some(STANDARD.decode(code.trim()).map_err(|error| {
                Refused::new("MEDIA_INVALID", format!("`base64` cannot be read: {error}"))
            })?),
            (.., Some(size)) if size > LARGEST => {
                return Err(Refused::new(
                    "FILE_PARTS_INVALID",
                    format!("`size` is at most {LARGEST} bytes"),
                ));
            }
            (.., Some(size)) => Some(noise(source, size)),
            _ => None,
        };
        let (width, height) = match &bytes {
            Some(bytes) => image::dimensions(bytes).unwrap_or((sample.width, sample.height)),
            None => (sample.width, sample.height),
        };
        Ok(File {
            id: 0,
            kind,
            name,
            mime_type: self.mime_type.unwrap_or(sample.mime_type),
            width: self.width.unwrap_or(width),
            height: self.height.unwrap_or(height),
            duration: self.duration.unwrap_or(sample.duration),
            title: self.title,
            performer: self.performer,
            emoji: if kind == FileKind::Sticker && self.emoji.is_empty() {
                "🙂".to_owned()
            } else {
                self.emoji
            },
            bytes: bytes.map_or(sample.bytes, Into::into),
        })
    }
}

/// What a sample is called: what Telegram's own clients give a name, with its ending.
const fn sample_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Video => "video.mp4",
        FileKind::Animation => "animation.mp4",
        FileKind::Audio => "audio.mp3",
        FileKind::Sticker => "sticker.webp",
        FileKind::Document => "document.pdf",
        FileKind::Photo | FileKind::Voice | FileKind::VideoNote => "",
    }
}

/// Bytes that follow from the world's seed and how much was made before.
fn noise(source: &mut impl Source, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    let number = source.number();
    blake3::Hasher::new()
        .update(format!("file:{}:{number}", source.seed()).as_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}
