"""Every question is logged once, with what it was answered from; and a failing log breaks no answer."""

from __future__ import annotations

import logging
import multiprocessing
import re
import sqlite3
import stat
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from databases import new_database
from example_answers import NOTICE_ID, deadline_answer, subsidy_answer
from sqlalchemy import create_engine

from bot.datamodels import AnswerStatus
from bot.questions.log import FeedbackReason, QuestionLog

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "questions.db"


@pytest.fixture
def log(database_url: str) -> QuestionLog:
    return QuestionLog.open(database_url, lambda: START)


@pytest.fixture
def file_log(path: Path) -> QuestionLog:
    return QuestionLog.open(f"sqlite:///{path}", lambda: START)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(query).fetchall()


def test_logged_question_comes_back_as_it_was(log: QuestionLog) -> None:
    answer = deadline_answer()
    asked_at = datetime(2026, 11, 22, 20, 30, tzinfo=timezone(timedelta(hours=8)))
    question_id = log.record(answer, channel="telegram", user="42", asked_at=asked_at, index_version="v7")
    logged = log.get(question_id)
    assert logged is not None
    assert logged.asked_at == datetime(2026, 11, 22, 12, 30, tzinfo=UTC) and logged.asked_at.tzinfo is UTC
    assert (logged.id, logged.channel, logged.index_version) == (question_id, "telegram", "v7")
    assert (logged.question, logged.status) == ("什么时候截止申报？", AnswerStatus.ANSWERED)
    assert logged.citations == answer.citations
    assert logged.notice_ids == (NOTICE_ID,)
    assert logged.suggestions == answer.suggestions
    assert logged.answer.startswith("企业线上申报：2024年11月22日前")
    assert logged.took_ms == 12.345


def test_only_the_best_ten_passages_are_kept_with_their_scores(log: QuestionLog) -> None:
    answer = deadline_answer()
    logged = log.get(log.record(answer, channel="cli"))
    assert logged is not None and len(answer.passages) == 12
    assert [passage.chunk_id for passage in logged.passages] == [
        each.chunk.id for each in answer.passages[:10]
    ]
    assert (logged.passages[3].score, logged.passages[3].dense, logged.passages[3].lexical) == (
        0.97,
        0.5,
        2.0,
    )


def test_ids_are_short_url_safe_and_differ(log: QuestionLog) -> None:
    ids = [log.record(subsidy_answer(), channel="cli") for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,12}", question_id) for question_id in ids)
    assert len(log.recent(100)) == 20


def test_recent_gives_the_newest_first(log: QuestionLog) -> None:
    for minute in (3, 1, 2):
        answer = subsidy_answer(f"问题{minute}")
        log.record(answer, channel="cli", asked_at=START + timedelta(minutes=minute))
    assert [logged.question for logged in log.recent(2)] == ["问题3", "问题2"]


def test_unknown_id_gives_nothing(log: QuestionLog) -> None:
    assert log.get("nowhere") is None
    assert log.get("\ud800") is None


def test_user_is_kept_only_as_a_salted_hash(file_log: QuestionLog, path: Path, tmp_path: Path) -> None:
    file_log.record(deadline_answer(), channel="telegram", user="123456789")
    other = QuestionLog.open(f"sqlite:///{tmp_path / 'other.db'}")
    again = QuestionLog.open(f"sqlite:///{path}")
    assert file_log.user_hash("123456789") == again.user_hash("123456789") != other.user_hash("123456789")
    assert file_log.user_hash("123456789") != file_log.user_hash("123456788")
    assert file_log.user_hash("") == ""
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"123456789" not in stored and file_log.user_hash("123456789").encode() in stored


def test_database_file_is_for_its_owner_only(file_log: QuestionLog, path: Path) -> None:
    file_log.record(deadline_answer(), channel="cli")
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_sqlite_writes_ahead_and_checks_foreign_keys(file_log: QuestionLog, path: Path) -> None:
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
    with file_log._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000


# ---------------------------------------------------------------- feedback and updates


def test_a_person_has_one_vote_and_may_change_it(log: QuestionLog) -> None:
    question_id = log.record(deadline_answer(), channel="telegram", user="1")
    assert log.feedback(question_id, "1", 1)
    assert log.feedback(question_id, "1", 1)
    assert log.feedback(question_id, "2", -1)
    assert log.votes(question_id) == (1, 1)
    assert log.feedback(question_id, "1", -1)
    assert log.votes(question_id) == (0, 2)


def test_vote_on_an_unknown_question_is_refused(log: QuestionLog) -> None:
    assert log.feedback("nowhere", "1", 1) is False
    assert log.votes("nowhere") == (0, 0)


def test_vote_is_plus_or_minus_one(log: QuestionLog) -> None:
    question_id = log.record(deadline_answer(), channel="telegram")
    with pytest.raises(ValueError, match=r"\+1 or -1"):
        log.feedback(question_id, "1", 5)


def test_a_reason_stands_with_the_thumb_down_once_a_person(log: QuestionLog) -> None:
    question_id = log.record(deadline_answer(), channel="telegram")
    assert log.feedback(question_id, "1", -1)
    assert log.reasons(question_id) == {}
    assert log.feedback(question_id, "1", -1, FeedbackReason.WRONG)
    assert log.feedback(question_id, "2", -1, FeedbackReason.OUTDATED)
    assert log.feedback(question_id, "3", -1, FeedbackReason.OUTDATED)
    assert list(log.reasons(question_id).items()) == [
        (FeedbackReason.OUTDATED, 2),
        (FeedbackReason.WRONG, 1),
    ]
    assert log.feedback(question_id, "3", 1)
    assert log.reasons(question_id) == {FeedbackReason.OUTDATED: 1, FeedbackReason.WRONG: 1}
    assert log.votes(question_id) == (1, 2)
    with pytest.raises(ValueError, match="reason"):
        log.feedback(question_id, "1", 1, FeedbackReason.WRONG)


def test_a_database_of_an_older_program_gets_its_new_columns(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE feedback (question_id VARCHAR(12) NOT NULL, user_hash VARCHAR(32) NOT NULL, "
            "vote INTEGER NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (question_id, user_hash))"
        )
        old.execute("CREATE TABLE updates (update_id BIGINT PRIMARY KEY, seen_at DATETIME NOT NULL)")
        old.execute("INSERT INTO feedback VALUES ('q', 'u', -1, '2026-01-01 00:00:00')")
    for _ in range(2):
        log = QuestionLog.open(f"sqlite:///{path}", lambda: START)
        assert log.problem == ""
    question_id = log.record(deadline_answer(), channel="telegram")
    assert log.feedback(question_id, "1", -1, FeedbackReason.INCOMPLETE)
    assert rows(path, "SELECT reason FROM feedback ORDER BY question_id = 'q' DESC") == [
        (None,),
        ("incomplete",),
    ]


def test_a_server_that_was_started_anew_costs_no_row(tmp_path: Path) -> None:
    """Its end takes the open connections with it."""
    url = new_database("postgresql", tmp_path)
    log = QuestionLog.open(url, lambda: START)
    log.record(deadline_answer(), channel="cli")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
    other = create_engine(url)
    with other.connect() as connection:
        assert connection.exec_driver_sql(others).all()
    other.dispose()
    log.record(deadline_answer(), channel="cli")
    assert len(log.recent()) == 2


def test_a_server_that_is_not_there_is_named_without_its_password(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("psycopg")
    log = QuestionLog.open("postgresql+psycopg://clerk:secret-word@127.0.0.1:1/notices")
    assert "clerk:***@127.0.0.1:1/notices 不能写入" in log.problem and "服务器是否在运行" in log.problem
    assert "secret-word" not in log.problem + caplog.text
    assert log.get(log.record(deadline_answer(), channel="cli")) is not None


def test_a_missing_driver_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    problem = QuestionLog.open("postgresql+psycopg://clerk@localhost/notices").problem
    assert 'pip install "psycopg[binary]"' in problem


# ---------------------------------------------------------------- bad input and failing databases


def test_controls_nul_and_surrogates_in_a_question_are_logged(log: QuestionLog) -> None:
    answer = deadline_answer("甲\x00\x1b[31m\ud83d\u2028乙' OR 1=1 --")
    odd = replace(answer, citations=(replace(answer.citations[0], quote="引\ud800文"),))
    logged = log.get(log.record(odd, channel="cli", user="\ud800"))
    assert logged is not None
    assert logged.question == "甲\ufffd\x1b[31m\ufffd\u2028乙' OR 1=1 --"
    assert logged.citations[0].quote == "引\ufffd文"


def test_unwritable_path_is_named_and_memory_stands_in(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        log = QuestionLog.open("sqlite:////proc/nowhere/questions.db")
    assert "/proc/nowhere/questions.db 不能写入" in log.problem and log.problem in caplog.text
    question_id = log.record(deadline_answer(), channel="telegram", user="1")
    assert log.feedback(question_id, "1", 1) and log.votes(question_id) == (1, 0)


def test_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("这不是数据库" * 500, encoding="utf-8")
    log = QuestionLog.open(f"sqlite:///{path}")
    assert "不能写入" in log.problem
    assert path.read_text(encoding="utf-8") == "这不是数据库" * 500


def test_password_of_a_database_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    log = QuestionLog.open("nosuchdialect://clerk:secret-word@db/questions")
    assert log.problem and "secret-word" not in log.problem + caplog.text
    assert "secret-word" not in QuestionLog.open("http//secret-word").problem


def test_locked_database_costs_the_row_not_the_answer(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.questions.database.BUSY_TIMEOUT_MS", 50)
    log = QuestionLog.open(f"sqlite:///{path}")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    question_id = log.record(deadline_answer(), channel="cli")
    assert "database is locked" in caplog.text
    assert log.feedback(question_id, "1", 1) is False
    blocker.execute("ROLLBACK")
    assert log.get(question_id) is None
    assert log.get(log.record(deadline_answer(), channel="cli")) is not None


def test_table_lost_while_running_breaks_nothing(file_log: QuestionLog, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.executescript("DROP TABLE feedback; DROP TABLE questions;")
    assert file_log.get(file_log.record(deadline_answer(), channel="cli")) is None
    assert file_log.votes("x") == (0, 0)


def _record_ten(url: str) -> None:
    log = QuestionLog.open(url)
    for _ in range(10):
        log.record(deadline_answer(), channel="cli", user="1")
    assert not log.problem


def test_processes_that_start_at_once_share_a_new_database(database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_record_ten, args=(database_url,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    hashes = [logged.user_hash for logged in QuestionLog.open(database_url).recent(100)]
    assert (len(hashes), len(set(hashes))) == (40, 1)
