//! Files: photos and documents that messages carry.

use std::sync::Arc;

/// How a file is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileKind {
    /// A compressed picture.
    Photo,
    /// A video with controls.
    Video,
    /// A GIF or a silent video.
    Animation,
    /// Music or another recording.
    Audio,
    /// A voice message.
    Voice,
    /// A round video.
    VideoNote,
    /// A sticker.
    Sticker,
    /// Any other file.
    #[default]
    Document,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Photo,
        Self::Video,
        Self::Animation,
        Self::Audio,
        Self::Voice,
        Self::VideoNote,
        Self::Sticker,
        Self::Document,
    ];

    /// The name that the Bot API gives the kind, as in a message's field.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::VideoNote => "video_note",
            Self::Sticker => "sticker",
            Self::Document => "document",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A stored file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Id in both faces (the Bot API wraps it into a `file_id`).
    pub id: i64,
    /// How it is shown.
    pub kind: FileKind,
    /// Name as sent; empty for photos.
    pub name: String,
    /// MIME type.
    pub mime_type: String,
    /// Pixels; 0 where it has none.
    pub width: i32,
    /// Pixels; 0 where it has none.
    pub height: i32,
    /// Seconds; 0 where it has none.
    pub duration: i32,
    /// Title of an audio file.
    pub title: String,
    /// Performer of an audio file.
    pub performer: String,
    /// What a sticker stands for.
    pub emoji: String,
    /// Content.
    pub bytes: Arc<[u8]>,
}
