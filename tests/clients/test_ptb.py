"""python-telegram-bot on the built-in Telegram: everything that it shows was read by a client that
knows nothing of us. The client writes errors' words in lower case after the first letter."""

import asyncio
import socket
import struct
import time
import urllib.request
import zlib
from contextlib import asynccontextmanager

import pytest
import telegram
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    ChatPermissions,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)
from telegram.constants import ParseMode, PollType
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    MessageReactionHandler,
    PollAnswerHandler,
    PollHandler,
    TypeHandler,
    filters,
)

ASSISTANT = "desk_assistant_bot"
CRM = "desk_crm_bot"


def chat_of(emulator):
    return -1_000_000_000_000 - emulator.desk["id"]


def topic_of(emulator):
    """A customer's topic."""
    return next(topic["id"] for topic in emulator.desk["topics"] if topic["customer"])


def operator_of(emulator):
    return emulator.users[1]["id"]


def bot_of(emulator, name=ASSISTANT, token=None):
    base = emulator.facts["bot_api"]
    return telegram.Bot(
        token or emulator.bots[name]["token"],
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
    )


def run(emulator, work, name=ASSISTANT):
    """Runs `work(bot)` to its end."""

    async def whole():
        async with bot_of(emulator, name) as bot:
            return await work(bot)

    return asyncio.run(asyncio.wait_for(whole(), 60))


def stand(emulator, standing, name=ASSISTANT):
    """The owner moves a bot."""
    emulator.act(do="member", user=emulator.bots[name]["id"], standing=standing)


@pytest.fixture(autouse=True)
def rested(emulator):
    """A minute passes in the world before every test, so that the limits are those of a fresh start,
    and every test begins with an assistant that is an ordinary member and has seen everything."""
    emulator.post("/clock", {"forward": 61})
    stand(emulator, "member")

    async def caught_up(bot):
        await bot.delete_webhook(drop_pending_updates=True)

    run(emulator, caught_up)


def png(width=3, height=2):
    """A small, real picture."""

    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    rows = b"".join(b"\0" + b"\xff\x00\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@asynccontextmanager
async def listening(emulator, *handlers, name=ASSISTANT, webhook=None):
    """An application that handles updates, by polling or by its own webhook server."""
    base = emulator.facts["bot_api"]
    app = (
        Application.builder()
        .token(emulator.bots[name]["token"])
        .base_url(f"{base}/bot")
        .base_file_url(f"{base}/file/bot")
        .build()
    )
    failures = []

    async def failed(_, context):
        failures.append(context.error)

    app.add_error_handler(failed)
    for group, handler in enumerate(handlers):
        app.add_handler(handler, group)
    async with app:
        await app.start()
        if webhook:
            await app.updater.start_webhook(allowed_updates=Update.ALL_TYPES, **webhook)
        else:
            # What happens from here on is told, also what happens before the first poll.
            await app.bot.get_updates(allowed_updates=Update.ALL_TYPES)
            await app.updater.start_polling(allowed_updates=Update.ALL_TYPES, timeout=5)
        try:
            yield app
        finally:
            await app.updater.stop()
            await app.stop()
    assert not failures, failures


async def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


def test_who_it_is(emulator):
    async def work(bot):
        me = await bot.get_me()
        assert (me.id, me.username) == (emulator.bots[ASSISTANT]["id"], ASSISTANT)
        assert me.can_read_all_group_messages and me.is_bot
        chat = await bot.get_chat(chat_of(emulator))
        assert chat.is_forum and chat.title == emulator.desk["title"]
        assert chat.permissions.can_send_messages
        photos = await bot.get_user_profile_photos(operator_of(emulator))
        assert photos.total_count == 0
        assert await bot.get_forum_topic_icon_stickers() == ()

    run(emulator, work)


def test_texts_in_every_notation(emulator):
    chat, topic = chat_of(emulator), topic_of(emulator)

    async def work(bot):
        sent = await bot.send_message(
            chat,
            "😀 <b>bold <i>both</i></b> <code>x &lt; y</code> <a href='https://a.example/'>here</a>",
            parse_mode=ParseMode.HTML,
            message_thread_id=topic,
            protect_content=True,
        )
        assert sent.text == "😀 bold both x < y here"
        assert sent.parse_entities() == {
            entity: text
            for entity, text in zip(
                sent.entities, ["bold both", "both", "x < y", "here"], strict=True
            )
        }
        assert sent.message_thread_id == topic and sent.is_topic_message
        assert sent.has_protected_content
        second = await bot.send_message(
            chat,
            r"*bold _both_* ||hush|| ~gone~ __under__ `a*b` \. [x](tg://user?id="
            + str(operator_of(emulator))
            + ")",
            parse_mode=ParseMode.MARKDOWN_V2,
            message_thread_id=topic,
            reply_parameters=ReplyParameters(sent.message_id, quote="both"),
        )
        assert second.text == "bold both hush gone under a*b . x"
        kinds = [entity.type for entity in second.entities]
        assert kinds == [
            "bold",
            "italic",
            "spoiler",
            "strikethrough",
            "underline",
            "code",
            "text_mention",
        ]
        assert second.entities[-1].user.id == operator_of(emulator)
        assert second.reply_to_message.message_id == sent.message_id
        assert (second.quote.text, second.quote.position) == ("both", 8)
        old = await bot.send_message(chat, "*b* _i_", parse_mode=ParseMode.MARKDOWN)
        assert [entity.type for entity in old.entities] == ["bold", "italic"]
        assert old.message_thread_id is None
        with pytest.raises(BadRequest, match="(?i)Character '\\.' is reserved and must be escaped"):
            await bot.send_message(chat, "1.", parse_mode=ParseMode.MARKDOWN_V2)
        with pytest.raises(BadRequest, match="(?i)Can't find end tag corresponding to start tag"):
            await bot.send_message(chat, "<b>x", parse_mode=ParseMode.HTML)

    run(emulator, work)
    texts = {message["text"] for message in emulator.messages()}
    assert {"😀 bold both x < y here", "bold both hush gone under a*b . x", "b i"} <= texts


def test_files_come_back_byte_for_byte(emulator):
    chat = chat_of(emulator)
    content = bytes(range(256)) * 1_000

    async def back(bot, file_id):
        file = await bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def work(bot):
        sent = await bot.send_document(
            chat, content, filename='Grüße "1".bin', caption="<b>c</b>", parse_mode="HTML"
        )
        # What the client makes of the name on its way is its own affair; the type follows from it.
        assert sent.document.file_name.endswith(".bin")
        assert sent.document.file_size == len(content)
        assert sent.caption == "c" and sent.caption_entities[0].type == "bold"
        assert await back(bot, sent.document.file_id) == content
        again = await bot.send_document(chat, sent.document.file_id)
        assert again.document.file_unique_id == sent.document.file_unique_id
        photo = await bot.send_photo(chat, png(), caption="p")
        assert (photo.photo[-1].width, photo.photo[-1].height) == (3, 2)
        assert await back(bot, photo.photo[-1].file_id) == png()
        with pytest.raises(BadRequest, match="(?i)can't use file of type Document as Photo"):
            await bot.send_photo(chat, sent.document.file_id)

    run(emulator, work)


def test_media_of_all_kinds(emulator):
    chat = chat_of(emulator)

    async def work(bot):
        video = await bot.send_video(chat, b"v", width=4, height=3, duration=2, filename="v.mp4")
        assert (video.video.width, video.video.height) == (4, 3)
        gif = await bot.send_animation(chat, b"g", width=4, height=3, duration=1)
        assert gif.animation and gif.document
        voice = await bot.send_voice(chat, b"o", duration=3)
        assert voice.voice.file_size == 1
        note = await bot.send_video_note(chat, b"n", length=100)
        assert note.video_note.length == 100
        sticker = await bot.send_sticker(chat, png(), emoji="😀")
        assert (sticker.sticker.emoji, sticker.sticker.width) == ("😀", 3)
        emulator.post("/clock", {"forward": 61})
        audio = await bot.send_audio(chat, b"a", title="T", performer="P", duration=9)
        assert (audio.audio.title, audio.audio.performer) == ("T", "P")
        place = await bot.send_location(chat, 46.05, 14.5)
        assert place.location.latitude == 46.05
        venue = await bot.send_venue(chat, 46.05, 14.5, "Castle", "Hill 1")
        assert venue.venue.title == "Castle"
        contact = await bot.send_contact(chat, "+38600", "Anna", last_name="K")
        assert contact.contact.last_name == "K"
        dice = await bot.send_dice(chat, emoji="🎳")
        assert 1 <= dice.dice.value <= 6
        assert await bot.send_chat_action(chat, "typing")

    run(emulator, work)


def test_albums_stay_together(emulator):
    chat, topic = chat_of(emulator), topic_of(emulator)

    async def work(bot):
        album = await bot.send_media_group(
            chat,
            [InputMediaPhoto(png(), caption="one"), InputMediaVideo(b"v"), InputMediaPhoto(png(4))],
            message_thread_id=topic,
        )
        assert len(album) == 3 and len({message.media_group_id for message in album}) == 1
        assert album[0].media_group_id and album[0].caption == "one"
        assert all(message.message_thread_id == topic for message in album)
        emulator.post("/clock", {"forward": 61})
        with pytest.raises(BadRequest, match="(?i)mixed with other media types"):
            await bot.send_media_group(chat, [InputMediaPhoto(png()), InputMediaDocument(b"d")])
        copies = await bot.copy_messages(chat, chat, [message.message_id for message in album])
        assert len(copies) == 3
        return [copy.message_id for copy in copies]

    copies = run(emulator, work)
    truth = {message["id"]: message for message in emulator.messages()}
    assert len({truth[copy]["album"] for copy in copies}) == 1
    assert [truth[copy]["kind"] for copy in copies] == ["photo", "video", "photo"]


def test_edit_copy_forward_delete_pin(emulator):
    chat = chat_of(emulator)
    asked = emulator.act(do="post", **{"as": operator_of(emulator)}, text="What is new?")["message"]

    async def work(bot):
        sent = await bot.send_message(chat, "first")
        edited = await sent.edit_text("<i>second</i>", parse_mode="HTML")
        assert edited.text == "second" and edited.edit_date
        with pytest.raises(BadRequest, match="(?i)Message is not modified"):
            await sent.edit_text("second", entities=edited.entities)
        emulator.post("/clock", {"forward": 61})
        photo = await bot.send_photo(chat, png(), caption="before")
        assert (await photo.edit_caption("after")).caption == "after"
        changed = await photo.edit_media(InputMediaDocument(b"now a file", filename="x.txt"))
        assert changed.document.file_size == 10 and not changed.photo
        emulator.post("/clock", {"forward": 61})
        copy = await bot.copy_message(chat, chat, asked)
        forward = await bot.forward_message(chat, chat, asked)
        assert forward.forward_origin.sender_user.id == operator_of(emulator)
        assert forward.text == "What is new?"
        with pytest.raises(BadRequest, match="(?i)Message to copy not found"):
            await bot.copy_message(chat, chat, 999_999)
        with pytest.raises(BadRequest, match="(?i)not enough rights to manage pinned messages"):
            await bot.pin_chat_message(chat, sent.message_id)
        stand(emulator, "administrator")
        assert await bot.pin_chat_message(chat, sent.message_id)
        assert (await bot.get_chat(chat)).pinned_message.message_id == sent.message_id
        assert await bot.unpin_chat_message(chat)
        with pytest.raises(BadRequest, match="(?i)Message to unpin not found"):
            await bot.unpin_chat_message(chat)
        assert await bot.delete_messages(chat, [copy.message_id, forward.message_id])
        assert await sent.delete()
        with pytest.raises(BadRequest, match="(?i)Message to delete not found"):
            await sent.delete()
        return sent.message_id

    gone = run(emulator, work)
    truth = {message["id"]: message for message in emulator.messages()}
    assert truth[gone]["deleted"]


def test_buttons_are_pressed_and_answered(emulator):
    chat, who = chat_of(emulator), operator_of(emulator)
    queries = []

    async def pressed(update, _):
        query = update.callback_query
        queries.append(query)
        await query.answer("Noted", show_alert=True)
        await query.edit_message_text(f"chosen: {query.data}")

    async def work():
        async with listening(emulator, CallbackQueryHandler(pressed)) as app:
            rows = [
                [
                    InlineKeyboardButton("Yes", callback_data="yes"),
                    InlineKeyboardButton("Site", url="https://a.example/"),
                ]
            ]
            sent = await app.bot.send_message(
                chat, "Shall I?", reply_markup=InlineKeyboardMarkup(rows)
            )
            assert sent.reply_markup.inline_keyboard[0][1].url == "https://a.example/"
            emulator.act(do="press", **{"as": who}, message=sent.message_id, data="yes")
            await until(lambda: queries)
            await until(
                lambda: any(
                    message["id"] == sent.message_id and message["text"] == "chosen: yes"
                    for message in emulator.messages()
                )
            )
            with pytest.raises(BadRequest, match="(?i)Query is too old"):
                await app.bot.answer_callback_query(queries[0].id)
            return sent

    sent = asyncio.run(asyncio.wait_for(work(), 60))
    (query,) = queries
    assert (query.from_user.id, query.data) == (who, "yes")
    assert query.message.message_id == sent.message_id


def test_reactions_polls_and_members_are_told(emulator):
    chat, who = chat_of(emulator), operator_of(emulator)
    visitor = emulator.users[-1]["id"]
    stand(emulator, "administrator")
    seen = {"reaction": [], "answer": [], "poll": [], "member": [], "mine": []}

    def keep(name):
        async def handler(update, _):
            seen[name].append(update)

        return handler

    async def work():
        handlers = (
            MessageReactionHandler(keep("reaction")),
            PollAnswerHandler(keep("answer")),
            PollHandler(keep("poll")),
            ChatMemberHandler(keep("member"), ChatMemberHandler.CHAT_MEMBER),
            ChatMemberHandler(keep("mine"), ChatMemberHandler.MY_CHAT_MEMBER),
        )
        async with listening(emulator, *handlers) as app:
            said = emulator.act(do="post", **{"as": who}, text="Who is in?")["message"]
            assert await app.bot.set_message_reaction(chat, said, ReactionTypeEmoji("👍"))
            with pytest.raises(BadRequest, match="(?i)REACTION_INVALID"):
                await app.bot.set_message_reaction(chat, said, ReactionTypeEmoji("🥔"))
            emulator.act(do="react", **{"as": who}, message=said, reaction="🔥")
            await until(lambda: seen["reaction"])
            poll = await app.bot.send_poll(
                chat, "Which?", ["a", "b"], is_anonymous=False, type=PollType.REGULAR
            )
            emulator.act(do="vote", **{"as": who}, message=poll.message_id, options=[1])
            await until(lambda: seen["answer"])
            stopped = await app.bot.stop_poll(chat, poll.message_id)
            assert stopped.is_closed and stopped.total_voter_count == 1
            assert [option.voter_count for option in stopped.options] == [0, 1]
            with pytest.raises(BadRequest, match="(?i)Poll has already been closed"):
                await app.bot.stop_poll(chat, poll.message_id)
            emulator.act(do="member", user=visitor, standing="member")
            await until(lambda: seen["member"])
            stand(emulator, "member")
            await until(lambda: len(seen["mine"]) >= 2)
            return said

    said = asyncio.run(asyncio.wait_for(work(), 60))
    (reaction,) = [update.message_reaction for update in seen["reaction"]]
    assert (reaction.message_id, reaction.user.id) == (said, who)
    assert [kind.emoji for kind in reaction.new_reaction] == ["🔥"]
    (answer,) = [update.poll_answer for update in seen["answer"]]
    assert (answer.user.id, answer.option_ids) == (who, (1,))
    assert seen["poll"][0].poll.total_voter_count == 1
    joined = seen["member"][0].chat_member
    assert joined.new_chat_member.user.id == visitor
    assert (joined.old_chat_member.status, joined.new_chat_member.status) == ("left", "member")
    mine = [update.my_chat_member.new_chat_member.status for update in seen["mine"]]
    assert mine == ["administrator", "member"]


def test_topics(emulator):
    chat = chat_of(emulator)

    async def work(bot):
        with pytest.raises(BadRequest, match="(?i)not enough rights to create a topic"):
            await bot.create_forum_topic(chat, "Nobody")
        stand(emulator, "administrator")
        topic = await bot.create_forum_topic(chat, "Zoë")
        thread = topic.message_thread_id
        assert topic.name == "Zoë"
        assert await bot.edit_forum_topic(chat, thread, name="Zoë Lang")
        with pytest.raises(BadRequest, match="(?i)TOPIC_NOT_MODIFIED"):
            await bot.edit_forum_topic(chat, thread, name="Zoë Lang")
        assert await bot.close_forum_topic(chat, thread)
        assert await bot.reopen_forum_topic(chat, thread)
        inside = await bot.send_message(chat, "inside", message_thread_id=thread)
        assert inside.reply_to_message.forum_topic_created.name == "Zoë"
        await bot.pin_chat_message(chat, inside.message_id)
        assert await bot.unpin_all_forum_topic_messages(chat, thread)
        assert (await bot.get_chat(chat)).pinned_message is None
        assert await bot.delete_forum_topic(chat, thread)
        with pytest.raises(BadRequest, match="(?i)Message thread not found"):
            await bot.send_message(chat, "gone", message_thread_id=thread)
        assert await bot.edit_general_forum_topic(chat, "Lobby")
        assert await bot.close_general_forum_topic(chat)
        assert await bot.reopen_general_forum_topic(chat)
        assert await bot.hide_general_forum_topic(chat)
        assert await bot.unhide_general_forum_topic(chat)
        # Hiding had closed it.
        assert await bot.reopen_general_forum_topic(chat)

    run(emulator, work)


def test_members_and_administrators(emulator):
    chat, visitor = chat_of(emulator), emulator.users[-1]["id"]
    emulator.act(do="member", user=visitor, standing="member")

    async def work(bot):
        count = await bot.get_chat_member_count(chat)
        administrators = await bot.get_chat_administrators(chat)
        assert any(member.status == "creator" for member in administrators)
        assert not any(member.user.is_bot for member in administrators)
        owner = next(member.user for member in administrators if member.status == "creator")
        with pytest.raises(BadRequest, match="(?i)not enough rights to restrict"):
            await bot.ban_chat_member(chat, visitor)
        stand(emulator, "administrator")
        assert (await bot.get_chat_member(chat, bot.id)).can_delete_messages
        mute = ChatPermissions.no_permissions()
        assert await bot.restrict_chat_member(chat, visitor, mute)
        assert not (await bot.get_chat_member(chat, visitor)).can_send_messages
        assert await bot.restrict_chat_member(chat, visitor, ChatPermissions.all_permissions())
        assert await bot.ban_chat_member(chat, visitor)
        assert (await bot.get_chat_member(chat, visitor)).status == "kicked"
        assert await bot.get_chat_member_count(chat) == count - 1
        assert await bot.unban_chat_member(chat, visitor, only_if_banned=True)
        assert (await bot.get_chat_member(chat, visitor)).status == "left"
        emulator.act(do="member", user=visitor, standing="member")
        assert await bot.promote_chat_member(chat, visitor, can_pin_messages=True)
        assert (await bot.get_chat_member(chat, visitor)).status == "administrator"
        assert await bot.promote_chat_member(chat, visitor)
        with pytest.raises(BadRequest, match="(?i)can't remove chat owner"):
            await bot.ban_chat_member(chat, owner.id)
        assert await bot.set_chat_title(chat, "Desk")
        assert await bot.set_chat_description(chat, "Where customers are helped")
        full = await bot.get_chat(chat)
        assert (full.title, full.description) == ("Desk", "Where customers are helped")
        with pytest.raises(BadRequest, match="(?i)Chat description is not modified"):
            await bot.set_chat_description(chat, "Where customers are helped")

    run(emulator, work)


def test_commands_by_scope_and_words_about_itself(emulator):
    chat = chat_of(emulator)

    async def work(bot):
        usual = [BotCommand("export", "Export this topic")]
        here = [BotCommand("info", "About the customer")]
        staff = [BotCommand("admin", "For administrators")]
        assert await bot.set_my_commands(usual)
        assert await bot.set_my_commands(here, BotCommandScopeChat(chat), language_code="de")
        assert await bot.set_my_commands(staff, BotCommandScopeChatAdministrators(chat))
        assert list(await bot.get_my_commands()) == usual
        assert list(await bot.get_my_commands(BotCommandScopeChat(chat), "de")) == here
        assert list(await bot.get_my_commands(BotCommandScopeChat(chat))) == []
        assert list(await bot.get_my_commands(BotCommandScopeChatAdministrators(chat))) == staff
        assert await bot.delete_my_commands()
        assert list(await bot.get_my_commands()) == []
        with pytest.raises(BadRequest, match="(?i)BOT_COMMAND_INVALID"):
            await bot.set_my_commands([BotCommand("Export!", "x")])
        with pytest.raises(BadRequest, match="(?i)Chat not found"):
            await bot.get_my_commands(BotCommandScopeChat(-1001))
        assert await bot.set_my_description("Exports topics", language_code="en")
        assert (await bot.get_my_description("en")).description == "Exports topics"
        assert (await bot.get_my_description()).description == ""
        assert await bot.set_my_short_description("Exports")
        assert (await bot.get_my_short_description("de")).short_description == "Exports"
        assert (await bot.get_my_name()).name

    run(emulator, work)


def test_limits_and_refusals(emulator):
    chat = chat_of(emulator)

    async def work(bot):
        refused = None
        for number in range(10):
            try:
                await bot.send_message(chat, str(number))
            except RetryAfter as error:
                refused = (number, error)
                break
        number, error = refused
        assert number == 5, "five at once, then one a second"
        assert 1 <= int(error.retry_after) <= 5
        with pytest.raises(BadRequest, match="(?i)Chat not found"):
            await bot.send_message(-1001, "x")
        with pytest.raises(Forbidden, match="(?i)bot can't initiate conversation with a user"):
            await bot.send_message(operator_of(emulator), "x")
        strange = 0
        for group in emulator.facts["groups"]:
            try:
                await bot.get_chat(-1_000_000_000_000 - group["id"])
            except Forbidden as error:
                assert "bot is not a member of the supergroup chat" in str(error)
                strange += 1
        assert strange
        async with bot_of(emulator) as other:
            first = asyncio.create_task(bot.get_updates(timeout=10))
            await asyncio.sleep(0.5)
            second = asyncio.create_task(other.get_updates(timeout=10))
            with pytest.raises(Conflict, match="(?i)terminated by other getUpdates"):
                await first
            emulator.act(do="post", **{"as": operator_of(emulator)}, text="wake up")
            assert (await second)[-1].message.text == "wake up"

    run(emulator, work)

    async def wrong():
        async with bot_of(emulator, token="1:wrong"):
            pass

    with pytest.raises(InvalidToken):
        asyncio.run(wrong())


def test_no_other_bots_message_is_seen(emulator):
    """What the client received is what the world says a bot without privacy mode may see."""
    chat, who = chat_of(emulator), operator_of(emulator)
    bots = {bot["id"] for bot in emulator.facts["bots"]}
    before = max(message["id"] for message in emulator.messages())
    received = []

    async def keep(update, _):
        received.append(update)

    async def work():
        async with listening(emulator, TypeHandler(Update, keep)) as app:
            async with bot_of(emulator, CRM) as crm:
                await crm.send_message(chat, "from the CRM's bot")
                await crm.send_document(chat, b"x", caption="/export")
            for number in range(3):
                emulator.act(do="customer", text=f"customer {number}")
                emulator.act(do="post", **{"as": who}, text=f"operator {number}")
            await app.bot.send_message(chat, "our own")
            last = emulator.act(do="post", **{"as": who}, text="the end")["message"]
            await until(
                lambda: any(u.message and u.message.message_id == last for u in received)
            )

    asyncio.run(asyncio.wait_for(work(), 60))
    truth = [message for message in emulator.messages() if message["id"] > before]
    people = [
        message["id"]
        for message in truth
        if message["from_id"] not in bots or message["kind"] == "service"
    ]
    hidden = [message for message in truth if message["from_id"] in bots]
    assert len([m for m in hidden if m["from_id"] == emulator.bots[CRM]["id"]]) >= 5
    assert [u.message.message_id for u in received if u.message] == people
    assert not any(u.message and u.message.from_user.is_bot for u in received)


def test_webhook_with_a_secret(emulator):
    """The client's own webhook server; the first answers are failures, which are tried again."""
    chat, who = chat_of(emulator), operator_of(emulator)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    received = []

    async def keep(update, _):
        received.append(update.message.text)

    async def work():
        async with bot_of(emulator) as bot:
            url = f"http://127.0.0.1:{port}/hook"
            assert await bot.set_webhook(url, secret_token="s3cret_-", max_connections=2)
            with pytest.raises(Conflict, match="(?i)can't use getUpdates method while webhook"):
                await bot.get_updates()
            with pytest.raises(BadRequest, match="(?i)failed to resolve host"):
                await bot.set_webhook("https://bot.example/hook")
            # Nobody listens yet.
            emulator.act(do="post", **{"as": who}, text="early")
            info = await bot.get_webhook_info()
            while not info.last_error_message:
                await asyncio.sleep(0.05)
                info = await bot.get_webhook_info()
            assert (info.url, info.max_connections) == (url, 2)
            assert info.pending_update_count == 1 and info.last_error_date
        webhook = {
            "listen": "127.0.0.1",
            "port": port,
            "url_path": "hook",
            "webhook_url": url,
            "secret_token": "s3cret_-",
        }
        handler = MessageHandler(filters.TEXT, keep)
        async with listening(emulator, handler, webhook=webhook) as app:
            for number in range(5):
                emulator.act(do="post", **{"as": who}, text=f"late {number}")
            await until(lambda: len(received) >= 6)
            # Who does not know the secret is not heard.
            request = urllib.request.Request(
                url, b'{"update_id":1}', {"content-type": "application/json"}
            )
            with pytest.raises(urllib.error.HTTPError, match="403"):
                await asyncio.to_thread(urllib.request.urlopen, request)
            assert (await app.bot.get_webhook_info()).pending_update_count == 0
            await app.bot.delete_webhook()
            assert (await app.bot.get_webhook_info()).url == ""

    asyncio.run(asyncio.wait_for(work(), 60))
    assert received == ["early", *(f"late {number}" for number in range(5))]
