//! Posting, editing and deleting.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::entities::entities_of;
use crate::emulator::mtproto::place::milliseconds;
use crate::emulator::mtproto::{push, session::seconds};
use crate::emulator::world::{Draft, Group, State};

/// Posts a text.
pub(super) fn send_message(
    call: &mut Call,
    request: functions::messages::SendMessage,
) -> Result<enums::Updates, RpcRefusal> {
    let me = call.me()?;
    let place = call.caller.place.clone();
    let number = call.caller.number;
    if request.schedule_date.is_some() {
        return Err(RpcRefusal::bad("SCHEDULE_DATE_INVALID"));
    }
    let (answer, index) = place.world.write(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let (topic, reply_to) = target(group, request.reply_to.as_ref())?;
        let draft = Draft {
            topic,
            entities: entities_of(request.entities.unwrap_or_default(), &request.message),
            text: request.message,
            reply_to,
            ..Draft::default()
        };
        let group = group.id;
        if !place.keys.first_use(me, request.random_id) {
            return Err(RpcRefusal::new(500, "RANDOM_ID_DUPLICATE"));
        }
        let id = state.post(group, me, draft)?;
        let announced = types::UpdateMessageId {
            id,
            random_id: request.random_id,
        };
        told(state, me, number, vec![announced.into()])
    })?;
    call.told.push(index);
    Ok(answer)
}

/// The topic that a post goes to, and the message that it answers.
fn target(
    group: &Group,
    reply: Option<&enums::InputReplyTo>,
) -> Result<(i32, Option<i32>), RpcRefusal> {
    let reply = match reply {
        None => return Ok((1, None)),
        Some(enums::InputReplyTo::Message(reply)) => reply,
        Some(_) => return Err(RpcRefusal::bad("REPLY_TO_INVALID")),
    };
    let to = reply.reply_to_msg_id;
    if group.topics.contains_key(&to) {
        return Ok((to, None));
    }
    let message = group
        .visible(to)
        .ok_or_else(|| RpcRefusal::bad("MESSAGE_ID_INVALID"))?;
    Ok((reply.top_msg_id.unwrap_or(message.topic), Some(to)))
}

/// Changes the text of one's own message; media and buttons stay.
pub(super) fn edit_message(
    call: &mut Call,
    request: functions::messages::EditMessage,
) -> Result<enums::Updates, RpcRefusal> {
    let me = call.me()?;
    let world = call.caller.place.world.clone();
    let number = call.caller.number;
    if request.media.is_some() {
        return Err(RpcRefusal::bad("MEDIA_INVALID"));
    }
    let (answer, index) = world.write(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let message = group
            .visible(request.id)
            .ok_or_else(|| RpcRefusal::bad("MESSAGE_ID_INVALID"))?;
        let text = request.message.unwrap_or_else(|| message.text.clone());
        let draft = Draft {
            entities: entities_of(request.entities.unwrap_or_default(), &text),
            text,
            buttons: message.buttons.clone(),
            ..Draft::default()
        };
        let group = group.id;
        state.edit(group, me, request.id, draft)?;
        told(state, me, number, Vec::new())
    })?;
    call.told.push(index);
    Ok(answer)
}

/// The answer that tells the log's newest change to whoever caused it.
fn told(
    state: &mut State,
    me: i64,
    connection: u64,
    mut first: Vec<enums::Update>,
) -> Result<(enums::Updates, usize), RpcRefusal> {
    let index = state.log().len().saturating_sub(1);
    let nothing = || RpcRefusal::new(500, "RPC_CALL_FAIL");
    let answer = {
        let change = state.log().get(index).ok_or_else(nothing)?;
        let group = state.group(change.group).ok_or_else(nothing)?;
        let view = View { state, me };
        first.push(push::update(&view, change));
        types::Updates {
            updates: first,
            users: view.users([me]),
            chats: vec![view.channel(group)],
            date: seconds(change.at),
            seq: 0,
        }
    };
    push::note(state, &[index], connection, milliseconds());
    Ok((answer.into(), index))
}

/// Deletes messages of private chats, of which there are none.
pub(super) fn delete_messages(
    call: &mut Call,
    _: functions::messages::DeleteMessages,
) -> Result<enums::messages::AffectedMessages, RpcRefusal> {
    call.me()?;
    Ok(types::messages::AffectedMessages {
        pts: 1,
        pts_count: 0,
    }
    .into())
}

/// Deletes messages of a group.
pub(super) fn delete_channel_messages(
    call: &mut Call,
    request: functions::channels::DeleteMessages,
) -> Result<enums::messages::AffectedMessages, RpcRefusal> {
    let me = call.me()?;
    let world = call.caller.place.world.clone();
    let number = call.caller.number;
    let (answer, index) = world.write(|state| {
        let group = peers::channel(state, me, &request.channel)?.id;
        let before = state.log().len();
        state.delete(group, me, &request.id)?;
        let index = Some(before).filter(|before| state.log().len() > *before);
        if let Some(index) = index {
            push::note(state, &[index], number, milliseconds());
        }
        let pts_count = index
            .and_then(|index| state.log().get(index))
            .map_or(0, |change| change.pts_count);
        let pts = state.group(group).map_or(0, |group| group.pts);
        Ok::<_, RpcRefusal>((types::messages::AffectedMessages { pts, pts_count }, index))
    })?;
    call.told.extend(index);
    Ok(answer.into())
}
