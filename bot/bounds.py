"""(Sentence of a clause, case) -> the bounds on the case's thing, and for whom each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.datamodels import Chunk
from bot.numbering import number_end
from bot.stated_cases import Case
from bot.thresholds import AGE, DAY, MONTH, TIME_UNITS, Relation, Threshold, measures_in

BARS = re.compile(r"的[，,]?(?:一律)?(?:不得(?![低少小短高多大])|不予|不能|不可|不安排|不享受)")
"""Behind a bound: those within it are barred."""
_PAYS = re.compile(
    r"不再|优先|适当|酌情|任一|任意|视为|扣|奖励|补[贴助]|资助|给予|追回|无需|无须|鼓励|支持|推荐|原则上|得\d|满分"
)
_RELAXED = re.compile(r"(?:放宽|降|减|延长)[至到为]\s*$|[（(][^（）()，；]{2,12}为\s*$")
_EXCEPTED = re.compile(r"[^，。；（()]{0,14}除外")
_CONDITION = re.compile(r"的(?![\u4e00-\u9fff]{0,8}(?:[（(][^（）()]*[）)])?(?:[；。;]|\s*$))")
_OTHERS_AGE = re.compile(r"子女|孩子|配偶|父母|老人|代表人|负责人|成员|团队|房|车|设备|妈|爸|爷|奶|舅|儿")


@dataclass(frozen=True, slots=True)
class BoundedSentence:
    """A sentence of a clause with the bounds in it that a case is compared with."""

    clause: Chunk
    start: int
    """Where it stands in the clause's text."""
    end: int
    bounds: tuple[Threshold, ...]
    """At least one, in reading order; they stand in the sentence."""

    @property
    def text(self) -> str:
        return self.clause.text[self.start : self.end]

    @property
    def rest(self) -> str:
        """The clause behind the first bound."""
        return self.clause.text[self.start + self.bounds[0].end :]


def bounds_on(case: Case, sentence: str, barred: bool) -> tuple[Threshold, ...] | None:
    """The bounds on the case's thing, those of further groups after the first; None where one has no bounding word, or
    says who somebody is: `缴费满六个月的自由职业者`. `barred` where the sentence is one of a list of bars."""
    found: list[Threshold] = []
    for measure in measures_in(sentence):
        if not comparable(measure, case):
            continue
        before, after = sentence[: measure.start], sentence[measure.end :]
        named, bare = same_thing(measure, case, sentence), measure.relation is Relation.EQUAL
        if is_relaxed(measure, sentence) and (found or named):
            if bare and not found and (measure.unit in {"%", DAY} or "放宽" not in before[-4:]):
                return None  # relaxed from what, and which way?
            found.append(_relaxed(measure, found))
            continue
        if _EXCEPTED.match(after) or (bare and measure.unit == DAY):
            continue  # the bound of an exception, or the day to which a time is counted
        if bare or (_CONDITION.match(after) and not barred and not BARS.match(after)):
            if named:
                return None
            continue
        if named or (found and _GROUP.search(before) and "其中" not in before):
            found.append(measure)
    own = [b for b in found if b.unit != MONTH or not b.thing or b.thing & case.measure.thing]
    found = own or found  # `注册满1年并经营满6个月`: of a registration the first
    days = [bound for bound in found if bound.unit == DAY]
    return tuple(days or found if case.measure.unit == DAY else found)


def comparable(bound: Threshold, case: Case) -> bool:
    """True where both are of one unit, or where the time since the case's day is meant."""
    return bound.unit == case.measure.unit or (case.measure.unit == DAY and bound.unit in {MONTH, AGE})


def same_thing(bound: Threshold, case: Case, sentence: str) -> bool:
    """True where both are of one event or one noun; an age is told by its unit, where nobody else's is meant."""
    if bound.unit == AGE:
        return not _OTHERS_AGE.search(sentence) and (case.measure.unit == AGE or "出生" in case.measure.thing)
    if bound.unit in TIME_UNITS:
        later = bound.unit == MONTH and "经营" in bound.thing and "成立" in case.measure.thing
        return later or bool(bound.thing & case.measure.thing)
    return bool(bound.thing) and bound.thing == case.measure.thing


def is_relaxed(bound: Threshold, sentence: str) -> bool:
    """True where the words before a bound relax another to it: `放宽至65周岁`."""
    return bool(_RELAXED.search(sentence[: bound.start]))


def leaves_room(sentence: str) -> bool:
    """True where a sentence prefers, pays, scores or leaves room in a way that a bare comparison misses."""
    return bool(_PAYS.search(sentence))


def _relaxed(bound: Threshold, general: list[Threshold]) -> Threshold:
    """A relaxed bound in its own direction, else in that of the general one before it."""
    relation = bound.relation
    if relation is Relation.EQUAL:
        unstated = Relation.AT_MOST if bound.unit == AGE else Relation.AT_LEAST
        relation = general[-1].relation if general else unstated
    return replace(bound, relation=relation, interval=relation.interval(bound.bound))


# ---------------------------------------------------------------- for whom

_GROUP = re.compile(
    r"(?:[男女]性?|企业|类|级|单位|机构|组|区|学位获得者|人员|者|行业|型)(?:的|应当?|须|可)?[至到为]?$|放宽[至到为]$"
)
_OPENING_GROUP = re.compile(
    r"^(?:对|报名|报考|申报|申请|参评|参加|属于?)*[“\"]?(?P<group>[^，,；;：:]{2,20}?)[”\"]?(?:的(?=[，,应须可需不]|$)|(?<=[级类型档])[：:])"
)
"""For whom a sentence is that opens with them: `申报三级的，`, `报名专科护士的须`."""
_CLASS = re.compile(
    r"(?<![\da-z])[a-z甲乙丙丁一二三四五六七八九十\d](?:类|级|档|等(?!于))|[\u4e00-\u9fff](?![大中小微]型)[\u4e00-\u9fff]型(?!企业)"
)


def group_of(bound: Threshold, sentence: str) -> str:
    """For whom a bound is, where the words before it say so: `牵头单位` of `牵头单位应为2024年9月30日前注册`."""
    before = re.split(r"[，；：。（()）,;]|(?<=[元%人项年月岁])、", _before(bound, sentence))[-1]
    return re.sub(r"(?:应当?|须)?为?$", "", before) if _GROUP.search(before) else ""


def opening_group(bound: Threshold, sentence: str) -> str:
    """`三级` where a sentence opens with `申报三级的`; empty where it speaks of all, or of a share: `占收入的3%`."""
    before = _before(bound, sentence)
    opening = _OPENING_GROUP.search(before.removesuffix("的") if bound.unit == "%" else before)
    return opening["group"] if opening else ""


def classes_in(words: str) -> set[str]:
    """The classes that somebody names as their own, in lower-case words: `a类`, `三级`, `专业型`."""
    return set(_CLASS.findall(words))


def own_words(bound: Threshold, sentence: str) -> str:
    """The number with the words that bound it: `不低于2亿元`."""
    return sentence[bound.start : bound.end].strip()


def words_of_part(bound: Threshold, sentence: str) -> str:
    """The bound with the words before it in its part of the sentence: `大型企业营业收入2亿元以上`."""
    return re.split(r"[，；：。,;]", _before(bound, sentence))[-1] + own_words(bound, sentence)


def _before(bound: Threshold, sentence: str) -> str:
    """The words of its sentence before a bound, without the sentence's number."""
    first = number_end(sentence)
    return sentence[first if first < bound.start else 0 : bound.start]
