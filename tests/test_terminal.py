"""The conversation in the terminal: piped line by line, and typed at a real pseudo-terminal."""

from __future__ import annotations

import os
import re
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from example_answers import NOTICE_ID, ONLINE_CLAUSE, TITLE, ScriptedAssistant

from bot.channels.terminal import Chat, Screen
from bot.conversation import Conversations
from bot.questions.database import open_database
from bot.questions.log import QuestionLog

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
PROJECT = Path(__file__).resolve().parent.parent


class Talk:
    """A conversation with a plain screen whose answers can be read one by one."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.assistant = ScriptedAssistant()
        database = open_database(f"sqlite:///{path}")
        self.conversations = Conversations(database, lambda: NOW, history_length=10)
        self.log = QuestionLog(database, lambda: NOW)
        loading: Future[ScriptedAssistant] = Future()
        loading.set_result(self.assistant)
        self._chat = Chat(loading, self.conversations, self.log, lambda: NOW, Screen())
        self._capsys = capsys
        self.going_on = True

    def __call__(self, line: str) -> str:
        self.going_on = self._chat.respond(line)
        return self._capsys.readouterr().out


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Talk:
    return Talk(tmp_path / "questions.db", capsys)


def test_question_is_answered_with_its_quotes_and_logged(say: Talk) -> None:
    answer = say("什么时候截止\n")
    assert "2024年11月22日前" in answer and f"“{ONLINE_CLAUSE}”" in answer
    (logged,) = say.log.recent()
    assert (logged.question, logged.channel, logged.asked_at) == ("什么时候截止", "terminal", NOW)
    assert logged.index_version == "20261122-1"


def test_day_is_reckoned_in_china(say: Talk) -> None:
    say("截止")
    assert say.assistant.asked[-1][1] == date(2026, 11, 23)


def test_follow_up_carries_ten_questions_but_no_greeting(say: Talk) -> None:
    say("你好")
    for number in range(11):
        say(f"问题{number}")
    say("那纸质材料呢")
    assert say.assistant.asked[-1][2] == tuple(f"问题{number}" for number in range(1, 11))
    say("/reset")
    say("截止")
    assert say.assistant.asked[-1][2] == ()


def test_today_can_be_set_and_given_back(say: Talk) -> None:
    assert say("/today 2024-11-20") == "按 2024-11-20 计算期限。\n"
    say("截止")
    assert "2024-11-20 这样" in say("/today 20.11.2024")
    say("截止")
    assert say("/today") == "按 2026-11-23 计算期限。\n"
    say("截止")
    assert [asked[1] for asked in say.assistant.asked] == [
        date(2024, 11, 20),
        date(2024, 11, 20),
        date(2026, 11, 23),
    ]


def test_notices_are_listed_and_one_is_chosen(say: Talk) -> None:
    assert f" 1. {TITLE}（湖南省工业和信息化厅，2024-11-08）\n 2. 关于第二份的通知\n" == say("/notices")
    assert TITLE in say("/notices 1")
    assert f"✓1. {TITLE}" in say("/notices")
    say("截止")
    assert "0 至 2" in say("/notices 3")
    assert "/notices 1" in say("/notices 第一份")
    say("/notices 0")
    say("截止")
    assert [asked[3] for asked in say.assistant.asked] == [NOTICE_ID, None]


def test_chosen_notice_that_has_left_the_index_is_dropped(say: Talk) -> None:
    say.conversations.set_notice("terminal", "已删除的通知")
    say("截止")
    assert say.assistant.asked[-1][3] is None


def test_source_shows_the_whole_clause_and_its_place(say: Talk) -> None:
    assert "先提一个问题" in say("/source 1")
    say("截止")
    assert say("/source 1") == (
        f"《{TITLE}》二、（二）1.\n"
        "二、2024年度智能工厂梯度培育行动申报工作 › （二）申报流程\n"
        f"{ONLINE_CLAUSE}\n"
        f"{NOTICE_ID}/{TITLE}.txt，第12行\n"
        "（源文件此处有注音、繁体或乱码，上面是修复后的文字）\n"
    )
    assert say("/source [1]").startswith(f"《{TITLE}》")
    assert "请重新提问" in say("/source 2")
    assert "没有引用 [9]，有的是：[1][2]" in say("/source 9")
    assert "/source 1" in say("/source")
    say("补多少钱")
    assert "先提一个问题" in say("/source 1")


def test_help_names_every_command_and_unknown_ones_are_refused(say: Talk) -> None:
    commands = re.findall(r"^/\w+", say("/help"), re.MULTILINE)
    assert commands == [
        "/help",
        "/notices",
        "/source",
        "/deadlines",
        "/check",
        "/today",
        "/reset",
        "/quit",
    ]
    assert "“/sources”" in say("/sources")
    assert say.assistant.asked == []


def test_blank_line_says_nothing_and_quit_ends(say: Talk) -> None:
    assert say("  \n") == "" and say.going_on
    assert say("/quit") == "" and not say.going_on


def test_failure_gets_a_number_and_the_talk_goes_on(say: Talk, caplog: pytest.LogCaptureFixture) -> None:
    apology = say("故障")
    assert caplog.records[0].getMessage().removeprefix("incident ") in apology
    assert say.going_on and "2024年11月22日前" in say("截止")


# ---------------------------------------------------------------- whole processes

CHAT = """
import sys, time
from pathlib import Path
sys.path[:0] = [{project!r}, {tests!r}]
from example_answers import ScriptedAssistant
from bot.channels.terminal import run_terminal
from bot.conversation import Conversations
from bot.errors import IndexMissing
from bot.questions.log import QuestionLog, utc_now

def open_assistant():
    time.sleep({seconds})
    if {missing}:
        raise IndexMissing("还没有索引。请运行：python index_builder.py")
    if {broken}:
        raise RuntimeError("the disk went away")
    return ScriptedAssistant()

url = "sqlite:///" + {folder!r} + "/questions.db"
sys.exit(run_terminal(
    open_assistant, Conversations.open(url), QuestionLog.open(url), utc_now, Path({folder!r}) / "chat_history"
))
"""


@pytest.fixture
def chat_code(tmp_path: Path) -> Callable[..., list[str]]:
    def code(seconds: float = 0.0, missing: bool = False, broken: bool = False) -> list[str]:
        text = CHAT.format(
            project=str(PROJECT),
            tests=str(Path(__file__).parent),
            folder=str(tmp_path),
            seconds=seconds,
            missing=missing,
            broken=broken,
        )
        return [sys.executable, "-c", text]

    return code


def test_piped_lines_are_answered_in_plain_text(chat_code: Callable[..., list[str]]) -> None:
    lines = "什么时候截止\n\n/source 1\n坏字节\udcff\n补多少钱".encode("utf-8", "surrogateescape")
    done = subprocess.run(chat_code(), input=lines, capture_output=True, timeout=30)
    output = done.stdout.decode()
    assert done.returncode == 0 and done.stderr == b""
    assert "\x1b" not in output
    assert output.index("2024年11月22日前") < output.index(" › （二）申报流程")
    assert output.count("通知没有写明奖补金额。") == 2


def test_piped_talk_without_an_index_names_the_command(chat_code: Callable[..., list[str]]) -> None:
    for lines in (b"", "截止\n".encode()):
        done = subprocess.run(chat_code(missing=True), input=lines, capture_output=True, timeout=30)
        assert (done.returncode, done.stdout) == (3, b"")
        assert done.stderr.decode() == "还没有索引。请运行：python index_builder.py\n"


def test_assistant_that_cannot_load_gets_a_number(chat_code: Callable[..., list[str]]) -> None:
    done = subprocess.run(chat_code(broken=True), input="截止\n".encode(), capture_output=True, timeout=30)
    assert (done.returncode, done.stdout) == (1, b"")
    number = re.search("编号 ([0-9a-f]{8})", done.stderr.decode())
    assert number and f"incident {number[1]}" in done.stderr.decode()


class PseudoTerminal:
    """A process at a terminal of 80 columns: what it shows can be awaited, keys can be typed."""

    def __init__(self, arguments: list[str]) -> None:
        import fcntl
        import pty
        import termios

        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)
        self.shown = ""
        self._read_from = 0

    def wait_for(self, words: str, seconds: float = 15) -> None:
        """Reads until the words are shown after those awaited before."""
        end = time.monotonic() + seconds
        while words not in self.shown[self._read_from :]:
            assert time.monotonic() < end, f"never shown: {words!r} in {self.shown!r}"
            self._read()
        self._read_from = self.shown.index(words, self._read_from) + len(words)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def exit_code(self, seconds: float = 15) -> int:
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self._read()
        self._read()
        return self.process.wait(1)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def _read(self) -> None:
        if not select.select([self._ours], [], [], 0.05)[0]:
            return
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the process has left its terminal
            return
        if b"\x1b[6n" in data:
            os.write(self._ours, b"\x1b[1;1R")  # where the cursor is, which prompt_toolkit asks
        self.shown += data.decode("utf-8", "replace")


@pytest.fixture
def at_terminal() -> Iterator[Callable[[list[str]], PseudoTerminal]]:
    opened: list[PseudoTerminal] = []

    def start(arguments: list[str]) -> PseudoTerminal:
        opened.append(PseudoTerminal(arguments))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def test_typed_talk_greets_at_once_and_answers_in_colour(
    chat_code: Callable[..., list[str]], at_terminal: Callable[[list[str]], PseudoTerminal], tmp_path: Path
) -> None:
    terminal = at_terminal(chat_code(seconds=2))
    started = time.monotonic()
    terminal.wait_for("例如：")
    terminal.wait_for("问：")
    assert time.monotonic() - started < 2  # the model is still being loaded
    terminal.type("什么时候截止\r")
    terminal.wait_for("正在载入")
    terminal.wait_for("\x1b[1;32m2024年11月22日前\x1b[0m")
    terminal.wait_for("\x1b[1;4m于2024年11月22日前完成线上申报\x1b[0m")
    terminal.wait_for("可以接着问：")
    terminal.wait_for("问：")
    terminal.type("/notices 2\r")
    terminal.wait_for("现在只回答：关于第二份的通知")
    terminal.wait_for("问：")
    terminal.type("\x04")
    terminal.wait_for("再见。")
    assert terminal.exit_code() == 0
    assert "Traceback" not in terminal.shown
    assert "+什么时候截止" in (tmp_path / "chat_history").read_text(encoding="utf-8")


def test_interrupt_while_loading_leaves_politely(
    chat_code: Callable[..., list[str]], at_terminal: Callable[[list[str]], PseudoTerminal]
) -> None:
    terminal = at_terminal(chat_code(seconds=1))
    terminal.wait_for("问：")
    terminal.type("\x03")
    terminal.wait_for("再见。")
    assert terminal.exit_code() == 0 and "Traceback" not in terminal.shown


def test_missing_index_ends_the_typing(
    chat_code: Callable[..., list[str]], at_terminal: Callable[[list[str]], PseudoTerminal]
) -> None:
    terminal = at_terminal(chat_code(seconds=0.5, missing=True))
    terminal.wait_for("还没有索引。请运行：python index_builder.py")
    assert terminal.exit_code() == 3 and "Traceback" not in terminal.shown
