"""Words -> the numbers and days that something is measured by, each an interval of one thing; compared by rule.

`以上`, `以下`, `以内` include the number, `不满`, `超过`, `以外` do not (Civil Code of the PRC, article 1259).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import inf

from bot.datamodels import FactKind
from bot.deadlines import day_of
from bot.numbering import number_end
from bot.values import Value, values_in

DAY = "date"
"""Unit of a day of the calendar, counted as `date.toordinal` does."""
MONTH = "月"
AGE = "岁"
TIME_UNITS = {MONTH, "天", DAY}
"""What they measure is told by an event, not by a noun."""
_KINDS = {FactKind.AMOUNT, FactKind.PERCENT, FactKind.COUNT, FactKind.DURATION}
_SCALE = {"月": (1, MONTH), "年": (12, MONTH), "季度": (3, MONTH), "周": (7, "天")} | dict.fromkeys(
    ("周年", "学年", "会计年度"), (12, MONTH)
)
_SAME_UNIT = {"周岁": AGE, "百分点": "%"} | {
    each: unit
    for unit, same in (("天", "自然日 日 日历天 个日历天"), ("人", "名 位"), ("项", "家 户 个 件"))
    for each in same.split()
}
_ORDINAL = {"级", "类", "档", "条", "星"}
"""Of these a smaller number may be the better one."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, with its ends where they are not open."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def within(self, other: Interval) -> bool:
        above = self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open))
        return above and (
            self.high < other.high or (self.high == other.high and (self.high_open or not other.high_open))
        )

    def apart(self, other: Interval) -> bool:
        return _ends_before(self, other) or _ends_before(other, self)


def _ends_before(one: Interval, other: Interval) -> bool:
    return one.high < other.low or (one.high == other.low and (one.high_open or other.low_open))


class Relation(StrEnum):
    AT_LEAST = "≥"
    MORE = ">"
    AT_MOST = "≤"
    LESS = "<"
    EQUAL = "="
    """Stated without a word that bounds it."""

    def interval(self, number: float) -> Interval:
        match self:
            case Relation.AT_LEAST | Relation.MORE:
                return Interval(number, inf, self is Relation.MORE, True)
            case Relation.AT_MOST | Relation.LESS:
                return Interval(-inf, number, True, self is Relation.LESS)
            case Relation.EQUAL:
                return Interval(number, number)


@dataclass(frozen=True, slots=True)
class Threshold:
    relation: Relation
    bound: float
    """In `unit`."""
    unit: str
    """`元`, `%`, `月` for all durations of months and years, `天`, `人`, `项` for what is counted by the piece,
    `岁`, `date` ..."""
    interval: Interval
    """The numbers, or days, that it stands for."""
    thing: frozenset[str]
    """What it is the number of: the events that a time is counted from, else the nouns; empty where none is named."""
    text: str
    """The number as written: `1000万元`."""
    words: str
    """The part of the criterion that states it, literally: `上年度营业收入总额在1000万元以上`."""
    start: int
    """Where the number stands with the words that bound it: `不低于1000万元`."""
    end: int

    @property
    def two_sided(self) -> bool:
        return -inf < self.interval.low < self.interval.high < inf

    @property
    def is_upper(self) -> bool:
        """True where it bounds only from above: `不超过45周岁`."""
        return self.interval.low == -inf


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


_NOT = r"(?<![能可要])不(?:得|能|可以?|许|准|允许|应|要|宜)?"
_BEFORE: tuple[tuple[re.Pattern[str], Relation], ...] = tuple(
    (re.compile(rf"(?:{words})\s*$"), relation)
    for words, relation in (
        (rf"(?:{_NOT}[低少小短]于|至少|最少|大于等于|≥|＞=|>=)为?", Relation.AT_LEAST),
        (rf"(?:{_NOT}(?:超过|[高大多晚]于)|最多|最高|至多|≤|<=)为?", Relation.AT_MOST),
        (r"(?:只能|最多|至多|仅限|限报)[\u4e00-\u9fff]{1,3}|上限(?:为|是)?", Relation.AT_MOST),
        (r"不满|未满|没满|不足|不到|没到|未达到|达不到|低于|少于|小于|＜|<", Relation.LESS),
        (r"超过|高于|大于|多于|＞|>", Relation.MORE),
        (r"达到|达|满|已满|年满", Relation.AT_LEAST),
    )
)
_INCLUDED = r"^\s*(?:数|次数)?(?:[（(][^（）()]{0,8}[）)])?\s*(?:及|或|含)?(?:[（(]含[^（）()]*[）)])?"
_AFTER: tuple[tuple[re.Pattern[str], Relation], ...] = (
    (re.compile(rf"{_INCLUDED}以上"), Relation.AT_LEAST),
    (re.compile(rf"{_INCLUDED}(?:以[下内]|之内)"), Relation.AT_MOST),
    (re.compile(r"^\s*(?:多(?!少)|余|出头)"), Relation.MORE),
)
_DAY_AFTER = re.compile(
    r"^\s*(?:[（(]含[^（()）]{0,6}[）)])?(?:(?P<before>之?前|及?以前)|(?P<since>之后|以后|后))"
)
_BETWEEN = re.compile(r"^\s*(?:至|到|[-—–～~]{1,2})\s*$")
_EXCLUSIVE = re.compile(r"^[^，。；]{0,6}[（(]不含")
_STRICT = {Relation.AT_LEAST: Relation.MORE, Relation.AT_MOST: Relation.LESS}
_STOP = re.compile(r"[，。；：,;:]")


def thresholds_in(text: str) -> tuple[Threshold, ...]:
    """The numbers of a criterion that something is measured by, in reading order; a span of years is none."""
    return tuple(
        m for m in measures_in(text) if m.relation is not Relation.EQUAL and m.unit != DAY and not m.two_sided
    )


def measures_in(text: str) -> tuple[Threshold, ...]:
    """All numbers and days of a text, in reading order, those without a bounding word as well.

    A month, a year of the calendar and a range of days stand for all their days. Whether the day itself counts
    that something must happen before or after is left open.
    """
    found: list[Threshold] = []
    for value in values_in(text):
        after, last = text[value.end :], found[-1] if found else None
        dated = value.kind is FactKind.DATE
        measure = _day(text, value, _DAY_AFTER.match(after)) if dated else _counted(text, value, after)
        if measure is None:
            continue
        if last and last.unit == measure.unit and _BETWEEN.match(text[last.end : value.start]):
            found.pop()
            until, span = Interval(last.interval.low, measure.interval.high), (last.start, value.end)
            measure = _measured(text, value, Relation.AT_MOST, until, measure.unit, span, after)
        found.append(measure)
    return tuple(found)


def comparisons(stated: str, text: str) -> tuple[Comparison, ...]:
    """The person's numbers against the thresholds of the same unit in a criterion.

    Of several thresholds of one unit, those count whose words share most with the person's.
    """
    thresholds = thresholds_in(text)
    found = []
    for said in measures_in(stated):
        fitting = [t for t in thresholds if t.unit == said.unit or (not said.unit and t.unit == "元")]
        best = max((_shared(stated, t.words) for t in fitting), default=0)
        for threshold in fitting:
            if _shared(stated, threshold.words) == best:
                holds = Relation.EQUAL.interval(said.bound).within(threshold.interval)
                found.append(Comparison(said.text, threshold, holds))
    return tuple(found)


def _counted(text: str, value: Value, after: str) -> Threshold | None:
    """A number with its unit, or a range; None for what is no number."""
    number = re.fullmatch(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?\s*(\S*)", value.value)
    if value.kind not in _KINDS or number is None or number[3] in _ORDINAL:
        return None
    scale, unit = _SCALE.get(number[3], (1, _SAME_UNIT.get(number[3], number[3])))
    bound = float(number[1]) * scale
    if number[2]:
        until = Interval(bound, float(number[2]) * scale)
        return _measured(text, value, Relation.AT_MOST, until, unit, (value.start, value.end), after)
    relation, start, end = bounded(text, value.kind, value.start, value.end)
    return _measured(text, value, relation, relation.interval(bound), unit, (start, end), after, bound)


def bounded(text: str, kind: FactKind, start: int, end: int) -> tuple[Relation, int, int]:
    """How the words around the value at [start, end) bound it, and where it stands with them: `不低于1000万元`,
    `11月22日前`."""
    after = text[end:]
    if kind is FactKind.DATE:
        day = _DAY_AFTER.match(after)
        if day is None:
            return Relation.EQUAL, start, end
        return Relation.AT_LEAST if day["since"] else Relation.AT_MOST, start, end + day.end()
    lead = next(((match, r) for p, r in _BEFORE if (match := p.search(text, 0, start))), None)
    tail = next(((match, r) for p, r in _AFTER if (match := p.match(after))), None)
    relation = lead[1] if lead else tail[1] if tail else Relation.EQUAL
    if tail and relation is Relation.AT_LEAST:
        relation = tail[1]
    if relation in _STRICT and _EXCLUSIVE.match(after):
        relation = _STRICT[relation]
    return relation, lead[0].start() if lead else start, end + (tail[0].end() if tail else 0)


def _day(text: str, value: Value, after: re.Match[str] | None) -> Threshold | None:
    """A day, a month's days, or those before or after; None for a day of no certain year."""
    match = re.match(r"(\d{4})-(\d{2})(-\d{2})?", value.value)
    last = day_of(value.value)
    if match is None or last is None or value.year_missing:
        return None
    if after and match[3]:
        before = after["before"] is not None
        interval = (Relation.LESS if before else Relation.MORE).interval(last.toordinal())
        relation = Relation.AT_MOST if before else Relation.AT_LEAST
        end = value.end + after.end()
    else:
        first = last if match[3] else date(last.year, last.month, 1)
        interval, relation, end = Interval(first.toordinal(), last.toordinal()), Relation.EQUAL, value.end
    return _measured(text, value, relation, interval, DAY, (value.start, end), text[end:])


def _measured(
    text: str,
    value: Value,
    relation: Relation,
    interval: Interval,
    unit: str,
    span: tuple[int, int],
    after: str,
    bound: float | None = None,
) -> Threshold:
    thing = thing_of(text[: span[0]], after if unit in {DAY, MONTH} else text[span[1] :], unit)
    words, own = _segment(text, value), text[value.start : value.end]
    return Threshold(
        relation, interval.high if bound is None else bound, unit, interval, thing, own, words, *span
    )


def _segment(text: str, value: Value) -> str:
    """The words between two stops around a value."""
    begin = max((m.end() for m in _STOP.finditer(text, 0, value.start)), default=number_end(text))
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


# ---------------------------------------------------------------- of what

_EVENTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words))
    for name, words in (
        (
            "成立",
            r"成立|设立(?!.*站)|注册(?!会|商标)|开办|执照|(?:公司|企业|店|厂子?|我们)(?:才|刚|只)?开了?$",
        ),
        ("经营", r"经营|运营|(?<!恢复)生产(?!线|的)|投产|开业|开工|(?<!不)营业(?!执照|收入|额)|运行|跑了"),
        ("出生", r"出生|生人|[年月日号]生|生于|^生(?:的|，|$)"),
        ("取得证书", r"证.{0,12}(?:取得|获得|拿)|(?:取得|获得|拿).{0,6}证"),
        ("授权", r"授权"),
        ("入会", r"入的?会"),
        ("签订", r"签[订了在的]|签.{0,4}合同"),
        ("剩余", r"剩余|[只还]剩"),
        ("发票", r"发票"),
        ("建成", r"建成|盖的|建的"),
        ("推行", r"推行|搞了"),
        *((word, word) for word in "毕业 获批 参保 居住 备案 实施 投入使用 服役".split()),
        ("从业", r"从业|工作(?!日)|从事|干了|做了?[\u4e00-\u9fff]{2,8}$"),
        ("撤销", r"撤了|撤销"),
        ("缴费", r"缴费|缴纳社会保险|社保"),
    )
)
"""What a length of time or a day is counted from. 成立 stands for 注册 too: a company exists from its registration on."""
_NEAR = 20
"""Characters around a value within which its event is named."""
_JOINED = re.compile(r"(?<![合兼])并(?!购|网)|且|以及")
"""Between two conditions, each with its own number: `签订一年以上劳动合同并缴纳社会保险满六个月`."""
_SAME_NOUN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words), written)
    for words, written in (
        (r"研发(?:费用?|经费|投入|支出|强度|资金|总?额|花了?)+", "研发"),
        (r"(?:营收|经营收入|流水)(?!增)", "营业收入"),
        (r"销售额", "销售收入"),
        (r"业务收入|(?<!销售)(?<!营业)收入", "营业收入"),
        (r"占股|股份.{0,2}占|持股比例", "持股"),
        (r"(?:评价)?(?:得分|总分)$", ""),
        (r"员工|雇员|从业人员|在职职工", "职工"),
        (r"占(?:其|同期|上年度|当年|本?企业|公司)*(?:营业收入|销售收入|主营业务收入|总?收入)(?:总额)?的?(?:比[例重率])?", "占比"),
        (r"占(?:职工|单位)总数的?(?:比[例重率])?|(?:比[例重])", "占比"),
        (r"负债率", "资产负债率"),
        (r"资产资产", "资产"),
        (r"占比|占$", ""),
    )
)  # fmt: skip
_FILLER = re.compile(
    r"^.*(?:我们|我司|我家|我厂|我校|我|咱们?|公司|企业|单位|厂里|厂|申报人|申请人|申报|去年|上一?年度?|年度|目前|现在|现有|拥有|具有|具备|配备|建有|项目)|"
    r"^.*的(?=..)|^(?:总|年|有|是|为|附|提供|提交)+|(?:刚好|正好|恰好|刚|总额|总数|人数|数量|数值|金额|额|总|数|达到?|为|是|有|有效期|只有|共|一共|就|才|只剩?|已经?|做了?|在|应当?|须|必须|要|需|花了?|近|的)+$"
)
_HAN_BEFORE = re.compile(r"[\u3400-\u9fff]+$")
_NOUN_AFTER = re.compile(
    r"^(?!以[上下内]|的|多|左右|能|可|够|行|算|就|[吗么嘛不没吧了还也都才])([\u3400-\u9fff]{2,8}?)(?=[，。；、,;（()）\s?!的]|$|能|可以|够|行不|够不|算|也|还|吗|符合|达|报)"
)


def thing_of(before: str, after: str, unit: str) -> frozenset[str]:
    """What a value is the number of, by the words before and after it: events of a time, else a noun of notices."""
    before = re.sub(r"[（(][^（）()]*[）)]\s*$|[（(]\s*$", "", before.rstrip())
    part = re.split(r"[，；：。（(,;\s]", before)[-1]
    if unit in TIME_UNITS:
        rest = re.split(r"[，；：。)）,;]", re.sub(r"^\s*[（(][^（）()]*[）)]", "", after).lstrip())[0]
        return _nearest_events(_since_last(part)[-_NEAR:], _until_next(rest)[:_NEAR])
    own = _HAN_BEFORE.search(re.sub(r"[A-Za-z甲乙丙][组类]$", "", part))
    noun = _noun(own.group()) if own else ""
    if len(noun) < 2 and unit in {"人", "项"} and (named := _NOUN_AFTER.match(after)):
        noun = _noun(named[1])
    return frozenset({noun}) if len(noun) >= 2 else frozenset()


def _since_last(words: str) -> str:
    """The words behind the condition, or the value, before a number; one that adjoins it is a part of it: `2年11个月`."""
    words = _JOINED.split(words)[-1]
    return words[max((v.end for v in values_in(words) if v.end < len(words)), default=0) :]


def _until_next(words: str) -> str:
    """The words behind a number, up to the next condition or value."""
    words = _JOINED.split(words)[0]
    return words[: min((v.start for v in values_in(words) if v.start), default=len(words))]


def _nearest_events(near: str, far: str) -> frozenset[str]:
    """The events that the words before and after a value name, or both together (`证2022年取得`), those closest to it."""
    both, away = f"{near} {far}", dict[str, int]()
    for name, words in _EVENTS:
        around = [len(near) - m.end() for m in words.finditer(near)]
        around += [m.start() for m in words.finditer(far)]
        around += [0 for m in words.finditer(both) if m.start() < len(near) < m.end()]
        if around:
            away[name] = min(around)
    return frozenset(name for name in away if away[name] == min(away.values()))


def as_written(words: str) -> str:
    """A text with the words of notices for the nouns that people have others for: `营收` -> `营业收入`."""
    for same, written in _SAME_NOUN:
        words = same.sub(written, words)
    return words


def names_event(word: str, thing: frozenset[str]) -> bool:
    """True where a word names one of these events: `执照` 成立."""
    return any(name in thing and re.search(words, word) for name, words in _EVENTS)


def _noun(words: str) -> str:
    words = as_written(words)
    shorter = _FILLER.sub("", words)
    while shorter != words:
        words, shorter = shorter, _FILLER.sub("", shorter)
    return words
