"""Whether there is still time: the day that counts is the one on which the person would act."""

from __future__ import annotations

from datetime import date

import pytest

from bot import messages
from bot.question import understand
from bot.timeliness import asks_for_time_left, days_of_acting, time_left

TODAY = date(2024, 11, 20)  # a Wednesday
DEADLINES = [date(2024, 11, 22), date(2024, 11, 23)]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("还来得及吗", TODAY, TODAY),
        ("12月1号还能报吗", date(2024, 12, 1), date(2024, 12, 1)),
        ("1月5号还能报吗", date(2025, 1, 5), date(2025, 1, 5)),
        ("2024年11月21日交可以吗", date(2024, 11, 21), date(2024, 11, 21)),
        ("明天交行吗", date(2024, 11, 21), date(2024, 11, 21)),
        ("大后天还能报么", date(2024, 11, 23), date(2024, 11, 23)),
        ("24号交来得及不", date(2024, 11, 24), date(2024, 11, 24)),
        ("周五交行吗", date(2024, 11, 22), date(2024, 11, 22)),
        ("下周一交行不行", date(2024, 11, 25), date(2024, 11, 25)),
        ("下周还能交吗", date(2024, 11, 25), date(2024, 12, 1)),
        ("月底还能报吗", date(2024, 11, 30), date(2024, 11, 30)),
        ("下个月还能报吗", date(2024, 12, 1), date(2024, 12, 31)),
        ("2月30号还能报吗", TODAY, TODAY),
    ],
)
def test_the_day_on_which_a_person_would_act(question: str, first: date, last: date) -> None:
    assert days_of_acting(understand(question, today=TODAY)) == (first, last)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("还来得及吗", messages.STILL_OPEN),
        ("明天交行吗", messages.STILL_OPEN),
        ("11月22号交来得及吗", messages.STILL_OPEN),
        ("11月23号还能交吗", ""),
        ("12月1号还能报吗", messages.CLOSED_BY_THEN),
        ("12月1号报行不行", messages.CLOSED_BY_THEN),
        ("下周还能交吗", messages.CLOSED_BY_THEN),
        ("截止是12月1号吧", ""),
        ("什么时候截止", ""),
    ],
)
def test_what_is_said_of_the_deadlines(question: str, said: str) -> None:
    assert time_left(understand(question, today=TODAY), DEADLINES) == said


def test_after_all_deadlines_it_is_closed() -> None:
    question = understand("现在还能报吗", today=date(2026, 11, 22))
    assert time_left(question, DEADLINES) == messages.ALREADY_CLOSED
    assert time_left(question, []) == ""


def test_a_stated_deadline_is_no_question_for_time_left() -> None:
    assert not asks_for_time_left(understand("截止日期是12月1日对吗", today=TODAY))
