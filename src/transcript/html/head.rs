//! What surrounds the messages: the page's head, a topic's header, the footer.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::escape::Escaped;
use crate::i18n::Noun;
use crate::model::{TopicId, TopicStatus, topic_link};
use crate::transcript::Summary;
use crate::transcript::export::{PAGE_SCRIPT, STYLE};
use crate::transcript::words::Labels;
use crate::transcript::words::topic::{facts, title};
use crate::transcript::writer::{Page, Place, TopicHead};

/// No script, no request: the page may style itself and nothing else.
pub(in crate::transcript) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The same, and this one script may run.
pub(in crate::transcript) fn script_policy(script: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    let hash = STANDARD.encode(hash);
    format!("{POLICY}; script-src 'sha256-{hash}'")
}

/// From the document type to the open `<body>`.
pub(in crate::transcript) fn document(
    html: &mut String,
    labels: &Labels,
    title: &str,
    policy: &str,
    style: &str,
) {
    let _ = write!(
        html,
        "<!doctype html>\n\
         <html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n\
         <meta name=\"generator\" content=\"topicvault\">\n\
         <title>{}</title>\n<style>\n{}{style}</style>\n</head>\n<body>\n",
        labels.spoken.tag(),
        Escaped(title),
        include_str!("style.css"),
    );
}

/// From the document type to the open `<main>`.
pub(super) fn page(html: &mut String, page: &Page<'_>, labels: &Labels) {
    let group = page
        .title
        .clone()
        .unwrap_or_else(|| format!("{} {}", labels.group, page.group));
    let title = match page.single.get().and_then(|topic| page.facts.topic(topic)) {
        Some(topic) => format!("{} · {group}", title(&topic, labels)),
        None => group.clone(),
    };
    let place = page.place.borrow();
    match &*place {
        None => document(html, labels, &title, POLICY, ""),
        Some(_) => document(html, labels, &title, &script_policy(PAGE_SCRIPT), STYLE),
    }
    let _ = writeln!(
        html,
        "{}<header class=\"top\"><p>{}</p><p dir=\"auto\">{}</p></header>",
        include_str!("icons.svg"),
        labels.transcript,
        Escaped(&group)
    );
    if let (Some(place), Some(topic)) = (&*place, page.single.get()) {
        pages(html, place, topic, labels);
    }
    html.push_str("<main>\n");
    if place.is_some() {
        let search = labels.search;
        let _ = writeln!(
            html,
            "<form class=\"find\" role=\"search\" hidden><input type=\"search\" name=\"q\" \
             placeholder=\"{search}\" aria-label=\"{search}\" autocomplete=\"off\">\
             <output></output></form>"
        );
    }
}

/// The way to the index and to the topic's other pages.
fn pages(html: &mut String, place: &Place, topic: TopicId, labels: &Labels) {
    let number = place.firsts.len();
    let _ = write!(
        html,
        "<nav class=\"pages\"><a href=\"../index.html\">{}</a>",
        labels.all_topics
    );
    let mut link = |number: usize, word: &str| {
        let file = place.file(topic, number);
        let _ = write!(html, "<a href=\"{file}\">{word} ({number})</a>");
    };
    if number > 1 {
        link(number - 1, labels.previous);
    }
    if place.goes_on {
        link(number + 1, labels.next);
    }
    html.push_str("</nav>\n");
}

/// Opens a topic's section with what is known of the topic and its customer.
pub(super) fn topic(html: &mut String, page: &Page<'_>, head: &TopicHead, labels: &Labels) {
    let topic = &head.topic;
    let status = match topic.status {
        TopicStatus::Open => "open",
        TopicStatus::Closed => "closed",
        TopicStatus::Deleted => "gone",
    };
    let link = topic_link(page.group, topic.id);
    let _ = write!(
        html,
        "<section id=\"t{}\">\n<header class=\"topic\">\n\
         <h1 dir=\"auto\">{}</h1>\n\
         <p class=\"meta\"><span class=\"status {status}\">{}</span>\
         <a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a></p>\n",
        topic.id,
        Escaped(&title(topic, labels)),
        labels.status(topic.status),
        Escaped(&link),
        Escaped(link.trim_start_matches("https://"))
    );
    let facts = facts(page, head, labels);
    if !facts.is_empty() {
        html.push_str("<dl>");
        for (name, value) in facts {
            let _ = write!(
                html,
                "<div><dt>{name}</dt><dd><bdi>{}</bdi></dd></div>",
                Escaped(&value)
            );
        }
        html.push_str("</dl>\n");
    }
    html.push_str("</header>\n");
}

/// From the end of the messages to the end of the page.
pub(super) fn end(html: &mut String, page: &Page<'_>, labels: &Labels, summary: &Summary) {
    html.push_str("</main>\n");
    let place = page.place.borrow();
    if let (Some(place), Some(topic)) = (&*place, page.single.get()) {
        pages(html, place, topic, labels);
    }
    html.push_str("<footer class=\"end\"><p>");
    html.push_str(&labels.spoken.count(summary.messages, Noun::Message));
    if summary.topics > 1 {
        let topics = labels.spoken.count(summary.topics, Noun::Topic);
        let _ = write!(html, " · {topics}");
    }
    if let Some((first, last)) = summary.ids {
        let _ = write!(html, " · {}: {first}–{last}", labels.ids);
    }
    html.push_str("</p><p>topicvault</p></footer>\n");
    if place.is_some() {
        let _ = writeln!(html, "<script>{PAGE_SCRIPT}</script>");
    }
    html.push_str("</body>\n</html>\n");
}
