"""One process a bot: the only module that knows who is polling on this machine."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bot.channels.telegram import messages
from bot.errors import BotAlreadyRunning


@contextmanager
def only_instance(folder: Path, token: str, now: datetime) -> Iterator[None]:
    """Holds the bot's lock; it ends with the process, however that ends.

    Raises BotAlreadyRunning with the holder's process and since when.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bot_id = token.partition(":")[0]
    path = folder / f"telegram-{bot_id if bot_id.isdecimal() else 'bot'}.lock"
    holder = path.with_suffix(".json")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BotAlreadyRunning(messages.RUNNING_ELSEWHERE.format(holder=_holder(holder))) from error
    try:
        since = now.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        who = {"pid": os.getpid(), "host": platform.node(), "since": since}
        holder.write_text(json.dumps(who), encoding="utf-8")
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _holder(path: Path) -> str:
    try:
        who = json.loads(path.read_text(encoding="utf-8"))
        return f"{who['host']} 上的进程 {who['pid']}，自 {who['since']} 起"
    except (OSError, ValueError, KeyError):
        return "另一个进程"
