"""Telethon as a bot: the rule on who sees what holds over MTProto as well."""

import asyncio

import pytest
from telethon import Button, errors, events, functions
from telethon.tl.types import InputReplyToMessage, PeerChannel

from test_telethon import client, desk, log_in, operators, play, until


async def start(emulator, username):
    made = client(emulator)
    await made.connect()
    await made.sign_in(bot_token=emulator.bots[username]["token"])
    return made


def test_a_bot_hears_people_and_no_other_bot(emulator):
    async def run():
        bot = await start(emulator, "desk_assistant_bot")
        assert (await bot.get_me()).bot
        heard = []
        bot.add_event_handler(lambda event: heard.append(event.raw_text), events.NewMessage())
        bot.add_event_handler(
            lambda event: heard.append("edited: " + event.raw_text), events.MessageEdited()
        )
        other = emulator.act(**{"do": "post", "as": "desk_crm_bot", "text": "from a customer"})
        first = emulator.act(**{"do": "post", "as": "katarina_n", "text": "hello bot"})
        emulator.act(
            **{"do": "edit", "as": "katarina_n", "message": first["message"], "text": "hello!"}
        )
        await until(lambda: "edited: hello!" in heard)
        emulator.act(**{"do": "post", "as": "katarina_n", "text": "the last one"})
        await until(lambda: "the last one" in heard)
        assert heard == ["hello bot", "edited: hello!", "the last one"]

        group = await bot.get_entity(PeerChannel(emulator.desk["id"]))
        hidden, shown = await bot.get_messages(group, ids=[other["message"], first["message"]])
        assert (hidden, shown.raw_text) == (None, "hello!")
        with pytest.raises(errors.BotMethodInvalidError):
            await bot.get_messages(group, limit=10)
        await bot.log_out()

    play(run())


def test_privacy_mode(emulator):
    async def run():
        bot = await start(emulator, "parcel_watch_bot")
        heard = []
        bot.add_event_handler(lambda event: heard.append(event.raw_text), events.NewMessage())
        for text in ("nothing for bots", "/track 17", "ask @parcel_watch_bot about it"):
            emulator.act(**{"do": "post", "as": "katarina_n", "text": text})
        await until(lambda: len(heard) >= 2)
        assert heard == ["/track 17", "ask @parcel_watch_bot about it"]
        await bot.log_out()

    play(run())


def test_what_was_missed_comes_without_other_bots(emulator):
    async def run():
        bot = await start(emulator, "desk_assistant_bot")
        heard = []
        bot.add_event_handler(lambda event: heard.append(event.raw_text), events.NewMessage())
        emulator.act(**{"do": "post", "as": "katarina_n", "text": "before the gap"})
        await until(lambda: "before the gap" in heard)
        await bot.disconnect()
        for number in range(5):
            emulator.act(**{"do": "post", "as": "desk_crm_bot", "text": f"hidden {number}"})
            emulator.act(**{"do": "post", "as": "katarina_n", "text": f"missed {number}"})
        await bot.connect()
        await bot.catch_up()
        await until(lambda: "missed 4" in heard)
        assert heard == ["before the gap", *(f"missed {number}" for number in range(5))]
        await bot.log_out()

    play(run())


def test_buttons_both_sides_over_mtproto(emulator):
    async def run():
        bot = await start(emulator, "desk_assistant_bot")
        person = await log_in(emulator, operators(emulator)[0])
        group = await desk(person, emulator)

        async def pressed(event):
            assert event.data == b"close"
            await event.answer("Closed", alert=True)
            await event.edit("/ done")

        bot.add_event_handler(pressed, events.CallbackQuery())
        place = await bot.get_entity(PeerChannel(emulator.desk["id"]))
        asked = await bot.send_message(
            place, "/ close it?", buttons=[[Button.inline("Close", b"close")]]
        )
        seen = await person.get_messages(group, ids=asked.id)
        answer = await seen.click(text="Close")
        assert (answer.message, answer.alert) == ("Closed", True)
        await until(
            lambda: next(it for it in emulator.messages() if it["id"] == asked.id)["text"]
            == "/ done"
        )
        line = next(it for it in emulator.messages() if it["id"] == asked.id)
        assert line["buttons"] == []
        await bot.log_out()
        await person.disconnect()

    play(run())


def test_what_is_hidden_stays_hidden(emulator):
    async def run():
        bot = await start(emulator, "parcel_watch_bot")
        group = await bot.get_entity(PeerChannel(emulator.desk["id"]))
        for who in ("desk_crm_bot", "katarina_n"):
            hidden = emulator.act(**{"do": "post", "as": who, "text": "not for bots"})["message"]
            with pytest.raises(errors.MessageIdInvalidError):
                await bot.forward_messages(group, [hidden], group)
            with pytest.raises(errors.BadRequestError, match="QUOTE_TEXT_INVALID"):
                await bot(
                    functions.messages.SendMessageRequest(
                        group,
                        "/ guessing",
                        reply_to=InputReplyToMessage(hidden, quote_text="not for bots"),
                    )
                )
        with pytest.raises(errors.BotMethodInvalidError):
            await bot(functions.messages.GetPollResultsRequest(group, hidden, 0))
        await bot.log_out()

    play(run())


def test_who_sees_what_is_decided_when_it_happens(emulator):
    async def run():
        bot = await start(emulator, "parcel_watch_bot")
        heard = []
        bot.add_event_handler(lambda event: heard.append(event.raw_text), events.NewMessage())
        await bot.get_me()
        owner = emulator.messages()[0]["from_id"]
        emulator.post(
            "/actions",
            [
                {"do": "post", "as": owner, "text": "before its promotion"},
                {"do": "member", "user": "parcel_watch_bot", "standing": "administrator"},
                {"do": "post", "as": owner, "text": "while it may read all"},
                {"do": "member", "user": "parcel_watch_bot", "standing": "member"},
                {"do": "post", "as": owner, "text": "afterwards"},
                {"do": "post", "as": owner, "text": "/track this"},
            ],
        )
        await until(lambda: "/track this" in heard)
        assert heard == ["while it may read all", "/track this"]
        await bot.log_out()

    play(run())


def test_a_wrong_token(emulator):
    async def run():
        made = client(emulator)
        await made.connect()
        with pytest.raises(errors.AccessTokenInvalidError):
            await made.sign_in(bot_token="1:wrong")
        await made.disconnect()

    play(run())
