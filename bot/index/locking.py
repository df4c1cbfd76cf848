"""Who may build: one process at a time; the lock ends with the process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bot.errors import BuildLocked, IndexNotWritten

LOCK = "build.lock"
HOLDER = "build.holder"
"""Who holds the lock: beside it, since taking a lock empties its file."""
SECONDS_BETWEEN_TRIES = 0.2


@contextmanager
def build_lock(
    index_root: Path, seconds: float = 0, waiting: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Holds the lock of an index folder; waits for another holder up to `seconds`, and says so through `waiting`.

    Raises BuildLocked with who holds it and since when, IndexNotWritten where the folder cannot be written.
    """
    try:
        index_root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index_root / LOCK, is_singleton=False, thread_local=False)
        _acquire(lock, index_root, seconds, waiting)
    except OSError as error:
        raise IndexNotWritten(
            f"无法写入索引文件夹 {index_root}（{error.strerror}）。请检查磁盘和权限。"
        ) from error
    try:
        with suppress(OSError):  # a full disk: the lock holds without a name
            (index_root / HOLDER).write_text(
                f"进程 {os.getpid()}，{datetime.now():%Y-%m-%d %H:%M:%S} 开始", "utf-8"
            )
        yield
    finally:
        with suppress(OSError):
            (index_root / HOLDER).unlink()
        lock.release()


def _acquire(lock: FileLock, index_root: Path, seconds: float, waiting: Callable[[str], None]) -> None:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = lock_holder(index_root)
        if seconds > 0:
            waiting(f"另一个索引程序正在工作（{holder}），等它结束，最多等 {seconds:.0f} 秒。")
        try:
            lock.acquire(timeout=seconds, poll_interval=SECONDS_BETWEEN_TRIES)
        except Timeout:
            raise BuildLocked(
                f"另一个索引程序正在工作（{lock_holder(index_root)}）。请等它结束后再试。"
            ) from None


def lock_holder(index_root: Path) -> str:
    """Process and beginning of whoever builds now, as far as it is known."""
    try:
        return (index_root / HOLDER).read_text("utf-8") or "未知进程"
    except OSError:
        return "未知进程"
