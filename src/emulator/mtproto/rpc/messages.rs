//! Posting and passing on.

use grammers_tl_types::{enums, functions, types};

use super::buttons;
use super::dispatch::Call;
use super::media::{Attached, attached, received};
use super::peers;
use super::refusal::RpcRefusal;
use super::told;
use crate::emulator::mtproto::convert::View;
use crate::emulator::mtproto::entities::entities_of;
use crate::emulator::mtproto::keys::KeyRing;
use crate::emulator::mtproto::media;
use crate::emulator::world::{Draft, FileKind, Group, Passing, Quote, State, may_read};

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
        let target = target(state, me, group, request.reply_to.as_ref())?;
        let group = group.id;
        let draft = Draft {
            silent: request.silent,
            buttons: buttons::attached(state, me, request.reply_markup)?,
            ..written(target, request.message, request.entities)
        };
        first_use(&keys, me, &[request.random_id])?;
        let id = state.post(group, me, draft)?;
        keys.use_up(me, &[request.random_id]);
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
    let received = received(&place.uploads, call.me()?, request.media)?;
    told::change(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?;
        let target = target(state, me, group, request.reply_to.as_ref())?;
        let group = group.id;
        let draft = Draft {
            silent: request.silent,
            buttons: buttons::attached(state, me, request.reply_markup)?,
            ..written(target, request.message, request.entities)
        };
        first_use(&place.keys, me, &[request.random_id])?;
        state.may_post(group, me, &draft, received.carries())?;
        let attached = attached(state, &received)?;
        let id = state.post(group, me, with(draft, attached))?;
        place.keys.use_up(me, &[request.random_id]);
        received.done(&place.uploads, me);
        Ok(vec![announced(id, request.random_id)])
    })
}

/// Posts an album, whole or not at all.
pub(super) fn send_multi_media(
    call: &mut Call,
    request: functions::messages::SendMultiMedia,
) -> Result<enums::Updates, RpcRefusal> {
    let place = call.caller.place.clone();
    not_scheduled(request.schedule_date)?;
    if request.multi_media.is_empty() || request.multi_media.len() > ALBUM {
        return Err(RpcRefusal::bad("MULTI_MEDIA_TOO_LONG"));
    }
    let me = call.me()?;
    let mut parts = Vec::new();
    for single in request.multi_media {
        let enums::InputSingleMedia::Media(single) = single;
        let received = received(&place.uploads, me, single.media)?;
        parts.push((single.random_id, received, single.message, single.entities));
    }
    told::change(call, |state, me| {
        let group = peers::group(state, me, &request.peer)?;
        let target = target(state, me, group, request.reply_to.as_ref())?;
        let group = group.id;
        let random_ids: Vec<i64> = parts.iter().map(|(random_id, ..)| *random_id).collect();
        first_use(&place.keys, me, &random_ids)?;
        let mut drafts = Vec::new();
        for (_, received, text, entities) in &parts {
            let draft = Draft {
                silent: request.silent,
                ..written(target.clone(), text.clone(), entities.clone())
            };
            state.may_post(group, me, &draft, true)?;
            let attached = attached(state, received)?;
            if !matches!(attached, Attached::File(_)) {
                return Err(RpcRefusal::bad("MEDIA_INVALID"));
            }
            drafts.push(with(draft, attached));
        }
        one_album(state, &drafts)?;
        let album = (drafts.len() > 1).then(|| state.make_number());
        let mut updates = Vec::new();
        for (random_id, draft) in random_ids.iter().zip(drafts) {
            let id = state.post(group, me, Draft { album, ..draft })?;
            updates.push(announced(id, *random_id));
        }
        place.keys.use_up(me, &random_ids);
        for (_, received, ..) in &parts {
            received.done(&place.uploads, me);
        }
        Ok(updates)
    })
}

/// Documents and audio files come among themselves, photos and videos together.
fn one_album(state: &State, drafts: &[Draft]) -> Result<(), RpcRefusal> {
    let family = |draft: &Draft| {
        let file = draft.file.and_then(|id| state.file(id));
        match file.map(|file| file.kind) {
            Some(FileKind::Photo | FileKind::Video) => Some(0),
            Some(FileKind::Document) => Some(1),
            Some(FileKind::Audio) => Some(2),
            _ => None,
        }
    };
    let first = drafts.first().map(family);
    let mixed = drafts.iter().any(|draft| Some(family(draft)) != first);
    if mixed || (drafts.len() > 1 && first == Some(None)) {
        return Err(RpcRefusal::bad("MEDIA_GROUPED_INVALID"));
    }
    Ok(())
}

/// Takes a file in without posting it, for an album.
pub(super) fn upload_media(
    call: &mut Call,
    request: functions::messages::UploadMedia,
) -> Result<enums::MessageMedia, RpcRefusal> {
    let me = call.me()?;
    let place = call.caller.place.clone();
    let received = received(&place.uploads, me, request.media)?;
    let media = place.world.write(|state| {
        peers::group(state, me, &request.peer)?;
        let Attached::File(id) = attached(state, &received)? else {
            return Err(RpcRefusal::bad("MEDIA_INVALID"));
        };
        let file = state
            .file(id)
            .ok_or_else(|| RpcRefusal::bad("MEDIA_INVALID"))?;
        let view = View { state, me };
        Ok(media::of_file(&view, file, state.now()))
    })?;
    received.done(&place.uploads, me);
    Ok(media)
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
            None => target(state, me, to, request.reply_to.as_ref())?.topic,
        };
        let to = to.id;
        first_use(&keys, me, &request.random_id)?;
        let how = Passing {
            topic,
            copy: request.drop_author,
            drop_captions: request.drop_media_captions,
            silent: request.silent,
        };
        let made = state.forward(from, &request.id, to, me, how)?;
        keys.use_up(me, &request.random_id);
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

/// Whether these numbers are new; they are used up once what they are for is done.
pub(super) fn first_use(keys: &KeyRing, me: i64, random_ids: &[i64]) -> Result<(), RpcRefusal> {
    if keys.repeats(me, random_ids) {
        return Err(RpcRefusal::new(500, "RANDOM_ID_DUPLICATE"));
    }
    Ok(())
}

fn written(target: Draft, text: String, entities: Option<Vec<enums::MessageEntity>>) -> Draft {
    Draft {
        entities: entities_of(entities.unwrap_or_default()),
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
fn target(
    state: &State,
    me: i64,
    group: &Group,
    reply: Option<&enums::InputReplyTo>,
) -> Result<Draft, RpcRefusal> {
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
        // What a bot is not shown it cannot quote, or it could find out by guessing.
        Some(_) if !may_read(state, me, message) => {
            return Err(RpcRefusal::bad("QUOTE_TEXT_INVALID"));
        }
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
        entities: entities_of(entities),
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
