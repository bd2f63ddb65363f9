//! Members, menus, topics.

use serde_json::{Value, json};

use super::{description, quiet};

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
    ] {
        let answer = emulator.call("getChatMember", member(who)).await;
        assert_eq!(answer["result"]["status"], status);
    }
    // Customers write to another bot.
    let answer = emulator
        .call("getChatMember", member(emulator.cast.customers[0]))
        .await;
    assert_eq!(answer["description"], "Bad Request: user not found");
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
