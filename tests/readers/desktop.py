"""Writes the made-up support desk as Telegram Desktop exports a group: `result.json`.

Of our own keys only `deleted_unixtime` is used, because Telegram Desktop has no word for that.
"""

import json
from datetime import UTC, datetime

from world import GENERAL, GROUP, TITLE

NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
MEDIA_TYPE = {"voice": "voice_message", "video": "video_file", "sticker": "sticker"}


def peer(author):
    if author < -1_000_000_000_000:
        return f"channel{-author - 1_000_000_000_000}"
    return f"user{author}"


def clock(at):
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def export(world, path, until=None):
    """The whole group; with `until`, as somebody exported it at that moment."""
    messages = [
        record(world, said, until) for said in world.said if until is None or said.date <= until
    ]
    chat = {"name": TITLE, "type": "private_supergroup", "id": GROUP, "messages": messages}
    path.write_text(json.dumps(chat, ensure_ascii=False, indent=1), encoding="utf-8")


def record(world, said, until=None):
    one = {
        "id": said.id,
        "type": "service" if said.service else "message",
        "date": clock(said.date),
        "date_unixtime": str(said.date),
    }
    parts, edit_date = said.parts, said.edit_date
    if until is not None and edit_date and edit_date > until:
        parts, edit_date = said.former, None
    if edit_date:
        one |= {"edited": clock(edit_date), "edited_unixtime": str(edit_date)}
    if said.service:
        one |= {"actor": said.name, "actor_id": peer(said.author), **service(said)}
    else:
        one |= {"from": said.name, "from_id": peer(said.author)}
    # A post at the top of a topic answers the message that began the topic.
    if said.reply_to:
        one["reply_to_message_id"] = said.reply_to
    elif said.topic not in (GENERAL, said.id):
        one["reply_to_message_id"] = said.topic
    if said.media:
        one |= media(said.media)
    one |= text(parts)
    if said.reactions:
        one["reactions"] = [
            {"type": "emoji", "count": count, "emoji": emoji} for emoji, count in said.reactions
        ]
    if until is None and said.deleted_at:
        one["deleted_unixtime"] = str(said.deleted_at)
    return one


def service(said):
    what = dict(said.service)
    action = what.pop("action")
    if action == "other":
        return {"action": what["name"], "title": TITLE, "members": []}
    if action == "topic_edited":
        return {"action": "topic_edit", "new_title": what["title"], "new_icon_emoji_id": 0}
    if action == "pinned":
        return {"action": "pin_message", "message_id": what["message"]}
    return {"action": action, **what}


def media(what):
    sizes = {key: what[key] for key in ("width", "height") if key in what}
    if what["kind"] == "photo":
        return {"photo": NOT_INCLUDED, "photo_file_size": what["size"], **sizes}
    if what["kind"] == "contact":
        name, phone = what["of"]
        first, last = name.split(" ")
        card = {"first_name": first, "last_name": last, "phone_number": phone}
        return {"contact_information": card, "contact_vcard": NOT_INCLUDED}
    one = {"file": NOT_INCLUDED, **sizes}
    one |= {key: what[key] for key in ("file_name", "mime_type") if key in what}
    one["file_size"] = what["size"]
    if what["kind"] in MEDIA_TYPE:
        one["media_type"] = MEDIA_TYPE[what["kind"]]
    if "duration" in what:
        one["duration_seconds"] = what["duration"]
    if "note" in what:
        one["sticker_emoji"] = what["note"]
    return one


def text(parts):
    """`text` is a string only where it is one plain run; `text_entities` are always objects."""
    objects = [{"type": kind, "text": words, **spelled(extra)} for kind, words, extra in parts]
    if all(kind == "plain" for kind, _, _ in parts):
        return {"text": "".join(words for _, words, _ in parts), "text_entities": objects}
    mixed = [it["text"] if it["type"] == "plain" else it for it in objects]
    return {"text": mixed, "text_entities": objects}


def spelled(extra):
    """Telegram Desktop writes the id of a custom emoji as text."""
    return {key: str(value) if key == "document_id" else value for key, value in extra.items()}
