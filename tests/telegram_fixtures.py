"""A bot that runs inside a test, against a Bot API server over HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.telegram.answers import Answers
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.courier import Courier
from bot.channels.telegram.flood_control import Limits
from bot.channels.telegram.limits import Allowance, Kind, Limiter
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.service import TIMEOUTS, serve
from bot.channels.telegram.staff_desk import StaffDesk
from bot.channels.telegram.stores import Stores
from bot.config import TelegramSettings
from bot.conversation import Conversations
from bot.questions.database import open_database
from bot.questions.log import QuestionLog
from tests.botapi_server import BotApiServer
from tests.telegram_bot_process import NOW, TelegramTestAssistant, TelegramTestCatalogue


@dataclass
class RunningBot:
    api: BotApiServer
    assistant: TelegramTestAssistant
    catalogue: TelegramTestCatalogue
    stores: Stores
    answers: Answers
    clock: SettableClock
    stop: asyncio.Event
    serving: asyncio.Task[None]

    @property
    def question_log(self) -> QuestionLog:
        return self.stores.question_log

    @property
    def conversations(self) -> Conversations:
        return self.stores.conversations


class SettableClock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


UNLIMITED: dict[Kind, Allowance] = {}


@asynccontextmanager
async def running_bot(
    directory: Path,
    api: BotApiServer | None = None,
    *,
    queue: QuestionQueue | None = None,
    timeouts: Mapping[str, Any] = TIMEOUTS,
    clock: SettableClock | None = None,
    limiter: Limiter | None = None,
    limits: Limits | None = None,
    told_after_seconds: float = 0.2,
    assistant: Any = None,
    catalogue: Any = None,
    retention_days: int = 365,
    desk: StaffDesk | None = None,
    **settings: Any,
) -> AsyncIterator[RunningBot]:
    """The bot, answering; stopped at the end, when it has finished what was open."""
    async with api or BotApiServer() as api:
        clock = clock or SettableClock()
        stores = Stores.over(open_database(f"sqlite:///{directory / 'questions.db'}"), clock)
        assistant = assistant or TelegramTestAssistant()
        catalogue = catalogue or TelegramTestCatalogue(assistant)
        answers = Answers(assistant, stores, clock, queue or QuestionQueue(), told_after_seconds)
        courier = Courier(
            catalogue, stores, clock, retention_days, look_seconds=0.05, hold=desk.hold if desk else None
        )
        channel = TelegramChannel(
            catalogue,
            stores,
            answers,
            courier,
            clock,
            retention_days=retention_days,
            limiter=limiter or Limiter(UNLIMITED, UNLIMITED),
        )
        stop = asyncio.Event()
        telegram = TelegramSettings(token=api.token, base_url=api.root, **settings)
        limits = limits or Limits(chat_burst=100, group_a_minute=100)
        serving = asyncio.create_task(serve(channel, courier, telegram, stop, timeouts, limits, desk))
        try:
            yield RunningBot(api, assistant, catalogue, stores, answers, clock, stop, serving)
        finally:
            stop.set()
            await serving


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(condition: Any, seconds: float = 5.0) -> None:
    """Waits for a condition. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
