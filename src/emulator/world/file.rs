//! Files: photos and documents that messages carry.

use std::sync::Arc;

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A compressed picture.
    Photo,
    /// A voice message.
    Voice,
    /// Any other file.
    Document,
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Content.
    pub bytes: Arc<[u8]>,
}
