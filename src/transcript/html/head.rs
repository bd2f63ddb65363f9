//! What surrounds the messages: the page's head, a topic's header, the footer.

use std::fmt::Write;

use super::escape::Escaped;
use crate::i18n::Noun;
use crate::model::{Topic, TopicId, TopicStatus, topic_link};
use crate::transcript::Summary;
use crate::transcript::labels::Labels;
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
    let title = match page.single.and_then(|topic| page.facts.topic(topic)) {
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

/// What is known of the customer and the topic, by name.
fn facts(page: &Page<'_>, head: &TopicHead, labels: &Labels) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(customer) = &head.customer {
        let known = [
            (labels.customer, customer.display_name()),
            (
                labels.username,
                customer.username.as_ref().map(|name| format!("@{name}")),
            ),
            (labels.user_id, customer.user_id.map(|id| id.to_string())),
            (labels.language, customer.language.clone()),
            (labels.phone, customer.phone.clone()),
        ];
        facts.extend(
            known
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?))),
        );
    }
    if let Some(created) = head.topic.created.and_then(|at| page.local(at)) {
        facts.push((labels.created, labels.moment(created)));
    }
    facts
}

/// A topic's title; General has none of its own where it was never renamed.
pub(super) fn title(topic: &Topic, labels: &Labels) -> String {
    if !topic.title.is_empty() {
        return topic.title.clone();
    }
    if topic.id == TopicId::GENERAL {
        labels.general.to_owned()
    } else {
        format!("{} {}", labels.topic, topic.id)
    }
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
