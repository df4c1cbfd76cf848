"""JSON lines: one answer a line, in order, whatever the line holds."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from example_answers import NOTICE_ID, ScriptedAssistant

from bot.channels.batch import answer_lines, json_line
from bot.questions.log import QuestionLog

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
"""Already 23 November in China."""


@pytest.fixture
def log(tmp_path: Path) -> QuestionLog:
    return QuestionLog.open(f"sqlite:///{tmp_path / 'questions.db'}")


def run(lines: Sequence[bytes], assistant: ScriptedAssistant, log: QuestionLog) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer_lines(lines, assistant, log, lambda: NOW)]


def line(**values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def test_answers_come_in_order_and_blank_lines_are_skipped(log: QuestionLog) -> None:
    lines = [
        line(id=1, question="截止？"),
        b"\n",
        b"  \r\n",
        line(id="b", question="补多少钱"),
        line(question="你好"),
    ]
    results = run(lines, ScriptedAssistant(), log)
    assert [(result["id"], result["status"]) for result in results] == [
        (1, "answered"),
        ("b", "not_found"),
        (None, "greeting"),
    ]
    assert [logged.channel for logged in log.recent()] == ["batch"] * 3


def test_today_history_and_scope_reach_the_assistant(log: QuestionLog) -> None:
    assistant = ScriptedAssistant()
    run(
        [
            line(question="截止？", today="2024-11-20", history=["能报吗"], notice=NOTICE_ID),
            line(question="截止？", today=None, history=None, notice=None),
        ],
        assistant,
        log,
    )
    assert assistant.asked == [
        ("截止？", date(2024, 11, 20), ("能报吗",), NOTICE_ID),
        ("截止？", date(2026, 11, 23), (), None),
    ]


@pytest.mark.parametrize(
    ("content", "id", "words"),
    [
        (b"{not json}", None, "不是有效的 JSON"),
        (b'{"id": 7, "question": NaN}', None, "不是有效的 JSON"),
        (b"[" * 100_000, None, "不是有效的 JSON"),
        (b"\xff\xfe\x00", None, "UTF-8"),
        (b'["a"]', None, "JSON 对象"),
        (b'{"id": 7}', 7, "缺少 question"),
        (b'{"id": 7, "question": " \\n"}', 7, "缺少 question"),
        (b'{"id": 7, "question": 5}', 7, "question 应为字符串"),
        (b'{"id": [7], "question": "a"}', None, "id 应为"),
        (b'{"id": 1e999, "question": "a"}', None, "id 应为"),
        (b'{"id": 7, "question": "a", "today": "2024-13-01"}', 7, "today 应为"),
        (b'{"id": 7, "question": "a", "today": "20241120"}', 7, "today 应为"),
        (b'{"id": 7, "question": "a", "today": 20241120}', 7, "today 应为"),
        (b'{"id": 7, "question": "a", "history": "b"}', 7, "history 应为"),
        (b'{"id": 7, "question": "a", "history": ["b", 1]}', 7, "history 应为"),
        (b'{"id": 7, "question": "a", "notice": 3}', 7, "notice 应为"),
        (b'{"id": 7, "question": "a", "notice": "x"}', 7, NOTICE_ID),
    ],
    ids=[
        "no-json", "nan", "deep", "no-utf8", "list", "no-question", "blank-question", "number-question",
        "list-id", "infinite-id", "no-such-day", "compact-day", "number-day", "string-history",
        "mixed-history", "number-notice", "unknown-notice",
    ],
)  # fmt: skip
def test_unusable_line_is_answered_with_the_reason(
    content: bytes, id: int | None, words: str, log: QuestionLog
) -> None:
    assistant = ScriptedAssistant()
    refused, answered = run([content, line(id=8, question="截止？")], assistant, log)
    assert set(refused) == {"id", "status", "error"}
    assert (refused["id"], refused["status"]) == (id, "error_input")
    assert words in refused["error"]
    assert answered["status"] == "answered" and len(assistant.asked) == len(log.recent()) == 1


def test_question_at_the_limit_is_asked_and_one_above_is_not(log: QuestionLog) -> None:
    assistant = ScriptedAssistant()
    at, above = run([line(question="问" * 100_000), line(question="问" * 100_001)], assistant, log)
    assert at["status"] == "not_found" and len(assistant.asked[0][0]) == 100_000
    assert above["status"] == "error_input" and "100001 个字符，最多 100000 个" in above["error"]


def test_failure_gets_a_number_and_the_run_goes_on(
    log: QuestionLog, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        failed, answered = run(
            [line(id=1, question="故障"), line(id=2, question="截止")], ScriptedAssistant(), log
        )
    assert (failed["id"], failed["status"]) == (1, "error_internal")
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].getMessage().removeprefix("incident ") in failed["error"]
    assert "the disk went away" not in failed["error"]
    assert answered["status"] == "answered"


def test_surrogates_controls_and_a_byte_order_mark_do_no_harm(log: QuestionLog) -> None:
    assistant = ScriptedAssistant()
    (result,) = run(
        [b'\xef\xbb\xbf{"id": "\\ud800", "question": "\\u0000\\ud83d\\u001b[31m"}'], assistant, log
    )
    assert result["id"] == "\ufffd"
    assert assistant.asked[0][0] == "\0\ufffd\x1b[31m"


def test_output_line_is_one_line_for_every_reader() -> None:
    text = json_line({"answer": "甲\u2028乙\x85丙\n丁\u2029\ud800"})
    assert len(text.splitlines()) == 1 and "甲" in text
    assert json.loads(text) == {"answer": "甲\u2028乙\x85丙\n丁\u2029\ufffd"}
    text.encode()


def test_unwritable_log_stops_no_answer() -> None:
    log = QuestionLog.open("sqlite:////proc/nowhere/questions.db")
    assert [result["status"] for result in run([line(question="截止")], ScriptedAssistant(), log)] == [
        "answered"
    ]
