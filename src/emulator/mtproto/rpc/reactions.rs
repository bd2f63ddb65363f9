//! Reactions and votes.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::messages::message_of;
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::convert::{View, channel_peer, count, emoji_reaction};
use crate::emulator::mtproto::session::seconds;
use crate::emulator::mtproto::{media, push};
use crate::emulator::world::{Content, Message, Reaction};

/// Reactions in one answer, at most.
const MOST: i32 = 100;

/// Sets one's reactions to a message; none takes them back.
pub(super) fn send_reaction(
    call: &mut Call,
    request: functions::messages::SendReaction,
) -> Result<enums::Updates, RpcRefusal> {
    told::change(call, |state, me| {
        let group = message_of(state, me, &request.peer, request.msg_id)?;
        let reactions = request.reaction.unwrap_or_default();
        let emoji: Result<Vec<&str>, RpcRefusal> = reactions
            .iter()
            .filter(|reaction| !matches!(reaction, enums::Reaction::Empty))
            .map(|reaction| match reaction {
                enums::Reaction::Emoji(it) => Ok(it.emoticon.as_str()),
                _ => Err(RpcRefusal::bad("REACTION_INVALID")),
            })
            .collect();
        if !state.react(group, me, request.msg_id, &emoji?)? {
            return Err(RpcRefusal::bad("MESSAGE_NOT_MODIFIED"));
        }
        Ok(Vec::new())
    })
}

/// How messages stand as to reactions.
pub(super) fn get_messages_reactions(
    call: &mut Call,
    request: functions::messages::GetMessagesReactions,
) -> Result<enums::Updates, RpcRefusal> {
    let me = call.me()?;
    if request.id.len() > 100 {
        return Err(RpcRefusal::bad("LIMIT_INVALID"));
    }
    call.caller.place.world.read(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let view = View { state, me };
        let found: Vec<&Message> = request
            .id
            .iter()
            .filter_map(|id| group.visible(*id))
            .collect();
        let updates = found.iter().map(|message| {
            types::UpdateMessageReactions {
                peer: channel_peer(group.id),
                msg_id: message.id,
                top_msg_id: (message.topic > 1).then_some(message.topic),
                saved_peer_id: None,
                reactions: view.reactions(message).unwrap_or_else(push::no_reactions),
            }
            .into()
        });
        let answer = types::Updates {
            updates: updates.collect(),
            users: view.users_in(found.iter().copied()),
            chats: vec![view.channel(group)],
            date: seconds(state.now()),
            seq: 0,
        };
        Ok(answer.into())
    })
}

/// Who reacted to a message, newest first, a page at a time.
pub(super) fn get_message_reactions_list(
    call: &mut Call,
    request: functions::messages::GetMessageReactionsList,
) -> Result<enums::messages::MessageReactionsList, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let message = group
            .visible(request.id)
            .ok_or_else(|| RpcRefusal::bad("MSG_ID_INVALID"))?;
        let wanted = |reaction: &&Reaction| {
            let wanted = request.reaction.as_ref();
            wanted.is_none_or(|wanted| *wanted == emoji_reaction(&reaction.emoji))
        };
        let all: Vec<&Reaction> = message.reactions.iter().rev().filter(wanted).collect();
        let start = match request.offset.as_deref() {
            None | Some("") => 0,
            Some(offset) => offset
                .parse()
                .map_err(|_| RpcRefusal::bad("OFFSET_INVALID"))?,
        };
        let limit = usize::try_from(request.limit.clamp(0, MOST)).unwrap_or(0);
        let page: Vec<&Reaction> = all.iter().skip(start).take(limit).copied().collect();
        let end = start.saturating_add(page.len());
        let view = View { state, me };
        let answer = types::messages::MessageReactionsList {
            count: count(all.len()),
            reactions: page.iter().map(|it| view.reaction(it)).collect(),
            chats: vec![view.channel(group)],
            users: view.users(page.iter().map(|reaction| reaction.by)),
            next_offset: (end < all.len()).then(|| end.to_string()),
        };
        Ok(answer.into())
    })
}

/// Votes in a poll; no option takes the vote back.
pub(super) fn send_vote(
    call: &mut Call,
    request: functions::messages::SendVote,
) -> Result<enums::Updates, RpcRefusal> {
    told::change(call, |state, me| {
        let group = message_of(state, me, &request.peer, request.msg_id)?;
        let options: Result<Vec<usize>, RpcRefusal> = request
            .options
            .iter()
            .map(|option| {
                let number = std::str::from_utf8(option)
                    .ok()
                    .and_then(|it| it.parse().ok());
                number.ok_or_else(|| RpcRefusal::bad("OPTION_INVALID"))
            })
            .collect();
        state.vote(group, me, request.msg_id, &options?)?;
        Ok(Vec::new())
    })
}

/// How a poll stands.
pub(super) fn get_poll_results(
    call: &mut Call,
    request: functions::messages::GetPollResults,
) -> Result<enums::Updates, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let message = group.visible(request.msg_id);
        let Some(Content::Poll(poll)) = message.and_then(|message| message.content.as_ref()) else {
            return Err(RpcRefusal::bad("MESSAGE_ID_INVALID"));
        };
        let view = View { state, me };
        let update = types::UpdateMessagePoll {
            peer: Some(channel_peer(group.id)),
            msg_id: Some(request.msg_id),
            top_msg_id: None,
            poll_id: poll.id,
            poll: Some(media::of_poll(poll)),
            results: media::results(&view, poll),
        };
        let answer = types::Updates {
            updates: vec![update.into()],
            users: view.users(poll.voters().into_iter().filter(|_| !poll.anonymous)),
            chats: vec![view.channel(group)],
            date: seconds(state.now()),
            seq: 0,
        };
        Ok(answer.into())
    })
}
