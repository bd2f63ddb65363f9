//! Service messages in Telegram Desktop's words.

use serde::ser::SerializeMap;

use crate::model::{PersonId, Service};
use crate::transcript::writer::Page;

/// Adds `action` and its fields.
pub(super) fn describe<M: SerializeMap>(
    object: &mut M,
    service: &Service,
    page: &Page<'_>,
) -> Result<(), M::Error> {
    let action = match service {
        Service::TopicCreated { .. } => "topic_created",
        Service::TopicEdited { .. } => "topic_edit",
        Service::Pinned { .. } => "pin_message",
        Service::Joined { .. } => "invite_members",
        Service::Left { .. } => "remove_members",
        Service::GroupTitle { .. } => "edit_group_title",
        Service::Other { name } => name,
    };
    object.serialize_entry("action", action)?;
    match service {
        Service::TopicCreated { title } | Service::GroupTitle { title } => {
            object.serialize_entry("title", title)?;
        }
        Service::TopicEdited {
            title,
            closed,
            hidden,
        } => {
            if let Some(title) = title {
                object.serialize_entry("new_title", title)?;
            }
            if let Some(closed) = closed {
                object.serialize_entry("closed", closed)?;
            }
            if let Some(hidden) = hidden {
                object.serialize_entry("hidden", hidden)?;
            }
        }
        Service::Pinned { message } => {
            if let Some(message) = message {
                object.serialize_entry("message_id", message)?;
            }
        }
        Service::Joined { people } => members(object, people, page)?,
        Service::Left { person } => members(object, &[*person], page)?,
        Service::Other { .. } => {}
    }
    Ok(())
}

fn members<M: SerializeMap>(
    object: &mut M,
    people: &[PersonId],
    page: &Page<'_>,
) -> Result<(), M::Error> {
    let names: Vec<Option<&str>> = people.iter().map(|person| page.name(*person)).collect();
    object.serialize_entry("members", &names)?;
    object.serialize_entry("member_ids", people)
}
