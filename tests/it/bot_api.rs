//! A real teloxide client on the built-in Telegram.

use std::time::Duration;

use teloxide::payloads::{
    AnswerCallbackQuerySetters as _, EditForumTopicSetters as _, EditMessageCaptionSetters as _,
    EditMessageTextSetters as _, GetUpdatesSetters as _, SendAudioSetters as _,
    SendDocumentSetters as _, SendMessageSetters as _, SendPhotoSetters as _, SendPollSetters as _,
    SendVideoNoteSetters as _, SetMessageReactionSetters as _,
};
use teloxide::prelude::Requester as _;
use teloxide::types::{
    AllowedUpdate, BotCommand, ChatId, ChatMemberStatus, ChatPermissions, InlineKeyboardButton,
    InlineKeyboardMarkup, InputFile, InputMedia, InputMediaDocument, InputMediaPhoto,
    InputPollOption, MessageId, ParseMode, ReactionType, ReplyParameters, ThreadId, UpdateKind,
    UserId,
};
use teloxide::{ApiError, Bot, RequestError};
use topicvault::emulator::scenario::{Plan, play};
use topicvault::emulator::server::{Emulator, Limits, Relay, Settings};
use topicvault::emulator::world::{Draft, Standing, bot_sees};
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

/// A small, real picture: the first bytes of a GIF are all that counts.
fn picture() -> InputFile {
    let gif: &[u8] = b"GIF89a\x02\x00\x01\x00\x00\x00\x00;";
    InputFile::memory(gif).file_name("p.gif")
}

#[tokio::test]
async fn teloxide_sends_media_of_all_kinds() {
    let (emulator, bot, chat) = start(Relay::Bot, Limits::OFF).await;
    let bytes = |name: &'static str| InputFile::memory(name.as_bytes()).file_name(name);
    let photo = bot.send_photo(chat, picture()).caption("p").await.unwrap();
    assert_eq!(
        (photo.photo().unwrap()[0].width, photo.caption()),
        (2, Some("p"))
    );
    let audio = bot.send_audio(chat, bytes("a.mp3")).title("T").duration(3);
    let audio = audio.await.unwrap();
    assert_eq!(audio.audio().unwrap().title.as_deref(), Some("T"));
    assert!(
        bot.send_voice(chat, bytes("v.ogg"))
            .await
            .unwrap()
            .voice()
            .is_some()
    );
    assert!(
        bot.send_video(chat, bytes("v.mp4"))
            .await
            .unwrap()
            .video()
            .is_some()
    );
    let note = bot.send_video_note(chat, bytes("n.mp4")).length(100).await;
    assert_eq!(note.unwrap().video_note().unwrap().length, 100);
    let animation = bot.send_animation(chat, bytes("g.gif")).await.unwrap();
    assert!(animation.animation().is_some());
    let sticker = bot.send_sticker(chat, bytes("s.webp")).await.unwrap();
    assert!(sticker.sticker().is_some());
    let place = bot.send_location(chat, 46.0, 14.5).await.unwrap();
    assert!((place.location().unwrap().longitude - 14.5).abs() < f64::EPSILON);
    let venue = bot
        .send_venue(chat, 46.0, 14.5, "Castle", "Hill 1")
        .await
        .unwrap();
    assert_eq!(venue.venue().unwrap().title, "Castle");
    let contact = bot.send_contact(chat, "+386", "Anna").await.unwrap();
    assert_eq!(contact.contact().unwrap().first_name, "Anna");
    let dice = bot.send_dice(chat).await.unwrap();
    assert!((1..=6).contains(&dice.dice().unwrap().value));
    let album = bot
        .send_media_group(
            chat,
            [
                InputMedia::Photo(InputMediaPhoto::new(picture()).caption("one")),
                InputMedia::Photo(InputMediaPhoto::new(picture())),
            ],
        )
        .await
        .unwrap();
    assert_eq!(album.len(), 2);
    assert_eq!(album[0].media_group_id(), album[1].media_group_id());
    assert!(album[0].media_group_id().is_some());
    let edited = bot
        .edit_message_caption(chat, album[0].id)
        .caption("two")
        .await;
    assert_eq!(edited.unwrap().caption(), Some("two"));
    let file = InputMedia::Document(InputMediaDocument::new(bytes("x.txt")));
    let edited = bot.edit_message_media(chat, photo.id, file).await.unwrap();
    assert_eq!(
        edited.document().unwrap().file_name.as_deref(),
        Some("x.txt")
    );
    let copy = bot.copy_message(chat, chat, edited.id).await.unwrap();
    assert!(copy.0 > edited.id.0);
    let forward = bot.forward_message(chat, chat, edited.id).await.unwrap();
    assert!(forward.forward_origin().is_some());
    emulator.stop().await;
}

#[tokio::test]
async fn teloxide_hears_of_presses_reactions_votes_and_members() {
    let (emulator, bot, chat) = start(Relay::Bot, Limits::OFF).await;
    let (group, anna) = (emulator.cast.group, emulator.cast.operators[0]);
    let owner = emulator
        .world
        .read(|state| state.group(group).unwrap().owner);
    let me = emulator.cast.assistant;
    let kinds = [
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::MessageReaction,
        AllowedUpdate::Poll,
        AllowedUpdate::PollAnswer,
        AllowedUpdate::ChatMember,
        AllowedUpdate::MyChatMember,
    ];
    bot.get_updates().allowed_updates(kinds).await.unwrap();
    let stand = |user, standing| {
        let moved = emulator
            .world
            .write(|state| state.set_standing(group, owner, user, standing));
        moved.unwrap();
    };
    stand(me, Standing::Administrator);
    let button = InlineKeyboardButton::callback("Yes", "yes");
    let asked = bot
        .send_message(chat, "Shall I?")
        .reply_markup(InlineKeyboardMarkup::new([[button]]))
        .await
        .unwrap();
    let poll = bot
        .send_poll(chat, "Which?", ["a", "b"].map(InputPollOption::new))
        .is_anonymous(false)
        .await
        .unwrap();
    emulator.world.write(|state| {
        state.press(group, anna, asked.id.0, "yes").unwrap();
        state.react(group, anna, asked.id.0, &["👍"]).unwrap();
        state.vote(group, anna, poll.id.0, &[1]).unwrap();
    });
    stand(emulator.cast.customers[0], Standing::Member);
    let updates = bot.get_updates().await.unwrap();
    let mut names = Vec::new();
    for update in updates {
        names.push(match update.kind {
            UpdateKind::MyChatMember(_) => "my_chat_member",
            UpdateKind::CallbackQuery(query) => {
                assert_eq!(query.data.as_deref(), Some("yes"));
                assert_eq!(query.message.unwrap().id(), asked.id);
                let answer = bot.answer_callback_query(query.id.clone()).text("Noted");
                answer.await.unwrap();
                let late = bot.answer_callback_query(query.id).await.unwrap_err();
                assert!(late.to_string().contains("query is too old"), "{late}");
                "callback_query"
            }
            UpdateKind::MessageReaction(reaction) => {
                assert_eq!(reaction.new_reaction.len(), 1);
                "message_reaction"
            }
            UpdateKind::Poll(poll) => {
                assert_eq!(poll.total_voter_count, 1);
                "poll"
            }
            UpdateKind::PollAnswer(answer) => {
                assert_eq!(answer.option_ids, [1]);
                "poll_answer"
            }
            UpdateKind::ChatMember(member) => {
                assert_eq!(member.new_chat_member.status(), ChatMemberStatus::Member);
                "chat_member"
            }
            other => panic!("teloxide could not read {other:?}"),
        });
    }
    let expected = [
        "my_chat_member",
        "callback_query",
        "message_reaction",
        "poll",
        "poll_answer",
        "chat_member",
    ];
    assert_eq!(names, expected);
    let reaction = ReactionType::Emoji {
        emoji: "🔥".to_owned(),
    };
    bot.set_message_reaction(chat, asked.id)
        .reaction([reaction])
        .await
        .unwrap();
    assert!(bot.stop_poll(chat, poll.id).await.unwrap().is_closed);
    let error = bot.stop_poll(chat, poll.id).await.unwrap_err();
    assert_eq!(api(error), ApiError::PollHasAlreadyClosed);
    let error = bot.stop_poll(chat, asked.id).await.unwrap_err();
    assert_eq!(api(error), ApiError::MessageIsNotAPoll);
    emulator.stop().await;
}

#[tokio::test]
async fn teloxide_manages_topics_pins_and_members() {
    let (emulator, bot, chat) = start(Relay::Bot, Limits::OFF).await;
    let (group, me) = (emulator.cast.group, emulator.cast.assistant);
    let owner = emulator
        .world
        .read(|state| state.group(group).unwrap().owner);
    let visitor = emulator.cast.visitor;
    let person = UserId(u64::try_from(visitor).unwrap());
    emulator.world.write(|state| {
        for (user, standing) in [(me, Standing::Administrator), (visitor, Standing::Member)] {
            state.set_standing(group, owner, user, standing).unwrap();
        }
    });
    let topic = bot.create_forum_topic(chat, "Zoë").await.unwrap();
    assert_eq!(topic.name, "Zoë");
    let thread = topic.thread_id;
    bot.edit_forum_topic(chat, thread)
        .name("Zoë Lang")
        .await
        .unwrap();
    bot.close_forum_topic(chat, thread).await.unwrap();
    bot.reopen_forum_topic(chat, thread).await.unwrap();
    let inside = bot.send_message(chat, "inside").message_thread_id(thread);
    let inside = inside.await.unwrap();
    bot.pin_chat_message(chat, inside.id).await.unwrap();
    let pinned = bot.get_chat(chat).await.unwrap().pinned_message;
    assert_eq!(pinned.unwrap().id, inside.id);
    bot.unpin_all_forum_topic_messages(chat, thread)
        .await
        .unwrap();
    bot.delete_forum_topic(chat, thread).await.unwrap();
    bot.hide_general_forum_topic(chat).await.unwrap();
    bot.unhide_general_forum_topic(chat).await.unwrap();
    let status = || async { bot.get_chat_member(chat, person).await.unwrap().status() };
    let count = bot.get_chat_member_count(chat).await.unwrap();
    bot.restrict_chat_member(chat, person, ChatPermissions::empty())
        .await
        .unwrap();
    assert_eq!(status().await, ChatMemberStatus::Restricted);
    bot.ban_chat_member(chat, person).await.unwrap();
    assert_eq!(status().await, ChatMemberStatus::Banned);
    assert_eq!(bot.get_chat_member_count(chat).await.unwrap(), count - 1);
    bot.unban_chat_member(chat, person).await.unwrap();
    assert_eq!(status().await, ChatMemberStatus::Left);
    bot.set_chat_title(chat, "Desk").await.unwrap();
    bot.set_chat_description(chat).await.unwrap_err();
    bot.leave_chat(chat).await.unwrap();
    let error = bot.get_chat(chat).await.unwrap_err();
    let words = "Forbidden: bot is not a member of the supergroup chat".to_owned();
    assert_eq!(api(error), ApiError::Unknown(words));
    emulator.stop().await;
}

fn api(error: RequestError) -> ApiError {
    match error {
        RequestError::Api(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn teloxide_knows_most_refusals_by_name() {
    let (emulator, bot, chat) = start(Relay::Bot, Limits::OFF).await;
    let theirs = open_topic(&emulator).0;
    let stranger = InputFile::file_id("AgACAgIAAx0".to_owned().into());
    let data = InlineKeyboardButton::callback("x", "x".repeat(65));
    let markup = InlineKeyboardMarkup::new([[data]]);
    let long = || "x".repeat(4_097);
    let own = bot.send_message(chat, "own").await.unwrap().id;
    let none = MessageId(999_999);
    let options = |texts: &[&str]| -> Vec<InputPollOption> {
        texts
            .iter()
            .map(|text| InputPollOption::new(*text))
            .collect()
    };
    for (error, expected) in [
        (
            bot.send_message(chat, "").await.err(),
            ApiError::MessageTextIsEmpty,
        ),
        (
            bot.forward_message(chat, chat, none).await.err(),
            ApiError::MessageToForwardNotFound,
        ),
        (
            bot.delete_message(chat, none).await.err(),
            ApiError::MessageToDeleteNotFound,
        ),
        (
            bot.delete_message(chat, theirs).await.err(),
            ApiError::MessageCantBeDeleted,
        ),
        (
            bot.edit_message_text(chat, theirs, "x").await.err(),
            ApiError::MessageCantBeEdited,
        ),
        (
            bot.edit_message_text(chat, own, long()).await.err(),
            ApiError::EditedMessageIsTooLong,
        ),
        (
            bot.send_message(chat, "x")
                .reply_parameters(ReplyParameters::new(none))
                .await
                .err(),
            ApiError::MessageToReplyNotFound,
        ),
        (
            bot.send_message(chat, "x").reply_markup(markup).await.err(),
            ApiError::ButtonDataInvalid,
        ),
        (
            bot.send_photo(chat, stranger).await.err(),
            ApiError::WrongFileIdOrUrl,
        ),
        (
            bot.send_photo(chat, InputFile::memory("text")).await.err(),
            ApiError::ImageProcessFailed,
        ),
        (
            bot.send_poll(chat, "q", options(&["a", ""])).await.err(),
            ApiError::PollOptionsMustBeNonEmpty,
        ),
        (
            bot.send_poll(chat, "q", options(&["x"; 13])).await.err(),
            ApiError::PollCantHaveMoreOptions,
        ),
        (
            bot.stop_poll(chat, none).await.err(),
            ApiError::MessageWithPollNotFound,
        ),
        (
            bot.pin_chat_message(chat, own).await.err(),
            ApiError::NotEnoughRightsToManagePins,
        ),
        (
            bot.ban_chat_member(chat, UserId(1)).await.err(),
            ApiError::UserNotFound,
        ),
        (
            bot.ban_chat_member(chat, bot.get_me().await.unwrap().id)
                .await
                .err(),
            ApiError::CantRestrictSelf,
        ),
        (
            bot.send_message(chat, "<b>x")
                .parse_mode(ParseMode::Html)
                .await
                .err(),
            ApiError::CantParseEntities(
                "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \
                 \"b\""
                    .to_owned(),
            ),
        ),
        (
            bot.set_webhook("https://bot.example/".parse().unwrap())
                .await
                .err(),
            ApiError::UnknownHost,
        ),
    ] {
        assert_eq!(api(error.unwrap()), expected);
    }
    bot.set_webhook("http://127.0.0.1:9/".parse().unwrap())
        .await
        .unwrap();
    let error = bot.get_updates().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("can't use getUpdates method while webhook is active")
    );
    bot.delete_webhook().await.unwrap();
    emulator.stop().await;
}
