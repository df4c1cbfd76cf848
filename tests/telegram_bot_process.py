"""The Telegram channel as a process of its own, with an assistant whose answers are written down here.

TELEGRAM_BOT_TOKEN=… TELEGRAM_BASE_URL=http://127.0.0.1:8081 python -m tests.telegram_bot_process
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.channels.telegram import run_telegram
from bot.config import settings_from
from bot.conversation import Conversations
from bot.datamodels import Answer, Block, BlockKind, Span
from bot.errors import SettingsError
from bot.questions.database import open_database
from bot.questions.log import QuestionLog
from tests.example_answers import ScriptedAssistant

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
"""Already the 23rd in China."""
SLOW_SECONDS = 0.25
GATE_SECONDS = 15
LONG_ITEMS = 100


class TelegramTestAssistant(ScriptedAssistant):
    """Further answers: `慢` takes its time, `等` waits for the gate to open, `长` fills several messages."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def ask(
        self, text: str, *, today: date, history: Sequence[str] = (), notice_id: str | None = None
    ) -> Answer:
        if "慢" in text:
            time.sleep(SLOW_SECONDS)
        if "等" in text:
            self.gate.wait(GATE_SECONDS)
        answer = super().ask(text, today=today, history=history, notice_id=notice_id)
        if "长" in text:
            items = tuple(
                Block(BlockKind.ITEM, (Span(f"第{row}项：<b>" + "智能制造&" * 20),))
                for row in range(LONG_ITEMS)
            )
            return replace(answer, blocks=items)
        return answer


def main() -> int:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), stream=sys.stderr)
    settings = settings_from(os.environ)
    database = open_database(settings.database_url)
    try:
        return run_telegram(
            TelegramTestAssistant(),  # type: ignore[arg-type]
            Conversations(database),
            QuestionLog(database),
            settings.telegram,
            lambda: NOW,
        )
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
