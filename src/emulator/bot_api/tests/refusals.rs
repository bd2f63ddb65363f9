//! What is refused, and in which words.

use serde_json::{Value, json};

use super::super::Limits;
use super::desk::{ANNA, CHAT, CHIEF, OTHER, OWNER, PLAIN, STRANGER, desk};

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
