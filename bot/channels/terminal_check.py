"""A line typed -> the next question of a self-check, or its summary: the same in the conversation and in `bot check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Protocol

from bot.changes import Version
from bot.criteria import criteria_of, levels_of
from bot.criterion import Criterion
from bot.datamodels import Notice
from bot.questions.self_checks import SelfChecks
from bot.self_check import (
    Outcome,
    Resumed,
    SelfCheck,
    asked,
    begun,
    current,
    place_of,
    resumed,
    step,
)
from bot.self_check_words import (
    NO_SUCH_LEVEL,
    level_text,
    no_criteria_text,
    opening_text,
    question_text,
    step_text,
    summary_text,
    typed_choices,
)
from bot.thresholds import thresholds_in

WHICH_NOTICE = "要自查哪一份通知？请回复序号："
NO_SUCH_NOTICE = "请回复 1 至 {count} 的数字，或“退出”。"
AGAIN = "这份通知已经自查完。要从头再来，请发 {command}。"
LEAVE = {"退出", "quit", "exit", "q"}


class Published(Version, Protocol):
    """A version with its name."""

    @property
    def version(self) -> str: ...


class TerminalCheck:
    """One person's check. `say` shows a text; `today` is the day by which deadlines are judged."""

    def __init__(
        self,
        published: Callable[[], Published],
        checks: SelfChecks,
        key: str,
        say: Callable[[str], None],
        today: Callable[[], date],
        again_command: str,
    ) -> None:
        self._published = published
        self._checks = checks
        self._key = key
        self._say = say
        self._today = today
        self._again_command = again_command
        self._check: SelfCheck | None = None
        """The check that is being asked; None where nothing is."""

    @property
    def is_asking(self) -> bool:
        return self._check is not None

    @property
    def notice_id(self) -> str | None:
        return self._check.notice_id if self._check else None

    def start(self, notice_id: str, *, afresh: bool = False) -> None:
        """Begins, or goes on where it was left, and puts the next question."""
        version = self._published()
        title = version.notices[notice_id].title
        criteria = criteria_of(version, notice_id)
        if not criteria:
            self._say(no_criteria_text(version, notice_id))
            return
        kept = None if afresh else self._checks.get(self._key, notice_id)
        going_on = (
            resumed(kept, version, version.version)
            if kept
            else Resumed(begun(version, notice_id, version.version))
        )
        self._check = going_on.check
        if levels_of(criteria) and not going_on.check.level:
            self._say(level_text(title, levels_of(criteria)))
            return
        own = asked(going_on.check, version)
        if current(going_on.check, own) is not None:
            self._say(opening_text(going_on, own, title) + "\n")
        self._next(version, finished_before=current(going_on.check, own) is None)

    def respond(self, line: str, *, only_replies: bool = False) -> bool:
        """Takes a line; False, with `only_replies`, where it is no reply to the question that stands."""
        check, version = self._check, self._published()
        if check is None or check.notice_id not in version.notices:
            self._check = None
            return False
        if check.index_version != version.version:
            changed = resumed(check, version, version.version)
            check = changed.check
            if changed.changed or changed.dropped or changed.level_gone:
                self._say(
                    opening_text(changed, asked(check, version), version.notices[check.notice_id].title)
                )
        levels = levels_of(criteria_of(version, check.notice_id))
        if levels and not check.level:
            return self._choose_level(line.strip(), version, check, levels, only_replies)
        criteria = asked(check, version)
        if current(check, criteria) is None:
            self._check = check
            self._next(version)
            return True
        taken = step(check, criteria, line)
        if taken.outcome is Outcome.NOT_UNDERSTOOD and only_replies:
            return False
        self._check = taken.check
        if words := step_text(taken):
            self._say(words)
        if taken.outcome is Outcome.STOPPED:
            self._checks.save(self._key, taken.check, is_asking=False)
            self._check = None
        else:
            self._next(version)
        return True

    def repeat(self) -> None:
        """Puts the question that stands once more."""
        if self._check and (
            self._check.level or not levels_of(criteria_of(self._published(), self._check.notice_id))
        ):
            self._next(self._published())

    def _choose_level(
        self, said: str, version: Published, check: SelfCheck, levels: Sequence[str], only_replies: bool
    ) -> bool:
        level = levels[int(said) - 1] if said.isdecimal() and 1 <= int(said) <= len(levels) else said
        if said in LEAVE:
            self._check = None
        elif level in levels:
            self._check = begun(version, check.notice_id, version.version, level)
            title = version.notices[check.notice_id].title
            self._say(opening_text(Resumed(self._check), asked(self._check, version), title) + "\n")
            self._next(version)
        elif only_replies and not said.isdecimal():
            return False
        else:
            self._say(NO_SUCH_LEVEL.format(count=len(levels)))
        return True

    def _next(self, version: Published, *, finished_before: bool = False) -> None:
        check = self._check
        assert check is not None
        criteria = asked(check, version)
        criterion = current(check, criteria)
        self._checks.save(self._key, check, is_asking=criterion is not None)
        if criterion is None:
            self._say(summary_text(check, criteria, version, self._today()))
            if finished_before:
                self._say(AGAIN.format(command=self._again_command))
            self._check = None
            return
        self._say(_question(criterion, criteria))


def _question(criterion: Criterion, criteria: Sequence[Criterion]) -> str:
    has_number = not criterion.alternatives and bool(thresholds_in(criterion.quote.text))
    question = question_text(criterion, place_of(criterion, criteria), len(criteria))
    return f"{question}\n{typed_choices(criterion, has_number)}\n"


def run_check(
    check: TerminalCheck,
    notices: Sequence[Notice],
    notice_id: str | None,
    lines: Iterable[str],
    say: Callable[[str], None],
    *,
    afresh: bool,
) -> None:
    """`bot check`: asks which notice where that is not given, then the criteria, until the end of the lines."""
    typed = iter(lines)
    if notice_id is None and len(notices) == 1:
        notice_id = notices[0].id
    if notice_id is None:
        say("\n".join([WHICH_NOTICE, *(f"{n}. {notice.title}" for n, notice in enumerate(notices, 1))]))
    while notice_id is None:
        said = next(typed, "退出").strip()
        if said in LEAVE:
            return
        if said.isdecimal() and 1 <= int(said) <= len(notices):
            notice_id = notices[int(said) - 1].id
        elif said:
            say(NO_SUCH_NOTICE.format(count=len(notices)))
    check.start(notice_id, afresh=afresh)
    while check.is_asking and (line := next(typed, None)) is not None:
        if line.strip():
            check.respond(line)
