//! Service messages as a sentence.

use super::Labels;
use crate::model::{PersonId, Service};
use crate::transcript::writer::Page;

/// What happened, after the name of who did it; plain text, not yet escaped.
pub(in crate::transcript) fn sentence(
    service: &Service,
    page: &Page<'_>,
    labels: &Labels,
) -> String {
    let words = &labels.action;
    let name = |person: &PersonId| {
        page.name(*person)
            .map_or_else(|| person.to_string(), str::to_owned)
    };
    match service {
        Service::TopicCreated { title } => {
            format!("{} {}", words.topic_created, labels.quoted(title))
        }
        Service::TopicEdited {
            title,
            closed,
            hidden,
        } => {
            let mut parts: Vec<String> = Vec::new();
            if let Some(title) = title {
                parts.push(format!("{} {}", words.topic_renamed, labels.quoted(title)));
            }
            if let Some(closed) = closed {
                parts.push(
                    if *closed {
                        words.topic_closed
                    } else {
                        words.topic_reopened
                    }
                    .to_owned(),
                );
            }
            if let Some(hidden) = hidden {
                parts.push(
                    if *hidden {
                        words.topic_hidden
                    } else {
                        words.topic_shown
                    }
                    .to_owned(),
                );
            }
            if parts.is_empty() {
                parts.push(words.topic_edited.to_owned());
            }
            parts.join(", ")
        }
        Service::Pinned { message } => match message {
            Some(id) => format!("{} #{id}", words.pinned),
            None => words.pinned.trim_end_matches(':').to_owned(),
        },
        Service::Joined { people } => {
            let names: Vec<String> = people.iter().map(name).collect();
            format!("{} {}", words.joined, names.join(", "))
        }
        Service::Left { person } => format!("{} {}", words.left, name(person)),
        Service::GroupTitle { title } => format!("{} {}", words.group_title, labels.quoted(title)),
        Service::Other { name } => format!("· {name}"),
    }
}
