"""How soon what happens is stored: an emulator, a service, and whoever acts, each a process of its own.

    TOPICVAULT=target/release/topicvault target/clients-venv/bin/python tests/clients/bench_live.py [RATE] [SECONDS]

Seven of ten actions post, two edit, one deletes. The lag is what the service measures: from the
arrival of an update (after decryption) to the end of the transaction that holds it.
"""

import json
import pathlib
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from conftest import PROGRAM, Emulator


def scrape(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def lags(text):
    """Upper bounds of the classes, and how many lags are in or below each."""
    found = re.findall(r'commit_lag_seconds_bucket\{le="([^"]+)"\} (\d+)', text)
    return [(float(bound), int(count)) for bound, count in found]


def quantile(before, after, part):
    counts = [(bound, now - then) for (bound, now), (_, then) in zip(after, before)]
    wanted = counts[-1][1] * part
    low_bound, low = 0.0, 0
    for bound, count in counts:
        if count >= wanted:
            share = (wanted - low) / max(count - low, 1)
            return low_bound + share * (min(bound, 60) - low_bound)
        low_bound, low = bound, count
    return float("inf")


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def main(rate="1000", seconds="60"):
    rate, seconds = int(rate), int(seconds)
    place = pathlib.Path(tempfile.mkdtemp())
    config = place / "topicvault.toml"
    emulator = Emulator("--messages", "1000", "--config-out", str(config))
    port = 18_000 + random.randrange(10_000)
    config.write_text(config.read_text() + f'\n[http]\nlisten = "127.0.0.1:{port}"\n')
    command = [PROGRAM, "--config", str(config), "--vault", str(place / "vault"), "run"]
    service = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in service.stderr:
        if "caught up" in line:
            break
    operator = emulator.users[1]["id"]
    topic = next(it["id"] for it in emulator.desk["topics"] if it["id"] > 1)
    before = lags(scrape(port))
    random.seed(1)
    ids, done, memories = [], 0, []
    start = time.perf_counter()
    try:
        while (now := time.perf_counter() - start) < seconds:
            due = int(now * rate) - done
            actions = []
            for _ in range(min(due, 1000)):
                what = random.random()
                base = {"as": operator, "topic": topic}
                if what < 0.7 or len(ids) < 100:
                    actions.append({"do": "post", **base, "text": f"answer {random.random()} for you, Привет"})
                elif what < 0.9:
                    chosen = random.choice(ids[-1000:])
                    actions.append({"do": "edit", "as": operator, "message": chosen, "text": f"better {random.random()}"})
                else:
                    chosen = ids.pop(random.randrange(max(0, len(ids) - 1000), len(ids)))
                    # Edited in the same list, it would be gone already.
                    actions = [it for it in actions if it.get("message") != chosen]
                    actions.append({"do": "delete", "as": operator, "messages": [chosen]})
            if actions:
                answers = emulator.post("/actions", actions)
                refused = [it for it in answers if "error" in it]
                assert not refused, refused[:3]
                ids += [it["message"] for it in answers if "message" in it and "topic" in it]
                done += len(actions)
            if len(memories) < now:
                memories.append(memory(service.pid))
            time.sleep(0.005)
        took = time.perf_counter() - start
        time.sleep(1)
        after = lags(scrape(port))
        count = after[-1][1] - before[-1][1]
        print(f"{done} actions in {took:.1f} s ({done / took:,.0f}/s), {count} containers of updates")
        print("lag to the commit: " + ", ".join(
            f"p{part * 100:g} {quantile(before, after, part) * 1000:.2f} ms" for part in (0.5, 0.9, 0.99, 0.999)
        ))
        sixths = [memories[len(memories) * part // 6 : len(memories) * (part + 1) // 6] for part in range(6)]
        print("memory, median of each sixth: " + ", ".join(f"{statistics.median(it):.0f}" for it in sixths) + " MB")
    finally:
        service.send_signal(signal.SIGINT)
        service.stderr.read()
        service.wait()
    audit = subprocess.run(
        [PROGRAM, "--config", str(config), "--vault", str(place / "vault"), "--json", "audit"],
        capture_output=True, text=True,
    )
    ids = json.loads(audit.stdout)[0]["ids"]
    print(f"audit: {audit.returncode}, {ids}")
    emulator.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
