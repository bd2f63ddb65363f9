//! One message.

use std::borrow::Cow;
use std::fmt::Write;

use super::around;
use super::escape::Escaped;
use super::preview::Previews;
use super::{media, text};
use crate::model::{Button, Media, MessageId, PersonId, Version, message_link};
use crate::transcript::address::safe_href;
use crate::transcript::role::Role;
use crate::transcript::words::{Labels, cut, sender, sentence, topic};
use crate::transcript::writer::{Entry, Page};

/// How many colours tell senders apart; `style.css` defines as many.
const COLOURS: u64 = 8;

/// What a message's looks depend on besides itself.
pub(super) struct Around<'a> {
    pub(super) page: &'a Page<'a>,
    pub(super) labels: &'a Labels,
    pub(super) previews: &'a Previews,
    /// The same sender goes on: neither picture nor name again.
    pub(super) goes_on: bool,
}

/// Appends a message.
pub(super) fn bubble(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    if entry.snapshot.message.service.is_some() {
        return service_line(html, entry, around);
    }
    let Around {
        page,
        labels,
        goes_on,
        ..
    } = around;
    let message = &entry.snapshot.message;
    let who = sender(message, Some(entry.role), Some(entry.topic), page, labels);
    let colour = colour(entry, message.from);
    let _ = write!(
        html,
        "<article class=\"m {}{}{} c{colour}\" id=\"m{}\">",
        class(entry.role),
        if *goes_on { " on" } else { "" },
        if entry.snapshot.deleted_at.is_some() {
            " gone"
        } else {
            ""
        },
        message.id
    );
    let _ = write!(
        html,
        "<div class=\"face\" aria-hidden=\"true\">{}</div><div class=\"bubble\">",
        Escaped(&if *goes_on {
            String::new()
        } else {
            initials(&who)
        })
    );
    byline(html, entry, around, &who);
    content(html, entry, around);
    around::reactions(html, entry.snapshot.marks.reactions.as_ref(), around.page);
    edits(html, entry, around);
    foot(html, entry, around);
    html.push_str("</div></article>\n");
}

fn service_line(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    let message = &entry.snapshot.message;
    let who = match message.from {
        Some(_) => sender(message, None, None, around.page, around.labels),
        None => Cow::default(),
    };
    let sentence = message
        .service
        .as_ref()
        .map(|service| sentence(service, around.page, around.labels))
        .unwrap_or_default();
    let _ = write!(
        html,
        "<article class=\"m service\" id=\"m{}\"><div class=\"pill\"><bdi>{}</bdi> \
         <span dir=\"auto\">{}</span>{}{} ",
        message.id,
        Escaped(&who),
        Escaped(&sentence),
        if message.text.is_empty() { "" } else { ": " },
        Escaped(&message.text)
    );
    if around.page.interleaved() {
        topic_chip(html, entry, around.labels);
    }
    time(html, entry, around);
    html.push_str("</div></article>\n");
}

/// Who, as what, in which topic.
fn byline(html: &mut String, entry: &Entry<'_>, around: &Around<'_>, who: &str) {
    if around.goes_on {
        return;
    }
    html.push_str("<div class=\"by\">");
    if entry.role == Role::Note {
        html.push_str("<svg class=\"icon\"><use href=\"#i-lock\"/></svg>");
    }
    let _ = write!(
        html,
        "<bdi class=\"who\">{}</bdi> <span class=\"role\">{}</span>",
        Escaped(who),
        around.labels.role(entry.role)
    );
    if around.page.interleaved() {
        topic_chip(html, entry, around.labels);
    }
    html.push_str("</div>");
}

fn topic_chip(html: &mut String, entry: &Entry<'_>, labels: &Labels) {
    let _ = write!(
        html,
        "<span class=\"chip\" dir=\"auto\">{}</span>",
        Escaped(&topic::title(&entry.topic.topic, labels))
    );
}

/// Forward, reply, media, text, buttons.
fn content(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    let Around { page, labels, .. } = around;
    let message = &entry.snapshot.message;
    if let Some(forward) = &message.forward {
        let name = forward
            .from
            .and_then(|from| page.name(from))
            .or(forward.name.as_deref())
            .unwrap_or(labels.unknown);
        let _ = write!(
            html,
            "<div class=\"forward\"><svg class=\"icon\"><use href=\"#i-forward\"/></svg>{} \
             <bdi>{}</bdi></div>",
            labels.forwarded_from,
            Escaped(name)
        );
    }
    if let Some(bot) = message.via_bot {
        let name = page
            .name(bot)
            .map_or_else(|| bot.to_string(), str::to_owned);
        let _ = write!(
            html,
            "<div class=\"forward\">{} <bdi>{}</bdi></div>",
            labels.via,
            Escaped(&name)
        );
    }
    reply(html, entry, around);
    version(
        html,
        &message.text,
        &message.entities,
        message.media.as_ref(),
        labels,
    );
    let votes = entry.snapshot.marks.votes.as_ref();
    around::votes(html, message.media.as_ref(), votes, page, labels);
    if let Some(name) = &message.unsupported {
        let _ = write!(
            html,
            "<div class=\"unreadable\">{} <code>{}</code></div>",
            labels.unreadable,
            Escaped(name)
        );
    }
    buttons(html, &message.buttons);
}

/// What one version of a message says. A link's preview follows its text, a file precedes its
/// caption.
fn version(
    html: &mut String,
    words: &str,
    entities: &[crate::model::Entity],
    media: Option<&Media>,
    labels: &Labels,
) {
    let preview = media.filter(|media| media.kind == crate::model::MediaKind::WebPage);
    if let (Some(media), None) = (media, preview) {
        media::card(html, media, labels);
    }
    if !words.is_empty() {
        html.push_str("<div class=\"text\" dir=\"auto\">");
        text::formatted(html, words, entities);
        html.push_str("</div>");
    }
    if let Some(media) = preview {
        media::card(html, media, labels);
    }
}

fn reply(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    let Around { page, labels, .. } = around;
    let message = &entry.snapshot.message;
    // A reply to the topic itself is how Telegram marks a plain post.
    let Some(reply) = message
        .reply_to
        .as_ref()
        .filter(|reply| reply.external || reply.id.0 != message.topic.0)
    else {
        return;
    };
    let quote = reply.quote.as_deref().map(|quote| {
        let mut short = String::new();
        cut(&mut short, quote);
        short
    });
    if reply.external {
        let _ = write!(
            html,
            "<div class=\"reply\"><b>{}</b><span dir=\"auto\">{}</span></div>",
            labels.reply_elsewhere,
            Escaped(&quote.unwrap_or_default())
        );
        return;
    }
    let preview = around.previews.find(reply.id, message.topic, page, labels);
    let here = preview.as_ref().is_some_and(|preview| preview.here);
    let place = page.place.borrow();
    let earlier = place
        .as_ref()
        .and_then(|place| place.holding(message.topic, reply.id));
    let href = if here {
        format!("#m{}", reply.id)
    } else if let Some(file) = earlier {
        format!("{file}#m{}", reply.id)
    } else {
        message_link(page.group, message.topic, reply.id)
    };
    let (who, excerpt) = match preview {
        Some(preview) => (preview.who, preview.text),
        None => (format!("{} #{}", labels.reply_to, reply.id), String::new()),
    };
    let _ = write!(
        html,
        "<a class=\"reply\" href=\"{}\" rel=\"noopener noreferrer nofollow\"><b dir=\"auto\">{}</b>\
         <span dir=\"auto\">{}</span></a>",
        Escaped(&href),
        Escaped(&who),
        Escaped(&quote.unwrap_or(excerpt))
    );
}

fn buttons(html: &mut String, rows: &[Vec<Button>]) {
    if rows.is_empty() {
        return;
    }
    html.push_str("<div class=\"buttons\">");
    for row in rows {
        html.push_str("<div>");
        for button in row {
            let label = Escaped(&button.text);
            match button.url.as_deref().and_then(safe_href) {
                Some(href) => {
                    let _ = write!(
                        html,
                        "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{label}</a>",
                        Escaped(&href)
                    );
                }
                None => {
                    let _ = write!(html, "<span>{label}</span>");
                }
            }
        }
        html.push_str("</div>");
    }
    html.push_str("</div>");
}

/// Every earlier version, oldest first, behind one click.
fn edits(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    let versions = &entry.snapshot.versions;
    if versions.is_empty() {
        return;
    }
    let labels = around.labels;
    let _ = write!(
        html,
        "<details><summary>{} ({})</summary>",
        labels.earlier_versions,
        versions.len()
    );
    for Version {
        text,
        entities,
        media,
        edit_date,
    } in versions
    {
        let when = edit_date
            .and_then(|at| around.page.local(at))
            .map_or_else(|| labels.first_version.to_owned(), |at| labels.moment(at));
        let _ = write!(
            html,
            "<div class=\"version\"><div class=\"when\">{}</div>",
            Escaped(&when)
        );
        version(html, text, entities, media.as_ref(), labels);
        html.push_str("</div>");
    }
    html.push_str("</details>");
}

/// Deletion, edit, time.
fn foot(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    let Around { page, labels, .. } = around;
    html.push_str("<div class=\"foot\">");
    if let Some(at) = entry.snapshot.deleted_at {
        let when = page
            .local(at)
            .map(|at| labels.moment(at))
            .unwrap_or_default();
        let _ = write!(
            html,
            "<span class=\"deleted\">{} {}</span>",
            labels.deleted,
            Escaped(&when)
        );
    }
    if entry.snapshot.marks.pinned {
        let _ = write!(html, "<span>{}</span>", labels.is_pinned);
    }
    if let Some(at) = entry.snapshot.message.edit_date {
        let when = page
            .local(at)
            .map(|at| labels.moment(at))
            .unwrap_or_default();
        let _ = write!(
            html,
            "<span title=\"{}\">{}</span>",
            Escaped(&when),
            labels.edited
        );
    }
    time(html, entry, around);
    html.push_str("</div>");
}

/// The time, which links to the message in Telegram.
fn time(html: &mut String, entry: &Entry<'_>, around: &Around<'_>) {
    let message = &entry.snapshot.message;
    let link = message_link(around.page.group, message.topic, message.id);
    let raw = message.date.to_string();
    let (machine, full, clock) = match around.page.local(message.date) {
        Some(at) => (
            at.to_string(),
            around.labels.moment(at),
            format!("{:02}:{:02}", at.hour(), at.minute()),
        ),
        None => (String::new(), raw.clone(), raw),
    };
    let _ = write!(
        html,
        "<a class=\"time\" href=\"{}\" title=\"{} · #{}\" rel=\"noopener noreferrer nofollow\">\
         <time datetime=\"{}\">{}</time></a>",
        Escaped(&link),
        Escaped(&full),
        MessageId(message.id.0),
        Escaped(&machine),
        Escaped(&clock)
    );
}

const fn class(role: Role) -> &'static str {
    match role {
        Role::Customer => "customer",
        Role::Operator => "operator",
        Role::Assistant => "assistant",
        Role::Note => "note",
        Role::Command => "command",
        Role::Service => "service",
    }
}

/// A colour that a sender keeps throughout; behind one relay account it is the topic's.
fn colour(entry: &Entry<'_>, from: Option<PersonId>) -> u64 {
    let seed = if entry.role == Role::Customer {
        u64::from(entry.snapshot.message.topic.0.unsigned_abs())
    } else {
        from.map_or(0, |from| from.0.unsigned_abs())
    };
    // Neighbouring ids should not get neighbouring colours.
    (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % COLOURS
}

/// The first letters of the first two words of a name.
fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|character| character.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}
