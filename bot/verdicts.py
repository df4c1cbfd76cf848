"""(Question that states a person's own case, best clause) -> whether the case meets the clause, by comparison.

Wrong is far worse than nothing: a verdict is given only where the question states one value and the clause one
bound on the same thing in the same unit, with no exception, alternative or second bound anywhere in the notice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from math import inf

from bot import messages
from bot.chunking import sentences
from bot.composition import Desk, computed, strong
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, FactKind, Question
from bot.deadlines import day_of
from bot.facts import Value, values_in
from bot.lexicon import PROVINCES, UNITS
from bot.question import with_yuan

_ASKS_WHETHER = re.compile(
    r"(?:能|可以|可不可以|够|符合|达标|满足|合格|资格|行(?!业|政|程)|卡).{0,12}(?:[吗么嘛不没]|$)|^(?:can|is|are|do|does|may) "
)
_ASKS_FOR_RULE = re.compile(
    r"要求|规定|必须|门槛|至少|起码|最低|最高|不低于|不少于|不超过|是不是[要得]|需不需|要不要|条件|如果|假如|还是|比如|多少|几|"
    r"奖|补[贴助]|资助|罚|退|逾期|有效期"
)
"""A rule, a choice or a consequence is asked for: not whether a case meets a condition."""
_NOT_PLAIN = re.compile(
    r"不得|不予|不能|不再|不受|不可|不符合|取消|禁止|除外|例外|除[^了]|但|放宽|原则上|优先|适当|酌情|或|之一|任一|任意|累计|合计|"
    r"其中|分别|视为|扣|奖励|补[贴助]|资助|给予|罚|追回|有效期|不满足|无需|无须|鼓励|支持|推荐|平均|每|近[两二三四五]年|连续|上[一年]|增长|同比"
)
"""In the sentence: it bans, excepts, offers a choice, pays or counts in a way that a bare comparison misses."""
_DENYING_HEADING = re.compile(r"不|禁|除外|情形|之一|任一|奖|补|支持|优先|加分|评分")

_AT_LEAST = re.compile(r"(?:不[低少小短]于|不得[低少小]于|至少|最少|达到?|已?满|年满)\s*$")
_AT_MOST = re.compile(r"(?:不[高多大]于|不超过|不得超过|至多|最多)\s*$")
_ABOVE = re.compile(r"(?<!不)(?<!得)(?:超过|[高多大]于)\s*$")
_OR_MORE = re.compile(r"^\s*(?:[（(]含[^（()）]{0,6}[）)])?(?:及|或)?以上")
_OR_LESS = re.compile(r"^\s*(?:[（(]含[^（()）]{0,6}[）)])?(?:及|或)?以[下内]")

_ABOUT = re.compile(r"(?:大概|大约|约|差不多|将近|接近|快|近|估计|预计|可能|大)\s*$")
_ABOUT_AFTER = re.compile(r"^\s*(?:左右|上下|出头|来|几)")
_LESS_ASKED = re.compile(r"(?:不到|不足|不满|未满|没满|没到|少于|低于|小于)\s*$")
_MORE_ASKED = re.compile(r"(?<!不)(?:超过|高于|大于|多于)\s*$")
_MORE_AFTER = re.compile(r"^\s*(?:多(?!少)|余|以上)")

_MONTHS = {"年": 12.0, "周年": 12.0, "学年": 12.0, "季度": 3.0, "月": 1.0}
_DAYS = {"日": 1.0, "天": 1.0, "自然日": 1.0, "日历天": 1.0, "周": 7.0}
_EVENT = re.compile(r"成立|注册|设立|经营|运营|投产|毕业|从业|工作|开业|建成|获批|取得|参保|居住|备案|实施")
"""What a length of time or a date in a person's case is counted from."""
_FILLER = re.compile(
    r"^.*(?:我们|我司|我|咱们?|公司|企业|单位|去年|上年|年度|目前|现在|现有|拥有|具有|具备|项目)|^.*的(?=..)|^(?:总|年|有|是|为)+|"
    r"(?:刚好|正好|恰好|刚|总额|总数|人数|数量|金额|额|数|达|为|是|有|只有|共|一共|就|才|只|已|已经|在|应|须|应当|必须|要|需)+$"
)
_SAME_NOUN = (("营收", "营业收入"), ("销售额", "销售收入"), ("员工", "职工"), ("雇员", "职工"))
_COUNTED_FROM = frozenset({"月", "日", "date"})
_OTHERS_AGE = re.compile(r"子女|孩子|配偶|父母|老人|代表人|负责人|成员|团队|房|车|设备")
_REGISTERED = re.compile(
    rf"(?:在|于)(?:(?P<name>{PROVINCES})(?:省|自治区|市)?|[本我全]省)(?:行政区域|境|辖区|区域|范围)?(?:内|范围内)?(?:依法|工商)?(?:注册|登记|设立)"
)
_REGISTERED_ASKED = re.compile(
    rf"在?({PROVINCES})(?:省|自治区|市)?(?:那边|这边)?(?:注册|登记|的?(?:企业|公司))|(?:注册|登记)(?:地址?)?(?:是|在|于)*({PROVINCES})|"
    r"(外省|省外)(?:注册|登记|的?(?:企业|公司))"
)
_SEVERAL_SEATS = re.compile(
    rf"分公司|分支|分厂|子公司|总部|母公司|集团|迁|搬|(?:{PROVINCES}).*(?:{PROVINCES})"
)
_WIDENED = re.compile(r"除外|例外|但|放宽|不限|或|以外|允许|可以")
_HAN_BEFORE = re.compile(r"[\u3400-\u9fff]+$")
_NEAR = 14
"""Characters before a value within which its event is named."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, with its ends where they are not open."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def within(self, other: Interval) -> bool:
        above = self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open))
        below = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return above and below

    def apart(self, other: Interval) -> bool:
        return _ends_before(self, other) or _ends_before(other, self)


def _ends_before(one: Interval, other: Interval) -> bool:
    return one.high < other.low or (one.high == other.low and (one.high_open or other.low_open))


@dataclass(frozen=True, slots=True)
class Stated:
    """A value with the interval it stands for, its dimension and the words that say of what it is."""

    words: str
    """The value with the words that bound it: `不低于2亿元`."""
    interval: Interval
    dimension: str
    """What can be compared: `元`, `月`, `日`, `%`, a measure word, `date`."""
    thing: frozenset[str]
    """What it is the number of: the events that a time is counted from, else one noun; empty where none is named."""


def case_verdict(desk: Desk, clause: Chunk) -> Block | None:
    """`不符合这条要求。（通知要求不低于2亿元，你说的是1.8亿元）` where the comparison decides it, else None."""
    parent = desk.parent(clause)
    if clause.kind is not ChunkKind.CLAUSE or not _states_a_case(desk.question):
        return None
    if parent is not None and _DENYING_HEADING.search(parent.text):
        return None
    decided = _by_value(desk, clause) or _by_province(desk, clause)
    if decided is None:
        return None
    meets, required, stated = decided
    shown = computed(messages.COMPARED.format(required=required, stated=stated))
    word = strong(messages.MEETS_CONDITION if meets else messages.FAILS_CONDITION)
    return Block(BlockKind.ANSWER, (word, shown), (desk.citer.cite(clause),))


def _by_value(desk: Desk, clause: Chunk) -> tuple[bool, str, str] | None:
    """(whether the case meets the bound, the bound's words, the case's words); None where that stays open."""
    case = _case(desk.question)
    bounds = [bound for bound in bounds_of(clause.text) if case and bound.dimension == case.dimension]
    if case is None or len(bounds) != 1 or not _same_thing(case, bounds[0], clause):
        return None
    bound = bounds[0]
    if _of_dimension(clause.text, case.dimension) != 1 or _bounded_elsewhere(desk, clause, bound):
        return None
    ends = {case.interval.low, case.interval.high} & {bound.interval.low, bound.interval.high} - {inf, -inf}
    exact = case.interval.low == case.interval.high or bound.dimension == "date"
    if ends and exact and (bound.dimension in _COUNTED_FROM or "岁" in bound.dimension):
        return None  # `成立两年` may be some days more or less, and so may an age
    if case.interval.within(bound.interval):
        return True, bound.words, case.words
    return (False, bound.words, case.words) if case.interval.apart(bound.interval) else None


def _by_province(desk: Desk, clause: Chunk) -> tuple[bool, str, str] | None:
    """The same for where somebody is registered. Provinces only: which city lies where is in no notice."""
    sentence = next(
        (clause.text[a:b] for a, b in sentences(clause.text) if _REGISTERED.search(clause.text[a:b])), ""
    )
    required, stated = _REGISTERED.search(sentence), _REGISTERED_ASKED.findall(desk.question.normalised)
    if required is None or len(stated) != 1 or _WIDENED.search(sentence):
        return None
    if _SEVERAL_SEATS.search(desk.question.normalised):
        return None
    name = required["name"] or next(iter(re.findall(PROVINCES, desk.notice.region)), "")
    if not name or len(set(re.findall(PROVINCES, sentence))) > 1:
        return None
    asked = next(part for part in stated[0] if part)
    if asked == name and not re.search(r"外|不在|没在", desk.question.normalised):
        return True, required.group(), asked
    return (False, required.group(), asked) if asked != name else None


def _states_a_case(question: Question) -> bool:
    words = question.normalised
    return bool(_ASKS_WHETHER.search(words)) and not _ASKS_FOR_RULE.search(words)


# ---------------------------------------------------------------- values and bounds


def _case(question: Question) -> Stated | None:
    """The one value that a question states about somebody's own case."""
    text = with_yuan(question.normalised)
    values = values_in(text)
    if len(values) != 1 or not _dimension(values[0]):
        return None
    value = values[0]
    before, after = text[: value.start], text[value.end :]
    if _ABOUT.search(before) or _ABOUT_AFTER.match(after) or _OR_LESS.match(after) or _AT_MOST.search(before):
        return None
    words = text[value.start : value.end]
    if _is_date(value):
        interval = _days(value)
    elif (number := _number(value)) is None:
        interval = None
    elif less := _LESS_ASKED.search(before):
        interval, words = Interval(-inf, number, True, True), less.group().strip() + words
    elif more := _MORE_ASKED.search(before):
        interval, words = Interval(number, inf, True, True), more.group().strip() + words
    elif more := _MORE_AFTER.match(after):
        interval, words = Interval(number, inf, False, True), words + more.group().strip()
    else:
        interval = Interval(number, number)
    if interval is None:
        return None
    return Stated(words, interval, _dimension(value), _thing(before, after, _dimension(value)))


def bounds_of(text: str) -> list[Stated]:
    """The bounds that a clause sets in so many words, where its sentence holds nothing that turns or widens them."""
    found = []
    for begin, end in sentences(text):
        sentence = text[begin:end]
        if _NOT_PLAIN.search(sentence):
            continue
        for value in values_in(sentence):
            before, after = sentence[: value.start], sentence[value.end :]
            bounded = _date_bound(value, after) if _is_date(value) else _number_bound(value, before, after)
            if bounded is not None and _dimension(value):
                interval, lead, tail = bounded
                words = lead + sentence[value.start : value.end] + tail
                thing = _thing(before.removesuffix(lead), after.removeprefix(tail), _dimension(value))
                found.append(Stated(words, interval, _dimension(value), thing))
    return found


def _number_bound(value: Value, before: str, after: str) -> tuple[Interval, str, str] | None:
    """(interval, words before, words after). 民法典第一千二百五十九条：“以上”“以下”“以内”包括本数，“超过”不包括。"""
    number = _number(value)
    if number is None:
        return None
    more, less = _OR_MORE.match(after), _OR_LESS.match(after)
    least, most, above = _AT_LEAST.search(before), _AT_MOST.search(before), _ABOVE.search(before)
    if (less or most) and (more or least or above):
        return None
    if above:
        return Interval(number, inf, True, True), above.group(), ""
    if more or least:
        lead, tail = (least.group() if least else ""), (more.group() if more else "")
        return Interval(number, inf, False, True), lead, tail
    if less or most:
        lead, tail = (most.group() if most else ""), (less.group() if less else "")
        return Interval(-inf, number, True, False), lead, tail
    return None


def _date_bound(value: Value, after: str) -> tuple[Interval, str, str] | None:
    """Whether the day itself counts is left open: a case on that very day gets no verdict."""
    day = day_of(value.value)
    match = re.match(
        r"\s*(?:[（(]含[^（()）]{0,6}[）)])?(?:(?P<before>之?前|以前)|(?P<since>之后|以后|后))", after
    )
    if day is None or match is None or value.year_missing or len(value.value) < 10:
        return None
    if match["before"]:
        return Interval(-inf, day.toordinal(), True, True), "", match.group()
    return Interval(day.toordinal(), inf, True, True), "", match.group()


def _is_date(value: Value) -> bool:
    return value.kind is FactKind.DATE


def _days(value: Value) -> Interval | None:
    """The days that a date of a question may mean: one, or a month's."""
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", value.value)
    last = day_of(value.value)
    if match is None or last is None:
        return None
    first = last if match[3] else date(last.year, last.month, 1)
    return Interval(first.toordinal(), last.toordinal())


def _number(value: Value) -> float | None:
    """The number in its dimension's unit; None for a range."""
    number, _, unit = value.value.partition(" ")
    try:
        return float(number) * (
            _MONTHS.get(unit) or _DAYS.get(unit) or 1.0 if value.kind is FactKind.DURATION else 1.0
        )
    except ValueError:
        return None


def _dimension(value: Value) -> str:
    unit = value.value.partition(" ")[2]
    match value.kind:
        case FactKind.DATE:
            return "date"
        case FactKind.DURATION:
            return "月" if unit in _MONTHS else "日" if unit in _DAYS else ""
        case FactKind.AMOUNT | FactKind.PERCENT:
            return unit
        case FactKind.COUNT:
            same = next((units for units in UNITS if unit in units and "个" not in units), None)
            return "|".join(sorted(same)) if same else unit
    return ""


def _of_dimension(text: str, dimension: str) -> int:
    return sum(_dimension(value) == dimension for value in values_in(text))


# ---------------------------------------------------------------- of what


def _thing(before: str, after: str, dimension: str) -> frozenset[str]:
    """What a value is the number of, from the words around it in its own part of the sentence."""
    part = re.split(r"[，；：。（(,;\s]", before.rstrip())[-1]
    if dimension in _COUNTED_FROM:
        rest = re.split(r"[，；：。)）,;\s]", after.lstrip())[0] if dimension == "date" else ""
        return frozenset(_EVENT.findall(part[-_NEAR:] + " " + rest[:_NEAR]))
    match = _HAN_BEFORE.search(part)
    noun = match.group() if match else ""
    shorter = _FILLER.sub("", noun)
    while shorter != noun:
        noun, shorter = shorter, _FILLER.sub("", shorter)
    for said, written in _SAME_NOUN:
        noun = noun.replace(said, written)
    return frozenset({noun}) if len(noun) >= 2 else frozenset()


def _same_thing(case: Stated, bound: Stated, clause: Chunk) -> bool:
    """True where both are of one event or one noun; an age is told by its unit, where nobody else's is meant."""
    if "岁" in bound.dimension:
        return not _OTHERS_AGE.search(clause.text)
    return bool(case.thing) and (
        bool(case.thing & bound.thing)
        if bound.dimension in {"月", "日", "date"}
        else case.thing == bound.thing
    )


def _bounded_elsewhere(desk: Desk, clause: Chunk, bound: Stated) -> bool:
    """True where another clause states any value of the same thing: a bound for another level, kind or case."""
    for chunk in desk.chunks:
        if chunk.id == clause.id or not any(
            _dimension(value) == bound.dimension for value in values_in(chunk.text)
        ):
            continue
        if "岁" in bound.dimension or any(thing in chunk.text for thing in bound.thing):
            return True
    return False
