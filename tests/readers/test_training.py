"""The formats to train on: OpenAI's, ShareGPT's and TRL's, held against what was said and read by
the programs for which they are made.
"""

import copy

import datasets
import pytest
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.protocol.instruct.validator import MistralRequestValidatorV3, ValidationMode

from chat import FORMATS, StrictTokenizer, Truth, check_order, leaks, lines, trl_data_utils
from people import KINDS

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def truth(world):
    return Truth(world)


@pytest.fixture(scope="module", params=FORMATS)
def form(request):
    return request.param


@pytest.fixture(scope="module")
def rows(vault, form):
    return lines(vault.export(form, f"{form}.jsonl"))


@pytest.fixture(scope="module")
def conversations(rows, form):
    return [FORMATS[form](row) for row in rows]


@pytest.fixture(scope="module")
def utils():
    return trl_data_utils()


def test_each_conversation_goes_by_turns(conversations):
    assert conversations
    for conversation in conversations:
        check_order(conversation)


def test_they_say_what_was_said_and_nothing_else(truth, conversations):
    truth.check(conversations)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_personal_is_in_them(world, conversations, kind):
    texts = [words for conversation in conversations for _, words in conversation]
    assert leaks(world, kind, texts) == []


def test_the_test_would_find_something_personal(world):
    """The truth itself is full of it, in what customers said and operators repeated."""
    texts = [said.text for said in world.said if said.role in ("customer", "operator")]
    for kind in KINDS:
        assert len(leaks(world, kind, texts)) > 5, kind


def test_the_formats_say_the_same(vault):
    """One conversation is one conversation in each of them."""
    found = []
    for form, read in FORMATS.items():
        rows = [read(row) for row in lines(vault.export(form, f"{form}.jsonl"))]
        found.append([[turn for turn in row if turn[0] != "system"] for row in rows])
    assert found[0] == found[1] == found[2]


def test_no_customer_is_in_two_splits(vault, form, truth):
    directory = vault.export(form, form)
    paths = {split: directory / f"{split}.jsonl" for split in SPLITS}
    parts = {split: lines(path) for split, path in paths.items() if path.exists()}
    assert set(parts) == set(SPLITS), "with sixty customers no split is empty"
    conversations = {split: [FORMATS[form](row) for row in part] for split, part in parts.items()}
    together = [row for part in conversations.values() for row in part]
    truth.check(together)
    whole = [FORMATS[form](row) for row in lines(vault.export(form, f"{form}.jsonl"))]
    assert sorted(map(str, together)) == sorted(map(str, whole))
    topics = {split: truth.topics(part) for split, part in conversations.items()}
    assert not topics["train"] & topics["validation"]
    assert not topics["train"] & topics["test"]
    assert not topics["validation"] & topics["test"]
    assert len(topics["train"]) > len(topics["validation"]) + len(topics["test"])


def test_trl_takes_them_for_conversations(rows, form, utils):
    is_conversational = {"sharegpt": utils.is_conversational_from_value}.get(
        form, utils.is_conversational
    )
    assert all(is_conversational(row) for row in rows)


def test_trl_puts_them_into_a_strict_template(conversations, rows, form, utils):
    if form == "sharegpt":
        # It renames the keys, and leaves the sides for the template to know.
        sides = {"human": "user", "gpt": "assistant", "system": "system"}
        rows = [utils.maybe_convert_to_chatml(copy.deepcopy(row)) for row in rows]
        rows = [
            {"messages": [{**turn, "role": sides[turn["role"]]} for turn in row["messages"]]}
            for row in rows
        ]
    for conversation, row in zip(conversations, rows, strict=True):
        text = utils.maybe_apply_chat_template(row, StrictTokenizer())
        whole = "".join(f"<{side}>{words}</{side}>" for side, words in conversation)
        if form == "trl":
            assert text["prompt"] + text["completion"] == whole
            assert text["prompt"].endswith("<assistant>")
            assert text["completion"] == f"{conversation[-1][1]}</assistant>"
        else:
            assert text["text"] == whole


def test_trl_packs_them_without_loss(conversations, utils):
    """By letters instead of tokens: what goes in comes out, whole conversations together."""
    texts = ["".join(words for _, words in conversation) for conversation in conversations]
    table = datasets.Dataset.from_dict(
        {"input_ids": [[ord(letter) for letter in text] for text in texts]}
    )
    packed = utils.pack_dataset(table, seq_length=max(map(len, texts)), strategy="bfd")
    assert sum(map(len, packed["input_ids"])) == sum(map(len, texts))
    assert sorted(length for row in packed["seq_lengths"] for length in row) == sorted(
        map(len, texts)
    )


def test_mistral_takes_them_for_fine_tuning(conversations):
    validator = MistralRequestValidatorV3(mode=ValidationMode.finetuning)
    for conversation in conversations:
        messages = [{"role": side, "content": words} for side, words in conversation]
        validator.validate_request(ChatCompletionRequest(messages=messages))


def test_datasets_loads_the_files(vault, form, tmp_path):
    directory = vault.export(form, form)
    files = {split: str(directory / f"{split}.jsonl") for split in SPLITS}
    loaded = datasets.load_dataset("json", data_files=files, cache_dir=str(tmp_path))
    for split in SPLITS:
        assert loaded[split].to_list() == lines(directory / f"{split}.jsonl")


def test_without_consent_there_is_nothing_to_train_on(vault, form, tmp_path):
    config = vault.write_config("no-consent.toml", "")
    path = tmp_path / "refused.jsonl"
    done = vault.run("export", "--format", form, "--out", path, config=config)
    assert done.returncode != 0
    assert "training_consent" in done.stderr
    assert not path.exists() and not list(tmp_path.iterdir())


def test_they_are_never_written_with_personal_data(vault, form, tmp_path):
    path = tmp_path / "refused.jsonl"
    done = vault.run("export", "--format", form, "--out", path, "--no-redact")
    assert done.returncode != 0
    assert not path.exists() and not list(tmp_path.iterdir())
