"""Self-check and deadlines at the terminal: the real conversation and the commands, on piped lines."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest

from bot.__main__ import main
from bot.channels.terminal import run_terminal
from bot.conversation import Conversations
from bot.questions.database import open_database
from bot.questions.log import QuestionLog
from bot.questions.self_checks import SelfChecks
from tests.check_fixtures import MADE, PROJECT, REAL, assistant_over, publish, write_knowledge

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CHAT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path[:0] = [{project!r}]
from bot.channels.terminal import run_terminal
from bot.conversation import Conversations
from bot.questions.database import open_database
from bot.questions.log import QuestionLog
from bot.questions.self_checks import SelfChecks
from tests.check_fixtures import assistant_over

def now():
    return datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

folder = Path({folder!r})
database = open_database("sqlite:///" + str(folder / "questions.db"))
sys.exit(run_terminal(
    lambda: assistant_over(folder / "index"), Conversations(database, now), QuestionLog(database, now), now,
    folder / "chat_history", lambda: SelfChecks(database, now),
))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(write_knowledge(tmp_path / "knowledge"), tmp_path / "index")
    return tmp_path


def piped_chat(folder: Path, *lines: str) -> str:
    """What the conversation prints for lines piped into a process of its own."""
    code = CHAT.format(project=str(PROJECT), folder=str(folder))
    given = "".join(line + "\n" for line in lines).encode()
    done = subprocess.run(
        [sys.executable, "-c", code], input=given, capture_output=True, cwd=folder, timeout=60
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


Say = Callable[..., str]


@pytest.fixture
def chat(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """The same loop in this process."""

    def talk(*lines: str) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(line + "\n" for line in lines)))
        database = open_database(f"sqlite:///{folder / 'questions.db'}")
        code = run_terminal(
            lambda: assistant_over(folder / "index"),
            Conversations(database, lambda: NOW),
            QuestionLog(database, lambda: NOW),
            lambda: NOW,
            folder / "chat_history",
            lambda: SelfChecks(database, lambda: NOW),
        )
        captured = capsys.readouterr()
        assert (code, captured.err) == (0, "")
        return captured.out

    return talk


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def bot(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The command line in this process, over the index of `folder`."""
    for name, value in _environment(folder).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, lines: tuple[str, ...] = ()) -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(line + "\n" for line in lines)))
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


def _environment(folder: Path) -> dict[str, str]:
    return {
        "INDEX_DIR": str(folder / "index"),
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'questions.db'}",
        "TELEGRAM_BOT_TOKEN": "",
    }


# ---------------------------------------------------------------- in the conversation


def test_a_check_is_talked_through_and_a_question_may_come_between(folder: Path) -> None:
    said = piped_chat(
        folder,
        "/check 1",
        "1",
        "是",
        "营业收入 3000 万元",
        "什么时候截止申报？",
        "3",
        "没有",
        "没有",
        "75%",
        "70%",
        "1",
    )
    assert said.startswith("《2026年江海市数字工厂申报》按级别或类别分列了要求")
    assert "1. 示范级" in said and "第 1/8 项 · 条件" in said
    assert "比较：3000 万元 ≥ 2000万元：成立" in said
    answered = said.index("2026年12月1日17:00前", said.index("第 3/8 项"))
    assert said.index("（自查还没做完", answered) < said.index("第 4/8 项")
    assert said.count("第 3/8 项") == 2  # asked again after the question
    assert "自查结果：《2026年江海市数字工厂申报》（示范级）共 8 项：符合 6，不符合 1，待核实 1。" in said
    assert "70% ≥ 80%：不成立" in said and "自查不代表认定" in said


def test_a_check_goes_on_in_the_next_conversation(chat: Say) -> None:
    first = chat("/check 2", "是", "退出", "1")
    assert "已停下，进度已保存" in first and "第 3/3 项" not in first
    second = chat("/check 2", "返回", "2", "1", "不清楚")
    assert "接着自查《2024年度智能工厂梯度培育行动》：共 3 项，已答 1 项。" in second
    assert "共 3 项：符合 1，不符合 1，待核实 1。" in second and "逾期 730 天" in second
    third = chat("/check 2")
    assert "自查结果" in third and "/check 重来" in third
    assert "第 1/3 项" in chat("/check 2 重来")


def test_the_chosen_notice_is_checked_and_without_one_it_is_asked(chat: Say) -> None:
    assert "第 1/3 项" in chat("/notices 2", "/check")
    other = chat("/notices 0", "/check", "/check 9")
    assert "要自查哪一份通知？" in other and "没有第 9 份通知" in other


def test_open_deadlines_are_listed_and_saved_for_the_calendar(chat: Say, folder: Path) -> None:
    said = chat(
        "/deadlines", "/deadlines 2", "/deadlines ics all.ics", "/deadlines 2 ics real.ics",
        "/today 2024-11-20", "/deadlines 2 ics real.ics", "/deadlines 什么", "/deadlines ics no/such/folder.ics",
    )  # fmt: skip
    assert "2026年12月1日（周二）17:00 还剩 9 天 · 企业：完成网上填报" in said
    assert "另有 2 个截止日期已过。" in said
    assert "没有写日历文件" in said and "用法：/deadlines" in said and "不能写入 no/such/folder.ics" in said
    events = {
        name: icalendar.Calendar.from_ical((folder / f"{name}.ics").read_bytes()).walk("VEVENT")
        for name in ("all", "real")
    }
    assert [event["DTSTART"].dt.isoformat()[:10] for event in events["all"]] == ["2026-12-01", "2026-12-11"]
    assert [event["DTSTART"].dt.isoformat() for event in events["real"]] == ["2024-11-22", "2024-11-23"]


# ---------------------------------------------------------------- as commands


def test_deadlines_on_the_command_line(
    bot: Callable[..., Done], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = bot("deadlines", "--today", "2026-11-22")
    assert listed.code == 0 and "还剩 9 天" in listed.out
    values = json.loads(bot("deadlines", "--today", "2026-11-22", "--notice", MADE, "--json").out)
    assert [each["day"] for each in values["deadlines"]] == ["2026-12-01", "2026-12-11"] and values[
        "passed"
    ] == 0
    saved = bot("deadlines", "--today", "2026-11-22", "--ics", str(folder / "d.ics"))
    assert saved.code == 0 and (folder / "d.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    wrong = bot("deadlines", "--notice", "没有的")
    assert wrong.code == 2 and "没有“没有的”这份通知" in wrong.err
    monkeypatch.setenv("INDEX_DIR", str(folder / "elsewhere"))
    assert bot("deadlines").code == 3


def test_check_on_the_command_line_stops_and_goes_on(bot: Callable[..., Done]) -> None:
    first = bot("check", "--notice", REAL, "--today", "2026-11-22", lines=("随便", "是"))
    assert first.code == 0 and first.err == ""
    assert "请回复 1、2、3" in first.out and "第 2/3 项" in first.out
    second = bot("check", "--notice", REAL, "--today", "2026-11-22", lines=("1", "2"))
    assert "已答 1 项" in second.out and "符合 2，不符合 1" in second.out and "逾期 730 天" in second.out
    chosen = bot("check", lines=("9", "1", "2", "退出"))
    assert "要自查哪一份通知？" in chosen.out and "请回复 1 至 2 的数字" in chosen.out
    assert bot("check", "--notice", "没有的").code == 2


def test_check_reads_what_is_piped_into_a_process(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", "--notice", REAL],
        input="1\n不清楚\n1\n".encode(),
        capture_output=True,
        cwd=PROJECT,
        env={**os.environ, **_environment(folder)},
        timeout=60,
    )
    assert done.returncode == 0 and done.stderr == b""
    assert "符合 2，不符合 0，待核实 1" in done.stdout.decode()
