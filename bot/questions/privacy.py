"""What is kept of a person: shown, exported, deleted on request and when its time is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError

from bot.questions.database import (
    Database,
    conversations,
    grouped_questions,
    insert_or_replace,
    meta,
    metadata,
    outbox,
    question_groups,
    questions,
    reminders,
    self_checks,
    turns,
    wordings,
)
from bot.questions.database import feedback as votes
from bot.questions.log import utc_now
from bot.reminders import Deadline
from bot.today import day_in_china

logger = logging.getLogger(__name__)

CONVERSATION_DAYS = 30
"""The words of a conversation are needed for half an hour; so long at most they are kept."""
SENT_DAYS = 30
"""A message that has left is remembered so long, so that it does not leave again."""
PAST_DEADLINE_DAYS = 60
"""A deadline may be put off after it has passed; a reminder follows it so long."""
_FORGOTTEN = "forgotten"
"""Under this name `meta` holds the day on which old rows were last deleted, and for how many days of retention."""
_NOT_FOR_EXPORT = frozenset({"passages", "user_hash", "payload", "suggestions"})


class PersonalData:
    """Every row of a person, in whatever table. Thread-safe. Raises SQLAlchemyError where the database fails.

    A table belongs to people where it has a column `user_hash`, `chat_id`, or `key` of conversations: tables
    that come later are covered by naming their columns so.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    def export(self, user_hash: str, chat_id: int) -> dict[str, list[dict[str, Any]]]:
        """Table -> rows as JSON values; tables without a row of this person are left out."""
        found = {}
        with self._engine.connect() as connection:
            for table in personal_tables():
                rows = connection.execute(select(table).where(_belongs(table, user_hash, chat_id))).mappings()
                if values := [_json(row) for row in rows]:
                    found[table.name] = values
        return found

    def erase(self, user_hash: str, chat_id: int) -> int:
        """Deletes all that is kept of a person; how many rows."""
        count = 0
        with self._engine.begin() as connection:
            for table in reversed(personal_tables()):
                count += connection.execute(delete(table).where(_belongs(table, user_hash, chat_id))).rowcount
            return count + forget_orphans(connection)

    def forget_daily(self, retention_days: int) -> int:
        """`forget_old`, once a day in China for whichever process comes first; how many rows.

        A database that fails keeps them for another day: nobody waits for this.
        """
        done = {"name": _FORGOTTEN, "value": f"{day_in_china(self._clock())} {retention_days}"}
        try:
            with self._engine.connect() as connection:
                last = connection.execute(select(meta.c.value).filter_by(name=_FORGOTTEN)).scalar()
            if last == done["value"]:
                return 0
            count = self.forget_old(retention_days)
            with self._engine.begin() as connection:
                insert_or_replace(connection, meta, done)
            return count
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).split("\n")[0]
            logger.error("过了保留期限的记录没有删除（%s）。下次启动时再删。", cause)
            return 0

    def forget_old(self, retention_days: int) -> int:
        """Deletes questions with their votes after `retention_days` (0 keeps them), and whatever has served; how
        many rows."""
        now, count = self._clock(), 0
        with self._engine.begin() as connection:
            if retention_days:
                old = questions.c.asked_at < now - timedelta(days=retention_days)
                voted_on = select(questions.c.id).where(old)
                connection.execute(delete(votes).where(votes.c.question_id.in_(voted_on)))
                count += connection.execute(delete(questions).where(old)).rowcount
            days = min(CONVERSATION_DAYS, retention_days or CONVERSATION_DAYS)
            silent = turns.c.at < now - timedelta(days=days)
            count += connection.execute(delete(turns).where(silent)).rowcount
            left_alone = self_checks.c.at < now - timedelta(days=days)
            count += connection.execute(delete(self_checks).where(left_alone)).rowcount
            left = outbox.c.state.in_(["sent", "cancelled"])
            old_mail = outbox.c.changed_at < now - timedelta(days=SENT_DAYS)
            count += connection.execute(delete(outbox).where(left, old_mail)).rowcount
            past = (now - timedelta(days=PAST_DEADLINE_DAYS)).date()
            for row in connection.execute(select(reminders)).all():
                if Deadline(**row.deadline).day < past:
                    count += connection.execute(delete(reminders).filter_by(id=row.id)).rowcount
            return count + forget_orphans(connection)


def forget_orphans(connection: Connection) -> int:
    """Deletes wordings that no question of the log has any more, and groups without wordings; how many wordings."""
    asked = select(grouped_questions.c.question_id).where(grouped_questions.c.wording == wordings.c.digest)
    gone = connection.execute(delete(wordings).where(~exists(asked))).rowcount
    if gone:
        held = select(wordings.c.digest).where(wordings.c.group_id == question_groups.c.id)
        connection.execute(delete(question_groups).where(question_groups.c.became.is_(None), ~exists(held)))
    return gone


def personal_tables() -> tuple[Table, ...]:
    """Tables with rows of people, those that others refer to first."""
    return tuple(table for table in metadata.sorted_tables if _columns(table))


def _columns(table: Table) -> tuple[str, ...]:
    if table in (conversations, turns, self_checks):
        return ("key",)
    return tuple(name for name in ("user_hash", "chat_id") if name in table.columns)


def _belongs(table: Table, user_hash: str, chat_id: int) -> ColumnElement[bool]:
    """Rows of this person. A conversation's key is `telegram:<chat>:<topic>:<person>`, in groups as well."""
    tests: Mapping[str, Callable[[], ColumnElement[bool]]] = {
        "key": lambda: table.c.key.like(f"telegram:%:{chat_id}"),
        "user_hash": lambda: table.c.user_hash == user_hash,
        "chat_id": lambda: table.c.chat_id == chat_id,
    }
    return or_(*(tests[name]() for name in _columns(table)))


def _json(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in _NOT_FOR_EXPORT
    }
