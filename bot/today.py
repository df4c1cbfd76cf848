"""A moment -> the day it is in China; the words YYYY-MM-DD -> a day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Fixed: no summer time since 1991, and no zone data base is needed."""


def day_in_china(moment: datetime) -> date:
    """The calendar day of an aware moment, as people in China reckon it."""
    return moment.astimezone(CHINA).date()


def date_from(text: str) -> date | None:
    """The date written as YYYY-MM-DD in ASCII digits; None for any other form and for no real day."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
