"""Starts the built-in Telegram for independent clients.

`TOPICVAULT` names the program (default: the release build). Every module gets an emulator of its
own, so that tests of one module may count on what an earlier one left, and no other module may.
"""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("TOPICVAULT", str(ROOT / "target" / "release" / "topicvault"))


class Emulator:
    """A running `topicvault emulator` and what it said about itself."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [PROGRAM, "emulator", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line, f"{PROGRAM} ended with {self.process.wait()} before it was ready"
        self.facts = json.loads(line)
        self.users = self.facts["users"]
        self.bots = {bot["username"]: bot for bot in self.facts["bots"]}
        self.desk = self.facts["groups"][0]
        host, port = self.facts["mtproto"]["addr"].rsplit(":", 1)
        self.address = (host, int(port))

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=10) is not None

    def get(self, path):
        """What the control port says, as text."""
        with urllib.request.urlopen(self.facts["control"] + path, timeout=30) as answer:
            return answer.read().decode()

    def post(self, path, body):
        """Asks the control port for something; its JSON answer, whatever the status."""
        request = urllib.request.Request(
            self.facts["control"] + path,
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def act(self, **action):
        """Lets somebody in the world do something; fails if the world refuses."""
        answer = self.post("/actions", action)
        assert "error" not in answer, answer
        return answer

    def messages(self, group=None):
        """Ground truth of a group, ascending by id; the desk unless named."""
        group = group or self.desk["id"]
        lines = self.get(f"/world/messages?group={group}").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def emulator(request):
    """An emulator; a module sets `OPTIONS` for other than the usual."""
    running = Emulator(*getattr(request.module, "OPTIONS", []))
    yield running
    running.stop()
