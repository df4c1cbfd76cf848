"""Messages that the bot sends by itself: kept until they have left, claimed before they leave.

```
waiting --claim--> sending --> sent
   ^                  |  \\---> doubtful --claim--> sending ...
   \\---- released ----/
waiting --> cancelled
```
A process that ends between the claim and the result leaves `sending` behind: whether that message arrived
nobody can tell, so that it becomes doubtful at the next start, as one whose reply was lost does. A doubtful
message is sent again with words that say so, until its fate is known or it has been tried `MOST_TRIES` times.
What remains is a marked repeat; never a lost message, nor a bare second copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot.questions.database import Database, outbox, recipients
from bot.questions.log import utc_now

MOST_TRIES = 6
"""Of a message that is in doubt every time."""


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    DOUBTFUL = "doubtful"
    SENT = "sent"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one chat."""

    key: str
    """Says what it is; the same key is never sent twice, whoever adds it again."""
    chat_id: int
    kind: str
    """Which wording: reminder, moved, gone, changed, broadcast ..."""
    due_at: datetime
    """Not before; aware."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """What the wording needs, as JSON."""
    doubtful: bool = False
    """True where it may have arrived before: the wording must say so."""
    tries: int = 0


class Outbox:
    """Thread-safe; several processes may share the database. Raises SQLAlchemyError where it fails."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    def add(self, messages: Iterable[Outgoing]) -> int:
        """Keeps messages to be sent; how many of them were new."""
        with self._engine.begin() as connection:
            return add_messages(connection, messages, self._clock())

    def claim(self, limit: int = 20) -> tuple[Outgoing, ...]:
        """Messages that are due, now this caller's alone; none for a person who has blocked the bot."""
        now = self._clock()
        ready = outbox.c.state.in_([State.WAITING, State.DOUBTFUL])
        blocked = select(recipients.c.chat_id).where(recipients.c.blocked_at.is_not(None))
        due = (
            select(outbox)
            .where(ready, outbox.c.due_at <= now, outbox.c.chat_id.not_in(blocked))
            .order_by(outbox.c.due_at, outbox.c.key)
            .limit(limit)
        )
        claimed = []
        with self._engine.begin() as connection:
            for row in connection.execute(due).all():
                doubtful = row.state == State.DOUBTFUL
                took = connection.execute(
                    update(outbox)
                    .where(outbox.c.key == row.key, outbox.c.state == row.state)
                    .values(
                        state=State.SENDING,
                        tries=row.tries + 1,
                        changed_at=now,
                    )
                )
                if took.rowcount:
                    claimed.append(_outgoing(row, doubtful))
        return tuple(claimed)

    def sent(self, message: Outgoing) -> None:
        self._move(message, State.SENT)

    def released(self, message: Outgoing, due_at: datetime) -> None:
        """It certainly did not leave; it is due again at `due_at`."""
        self._move(message, State.DOUBTFUL if message.doubtful else State.WAITING, due_at)

    def in_doubt(self, message: Outgoing, due_at: datetime) -> None:
        """It may have arrived: repeated at `due_at`, and marked as a repeat."""
        self._move(message, State.DOUBTFUL if message.tries + 1 < MOST_TRIES else State.SENT, due_at)

    def cancelled(self, message: Outgoing) -> None:
        self._move(message, State.CANCELLED)

    def recover(self) -> int:
        """At the start of the only sender: what an earlier process left in the middle; how many messages."""
        now = self._clock()
        left = update(outbox).where(outbox.c.state == State.SENDING)
        with self._engine.begin() as connection:
            over = left.where(outbox.c.tries >= MOST_TRIES).values(state=State.SENT, changed_at=now)
            open_ = left.where(outbox.c.tries < MOST_TRIES).values(state=State.DOUBTFUL, changed_at=now)
            return connection.execute(over).rowcount + connection.execute(open_).rowcount

    def counts(self, prefix: str = "") -> dict[str, int]:
        """How many messages whose key begins with `prefix` are in which state."""
        count = (
            select(outbox.c.state, func.count())
            .where(outbox.c.key.startswith(prefix, autoescape=True))
            .group_by(outbox.c.state)
        )
        with self._engine.connect() as connection:
            return {state: number for state, number in connection.execute(count)}

    def forget_old(self, before: datetime) -> int:
        """Deletes messages that left, or were cancelled, before a moment; how many."""
        over = outbox.c.state.in_([State.SENT, State.CANCELLED])
        with self._engine.begin() as connection:
            return connection.execute(delete(outbox).where(over, outbox.c.changed_at < before)).rowcount

    def _move(self, message: Outgoing, state: State, due_at: datetime | None = None) -> None:
        values: dict[str, Any] = {"state": state, "changed_at": self._clock()}
        if due_at is not None:
            values["due_at"] = due_at
        with self._engine.begin() as connection:
            connection.execute(update(outbox).filter_by(key=message.key).values(**values))


def add_messages(connection: Connection, messages: Iterable[Outgoing], now: datetime) -> int:
    """Adds messages within somebody's transaction, or calls back a cancelled one; how many.

    One whose key is there in another state is left as it is.
    """
    wanted = {message.key: message for message in messages}
    there = select(outbox.c.key, outbox.c.state).where(outbox.c.key.in_(wanted))
    states = {key: state for key, state in connection.execute(there)}
    added = 0
    for key, message in wanted.items():
        row = {
            "key": key,
            "chat_id": message.chat_id,
            "kind": message.kind,
            "body": dict(message.body),
            "due_at": message.due_at,
            "state": State.WAITING,
            "tries": 0,
            "changed_at": now,
        }
        if key not in states:
            connection.execute(insert(outbox).values(**row))
        elif states[key] == State.CANCELLED:
            connection.execute(update(outbox).filter_by(key=key).values(**row))
        else:
            continue
        added += 1
    return added


def cancel_messages(connection: Connection, prefix: str, now: datetime) -> None:
    """Cancels what still waits under keys that begin with `prefix`, within somebody's transaction."""
    connection.execute(
        update(outbox)
        .where(outbox.c.key.startswith(prefix, autoescape=True))
        .where(outbox.c.state.in_([State.WAITING, State.DOUBTFUL]))
        .values(state=State.CANCELLED, changed_at=now)
    )


def _outgoing(row: Row[Any], doubtful: bool) -> Outgoing:
    return Outgoing(row.key, row.chat_id, row.kind, row.due_at, row.body, doubtful, row.tries)
