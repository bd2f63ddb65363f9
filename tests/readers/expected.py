"""What a message should be in the tables, from the truth alone."""

import json
from datetime import UTC, datetime

from world import GROUP

CSV_COLUMNS = (
    "group id topic topic_title date from_id from role kind text reply_to edit_date deleted"
    " deleted_at media file_name file_size link"
).split()

PARQUET_COLUMNS = (
    "group id topic topic_title date from_id from role kind text reply_to edit_date deleted"
    " deleted_at media file_name mime_type file_size width height duration entities reactions"
    " service versions link"
).split()


def moment(at):
    return None if at is None else datetime.fromtimestamp(at, UTC)


def facts(world, said):
    """A message by the columns that both tables have; `None` where there is nothing to say."""
    media = said.media or {}
    return {
        "group": GROUP,
        "id": said.id,
        "topic": said.topic,
        "topic_title": world.by_topic[said.topic].title,
        "date": moment(said.date),
        "from_id": said.author,
        "from": said.name,
        "role": said.role,
        "kind": said.kind,
        "text": said.text,
        "reply_to": said.reply_to,
        "edit_date": moment(said.edit_date),
        "deleted": said.deleted_at is not None,
        "deleted_at": moment(said.deleted_at),
        "media": media.get("kind"),
        "file_name": media.get("file_name"),
        "file_size": media.get("size"),
        "link": f"https://t.me/c/{GROUP}/{said.topic}/{said.id}",
    }


def parquet(world, said):
    """A message by the columns of the Parquet table, the JSON in it read."""
    media = said.media or {}
    sizes = {key: media.get(key) for key in ("mime_type", "width", "height", "duration")}
    return facts(world, said) | sizes | structured(said)


def structured(said):
    return {
        "entities": said.entities,
        "reactions": [
            {"reaction": {"emoji": emoji}, "count": count} for emoji, count in said.reactions
        ],
        "service": said.service,
        "versions": [{**version, "media": None} for version in said.versions],
    }


def read_json(row):
    """The columns of JSON of a row, read; one that says nothing may be absent or empty."""
    for name, empty in (("entities", []), ("reactions", []), ("service", None), ("versions", [])):
        row[name] = json.loads(row[name]) if row[name] else empty
    return row


def neutral(text):
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def differing(got, wanted):
    """The differences of two mappings by id, few and short enough to be read in a failed test."""
    missing, extra = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
    found = [f"missing: {missing[:9]}"] if missing else []
    found += [f"made up: {extra[:9]}"] if extra else []
    for key in wanted:
        if key in got and got[key] != wanted[key]:
            found += [f"{key}: {line}" for line in unlike(got[key], wanted[key])]
    return found[:9]


def unlike(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        names = [name for name in one | other if one.get(name) != other.get(name)]
        return [f"{name}: {one.get(name)!r:.200} for {other.get(name)!r:.200}" for name in names]
    return [f"{one!r:.200} for {other!r:.200}"]
