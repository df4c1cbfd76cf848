"""Workdays of the Chinese calendar, against the State Council's notices of holidays."""

from __future__ import annotations

from datetime import date

import pytest

from bot.workdays import is_workday, next_workday, workdays_after


@pytest.mark.parametrize(
    ("day", "works"),
    [
        # 国办发明电〔2023〕7号: 10月1日至7日放假调休，9月29日（星期日）、10月12日（星期六）上班
        (date(2024, 9, 29), True),
        (date(2024, 10, 1), False),
        (date(2024, 10, 7), False),
        (date(2024, 10, 8), True),
        (date(2024, 10, 12), True),
        (date(2024, 10, 13), False),
        # 国办发明电〔2024〕12号: 1月28日至2月4日放假调休，1月26日（星期日）、2月8日（星期六）上班
        (date(2025, 1, 26), True),
        (date(2025, 2, 4), False),
        (date(2025, 2, 8), True),
        (date(2025, 2, 9), False),
    ],
    ids=str,
)
def test_public_holidays_and_make_up_workdays(day: date, works: bool) -> None:
    assert is_workday(day) is works


def test_a_year_without_a_holiday_notice_is_not_known() -> None:
    assert is_workday(date(2099, 1, 4)) is None
    assert workdays_after(date(2098, 12, 31), 1) is None
    assert next_workday(date(2099, 1, 4)) is None


def test_the_first_day_is_not_counted() -> None:
    assert workdays_after(date(2024, 11, 4), 1) == date(2024, 11, 5)  # Monday -> Tuesday


def test_a_week_of_holidays_is_not_counted() -> None:
    # from Monday 2024-09-30: 8, 9, 10, 11, then Saturday 12 is worked
    assert workdays_after(date(2024, 9, 30), 5) == date(2024, 10, 12)


def test_a_day_off_moves_to_the_next_workday() -> None:
    assert next_workday(date(2024, 10, 1)) == date(2024, 10, 8)
    assert next_workday(date(2024, 10, 12)) == date(2024, 10, 12)


@pytest.mark.parametrize("count", [0, -1, 100_000])
def test_counts_that_mean_nothing_give_nothing(count: int) -> None:
    assert workdays_after(date(2024, 11, 4), count) is None
