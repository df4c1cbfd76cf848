"""Days and counts -> days: the only module that knows China's public holidays and make-up workdays.

They come from the package chinesecalendar, which copies the State Council's yearly notices. A year whose
notice it does not hold has no known holidays, and nothing is computed in it.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

LONGEST = 3_000
"""Workdays: more than ten years are a misread number."""


def is_workday(day: date) -> bool | None:
    """False on weekends and public holidays, True on make-up workdays too; None in a year that is not known."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def workdays_after(day: date, count: int) -> date | None:
    """The last of `count` (from 1) workdays after a day, which is not counted itself; None where a year is unknown."""
    if not 0 < count <= LONGEST:
        return None
    while count:
        day += timedelta(days=1)
        works = is_workday(day)
        if works is None:
            return None
        count -= works
    return day


def next_workday(day: date) -> date | None:
    """The day itself where it is a workday, else the next one; None where a year is unknown."""
    while not (works := is_workday(day)):
        if works is None:
            return None
        day += timedelta(days=1)
    return day
