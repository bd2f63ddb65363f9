//! What happens in a group, told to a member as it happens.

use grammers_tl_types::{enums, types};

use super::convert::View;
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
        What::Deleted(_) => None,
    };
    let updates = types::Updates {
        updates: vec![update(&view, change)],
        users: view.users_in(message),
        chats: vec![view.channel(group)],
        date: seconds(change.at),
        // Changes of groups do not count in the account's own sequence.
        seq: 0,
    };
    Some(updates.into())
}

/// One change, as it was when it happened.
pub(super) fn update(view: &View<'_>, change: &Change) -> enums::Update {
    let (pts, pts_count) = (change.pts, change.pts_count);
    match &change.what {
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
    }
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
