"""Words -> the ranges of numbers that they state, each with its unit: `100马力及以上`, `5万元（含）至10万元`, `20人以上50人以下`.

Also of units that are no typed value elsewhere (马力, kg/s): a unit is told by how it begins.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import zip_longest
from math import inf

from bot.lexicon import UNITS
from bot.thresholds import Interval

_NUMBER = re.compile(r"(?P<digits>\d[\d,]*(?:\.\d+)?)\s*(?P<scale>万|亿)?")
_SCALE = {"万": 1e4, "亿": 1e8, None: 1.0}
_UNIT = re.compile(r"\s*([a-z%]+(?:/[a-z]+)?|[\u4e00-\u9fff])")
_NO_UNIT = frozenset("及以至到含和或不且")
_TO = re.compile(r"[^\d,，;；。]{0,6}?[—–\-~至到]+\s*")
"""Stands between the two ends of a range."""
_INCLUDED = re.compile(r"\D{0,3}\(含")
_BOUND = re.compile(r"[^\d,，;；。、]{0,4}?(?:\(含\))?(?:(?P<up>及?以上|\+)|(?P<down>及?以[下内]))")
_ABOVE = re.compile(r"(?:(?P<open>(?<!不)超过|大于|高于|多于|>)|(?:不低于|不少于|不小于|≥))\s*$")
_BELOW = re.compile(r"(?:(?P<open>不足|低于|小于|少于|不满|未满|<)|(?:不超过|不高于|不多于|≤))\s*$")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number with its unit, and the interval for which it stands."""

    unit: str
    """A word of letters, or the first character of a Chinese one; empty where none follows."""
    interval: Interval

    def of_same_unit(self, other: NumberRange) -> bool:
        """True for `30个` and `20人`, too."""
        pair = {self.unit, other.unit}
        return bool(self.unit and other.unit) and (len(pair) == 1 or any(pair <= units for units in UNITS))

    @property
    def exact(self) -> bool:
        """True for a bare number."""
        return self.interval.low == self.interval.high


def ranges_in(words: str) -> list[NumberRange]:
    """The ranges that words state, in reading order; two bounds beside each other are one range."""
    text = unicodedata.normalize("NFKC", words).casefold()
    numbers = list(_NUMBER.finditer(text))
    found: list[NumberRange] = []
    end = 0
    for match, after in zip_longest(numbers, numbers[1:]):
        if match.start() < end:
            continue
        if after is not None and _TO.fullmatch(text, match.end(), after.start()):
            scale = match["scale"] or (None if _unit(text, match.end()) else after["scale"])
            closed = "含" not in text[match.end() : after.start()] or _INCLUDED.match(text, after.end())
            span = Interval(_value(match, scale), _value(after, after["scale"]), False, not closed)
            found.append(NumberRange(_unit(text, after.end()), span))
            end = after.end()
            continue
        one = NumberRange(_unit(text, match.end()), _bounded(text, match, end))
        beside = found and not re.search(r"[,，;；。]|或", text[end : match.start()])
        if (
            beside
            and found[-1].unit == one.unit
            and found[-1].interval.high == inf
            and one.interval.low == -inf
        ):
            before = found.pop().interval
            merged = Interval(before.low, one.interval.high, before.low_open, one.interval.high_open)
            one = NumberRange(one.unit, merged)
        found.append(one)
        end = match.end()
    return found


def _value(match: re.Match[str], scale: str | None) -> float:
    return float(match["digits"].replace(",", "")) * _SCALE[scale]


def _unit(text: str, at: int) -> str:
    match = _UNIT.match(text, at)
    return match[1] if match and match[1] not in _NO_UNIT else ""


def _bounded(text: str, match: re.Match[str], begin: int) -> Interval:
    """The interval of one number, by the words before and behind it."""
    number = _value(match, match["scale"])
    above, below = (each.search(text, begin, match.start()) for each in (_ABOVE, _BELOW))
    if above:
        return Interval(number, inf, bool(above["open"]), True)
    if below:
        return Interval(-inf, number, True, bool(below["open"]))
    bound = _BOUND.match(text, match.end())
    if bound is None:
        return Interval(number, number)
    return Interval(number, inf, False, True) if bound["up"] else Interval(-inf, number, True, False)
