"""The command line as other programs call it: whole processes, over the real notice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from example_answers import deadline_answer

from bot.index.store import load_index
from bot.questions.log import QuestionLog

PROJECT = Path(__file__).resolve().parent.parent
NOTICE_ID = "2024年度智能工厂梯度培育行动"
SECRET = "123456:AAH-secret-token"


def environment(folder: Path, **settings: str) -> dict[str, str]:
    return {
        **os.environ,
        "INDEX_DIR": str(folder / "index"),
        "DATABASE_URL": f"sqlite:///{folder / 'questions.db'}",
        "KNOWLEDGE_DIR": str(PROJECT / "knowledge"),
        "TELEGRAM_BOT_TOKEN": "",
        "TELEGRAM_WEBHOOK_URL": "",
        **settings,
    }


def bot(*arguments: str, env: dict[str, str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, input=given, capture_output=True, cwd=PROJECT, env=env, timeout=120)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the real notice."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "index_builder.py"]
    subprocess.run(
        command, check=True, capture_output=True, cwd=PROJECT, env=environment(folder), timeout=300
    )
    return folder


# ---------------------------------------------------------------- without an index


def test_help_answers_at_once_and_is_the_default(tmp_path: Path) -> None:
    started = time.perf_counter()
    asked = bot("--help", env=environment(tmp_path))
    assert time.perf_counter() - started < 2  # the target is 0.5 s; a busy machine is slower
    assert asked.returncode == 0 and bot(env=environment(tmp_path)).stdout == asked.stdout
    for command in ("chat", "ask", "telegram", "evaluate", "doctor"):
        assert command in asked.stdout.decode()


def test_help_loads_no_heavy_package() -> None:
    code = (
        "import sys; from bot.__main__ import main; main(['--help']); "
        "print([m for m in ('torch', 'faiss', 'sqlalchemy', 'telegram', 'rich', 'tantivy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=PROJECT, timeout=60, text=True
    )
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("ask",),
        ("ask", "  "),
        ("ask", "问题", "--today", "2024-2-30"),
        ("ask", "问题", "--today", "2024-02-30"),
        ("ask", "--jsonl", "问题"),
        ("ask", "--jsonl", "--today", "2024-11-20"),
        ("web",),
        ("telegram",),
    ],
    ids=[
        "unknown-command", "no-question", "blank-question", "short-date", "no-such-day", "jsonl-and-question",
        "jsonl-and-today", "web", "telegram-without-token",
    ],
)  # fmt: skip
def test_bad_usage_ends_with_two_and_says_what_to_do(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = bot(*arguments, env=environment(tmp_path))
    assert (done.returncode, done.stdout) == (2, b"")
    assert "。" in done.stderr.decode() or "用法有误" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_telegram_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    message = bot("telegram", env=environment(tmp_path)).stderr.decode()
    assert "TELEGRAM_BOT_TOKEN" in message and "@BotFather" in message


def test_wrong_setting_is_named(tmp_path: Path) -> None:
    done = bot("ask", "问题", env=environment(tmp_path, THREADS="two"))
    assert done.returncode == 2 and "THREADS" in done.stderr.decode()


@pytest.mark.parametrize(
    "arguments",
    [("ask", "什么时候截止"), ("ask", "--jsonl"), ("ask", "问题", "--json"), ("chat",)],
    ids=["ask", "jsonl", "json", "chat"],
)
def test_missing_index_ends_with_three_and_names_the_command(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = bot(*arguments, env=environment(tmp_path), given=b'{"question": "a"}\n')
    assert (done.returncode, done.stdout) == (3, b"")
    assert "index_builder.py" in done.stderr.decode() and "Traceback" not in done.stderr.decode()


def test_doctor_without_an_index_fails_and_names_the_command(tmp_path: Path) -> None:
    done = bot("doctor", env=environment(tmp_path, TELEGRAM_BOT_TOKEN=SECRET))
    report = done.stdout.decode()
    assert done.returncode == 1 and "✗" in report and "index_builder.py" in report
    assert "令牌已设置" in report and SECRET not in report + done.stderr.decode()


# ---------------------------------------------------------------- over the real notice


def jsonl(given: bytes, env: dict[str, str]) -> list[dict[str, Any]]:
    done = bot("ask", "--jsonl", env=env, given=given)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.endswith(b"\n")
    return [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]


@pytest.fixture(scope="module")
def results(built: Path) -> list[dict[str, Any]]:
    lines = [
        json.dumps({"id": "deadline", "question": "什么时候截止申报？", "today": "2026-11-22"}),
        "",
        "{broken",
        json.dumps({"id": 3, "question": "补多少钱？", "notice": NOTICE_ID}),
        json.dumps({"id": 4, "question": "截止？", "notice": "没有这一份"}),
        json.dumps({"id": 5, "question": "那纸质材料呢", "history": ["什么时候截止申报？"]}),
        json.dumps({"id": 6, "question": "\x00\ud83d\x1b[31m<b>截止</b>"}),
        json.dumps({"id": 7, "question": "截止" * 50_000}),
    ]
    return jsonl("\n".join(lines).encode(), environment(built))


def test_jsonl_answers_every_line_in_order(results: list[dict[str, Any]]) -> None:
    assert [result["id"] for result in results] == ["deadline", None, 3, 4, 5, 6, 7]
    deadline, broken, subsidy, unknown = results[:4]
    assert deadline["status"] == "answered" and deadline["abstained"] is False
    assert "2024年11月22日" in deadline["answer"] and "逾期 730 天" in deadline["answer"]
    assert "[1]" in deadline["answer"] and deadline["citations"][0]["n"] == 1
    assert any(fact["value"] == "2024-11-22" for fact in deadline["facts"])
    assert broken["status"] == "error_input" and set(broken) == {"id", "status", "error"}
    assert subsidy["abstained"] is True
    assert unknown["status"] == "error_input" and NOTICE_ID in unknown["error"]
    assert all("error" not in result for result in results[4:])


def test_quotes_stand_literally_where_the_citation_says(built: Path, results: list[dict[str, Any]]) -> None:
    documents = {name: document.text for name, document in load_index(built / "index").documents.items()}
    citations = [citation for result in results for citation in result.get("citations", ())]
    assert len(citations) >= 2
    for citation in citations:
        assert documents[citation["file"]][citation["start"] : citation["end"]] == citation["quote"]
        assert (PROJECT / "knowledge" / citation["file"]).is_file()


def test_answered_lines_are_logged_and_refused_ones_are_not(
    built: Path, results: list[dict[str, Any]]
) -> None:
    with sqlite3.connect(built / "questions.db") as connection:
        rows = connection.execute("SELECT question FROM questions WHERE channel = 'batch'").fetchall()
        versions = connection.execute("SELECT DISTINCT index_version FROM questions").fetchall()
    assert len(rows) == 5 and ("什么时候截止申报？",) in rows and ("截止？",) not in rows
    assert len(versions) == 1 and versions[0][0]


def test_jsonl_streams_each_answer_before_the_next_question_and_can_be_interrupted(
    built: Path, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=PROJECT,
        env=environment(built, DATABASE_URL=f"sqlite:///{tmp_path / 'questions.db'}"),
    )
    assert process.stdin and process.stdout
    for number in range(3):
        process.stdin.write(json.dumps({"id": number, "question": "联系电话"}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == number
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and b"Traceback" not in errors


def test_reader_that_leaves_early_is_no_error(built: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=PROJECT,
        env=environment(built),
    )
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(b'{"question": "a"}\n' * 3, timeout=60)
    assert process.returncode == 0 and b"Traceback" not in errors


def test_single_question_is_answered_in_plain_text_with_its_source(built: Path) -> None:
    done = bot("ask", "什么时候截止申报？", "--today", "2024-11-20", env=environment(built))
    answer = done.stdout.decode()
    assert done.returncode == 0 and "\x1b" not in answer
    assert "2024年11月22日" in answer and "还剩 2 天" in answer
    assert "\n\n[1] 《关于开展2024年度智能工厂梯度培育行动的通知》二、" in answer


def test_single_question_as_json_is_one_line_and_logged(built: Path, tmp_path: Path) -> None:
    database = tmp_path / "log" / "questions.db"
    env = environment(built, DATABASE_URL=f"sqlite:///{database}")
    done = bot("ask", "什么时候截止申报？", "--json", "--notice", NOTICE_ID, env=env)
    result = json.loads(done.stdout)
    assert done.stdout.count(b"\n") == 1 and result["id"] is None and result["status"] == "answered"
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT channel, question FROM questions").fetchall()
    assert rows == [("cli", "什么时候截止申报？")]


def test_unknown_notice_is_bad_usage(built: Path) -> None:
    done = bot("ask", "截止？", "--notice", "没有这一份", env=environment(built))
    assert (done.returncode, done.stdout) == (2, b"") and NOTICE_ID in done.stderr.decode()


def test_piped_conversation_over_the_real_notice(built: Path) -> None:
    given = "/today 2026-11-22\n什么时候截止申报？\n/source 1\n/notices\n".encode()
    done = bot("chat", env=environment(built), given=given)
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "逾期 730 天" in said and "2024年11月22日前完成线上申报" in said
    assert "1. 关于开展2024年度智能工厂梯度培育行动的通知" in said


def test_unwritable_log_stops_no_answer_but_is_said(built: Path) -> None:
    settings = environment(built, DATABASE_URL="sqlite:////proc/nowhere/questions.db")
    done = bot("ask", "--jsonl", env=settings, given='{"question": "联系电话"}\n'.encode())
    assert done.returncode == 0 and json.loads(done.stdout)["status"] == "answered"
    assert "/proc/nowhere/questions.db 不能写入" in done.stderr.decode()
    report = bot("doctor", env=settings)
    assert report.returncode == 1 and "✗ 问题记录库" in report.stdout.decode()


def test_doctor_finds_the_index_in_order(built: Path) -> None:
    report = bot("doctor", env=environment(built)).stdout.decode()
    assert "✓ 索引" in report and "✓ 问题记录库：可以写入" in report and "✓ Python" in report


def test_whichever_way_it_is_used_old_questions_go(built: Path, database_url: str) -> None:
    log = QuestionLog.open(database_url)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    log.record(deadline_answer("老问题"), channel="web", asked_at=long_ago)
    env = environment(built, DATABASE_URL=database_url, RETENTION_DAYS="30")
    asked = bot("ask", "--jsonl", env=env, given='{"id": 1, "question": "什么时候截止申报？"}\n'.encode())
    assert asked.returncode == 0 and json.loads(asked.stdout)["status"] == "answered"
    assert [logged.question for logged in log.recent()] == ["什么时候截止申报？"]
