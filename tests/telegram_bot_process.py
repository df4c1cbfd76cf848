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

from bot.catalogue import Change, CitedClause
from bot.channels.telegram import run_telegram
from bot.config import settings_from
from bot.datamodels import Answer, Block, BlockKind, Notice, Span
from bot.errors import BotAlreadyRunning, SettingsError
from bot.questions.database import open_database
from bot.reminders import Deadline
from tests.example_answers import FILE, NOTICE_ID, ONLINE_CLAUSE, TITLE, ScriptedAssistant, WholeClause

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


class TelegramTestCatalogue:
    """What the channel looks up, changed by hand: publish another version with other deadlines."""

    def __init__(self, assistant: TelegramTestAssistant) -> None:
        self._assistant = assistant
        self.version = assistant.version
        self.by_notice: dict[str, tuple[Deadline, ...]] = {}
        self.changes: tuple[Change, ...] | None = ()
        self.searched: list[str] = []

    def notices(self) -> tuple[Notice, ...]:
        return self._assistant.notices()

    def clause(self, chunk_id: str) -> WholeClause | None:
        return self._assistant.clause(chunk_id)

    def deadlines(self, notice_id: str) -> tuple[Deadline, ...]:
        return self.by_notice.get(notice_id, ())

    def changes_since(self, version: str) -> tuple[Change, ...] | None:
        return self.changes

    def clauses(self, text: str, *, today: date, limit: int) -> tuple[CitedClause, ...]:
        self.searched.append(text)
        if "截止" not in text:
            return ()
        return (CitedClause("abcdefabcdef", NOTICE_ID, TITLE, TITLE, "二、（二）1.", ONLINE_CLAUSE),)

    def clause_by_link(self, link: str) -> tuple[WholeClause, Notice] | None:
        clause = self._assistant.clause(f"{FILE}#11")
        return (clause, self.notices()[0]) if link == "abcdefabcdef" and clause else None


def main() -> int:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), stream=sys.stderr)
    settings = settings_from(os.environ)
    database = open_database(settings.database_url)
    assistant = TelegramTestAssistant()
    catalogue = TelegramTestCatalogue(assistant)
    now = datetime.fromisoformat(os.environ["NOW"]) if "NOW" in os.environ else NOW
    try:
        return run_telegram(
            assistant,  # type: ignore[arg-type]
            catalogue,  # type: ignore[arg-type]
            database,
            settings.telegram,
            lambda: now,
            folder=settings.index_dir.parent,
            retention_days=settings.retention_days,
        )
    except (SettingsError, BotAlreadyRunning) as error:
        print(error, file=sys.stderr)
        return 4 if isinstance(error, BotAlreadyRunning) else 2


if __name__ == "__main__":
    sys.exit(main())
