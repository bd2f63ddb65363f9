//! What a bot must not get at: other bots' files, strangers, the server's memory.

use serde_json::{Value, json};

use super::super::Limits;
use super::super::files::content;
use super::desk::{ANNA, CHAT, CHIEF, Desk, GROUP, OTHER, OWNER, PLAIN, STRANGER, desk};
use crate::emulator::world::{Draft, Standing};

/// Sends a file as a bot; its message.
fn upload(desk: &Desk, bot: i64, name: &str, header: &str) -> Value {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n{CHAT}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"{name}\"\r\n\
         {header}\r\nsecret\r\n--x--\r\n"
    );
    let path = format!("/bot{bot}:secret/sendDocument");
    let kind = "multipart/form-data; boundary=x";
    let (status, answer) = desk.api.answer(&path, kind, body.as_bytes());
    assert_eq!(status, 200, "{answer}");
    answer["result"].clone()
}

#[test]
fn a_file_is_for_the_bot_that_was_shown_it() {
    let desk = desk(Limits::OFF);
    let message = upload(&desk, CHIEF, "a.txt", "");
    let id = message["document"]["file_id"].as_str().unwrap();
    let number = id[10..].split_once('-').unwrap().0;
    let guesses = [
        id.to_owned(),
        format!("BQACAgIAAx{PLAIN:x}-{number}"),
        format!("BQACAgIAAx{number}-"),
        format!("BQACAgIAAx{number}-{}", "0".repeat(32)),
        format!("AgACAgIAAx{}", &id[10..]),
    ];
    for guess in guesses {
        assert_eq!(
            desk.refused(PLAIN, "getFile", json!({ "file_id": guess })),
            "Bad Request: invalid file_id"
        );
        assert_eq!(
            desk.refused(PLAIN, "sendDocument", json!({ "document": guess })),
            "Bad Request: wrong file identifier/HTTP URL specified"
        );
    }
    // The path is good for nobody until it was asked for, and then for who asked.
    let number = i64::from_str_radix(number, 16).unwrap();
    let path = format!("documents/file_{number}.txt");
    assert!(content(&desk.api, CHIEF, &path).is_err());
    let file = desk.call(CHIEF, "getFile", json!({ "file_id": id }));
    assert_eq!(file["file_path"], path.as_str());
    assert_eq!(content(&desk.api, CHIEF, &path).unwrap(), b"secret");
    assert!(content(&desk.api, PLAIN, &path).is_err());
    // A bot that is shown the message gets an id of its own for the same file.
    desk.updates(OTHER);
    let answer = Draft {
        text: "seen".to_owned(),
        reply_to: i32::try_from(message["message_id"].as_i64().unwrap()).ok(),
        ..Draft::default()
    };
    desk.world
        .write(|state| state.post(GROUP, ANNA, answer))
        .unwrap();
    let updates = desk.updates(OTHER);
    let shown = &updates[0].1["reply_to_message"];
    let (own, theirs) = (&shown["document"], &message["document"]);
    assert_eq!(own["file_unique_id"], theirs["file_unique_id"]);
    assert_ne!(own["file_id"], theirs["file_id"]);
    desk.call(OTHER, "getFile", json!({ "file_id": own["file_id"] }));
}

#[test]
fn the_kind_of_an_upload_follows_from_its_name() {
    let desk = desk(Limits::OFF);
    for (name, header, kind) in [
        ("a.pdf", "", "application/pdf"),
        (
            "a.pdf",
            "Content-Type: application/octet-stream\r\n",
            "application/pdf",
        ),
        ("a.pdf", "Content-Type: text/plain\r\n", "text/plain"),
        ("a", "", "application/octet-stream"),
    ] {
        let message = upload(&desk, CHIEF, name, header);
        assert_eq!(message["document"]["mime_type"], kind, "{name} {header}");
    }
}

#[test]
fn nobody_is_shown_whom_a_bot_never_met() {
    let desk = desk(Limits::OFF);
    let ask = |user: i64| desk.raw(CHIEF, "getChatMember", json!({ "user_id": user }));
    let unknown = "Bad Request: user not found";
    assert_eq!(ask(STRANGER).1["description"], unknown);
    assert_eq!(
        ask(999).1["description"],
        unknown,
        "the same for no account"
    );
    assert_eq!(
        desk.refused(CHIEF, "banChatMember", json!({ "user_id": STRANGER })),
        unknown
    );
    assert_eq!(ask(ANNA).0, 200);
    desk.world.write(|state| {
        for standing in [Standing::Member, Standing::Left] {
            state
                .set_standing(GROUP, OWNER, STRANGER, standing)
                .unwrap();
        }
    });
    assert_eq!(ask(STRANGER).1["result"]["status"], "left", "once it did");
    let promotion = json!({ "user_id": STRANGER, "can_pin_messages": true });
    assert_eq!(
        desk.refused(CHIEF, "promoteChatMember", promotion),
        "Bad Request: USER_NOT_PARTICIPANT"
    );
}

#[test]
fn folded_quotes_and_buttons_to_copy_come_back() {
    let desk = desk(Limits::OFF);
    for (text, mode) in [
        ("<blockquote expandable>a</blockquote>", "HTML"),
        ("**>a||", "MarkdownV2"),
    ] {
        let sent = desk.call(
            PLAIN,
            "sendMessage",
            json!({ "text": text, "parse_mode": mode }),
        );
        assert_eq!(
            sent["entities"][0]["type"], "expandable_blockquote",
            "{mode}"
        );
    }
    let entities = json!([{ "type": "expandable_blockquote", "offset": 0, "length": 1 }]);
    let markup =
        json!({ "inline_keyboard": [[{ "text": "Copy", "copy_text": { "text": "42" } }]] });
    let sent = desk.call(
        PLAIN,
        "sendMessage",
        json!({ "text": "ab", "entities": entities, "reply_markup": markup }),
    );
    assert_eq!(sent["entities"], entities);
    assert_eq!(sent["reply_markup"], markup);
    let plain = desk.call(
        PLAIN,
        "sendMessage",
        json!({ "text": "<blockquote>a</blockquote>", "parse_mode": "HTML" }),
    );
    assert_eq!(plain["entities"][0]["type"], "blockquote");
}

#[test]
fn who_may_not_write_may_not_react() {
    let desk = desk(Limits::OFF);
    let id = desk.says(ANNA, "hello");
    desk.call(
        CHIEF,
        "restrictChatMember",
        json!({ "user_id": PLAIN, "permissions": {} }),
    );
    let thumb = json!({ "message_id": id, "reaction": [{ "type": "emoji", "emoji": "👍" }] });
    assert_eq!(
        desk.refused(PLAIN, "setMessageReaction", thumb),
        "Forbidden: CHAT_WRITE_FORBIDDEN"
    );
}
