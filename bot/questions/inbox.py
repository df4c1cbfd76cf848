"""Updates of a channel that must not be lost, nor handled twice, when the process ends in the middle.

An update is open from the moment it is taken in until its answer is about to leave; open ones are handled
again after a restart. From then on it is settled: a second answer would be worse than a lost one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.questions.database import Database, updates
from bot.questions.log import utc_now

logger = logging.getLogger(__name__)

MEMORY = timedelta(hours=24)
"""How long Telegram may deliver an update again."""
STILL_WANTED = timedelta(hours=1)
"""A question that waited for longer is not answered any more: the person has gone."""
TRIES = 3
"""An update that was at work at so many ends of the process may be what ended it."""


class Inbox:
    """Which updates have been taken in, and which of them are open. Thread-safe.

    A database that fails costs the protection against repeats, never an answer.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    def take(self, update_id: int, payload: str | None = None, user_hash: str = "") -> bool:
        """Notes an update, open where it has a payload; False where it came before within 24 hours."""
        return self.take_all([(update_id, payload, user_hash)]) == {update_id}

    def take_all(self, arrived: Sequence[tuple[int, str | None, str]]) -> set[int]:
        """Notes updates, each as (id, payload, user hash); the ids of those that did not come before.

        All of them where the database fails: an answer given twice is better than none.
        """
        now = self._clock()
        rows = {
            update_id: {
                "update_id": update_id,
                "seen_at": now,
                "payload": payload,
                "user_hash": user_hash,
                "tries": 0,
            }
            for update_id, payload, user_hash in arrived
        }
        try:
            with self._engine.begin() as connection:
                there = select(updates.c.update_id).where(updates.c.update_id.in_(rows))
                new = set(rows) - set(connection.execute(there).scalars())
                if new:
                    connection.execute(insert(updates), [rows[update_id] for update_id in sorted(new)])
                return new
        except IntegrityError:  # somebody else took one of them in between
            if len(rows) == 1:
                return set()
            return {each[0] for each in arrived if self.take_all([each])}
        except SQLAlchemyError as error:
            _report(error)
            return set(rows)

    def begun(self, update_id: int) -> None:
        """Work on an update begins: should it end the process, it is not begun without end."""
        try:
            with self._engine.begin() as connection:
                this = update(updates).filter_by(update_id=update_id)
                connection.execute(this.values(tries=updates.c.tries + 1))
        except SQLAlchemyError as error:
            _report(error)

    def settle(self, update_id: int) -> None:
        """Closes an update: what it said is deleted here."""
        self._set_payload(update_id, None)

    def reopen(self, update_id: int, payload: str) -> None:
        """Its answer certainly did not leave."""
        self._set_payload(update_id, payload)

    def open(self) -> tuple[str, ...]:
        """Payloads of the open updates, oldest first, but those that are too old or were begun too often."""
        since = self._clock() - STILL_WANTED
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    update(updates)
                    .where((updates.c.seen_at < since) | (updates.c.tries >= TRIES))
                    .values(payload=None)
                )
                waiting = updates.c.payload.is_not(None)
                found = select(updates.c.payload).where(waiting).order_by(updates.c.update_id)
                return tuple(connection.execute(found).scalars())
        except SQLAlchemyError as error:
            _report(error)
            return ()

    def forget_old(self) -> int:
        """Deletes what Telegram will not deliver again; how many updates."""
        try:
            with self._engine.begin() as connection:
                old = delete(updates).where(updates.c.seen_at < self._clock() - MEMORY)
                return connection.execute(old).rowcount
        except SQLAlchemyError as error:
            _report(error)
            return 0

    def _set_payload(self, update_id: int, payload: str | None) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(update(updates).filter_by(update_id=update_id).values(payload=payload))
        except SQLAlchemyError as error:
            _report(error)


def _report(error: SQLAlchemyError) -> None:
    cause = str(getattr(error, "orig", None) or error).split("\n")[0]
    logger.error("收件记录没有写入（%s）。回答不受影响，但重启后可能重复回答。", cause)
