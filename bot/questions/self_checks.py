"""A chat's key -> how far its self-checks have come: kept so that a person can stop and go on later."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError

from bot.questions.database import Database, insert_or_replace, self_checks, storable
from bot.questions.log import utc_now
from bot.self_check import Reply, SelfCheck, Verdict

logger = logging.getLogger(__name__)

SILENCE = timedelta(minutes=30)
"""After so long, words typed in a chat are no replies to a check any more."""


@dataclass(frozen=True, slots=True)
class SelfChecks:
    """Checks by key (`terminal`, `telegram:<chat>:<topic>:<person>`) and notice. Thread-safe.

    A database that fails costs the progress of a check, never an answer.
    """

    database: Database
    clock: Callable[[], datetime] = utc_now

    def get(self, key: str, notice_id: str) -> SelfCheck | None:
        """The kept check of a notice; None where there is none."""
        where = select(self_checks).filter_by(key=storable(key), notice_id=storable(notice_id))
        try:
            with self.database.engine.connect() as connection:
                row = connection.execute(where).first()
        except SQLAlchemyError as error:
            _report(error)
            return None
        return _check(row) if row else None

    def asking(self, key: str) -> SelfCheck | None:
        """The check that this chat is in the middle of; None where it was stopped or nothing was said for long."""
        latest = (
            select(self_checks)
            .filter_by(key=storable(key), is_asking=True)
            .order_by(self_checks.c.at.desc())
            .limit(1)
        )
        try:
            with self.database.engine.connect() as connection:
                row = connection.execute(latest).first()
        except SQLAlchemyError as error:
            _report(error)
            return None
        return _check(row) if row and self.clock() - row.at <= SILENCE else None

    def save(self, key: str, check: SelfCheck, *, is_asking: bool) -> None:
        """Keeps a check; `is_asking` where its next question has been put."""
        key = storable(key)
        try:
            with self.database.engine.begin() as connection:
                if is_asking:  # one at a time
                    connection.execute(self_checks.update().filter_by(key=key).values(is_asking=False))
                row = {
                    "key": key,
                    "notice_id": storable(check.notice_id),
                    "at": self.clock(),
                    "is_asking": is_asking,
                    "state": _state(check),
                }
                insert_or_replace(connection, self_checks, row)
        except SQLAlchemyError as error:
            _report(error)


def _state(check: SelfCheck) -> dict[str, Any]:
    return {
        "index_version": check.index_version,
        "level": storable(check.level),
        "criteria": list(check.criteria),
        "replies": {
            id: {"verdict": reply.verdict.value, "compared": [storable(words) for words in reply.compared]}
            for id, reply in check.replies.items()
        },
    }


def _check(row: Row[Any]) -> SelfCheck:
    state = row.state
    return SelfCheck(
        row.notice_id,
        state["index_version"],
        tuple(state["criteria"]),
        state["level"],
        {
            id: Reply(Verdict(reply["verdict"]), tuple(reply["compared"]))
            for id, reply in state["replies"].items()
        },
    )


def _report(error: SQLAlchemyError) -> None:
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    logger.error("自查进度不能保存或读取（%s）。请检查 DATABASE_URL 和所在目录的权限、磁盘空间。", cause)
