//! Media, described: what it is, its name, its size. Nothing is loaded.

use std::fmt::Write;

use super::escape::{Escaped, safe_href};
use crate::model::{Media, MediaKind};
use crate::transcript::labels::Labels;

/// Appends a card that describes the media.
pub(super) fn card(html: &mut String, media: &Media, labels: &Labels) {
    let kind = labels.media(media.kind);
    let title = match media.kind {
        MediaKind::Sticker | MediaKind::Dice => kind,
        _ => media
            .file_name
            .as_deref()
            .or(media.note.as_deref())
            .filter(|title| !title.is_empty())
            .unwrap_or(kind),
    };
    let _ = write!(
        html,
        "<div class=\"media\"><svg class=\"icon\"><use href=\"#i-{}\"/></svg><div>",
        icon(media.kind)
    );
    let href = (media.kind == MediaKind::WebPage)
        .then(|| safe_href(title))
        .flatten();
    match href {
        Some(href) => {
            let _ = write!(
                html,
                "<a class=\"name\" href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>",
                Escaped(&href),
                Escaped(title)
            );
        }
        None => {
            let _ = write!(
                html,
                "<span class=\"name\" dir=\"auto\">{}</span>",
                Escaped(title)
            );
        }
    }
    let _ = write!(
        html,
        "<span class=\"facts\">{}</span></div></div>",
        Escaped(&facts(media, kind, title, labels))
    );
}

/// One line about the media, for the preview of a reply: `Photo`, `📄 invoice.pdf`.
pub(super) fn short(media: &Media, labels: &Labels) -> String {
    let kind = labels.media(media.kind);
    match media.file_name.as_deref().or(media.note.as_deref()) {
        Some(name) if !name.is_empty() => format!("{kind}: {name}"),
        _ => kind.to_owned(),
    }
}

/// `Photo · 1280×720 · 214 KB`; what the title says already is not repeated.
fn facts(media: &Media, kind: &str, title: &str, labels: &Labels) -> String {
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

const fn icon(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Photo => "photo",
        MediaKind::Video | MediaKind::VideoNote | MediaKind::Animation => "video",
        MediaKind::Voice => "voice",
        MediaKind::Audio => "audio",
        MediaKind::Sticker | MediaKind::Dice | MediaKind::Game => "sticker",
        MediaKind::Document | MediaKind::Unsupported => "file",
        MediaKind::Contact => "contact",
        MediaKind::Location | MediaKind::Venue => "place",
        MediaKind::Poll | MediaKind::Checklist => "poll",
        MediaKind::Story => "photo",
        MediaKind::Invoice | MediaKind::Giveaway | MediaKind::PaidMedia => "file",
        MediaKind::WebPage => "link",
        MediaKind::Expiring => "timer",
    }
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
