"""How fast a whole history is read from the built-in Telegram: by Telethon, and by topicvault, which
also archives it. Both in turn, against one emulator.

    TOPICVAULT=target/release/topicvault target/clients-venv/bin/python tests/clients/bench_history.py [MESSAGES] [RUNS]
"""

import asyncio
import datetime
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from conftest import PROGRAM, Emulator
from test_telethon import client, desk


async def read(emulator):
    made = client(emulator, key=emulator.users[0]["auth_key_hex"])
    await made.connect()
    group = await desk(made, emulator)
    start, count = time.perf_counter(), 0
    async for _ in made.iter_messages(group, wait_time=0):
        count += 1
    seconds = time.perf_counter() - start
    await made.disconnect()
    return count, seconds


def archive(config):
    """From the first answer of the server until everything is committed."""
    with tempfile.TemporaryDirectory() as vault:
        command = [PROGRAM, "--config", config, "--vault", vault, "-v", "run"]
        service = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        begin = count = None
        try:
            for line in service.stderr:
                stamp = re.match(r"(\S+Z)\s+INFO", line)
                at = stamp and datetime.datetime.fromisoformat(stamp[1])
                if at and " connected account" in line:
                    begin = at
                if at and "history was read" in line:
                    seconds = (at - begin).total_seconds()
                if found := re.search(r"caught up: (\d+) messages", line):
                    count = int(found[1])
                    break
        finally:
            service.send_signal(signal.SIGINT)
            service.stderr.read()
            service.wait()
        return count, seconds


def main(messages="20000", runs="5"):
    config = pathlib.Path(tempfile.mkdtemp()) / "topicvault.toml"
    start = time.perf_counter()
    emulator = Emulator("--messages", messages, "--config-out", str(config))
    print(f"ready after {time.perf_counter() - start:.2f} s")
    rates = {"Telethon": [], "topicvault": []}
    try:
        for _ in range(int(runs)):
            for name, run in (
                ("Telethon", lambda: asyncio.run(read(emulator))),
                ("topicvault", lambda: archive(str(config))),
            ):
                count, seconds = run()
                rates[name].append(count / seconds)
                print(f"{name:>10}: {count} messages in {seconds:.2f} s")
        medians = {name: statistics.median(each) for name, each in rates.items()}
        for name, median in medians.items():
            print(f"{name:>10}: median {median:,.0f} messages/s of {runs} runs")
        print(f"{medians['topicvault'] / medians['Telethon']:.2f} times Telethon")
    finally:
        emulator.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
