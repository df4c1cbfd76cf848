"""A bot that answers while builds are killed: every answer is right, none is missing, none goes back in time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.config import PROJECT
from bot.index.building import build_index
from bot.index.store import load_index
from bot.index.versions import leftovers
from tests.bundled_encoder import MODEL_CACHE, bundled_encoder

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="builds are forked")

BY_EVENT, BY_TIME, CONFINED = 96, 12, 6
"""Kills at operations on files, after a while, and after a while with a reader process at work."""
SECONDS_TO_FOLLOW = 2.0
QUESTION = "企业什么时候截止申报？"
NOTICE = """关于组织申报补助的通知

各有关企业：

一、申报时间
企业于2024年11月{day}日前完成线上申报。

二、申报条件
在本省注册，具有独立法人资格。

江海市工业和信息化局
2024年10月8日
"""
OTHER = """关于开展绿色园区评价的通知

各园区：

一、评价范围
省级以上园区。

江海市生态环境局
2024年3月1日
"""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the bot."""

    asked_at: float
    told_at: float
    status: str
    days: tuple[int, ...]
    """Days of November 2024 that it names."""


@dataclass(frozen=True, slots=True)
class Published:
    """A state of the index that questions could meet."""

    edit: int
    not_before: float
    not_after: float
    """It was published between these moments."""


def day_of(edit: int) -> int:
    """Two days in turn would let a step back pass for a step on."""
    return 1 + edit % 28


def write_edit(knowledge: Path, edit: int) -> None:
    new = knowledge / ".通知.txt"
    new.write_text(NOTICE.format(day=day_of(edit)), "utf-8")
    new.replace(knowledge / "补助" / "通知.txt")


def edit_published(root: Path, latest: int) -> int:
    """The last edit that gives the published day."""
    text = load_index(root).documents["补助/通知.txt"].text
    (day,) = map(int, re.findall(r"11月(\d+)日前", text))
    return latest - (day_of(latest) - day) % 28


class Bot:
    """`python -m bot ask --jsonl`, asked without a pause."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.told: list[Told] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(30)

    def _ask(self) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        while not self._ended.is_set():
            asked_at = time.monotonic()
            request = {"id": "1", "question": QUESTION, "today": "2024-10-20", "notice": "补助"}
            stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
            stdin.flush()
            line = stdout.readline()
            if not line:
                return
            answer = json.loads(line)
            days = tuple(sorted({int(day) for day in re.findall(r"11月(\d+)日", answer.get("answer", ""))}))
            self.told.append(Told(asked_at, time.monotonic(), answer["status"], days))


@contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=PROJECT,
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def order(driver: subprocess.Popen[str], **what: object) -> dict[str, Any]:
    assert driver.stdin and driver.stdout
    driver.stdin.write(json.dumps(what) + "\n")
    driver.stdin.flush()
    result: dict[str, Any] = json.loads(driver.stdout.readline())
    return result


def check(told: list[Told], published: list[Published]) -> None:
    """Every answer names the day of one version that it could meet, and none an older one than those before."""
    position = 0
    for answer in told:
        assert answer.status == "answered", answer
        assert len(answer.days) == 1, answer
        possible = [
            place
            for place, version in enumerate(published)
            if place >= position
            and day_of(version.edit) == answer.days[0]
            and version.not_before <= answer.told_at
            and (
                place + 1 == len(published)
                or answer.asked_at <= published[place + 1].not_after + SECONDS_TO_FOLLOW
            )
        ]
        assert possible, (answer, published[position : position + 4])
        position = possible[0]


def test_no_kill_of_a_build_is_ever_noticed_by_those_who_ask(tmp_path: Path) -> None:
    knowledge, root = tmp_path / "knowledge", tmp_path / "index"
    for name, text in (("补助", NOTICE.format(day=day_of(0))), ("绿色园区", OTHER)):
        (knowledge / name).mkdir(parents=True)
        (knowledge / name / "通知.txt").write_text(text, "utf-8")
    build_index(knowledge, root, bundled_encoder())
    published = [Published(0, 0.0, time.monotonic())]
    settings = {
        "INDEX_DIR": str(root), "KNOWLEDGE_DIR": str(knowledge), "VAR_DIR": str(tmp_path),
        "MODEL_CACHE_DIR": str(MODEL_CACHE), "EMBEDDING_MODEL": "default",
    }  # fmt: skip
    driver_command = [
        sys.executable,
        "-m",
        "tests.killed_builds",
        str(knowledge),
        str(root),
        str(MODEL_CACHE),
    ]
    with (
        running([sys.executable, "-m", "bot", "ask", "--jsonl"], **settings) as process,
        running(driver_command) as driver,
    ):
        assert driver.stdout and json.loads(driver.stdout.readline())["ready"]
        bot = Bot(process)
        bot.start()
        edit = 0

        def build(**how: object) -> dict[str, Any]:
            nonlocal edit
            edit += 1
            write_edit(knowledge, edit)
            before = time.monotonic()
            result = order(driver, **how)
            now = edit_published(root, edit)
            if now != published[-1].edit:
                published.append(Published(now, before, time.monotonic()))
            return result

        try:
            whole = [build() for _ in range(3)]
            assert not any(result["failed"] or result["killed"] for result in whole)
            assert published[-1].edit == 3
            events, seconds = whole[-1]["events"], min(result["seconds"] for result in whole)
            kills = [build(event=1 + number * events // BY_EVENT) for number in range(BY_EVENT)]
            kills += [build(seconds=seconds * (number + 0.5) / BY_TIME) for number in range(BY_TIME)]
            kills += [
                build(seconds=0.1 + (seconds + 0.6) * number / CONFINED, confined=True)
                for number in range(CONFINED)
            ]
            assert not any(result["failed"] for result in kills)
            stages = Counter(result["stage"] for result in kills if result["killed"])
            assert sum(stages.values()) >= 100, stages
            assert stages.keys() >= {"starting", "reading", "encoding", "writing", "checking"}, stages
            assert len(published) > 5, "some were killed after they had published"

            last = build()
            done = time.monotonic()
            assert not last["failed"] and published[-1].edit == edit
            while time.monotonic() < done + SECONDS_TO_FOLLOW and bot.told[-1].days != (day_of(edit),):
                time.sleep(0.05)
            assert bot.told[-1].days == (day_of(edit),)
        finally:
            bot.stop()
        assert process.poll() is None
    assert len(bot.told) > 100, "it was asked all the time"
    check(bot.told, published)
    assert leftovers(root) == 0
