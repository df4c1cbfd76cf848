"""A chat's key -> its earlier questions and the notice it has chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from bot.questions.database import (
    Database,
    conversations,
    insert_or_replace,
    open_database,
    storable,
    turns,
)

logger = logging.getLogger(__name__)

HISTORY_LENGTH = 5
SILENCE = timedelta(minutes=30)
"""After so long without a question, the next one starts afresh."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Conversation:
    history: tuple[str, ...] = ()
    """Earlier questions, oldest first."""
    notice_id: str | None = None
    """The notice chosen by hand; None for all."""


class Conversations:
    """What each chat said before, by key: `terminal`, `telegram:<chat>:<thread>:<user>`. Thread-safe.

    A database that fails costs the context of a question, never its answer.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = utc_now,
        history_length: int = HISTORY_LENGTH,
    ) -> None:
        self._engine = database.engine
        self._clock = clock
        self._history_length = history_length

    @classmethod
    def open(
        cls,
        database_url: str,
        clock: Callable[[], datetime] = utc_now,
        history_length: int = HISTORY_LENGTH,
    ) -> Conversations:
        """Never raises; where the database cannot be used, conversations last as long as the process."""
        return cls(open_database(database_url), clock, history_length)

    def get(self, key: str) -> Conversation:
        """The conversation as it stands now; an empty one for an unknown key."""
        key = storable(key)
        latest = (
            select(turns.c.question, turns.c.at)
            .filter_by(key=key)
            .order_by(turns.c.id.desc())
            .limit(self._history_length)
        )
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(latest).all()
                notice_id = connection.execute(select(conversations.c.notice_id).filter_by(key=key)).scalar()
        except SQLAlchemyError as error:
            _report(error)
            return Conversation()
        silent = not rows or self._clock() - rows[0].at > SILENCE
        return Conversation(() if silent else tuple(row.question for row in reversed(rows)), notice_id)

    def remember(self, key: str, question: str, at: datetime | None = None) -> None:
        """Adds a question, asked at `at` (aware; now by default); older ones than the kept number go."""
        key, at = storable(key), at or self._clock()
        last = select(turns.c.at).filter_by(key=key).order_by(turns.c.id.desc()).limit(1)
        kept = select(turns.c.id).filter_by(key=key).order_by(turns.c.id.desc()).limit(self._history_length)
        try:
            with self._engine.begin() as connection:
                last_at = connection.execute(last).scalar()
                if last_at is not None and at - last_at > SILENCE:
                    connection.execute(delete(turns).filter_by(key=key))
                connection.execute(insert(turns).values(key=key, question=storable(question), at=at))
                ids = connection.execute(kept).scalars().all()
                if len(ids) == self._history_length:  # else what another process has just added would go
                    connection.execute(delete(turns).where(turns.c.key == key, turns.c.id < min(ids)))
        except SQLAlchemyError as error:
            _report(error)

    def set_notice(self, key: str, notice_id: str | None) -> None:
        """Keeps the notice that this chat asks about from now on; None for all notices."""
        key = storable(key)
        try:
            with self._engine.begin() as connection:
                if notice_id is None:
                    connection.execute(delete(conversations).filter_by(key=key))
                else:
                    insert_or_replace(
                        connection, conversations, {"key": key, "notice_id": storable(notice_id)}
                    )
        except SQLAlchemyError as error:
            _report(error)

    def reset(self, key: str) -> None:
        """A new topic: earlier questions go, the chosen notice stays."""
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(turns).filter_by(key=storable(key)))
        except SQLAlchemyError as error:
            _report(error)

    def forget(self, key: str) -> None:
        """Removes all that is kept under this key."""
        self.reset(key)
        self.set_notice(key, None)


def _report(error: SQLAlchemyError) -> None:
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    logger.error("对话记录库出错（%s）。回答不受影响，但上文可能丢失。", cause)
