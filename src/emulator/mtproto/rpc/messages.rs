//! Posting, editing and deleting.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::entities::entities_of;
use crate::emulator::mtproto::place::milliseconds;
use crate::emulator::mtproto::push;
use crate::emulator::world::{Draft, Group};

/// Posts a text.
pub(super) fn send_message(
    call: &mut Call,
    request: functions::messages::SendMessage,
) -> Result<enums::Updates, RpcRefusal> {
    let keys = call.caller.place.keys.clone();
    if request.schedule_date.is_some() {
        return Err(RpcRefusal::bad("SCHEDULE_DATE_INVALID"));
    }
    told::change(call, |state, me| {
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
        if !keys.first_use(me, request.random_id) {
            return Err(RpcRefusal::new(500, "RANDOM_ID_DUPLICATE"));
        }
        let id = state.post(group, me, draft)?;
        let announced = types::UpdateMessageId {
            id,
            random_id: request.random_id,
        };
        Ok(vec![announced.into()])
    })
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
    if request.media.is_some() {
        return Err(RpcRefusal::bad("MEDIA_INVALID"));
    }
    told::change(call, |state, me| {
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
        Ok(Vec::new())
    })
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
