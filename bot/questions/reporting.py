"""Assistant + database -> FaqReport on demand: groups brought up to date, counted, their titles asked again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.questions.groups import GroupStore, Progress
from bot.questions.log import QuestionLog
from bot.questions.report import ANSWERED_TODAY, FaqReport, faq_report
from bot.today import day_in_china

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.datamodels import Answer
    from bot.questions.database import Database


class Reporter:
    """Reports of one question log. Thread-safe: the groups are brought up to date by one thread at a time."""

    def __init__(self, assistant: Assistant, database: Database, clock: Callable[[], datetime]) -> None:
        """Raises ModelError where the fitted model of the grouping cannot be read."""
        self._assistant = assistant
        self._clock = clock
        self._log = QuestionLog(database, clock)
        self._store = GroupStore(database, assistant.encoder)
        self._grouping = threading.Lock()

    def report(
        self, since: date, until: date, *, answered: int = ANSWERED_TODAY, progress: Progress | None = None
    ) -> FaqReport:
        """The report of the days from `since` to `until`, both inclusive, in China.

        `answered` groups, those asked by most people, get the answer of today; `progress` hears of new wordings.
        Raises ValueError where the period is empty, SQLAlchemyError where the database fails.
        """
        index = self._assistant.index
        with self._grouping:
            self._store.refresh({notice.id: notice.title for notice in index.notices.values()}, progress)
        return faq_report(self._log, self._store, index, since, until, self.ask, answered)

    def ask(self, question: str, notice_id: str | None) -> Answer:
        """The answer of today; of a notice that is gone the question is asked over all."""
        scope = notice_id if notice_id in self._assistant.index.notices else None
        return self._assistant.ask(question, today=day_in_china(self._clock()), notice_id=scope)
