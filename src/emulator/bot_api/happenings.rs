//! What a change of the world is to a bot: the updates that it makes.

use serde_json::{Value, json};

use super::encode;
use crate::emulator::world::{Change, Content, Message, State, What};

/// Every kind of update that the Bot API knows, and whether bots get it unless they say otherwise:
/// all but the three that the documentation names. This world makes the kinds that [`updates`]
/// makes; the others are known so that a bot's list comes back as it was given.
pub(super) const KINDS: [(&str, bool); 25] = [
    ("message", true),
    ("edited_message", true),
    ("channel_post", true),
    ("edited_channel_post", true),
    ("inline_query", true),
    ("chosen_inline_result", true),
    ("callback_query", true),
    ("shipping_query", true),
    ("pre_checkout_query", true),
    ("poll", true),
    ("poll_answer", true),
    ("my_chat_member", true),
    ("chat_member", false),
    ("chat_join_request", true),
    ("chat_boost", true),
    ("removed_chat_boost", true),
    ("message_reaction", false),
    // Only for anonymous reactions, which this world does not know.
    ("message_reaction_count", false),
    ("business_connection", true),
    ("business_message", true),
    ("edited_business_message", true),
    ("deleted_business_messages", true),
    ("purchased_paid_media", true),
    ("managed_bot", true),
    ("guest_message", true),
];

/// The updates that a change makes for a bot: name and content.
pub(super) fn updates(state: &State, bot: i64, change: &Change) -> Vec<(&'static str, Value)> {
    match &change.what {
        What::Posted(message) if change.read_by(bot) => {
            vec![("message", encode::message(state, bot, message))]
        }
        What::Edited(message) => edited(state, bot, change, message),
        What::Pressed(press) if press.bot == bot => {
            let group = state.group(change.group);
            let message = group
                .and_then(|group| group.visible(press.message))
                .map_or_else(
                    || encode::inaccessible(group, press.message),
                    |message| encode::message(state, bot, message),
                );
            let query = json!({
                "id": press.id.to_string(),
                "from": state.user(press.by).map(encode::user),
                "message": message,
                "chat_instance": state.hash(change.group).to_string(),
                "data": press.data,
            });
            vec![("callback_query", query)]
        }
        What::Reacted {
            message,
            by,
            old,
            new,
        } => reacted(state, bot, change, message, (*by, old, new)),
        What::Voted {
            message,
            by,
            options,
        } => voted(state, bot, message, *by, options),
        What::Member { user, by, old, new } => {
            let (Some(place), Some(person)) = (state.group(change.group), state.user(*user)) else {
                return Vec::new();
            };
            let name = if *user == bot {
                "my_chat_member"
            } else if change.administered_by(bot) {
                "chat_member"
            } else {
                return Vec::new();
            };
            let update = json!({
                "chat": encode::chat(place),
                "from": state.user(*by).map(encode::user),
                "date": change.at,
                "old_chat_member": encode::member(person, *old),
                "new_chat_member": encode::member(person, *new),
            });
            vec![(name, update)]
        }
        What::Posted(_)
        | What::Pressed(_)
        | What::Deleted(_)
        | What::Pinned { .. }
        | What::TopicPinned { .. } => Vec::new(),
    }
}

fn edited(
    state: &State,
    bot: i64,
    change: &Change,
    message: &Message,
) -> Vec<(&'static str, Value)> {
    match &message.content {
        // A poll that ended is told as its new state: to its author, and to whom it is shown.
        Some(Content::Poll(poll)) if poll.closed => {
            let told = message.from == bot || change.read_by(bot);
            let update = || ("poll", encode::poll(poll, message.from == bot));
            told.then(update).into_iter().collect()
        }
        _ if change.read_by(bot) => {
            vec![("edited_message", encode::message(state, bot, message))]
        }
        _ => Vec::new(),
    }
}

/// Administrators are told of people's reactions, never of bots'.
fn reacted(
    state: &State,
    bot: i64,
    change: &Change,
    message: &Message,
    (by, old, new): (i64, &[String], &[String]),
) -> Vec<(&'static str, Value)> {
    let (Some(place), Some(person)) = (state.group(change.group), state.user(by)) else {
        return Vec::new();
    };
    if person.is_bot() || !change.administered_by(bot) {
        return Vec::new();
    }
    let list = |emoji: &[String]| -> Vec<Value> {
        emoji
            .iter()
            .map(|emoji| json!({ "type": "emoji", "emoji": emoji }))
            .collect()
    };
    let update = json!({
        "chat": encode::chat(place),
        "message_id": message.id,
        "user": encode::user(person),
        "date": change.at,
        "old_reaction": list(old),
        "new_reaction": list(new),
    });
    vec![("message_reaction", update)]
}

/// Votes are told to the bot that asked, and who voted where that is no secret.
fn voted(
    state: &State,
    bot: i64,
    message: &Message,
    by: i64,
    options: &[usize],
) -> Vec<(&'static str, Value)> {
    let Some(Content::Poll(poll)) = &message.content else {
        return Vec::new();
    };
    if message.from != bot {
        return Vec::new();
    }
    let mut updates = vec![("poll", encode::poll(poll, true))];
    if !poll.anonymous {
        let names: Vec<String> = options.iter().map(ToString::to_string).collect();
        let answer = json!({
            "poll_id": poll.id.to_string(),
            "user": state.user(by).map(encode::user),
            "option_ids": options,
            "option_persistent_ids": names,
        });
        updates.push(("poll_answer", answer));
    }
    updates
}
