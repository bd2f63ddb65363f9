//! Updates: what Telegram tells by itself.

use grammers_client::tl;

use super::message::{Found, group_of, message};
use crate::model::{GroupId, Message, MessageId};

/// What an update means to an archive.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::capture) enum Change {
    /// A message is new or changed.
    Message(GroupId, Box<Message>),
    /// Messages were deleted.
    Gone(GroupId, Vec<MessageId>),
    /// The group itself changed: perhaps we are no longer in it, perhaps it has a new title.
    Group(GroupId),
    /// Nothing that is kept: other chats, typing, presence, read marks, reactions, votes.
    Nothing,
}

/// Reads one update.
pub(in crate::capture) fn change(raw: &tl::enums::Update) -> Change {
    use tl::enums::Update;
    match raw {
        Update::NewChannelMessage(update) => message_change(&update.message),
        Update::EditChannelMessage(update) => message_change(&update.message),
        Update::DeleteChannelMessages(update) => match GroupId::from_bare(update.channel_id) {
            Some(group) => Change::Gone(
                group,
                update.messages.iter().copied().map(MessageId).collect(),
            ),
            None => Change::Nothing,
        },
        Update::Channel(update) => {
            GroupId::from_bare(update.channel_id).map_or(Change::Nothing, Change::Group)
        }
        _ => Change::Nothing,
    }
}

fn message_change(raw: &tl::enums::Message) -> Change {
    match (group_of(raw), message(raw)) {
        (Some(group), Found::Message(message)) => Change::Message(group, message),
        // An empty message says nothing about its content; reconciliation asks again.
        _ => Change::Nothing,
    }
}
