"""A file -> its documents, read in a confined process that a hostile file may ruin without harm."""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.datamodels import FilePart
from bot.errors import DamagedDocument, DocumentChanging, DocumentError, DocumentTooLarge
from bot.records import record_from_json

logger = logging.getLogger(__name__)

STEP_SECONDS = 60.0
"""Wall time that a file may take, or the next page or member of it: each that is done starts it anew."""
TOTAL_SECONDS = 3600.0
"""Wall time of a file with all its pages and members."""
MEMORY_BYTES = 5 << 29
"""Address space of the process: 2.5 GiB, of which recognising pictures takes 1.4."""
MAX_REPLY_BYTES = 128 << 20
PROJECT = Path(__file__).resolve().parent.parent.parent

_PASSED_ON = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV",
)  # fmt: skip
"""Of the environment; the rest, tokens and passwords among it, is not the reader's business."""

_TOO_SLOW = (
    "读取超过 {seconds} 秒仍未完成，已停止。请用原软件打开核对，拆分或另存为 .docx、.xlsx 后放回原处。"
)
_TOO_MUCH_MEMORY = (
    "读取这个文件所需的内存超过上限，已停止。请用原软件打开核对，拆分或压缩其中的图片后放回原处。"
)
_CRASHED = "读取时解析程序意外退出（{how}），文件可能已损坏或经过伪造。请用原软件打开后另存，再放回原处。"
_UNEXPECTED = "读取时出现意外错误（{error}），没有收入索引。请检查文件，或另存为别的格式后重试；详情见日志。"
_CHANGING = "文件正在被写入，这次没有读取。请稍后再试，或等下一次更新。"


@dataclass(frozen=True, slots=True)
class Message:
    """What the confined process says: that a step is done, or, as the last one to a request, what came of it."""

    step: bool = False
    """A page or member is done, more follows; all other fields are at their defaults."""
    parts: tuple[FilePart, ...] = ()
    error: str = ""
    """Name of the class in `bot.errors`, its text in `text`."""
    text: str = ""
    errno: int = 0
    """Of an OSError."""
    out_of_memory: bool = False
    unexpected: str = ""
    """Traceback of any other exception."""
    spent: bool = False
    """True where the process should not be given another file."""


class _Died(Exception):
    """The confined process has ended."""


class _Child:
    """One confined process with a folder of its own for temporary files."""

    def __init__(self, memory_bytes: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="notice-reader-", ignore_cleanup_errors=True)
        self._last_words = Path(self._folder.name, "stderr")
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "HOME": self._folder.name,
            "TMPDIR": self._folder.name,
            "PYTHONUTF8": "1",
            "MALLOC_ARENA_MAX": "2",
        }
        arguments = [str(os.getpid()), str(memory_bytes), self._folder.name]
        with self._last_words.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.documents.reader_process", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=PROJECT,
                env=environment,
                start_new_session=True,
                bufsize=0,
            )
        self._received = bytearray()
        self.heard = False
        """True from its first message to the present request on."""

    def ask(self, path: Path) -> None:
        """Raises _Died."""
        assert self._process.stdin is not None
        self.heard = False
        try:
            self._process.stdin.write(json.dumps({"path": str(path)}).encode() + b"\n")
        except OSError as error:
            raise _Died from error

    def messages(self, step_seconds: float, total_seconds: float) -> Iterator[Message]:
        """The messages to one request, as they come. Raises TimeoutError, _Died, ValueError."""
        last = time.monotonic() + total_seconds
        while True:
            line = self._line(min(last, time.monotonic() + step_seconds))
            self.heard = True
            message = record_from_json(Message, line.decode("utf-8", "surrogatepass"))
            yield message
            if not message.step:
                return

    def _line(self, deadline: float) -> bytes:
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while (end := self._received.find(b"\n")) < 0:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                chunk = os.read(self._process.stdout.fileno(), 1 << 20)
                if not chunk:
                    raise _Died
                self._received += chunk
                if len(self._received) > MAX_REPLY_BYTES:
                    raise ValueError("the reply is too long")
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def end(self, grace: float) -> tuple[int, str]:
        """Ends the process and all that it started, removes its folder; its exit status and last words.

        `grace` is how many seconds it has to end by itself, so that its own status tells why.
        """
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        words = ""
        with suppress(OSError):
            words = self._last_words.read_text(encoding="utf-8", errors="replace")[-4000:]
        self._folder.cleanup()
        return status, words


class ReaderProcess:
    """Reads files in one confined process after another: a new one only where a file ruined the last.

    A context manager; the first `read` starts the process, leaving the context ends it. It ends with this
    process too, however that ends. For one thread at a time.
    """

    def __init__(
        self,
        step_seconds: float = STEP_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._step_seconds = step_seconds
        self._total_seconds = total_seconds
        self._memory_bytes = memory_bytes
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(grace=1.0)

    def read(self, path: Path) -> tuple[FilePart, ...]:
        """The documents of a file, as `bot.documents.read_parts` gives them.

        Raises OSError where the file cannot be opened, DocumentChanging where it changed meanwhile, and any
        other DocumentError where it cannot be read: too slow, too much memory, damaged, unsupported …
        """
        path = path.absolute()
        before = _identity(path)
        try:
            parts = self._read(path)
        except (DocumentError, OSError):
            _refuse_change(path, before)  # half a file looks damaged
            raise
        _refuse_change(path, before)
        return parts

    def _read(self, path: Path) -> tuple[FilePart, ...]:
        before, child = self._child, self._asked(path)
        try:
            *_, answer = child.messages(self._step_seconds, self._total_seconds)
        except TimeoutError:
            self._end()
            raise DocumentTooLarge(_TOO_SLOW.format(seconds=f"{self._step_seconds:g}")) from None
        except _Died:
            if (
                child is before and not child.heard
            ):  # it may have been dying already, and took the path all the same
                self._end()
                return self._read(path)
            raise self._cause_of_death(path) from None
        except (ValueError, KeyError, TypeError) as error:
            self._end()  # no message of ours: whoever wrote it is not trusted
            raise DamagedDocument(_CRASHED.format(how="回答不合规格")) from error
        except BaseException:  # an interrupt: the answer would be taken for the next file's
            self._end()
            raise
        if answer.spent:
            self._end()
        return _parts(answer, path)

    def _asked(self, path: Path) -> _Child:
        """A process that has been given the path: the present one, or a new one where that has died idle."""
        if self._child is not None:
            with suppress(_Died):
                self._child.ask(path)
                return self._child
            self._end()
        self._child = _Child(self._memory_bytes)
        with suppress(_Died):  # found out, and explained, when its answer is waited for
            self._child.ask(path)
        return self._child

    def _end(self, grace: float = 0.0) -> tuple[int, str]:
        child, self._child = self._child, None
        return child.end(grace) if child is not None else (0, "")

    def _cause_of_death(self, path: Path) -> DocumentError:
        status, words = self._end(grace=5.0)
        how = signal.Signals(-status).name if status < 0 else f"退出码 {status}"
        logger.error("读取 %s 时解析程序退出（%s）：%s", path, how, words)
        if status == -signal.SIGXCPU:
            return DocumentTooLarge(_TOO_SLOW.format(seconds=f"{self._step_seconds:g}"))
        if status == -signal.SIGKILL or "memory" in words.lower() or "bad_alloc" in words:
            return DocumentTooLarge(_TOO_MUCH_MEMORY)
        return DamagedDocument(_CRASHED.format(how=how))


_KINDS: dict[str, type[DocumentError]] = {kind.__name__: kind for kind in DocumentError.__subclasses__()}


def _identity(path: Path) -> tuple[int, ...]:
    """What tells whether a file is still the same; empty where it is gone."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _refuse_change(path: Path, before: tuple[int, ...]) -> None:
    if _identity(path) != before:
        raise DocumentChanging(_CHANGING)


def _parts(answer: Message, path: Path) -> tuple[FilePart, ...]:
    """The documents that the answer brings; raises the error that it brings."""
    if answer.out_of_memory:
        raise DocumentTooLarge(_TOO_MUCH_MEMORY)
    if answer.errno:
        raise OSError(answer.errno, os.strerror(answer.errno), str(path))
    if answer.unexpected:
        logger.error("读取 %s 时出错：%s", path, answer.unexpected)
        raise DamagedDocument(_UNEXPECTED.format(error=answer.unexpected.strip().rpartition("\n")[2][:200]))
    if answer.error:
        raise _KINDS.get(answer.error, DamagedDocument)(answer.text)
    return answer.parts
