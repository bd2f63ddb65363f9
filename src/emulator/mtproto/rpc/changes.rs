//! Editing, deleting and pinning.

use grammers_tl_types::{enums, functions, types};

use super::buttons;
use super::dispatch::Call;
use super::media::{Attached, Received, attached, received};
use super::messages::message_of;
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::entities::entities_of;
use crate::emulator::world::{Draft, State, User};

/// For how long people may edit, seconds.
const EDITABLE: i64 = 172_800;

/// Changes the text, the file or the buttons of one's own message, or closes one's poll.
pub(super) fn edit_message(
    call: &mut Call,
    request: functions::messages::EditMessage,
) -> Result<enums::Updates, RpcRefusal> {
    let uploads = call.caller.place.uploads.clone();
    if request.schedule_date.is_some() {
        return Err(RpcRefusal::bad("SCHEDULE_DATE_INVALID"));
    }
    let me = call.me()?;
    let media = request.media.map(|media| received(&uploads, me, media));
    let media = media.transpose()?;
    told::change(call, |state, me| {
        let group = message_of(state, me, &request.peer, request.id)?;
        if let Some(Received::Other(enums::InputMedia::Poll(media))) = &media {
            let enums::Poll::Poll(poll) = &media.poll;
            if !poll.closed {
                return Err(RpcRefusal::bad("MEDIA_INVALID"));
            }
            state.close_poll(group, me, request.id)?;
            return Ok(Vec::new());
        }
        let file = match &media {
            None => None,
            Some(media) => match attached(state, media)? {
                Attached::File(file) => Some(file),
                Attached::Nothing => None,
                Attached::Content(_) => return Err(RpcRefusal::bad("MEDIA_INVALID")),
            },
        };
        // A bot says which buttons are to be there from now on.
        let new = buttons::attached(state, me, request.reply_markup)?;
        let message = state
            .group(group)
            .and_then(|group| group.visible(request.id))
            .ok_or_else(|| RpcRefusal::bad("MESSAGE_ID_INVALID"))?;
        let (text, entities) = match request.message {
            Some(text) => {
                let entities = entities_of(request.entities.unwrap_or_default());
                (text, entities)
            }
            None => (message.text.clone(), message.entities.clone()),
        };
        let bot = state.user(me).is_some_and(User::is_bot);
        let buttons = if bot { new } else { message.buttons.clone() };
        let draft = Draft {
            text,
            entities,
            file,
            buttons,
            ..Draft::default()
        };
        in_time(state, group, me, request.id)?;
        state.edit(group, me, request.id, draft)?;
        if let Some(media) = &media {
            media.done(&uploads, me);
        }
        Ok(Vec::new())
    })
}

/// People may edit for two days; bots at any time.
fn in_time(state: &State, group: i64, me: i64, id: i32) -> Result<(), RpcRefusal> {
    let message = state.group(group).and_then(|group| group.visible(id));
    let age = message.map_or(0, |message| state.now() - message.date);
    let bot = state.user(me).is_some_and(User::is_bot);
    if age > EDITABLE && !bot {
        return Err(RpcRefusal::bad("MESSAGE_EDIT_TIME_EXPIRED"));
    }
    Ok(())
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
    let moved = told::quietly(call, |state, me| {
        let group = peers::channel(state, me, &request.channel)?.id;
        state.delete(group, me, &request.id)?;
        Ok(group)
    })?;
    Ok(types::messages::AffectedMessages {
        pts: moved.pts,
        pts_count: moved.pts_count,
    }
    .into())
}

/// Pins or unpins a message.
pub(super) fn update_pinned_message(
    call: &mut Call,
    request: functions::messages::UpdatePinnedMessage,
) -> Result<enums::Updates, RpcRefusal> {
    told::change(call, |state, me| {
        let group = message_of(state, me, &request.peer, request.id)?;
        state.pin(group, me, request.id, !request.unpin, request.silent)?;
        Ok(Vec::new())
    })
}

/// Unpins everything in a group, or in one topic.
pub(super) fn unpin_all_messages(
    call: &mut Call,
    request: functions::messages::UnpinAllMessages,
) -> Result<enums::messages::AffectedHistory, RpcRefusal> {
    affected(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?.id;
        state.unpin_all(group, me, request.top_msg_id)?;
        Ok(group)
    })
}

/// Deletes a topic with everything in it.
pub(super) fn delete_topic_history(
    call: &mut Call,
    request: functions::messages::DeleteTopicHistory,
) -> Result<enums::messages::AffectedHistory, RpcRefusal> {
    affected(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?.id;
        state.delete_topic(group, me, request.top_msg_id)?;
        Ok(group)
    })
}

/// Does something to many messages; all of it at once, so that nothing is left for another call.
fn affected(
    call: &mut Call,
    change: impl FnOnce(&mut State, i64) -> Result<i64, RpcRefusal>,
) -> Result<enums::messages::AffectedHistory, RpcRefusal> {
    let moved = told::quietly(call, change)?;
    Ok(types::messages::AffectedHistory {
        pts: moved.pts,
        pts_count: moved.pts_count,
        offset: 0,
    }
    .into())
}
