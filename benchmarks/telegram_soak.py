"""The Telegram bot under load: beside python-telegram-bot's echo example, then with a third of all calls failing.

    python -m benchmarks.telegram_soak [--updates 5000] [--people 200] [--index DIR] [--database postgresql]

Three processes on one machine: this one is the Bot API server and all the people, the bot (the real assistant
over the published index) and the echo example are processes of their own. Without faults, people send one
message each after the other to both bots: the echo, `/help` (no assistant behind it) and questions. Then the
soak. With `--database postgresql` the bot keeps its state in a server that this process starts. Exits with 1 where a question was lost or answered twice, or /help took 0.5 s.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from bot.config import PROJECT, load_settings
from tests.botapi_server import BotApiServer, Chaos
from tests.databases import KINDS, new_database
from tests.telegram_soak import QUESTIONS, soak

MESSAGES, SENDERS = 300, 20
SLOWEST_HELP = 0.5


@asynccontextmanager
async def process(
    api: BotApiServer, module: str, index: Path, database: str = "sqlite"
) -> AsyncIterator[None]:
    """A bot that has answered for the first time."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "TELEGRAM_BOT_TOKEN": api.token,
            "TELEGRAM_BASE_URL": api.root,
            "INDEX_DIR": str(index),
            "VAR_DIR": folder,
            "DATABASE_URL": new_database(database, Path(folder)),
            "MODEL_CACHE_DIR": str(load_settings().model_cache_dir),
            "NOW": datetime.now(UTC).isoformat(),
        }
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            cwd=PROJECT,
            env=environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await api.person(1).say("/help")
            await api.person(1).hears(120)
            yield
        finally:
            running.kill()
            await running.wait()


async def exchange(api: BotApiServer, texts: Sequence[str]) -> str:
    """Throughput and latency of texts, each sent when the one before was answered, by several people at once."""
    took: list[float] = []

    async def talk(number: int) -> None:
        person = api.person(100 + number)
        for text in texts[number::SENDERS]:
            begun = time.monotonic()
            await person.say(text)
            await person.hears(120)
            took.append(time.monotonic() - begun)

    begun = time.monotonic()
    await asyncio.gather(*(talk(number) for number in range(SENDERS)))
    seconds = time.monotonic() - begun
    took.sort()
    return (
        f"{len(took) / seconds:6.1f} a second, median {took[len(took) // 2] * 1000:5.0f} ms, "
        f"95 % {took[int(len(took) * 0.95)] * 1000:5.0f} ms"
    )


async def run(updates: int, people: int, index: Path, database: str) -> int:
    async with BotApiServer() as api, process(api, "benchmarks.telegram_echo", index):
        print("echo example    ", await exchange(api, ["什么时候截止申报？"] * MESSAGES), flush=True)
    async with BotApiServer() as api, process(api, "tests.telegram_soak_process", index, database):
        print("notice bot /help", await exchange(api, ["/help"] * MESSAGES), flush=True)
        questions = list(islice(cycle(QUESTIONS), MESSAGES))
        print("notice bot asked", await exchange(api, questions), flush=True)
    async with BotApiServer() as api, process(api, "tests.telegram_soak_process", index, database):
        api.chaos = chaos = Chaos(1 / 3, silent_seconds=1.5)
        result = await soak(api, QUESTIONS, people, updates)
        print("soak:", result.summary())
        faults = ", ".join(f"{kind} {count}" for kind, count in sorted(chaos.struck.items()))
        print(f"      {sum(chaos.struck.values())} of {chaos.calls} calls failed: {faults}")
    slow = max(result.help_seconds) >= SLOWEST_HELP
    return int(bool(result.lost or result.doubled or slow))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--index", type=Path, default=load_settings().index_dir)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    arguments = parser.parse_args()
    return asyncio.run(
        run(arguments.updates, arguments.people, arguments.index.resolve(), arguments.database)
    )


if __name__ == "__main__":
    sys.exit(main())
