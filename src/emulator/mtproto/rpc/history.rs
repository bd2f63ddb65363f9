//! Messages: a group's or a topic's history, and chosen ones.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::{View, channel_peer, count};
use crate::emulator::world::{Group, Message, State};

/// Messages in one answer, at most.
const MOST: i32 = 100;

/// Which part of a list is wanted, as <https://core.telegram.org/api/offsets> describes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    /// From the message before this one on.
    pub(super) offset_id: i32,
    /// Or from the messages before this date on.
    pub(super) offset_date: i32,
    /// So many further on; negative: back.
    pub(super) add_offset: i32,
    /// So many.
    pub(super) limit: i32,
    /// Of these, only those below.
    pub(super) max_id: i32,
    /// And only those above.
    pub(super) min_id: i32,
}

/// A group's history.
pub(super) fn get_history(
    call: &mut Call,
    request: functions::messages::GetHistory,
) -> Result<enums::messages::Messages, RpcRefusal> {
    let me = call.me()?;
    let window = Window {
        offset_id: request.offset_id,
        offset_date: request.offset_date,
        add_offset: request.add_offset,
        limit: request.limit,
        max_id: request.max_id,
        min_id: request.min_id,
    };
    call.caller.place.world.read(|state| {
        if private(state, me, &request.peer)? {
            return Ok(nothing());
        }
        let group = peers::group(state, me, &request.peer)?;
        Ok(answer(state, me, group, window, group.ids()))
    })
}

/// A topic's history, or the replies to a message.
pub(super) fn get_replies(
    call: &mut Call,
    request: functions::messages::GetReplies,
) -> Result<enums::messages::Messages, RpcRefusal> {
    let me = call.me()?;
    let window = Window {
        offset_id: request.offset_id,
        offset_date: request.offset_date,
        add_offset: request.add_offset,
        limit: request.limit,
        max_id: request.max_id,
        min_id: request.min_id,
    };
    call.caller.place.world.read(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let root = request.msg_id;
        if group.topics.contains_key(&root) {
            return Ok(answer(state, me, group, window, group.ids_in(root)));
        }
        if group.visible(root).is_none() {
            return Err(RpcRefusal::bad("MSG_ID_INVALID"));
        }
        let replies = matching(group, |message| message.reply_to == Some(root));
        Ok(answer(state, me, group, window, &replies))
    })
}

/// Chosen messages of private chats, of which there are none.
pub(super) fn get_messages(
    call: &mut Call,
    request: functions::messages::GetMessages,
) -> Result<enums::messages::Messages, RpcRefusal> {
    call.me()?;
    let messages = request.id.iter().map(|id| empty(wanted(id), None));
    let answer = types::messages::Messages {
        messages: messages.collect(),
        topics: Vec::new(),
        chats: Vec::new(),
        users: Vec::new(),
    };
    Ok(answer.into())
}

/// Chosen messages of a group; those that do not exist come back empty.
pub(super) fn get_channel_messages(
    call: &mut Call,
    request: functions::channels::GetMessages,
) -> Result<enums::messages::Messages, RpcRefusal> {
    let me = call.me()?;
    if request.id.len() > 100 {
        return Err(RpcRefusal::bad("LIMIT_INVALID"));
    }
    call.caller.place.world.read(|state| {
        let group = peers::channel(state, me, &request.channel)?;
        let view = View { state, me };
        let mut found = Vec::new();
        let mut messages = Vec::new();
        for input in &request.id {
            let id = match input {
                enums::InputMessage::ReplyTo(of) => group
                    .visible(of.id)
                    .and_then(|message| message.reply_to)
                    .unwrap_or_default(),
                // The newest one pinned, or nothing at all.
                enums::InputMessage::Pinned => {
                    let mut newest = group.messages.values().rev();
                    let pinned = newest.find(|it| it.pinned && it.deleted_at.is_none());
                    match pinned {
                        Some(message) => message.id,
                        None => continue,
                    }
                }
                other => wanted(other),
            };
            match group.visible(id).filter(|message| view.shows(message)) {
                Some(message) => {
                    found.push(message);
                    messages.push(view.message(message));
                }
                None => messages.push(empty(id, Some(group))),
            }
        }
        let answer = types::messages::ChannelMessages {
            inexact: false,
            pts: group.pts,
            count: count(messages.len()),
            offset_id_offset: None,
            messages,
            topics: Vec::new(),
            chats: vec![view.channel(group)],
            users: view.users_in(found),
        };
        Ok(answer.into())
    })
}

fn wanted(message: &enums::InputMessage) -> i32 {
    match message {
        enums::InputMessage::Id(message) => message.id,
        _ => 0,
    }
}

fn empty(id: i32, group: Option<&Group>) -> enums::Message {
    types::MessageEmpty {
        id,
        peer_id: group.map(|group| channel_peer(group.id)),
    }
    .into()
}

/// Whether a private chat is meant; those exist, but are empty.
pub(super) fn private(state: &State, me: i64, peer: &enums::InputPeer) -> Result<bool, RpcRefusal> {
    match peer {
        enums::InputPeer::PeerSelf | enums::InputPeer::User(_) => {
            peers::user_peer(state, me, peer).map(|_| true)
        }
        _ => Ok(false),
    }
}

/// An empty list.
pub(super) fn nothing() -> enums::messages::Messages {
    types::messages::Messages {
        messages: Vec::new(),
        topics: Vec::new(),
        chats: Vec::new(),
        users: Vec::new(),
    }
    .into()
}

/// The ids of those messages of a group that pass, ascending.
pub(super) fn matching(group: &Group, wanted: impl Fn(&Message) -> bool) -> Vec<i32> {
    let visible = group.ids().iter().copied();
    visible
        .filter(|id| group.visible(*id).is_some_and(&wanted))
        .collect()
}

/// A page of those of a group's messages that `ids` names, ascending.
pub(super) fn answer(
    state: &State,
    me: i64,
    group: &Group,
    window: Window,
    ids: &[i32],
) -> enums::messages::Messages {
    let ids = group.shown(me, ids);
    let (start, page) = cut(group, ids, window);
    let view = View { state, me };
    types::messages::ChannelMessages {
        inexact: false,
        pts: group.pts,
        count: count(ids.len()),
        offset_id_offset: Some(count(start)),
        messages: page.iter().map(|message| view.message(message)).collect(),
        topics: Vec::new(),
        chats: vec![view.channel(group)],
        users: view.users_in(page),
    }
    .into()
}

/// Cuts a page out of a list, newest first: find the place by `offset_id` or `offset_date`, move by
/// `add_offset`, take `limit`; `max_id` and `min_id` thin out what was taken, they do not move it.
/// A page that would begin before the list keeps its end.
fn cut<'g>(group: &'g Group, ids: &[i32], window: Window) -> (usize, Vec<&'g Message>) {
    let date = |id: &i32| group.messages.get(id).map_or(0, |message| message.date);
    let older = if window.offset_id > 0 {
        ids.partition_point(|id| *id < window.offset_id)
    } else if window.offset_date > 0 {
        ids.partition_point(|id| date(id) < i64::from(window.offset_date))
    } else {
        ids.len()
    };
    let place =
        |index: i64| usize::try_from(index.max(0)).map_or(ids.len(), |it| it.min(ids.len()));
    let start = i64::try_from(ids.len() - older).unwrap_or(i64::MAX) + i64::from(window.add_offset);
    let end = place(start + i64::from(window.limit.clamp(0, MOST)));
    let start = place(start);
    let page = ids
        .get(ids.len() - end.max(start)..ids.len() - start)
        .unwrap_or_default()
        .iter()
        .rev()
        .filter(|id| window.max_id <= 0 || **id < window.max_id)
        .filter(|id| **id > window.min_id)
        .filter_map(|id| group.visible(*id))
        .collect();
    (start, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(window: Window) -> Vec<i32> {
        let ids: Vec<i32> = (1..=20).filter(|id| id % 5 != 0).collect();
        let message = |id: &i32| Message {
            id: *id,
            date: i64::from(*id) * 10,
            ..Message::default()
        };
        let mut group = Group::default();
        group.messages = ids.iter().map(|id| (*id, message(id))).collect();
        cut(&group, &ids, window)
            .1
            .iter()
            .map(|message| message.id)
            .collect()
    }

    #[test]
    fn pages_in_every_direction() {
        let window = Window {
            limit: 3,
            ..Window::default()
        };
        assert_eq!(pages(window), [19, 18, 17]);
        let older = Window {
            offset_id: 17,
            ..window
        };
        assert_eq!(pages(older), [16, 14, 13]);
        let gap = Window {
            offset_id: 15,
            ..window
        };
        assert_eq!(pages(gap), [14, 13, 12]);
        let newer = Window {
            offset_id: 8,
            add_offset: -3,
            ..window
        };
        assert_eq!(pages(newer), [11, 9, 8]);
        let around = Window {
            offset_id: 12,
            add_offset: -2,
            ..window
        };
        assert_eq!(pages(around), [13, 12, 11]);
        let before_the_list = Window {
            offset_id: 18,
            add_offset: -3,
            ..window
        };
        assert_eq!(pages(before_the_list), [19, 18]);
        let skipped = Window {
            add_offset: 14,
            ..window
        };
        assert_eq!(pages(skipped), [2, 1]);
        let by_date = Window {
            offset_date: 70,
            ..window
        };
        assert_eq!(pages(by_date), [6, 4, 3]);
        let thinned = Window {
            max_id: 19,
            min_id: 17,
            ..window
        };
        assert_eq!(pages(thinned), [18]);
        let beyond = Window {
            offset_id: 1,
            ..window
        };
        assert!(pages(beyond).is_empty());
        let extreme = Window {
            offset_id: i32::MAX,
            add_offset: i32::MIN,
            limit: i32::MAX,
            ..window
        };
        assert!(pages(extreme).is_empty());
    }
}
