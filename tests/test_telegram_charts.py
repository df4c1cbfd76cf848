"""The picture of /stats: right heights, Chinese words, any period."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from PIL import Image, ImageColor

from bot.channels.telegram.charts import (
    ANSWERED,
    DAYS_HEIGHT,
    GROUPS,
    HEAD,
    PAPER,
    ROW,
    UNANSWERED,
    WIDTH,
    _font,
    stats_picture,
    tick_step,
)
from bot.questions.report import Day, FaqReport, FrequentGroup
from tests.staff_fixtures import group

SINCE = date(2026, 11, 1)


def picture(days: list[tuple[int, int]], groups: tuple[FrequentGroup, ...] = ()) -> Image.Image:
    """The picture of days with so many questions, so many of them unanswered."""
    report = FaqReport(
        SINCE,
        SINCE + timedelta(days=len(days) - 1),
        asked=sum(asked for asked, _ in days),
        people=1,
        unanswered=sum(unanswered for _, unanswered in days),
        small_talk=0,
        up=0,
        down=0,
        groups=groups,
        missing=(),
        weak=(),
        days=tuple(Day(SINCE + timedelta(days=n), *day) for n, day in enumerate(days)),
        hours=(0,) * 24,
        deadlines=(),
    )
    return Image.open(io.BytesIO(stats_picture(report))).convert("RGB")


def test_a_bar_is_as_high_as_its_questions() -> None:
    """Ten questions fill the 210 pixels between the lines of 0 and 10; five without an answer fill half."""
    drawn = picture([(10, 5)])
    middle, bottom = (48 + 64 + WIDTH - 48) // 2, HEAD + DAYS_HEIGHT - 60
    colours = [drawn.getpixel((middle, bottom - height)) for height in (100, 110, 205, 215)]
    expected = [UNANSWERED, ANSWERED, ANSWERED, PAPER]
    assert colours == [ImageColor.getrgb(colour) for colour in expected]


@pytest.mark.parametrize(
    ("highest", "step"),
    [(1, 1), (5, 1), (6, 2), (10, 2), (11, 5), (26, 10), (51, 20), (101, 50), (3000, 1000)],
)
def test_the_axis_has_at_most_five_round_steps(highest: int, step: int) -> None:
    assert tick_step(highest) == step


def test_the_picture_grows_with_the_groups_up_to_ten() -> None:
    heights = [
        picture([(1, 0)], tuple(group(n, f"问题{n}", 20 - n) for n in range(many))).height
        for many in (0, 1, 3, 15)
    ]
    assert [height - heights[0] for height in heights] == [0, 0, 2 * ROW, (GROUPS - 1) * ROW]


@pytest.mark.parametrize("days", [1, 7, 31, 366])
def test_any_period_can_be_drawn_with_and_without_questions(days: int) -> None:
    for asked in (0, 3, 12_345):
        drawn = picture([(asked, asked // 2)] * days, (group(1, "很长的问题" * 40, asked or 1),))
        assert drawn.width == WIDTH


def test_place_names_beyond_the_common_characters_have_their_glyphs() -> None:
    missing = _font(24).getmask("\U0010fffd").getbbox(), bytes(_font(24).getmask("\U0010fffd"))
    for character in "衢潼郴汨亳闽截止？—…":
        mask = _font(24).getmask(character)
        assert mask.getbbox() and (mask.getbbox(), bytes(mask)) != missing
