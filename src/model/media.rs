//! What a message carries besides text: described; contents are kept elsewhere.

use serde::{Deserialize, Serialize};

/// The kinds of media that Telegram tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A compressed picture.
    Photo,
    /// A video file shown as video.
    Video,
    /// A round video note.
    VideoNote,
    /// A voice message.
    Voice,
    /// A music or other audio file.
    Audio,
    /// A GIF or silent video.
    Animation,
    /// Any sticker.
    Sticker,
    /// Any other file.
    Document,
    /// A shared contact.
    Contact,
    /// A point on the map, live or fixed.
    Location,
    /// A place with a name.
    Venue,
    /// A poll or quiz.
    Poll,
    /// A dice, dart or the like.
    Dice,
    /// A shared story.
    Story,
    /// Something to pay for.
    Invoice,
    /// A game.
    Game,
    /// A giveaway or its results.
    Giveaway,
    /// Media that must be paid for to be seen.
    PaidMedia,
    /// A list of things to do.
    Checklist,
    /// A link preview; the message is still plain text.
    WebPage,
    /// Self-destructing or view-once content: only that it existed, never its content.
    Expiring,
    /// Anything this version does not know; `Media::note` names the constructor.
    Unsupported,
}

impl MediaKind {
    /// The kinds that are files which can be fetched. Archives number them by their place.
    pub const FILES: [Self; 8] = [
        Self::Photo,
        Self::Video,
        Self::VideoNote,
        Self::Voice,
        Self::Audio,
        Self::Animation,
        Self::Sticker,
        Self::Document,
    ];

    /// The place among [`MediaKind::FILES`]; `None` for what is no file.
    #[must_use]
    pub fn file_number(self) -> Option<usize> {
        Self::FILES.iter().position(|kind| *kind == self)
    }

    /// The name of a kind of file, as the config and the transcripts write it.
    #[must_use]
    pub const fn file_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::VideoNote => "video_note",
            Self::Voice => "voice",
            Self::Audio => "audio",
            Self::Animation => "animation",
            Self::Sticker => "sticker",
            Self::Document => "document",
            _ => return None,
        })
    }

    /// The kind of file of that name.
    #[must_use]
    pub fn by_file_name(name: &str) -> Option<Self> {
        let named = |kind: &Self| kind.file_name() == Some(name);
        Self::FILES.into_iter().find(named)
    }
}

/// A description of a message's media. Absent fields are unknown or do not apply.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Telegram's id of the file (photo or document), stable across edits of the caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<i64>,
    /// File name as sent; hostile text, never a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// MIME type as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// What no other field holds, readable: a sticker's emoji, a contact's name and phone, a
    /// place, a poll's question and answers, a link preview's address, an unknown constructor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What a poll asks; how it stands is a mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Box<Poll>>,
}

/// What a poll asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Poll {
    /// Telegram's id of the poll.
    pub id: i64,
    /// The question.
    pub question: String,
    /// What can be answered.
    pub answers: Vec<String>,
    /// Nobody sees who voted for what.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
    /// Several answers may be chosen.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub multiple: bool,
    /// One answer is right.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quiz: bool,
}

impl Media {
    /// A description that so far says only the kind.
    #[must_use]
    pub const fn of(kind: MediaKind) -> Self {
        Self {
            kind,
            file_id: None,
            file_name: None,
            mime_type: None,
            size: None,
            width: None,
            height: None,
            duration: None,
            note: None,
            poll: None,
        }
    }
}
