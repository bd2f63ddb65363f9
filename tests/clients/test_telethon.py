"""Telethon, unmodified, on the MTProto face."""

import asyncio
import hashlib
import json
import os
import urllib.request

import pytest
from telethon import TelegramClient, connection, errors, events, functions, types
from telethon.crypto import AuthKey, rsa
from telethon.sessions import MemorySession

OPTIONS = ["--messages", "2500", "--seed", "7"]

TRANSPORTS = [
    connection.ConnectionTcpFull,
    connection.ConnectionTcpAbridged,
    connection.ConnectionTcpIntermediate,
    connection.ConnectionTcpObfuscated,
]


def play(scene):
    """Runs a test; what hangs fails."""
    asyncio.run(asyncio.wait_for(scene, 60))


def client(emulator, key=None, transport=connection.ConnectionTcpFull):
    """A client that knows the server, and a key where one is given."""
    rsa.add_key(emulator.facts["mtproto"]["rsa_public_key_pem"], old=False)
    session = MemorySession()
    session.set_dc(emulator.facts["mtproto"]["dc_id"], *emulator.address)
    if key:
        session.auth_key = AuthKey(bytes.fromhex(key))
    api = emulator.facts["api"]
    return TelegramClient(
        session, api["api_id"], api["api_hash"], connection=transport, request_retries=1
    )


async def log_in(emulator, user, **options):
    """A client that is logged in by code, and by password where the account has one."""
    made = client(emulator, **options)
    await made.connect()
    await made.send_code_request(user["phone"])
    try:
        await made.sign_in(user["phone"], user["code"])
    except errors.SessionPasswordNeededError:
        await made.sign_in(password=user["password"])
    return made


def userbot(emulator):
    return next(user for user in emulator.users if user["password"])


def operators(emulator):
    return [user for user in emulator.users if not user["password"]]


async def desk(made, emulator):
    """The support desk as the client knows it."""
    async for dialog in made.iter_dialogs():
        if dialog.entity.id == emulator.desk["id"]:
            return dialog.entity
    raise AssertionError("the desk is not in the list of chats")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_handshake_and_login_by_code(emulator, transport):
    async def run():
        user = operators(emulator)[0]
        made = await log_in(emulator, user, transport=transport)
        me = await made.get_me()
        assert (me.id, me.first_name) == (user["id"], user["first_name"])
        await made.disconnect()

    play(run())


def test_login_by_password(emulator):
    async def run():
        user = userbot(emulator)
        made = client(emulator)
        await made.connect()
        await made.send_code_request(user["phone"])
        with pytest.raises(errors.PhoneCodeInvalidError):
            await made.sign_in(user["phone"], "00000" if user["code"] != "00000" else "1")
        with pytest.raises(errors.SessionPasswordNeededError):
            await made.sign_in(user["phone"], user["code"])
        with pytest.raises(errors.PasswordHashInvalidError):
            await made.sign_in(password="wrong")
        me = await made.sign_in(password=user["password"])
        assert me.id == user["id"]
        await made.log_out()

    play(run())


def test_a_shared_key_is_logged_in(emulator):
    async def run():
        for user in emulator.users[:2]:
            made = client(emulator, key=user["auth_key_hex"])
            await made.connect()
            assert (await made.get_me()).id == user["id"]
            await made.disconnect()

    play(run())


def test_login_by_qr_code(emulator):
    async def run():
        user = operators(emulator)[1]
        app = await log_in(emulator, user)
        fresh = client(emulator)
        await fresh.connect()
        code = await fresh.qr_login()
        waiting = asyncio.create_task(code.wait(timeout=20))
        await asyncio.sleep(0.2)
        with pytest.raises(errors.BadRequestError, match="auth token is invalid"):
            await app(functions.auth.AcceptLoginTokenRequest(b"no such token"))
        await app(functions.auth.AcceptLoginTokenRequest(code.token))
        me = await waiting
        assert me.id == user["id"]
        logins = await app(functions.account.GetAuthorizationsRequest())
        assert len(logins.authorizations) >= 2
        await fresh.log_out()
        await app.disconnect()

    play(run())


def test_login_by_qr_code_with_password(emulator):
    async def run():
        user = userbot(emulator)
        app = await log_in(emulator, user)
        fresh = client(emulator)
        await fresh.connect()
        code = await fresh.qr_login()
        await app(functions.auth.AcceptLoginTokenRequest(code.token))
        with pytest.raises(errors.SessionPasswordNeededError):
            await code.wait(timeout=20)
        me = await fresh.sign_in(password=user["password"])
        assert me.id == user["id"]
        await fresh.disconnect()
        await app.disconnect()

    play(run())


def test_a_qr_code_is_scanned_on_request(emulator):
    async def run():
        user = operators(emulator)[1]
        fresh = client(emulator)
        await fresh.connect()
        code = await fresh.qr_login()
        waiting = asyncio.create_task(code.wait(timeout=20))
        await asyncio.sleep(0.2)
        wrong = emulator.post("/actions", {"do": "scan", "as": user["id"], "token": "bm9uZQ"})
        assert wrong["error"] == "AUTH_TOKEN_INVALIDX"
        emulator.act(**{"do": "scan", "as": user["id"], "token": code.url})
        assert (await waiting).id == user["id"]
        await fresh.log_out()

    play(run())


def entities_of(message):
    """Formatting as kinds and places, by the names of the ground truth."""
    names = {
        types.MessageEntityBold: "bold",
        types.MessageEntityItalic: "italic",
        types.MessageEntityUnderline: "underline",
        types.MessageEntityStrike: "strikethrough",
        types.MessageEntitySpoiler: "spoiler",
        types.MessageEntityBlockquote: "blockquote",
        types.MessageEntityMentionName: "mention_name",
        types.MessageEntityUrl: "link",
        types.MessageEntityTextUrl: "text_link",
        types.MessageEntityMention: "mention",
        types.MessageEntityHashtag: "hashtag",
        types.MessageEntityBotCommand: "bot_command",
        types.MessageEntityEmail: "email",
        types.MessageEntityCode: "code",
        types.MessageEntityPre: "pre",
    }
    return [(names[type(it)], it.offset, it.length) for it in message.entities or []]


def topic_of(message):
    header = message.reply_to
    if isinstance(message, types.MessageService) and isinstance(
        message.action, types.MessageActionTopicCreate
    ):
        return message.id
    if header is None or not header.forum_topic:
        return 1
    return header.reply_to_top_id or header.reply_to_msg_id


def told(message):
    """A message in the terms of the ground truth."""
    service = isinstance(message, types.MessageService)
    topic = topic_of(message)
    reply = message.reply_to.reply_to_msg_id if message.reply_to else None
    return {
        "id": message.id,
        "topic": topic,
        "date": int(message.date.timestamp()),
        "from_id": message.sender_id,
        "text": "" if service else message.message,
        "entities": [] if service else entities_of(message),
        "reply_to": None if service or reply == topic else reply,
        "edit_date": None
        if service or not message.edit_date
        else int(message.edit_date.timestamp()),
        "size": None if service or not message.file else message.file.size,
        "pinned": None if service else message.pinned,
        "forward": None
        if service or not message.fwd_from
        else int(message.fwd_from.date.timestamp()),
    }


def true(line):
    service = line["kind"] == "service"
    return {
        "id": line["id"],
        "topic": line["topic"],
        "date": line["date"],
        "from_id": line["from_id"],
        "text": line["text"],
        "entities": [(it["type"], it["offset"], it["length"]) for it in line["entities"]],
        "reply_to": None if service else line["reply_to"],
        "edit_date": line["edit_date"],
        "size": line["media"]["size"] if line["media"] else None,
        "pinned": None if service else line["pinned"],
        "forward": line["forward"]["date"] if line["forward"] else None,
    }


def test_the_whole_history_equals_the_truth(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        seen = [told(it) async for it in made.iter_messages(group, wait_time=0)]
        expected = [true(it) for it in emulator.messages() if not it["deleted"]]
        assert len(seen) > 2000
        assert sorted(seen, key=lambda it: it["id"]) == expected

        oldest_first = [
            it.id async for it in made.iter_messages(group, reverse=True, wait_time=0)
        ]
        assert oldest_first == [it["id"] for it in expected]
        middle = expected[len(expected) // 2]["id"]
        window = [
            it.id
            async for it in made.iter_messages(group, min_id=middle - 50, max_id=middle + 50)
        ]
        wanted = [it["id"] for it in expected if middle - 50 < it["id"] < middle + 50]
        assert window == wanted[::-1]
        topic = max(
            (it["topic"] for it in expected if it["topic"] != 1),
            key=lambda topic: sum(it["topic"] == topic for it in expected),
        )
        in_topic = [it.id async for it in made.iter_messages(group, reply_to=topic)]
        wanted = [it["id"] for it in expected if it["topic"] == topic]
        # A topic's history begins behind the message that opened it.
        assert sorted(in_topic) in (wanted, wanted[1:])
        await made.disconnect()

    play(run())


def test_search_and_messages_by_id(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        lines = [it for it in emulator.messages() if not it["deleted"]]
        word = next(
            word
            for line in lines
            for word in line["text"].split()
            if word.isalpha() and len(word) > 6
        )
        found = [it.id async for it in made.iter_messages(group, search=word.upper())]
        wanted = [
            it["id"]
            for it in lines
            if word.lower() in it["text"].lower() and it["kind"] != "service"
        ]
        assert found == wanted[::-1]
        photos = [
            it.id
            async for it in made.iter_messages(group, filter=types.InputMessagesFilterPhotos)
        ]
        assert photos == [it["id"] for it in lines if it["kind"] == "photo"][::-1]
        ids = [lines[5]["id"], 10**8, lines[9]["id"]]
        first, missing, last = await made.get_messages(group, ids=ids)
        assert (first.id, missing, last.id) == (ids[0], None, ids[2])
        await made.disconnect()

    play(run())


def test_topics_members_and_entities(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        topics, offset = {}, 0
        while True:
            page = await made(
                functions.messages.GetForumTopicsRequest(
                    peer=group, offset_date=None, offset_id=0, offset_topic=offset, limit=20
                )
            )
            if not page.topics:
                break
            topics |= {topic.id: topic.title for topic in page.topics}
            offset = page.topics[-1].id
        assert topics == {it["id"]: it["title"] for it in emulator.desk["topics"]}

        members = await made.get_participants(group)
        admins = await made.get_participants(group, filter=types.ChannelParticipantsAdmins())
        bots = await made.get_participants(group, filter=types.ChannelParticipantsBots())
        assert {it["id"] for it in emulator.facts["bots"]} == {it.id for it in bots}
        assert {it.id for it in admins} < {it.id for it in members}
        full = await made(functions.channels.GetFullChannelRequest(group))
        assert full.full_chat.participants_count == len(members)

        bot = emulator.facts["bots"][0]
        found = await made.get_entity(bot["username"])
        assert (found.id, found.bot) == (bot["id"], True)
        whole = await made(functions.users.GetFullUserRequest(found))
        assert whole.full_user.id == bot["id"]
        with pytest.raises(ValueError):
            await made.get_entity("nobody_has_this_name")
        await made.disconnect()

    play(run())


async def until(condition, seconds=10):
    """Waits until something holds."""
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


def test_live_updates_reach_every_connection(emulator):
    async def run():
        anna, bert = operators(emulator)[:2]
        first = await log_in(emulator, anna)
        second = await log_in(emulator, anna)
        other = await log_in(emulator, bert)
        got = {name: [] for name in ("first", "second", "other")}
        for name, made in (("first", first), ("second", second), ("other", other)):
            await desk(made, emulator)

            def listen(made, log):
                made.add_event_handler(
                    lambda event: log.append(("new", event.message.id, event.raw_text)),
                    events.NewMessage(),
                )
                made.add_event_handler(
                    lambda event: log.append(("edited", event.message.id, event.raw_text)),
                    events.MessageEdited(),
                )
                made.add_event_handler(
                    lambda event: log.append(("deleted", event.deleted_ids[0], None)),
                    events.MessageDeleted(),
                )

            listen(made, got[name])
        topic = emulator.desk["topics"][-1]["id"]
        crm = next(bot for bot in emulator.facts["bots"] if "crm" in bot["username"])
        id = emulator.act(
            **{"do": "post", "as": crm["id"], "topic": topic, "text": "Where is my parcel?"}
        )["message"]
        emulator.act(
            **{"do": "edit", "as": crm["id"], "message": id, "text": "Where is my order?"}
        )
        emulator.act(**{"do": "delete", "as": crm["id"], "message": id})
        expected = [
            ("new", id, "Where is my parcel?"),
            ("edited", id, "Where is my order?"),
            ("deleted", id, None),
        ]
        await until(lambda: all(len(log) >= 3 for log in got.values()))
        assert got == {name: expected for name in got}

        group = await desk(first, emulator)
        sent = await first.send_message(group, "Anna here", reply_to=topic)
        await until(lambda: all(("new", sent.id, "Anna here") in got[it] for it in ("second", "other")))
        for made in (first, second, other):
            await made.disconnect()

    play(run())


def test_what_was_missed_is_caught_up(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[2])
        group = await desk(made, emulator)
        await made.get_messages(group, limit=1)
        log = []
        made.add_event_handler(lambda event: log.append(event.raw_text), events.NewMessage())
        await made.catch_up()
        crm = next(bot for bot in emulator.facts["bots"] if "crm" in bot["username"])
        emulator.act(**{"do": "post", "as": crm["id"], "text": "before the gap"})
        await until(lambda: "before the gap" in log)
        await made.disconnect()
        for number in range(150):
            emulator.act(**{"do": "post", "as": crm["id"], "text": f"missed {number}"})
        await made.connect()
        await made.catch_up()
        await until(lambda: "missed 149" in log, 20)
        assert [it for it in log if it.startswith("missed")] == [
            f"missed {number}" for number in range(150)
        ]
        await made.disconnect()

    play(run())


def png(width, height):
    """A picture's header is all that the server looks at."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return head + b"\x08\x02\0\0\0" + os.urandom(3000)


def test_files_of_any_size_come_back_unchanged(emulator, tmp_path):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        other = await log_in(emulator, operators(emulator)[1])
        group = await desk(made, emulator)
        topic = emulator.desk["topics"][-1]["id"]
        for name, size in (("empty-ish.txt", 1), ("small.bin", 300_001), ("large.bin", 25_000_003)):
            path = tmp_path / name
            path.write_bytes(os.urandom(size))
            sent = await made.send_file(
                group, path, caption="**Report**", reply_to=topic, force_document=True
            )
            assert (sent.file.name, sent.file.size, sent.raw_text) == (name, size, "Report")
            seen = await other.get_messages(await desk(other, emulator), ids=sent.id)
            back = await seen.download_media(file=bytes)
            assert hashlib.sha256(back).digest() == hashlib.sha256(path.read_bytes()).digest()
            line = emulator.messages()[-1]
            assert (line["id"], line["media"]["file_name"], line["topic"]) == (sent.id, name, topic)

        picture = png(64, 48)
        pictures = []
        for number in range(3):
            path = tmp_path / f"{number}.png"
            path.write_bytes(picture)
            pictures.append(path)
        album = await made.send_file(group, pictures, caption="three of them")
        assert len({it.grouped_id for it in album}) == 1 and album[0].grouped_id
        assert await album[1].download_media(file=bytes) == picture
        assert (album[0].photo.sizes[-1].w, album[0].photo.sizes[-1].h) == (64, 48)
        voice = tmp_path / "voice.ogg"
        voice.write_bytes(os.urandom(2_000))
        sent = await made.send_file(group, voice, voice_note=True)
        assert sent.voice and emulator.messages()[-1]["kind"] == "voice"
        await made.disconnect()
        await other.disconnect()

    play(run())


def test_everything_that_can_be_done_to_a_message(emulator):
    async def run():
        anna, bert = operators(emulator)[:2]
        made = await log_in(emulator, anna)
        other = await log_in(emulator, bert)
        group = await desk(made, emulator)
        topic = emulator.desk["topics"][-1]["id"]

        def line(id):
            return next(it for it in emulator.messages() if it["id"] == id)

        sent = await made.send_message(group, "**Bold** and plain", reply_to=topic, parse_mode="md")
        assert line(sent.id)["entities"][0]["type"] == "bold"
        answer = await sent.reply("an answer")
        assert (line(answer.id)["reply_to"], line(answer.id)["topic"]) == (sent.id, topic)
        quoted = await made(
            functions.messages.SendMessageRequest(
                peer=group,
                message="about that",
                reply_to=types.InputReplyToMessage(
                    reply_to_msg_id=sent.id, top_msg_id=topic, quote_text="and plain"
                ),
            )
        )
        quoted_id = next(it.id for it in quoted.updates if isinstance(it, types.UpdateMessageID))
        assert line(quoted_id)["quote"] == {"text": "and plain", "offset": 5}
        await sent.edit("Plain")
        assert line(sent.id)["text"] == "Plain"
        assert line(sent.id)["versions"][0]["text"] == "Bold and plain"
        with pytest.raises(errors.MessageNotModifiedError):
            await sent.edit("Plain")

        await made(
            functions.messages.SendReactionRequest(
                peer=group, msg_id=sent.id, reaction=[types.ReactionEmoji("👍")]
            )
        )
        theirs = await desk(other, emulator)
        await other(
            functions.messages.SendReactionRequest(
                peer=theirs, msg_id=sent.id, reaction=[types.ReactionEmoji("👍")]
            )
        )
        assert [it["by"] for it in line(sent.id)["reactions"]] == [anna["id"], bert["id"]]
        seen = await made.get_messages(group, ids=sent.id)
        assert (seen.reactions.results[0].count, seen.reactions.results[0].chosen_order) == (2, 0)
        who = await made(
            functions.messages.GetMessageReactionsListRequest(peer=group, id=sent.id, limit=10)
        )
        assert {it.peer_id.user_id for it in who.reactions} == {anna["id"], bert["id"]}
        with pytest.raises(errors.ReactionInvalidError):
            await made(
                functions.messages.SendReactionRequest(
                    peer=group, msg_id=sent.id, reaction=[types.ReactionEmoji("🧦")]
                )
            )

        await made.pin_message(group, sent.id, notify=True)
        assert line(sent.id)["pinned"]
        assert emulator.messages()[-1]["service"]["action"] == "pinned"
        await made.unpin_message(group, sent.id)
        assert not line(sent.id)["pinned"]

        forwarded = await made.forward_messages(group, [sent.id], group)
        assert line(forwarded[0].id)["forward"]["from"] == anna["id"]

        poll = await made.send_message(
            group,
            file=types.InputMediaPoll(
                poll=types.Poll(
                    id=0,
                    hash=0,
                    question=types.TextWithEntities("Tea?", []),
                    answers=[
                        types.PollAnswer(types.TextWithEntities("Yes", []), b"0"),
                        types.PollAnswer(types.TextWithEntities("No", []), b"1"),
                    ],
                    public_voters=True,
                )
            ),
        )
        options = [it.option for it in poll.media.poll.answers]
        await other(
            functions.messages.SendVoteRequest(peer=theirs, msg_id=poll.id, options=[options[1]])
        )
        assert line(poll.id)["content"]["options"][1]["voters"] == [bert["id"]]
        place = await made.send_file(group, types.InputMediaGeoPoint(types.InputGeoPoint(50.1, 8.7)))
        assert emulator.messages()[-1]["kind"] == "location"
        assert round(place.media.geo.lat, 4) == 50.1

        created = await made(
            functions.messages.CreateForumTopicRequest(peer=group, title="Escalations")
        )
        opened = next(it.id for it in created.updates if isinstance(it, types.UpdateMessageID))
        inside = await made.send_message(group, "first", reply_to=opened)
        await made(
            functions.messages.EditForumTopicRequest(peer=group, topic_id=opened, closed=True)
        )
        assert emulator.messages()[-1]["service"]["closed"] is True
        await made(functions.messages.DeleteTopicHistoryRequest(peer=group, top_msg_id=opened))
        assert line(inside.id)["deleted"]

        await made.delete_messages(group, [answer.id, sent.id])
        assert line(answer.id)["deleted"] and line(sent.id)["deleted"]
        assert await made.get_messages(group, ids=answer.id) is None
        await made.disconnect()
        await other.disconnect()

    play(run())


def test_people_are_mentioned(emulator):
    async def run():
        anna, bert = operators(emulator)[:2]
        made = await log_in(emulator, anna)
        other = await log_in(emulator, bert)
        group = await desk(made, emulator)
        await made.get_participants(group)
        theirs = await desk(other, emulator)
        heard = []
        other.add_event_handler(
            heard.append, events.NewMessage(func=lambda event: event.mentioned)
        )
        named = await made.send_message(group, f"[hey](tg://user?id={bert['id']})", parse_mode="md")
        assert emulator.messages()[-1]["entities"][0]["user_id"] == bert["id"]
        called = await made.send_message(group, f"hey @{(await other.get_me()).username}")
        mine = await other.send_message(theirs, "a question")
        answer = await made.send_message(group, "an answer", reply_to=mine.id)
        await made.send_message(group, "to nobody")
        await until(lambda: len(heard) == 3)
        assert [event.id for event in heard] == [named.id, called.id, answer.id]
        mentions = [
            it.id
            async for it in other.iter_messages(
                theirs, min_id=named.id - 1, filter=types.InputMessagesFilterMyMentions()
            )
        ]
        assert mentions == [answer.id, called.id, named.id]
        await made.disconnect()
        await other.disconnect()

    play(run())


def test_what_was_refused_can_be_tried_again(emulator, tmp_path):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)

        def send(text):
            return made(functions.messages.SendMessageRequest(group, text, random_id=4711))

        with pytest.raises(errors.MessageTooLongError):
            await send("x" * 5000)
        await send("short enough")
        # Telethon repeats what a server refuses with 500, and gives up in its own words.
        with pytest.raises(ValueError, match="unsuccessful"):
            await send("once more")

        before = len(emulator.messages())
        pictures = []
        for number in range(2):
            path = tmp_path / f"{number}.png"
            path.write_bytes(png(8, 8))
            pictures.append(path)
        with pytest.raises(errors.MessageTooLongError):
            await made.send_file(group, pictures, caption=["fine", "x" * 2000])
        document = tmp_path / "a.txt"
        document.write_text("text")
        with pytest.raises(errors.RPCError):
            await made.send_file(group, [pictures[0], document])
        assert len(emulator.messages()) == before, "an album comes whole or not at all"
        with pytest.raises(errors.UserAlreadyParticipantError):
            member = (await made.get_participants(group))[0]
            await made(functions.channels.InviteToChannelRequest(group, [member]))
        await made.disconnect()

    play(run())


def test_many_accounts_in_one_request(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        people = await made.get_participants(group)
        inputs = [types.InputUser(it.id, it.access_hash) for it in people] * 20
        assert len(inputs) > 100
        assert len(await made(functions.users.GetUsersRequest(inputs))) == len(inputs)
        await made.disconnect()

    play(run())


def test_protected_messages_stay(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        bot = emulator.facts["bots"][0]
        sent = call(
            f"{emulator.facts['bot_api']}/bot{bot['token']}/sendMessage",
            {"chat_id": f"-100{emulator.desk['id']}", "text": "/ secret", "protect_content": True},
        )
        seen = await made.get_messages(group, ids=sent["message_id"])
        assert seen.noforwards
        with pytest.raises(errors.ChatForwardsRestrictedError):
            await made.forward_messages(group, [seen.id], group)
        await made.disconnect()

    play(run())


def test_errors_have_telegrams_names(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        with pytest.raises(errors.MessageTooLongError):
            await made.send_message(group, "x" * 4097)
        with pytest.raises(errors.MessageIdInvalidError):
            await made.edit_message(group, 10**8, "x")
        with pytest.raises(errors.InputMethodInvalidError):
            await made(functions.payments.GetStarsStatusRequest(peer="me"))
        emulator.post(
            "/faults", {"mtproto": [{"method": "messages.getHistory", "error": "FLOOD_WAIT_77"}]}
        )
        with pytest.raises(errors.FloodWaitError) as wait:
            await made.get_messages(group, limit=1)
        assert wait.value.seconds == 77
        await made.disconnect()

    play(run())


def test_an_account_in_another_datacentre(emulator):
    async def run():
        user = operators(emulator)[3]
        emulator.post("/faults", {"migrate": {"user": user["id"], "dc": 4}})
        made = await log_in(emulator, user)
        assert made.session.dc_id == 4
        group = await desk(made, emulator)
        photo = (await made.get_messages(group, limit=1, filter=types.InputMessagesFilterPhotos()))[0]
        # Files lie in datacentre 2: the client has to take its login there.
        whole = await photo.download_media(file=bytes)
        assert len(whole) == photo.file.size
        await made.log_out()
        emulator.post("/faults", {"migrate": {"user": user["id"], "dc": 2}})

    play(run())


def test_members_come_and_go(emulator):
    async def run():
        owner = next(
            user
            for user in operators(emulator)
            if user["id"] == owner_of(emulator)
        )
        made = await log_in(emulator, owner)
        group = await desk(made, emulator)
        guest = next(user for user in operators(emulator) if "Viktor" in user["first_name"])
        theirs = await log_in(emulator, guest)
        left = []
        theirs.add_event_handler(
            left.append, events.Raw(types=types.UpdateChannel)
        )
        await desk(theirs, emulator)
        person = next(it for it in await made.get_participants(group) if it.id == guest["id"])
        await made.edit_permissions(group, person, send_messages=False)
        with pytest.raises(errors.ChatWriteForbiddenError):
            await theirs.send_message(await desk(theirs, emulator), "may I?")
        await made.kick_participant(group, person)
        await until(lambda: left)
        assert emulator.messages()[-1]["service"] == {"action": "left", "person": guest["id"]}
        with pytest.raises(AssertionError):
            await desk(theirs, emulator)
        await made(functions.channels.InviteToChannelRequest(group, [person]))
        assert emulator.messages()[-1]["service"]["action"] == "joined"
        await made.edit_admin(group, person, is_admin=True)
        admins = await made.get_participants(group, filter=types.ChannelParticipantsAdmins())
        assert guest["id"] in {it.id for it in admins}
        await made.edit_admin(group, person, is_admin=False)
        await made.disconnect()
        await theirs.disconnect()

    play(run())


def test_title_and_description(emulator):
    async def run():
        owner = next(user for user in operators(emulator) if user["id"] == owner_of(emulator))
        made = await log_in(emulator, owner)
        group = await desk(made, emulator)
        await made(functions.channels.EditTitleRequest(group, "Help desk"))
        assert emulator.messages()[-1]["service"]["title"] == "Help desk"
        with pytest.raises(errors.ChatNotModifiedError):
            await made(functions.channels.EditTitleRequest(group, "Help desk"))
        await made(functions.messages.EditChatAboutRequest(group, "All day long"))
        full = await made(functions.channels.GetFullChannelRequest(group))
        assert (full.chats[0].title, full.full_chat.about) == ("Help desk", "All day long")
        await made(functions.channels.EditTitleRequest(group, emulator.desk["title"]))
        await made.disconnect()

    play(run())


def owner_of(emulator):
    """Who owns the desk: the author of its first message."""
    return emulator.messages()[0]["from_id"]


def test_a_button_waits_for_the_bot(emulator):
    async def run():
        made = await log_in(emulator, operators(emulator)[0])
        group = await desk(made, emulator)
        bot = emulator.facts["bots"][0]
        base = f"{emulator.facts['bot_api']}/bot{bot['token']}/"
        chat = f"-100{emulator.desk['id']}"
        rows = {"inline_keyboard": [[{"text": "Close", "callback_data": "close"}]]}
        sent = call(base + "sendMessage", {"chat_id": chat, "text": "Done?", "reply_markup": rows})
        message = await made.get_messages(group, ids=sent["message_id"])
        pressed = asyncio.create_task(message.click(text="Close"))
        press = []

        def pressed_yet():
            updates = call(base + "getUpdates", {"allowed_updates": ["callback_query"]})
            press.extend(it["callback_query"] for it in updates if "callback_query" in it)
            return press

        await until(pressed_yet)
        assert press[0]["data"] == "close"
        call(base + "answerCallbackQuery", {"callback_query_id": press[0]["id"], "text": "Closed"})
        assert (await pressed).message == "Closed"
        await made.disconnect()

    play(run())


def call(url, body):
    """A bot's call; its result."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["result"]
