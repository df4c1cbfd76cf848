"""(Question whether there is still time, last days to act) -> what to say first: `还来得及。`, `已经截止。`, `来不及，那时已经截止。`

The day that counts is the one on which the person would act (`12月1号还能报吗`, `明天交行不行`), not the day of asking.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import product

from bot import messages
from bot.datamodels import FactKind, Question
from bot.lexicon import NAMES_THE_DEADLINE, STILL_OPEN, WOULD_ACT
from bot.question import stated_values

_WEEKDAYS = "一二三四五六日"
_DAY_OF_MONTH = re.compile(r"(?<![\d月年第])(\d{1,2})[号日](?![文楼窗内])")
Days = tuple[date, date]
"""First and last."""


def asks_for_time_left(question: Question) -> bool:
    """True for `还来得及吗` and `12月1号交行吗`; false for `截止是12月1号吧`, which states a deadline."""
    words = question.normalised
    if re.search(STILL_OPEN, words):
        return True
    return bool(_stated_day(question) and re.search(WOULD_ACT, words)) and not re.search(
        NAMES_THE_DEADLINE, words
    )


def time_left(question: Question, last_days: Sequence[date]) -> str:
    """What to say first of `last_days`, those of the deadlines that are shown; empty where the question does not ask
    whether there is time, or where they do not agree on it."""
    if not last_days or not asks_for_time_left(question):
        return ""
    first, last = days_of_acting(question)
    if last <= min(last_days):
        return messages.STILL_OPEN
    if first > max(last_days):
        return messages.ALREADY_CLOSED if max(last_days) < question.today else messages.CLOSED_BY_THEN
    return ""


def days_of_acting(question: Question) -> Days:
    """The days on which the person would act: the one stated, else the one meant (`明天`, `下周`, `月底`), else the
    day of asking."""
    words, today = question.normalised, question.today
    if stated := _stated_day(question):
        return stated, stated
    for word, days in (("大后天", 3), ("后天", 2), ("明[天日早晚儿]|tomorrow", 1)):
        if re.search(word, words):
            return today + timedelta(days), today + timedelta(days)
    if week := re.search(rf"(下下?)?个?(?:周|星期|礼拜)([{_WEEKDAYS}天])", words):
        weeks = len(week[1] or "")
        day = today + timedelta(7 * weeks - today.weekday() + _WEEKDAYS.index(week[2].replace("天", "日")))
        return day, day
    if re.search(r"下个?(?:周|星期|礼拜)|next week", words):
        monday = today + timedelta(7 - today.weekday())
        return monday, monday + timedelta(6)
    if re.search(r"下个?月|next month", words):
        first = _month_end(today) + timedelta(1)
        return first, _month_end(first)
    if re.search(r"月[底末]|end of the month", words):
        return _month_end(today), _month_end(today)
    return today, today


def _stated_day(question: Question) -> date | None:
    """The only day that a question states; without a year, or without a month, the one nearest to the day of asking."""
    days = [value.value for value in stated_values(question.normalised) if value.kind is FactKind.DATE]
    bare = _DAY_OF_MONTH.findall(question.normalised)
    if not days and len(bare) == 1:
        days = [f"---{bare[0]}"]
    match = re.fullmatch(r"(\d{4}|-)-(\d\d|-)-?(\d\d?)(?:T.*)?", days[0]) if len(days) == 1 else None
    if match is None:
        return None
    today, own_day = question.today, int(match[3])
    years = range(today.year - 1, today.year + 2) if match[1] == "-" else [int(match[1])]
    months = range(1, 13) if match[2] == "-" else [int(match[2])]
    found = []
    for year, month in product(years, months):
        with suppress(ValueError):  # the 30th of February
            found.append(date(year, month, own_day))
    return min(found, key=lambda day: abs(day - today), default=None)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
