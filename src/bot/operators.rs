//! Who may command the bot.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use teloxide::requests::Requester;
use teloxide::types::{ChatId, Message};
use tokio::sync::Mutex;

use super::connection::Connection;
use crate::config::RoleRules;
use crate::model::{GroupId, PersonId};

/// How long a list of administrators is believed: a change of rights counts at once, and only what
/// comes together shares an answer.
const BELIEVED: Duration = Duration::from_secs(1);
/// How long the last list counts while Telegram does not answer.
const LAST_WORD: Duration = Duration::from_secs(5 * 60);

/// Whose message it is, as far as the message itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// Bots, forwarded and relayed words: never a command, not even an attempt.
    Nobody,
    /// The group itself: an anonymous administrator.
    Administrator(PersonId),
    /// An account that posts customers' words, or a channel: never an operator.
    Stranger(PersonId),
    /// A person; whether an operator is to be found out.
    Person(PersonId),
}

/// Reads a message's sender.
pub(super) fn sender(message: &Message, group: GroupId, rules: &RoleRules) -> Sender {
    if message.forward_origin().is_some() || message.via_bot.is_some() {
        return Sender::Nobody;
    }
    if let Some(chat) = &message.sender_chat {
        // Telegram names the account GroupAnonymousBot, which is a bot, as the author: look here first.
        return if chat.id == ChatId(group.marked()) {
            Sender::Administrator(PersonId(chat.id.0))
        } else {
            Sender::Stranger(PersonId(chat.id.0))
        };
    }
    let Some(user) = message.from.as_ref().filter(|user| !user.is_bot) else {
        return Sender::Nobody;
    };
    let Ok(id) = i64::try_from(user.id.0) else {
        return Sender::Nobody;
    };
    if rules.relays.contains(&id) || rules.assistants.contains(&id) {
        Sender::Stranger(PersonId(id))
    } else {
        Sender::Person(PersonId(id))
    }
}

/// A group's administrators, as last heard.
#[derive(Debug, Default)]
pub(super) struct Administrators {
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
struct Known {
    at: Instant,
    people: HashSet<i64>,
}

impl Known {
    fn is_younger(&self, age: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.at) < age
    }
}

impl Administrators {
    /// Whether somebody is one. Where Telegram does not answer, the last list counts for a while.
    pub(super) async fn contain(
        &self,
        connection: &Connection,
        group: GroupId,
        person: PersonId,
    ) -> bool {
        let mut known = self.known.lock().await;
        let holds = known
            .as_ref()
            .is_some_and(|known| known.is_younger(BELIEVED, Instant::now()));
        if !holds {
            match connection
                .calls
                .get_chat_administrators(ChatId(group.marked()))
                .await
            {
                Ok(members) => {
                    *known = Some(Known {
                        at: Instant::now(),
                        people: members
                            .iter()
                            .filter(|member| !member.user.is_bot && member.is_privileged())
                            .filter_map(|member| i64::try_from(member.user.id.0).ok())
                            .collect(),
                    });
                }
                Err(error) => {
                    let cause = connection.describe(&error);
                    tracing::warn!(group = %group, %cause, "the group's administrators are not known");
                }
            }
        }
        known.as_ref().is_some_and(|known| {
            known.is_younger(LAST_WORD, Instant::now()) && known.people.contains(&person.0)
        })
    }

    /// Forgets the list, because something about the bot's own place in the group changed.
    pub(super) async fn forget(&self) {
        *self.known.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::*;

    const GROUP: i64 = -1_002_101_424_779;

    fn read(fields: Value) -> Sender {
        let mut message = json!({
            "message_id": 10,
            "message_thread_id": 5,
            "is_topic_message": true,
            "date": 1_795_442_709,
            "chat": {"id": GROUP, "type": "supergroup", "title": "Desk", "is_forum": true},
            "text": "/export",
        });
        for (key, value) in fields.as_object().unwrap() {
            message[key] = value.clone();
        }
        let rules = RoleRules {
            relays: vec![70],
            assistants: vec![80],
            ..RoleRules::default()
        };
        sender(
            &serde_json::from_value(message).unwrap(),
            GroupId::from_marked(GROUP).unwrap(),
            &rules,
        )
    }

    fn user(id: u64, is_bot: bool) -> Value {
        json!({"id": id, "is_bot": is_bot, "first_name": "X"})
    }

    #[test]
    fn people_may_be_operators_and_relays_never() {
        assert_eq!(
            read(json!({"from": user(5, false)})),
            Sender::Person(PersonId(5))
        );
        for id in [70, 80] {
            let relay = Sender::Stranger(PersonId(i64::try_from(id).unwrap()));
            assert_eq!(read(json!({"from": user(id, false)})), relay);
        }
    }

    #[test]
    fn bots_and_other_people_s_words_are_never_served() {
        assert_eq!(read(json!({})), Sender::Nobody);
        assert_eq!(read(json!({"from": user(6, true)})), Sender::Nobody);
        let forwarded = json!({
            "from": user(5, false),
            "forward_origin": {"type": "hidden_user", "sender_user_name": "C", "date": 1_795_442_709},
        });
        assert_eq!(read(forwarded), Sender::Nobody);
        let via = json!({"from": user(5, false), "via_bot": user(9, true)});
        assert_eq!(read(via), Sender::Nobody);
    }

    #[test]
    fn an_anonymous_administrator_counts_and_a_channel_does_not() {
        let anonymous = json!({
            "from": user(1_087_968_824, true),
            "sender_chat": {"id": GROUP, "type": "supergroup", "title": "Desk"},
        });
        assert_eq!(read(anonymous), Sender::Administrator(PersonId(GROUP)));
        let channel = json!({
            "from": user(136_817_688, true),
            "sender_chat": {"id": -1_009_999_999_999_i64, "type": "channel", "title": "News"},
        });
        assert_eq!(
            read(channel),
            Sender::Stranger(PersonId(-1_009_999_999_999))
        );
    }

    #[test]
    fn a_list_is_believed_for_a_moment() {
        let now = Instant::now();
        let known = Known {
            at: now,
            people: HashSet::from([5]),
        };
        assert!(known.is_younger(BELIEVED, now + Duration::from_millis(900)));
        assert!(!known.is_younger(BELIEVED, now + Duration::from_secs(1)));
    }
}
