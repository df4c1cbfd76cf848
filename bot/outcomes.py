"""(Bound, case) -> whether the case meets the bound, with the words of both sides; nothing where that stays open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor, inf

from bot import messages
from bot.bounds import group_of, own_words
from bot.stated_cases import Case, counted_to
from bot.thresholds import AGE, DAY, MONTH, Interval, Relation, Threshold


@dataclass(frozen=True, slots=True)
class Outcome:
    meets: bool
    required: str
    """The bound's words: `不低于2亿元`, `小微企业不低于1000万元`."""
    stated: str
    """The case's words: `1.8亿元`."""
    group: str = ""
    """For whom the bound is, where it names them: `小微企业`."""


def outcome_of(bound: Threshold, case: Case, sentence: str, clause: str) -> Outcome | None:
    """How a case comes out by a bound in a sentence of a clause; None where it may come out either way."""
    interval, stated = case.measure.interval, case.words
    end = counted_to(clause)
    if bound.unit in {MONTH, AGE} and case.measure.unit == DAY:
        interval, day = _elapsed(bound, case, end)
        stated = messages.ELAPSED.format(stated=stated, day=f"{day.year}年{day.month}月{day.day}日")
    elif bound.unit == DAY and inf in {-bound.interval.low, bound.interval.high}:
        if {interval.low, interval.high} & {bound.interval.low, bound.interval.high}:
            return None
    elif interval.low == interval.high == bound.bound and bound.unit in {MONTH, "天", AGE}:
        return None  # `成立两年` may be some days more or less, and so may an age
    elif bound.unit in {MONTH, AGE}:
        interval = _on_all(interval, bound.unit, case.today, [end] if end else case.ends)
    meets = interval.within(bound.interval)
    if not meets and not interval.apart(bound.interval):
        return None
    named = group_of(bound, sentence)
    group = re.sub(r"(?:可以?放宽|的|应当?|须)?[至到为]?$", "", named)
    return Outcome(meets, named + own_words(bound, sentence), stated, group)


def comes_out(meets: bool, bound: Threshold, case: Case, sentence: str, clause: str) -> bool:
    """True where the case certainly meets, or certainly does not meet, the bound."""
    outcome = outcome_of(bound, case, sentence, clause)
    return outcome is not None and outcome.meets is meets


def _elapsed(bound: Threshold, case: Case, end: date | None) -> tuple[Interval, date]:
    """The time from the case's day, in months or years as the bound has it, and of the days to which it may be counted
    the one that speaks most against how it comes out."""
    earliest, latest = (end, end) if end else (case.earliest, case.latest)
    low, high = (
        date.fromordinal(int(each)) for each in (case.measure.interval.high, case.measure.interval.low)
    )
    scale = 12 if bound.unit == AGE else 1
    elapsed = Interval(_months(low, earliest) // scale, _months(high, latest) // scale)
    first = elapsed.within(bound.interval) is (bound.relation is Relation.AT_LEAST)
    return elapsed, earliest if first else latest


def _on_all(told: Interval, unit: str, today: date, ends: Sequence[date]) -> Interval:
    """A length of time, or an age, of today as it may be on any of these days as well: 7 months of August 14 as 5 to 7
    where the notice counts to June 30."""
    apart = [(end - today).days / (365 if unit == AGE else 30) for end in ends]
    earlier, later = floor(min([0, *apart])), ceil(max([0, *apart]))
    return replace(told, low=told.low + earlier, high=told.high + later)


def _months(since: date, until: date) -> int:
    """Whole months from one day to another."""
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
