"""Knowledge folder -> every notice's files with their hashes; a file that has not been touched is not read again."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.documents.leftovers import is_leftover
from bot.documents.library import FAQ_FOLDER, list_notice_folders
from bot.errors import SettingsError
from bot.hashes import file_sha256
from bot.index.versions import FileHash

SETTLED_NS = 2_000_000_000
"""A file changed less than this before it was hashed may change again within the clock's step: hashed anew."""

Identity = tuple[int, int, int, int]
"""Device, inode, size and change time (ns) of a file."""


@dataclass(frozen=True, slots=True)
class NoticeSources:
    """The files of one notice folder, or the one file that is a notice."""

    path: Path
    id: str
    """The notice's, as `load_notice` will give it."""
    files: tuple[FileHash, ...]
    unreadable: tuple[str, ...]
    """Folders within that could not be opened: what is missing of them is not gone."""


class SourceScanner:
    """Hashes the files of a knowledge folder; keeps what it has hashed, by each file's identity."""

    def __init__(self, knowledge: Path) -> None:
        self.knowledge = knowledge
        self._hashed: dict[str, tuple[Identity, str]] = {}
        self._seen: dict[str, Identity] = {}

    def scan(self) -> tuple[NoticeSources, ...]:
        """Every notice, by path. Raises SettingsError where the knowledge folder cannot be opened."""
        try:
            folders = list_notice_folders(self.knowledge)
        except OSError as error:
            raise SettingsError(
                f"无法打开知识文件夹“{self.knowledge}”（{error.strerror}）。请检查权限和磁盘。"
            ) from error
        before, self._hashed, self._seen = self._hashed, {}, {}
        taken = Counter(_name(folder) for folder in folders)
        taken[FAQ_FOLDER] += (self.knowledge / FAQ_FOLDER).is_dir()
        return tuple(self._scanned(folder, taken, before) for folder in folders)

    def faq(self) -> tuple[FileHash, ...]:
        """The approved pages of frequent questions, drafts left out."""
        folder = self.knowledge / FAQ_FOLDER
        if not folder.is_dir():
            return ()
        names = sorted(
            path.name for path in folder.iterdir() if path.is_file() and not is_leftover(path.name)
        )
        return tuple(self._hash(f"{FAQ_FOLDER}/{name}", {}) for name in names)

    def identity(self, path: str) -> Identity | None:
        """What a file was like at the last scan; None where it could not be opened, or is no ordinary file."""
        return self._seen.get(path)

    def _scanned(
        self, folder: Path, taken: Counter[str], before: dict[str, tuple[Identity, str]]
    ) -> NoticeSources:
        unreadable: list[str] = []
        if folder.is_symlink() or not folder.is_dir():
            names = [folder.name]
        else:
            names = list(self._walk(folder.name, unreadable))
        files = tuple(self._hash(name, before) for name in names)
        notice_id = folder.name if taken[_name(folder)] > 1 else _name(folder)
        return NoticeSources(folder, notice_id, files, tuple(unreadable))

    def _walk(self, folder: str, unreadable: list[str]) -> Iterator[str]:
        """Paths of the files below, from the knowledge folder; strings, since there may be many."""
        try:
            with os.scandir(f"{self.knowledge}/{folder}") as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            unreadable.append(folder)
            return
        for entry in entries:
            if is_leftover(entry.name):
                continue
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(path, unreadable)
            else:
                yield path

    def _hash(self, name: str, before: dict[str, tuple[Identity, str]]) -> FileHash:
        path = f"{self.knowledge}/{name}"
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                target = os.path.realpath(path)
                inside = Path(target).is_relative_to(os.path.realpath(self.knowledge))
                if not (
                    inside and os.path.isfile(target)
                ):  # it will be refused: its content is not our business
                    return FileHash(name, hashlib.sha256(os.fsencode(target)).hexdigest())
                status = os.stat(path)
            elif not stat.S_ISREG(status.st_mode):
                return FileHash(name, hashlib.sha256(b"").hexdigest())
            identity = identity_of(status)
            known = before.get(name)
            sha256 = known[1] if known and known[0] == identity else file_sha256(Path(path))
        except OSError:
            return FileHash(name, "")
        self._seen[name] = identity
        if time.time_ns() - status.st_mtime_ns > SETTLED_NS:
            self._hashed[name] = (identity, sha256)
        return FileHash(name, sha256)


def _name(path: Path) -> str:
    return path.name if path.is_dir() else path.stem


def identity_of(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def source_hashes(knowledge: Path) -> tuple[FileHash, ...]:
    """Every file of every notice, and every approved page of the FAQ folder, with its hash, as a build sees them.

    Raises SettingsError where the knowledge folder cannot be opened.
    """
    scanner = SourceScanner(knowledge)
    return (*(file for notice in scanner.scan() for file in notice.files), *scanner.faq())
