//! Who may call, and where: chats, rights, limits, tokens and paths.

use serde_json::json;

use super::super::Limits;
use super::desk::{ANNA, CHAT, CHIEF, GROUP, OTHER, OUTSIDER, OWNER, PLAIN, STRANGER, desk};
use crate::emulator::world::Standing;

#[test]
fn chats_that_a_bot_cannot_write_to_are_told_apart() {
    let desk = desk(Limits::OFF);
    let banned = desk
        .world
        .write(|state| state.set_standing(GROUP, OWNER, OTHER, Standing::Banned));
    assert_eq!(banned, Ok(()));
    for (bot, chat, words) in [
        (PLAIN, json!("@nobody"), "Bad Request: chat not found"),
        (
            PLAIN,
            json!(-1_000_000_000_999_i64),
            "Bad Request: chat not found",
        ),
        (PLAIN, json!(-5), "Bad Request: chat not found"),
        (PLAIN, json!(STRANGER), "Bad Request: chat not found"),
        (
            PLAIN,
            json!(ANNA),
            "Forbidden: bot can't initiate conversation with a user",
        ),
        (
            PLAIN,
            json!(CHIEF),
            "Forbidden: bot can't send messages to bots",
        ),
        (
            OTHER,
            json!(CHAT),
            "Forbidden: bot was kicked from the supergroup chat",
        ),
        (
            OUTSIDER,
            json!(CHAT),
            "Forbidden: bot is not a member of the supergroup chat",
        ),
    ] {
        let told = desk.refused(bot, "sendMessage", json!({ "chat_id": chat, "text": "x" }));
        assert_eq!(told, words, "{bot} {chat}");
    }
}

#[test]
fn a_bot_that_may_not_write_is_told_what() {
    let desk = desk(Limits::OFF);
    let muted = desk
        .world
        .write(|state| state.set_standing(GROUP, OWNER, PLAIN, Standing::Restricted));
    assert_eq!(muted, Ok(()));
    for (method, params, what) in [
        ("sendMessage", json!({ "text": "x" }), "text messages"),
        ("sendDice", json!({}), "dice"),
        (
            "sendPoll",
            json!({ "question": "q", "options": ["a"] }),
            "polls",
        ),
        (
            "sendContact",
            json!({ "phone_number": "1", "first_name": "A" }),
            "contacts",
        ),
    ] {
        let told = desk.refused(PLAIN, method, params);
        assert_eq!(
            told,
            format!("Bad Request: not enough rights to send {what} to the chat")
        );
    }
}

#[test]
fn everything_that_posts_or_edits_is_counted() {
    let desk = desk(Limits {
        group_per_minute: Some(1),
        chat_burst: None,
        per_second: None,
    });
    let theirs = desk.says(ANNA, "hello");
    let own = desk.call(CHIEF, "sendMessage", json!({ "text": "x" }))["message_id"].clone();
    for (method, params) in [
        ("sendMessage", json!({ "text": "x" })),
        ("sendLocation", json!({ "latitude": 1, "longitude": 1 })),
        ("sendPoll", json!({ "question": "q", "options": ["a"] })),
        ("sendDice", json!({})),
        (
            "forwardMessage",
            json!({ "from_chat_id": CHAT, "message_id": theirs }),
        ),
        (
            "copyMessages",
            json!({ "from_chat_id": CHAT, "message_ids": [theirs] }),
        ),
        ("editMessageText", json!({ "message_id": own, "text": "y" })),
        ("editMessageReplyMarkup", json!({ "message_id": own })),
    ] {
        let (status, body) = desk.raw(CHIEF, method, params);
        assert_eq!(status, 429, "{method}");
        let seconds = body["parameters"]["retry_after"].as_i64().unwrap();
        assert!((1..=60).contains(&seconds));
        assert_eq!(
            body["description"],
            format!("Too Many Requests: retry after {seconds}")
        );
    }
    // Reading, reacting and deleting are not.
    desk.call(CHIEF, "getChat", json!({}));
    let thumb = json!({ "message_id": theirs, "reaction": [{ "type": "emoji", "emoji": "👍" }] });
    desk.call(CHIEF, "setMessageReaction", thumb);
    desk.call(CHIEF, "deleteMessage", json!({ "message_id": own }));
    // A minute of the world's later the next one passes.
    desk.world.write(|state| state.clock_offset += 60);
    desk.call(CHIEF, "sendMessage", json!({ "text": "x" }));
}

#[test]
fn tokens_paths_and_bodies_that_are_wrong() {
    let desk = desk(Limits::OFF);
    let json = "application/json";
    for (path, kind, body, status, words) in [
        ("/bot1:wrong/getMe", json, "", 401, "Unauthorized"),
        ("/bot11:secret", json, "", 404, "Not Found"),
        ("/elsewhere", json, "", 404, "Not Found"),
        ("/bot11/getMe", json, "", 404, "Not Found"),
        (
            "/bot11:secret/getYou",
            json,
            "",
            404,
            "Not Found: method not found",
        ),
        (
            "/bot11:secret/getMe",
            json,
            "{",
            400,
            "Bad Request: can't parse request JSON object",
        ),
        (
            "/bot11:secret/getMe",
            json,
            "[]",
            400,
            "Bad Request: JSON object expected",
        ),
        (
            "/bot11:secret/getMe",
            "multipart/form-data",
            "x",
            400,
            "Bad Request: boundary not found",
        ),
    ] {
        let (told, answer) = desk.api.answer(path, kind, body.as_bytes());
        assert_eq!(
            (told, &answer["description"]),
            (status, &json!(words)),
            "{path}"
        );
    }
    let (status, me) = desk
        .api
        .answer("/bot11%3Asecret/GETME/", "text/plain", b"?");
    assert_eq!((status, &me["result"]["id"]), (200, &json!(CHIEF)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever a parameter holds, every method answers in Telegram's form.
    #[test]
    fn any_parameter_is_answered(
        values in proptest::collection::vec(
            proptest::sample::select(vec![
                "", "0", "-1", "2", "99999999999999999999", "true", "[]", "{}", "[1]", "[[]]",
                "[{\"type\":\"photo\",\"media\":\"attach://x\"}]", "\"", "{\"message_id\":2}",
                "{\"type\":\"chat\",\"chat_id\":1}", "[{\"type\":\"emoji\",\"emoji\":\"👍\"}]",
                "[{\"type\":\"bold\",\"offset\":2147483647,\"length\":2147483647}]", "a*b", "NaN",
                "{\"inline_keyboard\":[[{\"text\":\"a\",\"callback_data\":\"b\"}]]}", "1e400",
            ]),
            26,
        ),
    ) {
        let desk = desk(Limits::OFF);
        desk.says(ANNA, "hello");
        let names = [
            "message_id", "text", "entities", "parse_mode", "reply_markup", "reply_parameters",
            "media", "options", "question", "latitude", "longitude", "user_id", "permissions",
            "scope", "commands", "reaction", "message_ids", "message_thread_id", "offset", "url",
            "name", "callback_query_id", "file_id", "photo", "caption", "from_chat_id",
        ];
        let mut params = json!({});
        for (name, value) in names.into_iter().zip(values) {
            params[name] = json!(value);
        }
        for method in super::super::methods() {
            let (status, body) = desk.raw(CHIEF, method, params.clone());
            proptest::prop_assert!([200, 400, 403, 409].contains(&status), "{method}: {status}");
            proptest::prop_assert_eq!(&body["ok"], &json!(status == 200));
        }
    }
}
