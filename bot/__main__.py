"""Command line -> the parts of the assistant put together: the composition root of everything that asks."""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from bot.command_line import EXIT_USAGE, Parser, fail
from bot.config import PROJECT, Settings, load_settings
from bot.errors import BotAlreadyRunning, KnowledgeIndexError, NoticeAssistantError, SettingsError
from bot.today import date_from, day_in_china

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.channels.telegram.staff_desk import StaffWork
    from bot.questions.database import Database
    from bot.questions.self_checks import SelfChecks
    from bot.rephrasing import Complete

# Everything else is imported inside a command: --help and refusals of bad usage must not wait for models.

EXIT_OK, EXIT_FAILED, EXIT_NO_INDEX, EXIT_RUNNING, EXIT_INTERRUPTED = 0, 1, 3, 4, 130
EXIT_HELP = (
    "退出码：0 正常，1 出错，2 用法或设置有误，3 还没有可用的索引（请运行 python index_builder.py），"
    "4 机器人已在运行。"
)
EPILOG = f"""\
例子：
  python -m bot ask "什么时候截止申报？"
  python -m bot ask "分公司能报吗" --json --today 2024-11-20
  python -m bot ask --jsonl < questions.jsonl > answers.jsonl
  python -m bot chat

{EXIT_HELP}"""

NOT_THERE_YET = "“{command}”还没有做好。现在可以用：python -m bot chat，或 python -m bot telegram。"
NO_SUCH_NOTICE = "知识库里没有“{id}”这份通知。请写 knowledge/ 下的文件夹名。"
CHECK_AGAIN = "python -m bot check --again"
NEEDS_QUESTION = '请给出问题，例如：python -m bot ask "什么时候截止申报？"，或用 --jsonl 从标准输入读。'
ONLY_SINGLE = "--jsonl 不能与问题、--json、--today、--notice 同用：每一行自带 question、today、notice。"
NEEDS_TOKEN = (
    "没有设置 TELEGRAM_BOT_TOKEN。请在 Telegram 里向 @BotFather 申请一个，写进 .env："
    "TELEGRAM_BOT_TOKEN=123456:ABC…；不用 Telegram 也可以直接对话：python -m bot chat。"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        if args[:1] == ["evaluate"]:
            from bot.evaluation import main as evaluate

            return int(evaluate(args[1:]))
        if args[:1] == ["faq"]:
            from bot.questions.commands import main as faq

            return faq(args[1:], _now)
        return _run(_parser().parse_args(args))
    except SystemExit as stop:  # argparse has printed why
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except SettingsError as error:
        return fail(str(error), EXIT_USAGE)
    except KnowledgeIndexError as error:
        return fail(str(error), EXIT_NO_INDEX)
    except BotAlreadyRunning as error:
        return fail(str(error), EXIT_RUNNING)
    except NoticeAssistantError as error:
        return fail(str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m bot",
        description="通知助手：根据通知原文回答问题，每个回答都注明出处。",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="命令")
    commands.add_parser("start", help="设了 TELEGRAM_BOT_TOKEN 就运行 Telegram 机器人，没设就在终端里对话")
    commands.add_parser("chat", help="在终端里对话")
    ask = commands.add_parser("ask", help="问一个问题，或成批提问", epilog=EXIT_HELP)
    ask.add_argument("question", nargs="?", metavar="问题")
    ask.add_argument("--json", action="store_true", help="以 JSON 输出")
    ask.add_argument("--jsonl", action="store_true", help="从标准输入逐行读 JSON，逐行输出 JSON")
    ask.add_argument("--today", type=_date, metavar="YYYY-MM-DD", help="按这一天计算期限（默认北京时间今天）")
    ask.add_argument("--notice", metavar="ID", help="只问这一份通知：knowledge/ 下的文件夹名")
    commands.add_parser("telegram", help="运行 Telegram 机器人（需要 TELEGRAM_BOT_TOKEN）")
    deadlines = commands.add_parser("deadlines", help="还没到期的截止日期，最近的在前；可存成日历文件")
    deadlines.add_argument("--notice", metavar="ID", help="只看这一份通知：knowledge/ 下的文件夹名")
    deadlines.add_argument(
        "--today", type=_date, metavar="YYYY-MM-DD", help="按这一天计算（默认北京时间今天）"
    )
    deadlines.add_argument("--ics", metavar="FILE", help="存成日历文件（.ics）")
    deadlines.add_argument("--json", action="store_true", help="以 JSON 输出")
    check = commands.add_parser("check", help="对照申报条件逐项自查，可以中途退出、下次接着做")
    check.add_argument("--notice", metavar="ID", help="自查这一份通知：knowledge/ 下的文件夹名")
    check.add_argument(
        "--today", type=_date, metavar="YYYY-MM-DD", help="按这一天计算期限（默认北京时间今天）"
    )
    check.add_argument("--again", action="store_true", help="从头再来")
    commands.add_parser("evaluate", help="在带答案的问题集上评测：evaluate 目录", add_help=False)
    commands.add_parser("doctor", help="检查环境、索引、模型、数据库和设置")
    commands.add_parser("faq", help="整理常见问题：报告、草稿、审定、复查（faq --help）", add_help=False)
    later = commands.add_parser("web", help="（还没有做好）")
    later.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(parser=parser, ask_parser=ask, deadlines_parser=deadlines, check_parser=check)
    return parser


def _date(text: str) -> date:
    day = date_from(text)
    if day is None:
        raise argparse.ArgumentTypeError(f"“{text}”不是 2024-11-20 这样的日期")
    return day


def _run(args: argparse.Namespace) -> int:
    match args.command:
        case "ask":
            return _ask(args)
        case "chat":
            return _chat(load_settings())
        case "start":
            settings = load_settings()
            return _telegram(settings) if settings.telegram.token else _chat(settings)
        case "telegram":
            return _telegram(load_settings())
        case "deadlines":
            return _deadlines(load_settings(), args)
        case "check":
            return _check(load_settings(), args)
        case "doctor":
            return _doctor()
        case "web":
            return fail(NOT_THERE_YET.format(command=args.command), EXIT_USAGE)
    args.parser.print_help()
    return EXIT_OK


def _now() -> datetime:
    return datetime.now(UTC)


def _language_model(settings: Settings) -> Complete | None:
    """What may put answers in other words; None where no server is set."""
    if not settings.language_model.base_url:
        return None
    from bot.language_model import LanguageModel

    return LanguageModel(settings.language_model).complete


# ---------------------------------------------------------------- ask


def _ask(args: argparse.Namespace) -> int:
    if args.jsonl:
        if args.question is not None or args.json or args.today or args.notice is not None:
            args.ask_parser.error(ONLY_SINGLE)
        return _ask_batch(load_settings())
    if not (args.question or "").strip():
        args.ask_parser.error(NEEDS_QUESTION)
    return _ask_one(load_settings(), args)


def _ask_batch(settings: Settings) -> int:
    with _answers_only() as output:
        from bot.assistant import Assistant
        from bot.channels.batch import answer_lines
        from bot.questions.log import QuestionLog

        assistant = Assistant.open(settings, _language_model(settings))
        log = QuestionLog(_database(settings))
        for line in answer_lines(sys.stdin.buffer, assistant, log, _now):
            output.write(line + "\n")
            output.flush()
    return EXIT_OK


def _ask_one(settings: Settings, args: argparse.Namespace) -> int:
    with _answers_only() as output:
        from bot.assistant import Assistant
        from bot.channels.batch import Request, RequestError, answer_object, check_notice, json_line
        from bot.channels.terminal import answer_once
        from bot.questions.log import QuestionLog
        from bot.rendering import without_surrogates

        question = without_surrogates(args.question)
        request = Request(None, question, args.today, notice_id=args.notice)
        assistant = Assistant.open(settings, _language_model(settings))
        try:
            check_notice(request, assistant)
        except RequestError as error:
            args.ask_parser.error(str(error))
        log = QuestionLog(_database(settings))
        if not args.json:
            today = args.today or day_in_china(_now())
            return answer_once(assistant, log, _now, output, question, today=today, notice_id=args.notice)
        values = answer_object(request, assistant, log, _now, channel="cli")
        output.write(json_line(values) + "\n")
        return EXIT_FAILED if "error" in values else EXIT_OK


def _database(settings: Settings) -> Database:
    """The database, rid of what has served its time: whichever way the assistant is used, that goes."""
    from bot.questions.database import open_database
    from bot.questions.privacy import PersonalData

    database = open_database(settings.database_url)
    PersonalData(database, _now).forget_daily(settings.retention_days)
    return database


@contextmanager
def _answers_only() -> Iterator[IO[str]]:
    """A UTF-8 stream to standard output, which nothing else reaches: what libraries print goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with (
            os.fdopen(os.dup(kept), "w", encoding="utf-8", newline="\n") as output,
            redirect_stdout(sys.stderr),
        ):
            yield output
    finally:
        os.dup2(kept, 1)
        os.close(kept)


# ---------------------------------------------------------------- conversations


def _chat(settings: Settings) -> int:
    from bot.channels.terminal import run_terminal
    from bot.conversation import Conversations
    from bot.questions.log import QuestionLog

    def open_checks() -> SelfChecks:
        from bot.questions.self_checks import SelfChecks

        return SelfChecks(database, _now)

    def open_assistant() -> Assistant:
        from bot.assistant import Assistant

        return Assistant.open(settings, _language_model(settings))

    database = _database(settings)
    return run_terminal(
        open_assistant,
        Conversations(database, _now, history_length=10),
        QuestionLog(database, _now),
        _now,
        settings.index_dir.parent / "chat_history",
        open_checks,
    )


# ---------------------------------------------------------------- look up


def _deadlines(settings: Settings, args: argparse.Namespace) -> int:
    """Lists the open deadlines; needs no model."""
    from bot.agenda import agenda
    from bot.channels.deadline_listing import listing_json, save_calendar, say_listing
    from bot.index.store import load_index

    index = load_index(settings.index_dir)
    if args.notice is not None and args.notice not in index.notices:
        args.deadlines_parser.error(NO_SUCH_NOTICE.format(id=args.notice))
    found = agenda(index, args.today or day_in_china(_now()), args.notice)
    if args.json:
        print(listing_json(found))
    elif not args.ics:
        say_listing(found, print)
    if args.ics:
        say = (lambda words: print(words, file=sys.stderr)) if args.json else print
        return EXIT_OK if save_calendar(found, Path(args.ics), _now(), say) else EXIT_FAILED
    return EXIT_OK


def _check(settings: Settings, args: argparse.Namespace) -> int:
    """A self-check at the terminal, or with lines piped in; needs no model."""
    from bot.channels.terminal_check import TerminalCheck, run_check
    from bot.index.store import load_index
    from bot.questions.self_checks import SelfChecks

    index = load_index(settings.index_dir)
    if args.notice is not None and args.notice not in index.notices:
        args.check_parser.error(NO_SUCH_NOTICE.format(id=args.notice))
    checks = SelfChecks(_database(settings), _now)
    today = args.today or day_in_china(_now())
    check = TerminalCheck(lambda: index, checks, "terminal", print, lambda: today, CHECK_AGAIN)
    run_check(check, tuple(index.notices.values()), args.notice, sys.stdin, print, afresh=args.again)
    return EXIT_OK


def _telegram(settings: Settings) -> int:
    if not settings.telegram.token:
        return fail(NEEDS_TOKEN, EXIT_USAGE)
    from bot.assistant import Assistant
    from bot.catalogue import Catalogue
    from bot.channels.telegram import run_telegram
    from bot.questions.database import open_database

    database = open_database(settings.database_url)
    assistant = Assistant.open(settings, _language_model(settings))
    return run_telegram(
        assistant,
        Catalogue(assistant),
        database,
        settings.telegram,
        _now,
        folder=settings.index_dir.parent,
        retention_days=settings.retention_days,
        staff=_staff_work(settings, assistant, database) if settings.telegram.staff else None,
    )


def _staff_work(settings: Settings, assistant: Assistant, database: Database) -> StaffWork:
    """What staff work with in Telegram: the knowledge folder, its index, the FAQ pages."""
    from bot.channels.telegram.staff_desk import StaffWork
    from bot.channels.telegram.staff_drafts import FaqPages
    from bot.documents.library import FAQ_FOLDER
    from bot.publishing import Publishing
    from bot.quarantine import Quarantine
    from bot.questions.audit import Audit
    from bot.questions.reporting import Reporter
    from bot.ranking import Ranker

    knowledge = settings.knowledge_dir
    quarantine = Quarantine(settings.var_dir, knowledge)
    publishing = Publishing(knowledge, settings.index_dir, assistant.encoder, quarantine, clock=_now)
    reporter = Reporter(assistant.without_language_model(), database, _now)
    pages = FaqPages(
        knowledge / FAQ_FOLDER,
        reporter.ask,
        lambda: assistant.index,
        Ranker.from_file(),
        Audit(database, _now),
        _now,
    )
    return StaffWork(publishing, pages, reporter.report, pages.held_back)


# ---------------------------------------------------------------- doctor

Check = tuple[str, bool, str]
"""What was checked, whether it is well, and the finding in Chinese."""


def _doctor() -> int:
    """Prints a line a check; 1 where one failed."""
    checks = [_python_check(), _package_check()]
    try:
        settings = load_settings()
        checks += [*_settings_checks(settings), _database_check(settings)]
        checks += [
            _language_model_check(settings),
            *_polling_checks(settings),
            *_index_checks(settings),
            *_assistant_checks(settings),
        ]
    except SettingsError as error:
        checks.append(("设置", False, str(error)))
    for what, well, detail in checks:
        print(f"{'✓' if well else '✗'} {what}：{detail}")
    failed = sum(not well for _, well, _ in checks)
    print("一切正常。" if not failed else f"有 {failed} 项需要处理。")
    return EXIT_FAILED if failed else EXIT_OK


def _python_check() -> Check:
    well = sys.version_info >= (3, 11)
    return "Python", well, ".".join(map(str, sys.version_info[:3])) + ("" if well else "，需要 3.11 以上")


def _package_check() -> Check:
    """Compares what is installed with requirements.txt; another version is named but does no harm."""
    from importlib.metadata import PackageNotFoundError, version

    pinned = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)
    try:
        pins = pinned.findall((PROJECT / "requirements.txt").read_text(encoding="utf-8"))
    except OSError:
        return "软件包", False, "找不到 requirements.txt。"
    missing, other = [], []
    for name, wanted in pins:
        try:
            installed = version(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        if installed.split("+")[0] != wanted:
            other.append(f"{name} {installed}（应为 {wanted}）")
    if missing:
        return "软件包", False, f"缺少 {'、'.join(missing)}。请运行：pip install -r requirements.txt"
    return "软件包", True, f"{len(pins)} 个齐全" + (f"；版本不同：{'、'.join(other)}" if other else "")


def _settings_checks(settings: Settings) -> list[Check]:
    from bot.questions.database import hidden_url

    telegram = settings.telegram
    mode = "webhook" if telegram.webhook_url else "轮询"
    return [
        ("知识文件夹", settings.knowledge_dir.is_dir(), f"{settings.knowledge_dir}"),
        ("索引文件夹", True, f"{settings.index_dir}"),
        ("编码模型", True, settings.embedding_model),
        ("数据库地址", True, hidden_url(settings.database_url)),
        (
            "Telegram",
            True,
            f"令牌{'已' if telegram.token else '未'}设置，{mode}，代理{'已' if telegram.proxy else '未'}设置",
        ),
    ]


def _database_check(settings: Settings) -> Check:
    from bot.questions.database import open_database

    problem = open_database(settings.database_url).problem
    return "问题记录库", not problem, problem or "可以写入"


def _language_model_check(settings: Settings) -> Check:
    """Whether answers may be put in other words, and whether the server answers now."""
    if not settings.language_model.base_url:
        return "语言模型", True, "没有启用（要用就设 LLM_BASE_URL 和 LLM_MODEL）；回答全部由原文条款组成"
    from bot.errors import LanguageModelError
    from bot.language_model import LanguageModel

    model = LanguageModel(settings.language_model)
    started = _now()
    try:
        model.complete("这是连接检查，请只回复一个字。", "好")
    except LanguageModelError as error:
        detail = f"{model.name}：{error}回答仍照原文给出；请检查服务和 LLM_BASE_URL、LLM_MODEL、LLM_API_KEY。"
        return "语言模型", False, detail
    return "语言模型", True, f"{model.name}，{(_now() - started).total_seconds():.1f} 秒内答复"


LATE_POLL_SECONDS = 120
"""A long poll ends after 30 s and is noted every 10 s; a bot that was not heard for so long is deaf or gone."""


def _polling_checks(settings: Settings) -> list[Check]:
    """How long ago a running Telegram bot heard Telegram; nothing where none has ever run."""
    from bot.questions.database import open_database
    from bot.questions.heartbeat import Heartbeats

    beat = Heartbeats(open_database(settings.database_url)).last("telegram")
    if beat is None:
        return []
    age = (_now() - beat.at).total_seconds()
    who = f"@{beat.detail.get('username')}，{beat.detail.get('host')} 上的进程 {beat.detail.get('pid')}"
    if age <= LATE_POLL_SECONDS:
        return [("Telegram 机器人", True, f"正在运行（{who}），{age:.0f} 秒前刚和 Telegram 通过话")]
    words = f"上次和 Telegram 通话是 {age / 60:.0f} 分钟前（{who}）。要用就启动：python -m bot telegram"
    return [("Telegram 机器人", not settings.telegram.token, words)]


def _index_checks(settings: Settings) -> list[Check]:
    from bot.index.health import index_health

    return list(index_health(settings.index_dir, settings.knowledge_dir, _now()))


def _assistant_checks(settings: Settings) -> list[Check]:
    try:
        from bot.assistant import Assistant

        return list(Assistant.open(settings).health())
    except NoticeAssistantError as error:
        return [("索引和模型", False, str(error))]
    except Exception as error:
        logging.getLogger(__name__).debug("doctor", exc_info=True)
        return [("索引和模型", False, f"载入时出错：{type(error).__name__}: {error}")]


def _leave(code: int) -> NoReturn:
    """Ends the process, at once where a model is still being loaded for a person who has left already."""
    if not any(thread.daemon and thread.name != "index-watcher" for thread in threading.enumerate()):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
