//! Users and chats into people.

use grammers_client::tl;

use crate::model::{GroupId, Person, PersonId, PersonKind};

/// Who a peer is, in one number space.
pub(in crate::capture) fn person_id(peer: &tl::enums::Peer) -> PersonId {
    match peer {
        tl::enums::Peer::User(user) => PersonId(user.user_id),
        tl::enums::Peer::Chat(chat) => PersonId(chat.chat_id.saturating_neg()),
        tl::enums::Peer::Channel(channel) => channel_id(channel.channel_id),
    }
}

fn channel_id(bare: i64) -> PersonId {
    // Ids beyond the range that Telegram gives out stay recognisable instead of being refused.
    PersonId(GroupId::from_bare(bare).map_or(bare.saturating_neg(), GroupId::marked))
}

/// A user, as far as Telegram shows them.
pub(in crate::capture) fn person_of_user(user: &tl::types::User) -> Person {
    let name = full_name(user.first_name.as_deref(), user.last_name.as_deref());
    Person {
        id: PersonId(user.id),
        kind: if user.bot {
            PersonKind::Bot
        } else {
            PersonKind::User
        },
        // A deleted account keeps its id and loses its name.
        name: if user.deleted { String::new() } else { name },
        username: username(user.username.as_deref(), user.usernames.as_deref()),
    }
}

/// Somebody's new name. What sort of account it is, is not said: a user's, unless known better.
pub(in crate::capture) fn renamed(raw: &tl::types::UpdateUserName) -> Person {
    Person {
        id: PersonId(raw.user_id),
        kind: PersonKind::User,
        name: full_name(Some(&raw.first_name), Some(&raw.last_name)),
        username: username(None, Some(&raw.usernames)),
    }
}

fn full_name(first: Option<&str>, last: Option<&str>) -> String {
    [first, last]
        .into_iter()
        .flatten()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Everyone whom an answer or update brings along.
pub(in crate::capture) fn people(
    users: &[tl::enums::User],
    chats: &[tl::enums::Chat],
) -> Vec<Person> {
    let users = users.iter().filter_map(|user| match user {
        tl::enums::User::User(user) => Some(person_of_user(user)),
        tl::enums::User::Empty(_) => None,
    });
    let chats = chats.iter().filter_map(|chat| {
        let (id, title, name) = match chat {
            tl::enums::Chat::Channel(channel) => (
                channel_id(channel.id),
                &channel.title,
                username(channel.username.as_deref(), channel.usernames.as_deref()),
            ),
            tl::enums::Chat::ChannelForbidden(channel) => {
                (channel_id(channel.id), &channel.title, None)
            }
            tl::enums::Chat::Chat(chat) => (PersonId(chat.id.saturating_neg()), &chat.title, None),
            tl::enums::Chat::Forbidden(chat) => {
                (PersonId(chat.id.saturating_neg()), &chat.title, None)
            }
            tl::enums::Chat::Empty(_)
            | tl::enums::Chat::Community(_)
            | tl::enums::Chat::CommunityForbidden(_) => return None,
        };
        Some(Person {
            id,
            kind: PersonKind::Channel,
            name: title.clone(),
            username: name,
        })
    });
    users.chain(chats).collect()
}

/// The username: the plain one, else the first active one of several.
fn username(plain: Option<&str>, several: Option<&[tl::enums::Username]>) -> Option<String> {
    plain
        .map(str::to_owned)
        .or_else(|| {
            several?.iter().find_map(|name| {
                let tl::enums::Username::Username(name) = name;
                name.active.then(|| name.username.clone())
            })
        })
        .filter(|name| !name.is_empty())
}
