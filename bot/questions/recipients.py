"""Who wants to be told what: people's time zones, reminders of deadlines, subscriptions to notices.

Rows here hold a chat's number, which the question log never does; all of them go when the person says so.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.questions.database import (
    Database,
    insert_missing,
    insert_or_replace,
    meta,
    recipients,
    reminders,
    subscriptions,
)
from bot.questions.log import utc_now
from bot.questions.outbox import Outgoing, add_messages, cancel_messages
from bot.reminders import DEFAULT_ZONE, Deadline, decent, followed, reminder_moments
from bot.today import day_in_china

MOST_REMINDERS = 50
MOST_SUBSCRIPTIONS = 50
FOLLOWED = "followed_version"


class TooMany(Exception):
    """This person has as many reminders or subscriptions as may be kept."""


@dataclass(frozen=True, slots=True)
class Reminder:
    id: str
    chat_id: int
    deadline: Deadline


class Recipients:
    """Thread-safe. Raises SQLAlchemyError where the database fails."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = database.engine
        self._clock = clock

    # ------------------------------------------------------------ people

    def time_zone(self, chat_id: int) -> ZoneInfo:
        """The zone that the person chose; China's where none was chosen."""
        with self._engine.connect() as connection:
            return _zone(connection, chat_id)

    def set_time_zone(self, chat_id: int, user_hash: str, zone: ZoneInfo) -> None:
        """Keeps the zone and moves the reminders that still wait to its hours."""
        now = self._clock()
        with self._engine.begin() as connection:
            _keep_recipient(connection, chat_id, user_hash)
            connection.execute(update(recipients).filter_by(chat_id=chat_id).values(time_zone=zone.key))
            of_chat = select(reminders).filter_by(chat_id=chat_id, ended=None)
            for row in connection.execute(of_chat).all():
                reminder = _reminder(row)
                cancel_messages(connection, f"reminder:{reminder.id}:", now)
                add_messages(connection, _messages(reminder, zone, now), now)

    def blocked(self, chat_id: int) -> None:
        """The person has blocked the bot: nothing is sent until he writes again."""
        with self._engine.begin() as connection:
            connection.execute(
                update(recipients)
                .where(recipients.c.chat_id == chat_id, recipients.c.blocked_at.is_(None))
                .values(blocked_at=self._clock())
            )

    def blocked_chats(self) -> frozenset[int]:
        with self._engine.connect() as connection:
            chats = select(recipients.c.chat_id).where(recipients.c.blocked_at.is_not(None))
            return frozenset(connection.execute(chats).scalars())

    def writes_again(self, chat_id: int) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(recipients).filter_by(chat_id=chat_id).values(blocked_at=None))

    # ------------------------------------------------------------ reminders

    def remind(
        self, chat_id: int, user_hash: str, deadline: Deadline
    ) -> tuple[Reminder, tuple[datetime, ...]]:
        """The reminder, and when it will be told; the one that is there already where it is the same.

        Raises TooMany.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            _keep_recipient(connection, chat_id, user_hash)
            own = [_reminder(row) for row in connection.execute(_of_chat(chat_id)).all()]
            reminder = next((each for each in own if each.deadline.id == deadline.id), None)
            if reminder is None:
                if len(own) >= MOST_REMINDERS:
                    raise TooMany
                reminder = Reminder(secrets.token_hex(6), chat_id, deadline)
                connection.execute(
                    insert(reminders).values(
                        id=reminder.id, chat_id=chat_id, deadline=asdict(deadline), created_at=now
                    )
                )
            messages = _messages(reminder, _zone(connection, chat_id), now)
            add_messages(connection, messages, now)
        return reminder, tuple(message.due_at for message in messages)

    def reminders(self, chat_id: int) -> tuple[Reminder, ...]:
        """A person's reminders, earliest deadline first."""
        with self._engine.connect() as connection:
            found = [_reminder(row) for row in connection.execute(_of_chat(chat_id)).all()]
        return tuple(sorted(found, key=lambda reminder: reminder.deadline.day))

    def drop_reminder(self, chat_id: int, reminder_id: str) -> bool:
        """False where this person has no such reminder."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(reminders).filter_by(id=reminder_id, chat_id=chat_id)).rowcount
            if gone:
                cancel_messages(connection, f"reminder:{reminder_id}:", self._clock())
        return bool(gone)

    def follow(self, deadlines: Callable[[str], Sequence[Deadline]]) -> int:
        """Moves the reminders to the dates that `deadlines` gives for their notices now; how many changed.

        A person is told of a date that moved, and of one that is gone before it was due. Doing it again changes
        nothing.
        """
        now, changed = self._clock(), 0
        today = day_in_china(now)
        with self._engine.begin() as connection:
            for row in connection.execute(select(reminders).filter_by(ended=None)).all():
                reminder = _reminder(row)
                latest = followed(reminder.deadline, deadlines(reminder.deadline.notice_id))
                if latest == reminder.deadline or (latest is None and reminder.deadline.day < today):
                    continue
                changed += 1
                zone = _zone(connection, reminder.chat_id)
                this = update(reminders).filter_by(id=reminder.id)
                if latest is None:
                    connection.execute(this.values(ended="gone"))
                    cancel_messages(connection, f"reminder:{reminder.id}:", now)
                    add_messages(connection, [_told(reminder, "gone", zone, now)], now)
                    continue
                connection.execute(this.values(deadline=asdict(latest)))
                moved = Reminder(reminder.id, reminder.chat_id, latest)
                if latest.value != reminder.deadline.value:
                    cancel_messages(connection, f"reminder:{reminder.id}:", now)
                    before = {"before": asdict(reminder.deadline)}
                    messages = [_told(moved, "moved", zone, now, before), *_messages(moved, zone, now)]
                    add_messages(connection, messages, now)
        return changed

    def followed_version(self) -> str | None:
        """The index version whose dates and changes people have been told; None before the first one."""
        with self._engine.connect() as connection:
            return connection.execute(select(meta.c.value).filter_by(name=FOLLOWED)).scalar()

    def set_followed_version(self, version: str) -> None:
        with self._engine.begin() as connection:
            insert_or_replace(connection, meta, {"name": FOLLOWED, "value": version})

    # ------------------------------------------------------------ subscriptions

    def subscribe(self, chat_id: int, user_hash: str, notice_id: str) -> None:
        """Raises TooMany."""
        with self._engine.begin() as connection:
            _keep_recipient(connection, chat_id, user_hash)
            own = (
                connection.execute(select(subscriptions.c.notice_id).filter_by(chat_id=chat_id))
                .scalars()
                .all()
            )
            if notice_id in own:
                return
            if len(own) >= MOST_SUBSCRIPTIONS:
                raise TooMany
            row = {"chat_id": chat_id, "notice_id": notice_id, "created_at": self._clock()}
            insert_missing(connection, subscriptions, [row])

    def unsubscribe(self, chat_id: int, notice_id: str) -> bool:
        """False where there was no such subscription."""
        own = delete(subscriptions).filter_by(chat_id=chat_id, notice_id=notice_id)
        with self._engine.begin() as connection:
            return bool(connection.execute(own).rowcount)

    def subscriptions(self, chat_id: int) -> tuple[str, ...]:
        """Ids of the notices that a person has subscribed to, oldest subscription first."""
        own = (
            select(subscriptions.c.notice_id).filter_by(chat_id=chat_id).order_by(subscriptions.c.created_at)
        )
        with self._engine.connect() as connection:
            return tuple(connection.execute(own).scalars())

    def subscribers(self, notice_id: str) -> tuple[int, ...]:
        """Chats that are to hear of a notice's changes and have not blocked the bot, ascending."""
        open_chats = (
            select(subscriptions.c.chat_id)
            .join(recipients, recipients.c.chat_id == subscriptions.c.chat_id)
            .where(subscriptions.c.notice_id == notice_id, recipients.c.blocked_at.is_(None))
            .order_by(subscriptions.c.chat_id)
        )
        with self._engine.connect() as connection:
            return tuple(connection.execute(open_chats).scalars())

    def tell_subscribers(self, version: str, notice_id: str, title: str, lines: Sequence[str]) -> int:
        """Puts the changes of a notice in a new version into the outbox, once a subscriber; how many people."""
        now = self._clock()
        of_notice = select(subscriptions.c.chat_id).filter_by(notice_id=notice_id)
        with self._engine.begin() as connection:
            chats = connection.execute(of_notice).scalars().all()
            messages = [
                Outgoing(
                    f"{change_key(version, notice_id)}{chat_id}",
                    chat_id,
                    "changed",
                    decent(now, _zone(connection, chat_id)),
                    {"notice_id": notice_id, "title": title, "lines": list(lines)},
                )
                for chat_id in chats
            ]
            return add_messages(connection, messages, now)


# ---------------------------------------------------------------- rows


def _of_chat(chat_id: int) -> Any:
    return select(reminders).filter_by(chat_id=chat_id, ended=None)


def _reminder(row: Row[Any]) -> Reminder:
    return Reminder(row.id, row.chat_id, Deadline(**row.deadline))


def _zone(connection: Connection, chat_id: int) -> ZoneInfo:
    return ZoneInfo(
        connection.execute(select(recipients.c.time_zone).filter_by(chat_id=chat_id)).scalar() or DEFAULT_ZONE
    )


def change_key(version: str, notice_id: str) -> str:
    """Beginning of the outbox keys of what a version changed in a notice; the chat follows."""
    return f"changed:{version}:{hashlib.sha256(notice_id.encode()).hexdigest()[:10]}:"


def _keep_recipient(connection: Connection, chat_id: int, user_hash: str) -> None:
    row = {"chat_id": chat_id, "user_hash": user_hash, "time_zone": DEFAULT_ZONE}
    insert_missing(connection, recipients, [row])


def _messages(reminder: Reminder, zone: ZoneInfo, now: datetime) -> list[Outgoing]:
    """The reminders that still lie ahead; what was sent of a date is not sent again at another hour."""
    return [
        Outgoing(
            f"reminder:{reminder.id}:{reminder.deadline.value}:{days}",
            reminder.chat_id,
            "reminder",
            moment,
            {"deadline": asdict(reminder.deadline), "days": days, "planned": moment.isoformat()},
        )
        for days, moment in reminder_moments(reminder.deadline.day, zone, now)
    ]


def _told(
    reminder: Reminder, kind: str, zone: ZoneInfo, now: datetime, more: dict[str, Any] | None = None
) -> Outgoing:
    key = f"{kind}:{reminder.id}:{reminder.deadline.value}:{now.timestamp():.0f}"
    body = {"deadline": asdict(reminder.deadline), **(more or {})}
    return Outgoing(key, reminder.chat_id, kind, decent(now, zone), body)
