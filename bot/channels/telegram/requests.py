"""HTTP to Telegram: the only module that says whether a failed request was carried out."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

RETRY_PAUSES: Final = (0.5, 2.0)
"""Seconds before each further try of a request that never left."""
POLL_PAUSES: Final = (0.05, 0.1, 0.2, 0.4)
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NOT_CARRIED_OUT: Final = (
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

# The library is changing this attribute from int to timedelta; both are understood here.
warnings.filterwarnings("ignore", message=".*`retry_after` will be of type", category=PTBDeprecationWarning)


class NotCarriedOut(NetworkError):
    """Telegram's own servers turned the request away."""


class ReplyLost(NetworkError):
    """Something between Telegram and here spoilt the reply."""


def certainly_not_done(error: BaseException) -> bool:
    """True where the request did not reach Telegram, or was turned away there."""
    return isinstance(error, NotCarriedOut) or isinstance(error.__cause__, _NEVER_LEFT)


def fate_unknown(error: BaseException) -> bool:
    """True where Telegram may have done what it was asked, and only the reply is missing."""
    if certainly_not_done(error):
        return False
    return isinstance(error, ReplyLost) or isinstance(error.__cause__, httpx.TransportError)


class CarefulRequest(HTTPXRequest):
    """HTTP requests that are tried again only where the first try never left.

    Raises NotCarriedOut and ReplyLost beside the library's errors.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        is_file = kwargs.get("method") == "GET"
        for pause in RETRY_PAUSES:
            try:
                return _checked(*await super().do_request(*args, **kwargs), is_file=is_file)
            except NetworkError as error:
                if not isinstance(error.__cause__, _NEVER_LEFT):
                    raise
            await asyncio.sleep(pause)
        return _checked(*await super().do_request(*args, **kwargs), is_file=is_file)


class PollingRequest(HTTPXRequest):
    """Long polls, tried again at once where they fail; `on_polled` hears of each that was answered, `on_refused`
    of a token that Telegram no longer knows. A poll confirms the updates of the one before: it waits for `kept`.

    The library's polling loop waits a second and more after a failed poll, and ends in silence where the token
    is refused: the bot would be slow, or deaf.
    """

    def __init__(
        self,
        *,
        kept: Callable[[], Awaitable[None]],
        on_refused: Callable[[], None],
        on_polled: Callable[[], None],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._kept = kept
        self._on_refused = on_refused
        self._on_polled = on_polled

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        await self._kept()
        for pause in POLL_PAUSES:
            try:
                return await self._poll(*args, **kwargs)
            except TimedOut:
                raise  # the library polls again at once
            except NetworkError:
                await asyncio.sleep(pause)
        return await self._poll(*args, **kwargs)

    async def _poll(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, payload = _checked(*await super().do_request(*args, **kwargs))
        if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            self._on_refused()
        if code == HTTPStatus.OK:
            self._on_polled()
        return code, payload


def _checked(code: int, payload: bytes, *, is_file: bool = False) -> tuple[int, bytes]:
    """The reply itself, JSON unless a file was fetched. Raises NotCarriedOut, ReplyLost."""
    if code in _NOT_CARRIED_OUT or (code == HTTPStatus.TOO_MANY_REQUESTS and b"retry_after" not in payload):
        raise NotCarriedOut(f"{HTTPStatus(code).phrase} ({code})")
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ReplyLost(f"HTTP {code}")
    if code == HTTPStatus.OK and not is_file:
        try:
            json.loads(payload)
        except ValueError as error:
            raise ReplyLost("the reply is not JSON") from error
    return code, payload
