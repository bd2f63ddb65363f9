//! Telegram's own messages about the group.

use grammers_client::tl;

use super::name::constructor;
use crate::model::{MessageId, PersonId, Service};

/// What a service message says; `answered` is the message it points at.
pub(super) fn service(
    action: &tl::enums::MessageAction,
    answered: Option<MessageId>,
    author: Option<PersonId>,
) -> Service {
    use tl::enums::MessageAction as Action;
    let people = |ids: &[i64]| ids.iter().copied().map(PersonId).collect();
    match action {
        Action::TopicCreate(topic) => Service::TopicCreated {
            title: topic.title.clone(),
        },
        Action::TopicEdit(topic) => Service::TopicEdited {
            title: topic.title.clone(),
            closed: topic.closed,
            hidden: topic.hidden,
        },
        Action::PinMessage => Service::Pinned { message: answered },
        Action::ChatAddUser(added) => Service::Joined {
            people: people(&added.users),
        },
        // Whoever joins by a link or request is the author of the message about it.
        Action::ChatJoinedByLink(_)
        | Action::ChatJoinedByRequest
        | Action::ChatJoinedViaCommunity(_) => Service::Joined {
            people: author.into_iter().collect(),
        },
        Action::ChatDeleteUser(left) => Service::Left {
            person: PersonId(left.user_id),
        },
        Action::ChatEditTitle(chat) => Service::GroupTitle {
            title: chat.title.clone(),
        },
        Action::ChannelCreate(chat) => Service::GroupTitle {
            title: chat.title.clone(),
        },
        other => Service::Other {
            name: constructor(other),
        },
    }
}
