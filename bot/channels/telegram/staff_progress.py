"""Work in a thread -> one message that says how far it is, edited now and then; and tasks beside the handlers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, Final, TypeVar

from telegram import Message
from telegram.error import TelegramError

from bot.channels.telegram.rendering import text_to_html

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS_BETWEEN_EDITS: Final = 3.0
"""Telegram slows down a bot that edits more often."""


async def with_progress(
    message: Message, executor: Executor, first: str, work: Callable[[Callable[[str], None]], T]
) -> T:
    """What `work(tell)` returns, run in the executor; what it tells is shown in an answer to `message`.

    Raises what the work raises. Progress that cannot be shown is only logged: the work goes on.
    """
    shown: Message | None = None
    try:
        shown = await message.reply_text(text_to_html(first)[0])
    except TelegramError as error:
        log.info("progress is not shown: %s", error.message)
    told = [first]

    def tell(text: str) -> None:
        told[:] = [text]

    editing = asyncio.create_task(_keep_editing(shown, first, told)) if shown else None
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work, tell)
    finally:
        if editing:
            editing.cancel()
            with suppress(asyncio.CancelledError):
                await editing


async def _keep_editing(message: Message, last: str, told: list[str]) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_EDITS)
        text = told[0]
        if text != last:
            last = text
            with suppress(TelegramError):
                await message.edit_text(text_to_html(text)[0])


class Tasks:
    """Work that goes on after its handler has returned, until it ends or the bot does."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        for task in self._running:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("work for staff failed", exc_info=error)
