//! Service messages in Telegram Desktop's words.

use serde_json::{Map, Value, json};

use crate::model::{PersonId, Service};
use crate::transcript::writer::Page;

/// Adds `action` and its fields.
pub(super) fn describe(object: &mut Map<String, Value>, service: &Service, page: &Page<'_>) {
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    let names = |people: &[PersonId]| -> Value {
        people
            .iter()
            .map(|person| json!(page.name(*person)))
            .collect()
    };
    match service {
        Service::TopicCreated { title } => {
            put("action", json!("topic_created"));
            put("title", json!(title));
        }
        Service::TopicEdited {
            title,
            closed,
            hidden,
        } => {
            put("action", json!("topic_edit"));
            if let Some(title) = title {
                put("new_title", json!(title));
            }
            if let Some(closed) = closed {
                put("closed", json!(closed));
            }
            if let Some(hidden) = hidden {
                put("hidden", json!(hidden));
            }
        }
        Service::Pinned { message } => {
            put("action", json!("pin_message"));
            if let Some(message) = message {
                put("message_id", json!(message));
            }
        }
        Service::Joined { people } => {
            put("action", json!("invite_members"));
            put("members", names(people));
            put("member_ids", json!(people));
        }
        Service::Left { person } => {
            put("action", json!("remove_members"));
            put("members", names(&[*person]));
            put("member_ids", json!([person]));
        }
        Service::GroupTitle { title } => {
            put("action", json!("edit_group_title"));
            put("title", json!(title));
        }
        Service::Other { name } => put("action", json!(name)),
    }
}
