"""A bot that runs inside a test, against a Bot API server over HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.service import TIMEOUTS, serve
from bot.config import TelegramSettings
from bot.conversation import Conversations
from bot.questions.database import open_database
from bot.questions.log import QuestionLog
from tests.botapi_server import BotApiServer
from tests.telegram_bot_process import NOW, TelegramTestAssistant


@dataclass
class RunningBot:
    api: BotApiServer
    assistant: TelegramTestAssistant
    question_log: QuestionLog
    conversations: Conversations
    stop: asyncio.Event
    serving: asyncio.Task[None]


@asynccontextmanager
async def running_bot(
    directory: Path,
    api: BotApiServer | None = None,
    *,
    queue: QuestionQueue | None = None,
    timeouts: Mapping[str, Any] = TIMEOUTS,
    **settings: str,
) -> AsyncIterator[RunningBot]:
    """The bot, answering; stopped at the end, when it has finished what was open."""
    async with api or BotApiServer() as api:
        database = open_database(f"sqlite:///{directory / 'questions.db'}")
        log, conversations = QuestionLog(database), Conversations(database)
        assistant = TelegramTestAssistant()
        channel = TelegramChannel(
            assistant,  # type: ignore[arg-type]
            conversations,
            log,
            lambda: NOW,
            queue or QuestionQueue(),
        )
        stop = asyncio.Event()
        telegram = TelegramSettings(token=api.token, base_url=api.root, **settings)
        serving = asyncio.create_task(serve(channel, telegram, stop, timeouts))
        try:
            yield RunningBot(api, assistant, log, conversations, stop, serving)
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
