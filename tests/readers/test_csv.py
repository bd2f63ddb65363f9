"""CSV, as spreadsheets and data tools read it: RFC 4180, and no cell that is a formula."""

import csv
import io
from datetime import datetime

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv
import pytest

from expected import CSV_COLUMNS, differing, facts, neutral
from texts import STUMBLING


@pytest.fixture(scope="module")
def path(vault):
    return vault.export("csv", "group.csv")


def cells(world, said):
    """A row as text, but for the dates, which are compared as moments."""
    row = facts(world, said)
    for name in ("topic_title", "from", "text", "file_name"):
        row[name] = neutral(row[name] or "")
    row["deleted"] = "true" if row["deleted"] else "false"
    for name in CSV_COLUMNS:
        if name not in ("date", "edit_date", "deleted_at"):
            row[name] = "" if row[name] is None else str(row[name])
    return row


def test_every_cell_is_as_it_was_said(world, path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        assert next(reader) == CSV_COLUMNS
        rows = [dict(zip(CSV_COLUMNS, row, strict=True)) for row in reader]
    assert len(rows) == len(world.said)
    for row in rows:
        for name in ("date", "edit_date", "deleted_at"):
            at = datetime.fromisoformat(row[name]) if row[name] else None
            assert at is None or at.utcoffset().total_seconds() == 0, f"{row[name]} is not in UTC"
            row[name] = at
        row["deleted"] = row["deleted"].lower()
    got = {int(row["id"]): row for row in rows}
    assert not differing(got, {said.id: cells(world, said) for said in world.said})


def test_it_is_as_rfc_4180_has_it(path):
    """Lines end in CR LF, quotes stand only around whole cells and are doubled within."""
    raw = path.read_bytes()
    # The mark by which Excel knows the encoding; RFC 4180 begins behind it.
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    text, within = raw.decode("utf-8"), False
    for at, character in enumerate(text):
        if character == '"':
            if not within:
                assert text[at - 1] in ',\n"', f"a quote within a cell: {text[at - 30 : at + 30]!r}"
            within = not within
        elif character == "\n" and not within:
            assert text[at - 1] == "\r", f"a line ends without CR: {text[at - 30 : at]!r}"
        elif character == "\r" and not within:
            assert text[at + 1] == "\n", (
                f"a CR in a cell without quotes: {text[at - 30 : at + 5]!r}"
            )
    assert not within


def test_no_cell_is_a_formula(path):
    """Whatever column it stands in: numbers may begin with a sign, all else may not."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            for name, cell in row.items():
                if cell[:1] in tuple("=+-@\t\r"):
                    assert cell.lstrip("-").isdigit(), f"{name}: {cell!r:.80}"


def texts(world):
    return {said.id: neutral(said.text) for said in world.said}


def test_duckdb_finds_the_dialect_by_itself(world, path):
    connection = duckdb.connect()
    # To DuckDB an empty cell is NULL.
    query = "select id, coalesce(text, '') from read_csv(?)"
    rows = connection.execute(query, [str(path)]).fetchall()
    assert len(rows) == len(world.said)
    assert not differing(dict(rows), texts(world))
    query = "select column_name, column_type from (describe select * from read_csv(?))"
    types = dict(connection.execute(query, [str(path)]).fetchall())
    assert list(types) == CSV_COLUMNS
    numbers = ("group", "id", "topic", "from_id", "reply_to", "file_size")
    assert {types[name] for name in numbers} == {"BIGINT"}
    assert types["deleted"] == "BOOLEAN"
    assert types["date"].startswith("TIMESTAMP")


def test_duckdb_counts_what_the_truth_counts(world, path):
    query = "select role, count(*) from read_csv(?) where not deleted group by role"
    got = dict(duckdb.connect().execute(query, [str(path)]).fetchall())
    wanted = {}
    for said in world.said:
        if said.deleted_at is None:
            wanted[said.role] = wanted.get(said.role, 0) + 1
    assert got == wanted


@pytest.mark.parametrize("engine", ["c", "python"])
def test_pandas_reads_the_same_texts(world, path, engine):
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, engine=engine)
    assert list(frame.columns) == CSV_COLUMNS
    got = {int(id): text for id, text in zip(frame["id"], frame["text"], strict=True)}
    assert not differing(got, texts(world))


def test_polars_reads_the_same_texts(world, path):
    frame = polars.read_csv(path, infer_schema=False)
    got = {int(id): text or "" for id, text in zip(frame["id"], frame["text"], strict=True)}
    assert frame.columns == CSV_COLUMNS
    assert not differing(got, texts(world))


def test_arrow_reads_the_same_texts(world, path):
    table = pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(column_types={"text": pyarrow.string()}),
    )
    got = dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))
    assert not differing(got, texts(world))


def test_the_texts_on_which_readers_stumble_are_there(world, path):
    """That the test does not pass because nothing difficult was said."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = {row["text"] for row in csv.DictReader(file)}
    assert {neutral(text) for text in STUMBLING} <= found


def test_a_file_for_each_topic(world, vault):
    directory = vault.export("csv", "csv", "--by-topic")
    topics = {}
    for file in directory.glob("*.csv"):
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
        (topic,) = {int(row["topic"]) for row in rows}
        assert topic not in topics, f"{topic} is in two files"
        topics[topic] = sorted(int(row["id"]) for row in rows)
    wanted = {
        topic.id: [said.id for said in world.said if said.topic == topic.id]
        for topic in world.topics
    }
    assert not differing(topics, wanted)
