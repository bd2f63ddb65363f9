"""The table of messages in Parquet, as three implementations read it."""

import duckdb
import polars
import pyarrow
import pyarrow.parquet
import pytest

from expected import PARQUET_COLUMNS, differing, parquet, read_json
from world import GROUP

TYPES = {
    "group": pyarrow.int64(),
    "id": pyarrow.int32(),
    "topic": pyarrow.int32(),
    "date": pyarrow.timestamp("ms", tz="UTC"),
    "from_id": pyarrow.int64(),
    "reply_to": pyarrow.int32(),
    "edit_date": pyarrow.timestamp("ms", tz="UTC"),
    "deleted": pyarrow.bool_(),
    "deleted_at": pyarrow.timestamp("ms", tz="UTC"),
    "file_size": pyarrow.int64(),
}
WHOLE_NUMBERS = ("width", "height", "duration")


@pytest.fixture(scope="module")
def path(vault):
    return vault.export("parquet", "group.parquet")


@pytest.fixture(scope="module")
def wanted(world):
    return {said.id: parquet(world, said) for said in world.said}


def test_the_columns_have_their_types(path):
    schema = pyarrow.parquet.read_schema(path)
    assert schema.names == PARQUET_COLUMNS
    for field in schema:
        if field.name in WHOLE_NUMBERS:
            assert pyarrow.types.is_integer(field.type), field
        else:
            assert field.type == TYPES.get(field.name, pyarrow.string()), field


def test_arrow_reads_every_message_as_it_was_said(path, wanted):
    rows = pyarrow.parquet.read_table(path).to_pylist()
    assert len(rows) == len(wanted)
    assert not differing({row["id"]: read_json(row) for row in rows}, wanted)


def test_duckdb_reads_every_message_as_it_was_said(path, wanted):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    cursor = connection.execute("select * from read_parquet(?)", [str(path)])
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert len(rows) == len(wanted)
    assert not differing({row["id"]: read_json(row) for row in rows}, wanted)


def test_polars_reads_every_message_as_it_was_said(path, wanted):
    rows = polars.read_parquet(path).to_dicts()
    assert len(rows) == len(wanted)
    assert not differing({row["id"]: read_json(row) for row in rows}, wanted)


def test_statistics_allow_readers_to_skip(world, path):
    """Engines leave out row groups by their smallest and largest values."""
    metadata = pyarrow.parquet.ParquetFile(path).metadata
    assert metadata.num_rows == len(world.said)
    for name in ("id", "date"):
        column = metadata.schema.names.index(name)
        for group in range(metadata.num_row_groups):
            statistics = metadata.row_group(group).column(column).statistics
            assert statistics is not None and statistics.has_min_max, f"{name} has no statistics"
    latest = world.said[-1]
    query = "select count(*) from read_parquet(?) where id >= ?"
    assert duckdb.connect().execute(query, [str(path), latest.id]).fetchone() == (1,)
    query = 'select id from read_parquet(?) where "date" = ?::timestamptz and id = ?'
    at = parquet(world, latest)["date"].isoformat()
    assert duckdb.connect().execute(query, [str(path), at, latest.id]).fetchall() == [(latest.id,)]


def test_the_json_within_is_json_to_duckdb(world, path):
    query = "select count(*) from read_parquet(?) where service ->> 'action' = 'topic_created'"
    got = duckdb.connect().execute(query, [str(path)]).fetchone()[0]
    assert got == len(world.topics) - 1


def test_a_file_for_each_topic(world, vault):
    """Read together, the topics' files are the group again."""
    directory = vault.export("parquet", "parquet", "--by-topic")
    query = (
        "select filename, list(distinct topic), count(*) from read_parquet(?, filename = true)"
        " group by filename"
    )
    rows = duckdb.connect().execute(query, [f"{directory}/*.parquet"]).fetchall()
    assert all(len(topics) == 1 for _, topics, _ in rows)
    got = {topics[0]: count for _, topics, count in rows}
    assert len(got) == len(rows)
    wanted = {
        topic.id: sum(said.topic == topic.id for said in world.said) for topic in world.topics
    }
    assert not differing(got, wanted)


def test_only_the_topics_that_were_named(world, vault):
    topic = world.topics[12].id
    path = vault.export("parquet", "one.parquet", "--topic", topic)
    table = pyarrow.parquet.read_table(path, columns=["group", "id", "topic"])
    assert table["id"].to_pylist() == [said.id for said in world.said if said.topic == topic]
    assert set(table["topic"].to_pylist()) == {topic}
    assert set(table["group"].to_pylist()) == {GROUP}
