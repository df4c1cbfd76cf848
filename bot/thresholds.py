"""Words of a criterion -> its numeric thresholds; a number that a person states -> compared by rule.

`以上`, `以下`, `以内` include the number, `不满`, `超过`, `以外` do not (Civil Code of the PRC, article 1259).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.datamodels import FactKind
from bot.facts import Value, values_in
from bot.numbering import line_number

_KINDS = {FactKind.AMOUNT, FactKind.PERCENT, FactKind.COUNT, FactKind.DURATION}
_MONTHS = {"月": 1, "年": 12, "周年": 12, "季度": 3, "学年": 12, "会计年度": 12}
_SAME_UNIT = {
    "周岁": "岁",
    "自然日": "天",
    "日": "天",
    "日历天": "天",
    "个日历天": "天",
    "百分点": "%",
    "名": "人",
    "位": "人",
}

_ORDINAL = {"级", "类", "档", "条", "星"}
"""Of these a smaller number may be the better one."""


class Relation(StrEnum):
    AT_LEAST = "≥"
    MORE = ">"
    AT_MOST = "≤"
    LESS = "<"

    def holds(self, number: float, bound: float) -> bool:
        match self:
            case Relation.AT_LEAST:
                return number >= bound
            case Relation.MORE:
                return number > bound
            case Relation.AT_MOST:
                return number <= bound
            case Relation.LESS:
                return number < bound


@dataclass(frozen=True, slots=True)
class Threshold:
    relation: Relation
    bound: float
    """In `unit`."""
    unit: str
    """`元`, `%`, `月` for all durations of months and years, `天`, `人`, `项` ..."""
    text: str
    """The number as written: `1000万元`."""
    words: str
    """The part of the criterion that states it, literally: `上年度营业收入总额在1000万元以上`."""


@dataclass(frozen=True, slots=True)
class Comparison:
    stated: str
    """The number as the person wrote it."""
    threshold: Threshold
    holds: bool

    def __str__(self) -> str:
        return (
            f"{self.stated} {self.threshold.relation} {self.threshold.text}："
            f"{'成立' if self.holds else '不成立'}（{self.threshold.words}）"
        )


_BEFORE: tuple[tuple[re.Pattern[str], Relation], ...] = (
    (
        re.compile(r"(?:不低于|不少于|不小于|不短于|至少|大于等于|不得低于|不得少于|≥|＞=|>=)\s*(?:为)?$"),
        Relation.AT_LEAST,
    ),
    (
        re.compile(r"(?:不超过|不高于|不大于|不多于|不得超过|不得高于|最多|最高|至多|≤|<=)\s*(?:为)?$"),
        Relation.AT_MOST,
    ),
    (re.compile(r"(?:不满|未满|不足|不到|未达到|达不到|低于|少于|小于|＜|<)\s*$"), Relation.LESS),
    (re.compile(r"(?:超过|高于|大于|多于|＞|>)\s*$"), Relation.MORE),
    (re.compile(r"(?:达到|达|满|已满|年满)\s*$"), Relation.AT_LEAST),
)
_AFTER: tuple[tuple[re.Pattern[str], Relation], ...] = (
    (re.compile(r"^\s*(?:[（(]不含[^（）()]*[）)])?\s*(?:及|或|含)?以上"), Relation.AT_LEAST),
    (re.compile(r"^\s*(?:数|次数)?(?:[（(]含[^（）()]*[）)])?\s*(?:及|或|含)?以上"), Relation.AT_LEAST),
    (re.compile(r"^\s*(?:[（(][^（）()]{0,8}[）)])?\s*(?:及|或|含)?(?:以下|以内|之内)"), Relation.AT_MOST),
)
_EXCLUSIVE = re.compile(r"^[^，。；]{0,6}[（(]不含")
_STRICT = {Relation.AT_LEAST: Relation.MORE, Relation.AT_MOST: Relation.LESS}
_STOP = re.compile(r"[，。；：,;:]")


def thresholds_in(text: str) -> tuple[Threshold, ...]:
    """The numbers of a criterion that something is measured by, in reading order; a span of years is none."""
    found = []
    for value in values_in(text):
        number = _number(value)
        relation = _relation(text, value)
        if number is None or relation is None:
            continue
        bound, unit = number
        found.append(Threshold(relation, bound, unit, text[value.start : value.end], _segment(text, value)))
    return tuple(found)


def comparisons(stated: str, text: str) -> tuple[Comparison, ...]:
    """The person's numbers against the thresholds of the same unit in a criterion.

    Of several thresholds of one unit, those count whose words share most with the person's.
    """
    thresholds = thresholds_in(text)
    found = []
    for value in values_in(stated):
        number = _number(value)
        if number is None:
            continue
        amount, unit = number
        fitting = [t for t in thresholds if t.unit == unit or (not unit and t.unit == "元")]
        best = max((_shared(stated, t.words) for t in fitting), default=0)
        for threshold in fitting:
            if _shared(stated, threshold.words) == best:
                holds = threshold.relation.holds(amount, threshold.bound)
                found.append(Comparison(stated[value.start : value.end], threshold, holds))
    return tuple(found)


def _relation(text: str, value: Value) -> Relation | None:
    before, after = text[: value.start], text[value.end :]
    relation = next((relation for pattern, relation in _BEFORE if pattern.search(before)), None)
    later = next((relation for pattern, relation in _AFTER if pattern.match(after)), None)
    if relation is None or (later is not None and relation is Relation.AT_LEAST):
        relation = later or relation
    if relation in _STRICT and _EXCLUSIVE.match(after):
        return _STRICT[relation]
    return relation


def _number(value: Value) -> tuple[float, str] | None:
    """(number, unit); None for what is no single number."""
    if value.kind not in _KINDS:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(\S*)", value.value)
    if not match:
        return None
    number, unit = float(match[1]), match[2]
    if unit in _ORDINAL:
        return None
    if unit in _MONTHS:
        return number * _MONTHS[unit], "月"
    return number, _SAME_UNIT.get(unit, unit)


def _segment(text: str, value: Value) -> str:
    """The words between two stops around a value."""
    own = line_number(text)
    begin = max((m.end() for m in _STOP.finditer(text, 0, value.start)), default=own.end if own else 0)
    stop = _STOP.search(text, value.end)
    words = text[begin : stop.start() if stop else len(text)].strip()
    return words if len(words) > len(text[value.start : value.end]) + 2 else text[: value.end].strip()[-40:]


def _shared(one: str, other: str) -> int:
    pairs = {one[i : i + 2] for i in range(len(one) - 1)}
    return sum(
        other[i : i + 2] in pairs
        for i in range(len(other) - 1)
        if not re.search(r"[\d万亿元%]", other[i : i + 2])
    )
