"""(Question whether there is still time, the periods in which one may act) -> what to say first: `还来得及。`,
`已经截止。`, `来不及，那时已经截止。`, or nothing where it is not certain.

The day that counts is the one on which the person would act (`12月1号还能报吗`, `明天交行不行`), not the day of asking.
Today counts only where the question tells no time; a time that is not understood (`国庆后`, `晚一天`) gives no verdict.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from bot import messages
from bot.datamodels import FactKind, Question
from bot.lexicon import NAMES_THE_DEADLINE, STILL_OPEN, WOULD_ACT
from bot.numbering import chinese_to_int
from bot.question import stated_values
from bot.values import Value, values_in

_DAY = re.compile(
    r"(?P<name>大后|(?<![大最])后|(?<![大提])前)天|(?P<near>[明今昨])[天日儿早晚]|(?P<english>tomorrow|today|yesterday)"
)
_DAYS_OFF = {
    "大后": 3,
    "后": 2,
    "明": 1,
    "tomorrow": 1,
    "今": 0,
    "today": 0,
    "昨": -1,
    "yesterday": -1,
    "前": -2,
}
_WEEKDAYS = "一二三四五六日"
_WEEK = "个?(?:周|星期|礼拜)"
_OFFSETS = {"上": -1, "last": -1, "下": 1, "next": 1, "下下": 2}
"""Of weeks and months; 0 for 这 and 本."""
_IN_DAYS = re.compile(r"(?:^|(?<=[我们那再\s]))(\d{1,3}|[一二两三四五六七八九十]{1,3})天(?:以后|之后|后)")
_DAY_OF_MONTH = re.compile(r"(?<![\d月年第])(\d{1,2})[号日](?![文楼窗内])")
_PARTS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (25, 31), "末": (25, 31)}
"""First and last day of a part of a month."""
_TO = re.compile(r"\s*(?:至|到|[-—～~]{1,2})\s*")
_DONE = re.compile(r"上个?(?:周|星期|礼拜|月)|[交报寄送递填投传][了过的]|last (?:week|month)")
"""It is told what was done: no question whether there will be time."""
_ACTS = re.compile(
    r"(?:那天|当天|当日|之?内)?\s*(?:(?P<until>之?前|以前)|(?P<since>之后|以后|后))?\s*(?:$|[^\u4e00-\u9fff，,]|(?:我们?|企业|公司|才|就|去|来)*"
    r"(?:还|再|才|能|可|来|去|行|交|报|申|提|填|递|送|寄|投|补|传|上[报传交]|办|登|缴|参|晚[了不]|是不是))"
)
"""Behind a day: something would be done on it; it is not the day of something else (`4月28日闭幕，还来得及吗`)."""
_OTHER_TIME = re.compile(
    r"[\d一二两三四五六七八九十半]\s*个?(?:月|周|星期|礼拜|天|日|号|小时|钟头|点|年)|\d[./:-]\d|周[一二三四五六日天末]|星期|礼拜|"
    r"[年月季][底末初中]|[上中下]旬|[昨明]|前天|改天|过[一几些段阵两完]|[早上下中]午|早上|傍晚|晚上|凌晨|夜|下班|天亮|"
    r"以后|之后|(?<![最然今落])后(?![续果台])|年前|[前下]年|春节|过节|节[前后假]|国庆|过年|元旦|中秋|端午|清明|假|开学|学期|季度|"
    r"\b(?:week|month|year|day|hour|weekend)s?\b|\d(?:st|nd|rd|th)\b|\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)"
)
"""Words that tell a time, where they are left over when the days are understood."""
_JUST_PASSED = 300
"""A day without a year that comes round in more than so many days is rather meant as past."""


_NOW = r"(?:现在|目前|眼下|这会儿|[今明后]天).{0,3}还(?:能|可以|让)"
"""Words that ask of any act whether there is still time for it (regular expression)."""
_STARTS = re.compile(
    r"开[放启始]|几号开|启动|(?:什么时候|啥时候|何时|几时|哪天|几号|几点).{0,4}(?:可以|能|起)|\bopens?\b|\bstarts?\b"
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days in which somebody would act, or may act."""

    first: date
    last: date
    hour: str = ""
    """Until when on the last day, `17:30`; empty where none is told, `?` where it is not understood."""


def asks_for_time_left(question: Question) -> bool:
    """True for `还来得及吗`, `现在还能下载吗` and `12月1号交行吗`; false for `截止是12月1号吧`, which states a deadline."""
    if re.search(f"{STILL_OPEN}|{_NOW}", question.normalised):
        return True
    words = in_dates(question.normalised, question.today)
    return bool(_days(words) and re.search(WOULD_ACT, words)) and not re.search(NAMES_THE_DEADLINE, words)


def asks_of_a_day(question: Question) -> bool:
    """True where a question states a day, or asks whether there is time."""
    stated = any(value.kind is FactKind.DATE for value in stated_values(question.normalised))
    return stated or asks_for_time_left(question)


def asks_for_start(question: Question) -> bool:
    """True for `申报几号开始`; false where it asks for the end too, or whether there is time."""
    words = question.normalised
    return bool(_STARTS.search(words)) and not (
        re.search(rf"{NAMES_THE_DEADLINE}|结束|截", words) or asks_for_time_left(question)
    )


def time_left(question: Question, periods: Sequence[Period]) -> str:
    """What to say first of the periods in which one may act; empty where the question does not ask whether there is
    time, where its day is not certain, or where the periods do not agree."""
    acting = days_of_acting(question) if asks_for_time_left(question) else None
    if acting is None or not periods:
        return ""
    outcomes = {_within(acting, period) for period in periods}
    if outcomes == {True}:
        return messages.STILL_OPEN
    if outcomes == {False}:
        closed = all(period.last < question.today for period in periods)
        return messages.ALREADY_CLOSED if closed else messages.CLOSED_BY_THEN
    return ""


def _within(acting: Period, period: Period) -> bool | None:
    """Whether what is done on these days is in time; None where it is before the beginning, or not certain.

    On the last day the hours decide where both are told, and nothing does where only one is.
    """
    if acting.first > period.last:
        return False
    if acting.first < period.first or acting.last > period.last:
        return None
    if acting.last < period.last or not (acting.hour or period.hour):
        return True
    if "" in (acting.hour, period.hour) or "?" in period.hour or acting.first < acting.last:
        return None
    return acting.hour <= period.hour


def days_of_acting(question: Question) -> Period | None:
    """The days on which the person would act: those told (`12月1号`, `明天`, `下周`, `月底`), else the day of asking.

    None where a time is told that is not understood, that is past, or that is more than one.
    """
    today = question.today
    words = in_dates(question.normalised, today)
    told = _days(words)
    role = _ACTS.match(words[told[-1].end :]) if told else None
    rest = words
    for value in reversed(told):
        rest = f"{rest[: value.start]} {rest[value.end :]}"
    rest = re.sub(r" (?:之前|以前|之后|以后|后)", " ", rest)
    rest = re.sub(r"(?<!\d)(20\d\d)年度?", lambda m: m[0] if int(m[1]) > today.year else " ", rest)
    if _OTHER_TIME.search(rest) or _DONE.search(question.normalised):
        return None
    if not told:
        return Period(today, today)
    ranged = len(told) == 2 and _TO.fullmatch(words[told[0].end : told[1].start])
    ends = [_bounds(value, words, today) for value in told]
    if role is None or (len(told) > 1 and not ranged) or None in ends:
        return None
    first, last = min(end[0] for end in ends if end), max(end[1] for end in ends if end)
    if last < today:
        return None
    first = max(first, today)
    if role["until"]:
        first = today
    if role["since"]:
        return Period(last + timedelta(1), date.max)
    return Period(first, last, told[-1].value.partition("T")[2])


def _days(words: str) -> list[Value]:
    """The dates that are told."""
    return [value for value in values_in(words) if value.kind is FactKind.DATE]


def _bounds(value: Value, words: str, today: date) -> tuple[date, date] | None:
    """First and last day of a date: a day, a month or a part of one; without a year that which comes next.

    None for what is no day, and for a day that has just passed, which may be meant as past.
    """
    match = re.fullmatch(r"(\d{4}|-)-(\d\d)(?:-(\d\d))?(?:T.*)?", value.value)
    if match is None:
        return None
    month = int(match[2])
    text = words[value.start : value.end]
    part = next((days for name, days in _PARTS.items() if text.endswith(name)), (1, 31))
    first, last = (int(match[3]), int(match[3])) if match[3] else part
    years = (today.year, today.year + 1) if match[1] == "-" else (int(match[1]),)
    for year in years:
        with suppress(ValueError):  # the 30th of February
            end = min(last, monthrange(year, month)[1]) if not match[3] else last
            found = date(year, month, first), date(year, month, end)
            if match[1] != "-" or today <= found[1] <= today + timedelta(_JUST_PASSED):
                return found
    return None


def in_dates(words: str, today: date) -> str:
    """The words with their days told as dates: `下周一交` -> `2024年11月25日交`, `月底` -> `2024年11月底`.

    Not touched is what is uncertain: the weekday that is today.
    """
    words = _DAY.sub(lambda m: _day(m, today), words)
    words = _IN_DAYS.sub(lambda m: _written(today + timedelta(chinese_to_int(m[1]) or int(m[1]))), words)
    words = re.sub(rf"(下下|[上下这本])?{_WEEK}([{_WEEKDAYS}天])", lambda m: _weekday(m, today), words)
    words = re.sub(r"(下下|[上下这本])?个?周末", lambda m: _week(m, today, 5), words)
    words = re.sub(rf"(下下|[上下这本]){_WEEK}(?![{_WEEKDAYS}天末])", lambda m: _week(m, today, 0), words)
    words = re.sub(r"(next|this|last) week", lambda m: _week(m, today, 0), words)
    words = re.sub(
        r"(下下|[上下这本])个?月|(?<![\d一二三四五六七八九十个])月(?=[底末初]|[上中下]旬)|(next|this|last) month|end of the month",
        lambda m: _month(m, today),
        words,
    )
    words = re.sub("(?<![去明前后年])年[底末]", f"{today.year}年12月底", words)
    words = re.sub(r"月初", "月上旬", words)
    words = re.sub(r"([今明去])年(?=\d)", lambda m: f"{today.year + '去今明'.index(m[1]) - 1}年", words)
    bare = _DAY_OF_MONTH.findall(words)
    if len(bare) == 1 and not _days(words):
        words = _DAY_OF_MONTH.sub(lambda m: _next_day(int(m[1]), today) or m[0], words)
    return words


def _day(match: re.Match[str], today: date) -> str:
    """`明天`, `今晚`."""
    day = today + timedelta(_DAYS_OFF[match["name"] or match["near"] or match["english"]])
    return _written(day) + {"早": "上午", "晚": "晚上"}.get(match[0][-1], "")


def _weekday(match: re.Match[str], today: date) -> str:
    """`下周一`; a bare `周一` is the next one, that of next week where this week's is past."""
    ahead = _WEEKDAYS.index(match[2].replace("天", "日")) - today.weekday()
    if match[1]:
        return _written(today + timedelta(ahead + 7 * _OFFSETS.get(match[1], 0)))
    return match[0] if ahead == 0 else _written(today + timedelta(ahead % 7))


def _week(match: re.Match[str], today: date, since: int) -> str:
    """`下周`, `这周末`, from the day `since` Monday to Sunday."""
    monday = today + timedelta(7 * _OFFSETS.get(match[1] or "", 0) - today.weekday())
    return f"{_written(monday + timedelta(since))}至{_written(monday + timedelta(6))}"


def _month(match: re.Match[str], today: date) -> str:
    name = match[1] or match[2] or ""
    year, month = divmod(today.year * 12 + today.month - 1 + _OFFSETS.get(name, 0), 12)
    return f"{year}年{month + 1}月{'底' if match[0].startswith('end') else ''}"


def _next_day(number: int, today: date) -> str:
    """The first day of this number from today on; empty for a number that is none."""
    if not 1 <= number <= 31:
        return ""
    return next(_written(day) for day in (today + timedelta(n) for n in range(62)) if day.day == number)


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
