//! Posting, files, refusals, limits.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::super::Limits;
use super::{description, quiet, start};
use crate::emulator::server::Relay;

#[tokio::test]
async fn a_post_in_a_topic_is_written_as_telegram_does() {
    let emulator = quiet().await;
    let (chat, topic) = (emulator.chat(), emulator.topic());
    let answer = emulator
        .call(
            "SendMessage",
            json!({
                "chat_id": chat,
                "message_thread_id": topic,
                "text": " / <b>done</b> 😀 <a href=\"https://a.example\">here</a>\n",
                "parse_mode": "HTML",
                "reply_markup": { "inline_keyboard": [[{ "text": "Open", "url": "https://a.example/" }]] },
            }),
        )
        .await;
    let message = &answer["result"];
    assert_eq!(message["text"], "/ done 😀 here");
    assert_eq!(
        message["entities"][0],
        json!({ "offset": 2, "length": 4, "type": "bold" })
    );
    assert_eq!(message["entities"][1]["offset"], 10);
    assert_eq!(message["entities"][1]["url"], "https://a.example");
    assert_eq!(message["is_topic_message"], true);
    assert_eq!(message["message_thread_id"], topic);
    assert_eq!(message["chat"]["is_forum"], true);
    assert_eq!(message["from"]["is_bot"], true);
    assert_eq!(message["reply_to_message"]["message_id"], topic);
    assert!(message["reply_to_message"]["forum_topic_created"].is_object());
    assert_eq!(
        message["reply_markup"]["inline_keyboard"][0][0]["text"],
        "Open"
    );
    let general = emulator
        .call("sendMessage", json!({ "chat_id": chat, "text": "hi" }))
        .await;
    assert!(general["result"].get("message_thread_id").is_none());
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let emulator = quiet().await;
    let form = Form::new()
        .text("chat_id", emulator.chat().to_string())
        .text("message_thread_id", emulator.topic().to_string())
        .text("caption", "/ transcript")
        .text("document", "attach://upload")
        .part(
            "upload",
            Part::bytes(b"<p>hello</p>".to_vec())
                .file_name("Anna.html")
                .mime_str("text/html")
                .unwrap(),
        );
    let client = reqwest::Client::new();
    let url = emulator.url(emulator.cast.assistant, "sendDocument");
    let answer: Value = client
        .post(url)
        .multipart(form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let document = &answer["result"]["document"];
    assert_eq!(document["file_name"], "Anna.html");
    assert_eq!(document["mime_type"], "text/html");
    assert_eq!(answer["result"]["caption"], "/ transcript");
    let file = emulator
        .call("getFile", json!({ "file_id": document["file_id"] }))
        .await;
    let path = file["result"]["file_path"].as_str().unwrap();
    let token = emulator.bot_token(emulator.cast.assistant).unwrap();
    let url = format!("{}/file/bot{token}/{path}", emulator.bot_api);
    let bytes = client.get(url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes.as_ref(), b"<p>hello</p>");
    // The same file again, by its id; and its caption edited.
    let again = emulator
        .call(
            "sendDocument",
            json!({ "chat_id": emulator.chat(), "document": document["file_id"] }),
        )
        .await;
    assert_eq!(
        again["result"]["document"]["file_unique_id"],
        document["file_unique_id"]
    );
    let edited = emulator
        .call(
            "editMessageCaption",
            json!({
                "chat_id": emulator.chat(),
                "message_id": again["result"]["message_id"],
                "caption": "/ later",
            }),
        )
        .await;
    assert_eq!(edited["result"]["caption"], "/ later");
    assert!(edited["result"]["edit_date"].is_i64());
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused() {
    let emulator = quiet().await;
    let send = |method: &'static str, field: &'static str, bytes: Vec<u8>| {
        let form = Form::new()
            .text("chat_id", emulator.chat().to_string())
            .part(field, Part::bytes(bytes).file_name("a.png"));
        let url = emulator.url(emulator.cast.assistant, method);
        async move {
            let client = reqwest::Client::new();
            let answer = client.post(url).multipart(form).send().await.unwrap();
            answer.json::<Value>().await.unwrap()
        }
    };
    let answer = send("sendPhoto", "photo", b"no picture".to_vec()).await;
    assert_eq!(
        description(&answer),
        (400, "Bad Request: IMAGE_PROCESS_FAILED")
    );
    let answer = send("sendDocument", "document", vec![0; 51 * 1024 * 1024]).await;
    assert_eq!(description(&answer), (413, "Request Entity Too Large"));
    let answer = send("sendDocument", "document", Vec::new()).await;
    assert_eq!(
        description(&answer),
        (400, "Bad Request: file must be non-empty")
    );
}

#[tokio::test]
async fn refusals_have_telegrams_words() {
    let emulator = quiet().await;
    let chat = emulator.chat();
    let foreign = super::super::encode::chat_id(emulator.cast.foreign_group);
    let theirs = emulator.operator_says("mine");
    let long = "x".repeat(4097);
    let cases = [
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": " " }),
            400,
            "Bad Request: text must be non-empty",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": "" }),
            400,
            "Bad Request: message text is empty",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": long }),
            400,
            "Bad Request: message is too long",
        ),
        (
            "sendMessage",
            json!({ "chat_id": -1001, "text": "x" }),
            400,
            "Bad Request: chat not found",
        ),
        (
            "sendMessage",
            json!({ "text": "x" }),
            400,
            "Bad Request: chat_id is empty",
        ),
        (
            "sendMessage",
            json!({ "chat_id": foreign, "text": "x" }),
            403,
            "Forbidden: bot is not a member of the supergroup chat",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "message_thread_id": 999_999, "text": "x" }),
            400,
            "Bad Request: message thread not found",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "message_thread_id": 1, "text": "x" }),
            400,
            "Bad Request: message thread not found",
        ),
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": "x", "reply_parameters": { "message_id": 999_999 } }),
            400,
            "Bad Request: message to be replied not found",
        ),
        (
            "editMessageText",
            json!({ "chat_id": chat, "message_id": theirs, "text": "x" }),
            400,
            "Bad Request: message can't be edited",
        ),
        (
            "editMessageText",
            json!({ "chat_id": chat, "message_id": 999_999, "text": "x" }),
            400,
            "Bad Request: message to edit not found",
        ),
        (
            "deleteMessage",
            json!({ "chat_id": chat, "message_id": theirs }),
            400,
            "Bad Request: message can't be deleted",
        ),
        (
            "deleteMessage",
            json!({ "chat_id": chat, "message_id": 999_999 }),
            400,
            "Bad Request: message to delete not found",
        ),
        (
            "createForumTopic",
            json!({ "chat_id": chat, "name": "x" }),
            400,
            "Bad Request: not enough rights to create a topic",
        ),
        ("sendMassage", json!({}), 404, "Not Found: method not found"),
    ];
    for (method, body, code, words) in cases {
        let answer = emulator.call(method, body).await;
        assert_eq!(description(&answer), (code, words), "{method}");
    }
    let posted = emulator
        .call("sendMessage", json!({ "chat_id": chat, "text": "same" }))
        .await;
    let same =
        json!({ "chat_id": chat, "message_id": posted["result"]["message_id"], "text": "same" });
    let answer = emulator.call("editMessageText", same).await;
    assert!(
        description(&answer)
            .1
            .starts_with("Bad Request: message is not modified: specified new")
    );
    for (token, code) in [("1:x", 401), ("nonsense", 404)] {
        let url = format!("{}/bot{token}/getMe", emulator.bot_api);
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status().as_u16(), code);
    }
}

#[tokio::test]
async fn too_many_posts_must_wait() {
    let emulator = start(Limits::default(), Relay::Bot).await;
    let body = json!({ "chat_id": emulator.chat(), "text": "x" });
    for _ in 0..5 {
        assert_eq!(emulator.call("sendMessage", body.clone()).await["ok"], true);
    }
    let answer = emulator.call("sendMessage", body).await;
    assert_eq!(answer["error_code"], 429);
    let seconds = answer["parameters"]["retry_after"].as_i64().unwrap();
    assert_eq!(
        answer["description"],
        format!("Too Many Requests: retry after {seconds}")
    );
}

#[tokio::test]
async fn faults_answer_instead() {
    let emulator = quiet().await;
    let url = format!("{}/faults", emulator.control);
    let failure = json!({ "bot_api": { "method": "SENDMESSAGE", "code": 500 } });
    let client = reqwest::Client::new();
    client.post(url).json(&failure).send().await.unwrap();
    let body = json!({ "chat_id": emulator.chat(), "text": "x" });
    let answer = emulator.call("sendMessage", body.clone()).await;
    assert_eq!(description(&answer), (500, "Internal Server Error"));
    assert_eq!(emulator.call("sendMessage", body).await["ok"], true);
}
