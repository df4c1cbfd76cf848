"""The Telegram channel; nothing outside this folder knows python-telegram-bot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.logs import protect_logs
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.service import serve
from bot.config import TelegramSettings
from bot.conversation import Conversations
from bot.questions.log import QuestionLog

if TYPE_CHECKING:
    from bot.assistant import Assistant


def run_telegram(
    assistant: Assistant,
    conversations: Conversations,
    question_log: QuestionLog,
    settings: TelegramSettings,
    clock: Callable[[], datetime],
) -> int:
    """Serves Telegram until SIGINT or SIGTERM, finishes the open questions and returns 0.

    `clock` gives the present moment with its time zone; deadlines are judged by the date in China.
    Raises SettingsError where a setting is wrong or Telegram refuses it.
    """
    protect_logs((settings.token, settings.webhook_secret))

    async def run() -> None:
        channel = TelegramChannel(assistant, conversations, question_log, clock, QuestionQueue())
        await serve(channel, settings)

    asyncio.run(run())
    return 0
