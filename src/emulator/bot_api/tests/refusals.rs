//! What is refused, and in which words.

use serde_json::{Value, json};

use super::super::Limits;
use super::desk::{ANNA, CHAT, CHIEF, GROUP, OTHER, OUTSIDER, OWNER, PLAIN, STRANGER, desk};
use crate::emulator::world::Standing;

#[test]
fn refusals_of_content_have_telegrams_words() {
    let desk = desk(Limits::OFF);
    let poll = |question: &str, options: Value| json!({ "question": question, "options": options });
    let keyboard =
        |button: Value| json!({ "text": "x", "reply_markup": { "inline_keyboard": [[button]] } });
    let many = vec!["x"; 13];
    for (method, params, words) in [
        ("sendMessage", json!({}), "message text is empty"),
        (
            "sendMessage",
            json!({ "text": "x".repeat(40_000) }),
            "text is too long",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "parse_mode": "BBCode" }),
            "unsupported parse_mode",
        ),
        (
            "sendMessage",
            json!({ "text": "a*b", "parse_mode": "MarkdownV2" }),
            "can't parse entities: Can't find end of Bold entity at byte offset 1",
        ),
        (
            "sendMessage",
            json!({ "text": "a*b", "parse_mode": "markdown" }),
            "can't parse entities: Can't find end of the entity starting at byte offset 1",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "entities": [{ "type": "bold", "offset": 0, "length": 2 }] }),
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "entities": [{ "type": "blink", "offset": 0, "length": 1 }] }),
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "reply_markup": "{" }),
            "can't parse reply keyboard markup JSON object",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "reply_markup": [] }),
            "object expected as reply markup",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "reply_markup": { "inline_keyboard": [1] } }),
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
        ),
        (
            "sendMessage",
            keyboard(json!({ "text": "x" })),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            keyboard(json!({ "text": "x", "callback_data": "x".repeat(65) })),
            "BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            keyboard(json!({ "text": "x", "url": "nowhere" })),
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            "sendMessage",
            keyboard(json!({ "text": "x", "web_app": { "url": "https://a.example" } })),
            "BUTTON_TYPE_INVALID",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "reply_parameters": {"message_id": 99} }),
            "message to be replied not found",
        ),
        (
            "sendMessage",
            json!({ "text": "x", "reply_parameters": {"message_id": 1, "quote": "nothing"} }),
            "QUOTE_TEXT_INVALID",
        ),
        ("sendPhoto", json!({}), "there is no photo in the request"),
        (
            "sendVideoNote",
            json!({}),
            "there is no video note in the request",
        ),
        (
            "sendPhoto",
            json!({ "photo": "AgAC" }),
            "wrong file identifier/HTTP URL specified",
        ),
        (
            "sendPhoto",
            json!({ "photo": "https://a.example/a.png" }),
            "failed to get HTTP URL content",
        ),
        (
            "sendMediaGroup",
            json!({}),
            "parameter \"media\" is required",
        ),
        (
            "sendMediaGroup",
            json!({ "media": {} }),
            "expected an Array of InputMedia",
        ),
        (
            "sendMediaGroup",
            json!({ "media": [] }),
            "there are no messages to send",
        ),
        (
            "sendMediaGroup",
            json!({ "media": [{ "type": "animation", "media": "attach://a" }] }),
            "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
        ),
        (
            "sendMediaGroup",
            json!({ "media": [{ "type": "photo", "media": "attach://a" }] }),
            "can't parse InputMedia: media not found",
        ),
        (
            "sendMediaGroup",
            json!({ "media": [
                { "type": "photo", "media": "x" },
                { "type": "audio", "media": "y" },
            ] }),
            "Audio can't be mixed with other media types",
        ),
        (
            "sendMediaGroup",
            json!({ "media": vec![json!({ "type": "photo", "media": "x" }); 11] }),
            "too many messages to send as an album",
        ),
        (
            "sendLocation",
            json!({ "longitude": 1 }),
            "latitude is empty",
        ),
        (
            "sendLocation",
            json!({ "latitude": 91, "longitude": 1 }),
            "invalid location specified",
        ),
        (
            "sendContact",
            json!({ "phone_number": "1" }),
            "parameter \"first_name\" is required",
        ),
        ("sendPoll", poll("", json!(["a"])), "text must be non-empty"),
        (
            "sendPoll",
            poll(&"x".repeat(301), json!(["a"])),
            "poll question length must not exceed 300",
        ),
        (
            "sendPoll",
            poll("q", json!([])),
            "poll must have at least one answer option",
        ),
        (
            "sendPoll",
            poll("q", json!(many)),
            "poll can't have more than 12 options",
        ),
        (
            "sendPoll",
            poll("q", json!(["a", " "])),
            "poll options must be non-empty",
        ),
        (
            "sendPoll",
            poll("q", json!("a")),
            "can't parse options JSON object",
        ),
        ("sendDice", json!({ "emoji": "🥔" }), "EMOTICON_INVALID"),
        (
            "sendChatAction",
            json!({ "action": "dancing" }),
            "wrong parameter action in request",
        ),
    ] {
        let told = desk.refused(CHIEF, method, params);
        assert_eq!(told, format!("Bad Request: {words}"), "{method}");
    }
}

#[test]
fn refusals_about_messages_and_members_have_telegrams_words() {
    let desk = desk(Limits::OFF);
    let theirs = desk.says(ANNA, "hello");
    let hidden = desk.says(OTHER, "from another bot");
    let own = desk.call(CHIEF, "sendMessage", json!({ "text": "own" }))["message_id"].clone();
    for (bot, method, params, words) in [
        (
            CHIEF,
            "editMessageText",
            json!({ "text": "x" }),
            "message identifier is not specified",
        ),
        (
            CHIEF,
            "editMessageText",
            json!({ "message_id": theirs, "text": "x" }),
            "message can't be edited",
        ),
        (
            CHIEF,
            "editMessageCaption",
            json!({ "message_id": own, "caption": "x" }),
            "there is no caption in the message to edit",
        ),
        (
            CHIEF,
            "editMessageText",
            json!({ "message_id": own, "text": "x".repeat(4_097) }),
            "MESSAGE_TOO_LONG",
        ),
        (
            CHIEF,
            "deleteMessage",
            json!({ "message_id": 99 }),
            "message to delete not found",
        ),
        (
            PLAIN,
            "deleteMessage",
            json!({ "message_id": theirs }),
            "message can't be deleted",
        ),
        (
            CHIEF,
            "deleteMessages",
            json!({}),
            "message identifiers are not specified",
        ),
        (
            CHIEF,
            "deleteMessages",
            json!({ "message_ids": [0] }),
            "invalid message identifier specified",
        ),
        (
            CHIEF,
            "forwardMessage",
            json!({ "message_id": 1 }),
            "parameter \"from_chat_id\" is required",
        ),
        (
            CHIEF,
            "forwardMessage",
            json!({ "from_chat_id": CHAT, "message_id": hidden }),
            "message to forward not found",
        ),
        (
            CHIEF,
            "copyMessage",
            json!({ "from_chat_id": CHAT, "message_id": hidden }),
            "message to copy not found",
        ),
        (
            CHIEF,
            "copyMessage",
            json!({ "from_chat_id": CHAT, "message_id": 1 }),
            "the message can't be copied",
        ),
        (
            CHIEF,
            "copyMessages",
            json!({ "from_chat_id": CHAT, "message_ids": [3, 2] }),
            "message identifiers must be in a strictly increasing order",
        ),
        (
            CHIEF,
            "copyMessages",
            json!({ "from_chat_id": CHAT, "message_ids": [90, 91] }),
            "there are no messages to forward",
        ),
        (
            CHIEF,
            "stopPoll",
            json!({ "message_id": 99 }),
            "message with poll to stop not found",
        ),
        (
            CHIEF,
            "stopPoll",
            json!({ "message_id": own }),
            "message is not a poll",
        ),
        (
            CHIEF,
            "pinChatMessage",
            json!({ "message_id": 99 }),
            "message to pin not found",
        ),
        (
            CHIEF,
            "pinChatMessage",
            json!({ "message_id": 1 }),
            "service messages can't be pinned",
        ),
        (
            CHIEF,
            "unpinChatMessage",
            json!({}),
            "message to unpin not found",
        ),
        (
            PLAIN,
            "pinChatMessage",
            json!({ "message_id": theirs }),
            "not enough rights to manage pinned messages in the chat",
        ),
        (
            CHIEF,
            "setMessageReaction",
            json!({ "message_id": 99, "reaction": [{ "type": "emoji", "emoji": "👍" }] }),
            "message to react not found",
        ),
        (
            CHIEF,
            "setMessageReaction",
            json!({ "message_id": theirs, "reaction": [{ "type": "paid" }] }),
            "can't parse ReactionType: invalid reaction type specified",
        ),
        (
            CHIEF,
            "setMessageReaction",
            json!({ "message_id": theirs, "reaction": [
                { "type": "emoji", "emoji": "👍" },
                { "type": "emoji", "emoji": "🔥" },
            ] }),
            "REACTIONS_TOO_MANY",
        ),
        (
            CHIEF,
            "answerCallbackQuery",
            json!({ "callback_query_id": "1" }),
            "query is too old and response timeout expired or query ID is invalid",
        ),
        (
            CHIEF,
            "getChatMember",
            json!({}),
            "invalid user_id specified",
        ),
        (
            CHIEF,
            "getChatMember",
            json!({ "user_id": 999 }),
            "user not found",
        ),
        (
            CHIEF,
            "banChatMember",
            json!({ "user_id": OWNER }),
            "can't remove chat owner",
        ),
        (
            CHIEF,
            "banChatMember",
            json!({ "user_id": CHIEF }),
            "can't restrict self",
        ),
        (
            PLAIN,
            "banChatMember",
            json!({ "user_id": ANNA }),
            "not enough rights to restrict/unrestrict chat member",
        ),
        (
            CHIEF,
            "restrictChatMember",
            json!({ "user_id": ANNA, "permissions": [] }),
            "object expected as permissions",
        ),
        (
            CHIEF,
            "promoteChatMember",
            json!({ "user_id": STRANGER, "can_pin_messages": true }),
            "user not found",
        ),
        (
            PLAIN,
            "promoteChatMember",
            json!({ "user_id": ANNA, "can_pin_messages": true }),
            "not enough rights",
        ),
        (
            PLAIN,
            "setChatTitle",
            json!({ "title": "x" }),
            "not enough rights to change chat title",
        ),
        (
            CHIEF,
            "setChatTitle",
            json!({ "title": " " }),
            "title must be non-empty",
        ),
        (
            PLAIN,
            "setChatDescription",
            json!({ "description": "x" }),
            "not enough rights to set chat description",
        ),
        (
            CHIEF,
            "createForumTopic",
            json!({ "name": " " }),
            "name must be non-empty",
        ),
        (
            CHIEF,
            "closeForumTopic",
            json!({ "message_thread_id": 99 }),
            "TOPIC_ID_INVALID",
        ),
        (
            PLAIN,
            "closeGeneralForumTopic",
            json!({}),
            "not enough rights to close or open the topic",
        ),
        (
            CHIEF,
            "reopenGeneralForumTopic",
            json!({}),
            "TOPIC_NOT_MODIFIED",
        ),
        (CHIEF, "getFile", json!({}), "file_id not specified"),
        (
            CHIEF,
            "getFile",
            json!({ "file_id": "x" }),
            "invalid file_id",
        ),
        (
            CHIEF,
            "setMyCommands",
            json!({ "commands": [{ "command": "A", "description": "x" }] }),
            "BOT_COMMAND_INVALID",
        ),
        (
            CHIEF,
            "getMyCommands",
            json!({ "scope": { "type": "everywhere" } }),
            "can't parse BotCommandScope: Unsupported type specified",
        ),
        (
            CHIEF,
            "getMyCommands",
            json!({ "scope": { "type": "chat_member", "chat_id": CHAT } }),
            "can't parse BotCommandScope: Can't find field \"user_id\"",
        ),
        (
            CHIEF,
            "getMyCommands",
            json!({ "language_code": "deutsch" }),
            "invalid language code specified",
        ),
    ] {
        let told = desk.refused(bot, method, params);
        assert_eq!(told, format!("Bad Request: {words}"), "{method}");
    }
}

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
