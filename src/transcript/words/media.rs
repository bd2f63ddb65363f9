//! Media in words.

use super::Labels;
use crate::model::{Media, MediaKind};

/// One line about the media, for the preview of a reply: `Photo`, `📄 invoice.pdf`.
pub(in crate::transcript) fn short(media: &Media, labels: &Labels) -> String {
    let kind = labels.media(media.kind);
    match media.file_name.as_deref().or(media.note.as_deref()) {
        Some(name) if !name.is_empty() => format!("{kind}: {name}"),
        _ => kind.to_owned(),
    }
}

/// The file's name, else what the media is.
pub(in crate::transcript) fn title<'m>(media: &'m Media, labels: &Labels) -> &'m str {
    let kind = labels.media(media.kind);
    match media.kind {
        MediaKind::Sticker | MediaKind::Dice => kind,
        _ => media
            .file_name
            .as_deref()
            .or(media.note.as_deref())
            .filter(|title| !title.is_empty())
            .unwrap_or(kind),
    }
}

/// `Photo · 1280×720 · 214 KB`; what the title says already is not repeated.
pub(in crate::transcript) fn facts(media: &Media, labels: &Labels) -> String {
    let (kind, title) = (labels.media(media.kind), title(media, labels));
    let mut facts: Vec<String> = Vec::new();
    if title != kind {
        facts.push(kind.to_owned());
    }
    if let Some(note) = media.note.as_deref()
        && note != title
        && !note.is_empty()
    {
        facts.push(note.to_owned());
    }
    if let (Some(width), Some(height)) = (media.width, media.height) {
        facts.push(format!("{width}×{height}"));
    }
    if let Some(seconds) = media.duration {
        facts.push(duration(seconds));
    }
    if let Some(size) = media.size {
        facts.push(labels.spoken.size(size));
    }
    if is_file(media.kind) {
        facts.push(labels.not_included.to_owned());
    }
    facts.join(" · ")
}

/// `0:07`, `12:30`, `1:02:03`.
fn duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Whether there is a file that the page could have included.
const fn is_file(kind: MediaKind) -> bool {
    matches!(
        kind,
        MediaKind::Photo
            | MediaKind::Video
            | MediaKind::VideoNote
            | MediaKind::Voice
            | MediaKind::Audio
            | MediaKind::Animation
            | MediaKind::Sticker
            | MediaKind::Document
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_hours_only_where_there_are_some() {
        assert_eq!(duration(7), "0:07");
        assert_eq!(duration(750), "12:30");
        assert_eq!(duration(3_723), "1:02:03");
    }
}
