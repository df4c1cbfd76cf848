"""The outbox -> Telegram; a new index version -> what people must hear of it; once a day, what is too old goes.

One task, beside the handlers, for as long as the bot runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from telegram import Bot
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.catalogue import Catalogue
from bot.channels.telegram import messages
from bot.channels.telegram.flood_control import in_bulk
from bot.channels.telegram.reminder_desk import day_words, deadline_words, what
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.requests import fate_unknown
from bot.channels.telegram.stores import Stores
from bot.deadlines import state
from bot.questions.outbox import Outgoing
from bot.reminders import DAYS_BEFORE, Deadline, decent, reminder_moments
from bot.today import day_in_china

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 2.0
AT_ONCE: Final = 8
"""Messages on the way together: so many may be in doubt after the process is killed."""
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=5), timedelta(hours=1)
LATE: Final = timedelta(hours=3)
"""A reminder is called late from here on."""
CHANGES_SHOWN: Final = 12
_AT_ANY_HOUR: Final = "broadcast"
"""Staff choose their own hour."""


Tell = Callable[[str, str, str, Sequence[str]], object]
"""Tells subscribers what a version changed in a notice: (version, notice's id, its title, old -> new a line)."""


class Courier:
    """Sends what is due, each message once as far as Telegram lets anybody know."""

    def __init__(
        self,
        catalogue: Catalogue,
        stores: Stores,
        clock: Callable[[], datetime],
        retention_days: int,
        look_seconds: float = LOOK_SECONDS,
        hold: Tell | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._stores = stores
        self._clock = clock
        self._retention_days = retention_days
        self._look_seconds = look_seconds
        self._tell_of_change: Tell = hold or stores.recipients.tell_subscribers
        self._stopping = asyncio.Event()
        self._cleaned_on: date | None = None
        self.blocked: frozenset[int] = frozenset()
        """Chats of people who have blocked the bot."""
        self.sent = 0
        """Messages of the outbox that left, since the start."""

    async def run(self, bot: Bot) -> None:
        """Works until `stop`; what fails is logged and tried again with the next look."""
        await self._guarded(self._recover)
        while not self._stopping.is_set():
            await self._guarded(self._clean)
            await self._guarded(self._follow)
            while not self._stopping.is_set() and await self._guarded(lambda: self._send_due(bot)):
                pass
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._look_seconds)

    def stop(self) -> None:
        """Lets what is on the way end, and starts nothing more."""
        self._stopping.set()

    async def writes(self, chat_id: int) -> None:
        """A person wrote: whoever had blocked the bot has not any more."""
        if chat_id in self.blocked:
            self.blocked -= {chat_id}
            await self._stores.run(self._stores.recipients.writes_again, chat_id)

    async def _guarded(self, work: Callable[[], Any]) -> bool:
        """What the work says; False where it failed."""
        try:
            return bool(await work())
        except Exception:
            log.exception("the courier goes on after an error")
            return False

    # ------------------------------------------------------------ beside sending

    async def _recover(self) -> None:
        count = await self._stores.run(self._stores.outbox.recover)
        if count:
            log.warning("%d messages were on the way when the bot ended; they are repeated and say so", count)
        self.blocked = await self._stores.run(self._stores.recipients.blocked_chats)

    async def _clean(self) -> None:
        """Once a day and at the start."""
        today = day_in_china(self._clock())
        if self._cleaned_on == today:
            return
        count = await self._stores.run(self._stores.personal_data.forget_daily, self._retention_days)
        await self._stores.run(self._stores.inbox.forget_old)
        self._cleaned_on = today
        log.info("%d rows have served their time", count)

    async def _follow(self) -> None:
        """Tells people what the index published since they were last told says otherwise."""
        recipients = self._stores.recipients
        version = self._catalogue.version
        told = await self._stores.run(recipients.followed_version)
        if told == version:
            return
        moved = await asyncio.to_thread(recipients.follow, self._catalogue.deadlines)
        if told is not None:
            changes = await asyncio.to_thread(self._catalogue.changes_since, told)
            if changes is None:
                log.warning("version %s is gone: its subscribers cannot be told what changed", told)
            for change in changes or ():
                lines = [] if change.removed else [str(fact) for fact in change.facts]
                await self._stores.run(self._tell_of_change, version, change.notice_id, change.title, lines)
        await self._stores.run(recipients.set_followed_version, version)
        log.info("index version %s: %d reminders moved or ended", version, moved)

    # ------------------------------------------------------------ sending

    async def _send_due(self, bot: Bot) -> bool:
        """True where something was due."""
        claimed = await self._stores.run(self._stores.outbox.claim, AT_ONCE)
        await asyncio.gather(*(self._send(bot, message) for message in claimed))
        return bool(claimed)

    async def _send(self, bot: Bot, message: Outgoing) -> None:
        outbox, now = self._stores.outbox, self._clock()
        zone = await self._stores.run(self._stores.recipients.time_zone, message.chat_id)
        hour = now if message.kind == _AT_ANY_HOUR else decent(now, zone)
        if hour > now:
            await self._stores.run(outbox.released, message, hour)
            return
        text = words_of(message, zone, now)
        if text is None:
            await self._stores.run(outbox.cancelled, message)
            return
        later = now + min(FIRST_RETRY * 2 ** min(message.tries, 20), LONGEST_RETRY)
        try:
            with in_bulk():
                for part in text:
                    await bot.send_message(message.chat_id, part)
        except (Forbidden, BadRequest) as error:
            if isinstance(error, BadRequest) and "chat not found" not in error.message.lower():
                log.error("a message of kind %s was refused: %s", message.kind, error.message)
                await self._stores.run(outbox.cancelled, message)
                return
            log.info("blocked: %s", error.message)
            await self._stores.run(self._stores.recipients.blocked, message.chat_id)
            self.blocked |= {message.chat_id}
            await self._stores.run(outbox.released, message, now)
        except RetryAfter as error:
            wait = error.retry_after
            halt = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
            await self._stores.run(outbox.released, message, now + halt)
        except NetworkError as error:
            if fate_unknown(error):
                log.warning("no reply to a message of the outbox: %s", error.message)
                await self._stores.run(outbox.in_doubt, message, later)
            else:
                await self._stores.run(outbox.released, message, later)
        except TelegramError:
            log.exception("a message of the outbox failed")
            await self._stores.run(outbox.released, message, later)
        else:
            self.sent += 1
            await self._stores.run(outbox.sent, message)


# ---------------------------------------------------------------- words


def words_of(message: Outgoing, zone: ZoneInfo, now: datetime) -> list[str] | None:
    """Parts in Telegram HTML; None for a reminder in whose place a later one is due already.

    A broadcast brings its own HTML as `html`.
    """
    if message.kind == "broadcast":
        note = text_to_html(messages.MAYBE_TOLD)[0] + "\n" if message.doubtful else ""
        return [note + str(message.body["html"])]
    text = _text(message.kind, message.body, zone, now)
    if text is None:
        return None
    return text_to_html(f"{messages.MAYBE_TOLD}\n{text}" if message.doubtful else text)


def _text(kind: str, body: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str | None:
    if kind == "changed":
        return changes_text(str(body["title"]), body["lines"])
    deadline = Deadline(**body["deadline"])
    stands = state(deadline.value, day_in_china(now))
    if kind == "reminder":
        days, planned = int(body["days"]), datetime.fromisoformat(body["planned"])
        ahead = {days for days, _ in reminder_moments(deadline.day, zone, now)}
        if any(other < days and other not in ahead for other in DAYS_BEFORE):
            return None
        text = messages.REMINDER.format(deadline=deadline_words(deadline), state=stands)
        if now - planned > LATE:
            local = planned.astimezone(zone)
            text += messages.REMINDER_LATE.format(planned=f"{local.month}月{local.day}日{local.hour}点")
        return text
    words = {"title": deadline.notice, "what": what(deadline)}
    if kind == "moved":
        before = day_words(Deadline(**body["before"]))
        return messages.REMINDER_MOVED.format(before=before, after=day_words(deadline), state=stands, **words)
    if kind == "gone":
        return messages.REMINDER_DEADLINE_GONE.format(day=day_words(deadline), **words)
    raise ValueError(f"no wording for {kind!r}")


def changes_text(title: str, lines: Sequence[str]) -> str:
    """What subscribers read of a notice's changes; of one that was taken away where there are none."""
    if not lines:
        return messages.NOTICE_REMOVED.format(title=title)
    more = len(lines) - CHANGES_SHOWN
    shown = ["· " + line for line in lines[:CHANGES_SHOWN]]
    rest = [messages.NOTICE_CHANGED_MORE.format(n=more)] if more > 0 else []
    return "\n".join([messages.NOTICE_CHANGED.format(title=title), *shown, *rest])
