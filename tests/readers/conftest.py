"""A vault of the made-up support desk, and the exports that the readers of these tests read.

`TOPICVAULT` names the program (default: the release build). The vault is filled as a user fills it,
from two exports of Telegram Desktop, the second one made after much was edited and deleted.
"""

import os
import socket
import subprocess
from pathlib import Path

import pytest

import desktop
from people import ASSISTANT, GONE, RELAY
from world import GROUP, World

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TOPICVAULT", str(ROOT / "target" / "release" / "topicvault"))

# Said before the reader is imported: it asks no hub, and keeps what it keeps under target/.
os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HOME": str(ROOT / "target" / "readers-hub"),
}

CONFIG = """\
[vault]
dir = "vault"

[[groups]]
id = "{group}"
{consent}
[groups.roles]
relays = [{relay}]
assistants = [{assistant}]
# Whose account is gone: nothing else says that it was an operator's.
operators = [{gone}]
"""
CONSENT = 'training_consent = "customers"'


def pytest_configure(config):
    # What the readers' own libraries have to change one day.
    config.addinivalue_line("filterwarnings", "ignore::DeprecationWarning")


class Vault:
    """A config and its vault; `export` writes each format once."""

    def __init__(self, world, directory):
        self.world, self.directory = world, directory
        self.config = self.write_config("topicvault.toml", CONSENT)
        (directory / "out").mkdir()
        # The same splits in every run.
        (directory / "pseudonyms.key").write_text("7e" * 32)
        self.written = {}

    def write_config(self, name, consent):
        path = self.directory / name
        text = CONFIG.format(
            group=GROUP, consent=consent, relay=RELAY, assistant=ASSISTANT, gone=GONE
        )
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *words, config=None):
        """What the program said; whether it went well is for the caller to look at."""
        variables = {
            name: value for name, value in os.environ.items() if not name.startswith("TOPICVAULT")
        }
        command = [PROGRAM, "--config", str(config or self.config), *map(str, words)]
        return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)

    def must(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, f"{words} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def export(self, form, name, *options):
        """The path of an export; written when it is first asked for."""
        path = self.directory / "out" / name
        if form in TRAINING:
            # What was said is wanted whole; repetitions are looked at by themselves.
            options = (*options, "--keep-duplicates")
        key = (form, name, options)
        if key not in self.written:
            self.must("export", "--format", form, "--out", path, *options)
            self.written[key] = path
        return path


# Formats of conversations.
TRAINING = ("openai", "sharegpt", "trl", "dataset")


@pytest.fixture(scope="session")
def world():
    return World()


@pytest.fixture(scope="session")
def vault(world, tmp_path_factory):
    directory = tmp_path_factory.mktemp("readers")
    desktop.export(world, directory / "first.json", until=world.cutoff)
    desktop.export(world, directory / "result.json")
    vault = Vault(world, directory)
    vault.must("import", directory / "first.json")
    vault.must("import", directory / "result.json")
    return vault


@pytest.fixture(scope="session", autouse=True)
def offline():
    """A reader that goes to the network has failed."""

    def refused(*_):
        raise AssertionError("a reader wanted the network")

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", refused)
    patch.setattr(socket, "getaddrinfo", refused)
    yield
    patch.undo()
