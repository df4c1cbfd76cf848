"""`python -m bot faq report`: arguments -> the report, on standard output or in a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.assistant import Assistant
from bot.command_line import EXIT_USAGE, fail
from bot.config import Settings
from bot.questions.database import open_database
from bot.questions.report import FaqReport
from bot.questions.report_page import to_html
from bot.questions.report_rendering import to_csv, to_json, to_markdown
from bot.questions.reporting import Reporter
from bot.today import day_in_china

PERIOD = timedelta(days=27)
"""Before the last day: four weeks in all."""
RENDERERS: dict[str, Callable[[FaqReport], str]] = {
    "md": to_markdown,
    "html": to_html,
    "csv": to_csv,
    "json": to_json,
}
EXIT_OK, EXIT_FAILED = 0, 1
ENDS_EARLY = "--until {until} 早于 --since {since}。请把两个日期对调，或改掉其中一个。"
ENCODING = "正在整理新的提问：已处理 {done} 种问法……"
WRITTEN = "报告已写到 {path}"


def run_report(options: argparse.Namespace, settings: Settings, clock: Callable[[], datetime]) -> int:
    """Brings the groups up to date and writes the report; `options`: since, until, format, output.

    Raises NoticeAssistantError where there is no index or no model, OSError where the file cannot be written.
    """
    today = day_in_china(clock())
    until: date = options.until or today
    since: date = options.since or until - PERIOD
    if until < since:
        return fail(ENDS_EARLY.format(since=since, until=until), EXIT_USAGE)
    database = open_database(settings.database_url)
    if database.problem:
        return fail(database.problem, EXIT_FAILED)
    reporter = Reporter(Assistant.open(settings), database, clock)
    try:
        report = reporter.report(since, until, progress=_progress())
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).split("\n")[0]
        return fail(f"问题记录库读不出或写不进（{cause}）。请检查 DATABASE_URL 和磁盘空间。", EXIT_FAILED)
    text = RENDERERS[options.format](report)
    if options.output is None:
        sys.stdout.write(text)
    else:
        output: Path = options.output
        output.write_text(text, "utf-8", newline="")
        print(WRITTEN.format(path=output), file=sys.stderr)
    return EXIT_OK


def _progress() -> Callable[[int], None] | None:
    """Says on the terminal how far the encoding of new wordings has come; nothing where nobody looks."""
    if not sys.stderr.isatty():
        return None
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        if count:
            print(ENCODING.format(done=done), end="\r", file=sys.stderr, flush=True)

    return tell
