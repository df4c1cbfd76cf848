"""Bytes <-> files named by their own SHA-256: written once, kept twice, never changed.

```
INDEX_DIR/objects/<sha256>    what versions are made of; shared by all versions that need it
INDEX_DIR/spare/<sha256>      the same again: a file that the disk has damaged is read from here
```
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import IndexDamaged, IndexNotWritten
from bot.hashes import file_sha256

logger = logging.getLogger(__name__)

FOLDERS = ("objects", "spare")
_UNFINISHED = ".new-"
_SYNCED_AT_ONCE = 16
"""Files: the file system puts their syncs into few writes, so that ten take hardly longer than one."""


class ObjectStore:
    """The objects under one index folder. Writers hold the build lock; readers need none."""

    def __init__(self, root: Path) -> None:
        self._folders = tuple(root / name for name in FOLDERS)
        self._unsynced: list[Path] = []

    def add(self, data: bytes) -> str:
        """Keeps the bytes and gives their name; what is there and whole is not written again.

        They are safe from a power cut after `sync`. Raises IndexNotWritten.
        """
        name = hashlib.sha256(data).hexdigest()
        for folder in self._folders:
            if not _is_whole(folder / name, name):
                self._write(folder, name, data)
        return name

    def get(self, name: str) -> bytes:
        """The bytes, from whichever copy is whole. Raises IndexDamaged where none is."""
        for folder in self._folders:
            with suppress(OSError):
                data = (folder / name).read_bytes()
                if hashlib.sha256(data).hexdigest() == name:
                    return data
            logger.error("索引文件 %s 缺失或已损坏，改读备份", folder / name)
        raise IndexDamaged(
            f"索引文件 {self._folders[0] / name} 和它的备份都已缺失或损坏。请重新运行：python index_builder.py"
        )

    def copies(self, name: str) -> int:
        """How many of the two copies are whole."""
        return sum(_is_whole(folder / name, name) for folder in self._folders)

    def mend(self, name: str) -> bool:
        """Writes a damaged copy anew from the whole one; False where neither is whole. Raises IndexNotWritten."""
        copies = self.copies(name)
        if 0 < copies < len(self._folders):
            self.add(self.get(name))
        return copies > 0

    def names(self) -> frozenset[str]:
        """Names of the objects that are there, whole or not."""
        with suppress(OSError):
            return frozenset(os.listdir(self._folders[0]))
        return frozenset()

    def sync(self) -> None:
        """Forces all that was added to disk. Raises IndexNotWritten."""
        paths, self._unsynced = self._unsynced, []
        if paths:
            with disk_errors():
                sync_all([*paths, *self._folders])

    def keep_only(self, names: Collection[str]) -> None:
        """Removes every other object, and what interrupted writers left."""
        for folder in self._folders:
            if folder.is_dir():
                for entry in os.scandir(folder):
                    if entry.name not in names:
                        with suppress(OSError):
                            os.unlink(entry.path)

    def leftovers(self, names: Collection[str]) -> int:
        """Number of files that `keep_only` would remove."""
        return sum(
            entry.name not in names
            for folder in self._folders
            if folder.is_dir()
            for entry in os.scandir(folder)
        )

    def _write(self, folder: Path, name: str, data: bytes) -> None:
        new = folder / f"{_UNFINISHED}{name}"
        with disk_errors():
            folder.mkdir(parents=True, exist_ok=True)
            new.write_bytes(data)
            new.replace(folder / name)
        self._unsynced.append(folder / name)


@contextmanager
def disk_errors() -> Iterator[None]:
    """A disk that is full or refuses becomes an IndexNotWritten; tantivy reports it as a ValueError."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise IndexNotWritten(
            f"写入索引时出错（{error}），没有发布，已发布的版本不受影响。请检查磁盘空间和权限后重试。"
        ) from error


def sync_all(paths: Iterable[Path]) -> None:
    """Forces files and folders to disk: a power cut must not leave half a version current. Raises OSError."""
    with ThreadPoolExecutor(_SYNCED_AT_ONCE) as pool:
        list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folder, and needs no sync of one
        return
    descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_whole(path: Path, name: str) -> bool:
    try:
        return file_sha256(path) == name
    except OSError:
        return False
