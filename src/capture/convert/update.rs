//! Updates: what Telegram tells by itself.

use grammers_client::tl;

use super::marks::{marks, reactions, views, votes};
use super::message::{Found, group_of, message};
use super::people::renamed;
use crate::model::{GroupId, Mark, Message, MessageId, Person, Votes};

/// What an update means to an archive.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::capture) enum Change {
    /// A message is new or changed; and how everything around it stands.
    Message(GroupId, Box<Message>, Vec<Mark>),
    /// Messages were deleted.
    Gone(GroupId, Vec<MessageId>),
    /// Something around messages changed.
    Marked(GroupId, Vec<MessageId>, Mark),
    /// A poll's votes changed; in which message it stands, the archives know.
    Voted(i64, Votes),
    /// Somebody has another name.
    Renamed(Person),
    /// The group itself changed: perhaps we are no longer in it, perhaps it has a new title.
    Group(GroupId),
    /// Nothing that is kept: other chats, typing, presence, read marks.
    Nothing,
}

/// Whether an update may mean something to an archive; cheaper than reading it.
pub(in crate::capture) fn concerns_archives(raw: &tl::enums::Update) -> bool {
    use tl::enums::Update;
    matches!(
        raw,
        Update::NewChannelMessage(_)
            | Update::EditChannelMessage(_)
            | Update::DeleteChannelMessages(_)
            | Update::PinnedChannelMessages(_)
            // Link previews are not kept, but they count in the order of updates.
            | Update::ChannelWebPage(_)
            | Update::MessageReactions(_)
            | Update::MessagePoll(_)
            | Update::ChannelMessageViews(_)
            | Update::ChannelMessageForwards(_)
            | Update::UserName(_)
    )
}

/// Reads one update.
pub(in crate::capture) fn change(raw: &tl::enums::Update) -> Change {
    use tl::enums::Update;
    match raw {
        Update::NewChannelMessage(update) => message_change(&update.message),
        Update::EditChannelMessage(update) => message_change(&update.message),
        Update::DeleteChannelMessages(update) => match GroupId::from_bare(update.channel_id) {
            Some(group) => Change::Gone(group, ids(&update.messages)),
            None => Change::Nothing,
        },
        Update::PinnedChannelMessages(update) => {
            let mark = Mark::Pinned {
                pinned: update.pinned,
            };
            marked(update.channel_id, &update.messages, mark)
        }
        Update::MessageReactions(update) => {
            let mark = Mark::Reactions(reactions(&update.reactions));
            marked_at(&update.peer, update.msg_id, mark)
        }
        Update::MessagePoll(update) => {
            let poll = update.poll.as_ref().map(|poll| {
                let tl::enums::Poll::Poll(poll) = poll;
                poll
            });
            match (votes(poll, &update.results), &update.peer, update.msg_id) {
                (Some(votes), Some(peer), Some(id)) => marked_at(peer, id, Mark::Votes(votes)),
                (Some(votes), ..) => Change::Voted(update.poll_id, votes),
                (None, ..) => Change::Nothing,
            }
        }
        Update::ChannelMessageViews(update) => {
            let mark = views(Some(update.views), None);
            marked(update.channel_id, &[update.id], mark)
        }
        Update::ChannelMessageForwards(update) => {
            let mark = views(None, Some(update.forwards));
            marked(update.channel_id, &[update.id], mark)
        }
        Update::UserName(update) => Change::Renamed(renamed(update)),
        Update::Channel(update) => group_changed(update.channel_id),
        // It shows us more or less of itself.
        Update::ChannelAvailableMessages(update) => group_changed(update.channel_id),
        _ => Change::Nothing,
    }
}

fn group_changed(channel: i64) -> Change {
    GroupId::from_bare(channel).map_or(Change::Nothing, Change::Group)
}

fn ids(raw: &[i32]) -> Vec<MessageId> {
    raw.iter().copied().map(MessageId).collect()
}

fn marked(channel: i64, messages: &[i32], mark: Mark) -> Change {
    GroupId::from_bare(channel).map_or(Change::Nothing, |group| {
        Change::Marked(group, ids(messages), mark)
    })
}

fn marked_at(peer: &tl::enums::Peer, message: i32, mark: Mark) -> Change {
    match peer {
        tl::enums::Peer::Channel(channel) => marked(channel.channel_id, &[message], mark),
        tl::enums::Peer::User(_) | tl::enums::Peer::Chat(_) => Change::Nothing,
    }
}

fn message_change(raw: &tl::enums::Message) -> Change {
    match (group_of(raw), message(raw)) {
        (Some(group), Found::Message(message)) => Change::Message(group, message, marks(raw)),
        // An empty message says nothing about its content; reconciliation asks again.
        _ => Change::Nothing,
    }
}
