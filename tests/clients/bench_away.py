"""How soon what was missed is there, and how much of a permitted rate is used.

    TOPICVAULT=target/release/topicvault target/clients-venv/bin/python tests/clients/bench_away.py [RUNS]

Away: an hour at 10 messages a second is posted while no service runs; then from the start of the
program until it says that nothing is missing. Limits: a whole history is read where Telegram's flood
waits are in force; what the emulator permitted, punished and would have permitted besides.
"""

import json
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from conftest import PROGRAM, Emulator


def until_caught_up(config, vault):
    """Seconds from the start of the program; it is ended then."""
    start = time.perf_counter()
    command = [PROGRAM, "--config", str(config), "--vault", str(vault), "run"]
    service = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in service.stderr:
        if "caught up" in line:
            break
    seconds = time.perf_counter() - start
    service.send_signal(signal.SIGINT)
    service.stderr.read()
    assert service.wait() == 0
    return seconds


def complete(config, vault):
    command = [PROGRAM, "--config", str(config), "--vault", str(vault), "--json", "audit"]
    audit = subprocess.run(command, capture_output=True, text=True)
    return audit.returncode == 0, json.loads(audit.stdout)[0]["ids"]


def away():
    place = pathlib.Path(tempfile.mkdtemp())
    emulator = Emulator("--messages", "1000", "--config-out", str(place / "topicvault.toml"))
    config, vault = place / "topicvault.toml", place / "vault"
    until_caught_up(config, vault)
    operator = emulator.users[1]["id"]
    topics = [it["id"] for it in emulator.desk["topics"] if it["id"] > 1]
    for number in range(36):
        emulator.post("/actions", [
            {"do": "post", "as": operator, "topic": topics[at % len(topics)], "text": f"answer {number} {at}"}
            for at in range(1000)
        ])
    seconds = until_caught_up(config, vault)
    whole, ids = complete(config, vault)
    emulator.stop()
    assert whole, ids
    return seconds, ids["captured"]


def limited(rate, burst, messages):
    place = pathlib.Path(tempfile.mkdtemp())
    emulator = Emulator("--messages", str(messages), "--config-out", str(place / "topicvault.toml"))
    config, vault = place / "topicvault.toml", place / "vault"
    limit = {"rate": rate, "burst": burst}
    emulator.post("/faults", {"flood": {"families": {"history": limit}, "cap": 3600}})
    seconds = until_caught_up(config, vault)
    faults = json.loads(emulator.get("/faults"))
    record = next(it for it in faults["flood_record"] if it["family"] == "history")
    whole, _ = complete(config, vault)
    emulator.stop()
    assert whole
    return seconds, record


def main(runs="3"):
    times = []
    for _ in range(int(runs)):
        seconds, count = away()
        times.append(seconds)
        print(f"away for an hour: {count} messages there after {seconds:.2f} s", flush=True)
    print(f"away for an hour: median {statistics.median(times):.2f} s of {runs} runs")
    for rate, burst, messages in ((5, 20, 100_000), (20, 30, 100_000)):
        seconds, record = limited(rate, burst, messages)
        permitted = burst + rate * record["seconds"]
        print(
            f"{rate}/s, {burst} at once: {record['permitted']} calls in {record['seconds']:.0f} s, "
            f"{record['permitted'] / permitted:.0%} of what was permitted, "
            f"{record['punished']} waits, {record['impatient']} calls during a wait"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
