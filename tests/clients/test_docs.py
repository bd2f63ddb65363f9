"""The quick starts of `docs/emulator.md`, run as they stand there."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest

from conftest import ROOT


def block(heading, number=0):
    """A program of a quick start."""
    page = (ROOT / "docs" / "emulator.md").read_text()
    section = page.split(f"### {heading}\n")[1].split("\n### ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)[number]


def start(emulator, folder, program):
    (folder / "facts.json").write_text(json.dumps(emulator.facts))
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("number", [0, 1])
def test_telethon(emulator, tmp_path, number):
    running = start(emulator, tmp_path, block("Telethon", number))
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said
    expected = emulator.desk["title"] if number == 0 else emulator.users[0]["first_name"]
    assert expected in said


@pytest.mark.parametrize("heading", ["python-telegram-bot", "aiogram"])
def test_a_bot_answers(emulator, tmp_path, heading):
    running = start(emulator, tmp_path, block(heading))
    try:
        seen = None
        for attempt in range(20):
            # The first ones may come before the bot listens; no faster than it may answer.
            text = f"{heading} {attempt}"
            emulator.act(**{"do": "post", "as": "katarina_n", "text": text})
            time.sleep(1.5)
            answers = [line["text"] for line in emulator.messages()]
            seen = next((it for it in answers if it.startswith(f"/ seen: {heading}")), None)
            if seen or running.poll() is not None:
                break
        assert seen, running.poll()
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
