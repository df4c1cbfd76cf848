"""Questions -> worker threads, through a bounded queue; the event loop stays free for commands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

T = TypeVar("T")

WORKERS: Final = 2
CAPACITY: Final = 256
DEADLINE_SECONDS: Final = 60.0


class QueueFull(Exception):
    """As many questions wait as may; nothing was taken in."""


class QuestionQueue:
    """First come, first served; one conversation's questions one after another, in their order."""

    def __init__(
        self, workers: int = WORKERS, capacity: int = CAPACITY, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="question")
        self._free = asyncio.Semaphore(workers)
        self._capacity = capacity
        self._workers = workers
        self.deadline_seconds = deadline_seconds
        self.open = 0
        """Questions that wait or are at work."""
        self.finished = 0
        """Questions answered or given up since the start."""
        self._turns: dict[str, tuple[asyncio.Lock, int]] = {}

    @property
    def ahead(self) -> int:
        """How many questions a new one would have to wait for."""
        return max(0, self.open - self._workers + 1)

    @property
    def full(self) -> bool:
        return self.open >= self._capacity + self._workers

    async def run(self, conversation: str, work: Callable[[], T]) -> T:
        """What `work` returns, run in a worker thread when its turn comes.

        Raises QueueFull at once, TimeoutError when waiting and work together pass the deadline
        (a thread cannot be stopped: its worker is free again only when the work ends), and
        whatever `work` raises.
        """
        if self.full:
            raise QueueFull
        self.open += 1
        try:
            async with asyncio.timeout(self.deadline_seconds), self._turn(conversation):
                await self._free.acquire()
                future = asyncio.get_running_loop().run_in_executor(self._pool, work)
                future.add_done_callback(self._release)
                return await asyncio.shield(future)
        finally:
            self.open -= 1
            self.finished += 1

    def close(self) -> None:
        """Takes no more work and does not wait for what still runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _release(self, future: asyncio.Future[T]) -> None:
        self._free.release()
        if not future.cancelled():
            future.exception()  # seen, so that asyncio does not report one whose asker has gone

    @asynccontextmanager
    async def _turn(self, conversation: str) -> AsyncIterator[None]:
        lock, users = self._turns.get(conversation, (asyncio.Lock(), 0))
        self._turns[conversation] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._turns[conversation]
            if users > 1:
                self._turns[conversation] = (lock, users - 1)
            else:
                del self._turns[conversation]
