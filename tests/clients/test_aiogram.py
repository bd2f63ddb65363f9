"""aiogram on the built-in Telegram: its models refuse what lacks a required field, so what it reads
is complete."""

import asyncio
import logging
import socket
import time
from contextlib import asynccontextmanager

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ChatMemberStatus, ParseMode
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command
from aiogram.types import (
    BotCommand,
    BotCommandScopeChatMember,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    ReactionTypeEmoji,
    ReplyParameters,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

ASSISTANT = "desk_assistant_bot"
CRM = "desk_crm_bot"

GIF = b"GIF89a\x02\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02D\n\x00;"


def chat_of(emulator):
    return -1_000_000_000_000 - emulator.desk["id"]


def topic_of(emulator):
    return next(topic["id"] for topic in emulator.desk["topics"] if topic["customer"])


def operator_of(emulator):
    return emulator.users[1]["id"]


def says(emulator, text, **more):
    return emulator.act(do="post", **{"as": operator_of(emulator)}, text=text, **more)["message"]


@asynccontextmanager
async def bot_of(emulator, name=ASSISTANT, token=None):
    server = TelegramAPIServer.from_base(emulator.facts["bot_api"])
    bot = Bot(token or emulator.bots[name]["token"], session=AiohttpSession(api=server))
    try:
        yield bot
    finally:
        await bot.session.close()


def run(emulator, work, name=ASSISTANT):
    async def whole():
        async with bot_of(emulator, name) as bot:
            await work(bot)

    asyncio.run(asyncio.wait_for(whole(), 60))


def stand(emulator, standing):
    emulator.act(do="member", user=emulator.bots[ASSISTANT]["id"], standing=standing)


def passes(emulator, seconds=61):
    """Time passes in the world, and with it the limits."""
    emulator.post("/clock", {"forward": seconds})


@pytest.fixture(autouse=True)
def rested(emulator):
    passes(emulator)
    stand(emulator, "member")

    async def caught_up(bot):
        await bot.delete_webhook(drop_pending_updates=True)

    run(emulator, caught_up)


async def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def polling(bot, dispatcher, failures):
    @dispatcher.errors()
    async def failed(event):
        failures.append(event.exception)

    # What happens from here on is told, also what happens before the dispatcher's first poll.
    await bot.get_updates(allowed_updates=dispatcher.resolve_used_update_types())
    task = asyncio.create_task(
        dispatcher.start_polling(
            bot,
            handle_signals=False,
            close_bot_session=False,
            polling_timeout=5,
            allowed_updates=dispatcher.resolve_used_update_types(),
        )
    )
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task
    assert not failures, failures


def test_a_dispatcher_answers_commands_and_buttons(emulator):
    chat, topic, who = chat_of(emulator), topic_of(emulator), operator_of(emulator)
    dispatcher, seen, failures = Dispatcher(), {}, []

    @dispatcher.message(Command("export"))
    async def export(message):
        seen["command"] = message
        rows = [[InlineKeyboardButton(text="Go", callback_data="go:1")]]
        seen["asked"] = await message.reply(
            "<b>Export</b>?",
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup(inline_keyboard=rows),
        )

    @dispatcher.callback_query(F.data.startswith("go:"))
    async def go(query):
        await query.answer("Working", cache_time=3)
        await query.message.edit_text("Done")
        seen["query"] = query

    @dispatcher.message(F.document)
    async def document(message):
        seen["document"] = message

    @dispatcher.edited_message()
    async def edited(message):
        seen["edited"] = message

    async def work(bot):
        async with polling(bot, dispatcher, failures):
            asked = says(emulator, "/export all", topic=topic)
            await until(lambda: "asked" in seen)
            button = seen["asked"].message_id
            emulator.act(do="press", **{"as": who}, message=button, data="go:1")
            await until(lambda: "query" in seen)
            media = {"kind": "document", "name": "a.txt", "content": "hello"}
            says(emulator, "see this", media=media)
            await until(lambda: "document" in seen)
            file = await bot.download(seen["document"].document)
            assert file.read() == b"hello"
            emulator.act(do="edit", **{"as": who}, message=asked, text="/export last 5")
            await until(lambda: "edited" in seen)

    run(emulator, work)
    assert seen["command"].message_thread_id == topic and seen["command"].chat.is_forum
    assert seen["asked"].reply_to_message.message_id == seen["command"].message_id
    assert seen["asked"].entities[0].type == "bold"
    assert (seen["query"].from_user.id, seen["query"].data) == (who, "go:1")
    assert seen["edited"].text == "/export last 5" and seen["edited"].edit_date
    truth = {message["id"]: message for message in emulator.messages()}
    assert truth[seen["asked"].message_id]["text"] == "Done"
    answer = emulator.get(f"/world/presses/{seen['query'].id}")
    assert "Working" in answer


def test_everything_that_can_be_sent(emulator):
    chat, topic = chat_of(emulator), topic_of(emulator)

    def file(content, name):
        return BufferedInputFile(content, filename=name)

    async def work(bot):
        me = await bot.me()
        assert me.username == ASSISTANT and me.can_read_all_group_messages
        text = await bot.send_message(
            chat, r"*b* \- _i_", parse_mode=ParseMode.MARKDOWN_V2, message_thread_id=topic
        )
        assert text.text == "b - i"
        reply = await bot.send_message(
            chat,
            "answer",
            message_thread_id=topic,
            reply_parameters=ReplyParameters(message_id=text.message_id, quote="i"),
        )
        assert reply.quote.text == "i" and reply.quote.position == 4
        photo = await bot.send_photo(chat, file(GIF, "p.gif"), caption="c")
        assert (photo.photo[0].width, photo.photo[0].height) == (2, 1)
        content = bytes(range(256)) * 10
        document = await bot.send_document(chat, file(content, "d.bin"), protect_content=True)
        assert document.has_protected_content
        assert (await bot.download(document.document)).read() == content
        passes(emulator)
        album = await bot.send_media_group(
            chat,
            [
                InputMediaDocument(media=file(b"1", "1.txt"), caption="first"),
                InputMediaDocument(media=file(b"2", "2.txt")),
            ],
        )
        assert album[0].media_group_id == album[1].media_group_id
        with pytest.raises(TelegramBadRequest, match="can't be mixed with other media types"):
            photo, audio = InputMediaPhoto(media="x"), InputMediaAudio(media="y")
            await bot.send_media_group(chat, [photo, audio])
        audio = await bot.send_audio(chat, file(b"a", "a.mp3"), title="T", duration=3)
        assert (audio.audio.title, audio.audio.duration) == ("T", 3)
        voice = await bot.send_voice(chat, file(b"v", "v.ogg"), duration=1)
        assert voice.voice.mime_type == "audio/ogg"
        passes(emulator)
        assert (await bot.send_video(chat, file(b"v", "v.mp4"))).video.file_name == "v.mp4"
        assert (await bot.send_animation(chat, file(GIF, "g.gif"))).animation
        assert (await bot.send_video_note(chat, file(b"n", "n.mp4"))).video_note.length
        sticker = await bot.send_sticker(chat, file(b"webp", "s.webp"))
        assert sticker.sticker.type == "regular"
        assert (await bot.send_dice(chat)).dice.emoji == "🎲"
        passes(emulator)
        assert (await bot.send_location(chat, 1.5, 2.5)).location.longitude == 2.5
        assert (await bot.send_venue(chat, 1.5, 2.5, "V", "A")).venue.address == "A"
        assert (await bot.send_contact(chat, "+1", "Anna")).contact.first_name == "Anna"
        quiz = await bot.send_poll(
            chat, "2 + 2?", ["3", "4"], type="quiz", correct_option_id=1, is_anonymous=False
        )
        assert quiz.poll.type == "quiz" and quiz.poll.correct_option_id == 1
        assert (await bot.stop_poll(chat, quiz.message_id)).is_closed
        forward = await bot.forward_message(chat, chat, text.message_id)
        assert forward.forward_origin.sender_user.id == me.id
        with pytest.raises(TelegramBadRequest, match="protected content"):
            await bot.copy_message(chat, chat, document.message_id)
        assert await bot.send_chat_action(chat, "upload_document")

    run(emulator, work)


def test_an_administrator_sees_and_does_more(emulator):
    chat, who = chat_of(emulator), operator_of(emulator)
    stand(emulator, "administrator")
    visitor = emulator.users[-1]["id"]
    dispatcher, failures = Dispatcher(), []
    seen = {"reaction": [], "answer": [], "poll": [], "member": [], "service": []}

    @dispatcher.message_reaction()
    async def reaction(event):
        seen["reaction"].append(event)

    @dispatcher.poll_answer()
    async def answer(event):
        seen["answer"].append(event)

    @dispatcher.poll()
    async def poll(event):
        seen["poll"].append(event)

    @dispatcher.chat_member()
    async def member(event):
        seen["member"].append(event)

    @dispatcher.message()
    async def service(event):
        seen["service"].append(event.content_type)

    async def work(bot):
        async with polling(bot, dispatcher, failures):
            said = says(emulator, "look")
            emulator.act(do="react", **{"as": who}, message=said, reaction="❤")
            await until(lambda: seen["reaction"])
            emulator.act(do="react", **{"as": who}, message=said)
            await until(lambda: len(seen["reaction"]) == 2)
            asked = await bot.send_poll(chat, "Which?", ["a", "b"], is_anonymous=False)
            emulator.act(do="vote", **{"as": who}, message=asked.message_id, options=[0])
            await until(lambda: seen["answer"] and seen["poll"])
            emulator.act(do="member", user=visitor, standing="member")
            emulator.act(do="member", user=visitor, standing="left")
            await until(lambda: len(seen["member"]) == 2)
            topic = await bot.create_forum_topic(chat, "Aiogram")
            thread = topic.message_thread_id
            assert await bot.edit_forum_topic(chat, thread, name="Aiogram 3")
            assert await bot.close_forum_topic(chat, thread)
            assert await bot.pin_chat_message(chat, said)
            await until(lambda: "pinned_message" in seen["service"])
            chat_now = await bot.get_chat(chat)
            assert chat_now.pinned_message.message_id == said
            assert await bot.unpin_all_chat_messages(chat)
            assert await bot.set_message_reaction(chat, said, [ReactionTypeEmoji(emoji="🎉")])
            member = await bot.get_chat_member(chat, bot.id)
            assert member.status == ChatMemberStatus.ADMINISTRATOR
            assert len(await bot.get_chat_administrators(chat)) >= 2

    run(emulator, work)
    first, second = seen["reaction"]
    assert first.new_reaction[0].emoji == "❤" and not second.new_reaction
    assert seen["answer"][0].option_ids == [0] and seen["answer"][0].user.id == who
    assert seen["poll"][0].options[0].voter_count == 1
    states = [event.new_chat_member.status for event in seen["member"]]
    assert states == ["member", "left"]
    services = [kind for kind in seen["service"] if kind != "text"]
    assert services == [
        "new_chat_members",
        "left_chat_member",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "pinned_message",
    ]


def test_errors_have_their_types(emulator):
    chat = chat_of(emulator)
    hidden = emulator.act(do="customer", text="from a customer")["message"]

    async def work(bot):
        scope = BotCommandScopeChatMember(chat_id=chat, user_id=operator_of(emulator))
        commands = [BotCommand(command="info", description="x")]
        assert await bot.set_my_commands(commands, scope=scope, language_code="ru")
        (kept,) = await bot.get_my_commands(scope=scope, language_code="ru")
        assert (kept.command, kept.description) == ("info", "x")
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(-1001, "x")
        with pytest.raises(TelegramForbiddenError, match="bots"):
            await bot.send_message(emulator.bots[CRM]["id"], "x")
        # What is hidden from a bot, it cannot pass on either.
        with pytest.raises(TelegramBadRequest, match="message to forward not found"):
            await bot.forward_message(chat, chat, hidden)
        with pytest.raises(TelegramBadRequest, match="message can't be edited"):
            await bot.edit_message_text("x", chat_id=chat, message_id=hidden)
        with pytest.raises(TelegramEntityTooLarge):
            large = BufferedInputFile(bytes(52 * 1024 * 1024), filename="large")
            await bot.send_document(chat, large)
        with pytest.raises(TelegramRetryAfter) as refused:
            for number in range(25):
                await bot.send_message(chat, str(number))
        assert 1 <= refused.value.retry_after <= 5
        async with bot_of(emulator, token="1:x") as wrong:
            with pytest.raises(TelegramUnauthorizedError):
                await wrong.get_me()
        emulator.act(do="member", user=bot.id, standing="banned")
        with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
            await bot.get_chat(chat)
        emulator.act(do="member", user=bot.id, standing="left")
        with pytest.raises(TelegramForbiddenError, match="bot is not a member"):
            await bot.get_chat(chat)
        stand(emulator, "member")
        assert await bot.leave_chat(chat)

    run(emulator, work)


def test_what_privacy_mode_leaves(emulator):
    """A bot in privacy mode and one without it hear of the same conversation what they may."""
    private = next((bot for bot in emulator.facts["bots"] if bot["privacy_mode"]), None)
    assert private, "the world has a bot in privacy mode"
    name = private["username"]
    emulator.act(do="member", user=private["id"], standing="member")
    texts = ["plain", "/help", f"/help@{name}", f"/help@{CRM}", f"hello @{name}"]

    async def work(bot):
        await bot.delete_webhook(drop_pending_updates=True)
        for text in texts:
            says(emulator, text)
        updates = await bot.get_updates()
        assert [update.message.text for update in updates] == ["/help", texts[2], texts[4]]
        assert not (await bot.me()).can_read_all_group_messages
        async with bot_of(emulator) as open_bot:
            seen = [update.message.text for update in await open_bot.get_updates()]
            assert seen[-5:] == texts

    run(emulator, work, name)


def test_a_webhook_and_an_answer_within_it(emulator):
    chat = chat_of(emulator)
    dispatcher, received = Dispatcher(), []

    @dispatcher.message(F.text == "reply")
    async def replies(message):
        received.append(message.text)
        # Returned, aiogram answers the update itself with this call.
        return message.answer("within the answer")

    @dispatcher.message(F.text)
    async def other(message):
        received.append(message.text)

    async def work(bot):
        application = web.Application()
        handler = SimpleRequestHandler(
            dispatcher, bot, handle_in_background=False, secret_token="aiogram"
        )
        handler.register(application, path="/bot")
        setup_application(application, dispatcher, bot=bot)
        runner = web.AppRunner(application)
        await runner.setup()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            await web.SockSite(runner, listener).start()
            url = f"http://localhost:{port}/bot"
            assert await bot.set_webhook(url, secret_token="aiogram", allowed_updates=["message"])
            info = await bot.get_webhook_info()
            assert info.allowed_updates == ["message"] and info.ip_address == "127.0.0.1"
            with pytest.raises(TelegramConflictError):
                await bot.get_updates()
            said = [f"number {number}" for number in range(20)] + ["reply"]
            for text in said:
                says(emulator, text)
            await until(lambda: len(received) == len(said))
            await until(
                lambda: any(
                    message["text"] == "within the answer" for message in emulator.messages()
                )
            )
            assert received == said, "in order, each once"
            assert await bot.delete_webhook()
            await runner.cleanup()
        with pytest.raises(TelegramNotFound):
            await bot.session.make_request(bot, Unknown())

    class Unknown(type(bot_method())):
        __api_method__ = "sendMassage"

    logging.getLogger("aiogram").setLevel(logging.CRITICAL)
    run(emulator, work)


def bot_method():
    from aiogram.methods import GetMe

    return GetMe()
