"""/faq, /unanswered, /stats: what people ask -> lists and a picture for staff, and drafts of FAQ entries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from telegram import InlineKeyboardMarkup, InputFile, Message
from telegram.constants import ChatAction

from bot.channels.telegram import staff_messages as words
from bot.channels.telegram.charts import stats_picture
from bot.channels.telegram.rendering import text_to_html
from bot.channels.telegram.staff import (
    Context,
    Member,
    MessageHandling,
    PressHandling,
    StaffAction,
    StaffPress,
    drop_buttons,
    say,
    staff_keyboard,
)
from bot.channels.telegram.staff_progress import with_progress
from bot.errors import UploadError
from bot.questions.report import ANSWERED_TODAY, FaqReport, FrequentGroup, TodaysAnswer
from bot.questions.report_words import direction, now_words
from bot.rendering import citation_place
from bot.today import day_in_china

T = TypeVar("T")

DAYS: Final = 7
MOST_DAYS: Final = 366
LISTED: Final = 10
SAMPLES: Final = 3
BUTTONS_A_ROW: Final = 3
ANSWER_LENGTH: Final = 60
"""Characters of today's answer in a list."""


class Report(Protocol):
    """The report of the days from `since` to `until`, both inclusive; runs for seconds, so never in the loop."""

    def __call__(
        self, since: date, until: date, *, answered: int, progress: Callable[[int], None] | None
    ) -> FaqReport:
        """`answered` groups get the answer of today; `progress` hears how many new wordings were read."""
        ...


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A draft of an FAQ entry, as staff see it before they approve."""

    id: str
    question: str
    text: str
    """The page, as the editor would show it."""
    digest: str
    """Of the page: up to 12 letters and digits, another one after every change."""
    file: str
    problem: str = ""
    """Why it cannot be approved as it is; empty where it can."""


class Drafts(Protocol):
    """The pages of `knowledge/faq/drafts/`. Raises NoticeAssistantError with what to do."""

    def draft(self, group: FrequentGroup, period: str, actor: str) -> DraftPage:
        """The draft for a group: the one that is there, else a new one."""
        ...

    def approve(self, entry_id: str, digest: str, by: str, actor: str) -> str:
        """Approves a draft that still reads as the digest says, and gives its question; audited."""
        ...


class StaffReports:
    """The handlers of the reports and of the buttons that draft and approve."""

    def __init__(
        self, report: Report, drafts: Drafts, clock: Callable[[], datetime], executor: Executor
    ) -> None:
        self._report = report
        self._drafts = drafts
        self._clock = clock
        self._executor = executor

    @property
    def commands(self) -> dict[str, MessageHandling]:
        return {"faq": self.faq, "unanswered": self.unanswered, "stats": self.stats}

    @property
    def presses(self) -> dict[StaffAction, PressHandling]:
        return {StaffAction.FAQ_DRAFT: self._draft, StaffAction.FAQ_APPROVE: self._approve}

    async def faq(self, member: Member, message: Message, context: Context) -> None:
        if report := await self._asked_for(message, context, "faq", LISTED):
            await say(message, faq_text(report), _draft_keyboard(report, report.groups))

    async def unanswered(self, member: Member, message: Message, context: Context) -> None:
        if report := await self._asked_for(message, context, "unanswered", ANSWERED_TODAY):
            await say(message, unanswered_text(report), _draft_keyboard(report, report.missing))

    async def stats(self, member: Member, message: Message, context: Context) -> None:
        if report := await self._asked_for(message, context, "stats", 0):
            await message.chat.send_action(ChatAction.UPLOAD_PHOTO)
            picture = await self._in_thread(stats_picture, report)
            caption = words.STATS_CAPTION.format(
                period=_period(report),
                asked=report.asked,
                people=report.people,
                unanswered=report.unanswered,
                up=report.up,
                down=report.down,
            )
            await message.reply_photo(InputFile(picture, "stats.png"), caption=text_to_html(caption)[0])

    async def _asked_for(
        self, message: Message, context: Context, command: str, answered: int
    ) -> FaqReport | None:
        """The report of as many days as the command says, up to today."""
        wanted = (context.args or [str(DAYS)])[0]
        if not (wanted.isascii() and wanted.isdecimal() and 1 <= int(wanted) <= MOST_DAYS):
            await say(message, words.DAYS_WRONG.format(most=MOST_DAYS, command=command))
            return None
        until = day_in_china(self._clock())
        since = until - timedelta(days=int(wanted) - 1)
        return await with_progress(
            message,
            self._executor,
            words.REPORTING,
            lambda tell: self._report(since, until, answered=answered, progress=_counted(tell)),
        )

    async def _draft(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        """Drafts an entry for the group; `what` is the number of days of the list that was shown."""
        days = int(press.what) if press.what.isdecimal() else DAYS
        until = day_in_china(self._clock())
        since = until - timedelta(days=min(max(days, 1), MOST_DAYS) - 1)

        def draft(tell: Callable[[str], None]) -> DraftPage:
            report = self._report(since, until, answered=0, progress=_counted(tell))
            group = next((group for group in report.groups if group.id == press.id), None)
            if group is None:
                raise UploadError(words.EXPIRED)
            return self._drafts.draft(group, _period(report), member.actor)

        page = await with_progress(message, self._executor, words.REPORTING, draft)
        text = words.DRAFTED.format(id=page.id, text=page.text, file=page.file)
        if page.problem:
            await say(message, f"{text}\n{words.DRAFT_PROBLEM.format(problem=page.problem)}")
            return
        approve = StaffPress(StaffAction.FAQ_APPROVE, page.id, page.digest)
        keyboard = staff_keyboard([(words.APPROVE, approve), (words.NO, StaffPress(StaffAction.NO))])
        await say(message, text, keyboard)

    async def _approve(self, member: Member, message: Message, press: StaffPress, context: Context) -> None:
        question = await self._in_thread(
            self._drafts.approve, press.id, press.what, member.name, member.actor
        )
        await drop_buttons(message)
        await say(message, words.APPROVED.format(question=question))

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)


# ---------------------------------------------------------------- words


def faq_text(report: FaqReport) -> str:
    """The most frequent groups, a line or two each."""
    period = _period(report)
    if not report.groups:
        return words.NO_QUESTIONS.format(period=period)
    lines = [words.FAQ_TITLE.format(period=period, asked=report.asked, people=report.people)]
    for number, group in enumerate(report.groups[:LISTED], 1):
        marks = "".join(
            mark
            for mark, fits in (
                (words.FAQ_RISING, direction(group) > 0),
                (words.FAQ_FALLING, direction(group) < 0),
                (words.FAQ_UNANSWERED.format(share=group.unanswered), group.unanswered > 0),
                (words.FAQ_DOWN.format(down=group.down), group.down > 0),
            )
            if fits
        )
        lines.append(
            words.FAQ_LINE.format(
                number=number, title=group.title, count=group.count, people=group.people, marks=marks
            )
        )
        if group.today:
            lines.append(_today_line(group.today))
    if len(report.groups) > LISTED:
        lines.append(words.FAQ_MORE.format(count=len(report.groups) - LISTED))
    return "\n".join([*lines, "", words.FAQ_HOW])


def _today_line(today: TodaysAnswer) -> str:
    """The first line of what is answered today, with the clause it stands on."""
    answer = next((line.strip() for line in today.text.split("\n") if line.strip()), "")
    if not today.citations:
        return words.FAQ_TODAY_NONE.format(answer=_shortened(answer))
    return words.FAQ_TODAY.format(answer=_shortened(answer), place=citation_place(today.citations[0]))


def _shortened(line: str) -> str:
    return line if len(line) <= ANSWER_LENGTH else f"{line[: ANSWER_LENGTH - 1]}…"


def unanswered_text(report: FaqReport) -> str:
    """The groups that got no answer: what to add to the knowledge."""
    period = _period(report)
    if not report.missing:
        return words.UNANSWERED_NONE.format(period=period)
    lines = [words.UNANSWERED_TITLE.format(period=period, unanswered=report.unanswered)]
    for number, group in enumerate(report.missing[:LISTED], 1):
        samples = "；".join(group.wordings[:SAMPLES])
        lines.append(
            words.UNANSWERED_LINE.format(
                number=number,
                title=group.title,
                count=group.count,
                people=group.people,
                samples=samples,
                question_id=group.question_ids[-1],
                now=now_words(group),
            )
        )
    if len(report.missing) > LISTED:
        lines.append(words.FAQ_MORE.format(count=len(report.missing) - LISTED))
    return "\n".join([*lines, "", words.UNANSWERED_HOW])


def _counted(tell: Callable[[str], None]) -> Callable[[int], None]:
    """Tells how many new wordings have been read so far."""
    done = 0

    def count(number: int) -> None:
        nonlocal done
        done += number
        if done:
            tell(words.REPORTING_NEW.format(done=done))

    return count


def _period(report: FaqReport) -> str:
    return words.PERIOD.format(since=report.since, until=report.until)


def _draft_keyboard(report: FaqReport, groups: Sequence[FrequentGroup]) -> InlineKeyboardMarkup | None:
    days = str((report.until - report.since).days + 1)
    buttons = [
        (words.DRAFT_BUTTON.format(number=number), StaffPress(StaffAction.FAQ_DRAFT, group.id, days))
        for number, group in enumerate(groups[:LISTED], 1)
    ]
    rows = [buttons[at : at + BUTTONS_A_ROW] for at in range(0, len(buttons), BUTTONS_A_ROW)]
    return staff_keyboard(*rows) if rows else None
