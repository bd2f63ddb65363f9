"""Conversations to train on: what each format makes of them, and what the truth says of them."""

import importlib.metadata
import importlib.util
import json
import re
import sys
import types
from unittest import mock

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

SILENCE = 6 * 3600
SIDE = {"customer": "user", "operator": "assistant", "assistant": "assistant"}
WORD = re.compile(r"\b(?:[bdfgklmnprstvz][aeiou]){6}\b")


def lines(path):
    """The objects of a JSON Lines file; each line ends, the last one too, and none is empty."""
    text = path.read_bytes().decode("utf-8")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def openai(row):
    assert set(row) == {"messages"}, row.keys()
    return [pair(it, "role", "content") for it in row["messages"]]


def sharegpt(row):
    assert set(row) == {"conversations"}, row.keys()
    names = {"system": "system", "human": "user", "gpt": "assistant"}
    turns = [pair(it, "from", "value") for it in row["conversations"]]
    return [(names[side], words) for side, words in turns]


def trl(row):
    assert set(row) == {"prompt", "completion"}, row.keys()
    assert [it["role"] for it in row["completion"]] == ["assistant"], row["completion"]
    return [pair(it, "role", "content") for it in row["prompt"] + row["completion"]]


def pair(turn, side, words):
    assert set(turn) == {side, words}, turn.keys()
    assert isinstance(turn[words], str)
    return turn[side], turn[words]


FORMATS = {"openai": openai, "sharegpt": sharegpt, "trl": trl}


def check_order(conversation):
    """What the pickiest of trainers wants: user first, then by turns, the assistant last."""
    sides = [side for side, _ in conversation]
    if sides[0] == "system":
        sides = sides[1:]
    assert sides and len(sides) % 2 == 0, sides
    assert sides == ["user", "assistant"] * (len(sides) // 2), sides
    assert all(words.strip() for _, words in conversation), "a turn says nothing"


class Truth:
    """The world by its words: each ordinary message has one that nobody else says."""

    def __init__(self, world):
        self.world = world
        self.by_word = {said.word: said for said in world.said if said.word}
        self.former = {said.former_word for said in world.said if said.former_word}
        self.session, self.needed = {}, set()
        for topic in world.topics[1:]:
            said = sorted((it for it in world.said if it.topic == topic.id), key=lambda it: it.id)
            for session in sessions(said):
                self.learn(topic, session)

    def learn(self, topic, session):
        """Which session a message belongs to, and which ones a format has to have: what a customer
        said and somebody answered later, and what was answered after a customer had said something.
        """
        spoken = [
            it for it in session if it.role in SIDE and it.deleted_at is None and it.text.strip()
        ]
        sides = [SIDE[it.role] for it in spoken]
        for at, said in enumerate(spoken):
            is_between = "user" in sides[: at + 1] and "assistant" in sides[at:]
            if said.word and is_between:
                self.needed.add(said.word)
        for said in session:
            self.session[said.id] = (topic.id, session[0].id)

    def said(self, words):
        """The messages whose word is among these words, in their order."""
        return [self.by_word[word] for word in WORD.findall(words) if word in self.by_word]

    def check(self, conversations):
        """Holds conversations against what was said."""
        seen = {}
        for conversation in conversations:
            everything = []
            for side, words in conversation:
                assert not self.former & set(WORD.findall(words)), "it says what was edited away"
                for said in self.said(words):
                    assert SIDE.get(said.role) == side, (
                        f"{side} says what {said.role} wrote ({said.id})"
                    )
                    assert said.id not in seen, f"{said.id} is said twice"
                    seen[said.id] = said
                    everything.append(said)
            order = [said.id for said in everything]
            assert order == sorted(order)
            assert len({self.session[id] for id in order}) <= 1, "two sessions in one conversation"
        missing = self.needed - {said.word for said in seen.values()}
        assert not missing, (
            f"{len(missing)} of {len(self.needed)}: {[self.by_word[it].id for it in missing][:9]}"
        )

    def topics(self, conversations):
        """The topics, and so the customers, of whom conversations are."""
        words = (words for conversation in conversations for _, words in conversation)
        return {said.topic for one in words for said in self.said(one)}


def sessions(said):
    """Cut where nobody said anything for long."""
    cut = []
    for one in said:
        if not cut or one.date - cut[-1][-1].date > SILENCE:
            cut.append([])
        cut[-1].append(one)
    return cut


def secrets(world, kind):
    """Everything of a kind that customers have; names only where the topic's title tells them."""
    for topic in world.topics[1:]:
        if kind != "name" or topic.customer.name in topic.title:
            yield from topic.customer.secrets[kind]


def leaks(world, kind, texts):
    """The secrets of a kind that are in the texts, phones and numbers also without their spaces."""
    known = {secret.casefold() for secret in secrets(world, kind)}
    bare = {re.sub(r"[^0-9a-z]", "", secret) for secret in known}
    found = set()
    for text in texts:
        folded = text.casefold()
        found |= {secret for secret in known if secret in folded}
        if kind in ("phone", "card", "iban"):
            joined = re.sub(r"[\s().+/-]", "", folded)
            found |= {secret for secret in bare if secret in joined}
    return sorted(found)


def trl_data_utils():
    """TRL's own checks of data sets, without torch and transformers: they stand in one file, which
    names two classes of tokenizers and calls nothing but `apply_chat_template` of them.
    """
    stub = types.ModuleType("transformers")
    stub.PreTrainedTokenizerBase = type("PreTrainedTokenizerBase", (), {})
    stub.ProcessorMixin = type("ProcessorMixin", (), {})
    place = importlib.metadata.distribution("trl").locate_file("trl/data_utils.py")
    spec = importlib.util.spec_from_file_location("trl_data_utils", place)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, {"transformers": stub}):
        spec.loader.exec_module(module)
    return module


# A template that refuses what the strict ones of the published models refuse.
TEMPLATE = """\
{%- if messages[0].role == 'system' %}
    {{- '<system>' + messages[0].content + '</system>' }}
    {%- set turns = messages[1:] %}
{%- else %}
    {%- set turns = messages %}
{%- endif %}
{%- for turn in turns %}
    {%- if (turn.role == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate user/assistant/user/assistant') }}
    {%- endif %}
    {{- '<' + turn.role + '>' + turn.content + '</' + turn.role + '>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<assistant>' }}{%- endif %}
"""


class StrictTokenizer:
    """What TRL needs of a tokenizer; renders as transformers does, in a sandbox of Jinja."""

    def __init__(self):
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals["raise_exception"] = self.refuse
        self.template = environment.from_string(TEMPLATE)

    @staticmethod
    def refuse(why):
        raise TemplateError(why)

    def apply_chat_template(self, messages, add_generation_prompt=False, **_):
        return self.template.render(messages=messages, add_generation_prompt=add_generation_prompt)
