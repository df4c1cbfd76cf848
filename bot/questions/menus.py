"""Whose chats show the staff's commands: kept so that the menu is taken from those who are no longer staff."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select

from bot.questions.database import Database, insert_or_replace, meta

_NAME = "staff_menus"


class StaffMenus:
    """Thread-safe. Raises SQLAlchemyError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine

    def shown(self) -> frozenset[int]:
        """Telegram ids of the chats whose menu was set."""
        with self._engine.connect() as connection:
            value = connection.execute(select(meta.c.value).filter_by(name=_NAME)).scalar()
        return frozenset(json.loads(value)) if value else frozenset()

    def keep(self, ids: Iterable[int]) -> None:
        with self._engine.begin() as connection:
            insert_or_replace(connection, meta, {"name": _NAME, "value": json.dumps(sorted(ids))})
