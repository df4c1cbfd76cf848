"""A process with a warm encoder that builds an index again and again, each time in a child that is killed.

    python -m tests.killed_builds KNOWLEDGE INDEX_DIR MODEL_CACHE

A line of JSON in, a line of JSON out:

    -> {}                        a build that is left alone
    -> {"event": 57}             killed by SIGKILL at its 57th operation on files
    -> {"seconds": 0.12}         killed by SIGKILL after so long; with "confined" files are read in their own process
    <- {"killed": true, "stage": "writing", "events": 56, "seconds": 0.11}
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bot.documents import read_parts
from bot.embedding import Encoder, load_encoder
from bot.index.building import IndexBuilder
from bot.index.receipts import BuildProgress

FILE_EVENTS = ("open", "os.", "shutil.", "tempfile.", "fcntl.")


def main(knowledge: Path, root: Path, cache: Path) -> None:
    encoder = load_encoder("default", cache)
    encoder.encode_passages(["暖机"])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_build_in_child(knowledge, root, encoder, json.loads(line))), flush=True)


def _build_in_child(knowledge: Path, root: Path, encoder: Encoder, order: dict[str, Any]) -> dict[str, Any]:
    receiving, sending = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        try:
            _build(knowledge, root, encoder, order, sending)
        finally:
            os._exit(1)
    os.close(sending)
    if "seconds" in order:
        time.sleep(order["seconds"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - started
    with os.fdopen(receiving) as messages:
        stages = messages.read().split()
    events = int(stages.pop()) if stages and stages[-1].isdecimal() else -1
    return {
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "failed": os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0,
        "stage": stages[-1] if stages else "starting",
        "events": events,
        "seconds": seconds,
    }


def _build(knowledge: Path, root: Path, encoder: Encoder, order: dict[str, Any], sending: int) -> None:
    events = 0

    def count(event: str, _: object) -> None:
        nonlocal events
        if event.startswith(FILE_EVENTS):
            events += 1
            if events == order.get("event"):
                os.kill(os.getpid(), signal.SIGKILL)

    def tell(progress: BuildProgress) -> None:
        os.write(sending, f"{progress.stage.value}\n".encode())

    sys.addaudithook(count)
    read = None if order.get("confined") else read_parts
    with IndexBuilder(knowledge, root, encoder, read) as builder:
        builder.build(tell, wait_seconds=5)
        os.write(sending, f"built\n{events}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
