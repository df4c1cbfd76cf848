"""A database -> the stores that the channel works on, and the one thread in which it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from bot.conversation import Conversations
from bot.questions.database import Database
from bot.questions.heartbeat import Heartbeats
from bot.questions.inbox import Inbox
from bot.questions.log import QuestionLog
from bot.questions.outbox import Outbox
from bot.questions.privacy import PersonalData
from bot.questions.recipients import Recipients
from bot.questions.self_checks import SelfChecks

T = TypeVar("T")


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="store")


@dataclass(frozen=True, slots=True)
class Stores:
    """All that the channel keeps."""

    question_log: QuestionLog
    conversations: Conversations
    inbox: Inbox
    outbox: Outbox
    recipients: Recipients
    personal_data: PersonalData
    heartbeats: Heartbeats
    self_checks: SelfChecks
    _thread: ThreadPoolExecutor = field(default_factory=_one_thread)

    @classmethod
    def over(cls, database: Database, clock: Callable[[], datetime]) -> Stores:
        """The stores over an open database."""
        return cls(
            QuestionLog(database, clock),
            Conversations(database, clock),
            Inbox(database, clock),
            Outbox(database, clock),
            Recipients(database, clock),
            PersonalData(database, clock),
            Heartbeats(database, clock),
            SelfChecks(database, clock),
        )

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """Runs short work in the stores' own thread: in order, and never behind a question."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
