"""topicvault's own JSON Lines, as data tools read them."""

import json

import duckdb
import polars
import pytest

from expected import differing, structured
from world import GROUP


@pytest.fixture(scope="module")
def path(vault):
    return vault.export("jsonl", "group.jsonl")


def test_every_message_is_as_it_was_said(world, path):
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    rows = [json.loads(line) for line in lines]
    assert len(rows) == len(world.said)
    got = {row["id"]: row for row in rows}
    wanted = {}
    for said in world.said:
        wanted[said.id] = {
            "group": GROUP,
            "id": said.id,
            "topic": said.topic,
            "date": said.date,
            "from_id": said.author,
            "from": said.name,
            "role": said.role,
            "kind": said.kind,
            "text": said.text,
            "reply_to": said.reply_to,
            "edit_date": said.edit_date,
            "deleted": said.deleted_at is not None,
            "deleted_at": said.deleted_at,
            **structured(said),
        }
        row = got.get(said.id, {})
        got[said.id] = {key: row.get(key) for key in wanted[said.id]}
    assert not differing(got, wanted)


def test_topics_stand_one_after_another_each_in_order_of_id(path):
    places = [
        (row["topic"], row["id"])
        for row in map(json.loads, path.open(encoding="utf-8", newline="\n"))
    ]
    assert places == sorted(places)


def test_duckdb_finds_the_columns_by_itself(world, path):
    columns = 'id, topic, date, from_id, "from", role, text, reply_to, deleted'
    query = f"select {columns} from read_json_auto(?)"
    rows = duckdb.connect().execute(query, [str(path)]).fetchall()
    wanted = {
        said.id: (
            said.id,
            said.topic,
            said.date,
            said.author,
            said.name,
            said.role,
            said.text,
            said.reply_to,
            said.deleted_at is not None,
        )
        for said in world.said
    }
    assert not differing({row[0]: row for row in rows}, wanted)
    assert len(rows) == len(wanted)


def test_duckdb_reaches_into_what_is_nested(world, path):
    """The nested columns are real ones: a query over all formatting counts what there was."""
    connection = duckdb.connect()
    formatting = "(select unnest(entities) as it from read_json_auto(?))"
    query = f"select count(*) from {formatting} where it.type = 'bold'"
    bold = connection.execute(query, [str(path)]).fetchone()[0]
    assert bold == sum(it["type"] == "bold" for said in world.said for it in said.entities)
    query = "select sum(len(versions)) from read_json_auto(?)"
    versions = connection.execute(query, [str(path)]).fetchone()[0]
    assert versions == sum(len(said.versions) for said in world.said) > 0


def test_polars_reads_the_same_texts(world, path):
    schema = {"id": polars.Int64, "role": polars.String, "text": polars.String}
    frame = polars.read_ndjson(path, schema=schema)
    got = {row["id"]: (row["role"], row["text"]) for row in frame.iter_rows(named=True)}
    assert frame.height == len(world.said)
    assert not differing(got, {said.id: (said.role, said.text) for said in world.said})


def test_a_file_for_each_topic(world, vault):
    directory = vault.export("jsonl", "jsonl", "--by-topic")
    files = sorted(directory.glob("*.jsonl"))
    topics = {}
    for file in files:
        rows = [json.loads(line) for line in file.open(encoding="utf-8", newline="\n")]
        (topic,) = {row["topic"] for row in rows}
        assert topic not in topics, f"{topic} is in two files"
        topics[topic] = [row["id"] for row in rows]
    wanted = {
        topic.id: [said.id for said in world.said if said.topic == topic.id]
        for topic in world.topics
    }
    assert not differing(topics, wanted)


def test_only_the_topics_that_were_named(world, vault):
    first, second = world.topics[3].id, world.topics[20].id
    path = vault.export("jsonl", "two.jsonl", "--topic", first, "--topic", second)
    ids = [json.loads(line)["id"] for line in path.open(encoding="utf-8", newline="\n")]
    assert sorted(ids) == [said.id for said in world.said if said.topic in (first, second)]
