//! Search: by words, by author, by kind.

use grammers_tl_types::{enums, functions, types};

use super::dialogs::joined;
use super::dispatch::Call;
use super::history::{Window, answer, matching, nothing, private};
use super::peers;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::{View, count};
use crate::emulator::world::{Content, FileKind, Group, Message, State};

/// Messages found in all groups at once, at most.
const MOST: i32 = 100;

/// Messages whose text contains the query, whatever its case.
pub(super) fn search(
    call: &mut Call,
    request: functions::messages::Search,
) -> Result<enums::messages::Messages, RpcRefusal> {
    let me = call.me()?;
    let window = Window {
        offset_id: request.offset_id,
        offset_date: 0,
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
        let author = match &request.from_id {
            Some(peer) => Some(peers::user_peer(state, me, peer)?.id),
            None => None,
        };
        let query = request.q.to_lowercase();
        let found = matching(group, |message| {
            message.service.is_none()
                && message.text.to_lowercase().contains(&query)
                && author.is_none_or(|author| message.from == author)
                && request
                    .top_msg_id
                    .is_none_or(|topic| message.topic == topic)
                && (request.min_date == 0 || message.date > i64::from(request.min_date))
                && (request.max_date == 0 || message.date < i64::from(request.max_date))
                && passes(state, me, message, &request.filter)
        });
        Ok(answer(state, me, group, window, &found))
    })
}

/// How many messages pass each of several filters.
pub(super) fn get_search_counters(
    call: &mut Call,
    request: functions::messages::GetSearchCounters,
) -> Result<Vec<enums::messages::SearchCounter>, RpcRefusal> {
    let me = call.me()?;
    call.caller.place.world.read(|state| {
        let group = peers::group(state, me, &request.peer)?;
        let mut counters = Vec::new();
        for filter in request.filters {
            let matches = |message: &&Message| {
                message.deleted_at.is_none()
                    && message.service.is_none()
                    && request.top_msg_id.is_none_or(|it| message.topic == it)
                    && passes(state, me, message, &filter)
            };
            let found = group.messages.values().filter(matches).count();
            let counter = types::messages::SearchCounter {
                inexact: false,
                filter,
                count: count(found),
            };
            counters.push(counter.into());
        }
        Ok(counters)
    })
}

/// Whether a message passes a filter.
fn passes(state: &State, me: i64, message: &Message, filter: &enums::MessagesFilter) -> bool {
    use enums::MessagesFilter as Filter;
    let kind = message.file.and_then(|id| state.file(id)).map(|it| it.kind);
    let of = |kinds: &[FileKind]| kind.is_some_and(|kind| kinds.contains(&kind));
    let marked = |names: &[&str]| {
        let mut entities = message.entities.iter();
        entities.any(|entity| names.contains(&entity.kind.as_str()))
    };
    match filter {
        Filter::InputMessagesFilterEmpty => true,
        Filter::InputMessagesFilterPhotos => of(&[FileKind::Photo]),
        Filter::InputMessagesFilterVideo => of(&[FileKind::Video]),
        Filter::InputMessagesFilterPhotoVideo => of(&[FileKind::Photo, FileKind::Video]),
        Filter::InputMessagesFilterDocument => of(&[FileKind::Document]),
        Filter::InputMessagesFilterGif => of(&[FileKind::Animation]),
        Filter::InputMessagesFilterVoice => of(&[FileKind::Voice]),
        Filter::InputMessagesFilterMusic => of(&[FileKind::Audio]),
        Filter::InputMessagesFilterRoundVideo => of(&[FileKind::VideoNote]),
        Filter::InputMessagesFilterRoundVoice => of(&[FileKind::Voice, FileKind::VideoNote]),
        Filter::InputMessagesFilterUrl => marked(&["link", "text_link"]),
        Filter::InputMessagesFilterGeo => matches!(
            message.content,
            Some(Content::Location { .. } | Content::Venue { .. })
        ),
        Filter::InputMessagesFilterContacts => {
            matches!(message.content, Some(Content::Contact { .. }))
        }
        Filter::InputMessagesFilterPoll => matches!(message.content, Some(Content::Poll(_))),
        Filter::InputMessagesFilterPinned => message.pinned,
        Filter::InputMessagesFilterMyMentions => View { state, me }.mentioned(message),
        // Neither is there.
        Filter::InputMessagesFilterPhoneCalls(_) | Filter::InputMessagesFilterChatPhotos => false,
    }
}

/// Messages of all groups, newest first, a page at a time: a page begins behind the message that
/// `offset_rate` (its date) and `offset_id` name.
pub(super) fn search_global(
    call: &mut Call,
    request: functions::messages::SearchGlobal,
) -> Result<enums::messages::Messages, RpcRefusal> {
    let me = call.me()?;
    let query = request.q.to_lowercase();
    call.caller.place.world.read(|state| {
        let matches = |message: &&Message| {
            message.deleted_at.is_none()
                && message.service.is_none()
                && message.text.to_lowercase().contains(&query)
                && (request.min_date == 0 || message.date > i64::from(request.min_date))
                && (request.max_date == 0 || message.date < i64::from(request.max_date))
                && passes(state, me, message, &request.filter)
        };
        let groups = joined(state, me).filter(|_| !request.users_only);
        let mut found: Vec<&Message> = groups
            .flat_map(|group| group.messages.values())
            .filter(matches)
            .collect();
        let total = found.len();
        found.sort_by_key(|message| std::cmp::Reverse((message.date, message.id, message.group)));
        if request.offset_rate > 0 {
            let from = (i64::from(request.offset_rate), request.offset_id);
            found.retain(|message| (message.date, message.id) < from);
        }
        found.truncate(usize::try_from(request.limit.clamp(0, MOST)).unwrap_or(0));
        let view = View { state, me };
        let mut chats: Vec<&Group> = found
            .iter()
            .filter_map(|message| state.group(message.group))
            .collect();
        chats.sort_by_key(|group| group.id);
        chats.dedup_by_key(|group| group.id);
        let next_rate = found
            .last()
            .and_then(|message| i32::try_from(message.date).ok());
        Ok(types::messages::MessagesSlice {
            inexact: false,
            count: count(total),
            next_rate,
            offset_id_offset: None,
            search_flood: None,
            messages: found.iter().map(|message| view.message(message)).collect(),
            topics: Vec::new(),
            chats: chats.into_iter().map(|group| view.channel(group)).collect(),
            users: view.users_in(found.iter().copied()),
        }
        .into())
    })
}
