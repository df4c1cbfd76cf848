"""FaqReport -> a PNG picture: questions a day, the frequent groups, the share without an answer.

Drawn with Pillow and a Chinese font that lies beside this module: it looks the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.questions.report import Day, FaqReport, FrequentGroup

WIDTH: Final = 1200
"""Pixels; Telegram shows at most 1280."""
GROUPS: Final = 10
MARGIN: Final = 48
HEAD: Final = 190
DAYS_HEIGHT: Final = 330
ROW: Final = 62
_FONT: Final = Path(__file__).parent / "fonts" / "NotoSansSC-GB2312.otf"

INK, GREY, LINE, PAPER = "#1f2933", "#7b8794", "#e4e7eb", "#ffffff"
ANSWERED, UNANSWERED = "#2f6fb2", "#e07b39"

_TITLE: Final = "提问统计 {since} 至 {until}"
_NUMBERS: Final = (("提问", "{asked}"), ("人", "{people}"), ("未答", "{unanswered:.0%}"), ("差评", "{down}"))
_PER_DAY: Final = "每天的提问"
_PER_GROUP: Final = "问得最多的"
_LEGEND: Final = (("有回答", ANSWERED), ("没有答上来", UNANSWERED))
_NOTHING: Final = "这段时间没有提问"
_TIMES: Final = "{count} 次 {people} 人"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, size)


def stats_picture(report: FaqReport) -> bytes:
    """A PNG 1200 pixels wide; its height grows with the number of groups, up to GROUPS of them."""
    groups = report.groups[:GROUPS]
    height = HEAD + DAYS_HEIGHT + 90 + ROW * max(1, len(groups)) + MARGIN
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(picture)
    _head(draw, report)
    _days(draw, report.days, HEAD)
    _groups(draw, groups, HEAD + DAYS_HEIGHT + 20)
    output = BytesIO()
    picture.save(output, "PNG", optimize=True)
    return output.getvalue()


def _head(draw: ImageDraw.ImageDraw, report: FaqReport) -> None:
    title = _TITLE.format(since=report.since, until=report.until)
    draw.text((MARGIN, 30), title, INK, _font(38))
    values = {
        "asked": report.asked,
        "people": report.people,
        "unanswered": report.unanswered / report.asked if report.asked else 0,
        "down": report.down,
    }
    left = float(MARGIN)
    for label, form in _NUMBERS:
        number = form.format(**values)
        draw.text((left, 92), number, INK, _font(54))
        left += draw.textlength(number, _font(54)) + 10
        draw.text((left, 118), label, GREY, _font(26))
        left += draw.textlength(label, _font(26)) + 60


def _days(draw: ImageDraw.ImageDraw, days: Sequence[Day], top: int) -> None:
    draw.text((MARGIN, top), _PER_DAY, INK, _font(28))
    left = WIDTH - MARGIN
    for label, colour in reversed(_LEGEND):
        left -= int(draw.textlength(label, _font(22)))
        draw.text((left, top + 5), label, GREY, _font(22))
        draw.rectangle((left - 28, top + 12, left - 10, top + 30), colour)
        left -= 52
    highest = max((day.asked for day in days), default=0)
    if not highest:
        draw.text((MARGIN, top + 120), _NOTHING, GREY, _font(26))
        return
    axis, bottom, ceiling = MARGIN + 64, top + DAYS_HEIGHT - 60, top + 60
    step = tick_step(highest)
    steps = math.ceil(highest / step)
    per_question = (bottom - ceiling) / (steps * step)
    for tick in range(0, steps * step + 1, step):
        y = bottom - tick * per_question
        draw.line((axis, y, WIDTH - MARGIN, y), LINE, 2)
        draw.text((axis - 12, y), str(tick), GREY, _font(20), anchor="rm")
    room = (WIDTH - MARGIN - axis) / len(days)
    every = math.ceil(len(days) / 10)
    for number, day in enumerate(days):
        x = axis + room * (number + 0.12)
        right = max(x + 1, axis + room * (number + 0.88))
        top_of_bar = bottom - day.asked * per_question
        if day.asked:
            draw.rectangle((x, top_of_bar, right, bottom), ANSWERED)
        if day.unanswered:
            draw.rectangle((x, bottom - day.unanswered * per_question, right, bottom), UNANSWERED)
        if (len(days) - 1 - number) % every == 0:
            draw.text(((x + right) / 2, bottom + 10), _short(day.day), GREY, _font(20), anchor="ma")


def _groups(draw: ImageDraw.ImageDraw, groups: Sequence[FrequentGroup], top: int) -> None:
    draw.text((MARGIN, top), _PER_GROUP, INK, _font(28))
    if not groups:
        draw.text((MARGIN, top + 56), _NOTHING, GREY, _font(26))
        return
    longest = max(group.count for group in groups)
    for number, group in enumerate(groups):
        y = top + 56 + ROW * number
        times = _TIMES.format(count=group.count, people=group.people)
        draw.text((WIDTH - MARGIN, y), times, GREY, _font(22), anchor="ra")
        room = WIDTH - 2 * MARGIN - draw.textlength(times, _font(22)) - 30
        draw.text((MARGIN, y), _fitting(draw, f"{number + 1}. {group.title}", room), INK, _font(24))
        width = (WIDTH - 2 * MARGIN) * group.count / longest
        draw.rectangle((MARGIN, y + 36, MARGIN + width, y + 46), ANSWERED)
        if group.unanswered:
            draw.rectangle((MARGIN, y + 36, MARGIN + width * group.unanswered, y + 46), UNANSWERED)


def _fitting(draw: ImageDraw.ImageDraw, text: str, room: float) -> str:
    """The text, cut with an ellipsis where it is wider than the room in pixels."""
    if draw.textlength(text, _font(24)) <= room:
        return text
    while text and draw.textlength(text + "…", _font(24)) > room:
        text = text[:-1]
    return text + "…"


def tick_step(highest: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 … that needs at most five steps up to the highest value."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * 5 >= highest:
                return factor * power
        power *= 10


def _short(day: date) -> str:
    return f"{day.month}/{day.day}"
