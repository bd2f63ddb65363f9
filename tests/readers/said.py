"""A message, and the topic in which it stands."""

from dataclasses import dataclass, field

import people


@dataclass
class Said:
    """A message. Named as in topicvault's own JSON Lines; `topic` and `reply_to` are ids."""

    date: int
    role: str
    author: int
    parts: list = field(default_factory=list)  # (kind, text, extra), as Telegram Desktop has them
    media: dict | None = None
    service: dict | None = None
    reactions: list = field(default_factory=list)
    id: int = 0
    topic: int = 0
    reply_to: int | None = None
    edit_date: int | None = None
    deleted_at: int | None = None
    versions: list = field(default_factory=list)
    # A word that nobody else says, so that the message is found again in any format.
    word: str = ""
    # What it said before it was edited; in `versions` only if it was archived before.
    former: list | None = None
    former_word: str = ""
    answers: "Said | None" = None

    @property
    def text(self):
        return "".join(text for _, text, _ in self.parts)

    @property
    def entities(self):
        return entities(self.parts)

    @property
    def kind(self):
        if self.service:
            return "service"
        return self.media["kind"] if self.media else "text"

    @property
    def name(self):
        return people.NAMES[self.author]


def entities(parts):
    """Formatting; places count UTF-16 units."""
    found, offset = [], 0
    for kind, text, extra in parts:
        length = len(text.encode("utf-16-le")) // 2
        if kind != "plain":
            found.append({"offset": offset, "length": length, "type": kind, **extra})
        offset += length
    return found


def plain(text):
    return [("plain", text, {})] if text else []


@dataclass
class Topic:
    title: str
    customer: people.Customer | None = None
    id: int = 0
    said: list = field(default_factory=list)
