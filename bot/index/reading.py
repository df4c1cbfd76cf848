"""A file -> its documents: out of the version before where its content is known, else read; never worse than before."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bot.datamodels import FilePart
from bot.documents.library import Read
from bot.errors import DamagedDocument, DocumentChanging, DocumentError
from bot.index.shards import ReadFile
from bot.index.sources import Identity, identity_of

logger = logging.getLogger(__name__)

ContentKey = tuple[str, str]
"""SHA-256 of a file's bytes and its suffix: what its documents depend on."""
Refused = dict[ContentKey, DocumentError | tuple[FilePart, ...]]
"""Files that could not be read, or not all of them, and what came of it."""

KEPT = "{reason}，暂用上一版本里它的内容，下次更新时再读。"
CHANGING = "文件正在被写入"
UNEXPECTED = "读取时出现意外错误（{error}），没有收入索引。请检查文件，或另存为别的格式后重试；详情见日志。"


def content_key(file: str, sha256: str) -> ContentKey:
    return sha256, PurePosixPath(file).suffix.lower()


class Reading:
    """Reads the files of one notice for `load_notice`, and keeps account of them."""

    def __init__(
        self,
        root: Path,
        hashes: Mapping[str, str],
        identity: Callable[[str], Identity | None],
        read: Read,
        known: Callable[[ContentKey], tuple[FilePart, ...] | None],
        before: Callable[[], Mapping[str, ReadFile]],
        refused: Refused,
    ) -> None:
        """`hashes` and `identity` are of the last scan, `before` the notice's files in the version before."""
        self._root = root
        self._hashes = hashes
        self._identity = identity
        self._read = read
        self._known = known
        self._before = before
        self._refused = refused
        self.files: list[ReadFile] = []
        """What was read, for the next build."""
        self.failed: set[str] = set()
        """Files of which something was not read, or not as it is now."""
        self.unsettled: set[str] = set()
        """Those of them that were being written or could not be opened."""

    def __call__(self, path: Path) -> tuple[FilePart, ...]:
        """The documents of a file. Raises a DocumentError or OSError where there are none."""
        file = path.relative_to(self._root).as_posix()
        key = content_key(file, self._hashes.get(file, ""))
        if key[0] and (parts := self._known(key)) is not None:
            self.files.append(ReadFile(file, key[0], parts))
            return parts
        if key in self._refused:
            return self._refuse(file, self._refused[key])
        try:
            parts = self._guarded(path, file)
        except (DocumentChanging, OSError) as error:
            return self._as_before(file, error)
        except DocumentError as error:
            self._refused[key] = error
            return self._refuse(file, error)
        if any(part.error for part in parts):
            self._refused[key] = parts
            return self._refuse(file, parts)
        self.files.append(ReadFile(file, key[0], parts))
        return parts

    def _guarded(self, path: Path, file: str) -> tuple[FilePart, ...]:
        """Raises DocumentChanging where the file is not the one that was hashed."""
        identity = self._identity(file)
        try:
            parts = self._read(path)
        except (DocumentError, OSError):
            raise
        except Exception as error:  # one file must never keep the others out
            logger.exception("读取文件 %s 时出错", path)
            raise DamagedDocument(UNEXPECTED.format(error=error or type(error).__name__)) from error
        if identity is None or identity_of(path.stat()) != identity:
            raise DocumentChanging(f"{CHANGING}，这次没有读取。请稍后再试，或等下一次更新。")
        return parts

    def _refuse(self, file: str, refusal: DocumentError | tuple[FilePart, ...]) -> tuple[FilePart, ...]:
        self.failed.add(file)
        if isinstance(refusal, DocumentError):
            raise refusal
        return refusal

    def _as_before(self, file: str, error: DocumentChanging | OSError) -> tuple[FilePart, ...]:
        """What the file said in the version before, with a warning; raises the error where it was not there."""
        self.failed.add(file)
        self.unsettled.add(file)
        before = self._before().get(file)
        if before is None:
            raise error
        self.files.append(before)
        code = error.errno if isinstance(error, OSError) else None
        reason = CHANGING if code is None else f"无法打开文件（{os.strerror(code)}）"
        return tuple(_warned(part, KEPT.format(reason=reason)) for part in before.parts)


def _warned(part: FilePart, warning: str) -> FilePart:
    if part.converted is None:
        return part
    return replace(part, converted=replace(part.converted, warnings=(warning, *part.converted.warnings)))
