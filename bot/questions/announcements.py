"""What a newer version says otherwise -> kept until staff decide whether those who subscribed are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.questions.database import Database, announcements
from bot.questions.log import utc_now


@dataclass(frozen=True, slots=True)
class Announcement:
    """The changes of one notice in one version."""

    id: int
    version: str
    notice_id: str
    title: str
    lines: tuple[str, ...]
    """Old value and new, a line each; none where the notice was taken away."""
    at: datetime
    decided_at: datetime | None
    """When staff decided whether it is sent; None where nobody has yet."""
    decided_by: str
    sent: bool


class Announcements:
    """Thread-safe. Raises SQLAlchemyError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    def note(self, version: str, notice_id: str, title: str, lines: Sequence[str]) -> bool:
        """Keeps the changes of a notice in a version; False where they are kept already."""
        row = {"version": version, "notice_id": notice_id, "title": title, "lines": list(lines)}
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(announcements).values(at=self._clock(), decided_by="", sent=0, **row)
                )
        except IntegrityError:
            return False
        return True

    def recent(self, limit: int = 10) -> tuple[Announcement, ...]:
        """The latest changes, newest first, decided or not."""
        newest = select(announcements).order_by(announcements.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return tuple(_announcement(row) for row in connection.execute(newest))

    def get(self, id: int) -> Announcement | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(announcements).filter_by(id=id)).one_or_none()
        return None if row is None else _announcement(row)

    def find(self, version: str, notice_id: str) -> Announcement | None:
        with self._engine.connect() as connection:
            found = select(announcements).filter_by(version=version, notice_id=notice_id)
            row = connection.execute(found).one_or_none()
        return None if row is None else _announcement(row)

    def decide(self, id: int, by: str, *, sent: bool) -> bool:
        """Notes who decided; False where somebody had done so before."""
        undecided = update(announcements).filter_by(id=id, decided_at=None)
        values = {"decided_at": self._clock(), "decided_by": by, "sent": int(sent)}
        with self._engine.begin() as connection:
            return bool(connection.execute(undecided.values(**values)).rowcount)


def _announcement(row: Row[Any]) -> Announcement:
    return Announcement(**{**row._mapping, "lines": tuple(row.lines), "sent": bool(row.sent)})
