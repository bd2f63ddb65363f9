//! What happens in a group, told to a member as it happens.

use grammers_tl_types::{enums, types};

use super::convert::{View, channel_peer};
use super::session::seconds;
use crate::emulator::world::{Change, Delivery, State, Way, What};

/// The update for a change of the log, unless `user` is no member of its group.
pub(super) fn updates(state: &State, user: i64, index: usize) -> Option<enums::Updates> {
    let change = state.log().get(index)?;
    let group = state.group(change.group)?;
    if !group.members.contains(&user) {
        return None;
    }
    let view = View { state, me: user };
    let message = match &change.what {
        What::Posted(message) | What::Edited(message) => Some(message),
        _ => None,
    };
    let updates = types::Updates {
        updates: vec![update(&view, change)?],
        users: view.users_in(message),
        chats: vec![view.channel(group)],
        date: seconds(change.at),
        // Changes of groups do not count in the account's own sequence.
        seq: 0,
    };
    Some(updates.into())
}

/// One change, as it was when it happened.
/// `None` for what is told to bots alone.
pub(super) fn update(view: &View<'_>, change: &Change) -> Option<enums::Update> {
    let (pts, pts_count) = (change.pts, change.pts_count);
    let update = match &change.what {
        What::Posted(message) => types::UpdateNewChannelMessage {
            message: view.message(message),
            pts,
            pts_count,
        }
        .into(),
        What::Edited(message) => types::UpdateEditChannelMessage {
            message: view.message(message),
            pts,
            pts_count,
        }
        .into(),
        What::Deleted(ids) => types::UpdateDeleteChannelMessages {
            channel_id: change.group,
            messages: ids.clone(),
            pts,
            pts_count,
        }
        .into(),
        What::Pinned { messages, pinned } => types::UpdatePinnedChannelMessages {
            pinned: *pinned,
            channel_id: change.group,
            messages: messages.clone(),
            pts,
            pts_count,
        }
        .into(),
        What::TopicPinned { topic, pinned } => types::UpdatePinnedForumTopic {
            pinned: *pinned,
            peer: channel_peer(change.group),
            topic_id: *topic,
        }
        .into(),
        What::Reacted { .. } | What::Voted { .. } | What::Member { .. } | What::Pressed(_) => {
            return None;
        }
    };
    Some(update)
}

/// Notes in the journal that changes were pushed over a connection.
pub(super) fn note(state: &mut State, indexes: &[usize], connection: u64, at_ms: u64) {
    for index in indexes {
        let Some(change) = state.log().get(*index) else {
            continue;
        };
        let (what, ids, message) = match &change.what {
            What::Posted(message) => ("posted", vec![message.id], Some(message)),
            What::Edited(message) => ("edited", vec![message.id], Some(message)),
            What::Deleted(ids) => ("deleted", ids.clone(), None),
            _ => continue,
        };
        let delivery = Delivery {
            connection,
            change: *index,
            group: change.group,
            ids,
            what,
            text: message.map(|message| message.text.clone()),
            edit_date: message.and_then(|message| message.edit_date),
            way: Way::Push,
            at_ms,
        };
        state.journal.deliveries.push(delivery);
    }
}
