"""Workers started, called and ended; commands timed in fresh processes."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from bot.config import PROJECT


class WorkerProcess:
    """A running `benchmarks.workers`: one call at a time, answered in order."""

    def __init__(self, kind: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            worker_command(kind), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, encoding="utf-8", cwd=PROJECT, env=dict(environment),
        )  # fmt: skip
        self._kind = kind

    def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """What the command gave. Raises RuntimeError where the worker ended."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"The {self._kind} worker ended at {command!r}. To see why, run: "
                f'python -m benchmarks.workers {self._kind}, and give it {{"do": {command!r}, …}}.'
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def worker_command(kind: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.workers", kind]


def seconds_of(command: Sequence[str], environment: Mapping[str, str], stdin: str = "") -> float:
    """Wall time of a fresh process, from its start to its end. Raises RuntimeError, with its words, where it fails."""
    started = time.perf_counter()
    ended = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=PROJECT,
        env=dict(environment),
    )
    seconds = time.perf_counter() - started
    if ended.returncode:
        raise RuntimeError(f"{command} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return seconds


def has_peer() -> bool:
    return importlib.util.find_spec("txtai") is not None
