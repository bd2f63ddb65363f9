//! What bots are told, kind by kind.

use serde_json::{Value, json};

use super::super::Limits;
use super::desk::{ANNA, CHAT, CHIEF, GROUP, OTHER, OWNER, PLAIN, STRANGER, desk};
use crate::emulator::world::Standing;

#[test]
fn a_press_is_told_to_the_bot_that_owns_the_message() {
    let desk = desk(Limits::OFF);
    let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "yes" }]] });
    let asked = desk.call(
        PLAIN,
        "sendMessage",
        json!({ "text": "Shall I?", "reply_markup": markup }),
    );
    assert_eq!(asked["reply_markup"], markup);
    let id = i32::try_from(asked["message_id"].as_i64().unwrap()).unwrap();
    let press = desk
        .world
        .write(|state| state.press(GROUP, ANNA, id, "yes"))
        .unwrap();
    for (bot, count) in [(PLAIN, 1), (CHIEF, 0), (OTHER, 0)] {
        assert_eq!(desk.updates(bot).len(), count, "{bot}");
    }
    let press = press.to_string();
    let answer = json!({ "callback_query_id": press, "text": "Noted", "show_alert": "True" });
    let foreign = desk.refused(CHIEF, "answerCallbackQuery", answer.clone());
    assert!(foreign.starts_with("Bad Request: query is too old"));
    desk.call(PLAIN, "answerCallbackQuery", answer);
    let told = desk
        .world
        .read(|state| state.press_answer(press.parse().unwrap()).cloned())
        .unwrap();
    assert_eq!((told.text.as_str(), told.alert), ("Noted", true));
}

#[test]
fn a_press_below_a_deleted_message_names_it_all_the_same() {
    let desk = desk(Limits::OFF);
    let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "yes" }]] });
    let asked = desk.call(
        PLAIN,
        "sendMessage",
        json!({ "text": "?", "reply_markup": markup }),
    );
    let id = i32::try_from(asked["message_id"].as_i64().unwrap()).unwrap();
    desk.world.write(|state| {
        state.press(GROUP, ANNA, id, "yes").unwrap();
        state.delete(GROUP, PLAIN, &[id]).unwrap();
    });
    let (kind, query) = desk.updates(PLAIN).remove(0);
    assert_eq!(kind, "callback_query");
    assert_eq!(query["message"]["date"], 0);
    assert_eq!(query["message"]["message_id"], id);
}

#[test]
fn reactions_are_told_to_administrators_who_asked() {
    let desk = desk(Limits::OFF);
    let id = desk.says(ANNA, "hello");
    for bot in [CHIEF, PLAIN] {
        let kinds = json!({ "allowed_updates": ["message_reaction", "message"] });
        desk.call(bot, "getUpdates", kinds);
        desk.updates(bot);
    }
    desk.updates(OTHER);
    let react = |who: i64, emoji: &[&str]| {
        desk.world
            .write(|state| state.react(GROUP, who, id, emoji))
            .unwrap()
    };
    react(ANNA, &["👍"]);
    react(ANNA, &[]);
    react(OTHER, &["🔥"]);
    let told = desk.updates(CHIEF);
    assert_eq!(told.len(), 2, "bots' reactions are not told: {told:?}");
    let (kind, first) = &told[0];
    assert_eq!(kind, "message_reaction");
    assert_eq!(first["user"]["id"], ANNA);
    assert_eq!(first["old_reaction"], json!([]));
    assert_eq!(
        first["new_reaction"],
        json!([{ "type": "emoji", "emoji": "👍" }])
    );
    assert_eq!(told[1].1["new_reaction"], json!([]));
    assert!(desk.updates(PLAIN).is_empty(), "no administrator");
    assert!(desk.updates(OTHER).is_empty(), "did not ask");
}

#[test]
fn votes_are_told_to_who_asked_and_secret_ones_without_names() {
    let desk = desk(Limits::OFF);
    let ask = |anonymous: bool| {
        let poll = json!({ "question": "q", "options": ["a", "b"], "is_anonymous": anonymous });
        let id = desk.call(PLAIN, "sendPoll", poll)["message_id"].clone();
        i32::try_from(id.as_i64().unwrap()).unwrap()
    };
    let (open, secret) = (ask(false), ask(true));
    for id in [open, secret] {
        desk.world
            .write(|state| state.vote(GROUP, ANNA, id, &[1]))
            .unwrap();
    }
    let told = desk.updates(PLAIN);
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["poll", "poll_answer", "poll"]);
    assert_eq!(told[0].1["options"][1]["voter_count"], 1);
    assert_eq!(told[1].1["user"]["id"], ANNA);
    assert_eq!(told[1].1["option_ids"], json!([1]));
    assert!(desk.updates(CHIEF).is_empty(), "another bot's poll");
    let stopped = desk.call(PLAIN, "stopPoll", json!({ "message_id": open }));
    assert_eq!(
        (&stopped["is_closed"], &stopped["total_voter_count"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(desk.kinds(PLAIN), ["poll"]);
    let told = desk.refused(PLAIN, "stopPoll", json!({ "message_id": open }));
    assert_eq!(told, "Bad Request: poll has already been closed");
}

#[test]
fn a_quiz_keeps_its_answer_from_others() {
    let desk = desk(Limits::OFF);
    let quiz = json!({
        "question": "2 + 2?", "options": ["3", "4"], "type": "quiz", "correct_option_id": 1,
    });
    let own = desk.call(PLAIN, "sendPoll", quiz);
    assert_eq!(own["poll"]["correct_option_id"], 1);
    let forward = desk.call(
        PLAIN,
        "forwardMessage",
        json!({ "from_chat_id": CHAT, "message_id": own["message_id"] }),
    );
    // Votes belong to a message here, so a forwarded poll is another one.
    assert_ne!(forward["poll"]["id"], own["poll"]["id"]);
    let copy = desk.call(
        PLAIN,
        "copyMessage",
        json!({ "from_chat_id": CHAT, "message_id": own["message_id"] }),
    );
    assert_eq!(copy.as_object().unwrap().len(), 1);
    let reply = json!({ "text": "?", "reply_to_message_id": own["message_id"] });
    let seen = desk.call(CHIEF, "sendMessage", reply);
    let poll = &seen["reply_to_message"]["poll"];
    assert_eq!(poll["type"], "quiz");
    assert!(poll.get("correct_option_id").is_none());
}

#[test]
fn standings_are_told_to_whom_they_concern() {
    let desk = desk(Limits::OFF);
    for bot in [CHIEF, PLAIN] {
        let kinds = json!({ "allowed_updates": ["chat_member", "my_chat_member"] });
        desk.call(bot, "getUpdates", kinds);
    }
    let stand = |user: i64, standing: Standing| {
        desk.world
            .write(|state| state.set_standing(GROUP, OWNER, user, standing))
            .unwrap();
    };
    stand(STRANGER, Standing::Member);
    stand(PLAIN, Standing::Administrator);
    let told = desk.updates(CHIEF);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].1["from"]["id"], OWNER);
    assert_eq!(told[0].1["new_chat_member"]["status"], "member");
    // What happened before it became one is told too, as it looks when it asks.
    let told = desk.updates(PLAIN);
    assert_eq!(told.last().unwrap().0, "my_chat_member");
    stand(PLAIN, Standing::Banned);
    let told = desk.updates(PLAIN);
    assert_eq!(told[0].1["new_chat_member"]["status"], "kicked");
}

#[test]
fn a_bot_hears_of_its_own_deeds_in_the_group_and_of_its_end() {
    let desk = desk(Limits::OFF);
    let id = desk.call(CHIEF, "sendMessage", json!({ "text": "rules" }))["message_id"].clone();
    desk.call(CHIEF, "pinChatMessage", json!({ "message_id": id }));
    desk.call(CHIEF, "setChatTitle", json!({ "title": "New" }));
    desk.call(CHIEF, "createForumTopic", json!({ "name": "Zoë" }));
    let told = desk.updates(CHIEF);
    let fields = ["pinned_message", "new_chat_title", "forum_topic_created"];
    assert_eq!(told.len(), fields.len(), "{told:?}");
    for ((kind, message), field) in told.iter().zip(fields) {
        assert_eq!(kind, "message");
        assert!(message.get(field).is_some(), "{field}: {message}");
    }
    assert_eq!(told[0].1["pinned_message"]["text"], "rules");
    desk.call(CHIEF, "leaveChat", json!({}));
    desk.says(ANNA, "without it");
    let told = desk.updates(CHIEF);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0].0, "my_chat_member");
    assert_eq!(told[1].1["left_chat_member"]["id"], CHIEF);
}

#[test]
fn general_is_closed_by_hiding_and_shown_by_reopening() {
    let desk = desk(Limits::OFF);
    let general = || {
        desk.world.read(|state| {
            let general = &state.group(GROUP).unwrap().topics[&1];
            (general.hidden, general.closed)
        })
    };
    desk.call(CHIEF, "hideGeneralForumTopic", json!({}));
    assert_eq!(general(), (true, true));
    let told = desk.refused(CHIEF, "closeGeneralForumTopic", json!({}));
    assert_eq!(told, "Bad Request: TOPIC_NOT_MODIFIED");
    let told = desk.refused(PLAIN, "sendMessage", json!({ "text": "x" }));
    assert_eq!(told, "Bad Request: TOPIC_CLOSED");
    desk.call(CHIEF, "reopenGeneralForumTopic", json!({}));
    assert_eq!(general(), (false, false));
    desk.call(PLAIN, "sendMessage", json!({ "text": "x" }));
    let fields = ["general_forum_topic_hidden", "forum_topic_reopened"];
    let told = desk.updates(CHIEF);
    for ((_, message), field) in told.iter().zip(fields) {
        assert!(message.get(field).is_some(), "{field}: {message}");
    }
}

#[test]
fn another_bots_message_is_hidden_but_shown_inside_an_answer_to_it() {
    let desk = desk(Limits::OFF);
    let theirs = desk.says(OTHER, "from another bot");
    let draft = crate::emulator::world::Draft {
        text: "what is this?".to_owned(),
        reply_to: Some(theirs),
        ..Default::default()
    };
    desk.world
        .write(|state| state.post(GROUP, ANNA, draft))
        .unwrap();
    let told = desk.updates(PLAIN);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["reply_to_message"]["text"], "from another bot");
}

#[test]
fn a_private_mode_switched_on_or_off_counts_at_once() {
    let desk = desk(Limits::OFF);
    let set = |privacy: bool, friendly: bool| {
        desk.world.write(|state| {
            let bot = state.user_mut(PLAIN).unwrap().bot.as_mut().unwrap();
            (bot.privacy_mode, bot.bot_to_bot) = (privacy, friendly);
        });
    };
    let seen = || -> Vec<Value> {
        desk.says(ANNA, "plain");
        desk.says(ANNA, "/help@plain_bot");
        desk.says(OTHER, "from a bot");
        let told = desk.updates(PLAIN).into_iter();
        told.map(|(_, message)| message["text"].clone()).collect()
    };
    assert_eq!(seen(), ["plain", "/help@plain_bot"]);
    set(true, false);
    assert_eq!(seen(), ["/help@plain_bot"]);
    let me = desk.call(PLAIN, "getMe", json!({}));
    assert_eq!(me["can_read_all_group_messages"], false);
    set(false, true);
    assert_eq!(seen(), ["plain", "/help@plain_bot", "from a bot"]);
}

#[test]
fn a_list_of_kinds_comes_back_as_it_was_given() {
    let desk = desk(Limits::OFF);
    let told = |kinds: Value| {
        desk.call(PLAIN, "getUpdates", json!({ "allowed_updates": kinds }));
        desk.call(PLAIN, "getWebhookInfo", json!({}))["allowed_updates"].clone()
    };
    let kinds = json!(["inline_query", "poll", "chat_member", "message_reaction"]);
    assert_eq!(told(kinds.clone()), kinds);
    assert_eq!(told(json!("nonsense")), kinds, "changes nothing");
    assert_eq!(told(json!(["telepathy", "poll"])), json!(["poll"]));
    assert_eq!(told(json!([])), Value::Null, "the usual ones");
}

#[test]
fn updates_wait_for_a_day_and_offsets_count_from_either_end() {
    let desk = desk(Limits::OFF);
    for number in 0..4 {
        desk.says(ANNA, &number.to_string());
    }
    let last = desk.call(PLAIN, "getUpdates", json!({ "offset": -2 }));
    assert_eq!(
        last.as_array().unwrap().len(),
        2,
        "the others are forgotten"
    );
    assert_eq!(last[0]["message"]["text"], "2");
    let again = desk.call(PLAIN, "getUpdates", json!({ "limit": 1 }));
    assert_eq!(again[0], last[0]);
    desk.world
        .write(|state| state.clock_offset += 24 * 60 * 60 + 1);
    assert_eq!(desk.call(PLAIN, "getUpdates", json!({})), json!([]));
    assert!(desk.updates(CHIEF).is_empty());
}
