"""A published version and today -> the open deadlines of all notices in force, soonest first, with their clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.changes import Version
from bot.datamodels import Chunk, ChunkKind, Fact, Notice
from bot.deadlines import day_of, state
from bot.due_dates import DueDate
from bot.numbering import number_end
from bot.reminders import Deadline, stated_deadlines
from bot.supersession import repealed_by

WEEKDAYS = "一二三四五六日"
SHORT_TITLE_CHARACTERS = 28
SHORTEST_ACT = 3
"""Characters below which an act (`完成`, `前提交`) says too little by itself."""
SHOWN_WORDS = 40
_HULL = re.compile(
    r"^(?:.{0,40}?关于)?(?:组织|开展|做好|进一步|印发|报送)*《?(.+?)》?(?:工作|有关事项|相关事项|的|有关)*"
    r"(?:通知|公告|通告|函|的(?:意见|办法|决定|批复))?$"
)


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """An open deadline with the clause that states it."""

    deadline: Deadline
    document: str
    """Title of the document that holds the clause."""
    file: str
    """Path under the knowledge folder."""
    chunk_id: str
    clause: str
    """The clause's words, literally."""
    words: str
    """The part of the clause that states the date, literally."""
    year_inferred: bool = False
    """True where the date is written without its year."""
    computed: str = ""
    """From which day and how long the day is reckoned: `按工作日推算：自2026年6月2日印发起30个工作日内`; empty
    where the clause itself states the day."""

    @property
    def what(self) -> str:
        """Who does what: `申报主体：完成线上申报`; the clause's own words where it does not say both."""
        deadline = self.deadline
        if len(deadline.act) >= SHORTEST_ACT:
            return f"{deadline.actor}：{deadline.act}" if deadline.actor else deadline.act
        return self.words or deadline.act


@dataclass(frozen=True, slots=True)
class Agenda:
    today: date
    items: tuple[AgendaItem, ...]
    """Soonest first; on one day by hour, then by notice."""
    passed: int
    """How many deadlines of the notices in force lie behind."""
    undated: tuple[AgendaItem, ...] = ()
    """Reckoned from the day of issue, by a year whose public holidays are not known: without a day."""


def agenda(version: Version, today: date, notice_id: str | None = None) -> Agenda:
    """What is still to be handed in on `today`, of all notices in force or of one.

    In force is a notice that is issued by then, where it says when, and that no notice issued by then repeals.
    """
    items, undated, passed = [], [], 0
    for item in _stated(version, today, notice_id):
        if not item.deadline.value:
            undated.append(item)
        elif item.deadline.day < today:
            passed += 1
        else:
            items.append(item)
    return Agenda(today, tuple(sorted(items, key=_order)), passed, tuple(undated))


def is_open(version: Version, notice: Notice, today: date) -> bool:
    """True for a notice in force of which a deadline is still to come."""
    if repealed_by(notice, version.notices.values(), today):
        return False
    values = (stated.deadline.value for stated in stated_deadlines(version, notice.id))
    return any((day_of(value) or date.min) >= today for value in values)


def _stated(version: Version, today: date, notice_id: str | None) -> Iterator[AgendaItem]:
    for notice in version.notices.values():
        if notice_id is not None and notice.id != notice_id:
            continue
        if (notice.issued_on and notice.issued_on > today) or repealed_by(
            notice, version.notices.values(), today
        ):
            continue
        for stated in stated_deadlines(version, notice.id):
            document, fact = version.documents[stated.chunk.document_id], stated.due.fact
            yield AgendaItem(
                stated.deadline,
                document.title,
                document.file or document.id,
                stated.chunk.id,
                stated.chunk.text,
                _part(stated.chunk, fact),
                fact.year_inferred,
                computed_words(stated.due, document.issued_on or notice.issued_on),
            )


def _part(chunk: Chunk, fact: Fact) -> str:
    """The clause's words between two stops around a fact, without its number; cut where they are many.

    Of a table row, its cells.
    """
    if chunk.kind is ChunkKind.ROW:
        cells = "，".join(cell for cell in chunk.cells if cell)
        return _cut(cells)
    at = fact.start - chunk.start
    before = max(chunk.text.rfind(stop, 0, at) for stop in "。；;\n") + 1
    ends = [end for stop in "。；;\n" if (end := chunk.text.find(stop, at)) >= 0]
    begin, end = before or number_end(chunk.text), min(ends, default=len(chunk.text))
    if end - begin > SHOWN_WORDS:
        begin = max(begin, chunk.text.rfind("，", begin, at) + 1)
    return _cut(chunk.text[begin:end].strip())


def _cut(words: str) -> str:
    """At most SHOWN_WORDS characters, and no part of a date or a number."""
    return (
        words
        if len(words) <= SHOWN_WORDS
        else re.sub(r"[\d年月日时点:：.,-]+$", "", words[: SHOWN_WORDS - 1]) + "…"
    )


def _order(item: AgendaItem) -> tuple[date, str, str, str]:
    deadline = item.deadline
    return deadline.day, clock_of(deadline) or "24:00", deadline.notice, deadline.section


# ---------------------------------------------------------------- words


def clock_of(deadline: Deadline) -> str:
    """`17:00` where the notice gives the hour; else empty."""
    return deadline.value.partition("T")[2]


def day_words(deadline: Deadline) -> str:
    """`2026年12月1日（周二）17:00`."""
    day = deadline.day
    return f"{day.year}年{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）{clock_of(deadline)}"


def computed_words(due: DueDate, issued_on: date | None) -> str:
    """`按工作日推算：自2026年6月2日印发起30个工作日内`; empty where the day is written."""
    if not due.computed or issued_on is None:
        return ""
    form = BY_WORKDAYS if due.fact.value.endswith("工作日") else BY_DAYS
    day = f"{issued_on.year}年{issued_on.month}月{issued_on.day}日"
    return form.format(day=day, length=due.fact.text)


def bare_title(title: str) -> str:
    """`某厅关于组织开展2025年智能工厂申报工作的通知` -> `2025年智能工厂申报`: what tells a title from others."""
    words = "".join(title.split())
    matched = _HULL.match(words)
    return matched.group(1) if matched else words


def short_title(title: str) -> str:
    """The bare title, cut where it is long."""
    bare = bare_title(title)
    return bare if len(bare) <= SHORT_TITLE_CHARACTERS else bare[: SHORT_TITLE_CHARACTERS - 1] + "…"


def item_words(item: AgendaItem, today: date) -> str:
    """`2026年12月1日（周二）还剩 8 天 · 申报主体：完成线上申报 · 《…》二、（二）1.`"""
    deadline = item.deadline
    if not deadline.value:
        when = NO_HOLIDAYS.format(computed=item.computed)
    else:
        stands = state(deadline.value, today) + (YEAR_INFERRED if item.year_inferred else "")
        when = f"{day_words(deadline)} {stands}" + (f"（{item.computed}）" if item.computed else "")
    parts = (
        when,
        item.what,
        f"《{short_title(deadline.notice)}》{deadline.section}",
    )
    return " · ".join(part for part in parts if part)


YEAR_INFERRED = "（原文未写年份）"
NOTHING_OPEN = "没有还没到期的截止日期。"
PASSED = "另有 {count} 个截止日期已过。"
BY_WORKDAYS = "按工作日推算：自{day}印发起{length}内"
BY_DAYS = "推算：自{day}印发起{length}内，遇休息日顺延"
NO_HOLIDAYS = "日期待定（{computed}；该年度的放假安排未收录，不作推算，请自行核对）"
COMPUTED = "天数按北京时间 {today} 计算；日期以通知原文为准。"


def agenda_lines(found: Agenda) -> tuple[str, ...]:
    """A line a deadline, then how many have passed, then those without a day."""
    lines = [item_words(item, found.today) for item in found.items]
    if not found.items and not found.undated:
        lines.append(NOTHING_OPEN)
    if found.passed:
        lines.append(PASSED.format(count=found.passed))
    lines += [item_words(item, found.today) for item in found.undated]
    if found.items:
        lines.append(COMPUTED.format(today=found.today.isoformat()))
    return tuple(lines)


def agenda_object(found: Agenda) -> dict[str, Any]:
    """The same as JSON values: `{"today","passed","deadlines":[{"id","day","time","weekday","days_left",
    "year_inferred","computed","actor","act","notice","title","document","file","section","quote"}]}`.

    `computed` says how a day is reckoned and is null where the clause states it; a deadline whose day cannot be
    computed stands last, without day, weekday and days_left.
    """
    return {
        "today": found.today.isoformat(),
        "passed": found.passed,
        "deadlines": [_object(item, found.today) for item in (*found.items, *found.undated)],
    }


def _object(item: AgendaItem, today: date) -> dict[str, Any]:
    deadline = item.deadline
    day = deadline.day if deadline.value else None
    return {
        "id": deadline.id,
        "day": day.isoformat() if day else None,
        "time": clock_of(deadline) or None,
        "weekday": f"周{WEEKDAYS[day.weekday()]}" if day else None,
        "days_left": (day - today).days if day else None,
        "year_inferred": item.year_inferred,
        "computed": item.computed or None,
        "actor": deadline.actor,
        "act": deadline.act,
        "notice": deadline.notice_id,
        "title": deadline.notice,
        "document": item.document,
        "file": item.file,
        "section": deadline.section,
        "quote": item.clause,
    }
