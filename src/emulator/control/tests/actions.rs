//! Everything that somebody can be made to do, and what is refused.

use serde_json::{Value, json};

use super::{act, get, message, post, refused, start, truth};

#[tokio::test]
async fn a_conversation_from_outside() {
    let emulator = start().await;
    let operator = emulator.cast.operators[0];
    let said = act(
        &emulator,
        json!({ "do": "customer", "text": "Where is it?" }),
    )
    .await;
    let topic = &said["topic"];
    let answered = act(
        &emulator,
        json!({
            "do": "post", "as": operator, "topic": topic, "text": "On its way",
            "reply_to": said["message"], "silent": true,
            "media": { "kind": "document", "name": "route.txt", "content": "A to B" },
        }),
    )
    .await;
    assert_eq!(answered["topic"], *topic);
    let id = &answered["message"];
    for action in [
        json!({ "do": "edit", "as": operator, "message": id, "text": "Nearly there" }),
        json!({ "do": "topic", "as": operator, "topic": topic, "title": "Lost", "closed": true }),
        json!({ "do": "delete", "as": operator, "message": said["message"] }),
    ] {
        act(&emulator, action).await;
    }
    let customer = message(&emulator, &said["message"]).await;
    assert_eq!(customer["role"], "customer");
    assert_eq!(customer["deleted"], true);
    let line = message(&emulator, id).await;
    assert_eq!(line["role"], "operator");
    assert_eq!(line["kind"], "document");
    assert_eq!(line["media"]["file_name"], "route.txt");
    assert_eq!(line["media"]["mime_type"], "text/plain");
    assert_eq!(line["text"], "Nearly there");
    assert_eq!(line["versions"][0]["text"], "On its way");
    assert_eq!(line["reply_to"], said["message"]);
    let last = truth(&emulator, "").await.pop().unwrap();
    let edited = json!({ "action": "topic_edited", "title": "Lost", "closed": true });
    assert_eq!(last["service"], edited);
    let delivered: Value = serde_json::from_str(&get(&emulator, "/world/delivered").await).unwrap();
    assert_eq!(delivered[0]["message_id"], *id);
    assert_eq!(delivered[0]["file"], "route.txt");
    emulator.stop().await;
}

#[tokio::test]
async fn topics_live_and_go() {
    let emulator = start().await;
    let owner = emulator.cast.operators[0];
    let begun = act(
        &emulator,
        json!({ "do": "topic", "as": owner, "title": "Returns" }),
    )
    .await;
    let topic = &begun["topic"];
    assert_eq!(begun["message"], *topic);
    for change in [
        json!({ "pinned": true }),
        json!({ "title": "Refunds" }),
        json!({ "closed": true }),
        json!({ "closed": false }),
    ] {
        let mut action = json!({ "do": "topic", "as": owner, "topic": topic });
        let fields = change.as_object().unwrap().clone();
        action.as_object_mut().unwrap().extend(fields);
        assert_eq!(act(&emulator, action).await["topic"], *topic);
    }
    act(
        &emulator,
        json!({ "do": "topic", "as": owner, "topic": 1, "hidden": true }),
    )
    .await;
    let (error, words) = refused(
        &emulator,
        json!({ "do": "topic", "as": owner, "topic": topic, "hidden": true }),
    )
    .await;
    assert_eq!(error, "TOPIC_ID_INVALID", "{words}");
    let groups: Value = serde_json::from_str(&get(&emulator, "/world/groups").await).unwrap();
    let desk = groups.as_array().unwrap().iter();
    let desk = desk
        .clone()
        .find(|it| it["id"] == emulator.cast.group)
        .unwrap();
    let topics = desk["topics"].as_array().unwrap();
    assert_eq!(topics[0]["hidden"], true);
    let now = topics.iter().find(|it| it["id"] == *topic).unwrap();
    assert_eq!(
        (&now["title"], &now["pinned"]),
        (&json!("Refunds"), &json!(true))
    );
    let both = json!({ "do": "topic", "as": owner, "topic": topic, "pinned": false, "title": "x" });
    assert!(refused(&emulator, both).await.1.contains("one change"));
    let gone = act(
        &emulator,
        json!({ "do": "topic", "as": owner, "topic": topic, "deleted": true }),
    );
    assert_eq!(gone.await["messages"][0], *topic);
    let after = json!({ "do": "post", "as": owner, "topic": topic, "text": "x" });
    assert_eq!(refused(&emulator, after).await.0, "TOPIC_DELETED");
}

#[tokio::test]
async fn reactions_pins_and_forwards() {
    let emulator = start().await;
    let (owner, visitor) = (emulator.cast.operators[0], emulator.cast.visitor);
    let said = act(
        &emulator,
        json!({ "do": "post", "as": "@Katarina_N", "text": "Cake!" }),
    )
    .await;
    let id = &said["message"];
    act(
        &emulator,
        json!({ "do": "react", "as": visitor, "message": id, "reaction": "🔥" }),
    )
    .await;
    act(
        &emulator,
        json!({ "do": "react", "as": owner, "message": id, "reaction": ["👍"] }),
    )
    .await;
    act(
        &emulator,
        json!({ "do": "react", "as": owner, "message": id, "reaction": null }),
    )
    .await;
    let pinned = act(
        &emulator,
        json!({ "do": "pin", "as": owner, "message": id }),
    )
    .await;
    let now = message(&emulator, id).await;
    assert_eq!(now["reactions"].as_array().unwrap().len(), 1);
    assert_eq!(now["reactions"][0]["emoji"], "🔥");
    assert_eq!(now["pinned"], true);
    let notice = message(&emulator, &pinned["notice"]).await;
    assert_eq!(notice["service"]["action"], "pinned");
    act(
        &emulator,
        json!({ "do": "unpin", "as": owner, "message": id }),
    )
    .await;
    assert_eq!(message(&emulator, id).await["pinned"], false);
    act(&emulator, json!({ "do": "unpin", "as": owner })).await;

    let lounge = emulator.cast.plain_group;
    let forward = json!({
        "do": "forward", "as": owner, "message": id, "from": emulator.cast.group, "group": lounge,
    });
    let there = act(&emulator, forward).await;
    let copy = truth(&emulator, &format!("?group={lounge}"))
        .await
        .pop()
        .unwrap();
    assert_eq!(copy["id"], there["message"]);
    assert_eq!(
        (&copy["text"], &copy["forward"]["from"]),
        (&json!("Cake!"), &json!(owner))
    );
    let outsider = json!({
        "do": "forward", "as": visitor, "message": 2, "from": lounge, "group": emulator.cast.group,
    });
    assert_eq!(refused(&emulator, outsider).await.0, "CHANNEL_PRIVATE");
}

#[tokio::test]
async fn buttons_and_polls() {
    let emulator = start().await;
    let (bot, visitor) = (emulator.cast.assistant, emulator.cast.visitor);
    let asked = act(
        &emulator,
        json!({
            "do": "post", "as": bot, "text": "Sure?",
            "buttons": [[{ "text": "Yes", "data": "yes" }, { "text": "Why", "url": "https://e.org" }]],
        }),
    )
    .await;
    let press = |data: &str| json!({ "do": "press", "as": visitor, "message": asked["message"], "data": data });
    let pressed = act(&emulator, press("yes")).await;
    let path = format!("/world/presses/{}", pressed["press"]);
    let answer: Value = serde_json::from_str(&get(&emulator, &path).await).unwrap();
    assert_eq!(answer, json!({ "press": pressed["press"], "answer": null }));
    let given = crate::emulator::world::PressAnswer {
        text: "Done".to_owned(),
        ..Default::default()
    };
    let number = pressed["press"].as_i64().unwrap();
    let answered = emulator
        .world
        .write(|state| state.answer_press(bot, number, given));
    assert_eq!(answered, Ok(()));
    let answer: Value = serde_json::from_str(&get(&emulator, &path).await).unwrap();
    assert_eq!(answer["answer"]["text"], "Done");
    assert_eq!(refused(&emulator, press("no")).await.0, "DATA_INVALID");

    let poll =
        json!({ "kind": "poll", "question": "Lunch?", "options": ["12:30", { "text": "13" }] });
    let asked = act(&emulator, json!({ "do": "post", "as": bot, "media": poll })).await;
    let vote = |options: Value| json!({ "do": "vote", "as": visitor, "message": asked["message"], "options": options });
    act(&emulator, vote(json!([1]))).await;
    let now = message(&emulator, &asked["message"]).await;
    assert_eq!(now["kind"], "poll");
    assert_eq!(now["content"]["options"][1]["voters"], json!([visitor]));
    assert_eq!(
        refused(&emulator, vote(json!([0]))).await.0,
        "REVOTE_NOT_ALLOWED"
    );
    assert_eq!(
        refused(&emulator, vote(json!([7]))).await.0,
        "OPTION_INVALID"
    );
}

#[tokio::test]
async fn people_come_and_go() {
    let emulator = start().await;
    let (stranger, visitor) = (emulator.cast.customers[0], emulator.cast.visitor);
    let say = json!({ "do": "post", "as": stranger, "text": "Hello" });
    assert_eq!(refused(&emulator, say.clone()).await.0, "CHANNEL_PRIVATE");
    let stand =
        |user: i64, standing: &str| json!({ "do": "member", "user": user, "standing": standing });
    assert_eq!(
        act(&emulator, stand(stranger, "member")).await["user"],
        stranger
    );
    act(&emulator, say.clone()).await;
    act(&emulator, stand(stranger, "restricted")).await;
    assert_eq!(
        refused(&emulator, say.clone()).await.0,
        "CHAT_WRITE_FORBIDDEN"
    );
    act(&emulator, stand(stranger, "banned")).await;
    let joins = json!({ "do": "member", "as": stranger, "user": stranger, "standing": "member" });
    assert_eq!(refused(&emulator, joins).await.0, "CHANNEL_PRIVATE");
    act(&emulator, stand(visitor, "administrator")).await;
    let owner = stand(emulator.cast.operators[0], "left");
    assert_eq!(refused(&emulator, owner).await.0, "USER_CREATOR");
    let last = truth(&emulator, "").await;
    let said: Vec<&Value> = last
        .iter()
        .filter(|it| it["service"]["action"] == "left")
        .collect();
    assert_eq!(said.last().unwrap()["service"]["person"], stranger);
}

#[tokio::test]
async fn a_list_is_done_in_order_and_ends_at_the_first_refusal() {
    let emulator = start().await;
    let operator = emulator.cast.operators[0];
    let post_of = |text: &str| json!({ "do": "post", "as": operator, "text": text });
    let (status, answers) = post(&emulator, "/actions", json!([post_of("1"), post_of("2")])).await;
    assert_eq!(status, 200);
    let number = |at: usize| answers[at]["message"].as_i64().unwrap();
    assert_eq!(number(0) + 1, number(1));
    let list = json!([post_of("3"), post_of(""), post_of("4")]);
    let (status, answers) = post(&emulator, "/actions", list).await;
    assert_eq!((status, answers.as_array().unwrap().len()), (400, 2));
    assert_eq!(answers[1]["error"], "MESSAGE_EMPTY");
    let before = truth(&emulator, "").await.len();
    let list = json!([post_of("5"), { "do": "post", "as": operator, "txt": "6" }]);
    let (status, answer) = post(&emulator, "/actions", list).await;
    assert_eq!(status, 400);
    let words = answer["description"].as_str().unwrap();
    assert!(
        words.contains("action 1") && words.contains("did you mean `text`"),
        "{words}"
    );
    assert_eq!(truth(&emulator, "").await.len(), before, "nothing was done");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_reason() {
    let emulator = start().await;
    let operator = emulator.cast.operators[0];
    for (action, error, part) in [
        (
            json!({ "do": "edti" }),
            "BAD_REQUEST",
            "did you mean `edit`?",
        ),
        (json!({ "as": 1 }), "BAD_REQUEST", "`do`"),
        (json!("post"), "BAD_REQUEST", "`do`"),
        (json!({ "do": "post", "text": "x" }), "BAD_REQUEST", "`as`"),
        (
            json!({ "do": "post", "as": operator, "grup": 1 }),
            "BAD_REQUEST",
            "did you mean `group`?",
        ),
        (
            json!({ "do": "post", "as": [], "text": "x" }),
            "BAD_REQUEST",
            "a username",
        ),
        (
            json!({ "do": "post", "as": 1, "text": "x" }),
            "USER_ID_INVALID",
            "/world/users",
        ),
        (
            json!({ "do": "post", "as": "katarina", "text": "x" }),
            "USERNAME_NOT_OCCUPIED",
            "did you mean \"katarina_n\"?",
        ),
        (
            json!({ "do": "post", "as": operator, "group": 7, "text": "x" }),
            "CHANNEL_INVALID",
            &emulator.cast.group.to_string(),
        ),
        (
            json!({ "do": "post", "as": operator, "text": "x".repeat(4_097) }),
            "MESSAGE_TOO_LONG",
            "4,096",
        ),
        (
            json!({ "do": "delete", "as": operator }),
            "MESSAGE_ID_INVALID",
            "`messages`",
        ),
        (
            json!({ "do": "delete", "as": operator, "messages": [999_999] }),
            "MESSAGE_ID_INVALID",
            "/world/messages",
        ),
        (
            json!({ "do": "react", "as": operator, "message": 3, "reaction": "nope" }),
            "REACTION_INVALID",
            "emoji",
        ),
        (
            json!({ "do": "topic", "as": operator, "title": "x", "closed": true }),
            "TOPIC_ID_INVALID",
            "which `topic`",
        ),
        (
            json!({ "do": "post", "as": operator, "text": "x", "reply_to": 999_999 }),
            "REPLY_MESSAGE_ID_INVALID",
            "`reply_to`",
        ),
    ] {
        let (name, words) = refused(&emulator, action.clone()).await;
        assert_eq!(name, error, "{action}: {words}");
        assert!(words.contains(part), "{action}: {words}");
    }
    let url = format!("{}/actions", emulator.control);
    let client = reqwest::Client::new();
    let answer = client.post(&url).body("{").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.unwrap()["error"], "BAD_JSON");
}
