"""Requests -> Telegram, each in its time: the only module that paces them and decides which to try again.

Telegram's limits: 30 messages a second overall, one a second in a chat with short bursts, 20 a minute in a
group; edits about as often. A 429 halts the chat that it names, and no other. (The library's own limiter halts
every chat, and any finishing request breaks its halt.)

Tried again: what certainly was not carried out (429, a connection that never came about, 500, 502, 503), for
as long as a message keeps its worth; and, whatever became of the first try, what is the same done twice
(edits, settings, replies to a button). Never tried again: a message whose fate is unknown (time-out, connection
lost while waiting for the reply), since a second copy is worse than a question whether it arrived.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.channels.telegram.requests import certainly_not_done, fate_unknown

log = logging.getLogger(__name__)

LONGEST_HALT_SECONDS: Final = 60.0
"""A chat that Telegram halts for longer gets its message refused instead."""
MESSAGE_PATIENCE_SECONDS: Final = 600.0
"""So long a message that certainly did not leave is tried again."""
PATIENCE_SECONDS: Final = 15.0
"""The same for every other request; a button's reply is too late after about as long."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 20.0
"""Seconds before the second try, doubled before each further one."""
SIMULTANEOUS_REQUESTS: Final = 24
"""The HTTP client is at its best from 16 to 32; with hundreds at once each takes five times as long."""
IDLE_CHATS_KEPT: Final = 1000
_TRIED_BY_OTHERS: Final = {"getMe", "setWebhook", "deleteWebhook", "getWebhookInfo"}
"""Whoever calls these tries again himself, as the outbox does; while connecting, for as long as it takes."""

Result = bool | dict[str, Any] | list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast messages may leave."""

    overall_a_second: float = 30.0
    bulk_a_second: float = 15.0
    """Of those, what the bot says unasked: answers keep the rest."""
    chat_a_second: float = 1.0
    chat_burst: int = 5
    group_a_minute: int = 20


# ---------------------------------------------------------------- what a sender says about his message


class Departure(Protocol):
    """Hears when a message leaves, and when it came back undone."""

    async def leaves(self) -> None: ...
    async def came_back(self) -> None: ...


_departure: ContextVar[Departure | None] = ContextVar("departure", default=None)
_bulk: ContextVar[bool] = ContextVar("bulk", default=False)


@contextmanager
def noting(departure: Departure | None) -> Iterator[None]:
    """What is sent in here is told to `departure`."""
    token = _departure.set(departure)
    try:
        yield
    finally:
        _departure.reset(token)


@contextmanager
def in_bulk() -> Iterator[None]:
    """What is sent in here nobody waits for: it leaves room for answers."""
    token = _bulk.set(True)
    try:
        yield
    finally:
        _bulk.reset(token)


# ---------------------------------------------------------------- pace


@dataclass(slots=True)
class Pace:
    """A rate with a burst: the generic cell rate algorithm (ITU-T I.371), times in seconds."""

    a_second: float
    burst: int
    due: float = 0.0
    """When the next request would leave at the bare rate."""

    def earliest(self, now: float) -> float:
        return max(now, self.due - (self.burst - 1) / self.a_second)

    def take(self, at: float) -> None:
        self.due = max(self.due, at) + 1 / self.a_second


@dataclass(slots=True)
class ChatPace:
    """A chat's own pace; in a group a minute's window as well."""

    pace: Pace
    a_minute: int | None
    left: deque[float] = field(default_factory=deque)
    """When the last messages leave, as many as a minute may see."""

    def earliest(self, now: float) -> float:
        at = self.pace.earliest(now)
        if self.a_minute is not None and len(self.left) >= self.a_minute:
            at = max(at, self.left[-self.a_minute] + 60)
        return at

    def take(self, at: float) -> None:
        self.pace.take(at)
        if self.a_minute is not None:
            self.left.append(at)
            while len(self.left) > self.a_minute:
                self.left.popleft()

    def idle(self, now: float) -> bool:
        return self.pace.due <= now and (not self.left or self.left[-1] + 60 <= now)


class FloodControl(BaseRateLimiter[None]):
    """The library's hook around every request but the polls."""

    def __init__(self, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._overall = Pace(self._limits.overall_a_second, int(self._limits.overall_a_second))
        self._in_bulk = Pace(self._limits.bulk_a_second, int(self._limits.bulk_a_second))
        self._chats: dict[tuple[str, bool], ChatPace] = {}
        self._halted_until: dict[str, float] = {}
        self._slots = asyncio.Semaphore(SIMULTANEOUS_REQUESTS)
        self.retries = 0
        """Requests that were tried again, since the start."""
        self.halts = 0
        """429s, since the start."""

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Result]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Result:
        """The result of the request.

        Raises RetryAfter where the chat is halted for long, and what the last try raised.
        """
        if endpoint == "sendChatAction":
            return await self._decorate(lambda: callback(*args, **kwargs), str(data.get("chat_id")))
        message = endpoint.startswith(("send", "copy", "forward"))
        patience = MESSAGE_PATIENCE_SECONDS if message else PATIENCE_SECONDS
        if _bulk.get() or endpoint in _TRIED_BY_OTHERS:
            patience = 0.0
        given_up, pause = self._clock() + patience, FIRST_PAUSE
        departure = _departure.get() if message else None
        repeated = False
        while True:
            await self._wait_turn(endpoint, data)
            try:
                if departure:
                    await departure.leaves()
                async with self._slots:
                    return await callback(*args, **kwargs)
            except RetryAfter as error:
                if departure:
                    await departure.came_back()
                self._halt(_halted(endpoint, data), _seconds(error))
                if self._clock() >= given_up:
                    raise
            except BadRequest as error:
                if repeated and "not modified" in error.message.lower():
                    return True  # the earlier try was carried out
                raise
            except NetworkError as error:
                undone = certainly_not_done(error)
                if undone and departure:
                    await departure.came_back()
                again = undone or (fate_unknown(error) and not message)
                if not again or self._clock() + pause > given_up:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            repeated = True
            self.retries += 1

    async def _decorate(self, send: Callable[[], Coroutine[Any, Any, Result]], chat: str) -> Result:
        """`typing` is worth no waiting: skipped where the chat is halted, and never tried again."""
        if self._halted_until.get(chat, 0.0) > self._clock() or self._slots.locked():
            return True
        try:
            async with self._slots:
                return await send()
        except RetryAfter as error:
            self._halt(chat, _seconds(error))
            return True

    async def _wait_turn(self, endpoint: str, data: dict[str, Any]) -> None:
        """Raises RetryAfter where the turn comes too late."""
        chat = _halted(endpoint, data)
        paces = self._paces(endpoint, data)
        now = self._clock()
        at = now
        for pace in paces:
            at = max(at, pace.earliest(now))
        if at - now > LONGEST_HALT_SECONDS:
            raise RetryAfter(timedelta(seconds=at - now))
        for pace in paces:
            pace.take(at)
        while True:
            wait = max(at, self._halted_until.get(chat, 0.0)) - self._clock()
            if wait > LONGEST_HALT_SECONDS:
                raise RetryAfter(timedelta(seconds=wait))
            if wait <= 0:
                return
            await asyncio.sleep(wait)

    def _paces(self, endpoint: str, data: dict[str, Any]) -> list[Pace | ChatPace]:
        message = endpoint.startswith(("send", "copy", "forward"))
        if not (message or endpoint.startswith("edit")) or "chat_id" not in data:
            return []
        bulk = [self._in_bulk] if message and _bulk.get() else []
        return [self._chat_pace(str(data["chat_id"]), message), self._overall, *bulk]

    def _chat_pace(self, chat: str, message: bool) -> ChatPace:
        if len(self._chats) > IDLE_CHATS_KEPT:
            now = self._clock()
            self._chats = {key: pace for key, pace in self._chats.items() if not pace.idle(now)}
        pace = self._chats.get((chat, message))
        if pace is None:
            group = chat.startswith(("-", "@"))
            own = Pace(self._limits.chat_a_second, self._limits.chat_burst)
            pace = ChatPace(own, self._limits.group_a_minute if group else None)
            self._chats[chat, message] = pace
        return pace

    def _halt(self, chat: str, seconds: float) -> None:
        now = self._clock()
        self._halted_until = {key: until for key, until in self._halted_until.items() if until > now}
        self._halted_until[chat] = max(now + seconds, self._halted_until.get(chat, 0.0))
        self.halts += 1
        log.warning("Telegram halts %s for %.0f s", chat if chat.isalpha() else "a chat", seconds)


def _halted(endpoint: str, data: dict[str, Any]) -> str:
    return str(data.get("chat_id", endpoint))


def _seconds(error: RetryAfter) -> float:
    retry_after = error.retry_after
    return retry_after.total_seconds() if isinstance(retry_after, timedelta) else float(retry_after)
