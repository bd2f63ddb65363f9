//! A forum's topics, most recently used first.

use std::cmp::Reverse;

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::messages::first_use;
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::convert::{View, count};
use crate::emulator::world::{Group, Topic};

/// Topics in one answer, at most.
const MOST: i32 = 100;

/// The list, a page at a time: a page begins behind the topic `offset_topic`, or behind the topics
/// whose newest message is not older than `offset_id`.
pub(super) fn get_forum_topics(
    call: &mut Call,
    request: functions::messages::GetForumTopics,
) -> Result<enums::messages::ForumTopics, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = forum(peers::group(state, me, &request.peer)?)?;
        let mut topics = listed(group);
        if let Some(query) = request.q.as_deref().filter(|query| !query.is_empty()) {
            let query = query.to_lowercase();
            topics.retain(|(topic, _)| topic.title.to_lowercase().contains(&query));
        }
        let total = topics.len();
        let behind = topics
            .iter()
            .position(|(topic, _)| request.offset_topic > 0 && topic.id == request.offset_topic)
            .map(|at| at + 1);
        let older = |(topic, top): &(&Topic, i32)| {
            request.offset_id <= 0 || (!topic.pinned && *top < request.offset_id)
        };
        let start = behind
            .or_else(|| topics.iter().position(older))
            .unwrap_or(total);
        let limit = usize::try_from(request.limit.clamp(0, MOST)).unwrap_or(0);
        let page: Vec<_> = topics.into_iter().skip(start).take(limit).collect();
        Ok(answer(&View { state, me }, group, total, &page, Vec::new()))
    })
}

/// Chosen topics; those that do not exist come back as deleted.
pub(super) fn get_forum_topics_by_id(
    call: &mut Call,
    request: functions::messages::GetForumTopicsById,
) -> Result<enums::messages::ForumTopics, RpcRefusal> {
    let me = call.me()?;
    if request.topics.is_empty() {
        return Err(RpcRefusal::bad("TOPICS_EMPTY"));
    }
    call.caller.place.world.read(|state| {
        let group = forum(peers::group(state, me, &request.peer)?)?;
        let mut topics = listed(group);
        topics.retain(|(topic, _)| request.topics.contains(&topic.id));
        let missing = request
            .topics
            .iter()
            .filter(|id| !group.topics.contains_key(id))
            .map(|id| types::ForumTopicDeleted { id: *id }.into())
            .collect();
        let total = topics.len();
        Ok(answer(&View { state, me }, group, total, &topics, missing))
    })
}

/// Opens a topic.
pub(super) fn create_forum_topic(
    call: &mut Call,
    request: functions::messages::CreateForumTopic,
) -> Result<enums::Updates, RpcRefusal> {
    let keys = call.caller.place.keys.clone();
    let title = request.title.trim().to_owned();
    told::change(call, |state, me| {
        let group = forum(peers::group(state, me, &request.peer)?)?.id;
        first_use(&keys, me, &[request.random_id])?;
        let id = state.create_topic(group, me, &title, None, None)?;
        keys.use_up(me, &[request.random_id]);
        let announced = types::UpdateMessageId {
            id,
            random_id: request.random_id,
        };
        Ok(vec![announced.into()])
    })
}

/// Renames, closes, reopens or hides a topic.
pub(super) fn edit_forum_topic(
    call: &mut Call,
    request: functions::messages::EditForumTopic,
) -> Result<enums::Updates, RpcRefusal> {
    let title = request.title.as_deref().map(str::trim);
    told::change(call, |state, me| {
        let group = forum(peers::group(state, me, &request.peer)?)?.id;
        if let Some(hidden) = request.hidden {
            if request.topic_id != 1 {
                return Err(RpcRefusal::bad("TOPIC_ID_INVALID"));
            }
            state.hide_general(group, me, hidden)?;
        } else {
            state.edit_topic(group, me, request.topic_id, title, request.closed, None)?;
        }
        Ok(Vec::new())
    })
}

/// Pins a topic in the list, or unpins it.
pub(super) fn update_pinned_forum_topic(
    call: &mut Call,
    request: functions::messages::UpdatePinnedForumTopic,
) -> Result<enums::Updates, RpcRefusal> {
    told::change(call, |state, me| {
        let group = forum(peers::group(state, me, &request.peer)?)?.id;
        state.pin_topic(group, me, request.topic_id, request.pinned)?;
        Ok(Vec::new())
    })
}

fn forum(group: &Group) -> Result<&Group, RpcRefusal> {
    if group.forum {
        Ok(group)
    } else {
        Err(RpcRefusal::bad("CHANNEL_FORUM_MISSING"))
    }
}

/// Topics with the id of their newest message, newest first.
fn listed(group: &Group) -> Vec<(&Topic, i32)> {
    let top = |topic: &Topic| group.ids_in(topic.id).last().copied().unwrap_or(topic.id);
    let mut topics: Vec<_> = group
        .topics
        .values()
        .map(|topic| (topic, top(topic)))
        .collect();
    // Pinned ones first, as in the apps.
    topics.sort_by_key(|(topic, top)| Reverse((topic.pinned, *top)));
    topics
}

fn answer(
    view: &View<'_>,
    group: &Group,
    total: usize,
    page: &[(&Topic, i32)],
    missing: Vec<enums::ForumTopic>,
) -> enums::messages::ForumTopics {
    let tops: Vec<_> = page
        .iter()
        .filter_map(|(_, top)| group.visible(*top))
        .collect();
    let mut users = view.users_in(tops.iter().copied());
    let creators = page.iter().map(|(topic, _)| topic.creator);
    users.extend(view.users(creators));
    users.dedup_by_key(|user| user.id());
    let mut topics: Vec<_> = page
        .iter()
        .map(|(topic, top)| view.topic(group, topic, *top))
        .collect();
    topics.extend(missing);
    types::messages::ForumTopics {
        order_by_create_date: false,
        count: count(total),
        topics,
        messages: tops.iter().map(|message| view.message(message)).collect(),
        chats: vec![view.channel(group)],
        users,
        pts: group.pts,
    }
    .into()
}
