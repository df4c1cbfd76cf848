"""(Question, notice) -> the values that the question states of somebody's own case, with the days they are counted to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.datamodels import Question
from bot.desk import Desk
from bot.numbering import chinese_to_int
from bot.question import things_named, understand, with_yuan
from bot.thresholds import (
    DAY,
    MONTH,
    TIME_UNITS,
    Interval,
    Relation,
    Threshold,
    as_written,
    measures_in,
    names_event,
)
from bot.values import values_in

_ABOUT = re.compile(r"(?:大概|大约|约|差不多|将近|接近|快|近|估计|预计|可能|大)\s*$")
_ABOUT_AFTER = re.compile(r"^\s*(?:左右|上下|来|几|多?岁?[的]?时候)")
_ADDED = re.compile(r"外加|加上|另加|合起来|一共")
_ASKED_BOUND = re.compile(r"^\s*(?:了)?[没不吗]")
_ODD = re.compile(r"(?:多|余|出头)$")
"""At the end of a number: it is somewhat more."""
_DIGITS = "零〇一二三四五六七八九"
_MONTH_OF_YEAR = r"[\d一二三四五六七八九十]{1,2}月"
_YEARS_TOLD = (("大前年", -3), ("前年", -2), ("去年", -1), ("今年", 0), ("本年", 0))
_EVENT_OF_YEAR = r"(?=(?:才|刚|份)?(?:成立|注册|设立|开办|出生|生[的人]|入的?会|建成|盖的|建的|拿的?执照))"
_ASKING_WORDS = re.compile(
    r"(?P<verb>[\u4e00-\u9fff])不(?P=verb)|能(?=[报申参评过够用享领行不,?吗]|$)|不行|不够|够格?|可以|符合|达标|满足|合格|资格|行吗|有戏|过得去|"
    r"开始|已经?|刚好?|正好|恰好|目前|现在|去年|今年|[没不][吗?!。\s]*$"
)
"""Words of a question that ask or fill, and tell nothing."""
_TELLS_MORE = re.compile(r"但|可是|只是|虽|[没不未无]|(?<![超通])过(?![得关线]|[吗?!。\s]*$)|(?<=通)过")
"""Words by which a question tells another fact beside a number: `但没有……`, `入选过`."""
_COUNTED_ANYWHERE = re.compile(r"计算(?:截[至止])?(?:时间|日期)?(?:均|统一)?[为至到]?(?=\d{4}年)")
"""Before the day to which times are counted, in whichever clause of the notice."""
_COUNTED = re.compile(rf"截[至止]到?(?=\d{{4}}年)|{_COUNTED_ANYWHERE.pattern}")
"""The same in the bound's own clause."""


@dataclass(frozen=True, slots=True)
class Case:
    """A value that a question states."""

    measure: Threshold
    words: str
    """As the question has it: `1.8亿元`."""
    beside: str
    """What the question says beside it."""
    today: date
    """The day of asking, on which a length of time is told."""
    ends: tuple[date, ...]
    """The days to which clauses of the notice count a time."""
    earliest: date
    """Between this day and `latest` the time since a day of the case is counted."""
    latest: date


def stated_cases(desk: Desk) -> list[Case]:
    """The values that a question states about somebody's own case; of two of one thing none."""
    text = _with_days(with_yuan(desk.question.normalised), desk.question)
    if _ADDED.search(text):
        return []
    ends = tuple(end for chunk in desk.chunks if (end := _day_after(_COUNTED_ANYWHERE, chunk.text)))
    earliest, latest = _counted_between(desk, ends)
    cases = []
    for measure in measures_in(text):
        before, after = text[: measure.start], text[measure.end :]
        said = text[measure.start : measure.end]
        if _ABOUT.search(before) or _ABOUT_AFTER.match(after) or not measure.unit:
            continue
        if measure.relation is Relation.AT_LEAST and _ASKED_BOUND.match(after):
            continue  # `满3年没`: the rule, not the case
        if (measure.relation is Relation.AT_MOST or measure.two_sided) and measure.unit != DAY:
            continue
        if measure.relation is Relation.MORE and _ODD.search(said):
            if measure.unit != MONTH:
                continue
            until = measure.bound + (12 if measure.bound % 12 == 0 else 6)
            measure = replace(measure, interval=Interval(measure.bound, until, True, True))
        words = re.sub(r"(\d{4}年)1月1日至\d{4}年12月31日", r"\1", said)
        beside = f"{before} {after}"
        cases.append(Case(measure, words, beside, desk.question.today, ends, earliest, latest))
    cases = [case for case in cases if case.measure.thing or case.measure.unit not in TIME_UNITS]
    return [case for case in cases if _only(case, cases)]


def tells_only(beside: str, sentence: str, thing: frozenset[str] = frozenset()) -> bool:
    """True where the words beside a value tell nothing that the sentence with its bound does not speak of: a case
    that meets the bound may else be banned, `样机`, `入选过`, by another."""
    rest = as_written(_ASKING_WORDS.sub(" ", beside))
    values, known = ({value.value for value in values_in(text)} for text in (rest, sentence))
    if _TELLS_MORE.search(rest) or not values <= known:
        return False
    told = things_named(understand(rest, today=date.min))
    written = as_written(sentence).casefold()
    return all(word in written or names_event(word, thing) for word in told)


def counted_to(clause: str) -> date | None:
    """The day to which a clause says that a time is counted: `截至2024年4月30日`."""
    return _day_after(_COUNTED, clause)


def _only(case: Case, cases: Sequence[Case]) -> bool:
    rivals = [c.measure for c in cases if c is not case and c.measure.unit == case.measure.unit]
    return not any(
        rival.thing & case.measure.thing
        or not (rival.thing or rival.unit in {"项", "人"})
        or not case.measure.thing
        for rival in rivals
    )


def _with_days(text: str, question: Question) -> str:
    """`去年10月` -> `2025年10月`, and a bare year of an event as its days."""
    text = re.sub(r"([一二三四五六七八九])成(?=多?(?:[\W能可够行还也了的]|$))", r"百分之\1十", text)
    for word, offset in _YEARS_TOLD:
        told = rf"{word}(?={_MONTH_OF_YEAR}|(?:才|刚)?(?:成立|注册|设立|开办))"
        text = re.sub(told, f"{question.today.year + offset}年", text)
    of_birth = rf"(?=(?:{_MONTH_OF_YEAR})?份?出?生)"
    text = re.sub(rf"(?<![\d{_DIGITS}])([\d{_DIGITS}])([\d{_DIGITS}])年{of_birth}", _full_year, text)
    text = re.sub(r"(?<=[\d百千万])块(?=钱|[，,。\s])", "元", text)
    return re.sub(rf"(?<!\d)((?:19|20)\d\d)年{_EVENT_OF_YEAR}", r"\g<1>年1月1日至\g<1>年12月31日", text)


def _full_year(match: re.Match[str]) -> str:
    """`八九年` -> `1989年`, `19年` -> `2019年`."""
    tens, ones = (chinese_to_int(digit) or 0 for digit in match.groups())
    return f"{20 if tens < 3 else 19}{tens}{ones}年"


def _counted_between(desk: Desk, ends: Sequence[date]) -> tuple[date, date]:
    """The days between which a notice may count a time: from its issue to its last date, at least to today, and to
    those to which it says that it counts."""
    days = [
        date.fromisoformat(f.value[:10])
        for c in desk.chunks
        for f in desk.facts(c)
        if re.match(r"\d{4}-\d\d-\d\d", f.value)
    ]
    issued, today = desk.notice.issued_on, desk.question.today
    later = [day for day in days if issued and day >= issued]
    return min([issued or today, today, *ends]), max([today, *later, *ends])


def _day_after(said: re.Pattern[str], text: str) -> date | None:
    """The first day behind these words, where it stands without a word that bounds it."""
    match = said.search(text)
    days = [m for m in measures_in(text[match.end() :]) if m.unit == DAY] if match else []
    return (
        date.fromordinal(int(days[0].interval.high)) if days and days[0].relation is Relation.EQUAL else None
    )
