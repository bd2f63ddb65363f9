//! What happens in a group, told to a member as it happens.

use grammers_tl_types::{Serializable, enums, types};

use super::convert::{View, channel_peer};
use super::media;
use super::session::{seconds, unix_seconds};
use crate::emulator::world::{Change, Content, Delivery, Message, State, Way, What};

/// The update for a change of the log, unless `user` is no member of its group; who was removed
/// is still told so.
pub(super) fn updates(state: &State, user: i64, index: usize) -> Option<enums::Updates> {
    let change = state.log().get(index)?;
    let group = state.group(change.group)?;
    let own = matches!(&change.what, What::Member { user: whose, .. } if *whose == user);
    if !group.members.contains(&user) && !own {
        return None;
    }
    let view = View { state, me: user };
    let pressed = match &change.what {
        What::Pressed(press) => Some(press.by),
        _ => None,
    };
    let mut users = view.users_in(message(change));
    users.extend(view.users(pressed));
    let updates = types::Updates {
        updates: vec![update(&view, change)?],
        users,
        chats: vec![view.channel(group)],
        date: seconds(change.at),
        // Changes of groups do not count in the account's own sequence.
        seq: 0,
    };
    Some(updates.into())
}

/// Says only that a group changed, and up to which pts.
pub(super) fn too_long(state: &State, user: i64, index: usize) -> Option<enums::Updates> {
    let change = state.log().get(index)?;
    let group = state.group(change.group)?;
    if !group.members.contains(&user) || change.pts_count == 0 {
        return None;
    }
    let update = types::UpdateChannelTooLong {
        channel_id: group.id,
        pts: Some(change.pts),
    };
    let updates = types::Updates {
        updates: vec![update.into()],
        users: Vec::new(),
        chats: vec![View { state, me: user }.channel(group)],
        date: seconds(change.at),
        seq: 0,
    };
    Some(updates.into())
}

/// The message that a change is about, as it was then.
pub(super) fn message(change: &Change) -> Option<&Message> {
    match &change.what {
        What::Posted(message)
        | What::Edited(message)
        | What::Reacted { message, .. }
        | What::Voted { message, .. } => Some(message),
        _ => None,
    }
}

/// Whether a bot hears of a change: of messages that it may read, of presses of its buttons and of
/// its own standing.
fn told_to_bots(view: &View<'_>, change: &Change) -> bool {
    match &change.what {
        What::Posted(message) | What::Edited(message) => {
            message.from == view.me || change.read_by(view.me)
        }
        What::Pressed(_) | What::Member { .. } => true,
        _ => false,
    }
}

/// One change, as it was when it happened.
/// `None` for what this account is not told.
pub(super) fn update(view: &View<'_>, change: &Change) -> Option<enums::Update> {
    if view.is_bot() && !told_to_bots(view, change) {
        return None;
    }
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
        What::Reacted { message, .. } => types::UpdateMessageReactions {
            peer: channel_peer(change.group),
            msg_id: message.id,
            top_msg_id: (message.topic > 1).then_some(message.topic),
            saved_peer_id: None,
            reactions: view.reactions(message).unwrap_or_else(no_reactions),
        }
        .into(),
        What::Voted { message, .. } => {
            let Some(Content::Poll(poll)) = &message.content else {
                return None;
            };
            types::UpdateMessagePoll {
                peer: Some(channel_peer(change.group)),
                msg_id: Some(message.id),
                top_msg_id: (message.topic > 1).then_some(message.topic),
                poll_id: poll.id,
                poll: Some(media::of_poll(poll)),
                results: media::results(view, poll),
            }
            .into()
        }
        What::Member { user, .. } if *user == view.me => types::UpdateChannel {
            channel_id: change.group,
        }
        .into(),
        What::Pressed(press) if press.bot == view.me => types::UpdateBotCallbackQuery {
            query_id: press.id,
            user_id: press.by,
            peer: channel_peer(change.group),
            msg_id: press.message,
            chat_instance: view.state.hash(change.group),
            data: Some(press.data.clone().into_bytes()),
            game_short_name: None,
        }
        .into(),
        What::Member { .. } | What::Pressed(_) => return None,
    };
    Some(update)
}

/// Tells a client that its QR code was scanned: it should ask for its token again.
pub(super) fn scanned() -> Vec<u8> {
    let update = types::UpdateShort {
        update: enums::Update::LoginToken,
        date: seconds(unix_seconds()),
    };
    enums::Updates::from(update).to_bytes()
}

/// What is left once the last reaction is taken back.
pub(super) fn no_reactions() -> enums::MessageReactions {
    types::MessageReactions {
        min: false,
        can_see_list: false,
        reactions_as_tags: false,
        results: Vec::new(),
        recent_reactions: None,
        top_reactors: None,
    }
    .into()
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
        state.journal.deliver([delivery]);
    }
}
