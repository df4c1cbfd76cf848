"""A running channel -> when it last heard from its server, for `doctor` in another process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.questions.database import Database, heartbeats, insert_or_replace
from bot.questions.log import utc_now

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    at: datetime
    """When the channel's server last answered; aware."""
    detail: Mapping[str, Any]
    """username, mode, host, pid, started_at."""


class Heartbeats:
    """The last sign of life of each channel, by its name. Thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    def beat(self, name: str, detail: Mapping[str, Any]) -> None:
        """Notes a sign of life now. A database that fails is reported on the error log."""
        row = {"name": name, "at": self._clock(), "detail": dict(detail)}
        try:
            with self._engine.begin() as connection:
                insert_or_replace(connection, heartbeats, row)
        except SQLAlchemyError as error:
            _report("没有写入", error)

    def last(self, name: str) -> Heartbeat | None:
        """None where this channel never ran, or the database fails."""
        try:
            with self._engine.connect() as connection:
                row = connection.execute(select(heartbeats).filter_by(name=name)).one_or_none()
        except SQLAlchemyError as error:
            _report("读不出来", error)
            return None
        return None if row is None else Heartbeat(row.at, row.detail)


def _report(what: str, error: SQLAlchemyError) -> None:
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    logger.error("机器人的运行状态%s：%s", what, cause)
