//! A topic in words.

use super::Labels;
use crate::model::{Topic, TopicId};
use crate::transcript::writer::{Page, TopicHead};

/// What is known of the customer and the topic, by name.
pub(in crate::transcript) fn facts(
    page: &Page<'_>,
    head: &TopicHead,
    labels: &Labels,
) -> Vec<(&'static str, String)> {
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
pub(in crate::transcript) fn title(topic: &Topic, labels: &Labels) -> String {
    if !topic.title.is_empty() {
        return topic.title.clone();
    }
    if topic.id == TopicId::GENERAL {
        labels.general.to_owned()
    } else {
        format!("{} {}", labels.topic, topic.id)
    }
}
