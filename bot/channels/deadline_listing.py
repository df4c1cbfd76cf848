"""The open deadlines -> a listing, JSON or a calendar file on disk: for the terminal and `bot deadlines`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.agenda import Agenda, agenda_lines, agenda_object

SAVED = "已写入 {path}：{count} 个截止日期。用日历软件打开或导入即可。"
NOT_SAVED = "不能写入 {path}（{reason}）。请换一个位置。"
NOTHING_TO_SAVE = "没有还没到期的截止日期，没有写日历文件。"


def say_listing(found: Agenda, say: Callable[[str], None]) -> None:
    """A line a deadline."""
    for line in agenda_lines(found):
        say(line)


def listing_json(found: Agenda) -> str:
    """One line of JSON, as `agenda_object` describes it."""
    return json.dumps(agenda_object(found), ensure_ascii=False)


def save_calendar(found: Agenda, path: Path, made_at: datetime, say: Callable[[str], None]) -> bool:
    """Writes the .ics file and says so; False where that is not possible or there is nothing to write."""
    from bot.calendar_file import calendar_of

    if not found.items:
        say(NOTHING_TO_SAVE)
        return False
    try:
        path.expanduser().write_bytes(calendar_of(found.items, made_at))
    except OSError as error:
        say(NOT_SAVED.format(path=path, reason=error.strerror or error))
        return False
    say(SAVED.format(path=path, count=len(found.items)))
    return True
