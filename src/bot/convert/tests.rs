//! Messages as the Bot API documents them.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;

fn shown(fields: &Value) -> Vec<Event> {
    let mut raw = json!({
        "message_id": 77,
        "date": 1_700_000_000,
        "chat": {"id": -1_002_101_424_779_i64, "type": "supergroup", "title": "Desk", "is_forum": true},
        "from": {"id": 5, "is_bot": false, "first_name": "Anna", "last_name": "Berg", "username": "anna"},
        "message_thread_id": 12,
        "is_topic_message": true
    });
    let all = raw.as_object_mut().unwrap();
    all.extend(fields.as_object().unwrap().clone());
    events(&serde_json::from_value(raw).unwrap())
}

fn one(fields: &Value) -> Message {
    match shown(fields).pop() {
        Some(Event::Message(message)) => *message,
        other => unreachable!("no message but {other:?}"),
    }
}

#[test]
fn whoever_writes_is_named_and_the_group_where_it_speaks_itself() {
    let events = shown(&json!({"text": "hello"}));
    let Event::Person(anna) = &events[0] else {
        unreachable!("{events:?}")
    };
    assert_eq!((anna.id, anna.name.as_str()), (PersonId(5), "Anna Berg"));
    let group = json!({"id": -1_002_101_424_779_i64, "type": "supergroup", "title": "Desk"});
    let anonymous = json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group"});
    let events = shown(&json!({"text": "x", "sender_chat": group, "from": anonymous}));
    let Event::Person(desk) = &events[0] else {
        unreachable!("{events:?}")
    };
    assert_eq!(desk.kind, PersonKind::Channel);
    let Some(Event::Message(message)) = events.last() else {
        unreachable!("{events:?}")
    };
    assert_eq!(message.from, Some(PersonId(-1_002_101_424_779)));
    assert_eq!(message.topic, TopicId(12));
}

#[test]
fn a_message_in_a_topic_answers_nothing_unless_it_says_so() {
    let first = json!({
        "message_id": 12, "date": 1_600_000_000,
        "chat": {"id": -1_002_101_424_779_i64, "type": "supergroup", "title": "Desk"},
        "forum_topic_created": {"name": "Anna", "icon_color": 7_322_096}
    });
    assert_eq!(
        one(&json!({"text": "x", "reply_to_message": first})).reply_to,
        None
    );
    let answered = json!({
        "message_id": 70, "date": 1_600_000_000, "text": "what?",
        "chat": {"id": -1_002_101_424_779_i64, "type": "supergroup", "title": "Desk"}
    });
    let message = one(&json!({"text": "x", "reply_to_message": answered}));
    assert_eq!(message.reply_to, Some(Reply::to(MessageId(70))));
    // teloxide 0.17 reads it only where the message answered carries media.
    let elsewhere = json!({
        "origin": {"type": "hidden_user", "date": 1_600_000_000, "sender_user_name": "Somebody"},
        "chat": {"id": -1_000_000_000_099_i64, "type": "supergroup", "title": "Other"},
        "message_id": 9, "photo": []
    });
    let quote = json!({"text": "part", "position": 0});
    let message = one(&json!({"text": "x", "external_reply": elsewhere, "quote": quote}));
    let reply = message.reply_to.unwrap();
    assert_eq!((reply.id, reply.external), (MessageId(9), true));
    assert_eq!(reply.chat, Some(PersonId(-1_000_000_000_099)));
    assert_eq!(reply.quote.as_deref(), Some("part"));
}

#[test]
fn outside_a_topic_a_thread_is_a_chain_of_replies() {
    let message = one(&json!({"text": "x", "is_topic_message": false}));
    assert_eq!(message.topic, TopicId::GENERAL);
}

#[test]
fn service_messages_are_told_as_the_userbot_tells_them() {
    let user = json!({"id": 6, "is_bot": false, "first_name": "Ben"});
    let created = one(&json!({"forum_topic_created": {"name": "Ben", "icon_color": 7_322_096}}));
    // A topic is named after the message that began it.
    assert_eq!(created.topic, TopicId(77));
    let edited = |title: Option<&str>, closed, hidden| Service::TopicEdited {
        title: title.map(str::to_owned),
        closed,
        hidden,
    };
    for (fields, expected) in [
        (
            json!({"forum_topic_edited": {"name": "Ben B."}}),
            edited(Some("Ben B."), None, None),
        ),
        (
            json!({"forum_topic_closed": {}}),
            edited(None, Some(true), None),
        ),
        (
            json!({"forum_topic_reopened": {}}),
            edited(None, Some(false), None),
        ),
        (
            json!({"general_forum_topic_hidden": {}}),
            edited(None, None, Some(true)),
        ),
        (
            json!({"new_chat_members": [user]}),
            Service::Joined {
                people: vec![PersonId(6)],
            },
        ),
        (
            json!({"left_chat_member": user}),
            Service::Left {
                person: PersonId(6),
            },
        ),
        (
            json!({"new_chat_title": "New"}),
            Service::GroupTitle {
                title: "New".to_owned(),
            },
        ),
        (
            json!({"video_chat_started": {}}),
            Service::Other {
                name: "video_chat_started".to_owned(),
            },
        ),
    ] {
        assert_eq!(one(&fields).service, Some(expected), "{fields}");
    }
}
