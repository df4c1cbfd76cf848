"""An update is taken in once, and stays open until its answer leaves."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.questions.database import open_database
from bot.questions.inbox import MEMORY, STILL_WANTED, TRIES, Inbox

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(database_url: str, clock: Clock) -> Inbox:
    return Inbox(open_database(database_url), clock)


def test_an_update_is_taken_once_for_a_day(inbox: Inbox, clock: Clock) -> None:
    assert inbox.take(9_000_000_001) is True
    assert inbox.take(9_000_000_001) is False
    clock.now += MEMORY
    inbox.forget_old()
    assert inbox.take(9_000_000_001) is False
    clock.now += timedelta(seconds=1)
    assert inbox.forget_old() == 1
    assert inbox.take(9_000_000_001) is True


def test_of_many_that_take_the_same_update_at_once_one_gets_it(inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        for update_id in range(30):
            took = list(pool.map(lambda _, number=update_id: inbox.take(number), range(8)))
            assert sum(took) == 1


def test_what_is_open_comes_back_oldest_first_until_it_is_settled(inbox: Inbox) -> None:
    for update_id in (3, 1, 2):
        inbox.take(update_id, f"update {update_id}")
    inbox.settle(2)
    assert inbox.open() == ("update 1", "update 3")
    inbox.settle(1)
    inbox.reopen(2, "update 2")
    assert inbox.open() == ("update 2", "update 3")


def test_nobody_waits_for_an_answer_after_an_hour(inbox: Inbox, clock: Clock) -> None:
    inbox.take(1, "long ago")
    clock.now += STILL_WANTED + timedelta(seconds=1)
    inbox.take(2, "just now")
    assert inbox.open() == ("just now",)


def test_an_update_that_ends_the_process_again_and_again_is_left(inbox: Inbox) -> None:
    inbox.take(1, "poison")
    inbox.take(2, "waits behind it")
    for _ in range(TRIES):
        assert inbox.open() == ("poison", "waits behind it")
        inbox.begun(1)
    assert inbox.open() == ("waits behind it",)


def test_a_locked_database_costs_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.questions.database.BUSY_TIMEOUT_MS", 50)
    path = tmp_path / "locked.db"
    inbox = Inbox(open_database(f"sqlite:///{path}"))
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    assert inbox.take(1, "words") is True
    assert inbox.open() == ()
    assert "database is locked" in caplog.text
    blocker.close()


def _take_until_killed(url: str, taken: int) -> None:
    inbox, update_id = Inbox(open_database(url)), 0
    while True:
        update_id += 1
        inbox.take(update_id, f"update {update_id}")
        os.write(taken, f"{update_id}\n".encode())


def test_what_was_taken_before_a_kill_is_open_after_it(database_url: str) -> None:
    read, write = os.pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_take_until_killed, args=(database_url, write)
    )
    process.start()
    os.close(write)
    lines = os.fdopen(read)
    while int(lines.readline()) < 200:
        pass
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    last = max([200, *(int(line) for line in lines if line.strip())])
    payloads = Inbox(open_database(database_url)).open()
    assert payloads[:last] == tuple(f"update {number}" for number in range(1, last + 1))
