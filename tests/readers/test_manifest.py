"""The manifest beside every export: others recompute it, and it notices a changed byte."""

import hashlib
import json

import pytest

ONE_FILE = {
    "html": "page.html",
    "telegram": "result.json",
    "jsonl": "group.jsonl",
    "markdown": "group.md",
    "csv": "group.csv",
    "parquet": "group.parquet",
    "openai": "openai.jsonl",
    "sharegpt": "sharegpt.jsonl",
    "trl": "trl.jsonl",
}
DIRECTORIES = {"openai": "openai", "sharegpt": "sharegpt", "trl": "trl", "dataset": "dataset"}
BY_TOPIC = ("telegram", "jsonl", "csv", "parquet")

EXPORTS = [
    *((form, name, ()) for form, name in ONE_FILE.items()),
    *((form, name, ()) for form, name in DIRECTORIES.items()),
    *((form, form, ("--by-topic",)) for form in BY_TOPIC),
]


def manifest_of(path):
    return path / "manifest.json" if path.is_dir() else path.with_name(f"{path.name}.manifest.json")


@pytest.fixture(params=EXPORTS, ids=lambda it: " ".join([it[0], it[1], *it[2]]))
def path(vault, request):
    form, name, options = request.param
    return vault.export(form, name, *options)


def test_it_names_every_file_as_it_is(path):
    manifest = json.loads(manifest_of(path).read_text(encoding="utf-8"))
    directory = manifest_of(path).parent
    for it in manifest["files"]:
        content = (directory / it["path"]).read_bytes()
        assert it["bytes"] == len(content)
        assert it["sha256"] == hashlib.sha256(content).hexdigest()
    named = {it["path"] for it in manifest["files"]}
    if path.is_dir():
        files = (it for it in path.rglob("*") if it.is_file())
        assert named == {str(it.relative_to(path)) for it in files} - {"manifest.json"}
    else:
        reports = {it for it in named if it.startswith(f"{path.name}.report.")}
        assert named - reports == {path.name}


@pytest.mark.parametrize("form", ["telegram", "jsonl", "csv", "parquet"])
def test_it_counts_the_messages(world, vault, form):
    path = vault.export(form, ONE_FILE[form])
    manifest = json.loads(manifest_of(path).read_text(encoding="utf-8"))
    assert manifest["messages"] == len(world.said)


def test_a_changed_byte_is_noticed(vault, path):
    manifest = manifest_of(path)
    vault.must("export", "--verify", manifest)
    first = json.loads(manifest.read_text(encoding="utf-8"))["files"][0]["path"]
    file = manifest.parent / first
    content = file.read_bytes()
    try:
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert vault.run("export", "--verify", manifest).returncode != 0
        file.write_bytes(content[:-1])
        assert vault.run("export", "--verify", manifest).returncode != 0
        file.unlink()
        assert vault.run("export", "--verify", manifest).returncode != 0
    finally:
        file.write_bytes(content)
    vault.must("export", "--verify", manifest)


def test_nothing_is_replaced_unless_it_is_asked_for(vault):
    path = vault.export("csv", "group.csv")
    content = path.read_bytes()
    assert vault.run("export", "--format", "csv", "--out", path).returncode != 0
    assert path.read_bytes() == content
    vault.must("export", "--format", "csv", "--out", path, "--force")
    assert path.read_bytes() == content
    vault.must("export", "--verify", manifest_of(path))
