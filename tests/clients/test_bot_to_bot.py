"""Two bots in a world of one's own: only the one with bot-to-bot mode hears the other."""

import asyncio

import pytest
import telegram

from conftest import Emulator

WORLD = """
[[users]]
username = "anna"
first_name = "Anna"

[[bots]]
username = "open_bot"
privacy_mode = false
bot_to_bot = true

[[bots]]
username = "usual_bot"
privacy_mode = false

[[bots]]
username = "private_bot"
bot_to_bot = true

[[groups]]
title = "Desk"
forum = true
owner = "anna"
members = ["open_bot", "usual_bot", "private_bot"]
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    path = tmp_path_factory.mktemp("world") / "world.toml"
    path.write_text(WORLD)
    running = Emulator("--world", str(path))
    yield running
    running.stop()


def test_who_hears_whom(emulator):
    async def run():
        base = emulator.facts["bot_api"]
        bots = {
            name: telegram.Bot(bot["token"], base_url=f"{base}/bot")
            for name, bot in emulator.bots.items()
        }
        chat = int(f"-100{emulator.desk['id']}")
        heard = {}
        for bot in bots.values():
            await bot.initialize()
            await bot.get_updates()
        for name, bot in bots.items():
            await bot.send_message(chat, f"from {name}")
        await bots["open_bot"].send_message(chat, "/ping@private_bot")
        for name, bot in bots.items():
            updates = await bot.get_updates()
            heard[name] = [update.message.text for update in updates]
            await bot.shutdown()
        assert heard == {
            "open_bot": ["from usual_bot", "from private_bot"],
            "usual_bot": [],
            "private_bot": ["/ping@private_bot"],
        }

    asyncio.run(asyncio.wait_for(run(), 60))
