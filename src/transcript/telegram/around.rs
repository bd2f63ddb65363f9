//! Reactions and votes, in Telegram Desktop's keys.

use serde_json::{Map, Value, json};

use super::Peer;
use crate::model::{PersonId, Reaction, Reactions, Votes};

/// A message's reactions.
pub(super) fn reactions<'a>(
    reactions: &Reactions,
    name: impl Fn(PersonId) -> Option<&'a str>,
    date: impl Fn(i64) -> String,
) -> Value {
    let one = |it: &crate::model::ReactionCount| {
        let mut object = Map::new();
        let kind = match &it.reaction {
            Reaction::Emoji(_) => "emoji",
            Reaction::Custom(_) => "custom_emoji",
            Reaction::Paid => "paid",
        };
        object.insert("type".into(), json!(kind));
        object.insert("count".into(), json!(it.count));
        match &it.reaction {
            Reaction::Emoji(emoji) => drop(object.insert("emoji".into(), json!(emoji))),
            Reaction::Custom(id) => drop(object.insert("document_id".into(), json!(id))),
            Reaction::Paid => {}
        }
        let people: Vec<Value> = reactions
            .people
            .iter()
            .filter(|person| person.reaction == it.reaction)
            .map(|person| {
                json!({
                    "from": name(person.person),
                    "from_id": Peer(person.person).to_string(),
                    "date": date(person.date),
                })
            })
            .collect();
        if !people.is_empty() {
            object.insert("recent".into(), Value::Array(people));
        }
        Value::Object(object)
    };
    Value::Array(reactions.counts.iter().map(one).collect())
}

/// Puts votes into a poll.
pub(super) fn votes(poll: &mut Value, votes: &Votes) {
    let Some(poll) = poll.as_object_mut() else {
        return;
    };
    poll.insert("closed".into(), json!(votes.closed));
    poll.insert("total_voters".into(), json!(votes.voters));
    let answers = poll.get_mut("answers").and_then(Value::as_array_mut);
    for (answer, count) in answers.into_iter().flatten().zip(&votes.answers) {
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("voters".into(), json!(count));
        }
    }
}
