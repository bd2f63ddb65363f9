//! Media, described: what it is, its name, its size. Nothing is loaded.

use std::fmt::Write;

use super::escape::Escaped;
use crate::model::{Media, MediaKind};
use crate::transcript::address::safe_href;
use crate::transcript::words::Labels;
use crate::transcript::words::media::{facts, title};

/// Appends a card that describes the media.
pub(super) fn card(html: &mut String, media: &Media, labels: &Labels) {
    let title = title(media, labels);
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
        Escaped(&facts(media, labels))
    );
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
