"""A file read by the product or a peer, in a process of its own -> its text, the seconds and the memory, as JSON.

    PYTHON -m benchmarks.documents_workers READER FILE RESULT.json

PYTHON is the one of the environment that has the reader; nothing of this project is imported but by `product`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Read = Callable[[Path], str]
SHORT_SECONDS = 10.0
"""A read that took less is done twice and the second one counts, so that no library's loading is timed."""


def _product() -> Read:
    """As the index builder reads: in the confined process."""
    from bot.documents.isolation import ReaderProcess

    process = ReaderProcess()

    def read(path: Path) -> str:
        parts = process.read(path)
        errors = [part.error for part in parts if part.converted is None]
        if errors:
            raise ValueError(" ".join(errors))
        return "\n\n".join(part.converted.text for part in parts if part.converted)

    read.end = lambda: process.__exit__(None, None, None)  # type: ignore[attr-defined]
    return read


def _markitdown() -> Read:
    from markitdown import MarkItDown  # type: ignore[import-not-found, unused-ignore]

    converter: Any = MarkItDown()
    return lambda path: str(converter.convert(str(path)).markdown)


def _kreuzberg() -> Read:
    from kreuzberg import (  # type: ignore[import-not-found, unused-ignore]
        ExtractionConfig,
        extract_file_sync,
    )

    config: Any = ExtractionConfig(use_cache=False, output_format="markdown")
    return lambda path: str(extract_file_sync(str(path), config=config).content)


READERS: dict[str, Callable[[], Read]] = {
    "product": _product,
    "markitdown": _markitdown,
    "kreuzberg": _kreuzberg,
}


def peak_mb() -> float:
    """Peak resident memory of the largest of this process and those that it started and that have ended, in MB."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    own = next((int(line.split()[1]) for line in status.split("\n") if line.startswith("VmHWM:")), 0)
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def measured(reader: str, path: Path) -> dict[str, Any]:
    """{"text", "seconds", "peak_mb"}, or {"error"} where the reader raised one."""
    try:
        read = READERS[reader]()
        seconds: list[float] = []
        while not seconds or (len(seconds) == 1 and seconds[0] < SHORT_SECONDS):
            started = time.perf_counter()
            text = read(path)
            seconds.append(time.perf_counter() - started)
        if end := getattr(read, "end", None):
            end()
        return {"text": text, "seconds": seconds[-1], "peak_mb": peak_mb()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".strip()}


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(measured(sys.argv[1], Path(sys.argv[2]))), encoding="utf-8")
