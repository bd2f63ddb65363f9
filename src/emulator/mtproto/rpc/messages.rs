//! Posting and passing on.

use grammers_tl_types::{enums, functions, types};

use super::buttons;
use super::dispatch::Call;
use super::media::{Attached, attached};
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::entities::entities_of;
use crate::emulator::mtproto::media;
use crate::emulator::world::{Draft, Group, Passing, Quote, State};

/// Messages in one album, at most.
const ALBUM: usize = 10;
/// Messages passed on at once, at most.
const FORWARDED: usize = 100;

/// Posts a text.
pub(super) fn send_message(
    call: &mut Call,
    request: functions::messages::SendMessage,
) -> Result<enums::Updates, RpcRefusal> {
    let keys = call.caller.place.keys.clone();
    not_scheduled(request.schedule_date)?;
    told::change(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?;
        let target = target(group, request.reply_to.as_ref())?;
        let group = group.id;
        let draft = Draft {
            silent: request.silent,
            buttons: buttons::attached(state, me, request.reply_markup)?,
            ..written(target, request.message, request.entities)
        };
        first_use(keys.first_use(me, request.random_id))?;
        let id = state.post(group, me, draft)?;
        Ok(vec![announced(id, request.random_id)])
    })
}

/// Posts a file, a place, a poll and so on.
pub(super) fn send_media(
    call: &mut Call,
    request: functions::messages::SendMedia,
) -> Result<enums::Updates, RpcRefusal> {
    let place = call.caller.place.clone();
    not_scheduled(request.schedule_date)?;
    told::change(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?;
        let target = target(group, request.reply_to.as_ref())?;
        let group = group.id;
        let draft = Draft {
            silent: request.silent,
            buttons: buttons::attached(state, me, request.reply_markup)?,
            ..written(target, request.message, request.entities)
        };
        let attached = attached(state, &place.uploads, me, request.media)?;
        first_use(place.keys.first_use(me, request.random_id))?;
        let id = state.post(group, me, with(draft, attached))?;
        Ok(vec![announced(id, request.random_id)])
    })
}

/// Posts an album.
pub(super) fn send_multi_media(
    call: &mut Call,
    request: functions::messages::SendMultiMedia,
) -> Result<enums::Updates, RpcRefusal> {
    let place = call.caller.place.clone();
    not_scheduled(request.schedule_date)?;
    if request.multi_media.is_empty() || request.multi_media.len() > ALBUM {
        return Err(RpcRefusal::bad("MULTI_MEDIA_TOO_LONG"));
    }
    told::change(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?;
        let target = target(group, request.reply_to.as_ref())?;
        let group = group.id;
        let mut drafts = Vec::new();
        for single in request.multi_media {
            let enums::InputSingleMedia::Media(single) = single;
            let attached = attached(state, &place.uploads, me, single.media)?;
            if !matches!(attached, Attached::File(_)) {
                return Err(RpcRefusal::bad("MEDIA_INVALID"));
            }
            let draft = Draft {
                silent: request.silent,
                ..written(target.clone(), single.message, single.entities)
            };
            drafts.push((single.random_id, with(draft, attached)));
        }
        let album = (drafts.len() > 1).then(|| state.make_number());
        let mut updates = Vec::new();
        for (random_id, draft) in drafts {
            first_use(place.keys.first_use(me, random_id))?;
            let id = state.post(group, me, Draft { album, ..draft })?;
            updates.push(announced(id, random_id));
        }
        Ok(updates)
    })
}

/// Takes a file in without posting it, for an album.
pub(super) fn upload_media(
    call: &mut Call,
    request: functions::messages::UploadMedia,
) -> Result<enums::MessageMedia, RpcRefusal> {
    let me = call.me()?;
    let place = call.caller.place.clone();
    place.world.write(|state| {
        peers::group(state, me, &request.peer)?;
        let Attached::File(id) = attached(state, &place.uploads, me, request.media)? else {
            return Err(RpcRefusal::bad("MEDIA_INVALID"));
        };
        let file = state
            .file(id)
            .ok_or_else(|| RpcRefusal::bad("MEDIA_INVALID"))?;
        let view = View { state, me };
        Ok(media::of_file(&view, file, state.now()))
    })
}

/// Passes messages on, as forwards or as copies.
pub(super) fn forward_messages(
    call: &mut Call,
    request: functions::messages::ForwardMessages,
) -> Result<enums::Updates, RpcRefusal> {
    let keys = call.caller.place.keys.clone();
    not_scheduled(request.schedule_date)?;
    if request.id.is_empty() || request.id.len() > FORWARDED {
        return Err(RpcRefusal::bad("MESSAGE_IDS_EMPTY"));
    }
    if request.id.len() != request.random_id.len() {
        return Err(RpcRefusal::bad("RANDOM_ID_INVALID"));
    }
    told::change(call, |state, me| {
        let from = peers::group(state, me, &request.from_peer)?.id;
        let to = peers::group(state, me, &request.to_peer)?;
        let topic = match request.top_msg_id {
            Some(topic) => topic,
            None => target(to, request.reply_to.as_ref())?.topic,
        };
        let to = to.id;
        for random_id in &request.random_id {
            first_use(keys.first_use(me, *random_id))?;
        }
        let how = Passing {
            topic,
            copy: request.drop_author,
            drop_captions: request.drop_media_captions,
            silent: request.silent,
        };
        let made = state.forward(from, &request.id, to, me, how)?;
        let named = request.id.iter().zip(&request.random_id);
        Ok(named
            .filter_map(|(old, random_id)| Some(announced(*made.get(old)?, *random_id)))
            .collect())
    })
}

fn announced(id: i32, random_id: i64) -> enums::Update {
    types::UpdateMessageId { id, random_id }.into()
}

fn not_scheduled(date: Option<i32>) -> Result<(), RpcRefusal> {
    match date {
        Some(_) => Err(RpcRefusal::bad("SCHEDULE_DATE_INVALID")),
        None => Ok(()),
    }
}

fn first_use(first: bool) -> Result<(), RpcRefusal> {
    if first {
        Ok(())
    } else {
        Err(RpcRefusal::new(500, "RANDOM_ID_DUPLICATE"))
    }
}

fn written(target: Draft, text: String, entities: Option<Vec<enums::MessageEntity>>) -> Draft {
    Draft {
        entities: entities_of(entities.unwrap_or_default(), &text),
        text,
        ..target
    }
}

fn with(draft: Draft, attached: Attached) -> Draft {
    match attached {
        Attached::File(file) => Draft {
            file: Some(file),
            ..draft
        },
        Attached::Content(content) => Draft {
            content: Some(content),
            ..draft
        },
        Attached::Nothing => draft,
    }
}

/// Where a post goes: its topic, the message that it answers and what it quotes of that.
fn target(group: &Group, reply: Option<&enums::InputReplyTo>) -> Result<Draft, RpcRefusal> {
    let in_topic = |topic| Draft {
        topic,
        ..Draft::default()
    };
    let reply = match reply {
        None => return Ok(in_topic(1)),
        Some(enums::InputReplyTo::Message(reply)) => reply,
        Some(_) => return Err(RpcRefusal::bad("REPLY_TO_INVALID")),
    };
    let to = reply.reply_to_msg_id;
    if group.topics.contains_key(&to) {
        return Ok(in_topic(to));
    }
    let message = group
        .visible(to)
        .ok_or_else(|| RpcRefusal::bad("REPLY_MESSAGE_ID_INVALID"))?;
    let quote = match &reply.quote_text {
        Some(text) => {
            let entities = reply.quote_entities.clone().unwrap_or_default();
            Some(quote(&message.text, text, entities, reply.quote_offset)?)
        }
        None => None,
    };
    Ok(Draft {
        reply_to: Some(to),
        quote,
        ..in_topic(reply.top_msg_id.unwrap_or(message.topic))
    })
}

/// A quote must stand in what is quoted, best where the client says.
fn quote(
    of: &str,
    text: &str,
    entities: Vec<enums::MessageEntity>,
    offset: Option<i32>,
) -> Result<Quote, RpcRefusal> {
    let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let (of, wanted) = (units(of), units(text));
    if wanted.is_empty() {
        return Err(RpcRefusal::bad("QUOTE_TEXT_INVALID"));
    }
    let near = usize::try_from(offset.unwrap_or(0)).unwrap_or(0);
    let found = of
        .windows(wanted.len())
        .enumerate()
        .filter(|(_, part)| *part == wanted.as_slice())
        .map(|(at, _)| at)
        .min_by_key(|at| at.abs_diff(near))
        .ok_or_else(|| RpcRefusal::bad("QUOTE_TEXT_INVALID"))?;
    Ok(Quote {
        text: text.to_owned(),
        entities: entities_of(entities, text),
        offset: i32::try_from(found).unwrap_or(i32::MAX),
    })
}

/// The group that a peer stands for, and its message; the name of the error where there is none.
pub(super) fn message_of(
    state: &State,
    me: i64,
    peer: &enums::InputPeer,
    id: i32,
) -> Result<i64, RpcRefusal> {
    let group = peers::group(state, me, peer)?;
    group
        .visible(id)
        .map(|_| group.id)
        .ok_or_else(|| RpcRefusal::bad("MESSAGE_ID_INVALID"))
}
