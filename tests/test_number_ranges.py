"""Which numbers words stand for: the bounds of a class in a table, and the number that a question states."""

from __future__ import annotations

from math import inf

import pytest

from bot.number_ranges import ranges_in


@pytest.mark.parametrize(
    ("words", "unit", "low", "high"),
    [
        ("20马力以下", "马", -inf, 20),
        ("20—50马力", "马", 20, 50),
        ("200马力及以上四轮驱动", "马", 200, inf),
        ("喂入量6—7kg/s", "kg/s", 6, 7),
        ("5万元(含)至10万元", "元", 50_000, 100_000),
        ("500至1000万元", "元", 5_000_000, 10_000_000),
        ("学生20人以上50人以下", "人", 20, 50),
        ("不超过3人", "人", -inf, 3),
        ("报废80马力拖拉机", "马", 80, 80),
    ],
    ids=["below", "between", "from", "rate", "included", "scale", "two-bounds", "at-most", "bare"],
)
def test_a_range_has_its_bounds_and_its_unit(words: str, unit: str, low: float, high: float) -> None:
    (found,) = ranges_in(words)
    assert (found.unit, found.interval.low, found.interval.high) == (unit, low, high)


def test_the_end_that_the_next_class_includes_is_open() -> None:
    lower, upper = (ranges_in(cell)[0].interval for cell in ("5万元(含)至10万元", "10万元(含)至20万元"))
    asked = ranges_in("10万元的车")[0].interval
    assert asked.within(upper) and not asked.within(lower)


def test_people_are_counted_by_several_words() -> None:
    assert ranges_in("30个学生")[0].of_same_unit(ranges_in("20人以上")[0])
    assert not ranges_in("30个学生")[0].of_same_unit(ranges_in("20%以上")[0])
