//! What a client missed.

use std::collections::BTreeSet;

use grammers_tl_types::{enums, functions, types};

use super::dialogs::joined;
use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::place::milliseconds;
use crate::emulator::mtproto::push;
use crate::emulator::mtproto::session::seconds;
use crate::emulator::world::{Change, Delivery, Group, Message, State, Way, What};

/// Changes in one difference, at most.
const MOST: i32 = 100;
/// Messages that come with a difference that is too long.
const TOO_LONG_MESSAGES: usize = 20;
/// After how many seconds a client should ask again by itself.
const TIMEOUT: i32 = 30;

/// Where the account's own sequence stands: private chats are empty, so it never moves.
pub(super) fn get_state(
    call: &mut Call,
    _: functions::updates::GetState,
) -> Result<enums::updates::State, RpcRefusal> {
    call.me()?;
    Ok(state(call.caller.place.world.read(|it| seconds(it.now()))))
}

/// The account's state at a time.
pub(super) fn state(date: i32) -> enums::updates::State {
    types::updates::State {
        pts: 1,
        qts: 1,
        date,
        seq: 1,
        unread_count: 0,
    }
    .into()
}

/// Names the groups that changed since `date`; what changed is asked of each.
pub(super) fn get_difference(
    call: &mut Call,
    request: functions::updates::GetDifference,
) -> Result<enums::updates::Difference, RpcRefusal> {
    let me = call.me()?;
    if request.date <= 0 || request.pts <= 0 {
        return Err(RpcRefusal::bad("PERSISTENT_TIMESTAMP_EMPTY"));
    }
    Ok(call.caller.place.world.read(|it| {
        let since = i64::from(request.date);
        // The log's dates never go back. A date ahead of the clock is from before that was turned
        // back: whatever happened since may be new.
        let ahead = since > it.now() && since <= it.turned_back_from();
        let changed: BTreeSet<i64> = it
            .log()
            .iter()
            .rev()
            .take_while(|change| ahead || change.at >= since)
            .map(|change| change.group)
            .collect();
        let view = View { state: it, me };
        let groups: Vec<&Group> = joined(it, me)
            .filter(|group| changed.contains(&group.id))
            .collect();
        let date = seconds(it.now());
        if groups.is_empty() {
            return types::updates::DifferenceEmpty { date, seq: 1 }.into();
        }
        let other_updates = groups
            .iter()
            .map(|group| {
                types::UpdateChannelTooLong {
                    channel_id: group.id,
                    pts: None,
                }
                .into()
            })
            .collect();
        types::updates::Difference {
            new_messages: Vec::new(),
            new_encrypted_messages: Vec::new(),
            other_updates,
            chats: groups.iter().map(|group| view.channel(group)).collect(),
            users: view.users([me]),
            state: state(date),
        }
        .into()
    }))
}

/// What changed in a group since `pts`, a slice at a time. Only the current state of a message is
/// told, and nothing about one that came and went meanwhile but its deletion.
pub(super) fn get_channel_difference(
    call: &mut Call,
    request: functions::updates::GetChannelDifference,
) -> Result<enums::updates::ChannelDifference, RpcRefusal> {
    let me = call.me()?;
    let connection = call.caller.number;
    let forced = call.caller.place.faults.take_too_long_difference();
    if request.pts <= 0 {
        return Err(RpcRefusal::bad("PERSISTENT_TIMESTAMP_EMPTY"));
    }
    let limit = usize::try_from(request.limit.clamp(1, MOST)).unwrap_or(1);
    call.caller.place.world.write(|it| {
        let (answer, deliveries) = {
            let group = peers::channel(it, me, &request.channel)?;
            if request.pts > group.pts {
                return Err(RpcRefusal::bad("PERSISTENT_TIMESTAMP_INVALID"));
            }
            if group.pts == request.pts {
                let empty = types::updates::ChannelDifferenceEmpty {
                    r#final: true,
                    pts: group.pts,
                    timeout: Some(TIMEOUT),
                };
                return Ok(empty.into());
            }
            if forced || group.pts - request.pts > it.difference_limit {
                return Ok(too_long(&View { state: it, me }, group));
            }
            slice(it, me, group, request.pts, limit, connection)
        };
        it.journal.deliver(deliveries);
        Ok(answer)
    })
}

fn too_long(view: &View<'_>, group: &Group) -> enums::updates::ChannelDifference {
    let newest: Vec<&Message> = group
        .messages
        .values()
        .rev()
        .filter(|message| message.deleted_at.is_none() && view.shows(message))
        .take(TOO_LONG_MESSAGES)
        .collect();
    types::updates::ChannelDifferenceTooLong {
        r#final: true,
        timeout: Some(TIMEOUT),
        dialog: view.dialog(group),
        messages: newest.iter().map(|message| view.message(message)).collect(),
        chats: vec![view.channel(group)],
        users: view.users_in(newest),
    }
    .into()
}

fn slice(
    state: &State,
    me: i64,
    group: &Group,
    pts: i32,
    limit: usize,
    connection: u64,
) -> (enums::updates::ChannelDifference, Vec<Delivery>) {
    let view = View { state, me };
    // The log is ordered by pts within a group, so the slice is near its end.
    let mut changes: Vec<_> = state
        .log()
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, change)| change.group == group.id)
        .take_while(|(_, change)| change.pts > pts)
        .collect();
    changes.reverse();
    let complete = changes.len() <= limit;
    changes.truncate(limit);
    let reached = changes.last().map_or(group.pts, |(_, change)| change.pts);

    let bot = view.is_bot();
    let reads =
        |change: &Change, message: &Message| !bot || message.from == me || change.read_by(me);
    let mut new_messages = Vec::new();
    let mut other_updates = Vec::new();
    let mut told: Vec<&Message> = Vec::new();
    let mut deliveries = Vec::new();
    for (index, change) in changes {
        let mut deliver = |ids: Vec<i32>, what, message: Option<&Message>| {
            deliveries.push(Delivery {
                connection,
                change: index,
                group: group.id,
                ids,
                what,
                text: message.map(|message| message.text.clone()),
                edit_date: message.and_then(|message| message.edit_date),
                way: Way::Difference,
                at_ms: milliseconds(),
            });
        };
        match &change.what {
            What::Posted(message) => {
                let current = group.visible(message.id).filter(|_| reads(change, message));
                if let Some(current) = current {
                    new_messages.push(view.message(current));
                    told.push(current);
                    deliver(vec![current.id], "posted", Some(current));
                }
            }
            What::Edited(message) => {
                let current = group.visible(message.id).filter(|_| reads(change, message));
                let repeated = told.iter().any(|known| known.id == message.id);
                if let Some(current) = current.filter(|_| !repeated) {
                    other_updates.push(
                        types::UpdateEditChannelMessage {
                            message: view.message(current),
                            pts: change.pts,
                            pts_count: change.pts_count,
                        }
                        .into(),
                    );
                    told.push(current);
                    deliver(vec![current.id], "edited", Some(current));
                }
            }
            What::Deleted(ids) => {
                if let Some(update) = push::update(&view, change) {
                    other_updates.push(update);
                    deliver(ids.clone(), "deleted", None);
                }
            }
            What::Pinned { .. } => other_updates.extend(push::update(&view, change)),
            _ => {}
        }
    }
    let answer = types::updates::ChannelDifference {
        r#final: complete,
        pts: reached,
        timeout: Some(TIMEOUT),
        new_messages,
        other_updates,
        chats: vec![view.channel(group)],
        users: view.users_in(told),
    };
    (answer.into(), deliveries)
}
