"""The Telegram channel; nothing outside this folder knows python-telegram-bot."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.catalogue import Catalogue
from bot.channels.telegram.answers import Answers
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.courier import Courier
from bot.channels.telegram.instance_lock import only_instance
from bot.channels.telegram.logs import protect_logs
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.service import serve
from bot.channels.telegram.staff_desk import StaffDesk, StaffWork
from bot.channels.telegram.stores import Stores
from bot.config import TelegramSettings
from bot.questions.database import Database

if TYPE_CHECKING:
    from bot.assistant import Assistant


SWITCH_SECONDS = 0.0005
"""After so long a thread that answers a question lets the event loop go on. Python's own 5 ms, waited for at every step of
a command's handling, add up to half a second while two questions are answered."""


def run_telegram(
    assistant: Assistant,
    catalogue: Catalogue,
    database: Database,
    settings: TelegramSettings,
    clock: Callable[[], datetime],
    *,
    folder: Path,
    retention_days: int,
    staff: StaffWork | None = None,
) -> int:
    """Serves Telegram until SIGINT or SIGTERM, finishes the open questions and returns 0.

    `clock` gives the present moment with its time zone; deadlines are judged by the date in China. `folder` is
    for the lock that keeps a second process from polling; `staff` is what the people of `settings.staff` work
    with, None where they may do no more than others. Raises SettingsError where a setting is wrong or
    Telegram refuses it, BotAlreadyRunning where another process polls.
    """
    protect_logs((settings.token, settings.webhook_secret))
    sys.setswitchinterval(SWITCH_SECONDS)

    async def run() -> None:
        stores = Stores.over(database, clock)
        answers = Answers(assistant, stores, clock, QuestionQueue())
        desk = (
            StaffDesk(settings.staff, staff, database, clock, lambda: answers.queue.open) if staff else None
        )
        # With staff, they decide who is told what changed; without, everybody who subscribed is told at once.
        hold = desk.hold if desk else None
        courier = Courier(catalogue, stores, clock, retention_days, hold=hold)
        channel = TelegramChannel(catalogue, stores, answers, courier, clock, retention_days=retention_days)
        await answers.warm_up()
        await serve(channel, courier, settings, desk=desk)

    with ExitStack() as held:
        if not settings.webhook_url:
            held.enter_context(only_instance(folder, settings.token, clock()))
        asyncio.run(run())
    return 0
