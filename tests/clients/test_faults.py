"""Independent clients when things go wrong on demand, and on keys that are logged in."""

import asyncio
import time
import urllib.error
import urllib.request

import pytest
from telethon import errors, events, functions, types

from test_telethon import client, desk, play

OPTIONS = ["--messages", "120", "--seed", "11"]


@pytest.fixture(autouse=True)
def calm(emulator):
    """Every test begins and ends without faults."""
    yield
    request = urllib.request.Request(emulator.facts["control"] + "/faults", method="DELETE")
    urllib.request.urlopen(request, timeout=10).close()


def faults(emulator, **what):
    answer = emulator.post("/faults", what)
    assert "error" not in answer, answer
    return answer


async def ready(emulator, user, **options):
    """A client on a key that is logged in already."""
    made = client(emulator, key=user["auth_key_hex"])
    made.flood_sleep_threshold = options.pop("sleeps", 0)
    await made.connect()
    return made


def test_every_persons_key_is_logged_in(emulator):
    async def run():
        for user in emulator.users:
            made = await ready(emulator, user)
            assert await made.is_user_authorized()
            assert (await made.get_me()).id == user["id"]
            await made.disconnect()
        nobody = client(emulator, key=emulator.facts["mtproto"]["auth_key_hex"])
        await nobody.connect()
        assert not await nobody.is_user_authorized()
        await nobody.disconnect()

    play(run())


def test_a_named_error_comes_so_often(emulator):
    async def run():
        made = await ready(emulator, emulator.users[1])
        group = await desk(made, emulator)
        rule = {"method": "messages.getHistory", "error": "FLOOD_WAIT_1", "times": 2}
        faults(emulator, mtproto=rule)
        for _ in range(2):
            with pytest.raises(errors.FloodWaitError) as caught:
                await made.get_messages(group, limit=1)
            assert caught.value.seconds == 1
            # Until then Telethon itself refuses to ask again.
            await asyncio.sleep(1.1)
        assert await made.get_messages(group, limit=1)
        await made.disconnect()

    play(run())


def test_a_client_that_waits_is_not_punished_again(emulator):
    """Telethon sleeps as long as it is told, so the model punishes each burst once."""

    async def run():
        made = await ready(emulator, emulator.users[2], sleeps=60)
        group = await desk(made, emulator)
        limit = {"rate": 2, "burst": 2}
        faults(emulator, flood={"families": {"history": limit}})
        began = time.monotonic()
        for _ in range(6):
            assert await made.get_messages(group, limit=1)
        seconds = time.monotonic() - began
        record = faults(emulator)["flood_record"][0]
        assert record["account"] == emulator.users[2]["id"]
        assert record["permitted"] == 6
        assert record["punished"] >= 1 and record["impatient"] == 0
        assert record["permitted"] <= limit["burst"] + limit["rate"] * seconds + 1
        await made.disconnect()

    play(run())


def test_hammering_is_punished_more_and_more(emulator):
    async def run():
        made = await ready(emulator, emulator.users[3])
        group = await desk(made, emulator)
        faults(emulator, flood={"every": {"rate": 0.5, "burst": 1}, "cap": 10})
        await made.get_messages(group, limit=1)
        page = {"offset_id": 0, "add_offset": 0, "limit": 1, "max_id": 0, "min_id": 0, "hash": 0}
        peer = await made.get_input_entity(group)
        waits = []
        # One family; Telethon remembers waits by method and would not ask the same one again.
        for request in [
            functions.messages.GetHistoryRequest(peer, offset_date=None, **page),
            functions.messages.GetRepliesRequest(peer, 1, offset_date=None, **page),
            functions.channels.GetMessagesRequest(peer, [1]),
            functions.messages.SearchRequest(
                peer, "x", types.InputMessagesFilterEmpty(), None, None, **page
            ),
        ]:
            with pytest.raises(errors.FloodWaitError) as caught:
                await made(request)
            waits.append(caught.value.seconds)
        assert waits == [2, 4, 8, 10]
        record = faults(emulator)["flood_record"][0]
        assert (record["permitted"], record["punished"], record["impatient"]) == (1, 4, 3)
        emulator.post("/clock", {"forward": 11})
        await asyncio.sleep(2)
        await made.get_messages(group, limit=1)
        await made.disconnect()

    play(run())


def test_updates_survive_lost_repeated_and_late_pushes(emulator):
    async def run():
        made = await ready(emulator, emulator.users[0])
        await desk(made, emulator)
        await made.catch_up()
        heard = []
        made.add_event_handler(lambda event: heard.append(event.raw_text), events.NewMessage)

        async def say(text):
            emulator.act(do="post", **{"as": emulator.users[1]["id"]}, text=text)
            await asyncio.sleep(0.05)

        await say("before")
        faults(emulator, pushes={"lose": 0.2, "duplicate": 0.3, "reorder": 0.2})
        wanted = [f"number {number}" for number in range(30)]
        for text in wanted:
            await say(text)
        faults(emulator, pushes={"lose": 0, "duplicate": 0, "reorder": 0})
        await say("after")
        for _ in range(100):
            if set(wanted) <= set(heard):
                break
            await asyncio.sleep(0.1)
        assert [text for text in wanted if text not in heard] == []
        assert len(heard) == len(set(heard)), "nothing is told twice"
        await made.disconnect()

    play(run())


def test_a_connection_that_ends_is_made_anew(emulator):
    async def run():
        made = await ready(emulator, emulator.users[1])
        group = await desk(made, emulator)
        for _ in range(3):
            faults(emulator, connections={"drop": True})
            await asyncio.sleep(0.1)
            assert await made.get_messages(group, limit=1)
        await made.disconnect()

    play(run())


def test_half_open_connections_are_silent_and_new_ones_are_not(emulator):
    async def run():
        made = await ready(emulator, emulator.users[1])
        faults(emulator, connections={"half_open": True})
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(made.get_me(), 1)
        other = await ready(emulator, emulator.users[2])
        assert await other.get_me()
        await other.disconnect()
        faults(emulator, connections={"drop": True})
        await made.disconnect()

    play(run())


def test_a_revoked_session_is_told_so(emulator):
    async def run():
        user = emulator.users[4]
        made = await ready(emulator, user)
        faults(emulator, revoke=user["id"])
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await made(functions.updates.GetStateRequest())
        await made.disconnect()

    play(run())


def test_latency_is_felt_by_both_faces(emulator):
    async def run():
        made = await ready(emulator, emulator.users[1])
        await made.get_me()
        faults(emulator, latency={"ms": 300, "jitter_ms": 50})
        began = time.monotonic()
        await made(functions.updates.GetStateRequest())
        assert time.monotonic() - began >= 0.3
        await made.disconnect()

    play(run())
    token = emulator.facts["bots"][0]["token"]
    began = time.monotonic()
    urllib.request.urlopen(f"{emulator.facts['bot_api']}/bot{token}/getMe", timeout=10).close()
    assert time.monotonic() - began >= 0.3


def test_bots_meet_a_proxys_words(emulator):
    page = "<html><h1>502 Bad Gateway</h1></html>"
    faults(emulator, bot_api={"method": "getMe", "code": 502, "plain": page})
    token = emulator.facts["bots"][0]["token"]
    url = f"{emulator.facts['bot_api']}/bot{token}/getMe"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=10)
    assert (caught.value.code, caught.value.read().decode()) == (502, page)
    urllib.request.urlopen(url, timeout=10).close()
