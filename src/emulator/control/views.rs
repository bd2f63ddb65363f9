//! The world as lists of who and what there is.

use serde_json::{Value, json};

use crate::emulator::world::{Group, Standing, State, User};

/// Every account.
pub(super) fn users(state: &State) -> Vec<Value> {
    state.users().map(user).collect()
}

fn user(user: &User) -> Value {
    let bot = user.bot.as_ref().map(|bot| {
        json!({
            "token": bot.token,
            "privacy_mode": bot.privacy_mode,
            "bot_to_bot": bot.bot_to_bot,
        })
    });
    json!({
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "phone": user.phone.as_ref().map(|phone| format!("+{phone}")),
        "language": user.language,
        "bot": bot,
    })
}

/// Every group with its topics and who stands where in it.
pub(super) fn groups(state: &State) -> Vec<Value> {
    state.groups().map(group).collect()
}

fn group(group: &Group) -> Value {
    let topics: Vec<Value> = group
        .topics
        .values()
        .map(|topic| {
            json!({
                "id": topic.id,
                "title": topic.title,
                "created": topic.created,
                "creator": topic.creator,
                "customer": topic.customer,
                "closed": topic.closed,
                "hidden": topic.hidden,
                "pinned": topic.pinned,
            })
        })
        .collect();
    let members: Vec<Value> = group
        .members
        .union(&group.banned)
        .map(|user| json!({ "user": user, "standing": standing(group.standing(*user)) }))
        .collect();
    json!({
        "id": group.id,
        "title": group.title,
        "about": group.about,
        "forum": group.forum,
        "protected": group.protected,
        "created": group.created,
        "owner": group.owner,
        "pts": group.pts,
        "messages": group.messages.len(),
        "topics": topics,
        "members": members,
    })
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Owner => "owner",
        Standing::Administrator => "administrator",
        Standing::Member => "member",
        Standing::Restricted => "restricted",
        Standing::Left => "left",
        Standing::Banned => "banned",
    }
}
