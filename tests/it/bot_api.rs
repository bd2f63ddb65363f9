//! A real teloxide client on the built-in Telegram.

use std::time::Duration;

use teloxide::payloads::{
    EditMessageTextSetters as _, GetUpdatesSetters as _, SendDocumentSetters as _,
    SendMessageSetters as _,
};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    BotCommand, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageId,
    ParseMode, ReplyParameters, ThreadId, UpdateKind,
};
use teloxide::{ApiError, Bot, RequestError};
use topicvault::emulator::scenario::{Plan, play};
use topicvault::emulator::server::{Emulator, Limits, Relay, Settings};
use topicvault::emulator::world::{Draft, bot_sees};
use topicvault::model::GroupId;

async fn start(relay: Relay, limits: Limits) -> (Emulator, Bot, ChatId) {
    let settings = Settings {
        relay,
        limits,
        ..Settings::default()
    };
    let emulator = Emulator::start(settings).await.unwrap();
    let token = emulator.bot_token(emulator.cast.assistant).unwrap();
    let bot = Bot::new(token).set_api_url(emulator.bot_api.parse().unwrap());
    let chat = GroupId::from_bare(emulator.cast.group).unwrap().marked();
    (emulator, bot, ChatId(chat))
}

fn open_topic(emulator: &Emulator) -> ThreadId {
    let draft = Draft {
        text: "hello".to_owned(),
        ..Draft::default()
    };
    let customer = emulator.cast.customers[0];
    let (topic, _) = emulator.crm.customer_says(customer, draft).unwrap();
    ThreadId(MessageId(topic))
}

#[tokio::test]
async fn teloxide_reads_all_that_a_lively_desk_shows() {
    for relay in [Relay::Bot, Relay::User] {
        let (emulator, bot, chat) = start(relay, Limits::OFF).await;
        let before = emulator.world.read(|state| state.log().len());
        let plan = Plan {
            steps: 120,
            pace: Duration::ZERO,
            ..Plan::default()
        };
        play(&emulator.world, &emulator.cast, &plan, |_| {}).await;
        let expected = emulator.world.read(|state| {
            use topicvault::emulator::world::What;
            let changes = state.log().iter().skip(before);
            let shown = changes.filter_map(|change| match &change.what {
                What::Posted(message) | What::Edited(message) => Some(message),
                _ => None,
            });
            let bot = emulator.cast.assistant;
            shown
                .filter(|message| bot_sees(state, bot, message))
                .map(|message| (message.id, message.text.clone(), message.topic))
                .collect::<Vec<_>>()
        });
        assert!(expected.len() > 40);
        let mut seen = Vec::new();
        let mut offset = 0;
        loop {
            let updates = bot.get_updates().offset(offset).limit(50).await.unwrap();
            let Some(last) = updates.last() else { break };
            offset = last.id.as_offset();
            for update in updates {
                let message = match update.kind {
                    UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => message,
                    other => panic!("teloxide could not read {other:?}"),
                };
                assert_eq!(message.chat.id, chat);
                let text = message.text().or(message.caption()).unwrap_or_default();
                let topic = message.thread_id.map_or(1, |thread| thread.0.0);
                assert_eq!(message.is_topic_message, topic != 1);
                seen.push((message.id.0, text.to_owned(), topic));
            }
        }
        assert_eq!(seen, expected);
        let received = emulator.bots.received(emulator.cast.assistant);
        assert_eq!(received.len(), expected.len());
        emulator.stop().await;
    }
}

#[tokio::test]
async fn teloxide_posts_edits_and_deletes() {
    let (emulator, bot, chat) = start(Relay::Bot, Limits::OFF).await;
    let thread = open_topic(&emulator);
    let me = bot.get_me().await.unwrap();
    assert!(me.can_read_all_group_messages);
    assert!(bot.get_webhook_info().await.unwrap().url.is_none());
    let button = InlineKeyboardButton::url("Open", "https://a.example/".parse().unwrap());
    let sent = bot
        .send_message(chat, "/ <b>working</b> 😀")
        .message_thread_id(thread)
        .parse_mode(ParseMode::Html)
        .reply_parameters(ReplyParameters::new(MessageId(thread.0.0 + 1)))
        .reply_markup(InlineKeyboardMarkup::new([[button]]))
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("/ working 😀"));
    assert_eq!(sent.entities().unwrap().len(), 1);
    assert_eq!(sent.reply_to_message().unwrap().id.0, thread.0.0 + 1);
    assert!(sent.reply_markup().is_some());
    let edited = bot
        .edit_message_text(chat, sent.id, "/ <i>done</i>")
        .parse_mode(ParseMode::Html)
        .await
        .unwrap();
    assert!(edited.edit_date().is_some());
    let page = InputFile::memory("<p>page</p>").file_name("Anna.html");
    let document = bot
        .send_document(chat, page)
        .message_thread_id(thread)
        .caption("/ transcript")
        .await
        .unwrap();
    let file = &document.document().unwrap().file;
    assert_eq!(
        document.document().unwrap().file_name.as_deref(),
        Some("Anna.html")
    );
    let stored = bot.get_file(file.id.clone()).await.unwrap();
    let mut bytes = Vec::new();
    teloxide::net::Download::download_file(&bot, &stored.path, &mut bytes)
        .await
        .unwrap();
    assert_eq!(bytes, b"<p>page</p>");
    bot.delete_message(chat, sent.id).await.unwrap();
    let administrators = bot.get_chat_administrators(chat).await.unwrap();
    assert_eq!(administrators.len(), emulator.cast.operators.len());
    let member = bot.get_chat_member(chat, me.id).await.unwrap();
    assert!(member.is_present() && !member.is_privileged());
    assert!(bot.get_chat(chat).await.unwrap().is_supergroup());
    let menu = [BotCommand::new("export", "Export this topic")];
    bot.set_my_commands(menu.clone()).await.unwrap();
    assert_eq!(bot.get_my_commands().await.unwrap(), menu);
    assert!(emulator.crm.delivered().is_empty(), "all of it was notes");
    emulator.stop().await;
}

#[tokio::test]
async fn teloxide_recognises_refusals() {
    let (emulator, bot, chat) = start(Relay::Bot, Limits::default()).await;
    let api = |error| match error {
        RequestError::Api(error) => error,
        other => panic!("{other:?}"),
    };
    let error = bot.send_message(ChatId(-1001), "x").await.unwrap_err();
    assert_eq!(api(error), ApiError::ChatNotFound);
    let error = bot
        .send_message(chat, "x")
        .message_thread_id(ThreadId(MessageId(999_999)))
        .await
        .unwrap_err();
    let words = "Bad Request: message thread not found".to_owned();
    assert_eq!(api(error), ApiError::Unknown(words));
    let error = bot.send_message(chat, "x".repeat(4097)).await.unwrap_err();
    assert_eq!(api(error), ApiError::MessageIsTooLong);
    let error = bot
        .edit_message_text(chat, MessageId(999_999), "x")
        .await
        .unwrap_err();
    assert_eq!(api(error), ApiError::MessageToEditNotFound);
    let sent = bot.send_message(chat, "x").await.unwrap();
    let error = bot.edit_message_text(chat, sent.id, "x").await.unwrap_err();
    assert_eq!(api(error), ApiError::MessageNotModified);
    let wrong = Bot::new("1:wrong").set_api_url(emulator.bot_api.parse().unwrap());
    assert_eq!(
        api(wrong.get_me().await.unwrap_err()),
        ApiError::InvalidToken
    );
    let mut refused = None;
    for _ in 0..10 {
        refused = bot.send_message(chat, "again").await.err().or(refused);
    }
    assert!(
        matches!(refused, Some(RequestError::RetryAfter(_))),
        "{refused:?}"
    );
    emulator.stop().await;
}
