"""Telegram Desktop's JSON, as three programs read it that were written for Telegram Desktop's own.

What each of them leaves out or mixes up is part of what is expected here, said where it is.
"""

import json
import logging
from datetime import UTC

import chatpack
import ijson
import pytest
from chatminer.chatparsers import TelegramJsonParser
from tg_parser.infrastructure.readers import get_reader

import desktop
from expected import differing, moment
from world import GENERAL, GROUP, TITLE


@pytest.fixture(scope="module")
def path(vault):
    return vault.export("telegram", "result.json")


@pytest.fixture(scope="module")
def order(world, path):
    """The truth in the order of the file: its readers keep no ids."""
    with path.open("rb") as file:
        return [world.by_id[id] for id in ijson.items(file, "messages.item.id")]


def test_every_message_is_there_once(world, order):
    assert sorted(said.id for said in order) == [said.id for said in world.said]


def test_it_says_what_telegram_desktop_said(world, path):
    """Key by key the export from which the vault was made; ours may have more keys."""
    ours = {one["id"]: one for one in json.loads(path.read_text(encoding="utf-8"))["messages"]}
    wanted, got = {}, {}
    for said in world.said:
        theirs = desktop.record(world, said)
        # Not kept: a card's file, the members by name, the icon, the first title of the group; and
        # of a contact first and last name apart.
        for key in ("contact_vcard", "members", "new_icon_emoji_id"):
            theirs.pop(key, None)
        if said.service and said.service["action"] == "other":
            theirs.pop("title")
        if said.media and said.media["kind"] == "contact":
            name, phone = said.media["of"]
            theirs["contact_information"] = {
                "first_name": name,
                "last_name": "",
                "phone_number": phone,
            }
        theirs |= desktop.text(runs(said.parts))
        wanted[said.id] = theirs
        got[said.id] = {key: ours[said.id].get(key) for key in theirs}
    assert not differing(got, wanted)


def runs(parts):
    """Neighbouring runs of plain text are one."""
    joined = []
    for part in parts:
        if joined and joined[-1][0] == part[0] == "plain":
            joined[-1] = ("plain", joined[-1][1] + part[1], {})
        else:
            joined.append(part)
    return joined


def chat(path, streaming):
    reader = get_reader(path, streaming=streaming)
    assert reader.validate(path) == []
    return reader.read(path)


@pytest.mark.parametrize("streaming", [False, True])
def test_tg_parser_reads_the_group(world, path, order, streaming):
    group = chat(path, streaming)
    assert (group.name, group.id, group.is_forum) == (TITLE, GROUP, True)
    # It knows a topic by the message that began it, and by the title of that time; the first new
    # title of any topic it takes for General's.
    titles = {
        said.id: said.service["title"] for said in world.said if said.id == said.topic != GENERAL
    }
    services = [said.service for said in order if said.service]
    titles[GENERAL] = next(it["title"] for it in services if it["action"] == "topic_edited")
    assert not differing({id: topic.title for id, topic in group.topics.items()}, titles)
    got = {
        message.id: (
            message.timestamp.replace(tzinfo=UTC),
            message.author_name,
            message.author_id,
            message.text,
            message.is_service,
            message.topic_id,
            message.reactions,
        )
        for message in group.messages
    }
    wanted = {
        said.id: (
            moment(said.date),
            said.name or "Unknown",
            desktop.peer(said.author),
            said.text,
            said.service is not None,
            # What answers anything but the topic itself counts as General's.
            said.topic if said.reply_to is None and said.id != said.topic else GENERAL,
            dict(said.reactions),
        )
        for said in world.said
    }
    assert not differing(got, wanted)
    assert [message.id for message in group.messages] == [said.id for said in order]


@pytest.mark.parametrize("streaming", [False, True])
def test_tg_parser_reads_a_topic(world, vault, streaming):
    topic = world.topics[4]
    path = vault.export("telegram", "topic.json", "--topic", topic.id)
    got = chat(path, streaming)
    assert got.name == topic.title
    wanted = {said.id: said.text for said in world.said if said.topic == topic.id}
    assert not differing({message.id: message.text for message in got.messages}, wanted)


def test_chat_miner_reads_the_group(path, order, caplog):
    caplog.set_level(logging.ERROR)
    parser = TelegramJsonParser(str(path))
    parser.parse_file()
    frame = parser.parsed_messages.get_df()
    got = [(at.replace(tzinfo=UTC), author, text) for at, author, text in frame.iter_rows()]
    # Service messages have no `from`. It puts a space between the runs of a text.
    wanted = [
        (moment(said.date), said.name, " ".join(text for _, text, _ in runs(said.parts)))
        for said in order
        if not said.service
    ]
    assert len(got) == len(wanted)
    assert not differing(dict(enumerate(got)), dict(enumerate(wanted)))


@pytest.mark.parametrize("read", [chatpack.parse_telegram, chatpack.TelegramStreamParser])
def test_chatpack_reads_the_group(path, order, read):
    got = [(message.timestamp, message.sender, message.content) for message in read(str(path))]
    # It leaves out service messages, what has no words, and what deleted accounts wrote.
    wanted = [
        (moment(said.date).isoformat(), said.name, said.text)
        for said in order
        if not said.service and said.name and said.text.strip()
    ]
    assert len(got) == len(wanted)
    assert not differing(dict(enumerate(got)), dict(enumerate(wanted)))


def test_a_chat_for_each_topic(world, vault):
    directory = vault.export("telegram", "telegram", "--by-topic")
    topics = {}
    for file in directory.glob("*.json"):
        if file.name == "manifest.json":
            continue
        one = json.loads(file.read_text(encoding="utf-8"))
        ids = [message["id"] for message in one["messages"]]
        topic = world.by_id[ids[0]].topic
        assert topic not in topics, f"{topic} is in two files"
        topics[topic] = (one["name"], ids)
    wanted = {
        topic.id: (topic.title, [said.id for said in world.said if said.topic == topic.id])
        for topic in world.topics
    }
    assert not differing(topics, wanted)
