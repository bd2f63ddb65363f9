"""Measures how other tools store the same chat messages: peers.py DIR

DIR holds messages.jsonl, one message a line. Each peer loads it into a temporary
folder; each thing measured is one JSON line on stdout, null where not applicable:

  bytes              everything on disk once the store is closed (no VACUUM)
  load_s             from the JSON lines to the finished file; sqlite-utils commits
                     every 100 rows and tg-archive every 300 messages, as they do by
                     themselves, so theirs swings with how fast the disk syncs; that of
                     sqlite-utils with full text includes that without
  last_p50/p99_ms    the last 50 messages of a topic, over 200 random topics
  search_p50/p99_ms  at most 50 messages with a word, over 50 random words: DuckDB
                     scans for the substring, newest first; sqlite-utils looks the
                     whole word up in its index, best match first

Reads are warm: the store is opened anew, but its file is in the page cache and one
query goes untimed. Of 50 searches, the p99 (nearest rank) is the slowest.

Peers by pip package, each reported as missing if not installed: duckdb (its own file,
and Parquet), sqlite-utils, tg-archive. The first two keep the columns of COLUMNS, so
not the names, roles and titles. tg-archive has its own schema: it keeps the senders'
names, but no topics, titles, roles or entities, and it has no search.
"""

import json
import math
import random
import re
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

TEXTS = {"text": "VARCHAR", "media": "JSON", "entities": "JSON"}
NUMBERS = ["id", "topic", "date", "from_id", "reply_to", "edit_date"]
COLUMNS = [*NUMBERS, *TEXTS]
LIMIT = 50


def read_messages(source):
    with open(source, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def json_text(value):
    # Without spaces, as DuckDB writes it, so that every peer stores the same bytes.
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Sample:
    """The input, and what every peer is asked: the same topics and words, in order."""

    def __init__(self, source):
        self.source = source
        topics = []
        texts = []
        for message in read_messages(source):
            topics.append(message["topic"])
            texts.append(message.get("text") or "")
        self.messages = len(topics)
        rng = random.Random(50)
        self.topics = rng.choices(sorted(set(topics)), k=200)
        # A random word of a random message, so that frequent words are asked for more.
        # Only whole runs of letters, which are tokens to a full-text index and hold no
        # wildcard of ILIKE.
        words = {}
        for text in rng.sample(texts, len(texts)):
            found = [w for w in re.findall(r"\w+", text) if w.isalpha() and len(w) > 3]
            if found and len(words) < 50:
                words[rng.choice(found).lower()] = True
        self.words = list(words)


def latencies(what, query, arguments):
    """The p50 and p99 (nearest rank) of query(argument), in milliseconds."""
    if not arguments:
        return {}
    times = []
    found = 0
    for argument in arguments[:1] + arguments:
        start = time.perf_counter()
        found += len(query(argument))
        times.append((time.perf_counter() - start) * 1000)
    if not found:
        # A fast answer to queries that match nothing would look like a win.
        raise RuntimeError(f"no {what} query found anything")
    times = sorted(times[1:])  # without the first, which opens the file
    p50, p99 = (times[math.ceil(p * len(times)) - 1] for p in (0.5, 0.99))
    return {f"{what}_p50_ms": round(p50, 3), f"{what}_p99_ms": round(p99, 3)}


def emit(record):
    print(json.dumps(record, ensure_ascii=False), flush=True)


def report(peer, sample, stored, folder, load_s, measured=None):
    if stored != sample.messages:
        raise RuntimeError(f"{peer} holds {stored} of {sample.messages} messages")
    record = {
        "peer": peer,
        "messages": stored,
        # The whole folder, to count a write-ahead log left beside the file.
        "bytes": sum(file.stat().st_size for file in folder.iterdir()),
        "load_s": round(load_s, 3),
    }
    names = ["last_p50_ms", "last_p99_ms", "search_p50_ms", "search_p99_ms"]
    emit(record | dict.fromkeys(names) | (measured or {}))


def measure_duckdb(sample, folder):
    import duckdb

    def connect(file=":memory:"):
        # All that is used is built in: nothing is to be fetched.
        config = {"autoinstall_known_extensions": "false"}
        return closing(duckdb.connect(str(file), config=config))

    def quoted(text):  # COPY takes no parameter for its file
        return "'" + str(text).replace("'", "''") + "'"

    own = folder / "own"
    parquet = folder / "parquet"
    own.mkdir()
    parquet.mkdir()
    # Its own reader, as executemany is about a hundred times slower.
    types = ", ".join(f"{name}: '{TEXTS.get(name, 'BIGINT')}'" for name in COLUMNS)
    rows = f"""
        SELECT * REPLACE (media::VARCHAR AS media, entities::VARCHAR AS entities)
        FROM read_json({quoted(sample.source)}, format = 'newline_delimited',
                       columns = {{{types}}})
        ORDER BY id"""

    start = time.perf_counter()
    with connect(own / "chat.duckdb") as db:
        db.execute(f"CREATE TABLE message AS {rows}")
        db.execute("CHECKPOINT")
    load_s = time.perf_counter() - start

    with connect(own / "chat.duckdb") as db:

        def newest(where, argument):
            sql = f"SELECT * FROM message WHERE {where} ORDER BY id DESC LIMIT {LIMIT}"
            return db.execute(sql, [argument]).fetchall()

        (stored,) = db.execute("SELECT count(*) FROM message").fetchone()
        measured = latencies("last", lambda t: newest("topic = ?", t), sample.topics)
        measured |= latencies(
            "search", lambda w: newest("text ILIKE ?", f"%{w}%"), sample.words
        )
    report("DuckDB, its own file", sample, stored, own, load_s, measured)

    file = quoted(parquet / "chat.parquet")
    with connect() as db:
        # From the JSON lines again, so that load_s means the same.
        start = time.perf_counter()
        db.execute(f"COPY ({rows}) TO {file} (FORMAT parquet, COMPRESSION zstd)")
        load_s = time.perf_counter() - start
        (stored,) = db.execute(f"SELECT count(*) FROM read_parquet({file})").fetchone()
    report("DuckDB, Parquet with zstd", sample, stored, parquet, load_s)


def measure_sqlite_utils(sample, folder):
    import sqlite_utils

    def connect():
        return closing(sqlite_utils.Database(folder / "chat.db"))

    def rows():
        for message in read_messages(sample.source):
            row = {name: message.get(name) for name in COLUMNS}
            row["media"] = json_text(row["media"])
            row["entities"] = json_text(row["entities"])
            yield row

    def last(table):
        def query(topic):
            rows = table.rows_where(
                "topic = ?", [topic], order_by="id desc", limit=LIMIT
            )
            return list(rows)

        return latencies("last", query, sample.topics)

    # Guessed from the first rows, numbers that are null there would become text.
    types = {name: int if name in NUMBERS else str for name in COLUMNS}
    start = time.perf_counter()
    with connect() as db:
        db["message"].insert_all(rows(), pk="id", columns=types)
        db["message"].create_index(["topic", "id"])
    load_s = time.perf_counter() - start
    with connect() as db:
        stored = db["message"].count
        measured = last(db["message"])
    report("sqlite-utils, before full text", sample, stored, folder, load_s, measured)

    start = time.perf_counter()
    with connect() as db:
        db["message"].enable_fts(["text"])
    load_s += time.perf_counter() - start
    with connect() as db:
        table = db["message"]

        def search(word):  # by rank unless told otherwise
            return list(table.search(word, limit=LIMIT, quote=True))

        stored = table.count
        measured = last(table) | latencies("search", search, sample.words)
    report("sqlite-utils, with full text", sample, stored, folder, load_s, measured)


def measure_tg_archive(sample, folder):
    from tgarchive.db import DB, Media, Message, User

    def moment(seconds):
        return datetime.fromtimestamp(seconds, UTC) if seconds else None

    # It credits messages that have no sender (service lines) to the chat itself.
    chat = User(1, "chat", None, None, ["group_self"], None)
    start = time.perf_counter()
    db = DB(str(folder / "data.sqlite"))
    with closing(db.conn):
        # The same calls and commits as in its sync, which reads from Telegram.
        for number, message in enumerate(read_messages(sample.source), 1):
            key = message["id"]
            user = chat
            media = None
            if sender := message.get("from_id"):
                user = User(sender, str(sender), message.get("from"), None, [], None)
            db.insert_user(user)
            if item := message.get("media"):
                media = Media(key, item.get("type"), None, None, json_text(item), None)
                db.insert_media(media)
            sent = moment(message["date"])
            edited = moment(message.get("edit_date"))
            text = message.get("text")
            reply_to = message.get("reply_to")
            db.insert_message(
                Message(key, "message", sent, edited, text, reply_to, user, media)
            )
            if number % 300 == 0:
                db.commit()
        db.commit()
        load_s = time.perf_counter() - start
        (stored,) = db.conn.execute("SELECT count(*) FROM messages").fetchone()
    report("tg-archive", sample, stored, folder, load_s)


PEERS = {
    "DuckDB": measure_duckdb,
    "sqlite-utils": measure_sqlite_utils,
    "tg-archive": measure_tg_archive,
}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: peers.py DIR, a folder that holds messages.jsonl")
    try:
        sample = Sample(Path(sys.argv[1], "messages.jsonl"))
    except (OSError, LookupError, ValueError) as error:
        sys.exit(f"peers.py: cannot take messages from {sys.argv[1]}: {error!r}")
    for peer, measure in PEERS.items():
        try:
            with tempfile.TemporaryDirectory(prefix="peers-") as folder:
                measure(sample, Path(folder))
        except Exception as error:  # one peer's failure must not stop the others
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"{peer}: {problem}", file=sys.stderr)
            missing = isinstance(error, ImportError)
            emit(
                {"peer": peer} | ({"missing": True} if missing else {"error": problem})
            )


if __name__ == "__main__":
    main()
