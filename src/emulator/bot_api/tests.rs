//! The Bot API over HTTP, as any client sees it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::Limits;
use crate::emulator::server::{Emulator, Relay, Settings};
use crate::emulator::world::Draft;

async fn start(limits: Limits, relay: Relay) -> Emulator {
    let settings = Settings {
        messages: 60,
        relay,
        limits,
        ..Settings::default()
    };
    Emulator::start(settings).await.unwrap()
}

async fn quiet() -> Emulator {
    start(Limits::OFF, Relay::Bot).await
}

impl Emulator {
    fn url(&self, bot: i64, method: &str) -> String {
        let token = self.bot_token(bot).unwrap();
        format!("{}/bot{token}/{method}", self.bot_api)
    }

    async fn call(&self, method: &str, body: Value) -> Value {
        let url = self.url(self.cast.assistant, method);
        let client = reqwest::Client::new();
        let answer = client.post(url).json(&body).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// A topic of a customer.
    fn topic(&self) -> i32 {
        self.world.read(|state| {
            let group = state.group(self.cast.group).unwrap();
            let mut topics = group.topics.values();
            topics
                .find(|topic| topic.customer.is_some() && !topic.closed)
                .unwrap()
                .id
        })
    }

    fn chat(&self) -> i64 {
        super::encode::chat_id(self.cast.group)
    }

    fn operator_says(&self, text: &str) -> i32 {
        let draft = Draft {
            topic: self.topic(),
            text: text.to_owned(),
            ..Draft::default()
        };
        self.world
            .write(|state| state.post(self.cast.group, self.cast.operators[0], draft))
            .unwrap()
    }
}

fn description(answer: &Value) -> (i64, &str) {
    (
        answer["error_code"].as_i64().unwrap_or_default(),
        answer["description"].as_str().unwrap_or_default(),
    )
}

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
async fn updates_show_people_and_hide_bots() {
    let emulator = quiet().await;
    let customer = emulator.cast.customers[0];
    let said = |text: &str| Draft {
        text: text.to_owned(),
        ..Draft::default()
    };
    emulator
        .crm
        .customer_says(customer, said("from a customer"))
        .unwrap();
    let id = emulator.operator_says("from an operator");
    let answer = emulator.call("getUpdates", json!({})).await;
    let updates = answer["result"].as_array().unwrap();
    assert_eq!(updates.len(), 1, "{answer}");
    let first = updates[0]["update_id"].as_i64().unwrap();
    assert_eq!(updates[0]["message"]["message_id"], id);
    // Not confirmed: it comes again, but counts once.
    let again = emulator.call("getUpdates", json!({ "limit": 1 })).await;
    assert_eq!(again["result"][0]["update_id"], first);
    let edited = said("from an operator, edited");
    let operator = emulator.cast.operators[0];
    emulator
        .world
        .write(|state| state.edit(emulator.cast.group, operator, id, edited))
        .unwrap();
    let next = emulator
        .call("getUpdates", json!({ "offset": first + 1 }))
        .await;
    assert_eq!(next["result"].as_array().unwrap().len(), 1);
    assert_eq!(next["result"][0]["update_id"], first + 1);
    assert_eq!(
        next["result"][0]["edited_message"]["text"],
        "from an operator, edited"
    );
    assert_eq!(emulator.bots.received(emulator.cast.assistant).len(), 2);
}

#[tokio::test]
async fn the_relay_account_is_seen_by_bots() {
    let emulator = start(Limits::OFF, Relay::User).await;
    let draft = Draft {
        text: "from a customer".to_owned(),
        ..Draft::default()
    };
    emulator
        .crm
        .customer_says(emulator.cast.customers[0], draft)
        .unwrap();
    let answer = emulator.call("getUpdates", json!({})).await;
    assert_eq!(answer["result"][0]["message"]["text"], "from a customer");
    assert_eq!(
        answer["result"][0]["message"]["from"]["id"],
        emulator.cast.relay_user
    );
}

#[tokio::test]
async fn a_long_poll_wakes_and_a_second_one_ends_the_first() {
    let emulator = quiet().await;
    let polls = |count: u64| {
        let (bots, bot) = (&emulator.bots, emulator.cast.assistant);
        async move {
            while bots.with_queue(bot, |queue| queue.polls()) < count {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
    };
    let (first, second, ()) = tokio::join!(
        emulator.call("getUpdates", json!({ "timeout": 30 })),
        async {
            polls(1).await;
            emulator.call("getUpdates", json!({ "timeout": 30 })).await
        },
        async {
            polls(2).await;
            emulator.operator_says("wake up");
        }
    );
    assert_eq!(description(&first).0, 409);
    assert!(
        description(&first)
            .1
            .starts_with("Conflict: terminated by other getUpdates")
    );
    assert_eq!(second["result"][0]["message"]["text"], "wake up");
}

#[tokio::test]
async fn allowed_updates_narrow_what_waits() {
    let emulator = quiet().await;
    emulator
        .call(
            "getUpdates",
            json!({ "allowed_updates": ["edited_message"] }),
        )
        .await;
    emulator.operator_says("not wanted");
    let answer = emulator.call("getUpdates", json!({})).await;
    assert_eq!(answer["result"], json!([]));
    emulator
        .call("getUpdates", json!({ "allowed_updates": [] }))
        .await;
    emulator.operator_says("wanted");
    let answer = emulator.call("getUpdates", json!({})).await;
    assert_eq!(answer["result"][0]["message"]["text"], "wanted");
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
    let foreign = super::encode::chat_id(emulator.cast.foreign_group);
    let theirs = emulator.operator_says("mine");
    let long = "x".repeat(4097);
    let cases = [
        (
            "sendMessage",
            json!({ "chat_id": chat, "text": " " }),
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
        ("sendMassage", json!({}), 404, "Not Found"),
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
async fn who_is_there_and_who_may_what() {
    let emulator = quiet().await;
    let chat = json!({ "chat_id": emulator.chat() });
    let me = emulator.call("getMe", json!({})).await;
    assert_eq!(me["result"]["can_read_all_group_messages"], true);
    let administrators = emulator.call("getChatAdministrators", chat.clone()).await;
    let list = administrators["result"].as_array().unwrap();
    assert_eq!(
        list.len(),
        emulator.cast.operators.len(),
        "other bots are left out"
    );
    assert!(list.iter().any(|member| member["status"] == "creator"));
    let member = |id: i64| json!({ "chat_id": emulator.chat(), "user_id": id });
    for (who, status) in [
        (emulator.cast.assistant, "member"),
        (emulator.cast.crm_bot, "administrator"),
        (emulator.cast.customers[0], "left"),
    ] {
        let answer = emulator.call("getChatMember", member(who)).await;
        assert_eq!(answer["result"]["status"], status);
    }
    let count = emulator.call("getChatMemberCount", chat.clone()).await;
    assert_eq!(count["result"], 9);
    assert_eq!(
        emulator.call("getChat", chat).await["result"]["title"],
        "Support desk"
    );
}

#[tokio::test]
async fn menus_are_kept_by_scope_and_language() {
    let emulator = quiet().await;
    let commands = json!([{ "command": "export", "description": "Export this topic" }]);
    let scope = json!({ "type": "chat", "chat_id": emulator.chat() });
    let body = json!({ "commands": commands, "scope": scope, "language_code": "de" });
    assert_eq!(emulator.call("setMyCommands", body).await["result"], true);
    let here = json!({ "scope": scope, "language_code": "de" });
    assert_eq!(
        emulator.call("getMyCommands", here.clone()).await["result"],
        commands
    );
    assert_eq!(
        emulator.call("getMyCommands", json!({})).await["result"],
        json!([])
    );
    emulator.call("deleteMyCommands", here.clone()).await;
    assert_eq!(
        emulator.call("getMyCommands", here).await["result"],
        json!([])
    );
    let wrong = json!({ "commands": [{ "command": "Export!", "description": "x" }] });
    assert_eq!(
        description(&emulator.call("setMyCommands", wrong).await).1,
        "Bad Request: BOT_COMMAND_INVALID"
    );
}

#[tokio::test]
async fn an_administrator_bot_keeps_topics() {
    let emulator = quiet().await;
    let bot = emulator.cast.crm_bot;
    let client = reqwest::Client::new();
    let call = |method: &str, query: Vec<(&str, String)>| {
        let request = client.get(emulator.url(bot, method)).query(&query);
        async move { request.send().await.unwrap().json::<Value>().await.unwrap() }
    };
    let chat = ("chat_id", emulator.chat().to_string());
    let made = call(
        "createForumTopic",
        vec![chat.clone(), ("name", "Zoë".to_owned())],
    )
    .await;
    let topic = (
        "message_thread_id",
        made["result"]["message_thread_id"].to_string(),
    );
    let renamed = vec![chat.clone(), topic.clone(), ("name", "Zoë Lang".to_owned())];
    assert_eq!(call("editForumTopic", renamed.clone()).await["ok"], true);
    let again = call("editForumTopic", renamed).await;
    assert_eq!(again["description"], "Bad Request: TOPIC_NOT_MODIFIED");
    let here = vec![chat, topic];
    assert_eq!(call("closeForumTopic", here.clone()).await["ok"], true);
    assert_eq!(call("reopenForumTopic", here).await["ok"], true);
    let updates = emulator.call("getUpdates", json!({})).await;
    let seen: Vec<&str> = updates["result"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|update| update["message"].as_object().unwrap().keys())
        .map(String::as_str)
        .filter(|key| key.starts_with("forum_topic_"))
        .collect();
    let expected = ["created", "edited", "closed", "reopened"];
    assert_eq!(seen, expected.map(|what| format!("forum_topic_{what}")));
}

#[tokio::test]
async fn faults_answer_instead() {
    let emulator = quiet().await;
    let url = format!("{}/control/faults", emulator.control);
    let failure = json!({ "bot_api": [{ "method": "SENDMESSAGE", "code": 500, "message": "Internal Server Error" }] });
    let client = reqwest::Client::new();
    client.post(url).json(&failure).send().await.unwrap();
    let body = json!({ "chat_id": emulator.chat(), "text": "x" });
    let answer = emulator.call("sendMessage", body.clone()).await;
    assert_eq!(description(&answer), (500, "Internal Server Error"));
    assert_eq!(emulator.call("sendMessage", body).await["ok"], true);
}
