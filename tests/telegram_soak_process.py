"""The bot as a process of its own that lets one person ask without end: what soaks and kills are tried on.

    TELEGRAM_BOT_TOKEN=… TELEGRAM_BASE_URL=http://127.0.0.1:8081 python -m tests.telegram_soak_process

With ANSWERS=written the answers are written down; else the published index of INDEX_DIR is asked. NOW is the
moment at which its clock starts.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.telegram.answers import Answers
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.courier import Courier
from bot.channels.telegram.flood_control import Limits
from bot.channels.telegram.limits import Limiter
from bot.channels.telegram.logs import protect_logs
from bot.channels.telegram.question_queue import QuestionQueue
from bot.channels.telegram.service import TIMEOUTS, serve
from bot.channels.telegram.stores import Stores
from bot.config import settings_from
from bot.questions.database import open_database

FAST = Limits(overall_a_second=1000, bulk_a_second=100, chat_a_second=100, chat_burst=100)
HASTY = {**TIMEOUTS, "read_timeout": 1.0}


def main() -> int:
    settings = settings_from(os.environ)
    protect_logs((settings.telegram.token,))
    began, start = time.monotonic(), datetime.fromisoformat(os.environ["NOW"]).astimezone(UTC)

    def clock() -> datetime:
        return start + timedelta(seconds=time.monotonic() - began)

    assistant, catalogue = _written() if os.environ.get("ANSWERS") == "written" else _real(settings)

    async def run() -> None:
        stores = Stores.over(open_database(settings.database_url), clock)
        answers = Answers(assistant, stores, clock, QuestionQueue())
        courier = Courier(catalogue, stores, clock, settings.retention_days, look_seconds=0.1)
        channel = TelegramChannel(
            catalogue, stores, answers, courier, clock, retention_days=0, limiter=Limiter({}, {})
        )
        await answers.warm_up()
        await serve(channel, courier, settings.telegram, timeouts=HASTY, limits=FAST)

    asyncio.run(run())
    return 0


def _written() -> tuple[Any, Any]:
    from tests.telegram_bot_process import TelegramTestAssistant, TelegramTestCatalogue

    assistant = TelegramTestAssistant()
    return assistant, TelegramTestCatalogue(assistant)


def _real(settings: Any) -> tuple[Any, Any]:
    from bot.assistant import Assistant
    from bot.catalogue import Catalogue

    assistant = Assistant.open(settings)
    return assistant, Catalogue(assistant)


if __name__ == "__main__":
    sys.exit(main())
