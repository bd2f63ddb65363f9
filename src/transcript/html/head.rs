//! What surrounds the messages: the page's head, a topic's header, the footer.

use std::fmt::Write;

use super::escape::Escaped;
use crate::i18n::Noun;
use crate::model::{TopicStatus, topic_link};
use crate::transcript::Summary;
use crate::transcript::words::Labels;
use crate::transcript::words::topic::{facts, title};
use crate::transcript::writer::{Page, TopicHead};

/// No script, no request: the page may style itself and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

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
    let _ = write!(
        html,
        "<!doctype html>\n\
         <html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n\
         <meta name=\"generator\" content=\"topicvault\">\n\
         <title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n{}\
         <header class=\"top\"><p>{}</p><p dir=\"auto\">{}</p></header>\n<main>\n",
        labels.spoken.tag(),
        Escaped(&title),
        include_str!("style.css"),
        include_str!("icons.svg"),
        labels.transcript,
        Escaped(&group)
    );
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
pub(super) fn end(html: &mut String, labels: &Labels, summary: &Summary) {
    html.push_str("</main>\n<footer class=\"end\"><p>");
    html.push_str(&labels.spoken.count(summary.messages, Noun::Message));
    if summary.topics > 1 {
        let topics = labels.spoken.count(summary.topics, Noun::Topic);
        let _ = write!(html, " · {topics}");
    }
    if let Some((first, last)) = summary.ids {
        let _ = write!(html, " · {}: {first}–{last}", labels.ids);
    }
    html.push_str("</p><p>topicvault</p></footer>\n</body>\n</html>\n");
}
