"""A staff act -> one row of the audit: who, when, what, on what, the state before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from bot.questions.database import Database, audit, storable
from bot.questions.log import utc_now


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: int
    at: datetime
    """In UTC."""
    actor: str
    """`telegram:7`, `cli:name`, `web:name`."""
    action: str
    """`upload.published`, `index.refreshed`, `faq.approved` ..."""
    object: str
    """What was acted on: an upload with its notice, an entry's id."""
    before: str
    after: str


class Audit:
    """What staff did, in order; rows are never changed. Thread-safe. Raises SQLAlchemyError where it fails."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    def record(self, actor: str, action: str, object: str, before: str = "", after: str = "") -> None:
        texts = {"actor": actor, "action": action, "object": object, "before": before, "after": after}
        row = {name: storable(text) for name, text in texts.items()}
        with self._engine.begin() as connection:
            connection.execute(insert(audit).values(at=self._clock(), **row))

    def recent(self, limit: int = 50) -> tuple[AuditEntry, ...]:
        """The last entries, newest first."""
        newest = select(audit).order_by(audit.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return tuple(AuditEntry(**row._mapping) for row in connection.execute(newest))
