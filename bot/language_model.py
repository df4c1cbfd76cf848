"""Messages -> the words of a language model: the only module that talks to one.

Any server that speaks the OpenAI protocol (`POST …/chat/completions`) will do. The server is not trusted:
an answer is waited for no longer than a total deadline, read no further than a limit, and a server that
fails again and again is left alone for a while.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

import httpx

from bot.config import LanguageModelSettings
from bot.errors import LanguageModelError

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 8.0
"""From the call to the last byte; a person waits for an answer meanwhile."""
MAX_BYTES = 256 * 1024
"""Of a response's body."""
MAX_AT_ONCE = 8
"""Requests in flight, those included that nobody waits for any more."""
FAILURES_TO_OPEN = 3
"""Consecutive failures after which the server is left alone."""
PAUSE_SECONDS = 60.0
"""How long; then one request tries again."""
MAX_TOKENS = 800
_THINKING = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)


class LanguageModel:
    """A chat model behind an OpenAI-compatible server; safe to share by threads."""

    def __init__(
        self,
        settings: LanguageModelSettings,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._deadline_seconds = deadline_seconds
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._slots = threading.BoundedSemaphore(MAX_AT_ONCE)
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    @property
    def name(self) -> str:
        """`model @ host`: never the key, nor a password of the address."""
        return f"{self._settings.model} @ {urlsplit(self._settings.base_url).hostname}"

    def __repr__(self) -> str:
        return f"LanguageModel({self.name})"

    def complete(self, system: str, user: str) -> str:
        """The model's reply to a system and a user message.

        Raises LanguageModelError where there is none in time, or where the server is being left alone.
        Nothing is tried twice.
        """
        self._admit()
        try:
            text = self._within_deadline(_payload(self._settings.model, system, user))
        except LanguageModelError as error:
            self._failed(error)
            raise
        with self._lock:
            self._failures = 0
        return text

    # ------------------------------------------------------------ circuit breaker

    def _admit(self) -> None:
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return
            if self._clock() < self._closed_until:
                raise LanguageModelError("语言模型刚才连续出错，暂不使用。")
            self._closed_until = self._clock() + self._deadline_seconds + 1  # others wait for this one's luck

    def _failed(self, error: LanguageModelError) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._closed_until = self._clock() + self._pause_seconds
            opened = self._failures == FAILURES_TO_OPEN
        logger.warning("language model %s: %s%s", self.name, error, " (left alone)" if opened else "")

    # ------------------------------------------------------------ one request

    def _within_deadline(self, payload: bytes) -> str:
        """The reply; a thread that nobody waits for any more ends by itself.

        The timeouts of a connection begin anew with every byte, so that a server which drips could hold
        a person for hours: only waiting from outside keeps a total.
        """
        if not self._slots.acquire(blocking=False):
            raise LanguageModelError("语言模型正忙，请求太多。")
        replies: SimpleQueue[str | LanguageModelError] = SimpleQueue()

        def work() -> None:
            try:
                replies.put(_reply(self._request(payload)))
            except LanguageModelError as error:
                replies.put(error)
            except (
                Exception
            ) as error:  # of any library below: its words may repeat the request, the name does not
                replies.put(LanguageModelError(f"请求语言模型时出错（{type(error).__name__}）。"))
            finally:
                self._slots.release()

        threading.Thread(target=work, name="language-model", daemon=True).start()
        try:
            reply = replies.get(timeout=self._deadline_seconds)
        except Empty:
            raise self._too_late() from None
        if isinstance(reply, LanguageModelError):
            raise reply
        return reply

    def _too_late(self) -> LanguageModelError:
        return LanguageModelError(f"语言模型在 {self._deadline_seconds:g} 秒内没有答完。")

    def _request(self, payload: bytes) -> bytes:
        settings = self._settings
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if settings.api_key:
            headers["Authorization"] = f"Bearer {settings.api_key}"
        ends = time.monotonic() + self._deadline_seconds
        url = f"{settings.base_url}/chat/completions"
        body = bytearray()
        try:
            with httpx.stream(
                "POST", url, content=payload, headers=headers, timeout=self._deadline_seconds
            ) as response:
                if response.status_code != httpx.codes.OK:
                    raise LanguageModelError(f"语言模型服务返回 HTTP {response.status_code}。")
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    raise LanguageModelError("语言模型服务返回了没有要求的压缩内容。")
                for part in response.iter_raw():
                    body += part
                    if len(body) > MAX_BYTES:
                        raise LanguageModelError(f"语言模型的回答超过 {MAX_BYTES // 1024} KB。")
                    if time.monotonic() > ends:
                        raise self._too_late()
        except httpx.HTTPError as error:
            raise LanguageModelError(f"连不上语言模型服务（{type(error).__name__}）。") from None
        return bytes(body)


def _payload(model: str, system: str, user: str) -> bytes:
    messages: Sequence[dict[str, str]] = (
        {"role": "system", "content": system},
        {"role": "user", "content": user},
    )
    request = {
        "model": model,
        "messages": messages,
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
        "stream": False,
    }
    return json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")


def _reply(body: bytes) -> str:
    """`choices[0].message.content`, without the thoughts that some servers leave in it."""
    try:
        choice = json.loads(body)["choices"][0]
        content, finished = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise LanguageModelError("语言模型服务返回的不是约定的格式。") from None
    if not isinstance(content, str) or not content.strip():
        raise LanguageModelError("语言模型没有给出文字。")
    if finished == "length":
        raise LanguageModelError("语言模型的回答没有写完。")
    return _THINKING.sub("", content).strip()
