"""Message parts -> Telegram, each at most once: the only module that decides what may be sent again.

Sent again: a request that never left (no connection, no free place in the pool) and one that
Telegram turned away with 429. Never sent again: a message whose fate is unknown (time-out,
connection lost while waiting for the reply), since a second copy is worse than a lost one.
"""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx
from telegram import InlineKeyboardMarkup, Message
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

from bot.channels.telegram.rendering import html_to_plain

log = logging.getLogger(__name__)

RETRY_PAUSES: Final = (0.5, 2.0)
"""Seconds before each further try of a request that never left."""
LONGEST_HALT_SECONDS: Final = 60.0
"""A chat that Telegram halts for longer gets its message refused instead."""
TRIES_AFTER_429: Final = 3

_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# The library is changing this attribute from int to timedelta; both are understood here.
warnings.filterwarnings("ignore", message=".*`retry_after` will be of type", category=PTBDeprecationWarning)

Result = bool | dict[str, Any] | list[dict[str, Any]]


def never_left(error: BaseException) -> bool:
    """True where the request certainly did not reach Telegram."""
    return isinstance(error.__cause__, _NEVER_LEFT)


def fate_unknown(error: BaseException) -> bool:
    """True where Telegram may have done what it was asked, and only the reply is missing."""
    return isinstance(error.__cause__, httpx.TransportError) and not never_left(error)


class CarefulRequest(HTTPXRequest):
    """HTTP requests that are tried again only where the first try never left."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        for pause in RETRY_PAUSES:
            try:
                return await super().do_request(*args, **kwargs)
            except NetworkError as error:
                if not never_left(error):
                    raise
            await asyncio.sleep(pause)
        return await super().do_request(*args, **kwargs)


class PollingRequest(HTTPXRequest):
    """Long polls; `on_refused` hears of a token that Telegram no longer knows.

    The library's polling loop ends in silence then, and the bot would be deaf.
    """

    def __init__(self, *, on_refused: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_refused = on_refused

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = await super().do_request(*args, **kwargs)
        if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            self._on_refused()
        return code, payload


class ChatBackoff(BaseRateLimiter[None]):
    """Waits where Telegram answers 429, in that chat alone.

    The library's own limiter halts every chat, and any finishing request breaks its halt.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._halted_until: dict[str, float] = {}

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
        """The result of the request. Raises RetryAfter when the halt is too long or comes again and again."""
        chat = str(data.get("chat_id", endpoint))
        decoration = endpoint == "sendChatAction"
        for remaining in reversed(range(TRIES_AFTER_429)):
            halt = self._halted_until.get(chat, 0.0) - self._clock()
            if halt > 0 and decoration:
                return True
            if halt > LONGEST_HALT_SECONDS:
                raise RetryAfter(timedelta(seconds=halt))
            await asyncio.sleep(max(halt, 0))
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._halt(chat, _seconds(error))
                if decoration:
                    return True
                if not remaining:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def _halt(self, chat: str, seconds: float) -> None:
        now = self._clock()
        self._halted_until = {key: until for key, until in self._halted_until.items() if until > now}
        self._halted_until[chat] = now + seconds
        log.warning("Telegram halts %s for %.0f s", chat, seconds)


def _seconds(error: RetryAfter) -> float:
    retry_after = error.retry_after
    return retry_after.total_seconds() if isinstance(retry_after, timedelta) else float(retry_after)


async def send_parts(
    message: Message, parts: Sequence[str], keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """Answers `message` with the parts in order, the keyboard under the last; in groups each quotes it.

    Raises TelegramError where a part was certainly not delivered.
    """
    for number, part in enumerate(parts, 1):
        await _send_part(message, part, keyboard if number == len(parts) else None)


async def _send_part(message: Message, part: str, keyboard: InlineKeyboardMarkup | None) -> None:
    try:
        await message.reply_text(part, reply_markup=keyboard)
    except BadRequest as error:
        if "can't parse entities" not in error.message.lower():
            raise
        log.error("Telegram refused our mark-up, sent as plain text: %s", error.message)
        await message.reply_text(html_to_plain(part), parse_mode=None, reply_markup=keyboard)
    except NetworkError as error:
        if not fate_unknown(error):
            raise
        log.warning("no reply to a sent message, not sent again: %s", error.message)
