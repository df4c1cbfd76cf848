"""How long a small change in a large knowledge folder takes to be published, and to be told by a running bot.

    python -m benchmarks.refresh [--sources DIR] [--notices 1000] [--edits 10]

Prints a report in Markdown. A builder that stays (`--watch`, a Telegram bot) publishes one-line changes, a new
process publishes one (`python index_builder.py`), and a store that answers searches all the time picks them up.
Passages are encoded by an encoder without a model, so that all times are beyond the encoding of the changed
clauses, and the vectors' size is that of the default encoder; all else is real.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.corpus import make_corpus, read_sources
from bot.config import PROJECT, load_settings
from bot.embedding_default import DIMENSION
from bot.index.building import IndexBuilder
from bot.index.receipts import BuildReceipt
from bot.index.store import IndexStore
from bot.index.versions import POINTER, rollback
from tests.plain_encoder import PlainEncoder

FOLDER = PROJECT / "var" / "benchmarks"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("--sources", type=Path, default=load_settings().knowledge_dir)
    parser.add_argument("--notices", type=int, default=1000)
    parser.add_argument("--edits", type=int, default=10)
    for part in ("--cold", "--bot"):
        parser.add_argument(part, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    knowledge, root = FOLDER / "refresh", FOLDER / "refresh-index"
    if arguments.cold:
        return _build_once(knowledge, root)
    if arguments.bot:
        return _search_without_a_pause(root)
    shutil.rmtree(root, ignore_errors=True)
    make_corpus(read_sources(arguments.sources), arguments.notices, 1, knowledge)
    encoder = PlainEncoder("stand-in@1", DIMENSION)
    print(f"# Refresh of {arguments.notices} notices\n\n| | s | peak MB |\n|---|--:|--:|")
    with IndexBuilder(knowledge, root, encoder) as builder:
        receipt, seconds = _timed(builder)
        print(f"| first build, {receipt.counts.chunks} chunks | {seconds:.1f} | {_peak_mb():.0f} |")
        bot = _Bot()
        print(f"| the index loaded by a new process | {bot.loaded_s:.2f} | {bot.peak_mb:.0f} |")
        published, processor, whole, followed, slowest = [], [], [], [], []
        for edit in range(arguments.edits):
            _change_a_line(knowledge, edit)
            started, used = time.time(), time.process_time()
            receipt, seconds = _timed(builder)
            published.append((root / POINTER).stat().st_mtime - started)
            processor.append(time.process_time() - used)
            whole.append(seconds)
            seen = bot.seen(receipt.version)
            followed.append(seen["at"] - (root / POINTER).stat().st_mtime)
            slowest.append(seen["slowest"])
        print(_row("one line changed: published by a builder that stays", published))
        print(_row("… the whole call, with the old objects removed", whole))
        print(_row("… its processor time", processor))
        print(_row("… a running bot has it, after publishing", followed))
        print(_row("… a search meanwhile, slowest of a change", slowest))
        _, seconds = _timed(builder)
        print(f"| nothing changed | {seconds:.2f} | {_peak_mb():.0f} |")
        print(f"| the running bot at the end | | {bot.end():.0f} |")
    _change_a_line(knowledge, arguments.edits)
    command = [sys.executable, "-m", "benchmarks.refresh", "--cold"]
    print(subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout, end="")
    started = time.perf_counter()
    rollback(root)
    print(f"| rollback | {time.perf_counter() - started:.3f} | |")
    return 0


def _build_once(knowledge: Path, root: Path) -> int:
    with IndexBuilder(knowledge, root, PlainEncoder("stand-in@1", DIMENSION)) as builder:
        _, seconds = _timed(builder)
    print(f"| one line changed: a new process, without its start | {seconds:.2f} | {_peak_mb():.0f} |")
    return 0


class _Bot:
    """A process of its own that searches a store's current index without a pause, as questions do."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.refresh", "--bot"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT
        )
        first = self._line()
        self.loaded_s, self.peak_mb = first["loaded"], first["peak"]

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line

    def seen(self, version: str) -> dict[str, Any]:
        """When the version first answered, and the slowest search since the one before."""
        while (line := self._line())["version"] != version:
            pass
        return line

    def end(self) -> float:
        """Its peak memory, MB."""
        assert self._process.stdin
        self._process.stdin.close()
        peak = float(self._line()["peak"])
        self._process.wait()
        return peak


def _search_without_a_pause(root: Path) -> int:
    """A line when the index is loaded, one whenever another version answers, one at the end of standard input."""
    started = time.perf_counter()
    store = IndexStore(root)
    version = store.current().version
    print(json.dumps({"loaded": time.perf_counter() - started, "peak": _peak_mb()}), flush=True)
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    slowest = 0.0
    while not ended.wait(0.02):
        started = time.perf_counter()
        index = store.current()
        index.lexical.search("什么时候截止申报", 40)
        index.vectors.search(index.vectors.view()[0], 40)
        slowest = max(slowest, time.perf_counter() - started)
        if index.version != version:
            version = index.version
            print(json.dumps({"version": version, "at": time.time(), "slowest": slowest}), flush=True)
            slowest = 0.0
    print(json.dumps({"peak": _peak_mb()}), flush=True)
    return 0


def _timed(builder: IndexBuilder) -> tuple[BuildReceipt, float]:
    started = time.perf_counter()
    return builder.build(), time.perf_counter() - started


def _change_a_line(knowledge: Path, edit: int) -> None:
    """Another clause in the main document of another notice."""
    folder = sorted(path for path in knowledge.iterdir() if path.is_dir())[edit * 37 % 997]
    path = sorted(folder.iterdir())[0]
    path.write_text(f"{path.read_text('utf-8')}\n补充说明：材料第{edit}份请于2025年3月1日前报送。\n", "utf-8")


def _row(what: str, seconds: list[float]) -> str:
    return f"| {what}: median {statistics.median(seconds):.2f}, slowest | {max(seconds):.2f} | |"


def _peak_mb() -> float:
    """Peak resident memory of this process, MB."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").split("\n"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
