"""Paths on standard input -> their documents on standard output: the confined process in which files are read.

Started by `isolation.ReaderProcess` alone, with the parent's process id, a limit of memory
and a folder for temporary files.
A request is a line of JSON, {"path": "…"}; it is answered by lines of JSON, an `isolation.Message` each.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import resource
import shutil
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from bot.documents import read_parts
from bot.documents.isolation import Message
from bot.documents.progress import on_step
from bot.errors import DocumentError
from bot.records import record_to_json

FILE_BYTES = 512 << 20
"""Of a temporary file that a conversion writes."""
STEP_CPU_SECONDS = 75 * (os.cpu_count() or 1)
"""Processor time of one step, over all threads; the parent's wall clock is the first guard."""
SPENT_MEMORY_BYTES = 3 << 29
"""A process that ever took more than this is not used again."""
SPENT_DESCRIPTORS = 16
"""Nor is one that has left so many files open."""
PARENT_CHECK_SECONDS = 0.5
REMOVALS = 5
_REMOVING = threading.Lock()

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_CHILD_SUBREAPER = 36


def confine(memory_bytes: int) -> None:
    """Limits of memory, files and network for this process and all that it starts, as far as the system knows them."""
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        with suppress(ValueError, OSError):  # macOS knows no limit of address space
            resource.setrlimit(what, (limit, limit))
    if sys.platform == "linux":
        with suppress(OSError):  # where memory runs out all the same, this process goes first, not the bot
            Path("/proc/self/oom_score_adj").write_text("1000")
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # _has_children is to see grandchildren
        _leave_network()


def _leave_network() -> None:
    """Into a network of its own, without any interface; where that is forbidden the readers still open none."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None)
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return
    with suppress(OSError):  # without these lines the process would be nobody
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _allow_cpu() -> None:
    """Another STEP_CPU_SECONDS; beyond them the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + STEP_CPU_SECONDS
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _end_with(parent: int, folder: Path) -> None:
    """Ends this process, and the conversion that it may be waiting for, soon after its parent has ended."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    _remove(folder)
    os.killpg(0, signal.SIGKILL)


def _remove(folder: Path) -> None:
    """Removes the temporary files, by one thread at a time: of two one would give up over what the other has just
    removed, and end the process before the other is done. Again where a reading that still runs has made one since."""
    with _REMOVING:
        for _ in range(REMOVALS):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(PARENT_CHECK_SECONDS / REMOVALS)


def _answer(path: Path) -> Message:
    try:
        return Message(parts=read_parts(path))
    except DocumentError as error:
        return Message(error=type(error).__name__, text=str(error))
    except MemoryError:
        return Message(out_of_memory=True, spent=True)
    except OSError as error:
        return Message(errno=error.errno) if error.errno else _unexpected()
    except Exception:
        return _unexpected()


def _unexpected() -> Message:
    return Message(unexpected=traceback.format_exc()[-8000:], spent=True)


def _has_children() -> bool:
    """Whether a conversion that was stopped has left something running."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _is_spent(descriptors: int) -> bool:
    crowded = _open_descriptors() > descriptors + SPENT_DESCRIPTORS
    return _peak_memory() > SPENT_MEMORY_BYTES or crowded or _has_children()


def _peak_memory() -> int:
    """Bytes; ru_maxrss would count the parent's memory too, which Linux carries over fork and exec."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().split("\n"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _open_descriptors() -> int:
    return len(os.listdir("/dev/fd"))


def _serve(requests: IO[str], messages: IO[str]) -> None:
    descriptors = _open_descriptors()

    def send(message: Message) -> None:
        messages.write(record_to_json(message) + "\n")
        messages.flush()

    def step() -> None:
        _allow_cpu()
        send(Message(step=True))

    on_step(step)
    for line in requests:
        _allow_cpu()
        answer = _answer(Path(json.loads(line)["path"]))
        send(replace(answer, spent=answer.spent or _is_spent(descriptors)))


def main(parent: int, memory_bytes: int, folder: Path) -> None:
    # What a library prints must not come between the messages.
    messages = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass", newline="\n")
    os.dup2(2, 1)
    faulthandler.enable()
    os.chdir(folder)
    confine(memory_bytes)  # before any thread: a thread that runs already would keep its network
    threading.Thread(target=_end_with, args=(parent, folder), daemon=True).start()
    try:
        with suppress(BrokenPipeError):  # the parent ended while it waited for an answer
            _serve(sys.stdin, messages)
    finally:
        _remove(folder)  # the parent may be gone, and would not do it


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
