"""A conversation in the terminal, or with lines piped in: the channel that needs no token and no server."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from bot.conversation import Conversations
from bot.datamodels import Answer, AnswerStatus, Notice
from bot.errors import KnowledgeIndexError, NoticeAssistantError
from bot.messages import EXAMPLES
from bot.questions.database import MEMORY_URL, open_database
from bot.questions.log import QuestionLog
from bot.rendering import printable, to_plain, to_terminal, wrapped
from bot.today import date_from, day_in_china

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from prompt_toolkit import PromptSession

    from bot.assistant import Assistant
    from bot.channels.terminal_check import TerminalCheck
    from bot.questions.self_checks import SelfChecks

# What only some commands need is imported by them: the greeting must not wait for it.

logger = logging.getLogger(__name__)

KEY = "terminal"
MAXIMAL_WIDTH = 100
"""Cells; longer lines of Chinese are hard to read."""
LOADER_THREAD = "load-assistant"

EXIT_OK, EXIT_FAILED, EXIT_NO_INDEX = 0, 1, 3

GREETING = "你好，我根据知识库里的通知原文回答问题，每个回答都注明出处。直接输入问题即可，/help 看命令。"
FAREWELL = "再见。"
LOADING = "正在载入模型和索引……"
THINKING = "正在查找……"
COMMANDS = {
    "/help": "显示这些命令",
    "/notices": "列出通知；/notices 2 只问第 2 份，/notices 0 恢复问全部",
    "/source": "/source 2 显示上一回答引用 [2] 的整条原文",
    "/deadlines": "还没到期的截止日期；/deadlines 2 只看第 2 份通知；/deadlines ics 文件名 存成日历文件",
    "/check": "对照申报条件逐项自查；/check 2 自查第 2 份通知，/check 2 重来 从头开始",
    "/today": "/today 2024-11-20 按这一天计算期限；/today 恢复今天",
    "/reset": "换个话题：忘掉前面的提问",
    "/quit": "离开（也可以按 Ctrl-D）",
}
UNKNOWN_COMMAND = "没有“{command}”这个命令。/help 看命令；要提问请不要以 / 开头。"
NO_ANSWER_YET = "还没有带引用的回答。先提一个问题，再用 /source 1 看原文。"
NO_SUCH_CITATION = "上一回答没有引用 [{number}]，有的是：{known}。"
CLAUSE_GONE = "索引里已找不到这一条（可能刚更新过），请重新提问。"
NO_NOTICES = "知识库里还没有通知。"
NO_SUCH_NOTICE = "没有第 {number} 份通知，请输入 0 至 {count}。"
SCOPE_CHOSEN = "现在只回答：{title}（/notices 0 恢复问全部）"
SCOPE_ALL = "现在回答全部通知。"
SCOPE_REMEMBERED = "当前只问：{title}（/notices 0 恢复问全部）"
BAD_DATE = "日期要写成 2024-11-20 这样。"
TODAY_IS = "按 {today} 计算期限。"
NEW_TOPIC = "好的，换个话题。"
DEADLINES_USAGE = "用法：/deadlines、/deadlines 2、/deadlines ics 文件名.ics、/deadlines 2 ics 文件名.ics。"
CHECK_WHICH = "要自查哪一份通知？请写 /check 加序号，例如 /check 1："
CHECK_STILL = "（自查还没做完，接着上面的问题；“退出”停下）"
AFRESH = "重来"
NEEDS_NUMBER = "{command} 后面要跟一个数字，例如 {command} 1。"
REPAIRED = "（源文件此处有注音、繁体或乱码，上面是修复后的文字）"
INCIDENT = "抱歉，这个问题处理时出错了，编号 {incident}。请换个说法再试，或把编号告诉管理员。"


def run_terminal(
    open_assistant: Callable[[], Assistant],
    conversations: Conversations,
    question_log: QuestionLog,
    clock: Callable[[], datetime],
    history_file: Path,
    open_checks: Callable[[], SelfChecks] | None = None,
) -> int:
    """Talks until /quit, Ctrl-C, Ctrl-D or the end of the input; the exit code.

    The assistant is loaded in the background while the user types. Piped input is answered in plain text, a
    line at a time.
    """
    loading = _load_in_background(open_assistant)
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    screen: Screen = ColourScreen() if interactive else Screen()
    chat = Chat(loading, conversations, question_log, clock, screen, open_checks)
    lines = _typed_lines(loading, history_file, chat.welcome) if interactive else _piped_lines()
    try:
        for line in lines:
            if not chat.respond(line):
                break
        loading.result()  # an index that is missing is reported even if nothing was asked
    except (EOFError, KeyboardInterrupt):
        pass
    except KnowledgeIndexError as error:
        screen.error(str(error))
        return EXIT_NO_INDEX
    except NoticeAssistantError as error:
        screen.error(str(error))
        return EXIT_FAILED
    except Exception:
        screen.error(_incident())
        return EXIT_FAILED
    if interactive:
        screen.line(FAREWELL)
    return EXIT_OK


def answer_once(
    assistant: Assistant,
    question_log: QuestionLog,
    clock: Callable[[], datetime],
    output: IO[str],
    question: str,
    *,
    today: date,
    notice_id: str | None,
) -> int:
    """Prints the answer to one question, with colours on a terminal, and logs it; the exit code."""
    screen = ColourScreen(output) if output.isatty() else Screen(output)
    now = clock()
    try:
        answer = assistant.ask(question, today=today, notice_id=notice_id)
        screen.answer(answer)
    except Exception:
        screen.error(_incident())
        return EXIT_FAILED
    question_log.record(answer, channel="cli", asked_at=now, index_version=assistant.version)
    return EXIT_OK


def _incident() -> str:
    """Logs the exception at hand under a number; the apology that names the number."""
    incident = secrets.token_hex(4)
    logger.exception("incident %s", incident)
    return INCIDENT.format(incident=incident)


def _load_in_background(open_assistant: Callable[[], Assistant]) -> Future[Assistant]:
    """A daemon thread, unlike an executor's, does not hold up leaving."""
    future: Future[Assistant] = Future()

    def load() -> None:
        try:
            future.set_result(open_assistant())
        except BaseException as error:  # handed to the conversation, which raises it
            future.set_exception(error)

    threading.Thread(target=load, name=LOADER_THREAD, daemon=True).start()
    return future


# ---------------------------------------------------------------- input


def _piped_lines() -> Iterator[str]:
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
    yield from sys.stdin


def _typed_lines(
    loading: Future[Assistant], history_file: Path, welcome: Callable[[], None]
) -> Iterator[str]:
    """Lines with editing, history and completion. Raises what loading raised, as soon as it did."""
    session = _prompt_session(history_file)
    application = session.app

    def stop_typing() -> None:
        error = loading.exception()
        if error is not None and application.is_running and not application.is_done:
            application.exit(exception=error)

    def watch_loading() -> None:
        loop = application.loop
        if loading.done():
            stop_typing()
        elif loop is not None:
            loading.add_done_callback(lambda _: _call_in(loop, stop_typing))

    welcome()
    while True:
        yield session.prompt("\n问：", pre_run=watch_loading)


def _call_in(loop: AbstractEventLoop, action: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # this prompt is over and its loop closed
        loop.call_soon_threadsafe(action)


def _prompt_session(history_file: Path) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory, History, InMemoryHistory

    history: History
    try:
        history_file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(history_file, os.O_RDWR | os.O_CREAT, 0o600))
        history = FileHistory(str(history_file))
    except OSError:
        history = InMemoryHistory()
    completer = WordCompleter(list(COMMANDS), meta_dict=dict(COMMANDS), sentence=True)
    return PromptSession(history=history, completer=completer, complete_while_typing=True)


# ---------------------------------------------------------------- output


class Screen:
    """Output without colours, for pipes and files."""

    def __init__(self, output: IO[str] | None = None) -> None:
        self._output = output

    def line(self, text: str = "") -> None:
        print(printable(text), file=self._output, flush=True)

    def error(self, text: str) -> None:
        print(printable(text), file=sys.stderr, flush=True)

    def answer(self, answer: Answer) -> None:
        self.line(to_plain(answer) + "\n")

    def paragraph(self, text: Text) -> None:
        self.line(text.plain)

    def waiting(self, what: str) -> AbstractContextManager[object]:
        """A context manager that shows `what` while its body runs."""
        return nullcontext()


class ColourScreen(Screen):
    """Output with colours, wrapped to the terminal."""

    def __init__(self, output: IO[str] | None = None) -> None:
        self._console = Console(file=output, highlight=False, markup=False, emoji=False)

    def line(self, text: str = "") -> None:
        self.paragraph(Text(printable(text)))

    def error(self, text: str) -> None:
        self.paragraph(Text(printable(text), style="bold red"))

    def answer(self, answer: Answer) -> None:
        self._console.print(to_terminal(answer, self._width), soft_wrap=True)

    def paragraph(self, text: Text) -> None:
        self._console.print(wrapped(text, self._width), soft_wrap=True)

    def waiting(self, what: str) -> AbstractContextManager[object]:
        return self._console.status(what)

    @property
    def _width(self) -> int:
        return min(shutil.get_terminal_size().columns, MAXIMAL_WIDTH)


# ---------------------------------------------------------------- the conversation


class Chat:
    """One person's conversation: a line in, its answer or effect on the screen."""

    def __init__(
        self,
        loading: Future[Assistant],
        conversations: Conversations,
        question_log: QuestionLog,
        clock: Callable[[], datetime],
        screen: Screen,
        open_checks: Callable[[], SelfChecks] | None = None,
    ) -> None:
        """Without `open_checks`, the progress of a check lasts as long as the conversation."""
        self._loading = loading
        self._conversations = conversations
        self._question_log = question_log
        self._clock = clock
        self._screen = screen
        self._last_answer: Answer | None = None
        self._today: date | None = None
        """The day chosen by /today; None for the present one."""
        self._open_checks = open_checks
        self._check: TerminalCheck | None = None
        """The self-check; None until one is asked for."""

    def _day(self) -> date:
        return self._today or day_in_china(self._clock())

    def welcome(self) -> None:
        self._screen.line(GREETING)
        self._screen.line("例如：" + "　".join(EXAMPLES))
        if notice_id := self._conversations.get(KEY).notice_id:
            self._screen.line(SCOPE_REMEMBERED.format(title=notice_id))

    def respond(self, line: str) -> bool:
        """False where the person wants to leave. Raises what loading the assistant raised."""
        text = line.strip()
        if not text:
            return True
        if text.startswith("/"):
            return self._command(text)
        assistant = self._assistant()
        try:
            check = self._check if self._check and self._check.is_asking else None
            if check and check.respond(text, only_replies=True):
                return True
            self._ask(assistant, text)
            if check and check.is_asking:
                self._screen.line(CHECK_STILL)
                check.repeat()
        except Exception:
            self._screen.line(_incident())
        return True

    def _assistant(self) -> Assistant:
        if self._loading.done():
            return self._loading.result()
        with self._screen.waiting(LOADING):
            return self._loading.result()

    def _ask(self, assistant: Assistant, text: str) -> None:
        now = self._clock()
        conversation = self._conversations.get(KEY)
        with self._screen.waiting(THINKING):
            answer = assistant.ask(
                text,
                today=self._day(),
                history=conversation.history,
                notice_id=self._known_scope(
                    assistant, (self._check and self._check.notice_id) or conversation.notice_id
                ),
            )
        self._screen.answer(answer)
        self._last_answer = answer
        if answer.status is not AnswerStatus.GREETING:
            self._conversations.remember(KEY, text, now)
        self._question_log.record(
            answer, channel="terminal", user=KEY, asked_at=now, index_version=assistant.version
        )

    def _known_scope(self, assistant: Assistant, notice_id: str | None) -> str | None:
        """The chosen notice, unless it has left the index since."""
        return notice_id if any(notice.id == notice_id for notice in assistant.notices()) else None

    # -- commands

    def _command(self, text: str) -> bool:
        command, _, argument = text.partition(" ")
        argument = argument.strip()
        match command:
            case "/quit" | "/exit":
                return False
            case "/help":
                for name, meaning in COMMANDS.items():
                    self._screen.line(f"{name:<12}{meaning}")
            case "/notices":
                self._notices(argument)
            case "/source":
                self._source(argument)
            case "/deadlines":
                self._deadlines(argument)
            case "/check":
                self._begin_check(argument)
            case "/today":
                self._choose_today(argument)
            case "/reset":
                self._conversations.reset(KEY)
                self._screen.line(NEW_TOPIC)
            case _:
                self._screen.line(UNKNOWN_COMMAND.format(command=command))
        return True

    def _notices(self, argument: str) -> None:
        notices = self._assistant().notices()
        if not argument:
            self._list_notices(notices)
        elif not argument.isdecimal():
            self._screen.line(NEEDS_NUMBER.format(command="/notices"))
        elif int(argument) == 0:
            self._conversations.set_notice(KEY, None)
            self._screen.line(SCOPE_ALL)
        elif int(argument) > len(notices):
            self._screen.line(NO_SUCH_NOTICE.format(number=int(argument), count=len(notices)))
        else:
            notice = notices[int(argument) - 1]
            self._conversations.set_notice(KEY, notice.id)
            self._screen.line(SCOPE_CHOSEN.format(title=notice.title))

    def _list_notices(self, notices: tuple[Notice, ...]) -> None:
        if not notices:
            self._screen.line(NO_NOTICES)
        chosen = self._conversations.get(KEY).notice_id
        for number, notice in enumerate(notices, 1):
            about = (notice.doc_number, notice.issuer, notice.issued_on and notice.issued_on.isoformat())
            details = "，".join(part for part in about if part)
            tick = "✓" if notice.id == chosen else " "
            self._screen.line(f"{tick}{number}. {notice.title}" + (f"（{details}）" if details else ""))
            for attachment in notice.attachments:
                supplied = "" if attachment.document_id else "（知识库里没有）"
                self._screen.line(f"     附件{attachment.number}：{attachment.title}{supplied}")

    def _source(self, argument: str) -> None:
        citations = self._last_answer.citations if self._last_answer else ()
        if not citations:
            self._screen.line(NO_ANSWER_YET)
            return
        number = argument.strip("[]") or ("1" if len(citations) == 1 else "")
        if not number.isdecimal():
            self._screen.line(NEEDS_NUMBER.format(command="/source"))
            return
        citation = next((each for each in citations if each.n == int(number)), None)
        if citation is None:
            known = "".join(f"[{each.n}]" for each in citations)
            self._screen.line(NO_SUCH_CITATION.format(number=int(number), known=known))
            return
        clause = self._assistant().clause(citation.chunk_id)
        if clause is None:
            self._screen.line(CLAUSE_GONE)
            return
        place = "，".join(part for part in (clause.file, clause.place) if part)
        self._screen.paragraph(Text(printable(f"《{clause.document_title}》{clause.section}"), style="bold"))
        if clause.heading_path:
            self._screen.paragraph(Text(printable(" › ".join(clause.heading_path)), style="dim"))
        self._screen.paragraph(Text(printable(clause.text)))
        self._screen.paragraph(Text(printable(place), style="dim"))
        if citation.repaired:
            self._screen.paragraph(Text(REPAIRED, style="dim"))

    def _deadlines(self, argument: str) -> None:
        """All open deadlines or those of one notice; as a calendar file with `ics FILE`."""
        from bot.agenda import agenda
        from bot.channels.deadline_listing import save_calendar, say_listing

        index, words = self._assistant().index, argument.split(maxsplit=1)
        notice: Notice | None = None
        if words and words[0].isdecimal():
            notice = self._numbered(int(words[0]))
            if notice is None:
                return
            words = words[1].split(maxsplit=1) if len(words) > 1 else []
        found = agenda(index, self._day(), notice.id if notice else None)
        if not words:
            say_listing(found, self._screen.line)
        elif words[0].casefold() == "ics" and len(words) == 2:
            save_calendar(found, Path(words[1]), self._clock(), self._screen.line)
        else:
            self._screen.line(DEADLINES_USAGE)

    def _begin_check(self, argument: str) -> None:
        """The self-check of the notice with this number, of the chosen one, or of the only one."""
        words, notices = argument.split(), self._assistant().notices()
        chosen = self._conversations.get(KEY).notice_id
        notice = next((each for each in notices if each.id == chosen), None)
        if words and words[0].isdecimal():
            notice = self._numbered(int(words[0]))
            if notice is None:
                return
        elif notice is None and len(notices) == 1:
            notice = notices[0]
        if notice is None:
            self._screen.line(CHECK_WHICH)
            self._list_notices(notices)
            return
        if self._check is None:
            self._check = self._new_check()
        self._check.start(notice.id, afresh=AFRESH in words)

    def _new_check(self) -> TerminalCheck:
        from bot.channels.terminal_check import TerminalCheck
        from bot.questions.self_checks import SelfChecks

        checks = (
            self._open_checks() if self._open_checks else SelfChecks(open_database(MEMORY_URL), self._clock)
        )
        return TerminalCheck(
            lambda: self._assistant().index,
            checks,
            KEY,
            lambda words: self._screen.paragraph(Text(printable(words))),
            self._day,
            f"/check {AFRESH}",
        )

    def _numbered(self, number: int) -> Notice | None:
        """The notice of this number in the list; None, and said so, where there is none."""
        notices = self._assistant().notices()
        if 1 <= number <= len(notices):
            return notices[number - 1]
        self._screen.line(NO_SUCH_NOTICE.format(number=number, count=len(notices)))
        return None

    def _choose_today(self, argument: str) -> None:
        today = date_from(argument)
        if argument and today is None:
            self._screen.line(BAD_DATE)
            return
        self._today = today
        self._screen.line(TODAY_IS.format(today=self._day()))
