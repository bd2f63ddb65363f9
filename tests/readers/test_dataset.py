"""The dataset directory, as Hugging Face's `datasets`, Croissant's `mlcroissant`, DuckDB and Polars
read it, all of them without a network.
"""

import hashlib
import json

import datasets
import duckdb
import mlcroissant
import polars
import pyarrow.parquet
import pytest
import yaml
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

from chat import Truth, check_order, leaks, lines, openai
from expected import differing
from people import KINDS

SPLITS = ("train", "validation", "test")
COLUMNS = ["id", "group", "customer", "language", "started", "turns", "tokens", "messages"]


@pytest.fixture(scope="module")
def directory(vault):
    return vault.export("dataset", "dataset")


@pytest.fixture(scope="module")
def parts(directory):
    """What Arrow reads of each split: what the others are held against."""
    return {
        split: pyarrow.parquet.read_table(file(directory, split)).to_pylist() for split in SPLITS
    }


@pytest.fixture(scope="module")
def rows(parts):
    return [row for part in parts.values() for row in part]


def file(directory, split):
    return directory / "data" / f"{split}-00000-of-00001.parquet"


def conversation(row):
    return [(turn["role"], turn["content"]) for turn in row["messages"]]


def front_matter(directory):
    start, head, _ = (directory / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    assert start == "", "the README begins with its front matter"
    return yaml.safe_load(head)


def test_the_columns_have_their_types(directory):
    for split in SPLITS:
        schema = pyarrow.parquet.read_schema(file(directory, split))
        assert schema.names == COLUMNS
        types = {field.name: str(field.type) for field in schema}
        messages = types.pop("messages")
        assert messages.removesuffix(" not null").startswith("list<element: struct<role: string")
        assert types.pop("group") in ("int64", "string")
        assert types == {
            "id": "string",
            "customer": "string",
            "language": "string",
            "started": "timestamp[ms, tz=UTC]",
            "turns": "int32",
            "tokens": "int32",
        }


def test_the_conversations_are_what_was_said(world, parts, rows):
    truth = Truth(world)
    conversations = [conversation(row) for row in rows]
    for one in conversations:
        check_order(one)
    truth.check(conversations)
    topics = [truth.topics(map(conversation, part)) for part in parts.values()]
    assert sum(map(len, topics)) == len(set.union(*topics)), "a customer is in two splits"
    for row in rows:
        spoken = [
            it for side, words in conversation(row) if side != "system" for it in truth.said(words)
        ]
        assert row["turns"] == sum(side != "system" for side, _ in conversation(row))
        if spoken:
            assert row["started"].timestamp() <= spoken[0].date
    assert len({row["id"] for row in rows}) == len(rows)


def test_a_customer_is_one_pseudonym(world, rows):
    truth = Truth(world)
    names = {}
    for row in rows:
        for topic in truth.topics([conversation(row)]):
            names.setdefault(topic, set()).add(row["customer"])
    assert all(len(found) == 1 for found in names.values())
    assert len(set.union(*names.values())) == len(names), "two customers have one name"


def test_the_language_is_the_customers(world, rows):
    """Short talk may be taken for another language, and a text of ours is in all of them."""
    truth = Truth(world)
    right = wrong = 0
    for row in rows:
        for topic in truth.topics([conversation(row)]):
            is_right = row["language"] == world.by_topic[topic].customer.language
            right, wrong = right + is_right, wrong + (not is_right)
    assert right > 9 * wrong


def test_the_tokens_are_about_as_many_as_a_tokenizer_counts(rows):
    tokenizer = MistralTokenizer.v3(is_tekken=True).instruct_tokenizer.tokenizer
    counted = sum(
        len(tokenizer.encode(words, bos=False, eos=False))
        for row in rows
        for _, words in conversation(row)
    )
    assert counted / 2 < sum(row["tokens"] for row in rows) < counted * 2


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_personal_is_in_it(world, directory, rows, kind):
    texts = [
        value
        for row in rows
        for value in (*map(str, row.values()), *(it[1] for it in conversation(row)))
    ]
    others = ["README.md", "croissant.json", "report.json", "report.html", "manifest.json"]
    texts += [(directory / name).read_text(encoding="utf-8") for name in others]
    assert leaks(world, kind, texts) == []


def test_it_says_the_same_as_the_chat_format(vault, rows):
    chats = [openai(row) for row in lines(vault.export("openai", "openai.jsonl"))]
    assert sorted(map(str, chats)) == sorted(str(conversation(row)) for row in rows)


def test_the_report_counts_what_is_there(directory, rows):
    report = json.loads((directory / "report.json").read_text(encoding="utf-8"))
    assert report["sessions"] == len(rows)
    assert report["turns"] == sum(row["turns"] for row in rows)
    assert (
        (directory / "report.html")
        .read_text(encoding="utf-8")
        .lower()
        .startswith("<!doctype html>")
    )


def test_the_card_says_what_a_card_says(directory, rows):
    card = front_matter(directory)
    assert card["task_categories"] and card["tags"] and card["pretty_name"] and card["license"]
    assert set(card["language"]) <= {"en", "de", "ru"}
    assert card["size_categories"] == ["n<1K"] and len(rows) < 1000
    (config,) = card["configs"]
    assert config["config_name"] == "default"
    assert {it["split"] for it in config["data_files"]} == set(SPLITS)


def test_datasets_loads_the_directory(directory, parts, tmp_path):
    loaded = datasets.load_dataset(str(directory), cache_dir=str(tmp_path))
    assert set(loaded) == set(SPLITS)
    turn = {"role": datasets.Value("string"), "content": datasets.Value("string")}
    for split, part in parts.items():
        assert loaded[split].features["messages"] == datasets.List(turn)
        assert not differing(dict(enumerate(loaded[split])), dict(enumerate(part)))


def test_datasets_streams_the_directory(directory, parts):
    loaded = datasets.load_dataset(str(directory), streaming=True)
    got = {split: [row["id"] for row in stream] for split, stream in loaded.items()}
    assert got == {split: [row["id"] for row in part] for split, part in parts.items()}


def test_croissant_finds_nothing_wrong_with_its_description(directory):
    issues = mlcroissant.Dataset(jsonld=str(directory / "croissant.json")).metadata.ctx.issues
    assert list(issues.errors) == []
    assert list(issues.warnings) == []


def test_croissant_reads_the_records(directory, parts):
    """`mlcroissant` checks the SHA-256 of each file; its texts are bytes."""
    dataset = mlcroissant.Dataset(jsonld=str(directory / "croissant.json"))
    for split, part in parts.items():
        got = [plain(split, record) for record in dataset.records(split)]
        wanted = [{**row, "started": row["started"].timestamp()} for row in part]
        assert len(got) == len(wanted)
        assert not differing(dict(enumerate(got)), dict(enumerate(wanted)))


def plain(split, value):
    """A record by the names of its columns."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, list):
        return [plain(split, one) for one in value]
    if isinstance(value, dict):
        named = {key.rsplit("/", 1)[-1]: plain(split, one) for key, one in value.items()}
        named.pop("split", None)
        return named
    return value.timestamp() if hasattr(value, "timestamp") else value


def test_croissant_names_the_files_as_they_are(directory):
    description = json.loads((directory / "croissant.json").read_text(encoding="utf-8"))
    files = {it["contentUrl"]: it for it in description["distribution"] if "sha256" in it}
    assert {f"data/{split}-00000-of-00001.parquet" for split in SPLITS} <= set(files)
    for name, it in files.items():
        assert it["sha256"] == hashlib.sha256((directory / name).read_bytes()).hexdigest()


def test_duckdb_reaches_into_the_messages(directory, rows):
    connection = duckdb.connect()
    files = f"{directory}/data/*.parquet"
    query = "select typeof(messages) from read_parquet(?) limit 1"
    assert (
        connection.execute(query, [files]).fetchone()[0]
        == 'STRUCT("role" VARCHAR, "content" VARCHAR)[]'
    )
    query = "select sum(turns), count(*), count(distinct customer) from read_parquet(?)"
    counted = (sum(row["turns"] for row in rows), len(rows), len({row["customer"] for row in rows}))
    assert connection.execute(query, [files]).fetchone() == counted
    turns = "(select unnest(messages) as it from read_parquet(?))"
    query = f"select it.content from {turns} where it.role = 'user'"
    got = sorted(content for (content,) in connection.execute(query, [files]).fetchall())
    assert got == sorted(
        words for row in rows for side, words in conversation(row) if side == "user"
    )


def test_polars_reads_the_messages(directory, parts):
    for split, part in parts.items():
        got = polars.read_parquet(file(directory, split)).to_dicts()
        assert not differing(dict(enumerate(got)), dict(enumerate(part)))
