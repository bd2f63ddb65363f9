"""How fast Telethon reads a whole history from the built-in Telegram.

    target/clients-venv/bin/python tests/clients/bench_history.py [MESSAGES] [RUNS]
"""

import asyncio
import statistics
import sys
import time

from conftest import Emulator
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


def main(messages="20000", runs="5"):
    start = time.perf_counter()
    emulator = Emulator("--messages", messages)
    print(f"ready after {time.perf_counter() - start:.2f} s")
    try:
        rates = []
        for _ in range(int(runs)):
            count, seconds = asyncio.run(read(emulator))
            rates.append(count / seconds)
            print(f"{count} messages in {seconds:.2f} s")
        print(f"median {statistics.median(rates):,.0f} messages/s of {runs} runs")
    finally:
        emulator.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
