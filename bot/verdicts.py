"""(Question that states a person's own case, best clause) -> whether the case meets the clause, by comparison.

Wrong is far worse than nothing: only what the question states is compared, only with bounds on the same thing in
the same unit; where the clause has other bounds or exceptions, these are compared or quoted beside the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, floor, inf

from bot import messages
from bot.chunking import sentences
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, Question, Span
from bot.desk import Desk, computed, strong
from bot.numbering import chinese_to_int, number_end
from bot.places import PLACES, lies_within, places_named
from bot.question import things_named, understand, with_yuan
from bot.thresholds import (
    AGE,
    DAY,
    MONTH,
    Interval,
    Relation,
    Threshold,
    as_written,
    measures_in,
    names_event,
)
from bot.values import values_in

_ASKS_WHETHER = re.compile(
    r"(?:能|可以|可不可以|够|符合|达标|满足|合格|资格|行(?!业|政|程)|卡|算不算|有戏|满|过得).{0,12}(?:[吗么嘛不没吧]|$)|"
    r"[吗么嘛没不吧][?!。\s]*$|^(?:can|is|are|do|does|may) "
)
_ASKS_FOR_RULE = re.compile(
    r"规定|必须|至少|起码|最低|最高|不低于|不少于|不超过|是不是|对[吗嘛么不吧]|是吗|没错|需不需|要不要|[什哪啥].{0,3}条件|(?<!够)条件是|如果|假如|还是|比如|多少|几|"
    r"怎么|奖|补[贴助]|资助|退(?!役|伍|休)|有效期|"
    r"哪[天年月日]|从哪|[什啥]么?时|何时|算到|最[少多]|[明后]年|下一?[年次批]|以后再|[得满加]分|分[吗嘛没]|(?<!成立时间的)(?<!年限的)(?<!人数的)要求(?!够|符合)"
)
"""A rule, its confirmation, a time, a bound, a choice, a consequence or another year is asked for: not whether a case
meets a condition."""
_PAYS = re.compile(
    r"不再|优先|适当|酌情|任一|任意|视为|扣|奖励|补[贴助]|资助|给予|追回|无需|无须|鼓励|支持|推荐|原则上|得\d|满分"
)
"""In the sentence: it prefers, pays, scores or leaves room in a way that a bare comparison misses."""
_QUALIFIED = re.compile(
    r"累计|合计|每(?!家|个|名|人)|平均|人均|年均|近[两二三四五]年|连续|增长|同比|其中|分别|罚|或|以及|如|若|除[^了]"
)
"""In the bound's own words: it is counted in a way that the case need not be, or is for one group of several."""
_LAST_YEAR = re.compile(r"上一?年|去年")
_SAVING = re.compile(
    r"除外|例外|放宽|不受|不作要求|不限|(?:可以?|按)[^，。；]{0,6}(?:降|减少|核定|执行)|但|^或|或者[^，；]+(?:以上|以下|\\d)|另有|不[满足][^，。；]{1,9}的"
)
"""Words of an exception or another way: who falls short by the bound may still pass by them."""
_EXEMPT = re.compile(r"[^，,；;：:]+(?:不限|不作要求|不受[^，,；;]*限制)")
_LIFTED = re.compile(r"不受|不作要求|除外|放宽|可以?不|按[^，。；]{0,8}(?:执行|核定)")
_CATEGORY = re.compile(
    r"(?<![\da-z])[a-z甲乙丙丁一二三四五六七八九十\d](?:类|级|档|等(?!于))|[\u4e00-\u9fff](?![大中小微]型)[\u4e00-\u9fff]型(?!企业)"
)
"""A class that somebody names as their own: `a类`, `三级`, `专业型`."""
_OPENING_GROUP = re.compile(
    r"^(?:对|报名|报考|申报|申请|参评|参加|属于?)*[“\"]?(?P<group>[^，,；;：:]{2,20}?)[”\"]?(?:的(?=[，,应须可需不]|$)|(?<=[级类型档])[：:])"
)
"""For whom a sentence is that opens with them: `申报三级的，`, `报名专科护士的须`."""
_COUNTED_ANYWHERE = re.compile(r"计算(?:截[至止])?(?:时间|日期)?(?:均|统一)?[为至到]?(?=\d{4}年)")
"""Before the day to which times are counted, in whichever clause of the notice."""
_COUNTED = re.compile(rf"截[至止]到?(?=\d{{4}}年)|{_COUNTED_ANYWHERE.pattern}")
"""The same in the bound's own clause."""
_INCLUSIVE = {Relation.AT_LEAST, Relation.AT_MOST}
_RELAXED = re.compile(r"(?:放宽|降|减|延长)[至到为]\s*$|[（(][^（）()，；]{2,12}为\s*$")
_GROUP = re.compile(
    r"(?:[男女]性?|企业|类|级|单位|机构|组|区|学位获得者|人员|者|行业|型)(?:的|应|应当|须|可)?[至到为]?$|放宽[至到为]$"
)
_DENYING_HEADING = re.compile(r"不|禁|除外|情形|之一|任一|奖|补|支持|优先|加分|评分")
_BARRED_LIST = re.compile(
    r"(?:下列|以下)[^，。]{0,8}(?:情[形况]|行为)[^，。]{0,6}[，,][^，。]{0,6}(?:不得|不予|不能|不可|不再|取消|撤销)[^，。；]{0,8}[：:]?\s*$|"
    r"(?:不得|不予|不能)[^，。；：]{1,8}的?情形[：:]?\s*$"
)
_BARRED_INLINE = re.compile(r"(?:下列|以下)[^，。；]{0,8}(?:情[形况]|行为)[^：]{0,20}[：:]")
_BARS = re.compile(r"的[，,]?(?:一律)?(?:不得(?![低少小短高多大])|不予|不能|不可|不安排|不享受)")
_CONDITION = re.compile(r"^的(?![\u4e00-\u9fff]{0,8}(?:[（(][^（）()]*[）)])?(?:[；。;]|\s*$))")
_ASKING_WORDS = re.compile(
    r"(?P<verb>[\u4e00-\u9fff])不(?P=verb)|能(?=[报申参评过够用享领行不,?吗]|$)|不行|不够|够格?|可以|符合|达标|满足|合格|资格|行吗|有戏|过得去|"
    r"开始|已经?|刚好?|正好|恰好|目前|现在|去年|今年|[没不][吗?!。\s]*$"
)
"""Words of a question that ask or fill, and tell nothing."""
_TELLS_MORE = re.compile(r"但|可是|只是|虽|[没不未无]|(?<![超通])过(?![得关线]|[吗?!。\s]*$)|(?<=通)过")
"""Words by which a question tells another fact beside a number: `但没有……`, `入选过`."""
_ABOUT = re.compile(r"(?:大概|大约|约|差不多|将近|接近|快|近|估计|预计|可能|大)\s*$")
_ABOUT_AFTER = re.compile(r"^\s*(?:左右|上下|来|几|多?岁?[的]?时候)")
_ADDED = re.compile(r"外加|加上|另加|合起来|一共")
_ASKED_BOUND = re.compile(r"^\s*(?:了)?[没不吗]")
_OTHERS_AGE = re.compile(
    r"子女|孩子|配偶|父母|老人|代表人|负责人|成员|团队|房|车|设备|妈|爸|爷|奶|舅|儿|女儿"
)
_REGISTERED = re.compile(
    rf"(?:在|于)(?P<where>(?:{PLACES}(?:省|自治区|市)?)+|[本我全][省市])(?:行政区域|境|辖区|区域|范围)?(?:内|范围内)?(?:依法|工商)?(?:登记)?(?:注册|登记|设立)"
)
_REGISTERED_ASKED = re.compile(
    rf"在?(?P<a>{PLACES})(?:省|自治区|市)?(?:那边|这边)?(?:注册|登记|的?(?:企业|公司))|(?:注册|登记)(?:地址?)?(?:是|在|于)*(?P<b>{PLACES})(?:省|市)?(?![\u4e00-\u9fff]{{1,4}}[区县])|"
    r"(?P<c>外省|省外)(?:注册|登记|的?(?:企业|公司))"
)
_THE_NOTICE_OF = re.compile(rf"(?:报|申请?|参加|享受){PLACES}(?:省|市)?的?")
_SEVERAL_SEATS = re.compile(r"分公司|分支|分厂|子公司|总部|母公司|集团|迁|搬|外|不在|没在")
_WIDENED = re.compile(r"除外|例外|但|放宽|不限|或|以外|允许|可以")
_NO_BOUNDS = re.compile(r"\d分|得分|分值|奖|补|上限|[*＊※†①-⑳ᵃ-ᶻ]")
_LONGEST_QUOTE = 60
_DIGITS = "零〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Outcome:
    meets: bool
    required: str
    """The bound's words: `不低于2亿元`."""
    stated: str
    """The case's words: `1.8亿元`."""
    group: str = ""
    """For whom the bound is, where it names them: `小微企业`."""


@dataclass(frozen=True, slots=True)
class Case:
    """A value that a question states."""

    measure: Threshold
    words: str
    beside: str
    """What the question says beside it."""
    today: date
    """The day of asking, on which a length of time is told."""
    ends: tuple[date, ...]
    """The days to which clauses of the notice count a time."""
    earliest: date
    """Between this day and `latest` the time since a day of the case is counted."""
    latest: date


@dataclass(frozen=True, slots=True)
class Compared:
    outcomes: tuple[Outcome, ...]
    """Against the first bound, then against those of other groups and the relaxed ones."""
    saving: str = ""
    """Words of the notice by which one who falls short may still pass."""
    source: Chunk | None = None
    """Where these words stand, if in another clause."""
    barred: bool = False
    """True where the clause bars the cases within its bound."""
    excepted: bool = False
    """True where the question has a word of the exception: it may be made for just this case."""


def case_verdict(desk: Desk, clause: Chunk, shown: str) -> Block | None:
    """`不符合这条要求。（通知写的是不低于2亿元，你说的是1.8亿元）` where the comparison decides it, else None.

    `shown` is what the answer quotes of the clause: a bound that the reader does not see decides nothing.
    """
    words = desk.question.normalised
    if not _ASKS_WHETHER.search(words) or _ASKS_FOR_RULE.search(words):
        return None
    if clause.kind is ChunkKind.ROW:
        clause = replace(clause, text=_row_in_words(desk, clause))
        shown = clause.text
    elif clause.kind is not ChunkKind.CLAUSE:
        return None
    parent = desk.parent(clause)
    barred = parent is not None and bool(_BARRED_LIST.search(parent.text.strip()))
    if parent is not None and not barred and _DENYING_HEADING.search(parent.text):
        return None
    found = [c for case in _cases(desk) for c in _compared(desk, clause, case, barred, shown)]
    if not found and not barred and (place := _by_place(desk, clause)) and place.required in shown:
        found = [Compared((place,))]
    if not found and (said := _by_wording(words, shown)):
        return Block(BlockKind.ANSWER, (strong(said),), (desk.citer.cite(clause),))
    if not found:
        return None
    decisive = min(found, key=_rank)
    cited = [desk.citer.cite(chunk) for chunk in (clause, decisive.source) if chunk]
    return Block(BlockKind.ANSWER, tuple(_spans(decisive)), tuple(cited))


def _rank(compared: Compared) -> int:
    """What fails comes first: one bound that is not met decides, one that is met does not."""
    return 2 if _passes(compared.outcomes) else 1 if _open(compared) else 0


def _passes(outcomes: Sequence[Outcome]) -> bool:
    return all(outcome.meets for outcome in outcomes)


def _open(compared: Compared) -> bool:
    some = any(outcome.meets for outcome in compared.outcomes)
    return not _passes(compared.outcomes) and (some or bool(compared.saving))


def _spans(compared: Compared) -> Iterator[Span]:
    first = compared.outcomes[0]
    if compared.barred:
        word = messages.NOT_BARRED if first.meets else messages.BARRED
    else:
        word = messages.MEETS_CONDITION if _passes(compared.outcomes) else messages.FAILS_CONDITION
    single = len(compared.outcomes) == 1
    unless = messages.FAILS_UNLESS if single and not compared.excepted else messages.DEPENDS
    yield strong(unless if _open(compared) else word)
    if single:
        shown = messages.COMPARED.format(required=first.required, stated=first.stated)
    else:
        labels = {True: messages.SATISFIED, False: messages.NOT_SATISFIED}
        outcomes = "；".join(
            messages.OUTCOME.format(required=each.required, outcome=labels[each.meets])
            for each in compared.outcomes
        )
        shown = messages.COMPARED_IN_TURN.format(stated=first.stated, outcomes=outcomes)
    if _open(compared) and compared.saving:
        shown += messages.ELSEWHERE.format(words=compared.saving)
    yield computed(shown)
    if _passes(compared.outcomes):
        yield computed(messages.ONLY_THIS)


# ---------------------------------------------------------------- what the question states


def _cases(desk: Desk) -> list[Case]:
    """The values that a question states about somebody's own case; of two of one thing none."""
    text = _dated(with_yuan(desk.question.normalised), desk.question)
    cases, ends = [], _ends_stated(desk)
    days = _counted_to(desk, ends)
    for measure in measures_in(text):
        before, after = text[: measure.start], text[measure.end :]
        if _ABOUT.search(before) or _ABOUT_AFTER.match(after) or not measure.unit:
            continue
        if measure.relation is Relation.AT_LEAST and _ASKED_BOUND.match(after):
            continue  # `满3年没`: the rule, not the case
        if (measure.relation is Relation.AT_MOST or measure.two_sided) and measure.unit != DAY:
            continue
        tail = text[measure.start : measure.end]
        if measure.relation is Relation.MORE and re.search(r"(?:多|余|出头)$", tail):
            step = {MONTH: 12 if measure.bound % 12 == 0 else 6}.get(measure.unit)
            if step is None:
                continue
            measure = replace(measure, interval=Interval(measure.bound, measure.bound + step, True, True))
        said = re.sub(r"(\d{4}年)1月1日至\d{4}年12月31日", r"\1", tail)
        cases.append(Case(measure, said, f"{before} {after}", desk.question.today, ends, *days))
    cases = [case for case in cases if case.measure.thing or case.measure.unit not in {MONTH, "天", DAY}]
    return [case for case in cases if _only(case, cases)] if not _ADDED.search(text) else []


def _tells_only(beside: str, sentence: str, thing: frozenset[str] = frozenset()) -> bool:
    """True where the words beside a value tell nothing that the sentence with its bound does not speak of: a case
    that meets the bound may else be banned, `样机`, `入选过`, by another."""
    rest = as_written(_ASKING_WORDS.sub(" ", beside))
    values, known = ({value.value for value in values_in(text)} for text in (rest, sentence))
    if _TELLS_MORE.search(rest) or not values <= known:
        return False
    told = things_named(understand(rest, today=date.min))
    written = as_written(sentence).casefold()
    return all(word in written or names_event(word, thing) for word in told)


def _only(case: Case, cases: Sequence[Case]) -> bool:
    rivals = [c.measure for c in cases if c is not case and c.measure.unit == case.measure.unit]
    return not any(
        rival.thing & case.measure.thing
        or not (rival.thing or rival.unit in {"项", "人"})
        or not case.measure.thing
        for rival in rivals
    )


def _dated(text: str, question: Question) -> str:
    """`去年10月` -> `2025年10月`, and a bare year of an event as its days."""
    text = re.sub(r"([一二三四五六七八九])成(?=多?(?:[\W能可够行还也了的]|$))", r"百分之\1十", text)
    month = "[\\d一二三四五六七八九十]{1,2}月"
    for word, offset in (("大前年", -3), ("前年", -2), ("去年", -1), ("今年", 0), ("本年", 0)):
        told = rf"{word}(?={month}|(?:才|刚)?(?:成立|注册|设立|开办))"
        text = re.sub(told, f"{question.today.year + offset}年", text)
    text = re.sub(
        rf"(?<![\d{_DIGITS}])([\d{_DIGITS}])([\d{_DIGITS}])年(?=(?:{month})?份?出?生)", _full_year, text
    )
    text = re.sub(r"(?<=[\d百千万])块(?=钱|[，,。\s])", "元", text)
    event = r"(?=(?:才|刚|份)?(?:成立|注册|设立|开办|出生|生[的人]|入的?会|建成|盖的|建的|拿的?执照))"
    return re.sub(rf"(?<!\d)((?:19|20)\d\d)年{event}", r"\g<1>年1月1日至\g<1>年12月31日", text)


def _full_year(match: re.Match[str]) -> str:
    """`八九年` -> `1989年`, `19年` -> `2019年`."""
    tens, ones = (chinese_to_int(digit) or 0 for digit in match.groups())
    return f"{20 if tens < 3 else 19}{tens}{ones}年"


def _counted_to(desk: Desk, ends: Sequence[date]) -> tuple[date, date]:
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


def _ends_stated(desk: Desk) -> tuple[date, ...]:
    """The days to which the notice says that times are counted."""
    ends = (_stated_end(chunk.text, _COUNTED_ANYWHERE) for chunk in desk.chunks)
    return tuple(end for end in ends if end)


# ---------------------------------------------------------------- against the clause


def _compared(desk: Desk, clause: Chunk, case: Case, barred: bool, shown: str) -> list[Compared]:
    """The case against the lower and the upper bounds on its thing in a clause; empty where that stays open."""
    listed = _BARRED_INLINE.search(clause.text)
    for begin, end in sentences(clause.text):
        if listed and end > listed.start():
            return []
        sentence = clause.text[begin:end]
        bounds = _bounds(sentence, case, barred)
        if bounds is None:
            return []
        if not bounds or not _meant(desk.question, clause.text, sentence, bounds[0], case):
            continue
        if not all(sentence[b.start : b.end].strip() in shown for b in bounds):
            return []
        sides = [[b for b in bounds if (b.interval.low == -inf) is upper] for upper in (False, True)]
        found = [_against(desk, clause, begin, end, case, side, barred) for side in sides if side]
        repeated = any(b.interval == case.measure.interval for b in bounds)  # `满3年`: the bound, not a case
        of = " ".join((sentence, *clause.table_header, *clause.cells[:1]))
        may_pass = not repeated and _tells_only(case.beside, of, case.measure.thing)
        return (
            []
            if None in found
            else [each for each in found if each and (may_pass or not _passes(each.outcomes))]
        )
    return []


def _meant(question: Question, clause: str, sentence: str, bound: Threshold, case: Case) -> bool:
    """True where a sentence is for those of whom the question speaks: it opens with no group that the question does
    not name, and no other sentence with such a bound has a word of the question that this one lacks."""
    if _opening_group(bound, sentence).casefold() not in question.normalised:
        return False
    beside = [clause[a:b].casefold() for a, b in sentences(clause)]
    rivals = [
        words
        for words in beside
        if not _saves(words, case) and any(_comparable(m, case) for m in measures_in(words))
    ]
    missing = [term for term in things_named(question) if term not in sentence.casefold()]
    return not any(term in words for term in missing for words in rivals)


def _opening_group(bound: Threshold, sentence: str) -> str:
    """`三级` where a sentence opens with `申报三级的`; empty where it speaks of all, or of a share: `占收入的3%`."""
    before = _before(bound, sentence)
    opening = _OPENING_GROUP.search(before.removesuffix("的") if bound.unit == "%" else before)
    return opening["group"] if opening else ""


def _against(
    desk: Desk, clause: Chunk, begin: int, end: int, case: Case, bounds: Sequence[Threshold], barred: bool
) -> Compared | None:
    """The case against bounds of one direction in the sentence [begin, end) of a clause; None where that stays open."""
    text, first = clause.text[begin:], bounds[0]
    sentence = clause.text[begin:end]
    own = re.split(r"[，,；;]", sentence[: first.end])[-1]
    if barred:
        own = re.sub(r"^.*或者?", "", own)
    bars = _BARS.search(sentence, first.end)
    if bars and not barred and bars.start() > first.end:
        return None  # the bound is only a part of what is barred
    if _PAYS.search(sentence) or _QUALIFIED.search(own) or _other_year(desk, own):
        return None
    outcomes = [o for bound in bounds if (o := _outcome(bound, case, sentence, clause.text))]
    if len(outcomes) < len(bounds):
        return None
    if first.unit == MONTH and not first.thing & case.measure.thing and outcomes[0].meets:
        return None  # registered long enough is not yet in operation long enough
    if _unclear_beside(clause.text, bounds, case, outcomes[0].meets):
        return None
    rest = text[bounds[-1].end :]
    if barred or bars:
        within = outcomes[0].meets
        alone = _alone(sentence[: first.start], rest, barred)
        unclear = sentence[first.start : first.end].startswith("不") and first.relation in _INCLUSIVE
        if len(outcomes) > 1 or unclear or _SAVING.search(rest) or (within and not alone):
            return None
        return Compared((replace(outcomes[0], meets=not within),), barred=True)
    if len(outcomes) > 1:
        outcomes[0] = replace(outcomes[0], required=_part(first, sentence))
    asked = _asked(desk.question, sentence, bounds, outcomes)
    if not asked:
        return None
    exempt = _EXEMPT.search(sentence[: first.start])
    saving = _saving(text[first.end :], bounds, end - begin - first.end, case)
    saving = saving or (exempt.group() if exempt else "")
    own, others = (set(_CATEGORY.findall(each.casefold())) for each in (desk.question.normalised, saving))
    if own and others and not own & others:
        saving = ""  # an exception for another class
    found = _beside(desk, clause, case, first, Compared(tuple(asked), saving))
    return replace(found, excepted=_in_exception(desk.question, found.saving, first)) if found else None


def _asked(
    question: Question, sentence: str, bounds: Sequence[Threshold], outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """The outcome for the group that a question names, else all; none for a class that has no bound: an `a类` where
    only `B类不超过60周岁` is written."""
    words = question.normalised
    classes, found = _CATEGORY.findall(words), []
    for bound, outcome in zip(bounds, outcomes, strict=True):
        bounded = (_opening_group(bound, sentence) + _part(bound, sentence)).casefold()
        if all(each in bounded for each in classes):
            found.append(outcome)
    named = [o for o in found if o.group and o.group.casefold() in words]
    named = [o for o in named if not re.search(rf"(?:不是|非){re.escape(o.group)}", words)]
    return named if len(named) == 1 and not classes else found


def _in_exception(question: Question, saving: str, bound: Threshold) -> bool:
    """True where the exception has two characters of a word of the question that the bound has not: `毕业生`."""
    pairs = {
        pair for term in things_named(question) for pair in re.findall(r"(?=([\u4e00-\u9fff]{2}))", term)
    }
    return any(pair in saving and pair not in bound.words for pair in pairs)


def _unclear_beside(clause: str, bounds: Sequence[Threshold], case: Case, meets: bool) -> bool:
    """True where the clause has a further bound that names no thing, by which the case comes out otherwise."""
    for begin, end in sentences(clause):
        sentence = clause[begin:end]
        for m in measures_in(sentence):
            if m.thing or m.relation is Relation.EQUAL or m.unit != bounds[0].unit:
                continue
            outcome = _outcome(m, case, sentence, clause)
            if m.words not in {b.words for b in bounds} and (outcome is None or outcome.meets != meets):
                return True
    return False


def _row_in_words(desk: Desk, row: Chunk) -> str:
    """`资产负债率不高于70%` for the row, or the column, that the question names; empty where it names none or several,
    where cells have footnotes, and where the table pays or scores."""
    words = desk.question.normalised
    if _NO_BOUNDS.search(row.text) or _NO_BOUNDS.search("".join(row.table_header)):
        return ""
    table = [
        c for c in desk.chunks if c.table_header == row.table_header and c.document_id == row.document_id
    ]
    labels = {chunk.cells[0].casefold() for chunk in table if chunk.cells}
    columns = list(zip(row.table_header[1:], row.cells[1:], strict=False))
    named = [label for label in labels if len(label) > 1 and label in words]
    longest = [label for label in named if not any(label in other for other in named if other != label)]
    if longest == [row.cells[0].casefold()]:
        cells = [(name, cell) for name, cell in columns]
    else:
        cells = [(row.cells[0], cell) for name, cell in columns if len(name) > 1 and name.casefold() in words]
        cells = cells if len(cells) == 1 and not longest else []
    return "；".join(map(_cell_in_words, *zip(*cells, strict=True))) if cells else ""


def _cell_in_words(name: str, cell: str) -> str:
    """The cell after what it is about, with the unit that stands there in brackets."""
    unit = re.search(r"[（(]([^（）()]{1,4})[）)]\s*$", name)
    bare = unit and re.fullmatch(r"[≥≤><＞＜]\s*[\d.]+", cell)
    return f"{name[: unit.start()] if unit else name}{cell}{unit[1] if unit and bare else ''}"


def _alone(before: str, rest: str, barred: bool) -> bool:
    """True where a bar asks nothing beside its bound."""
    return not re.search(r"[，、且并]", re.sub(r"^.*或者", "", before)) and (
        not barred or not re.search(r"[，、且并]", rest.strip("。；"))
    )


def _bounds(sentence: str, case: Case, barred: bool) -> list[Threshold] | None:
    """The bounds on the case's thing, those of further groups after the first; None where one has no bounding word, or
    says who somebody is: `缴费满六个月的自由职业者`."""
    found: list[Threshold] = []
    for measure in measures_in(sentence):
        if not _comparable(measure, case):
            continue
        before, after = sentence[: measure.start], sentence[measure.end :]
        if _RELAXED.search(before) and (found or _same_thing(measure, case, sentence)):
            relation = measure.relation
            if relation is Relation.EQUAL:
                if not found and (measure.unit in {"%", DAY} or "放宽" not in before[-4:]):
                    return None  # relaxed from what, and which way?
                general = Relation.AT_MOST if measure.unit == AGE else Relation.AT_LEAST
                relation = found[-1].relation if found else general
            found.append(replace(measure, relation=relation, interval=relation.interval(measure.bound)))
            continue
        named, bare = _same_thing(measure, case, sentence), measure.relation is Relation.EQUAL
        if re.match(r"[^，。；（()]{0,14}除外", after) or (bare and measure.unit == DAY):
            continue  # the bound of an exception, or the day to which a time is counted
        if bare or (_CONDITION.match(after) and not barred and not _BARS.match(after)):
            if named:
                return None
            continue
        if named or (found and _GROUP.search(before) and "其中" not in before):
            found.append(measure)
    own = [b for b in found if b.unit != MONTH or not b.thing or b.thing & case.measure.thing]
    found = own or found  # `注册满1年并经营满6个月`: of a registration the first
    days = [bound for bound in found if bound.unit == DAY]
    return days or found if case.measure.unit == DAY else found


def _comparable(bound: Threshold, case: Case) -> bool:
    return bound.unit == case.measure.unit or (case.measure.unit == DAY and bound.unit in {MONTH, AGE})


def _same_thing(bound: Threshold, case: Case, sentence: str) -> bool:
    """True where both are of one event or one noun; an age is told by its unit, where nobody else's is meant."""
    if bound.unit == AGE:
        return not _OTHERS_AGE.search(sentence) and (case.measure.unit == AGE or "出生" in case.measure.thing)
    if bound.unit in {MONTH, "天", DAY}:
        later = bound.unit == MONTH and "经营" in bound.thing and "成立" in case.measure.thing
        return later or bool(bound.thing & case.measure.thing)
    return bool(bound.thing) and bound.thing == case.measure.thing


def _outcome(bound: Threshold, case: Case, sentence: str, clause: str) -> Outcome | None:
    required, stated = _shown(bound, sentence), case.words
    interval = case.measure.interval
    group = re.sub(r"(?:可以?放宽|的|应当?|须)?[至到为]?$", "", _group(bound, sentence))
    end = _stated_end(clause)
    if bound.unit in {MONTH, AGE} and case.measure.unit == DAY:
        earliest, latest = (end, end) if end else (case.earliest, case.latest)
        low, high = (date.fromordinal(int(each)) for each in (interval.high, interval.low))
        scale = 12 if bound.unit == AGE else 1
        interval = Interval(_months(low, earliest) // scale, _months(high, latest) // scale)
        day = earliest if interval.within(bound.interval) is (bound.relation is Relation.AT_LEAST) else latest
        stated = messages.ELAPSED.format(stated=stated, day=f"{day.year}年{day.month}月{day.day}日")
    elif bound.unit == DAY and abs(bound.interval.low) + abs(bound.interval.high) == inf:
        if {interval.low, interval.high} & {bound.interval.low, bound.interval.high}:
            return None
    elif interval.low == interval.high == bound.bound and bound.unit in {MONTH, "天", AGE}:
        return None  # `成立两年` may be some days more or less, and so may an age
    elif bound.unit in {MONTH, AGE}:
        interval = _on_all(interval, bound.unit, case.today, [end] if end else case.ends)
    if interval.within(bound.interval):
        return Outcome(True, required, stated, group)
    return Outcome(False, required, stated, group) if interval.apart(bound.interval) else None


def _stated_end(clause: str, said: re.Pattern[str] = _COUNTED) -> date | None:
    """The day to which a clause says that a time is counted."""
    match = said.search(clause)
    days = [m for m in measures_in(clause[match.end() :]) if m.unit == DAY] if match else []
    return (
        date.fromordinal(int(days[0].interval.high)) if days and days[0].relation is Relation.EQUAL else None
    )


def _on_all(told: Interval, unit: str, today: date, ends: Sequence[date]) -> Interval:
    """A length of time, or an age, of today as it may be on any of these days as well: 7 months of August 14 as 5 to 7
    where the notice counts to June 30."""
    apart = [(end - today).days / (365 if unit == AGE else 30) for end in ends]
    earlier, later = floor(min([0, *apart])), ceil(max([0, *apart]))
    return replace(told, low=told.low + earlier, high=told.high + later)


def _months(since: date, until: date) -> int:
    """Whole months from one day to another."""
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)


def _shown(bound: Threshold, sentence: str) -> str:
    """The bound with the group that it is for: `不低于2亿元`, `小微企业不低于1000万元`."""
    return _group(bound, sentence) + sentence[bound.start : bound.end].strip()


def _part(bound: Threshold, sentence: str) -> str:
    """The bound with the words before it in its part of the sentence: `大型企业营业收入2亿元以上`."""
    return re.split(r"[，；：。,;]", _before(bound, sentence))[-1] + sentence[bound.start : bound.end].strip()


def _group(bound: Threshold, sentence: str) -> str:
    """For whom a bound is, where the words before it say so: `牵头单位` of `牵头单位应为2024年9月30日前注册`."""
    before = re.split(r"[，；：。（()）,;]|(?<=[元%人项年月岁])、", _before(bound, sentence))[-1]
    return re.sub(r"(?:应当?|须)?为?$", "", before) if _GROUP.search(before) else ""


def _before(bound: Threshold, sentence: str) -> str:
    """The words of its sentence before a bound, without the sentence's number."""
    first = number_end(sentence)
    return sentence[first if first < bound.start else 0 : bound.start]


def _saving(rest: str, bounds: Sequence[Threshold], own: int, case: Case) -> str:
    """The words of an exception: in the rest of the bound's sentence, its first `own` characters, or in a later
    sentence of the clause that speaks of the same thing; empty where those are bounds that were compared."""
    for part in re.findall(r"(?:[^，,；;。（）().]|(?<=\d)\.)+", rest[: max(own, 0)]):
        if (
            _SAVING.search(part)
            and _relieves(part, bounds[0])
            and not any(part in b.words or b.words in part for b in bounds[1:])
        ):
            return _quoted(rest[rest.index(part) : own])
    later = (rest[a:b] for a, b in sentences(rest) if a >= own)
    return next(
        (_quoted(words) for words in later if _saves(words, case) and _relieves(words, bounds[0])), ""
    )


def _relieves(words: str, bound: Threshold) -> bool:
    """False where the numbers of an exception relax only a bound of the other direction: `放宽到40周岁` does not
    help who is not yet 18."""
    upper = bound.interval.low == -inf
    numbers = [m for m in measures_in(words) if m.unit == bound.unit]
    if bound.two_sided or not numbers or not re.search(r"放宽|延长|降", words):
        return True
    return any(
        upper is (m.bound > bound.bound if m.relation is Relation.EQUAL else m.interval.low == -inf)
        for m in numbers
    )


def _saves(sentence: str, case: Case) -> bool:
    named = any(
        _comparable(m, case) and (_same_thing(m, case, sentence) or _RELAXED.search(sentence[: m.start]))
        for m in measures_in(sentence)
    )
    return bool(_SAVING.search(sentence)) and (
        named or bool(re.search(r"上述|前[述款项]|本[条款项]", sentence))
    )


def _quoted(words: str) -> str:
    """The words of an exception without their number and outer punctuation; a long one up to a stop."""
    words = words[number_end(words) :].lstrip("，,；;。.）) ").rstrip("，,；;。 ")
    if not re.search(r"[（(]", words):
        words = words.rstrip("）)")
    if len(words) <= _LONGEST_QUOTE:
        return words
    parts = (words[: m.start()] for m in re.finditer(r"[，,；;。]", words[:_LONGEST_QUOTE]))
    whole = [part for part in parts if part.count("“") == part.count("”")]
    return f"{whole[-1]}……" if whole else words


def _beside(desk: Desk, clause: Chunk, case: Case, bound: Threshold, found: Compared) -> Compared | None:
    """What other clauses add: an exception; a bound by which it comes out otherwise leaves it open."""
    meets = found.outcomes[0].meets
    for chunk in desk.chunks:
        if chunk.id == clause.id or (clause.table_header and chunk.table_header == clause.table_header):
            continue
        for begin, end in sentences(chunk.text):
            sentence = chunk.text[begin:end]
            if _PAYS.search(sentence):
                continue
            differing = any(
                _comparable(m, case) and _same_thing(m, case, sentence)
                and (m.two_sided or bound.two_sided or (m.interval.low == -inf) == (bound.interval.low == -inf))
                and not ((o := _outcome(m, case, sentence, chunk.text)) and o.meets == meets)
                for m in measures_in(sentence)
            )  # fmt: skip
            saves = not meets and bool(_SAVING.search(sentence)) and _relieves(sentence, bound)
            lifted = saves and bool(_LIFTED.search(sentence))
            if (saves and differing) or (lifted and _names_kind(sentence, bound)):
                return replace(found, saving=found.saving or _quoted(sentence), source=chunk)
            if differing or (lifted and bound.unit == MONTH and "年限" in sentence):
                return None  # `任职年限可放宽`: perhaps of this time, perhaps of another
    return found


def _names_kind(sentence: str, bound: Threshold) -> bool:
    """True for a sentence on the event of a bound, on ages for an age, on `年限` where the bound's own words have it."""
    kind = "年龄" if bound.unit == AGE else "年限"
    own = bound.unit == AGE or kind in bound.words
    return any(event in sentence for event in bound.thing) or (own and kind in sentence)


def _other_year(desk: Desk, words: str) -> bool:
    """True where last year is meant, and that of the question is not that of the notice."""
    issued = desk.notice.issued_on
    return bool(_LAST_YEAR.search(words)) and issued is not None and issued.year != desk.question.today.year


# ---------------------------------------------------------------- where


def _by_place(desk: Desk, clause: Chunk) -> Outcome | None:
    """The same for where somebody is registered: provinces and prefectures."""
    sentence = next(
        (clause.text[a:b] for a, b in sentences(clause.text) if _REGISTERED.search(clause.text[a:b])), ""
    )
    words = _THE_NOTICE_OF.sub("", desk.question.normalised)
    required, stated = _REGISTERED.search(sentence), list(_REGISTERED_ASKED.finditer(words))
    if required is None or len(stated) != 1 or _WIDENED.search(sentence):
        return None
    areas = places_named(required["where"]) or places_named(desk.notice.region)
    asked = next(part for part in stated[0].groups() if part)
    away = asked in {"外省", "省外"}
    if (
        not areas
        or _SEVERAL_SEATS.search(words.replace(asked, "") if away else words)
        or len(places_named(words)) > 1
    ):
        return None
    if len([p for p in places_named(sentence) if lies_within(areas[-1], p) is not True]) > 0:
        return None
    lies = False if away else lies_within(asked, areas[-1])
    if lies is None or (lies and not _tells_only(words.replace(asked, " "), sentence)):
        return None
    return Outcome(lies, required.group(), asked)


# ---------------------------------------------------------------- in so many words

_ALLOWS = re.compile(
    r"(?P<who>[^，。；：]{2,40}?)(?:的，?)?(?:(?P<no>不得|不能|不可以?)|均?可以?|允许)(?P<act>[^，。；：不]{2,14})[。；]?$"
)
_ASKING = re.compile(
    r"我[们司]?|请问|(?:这次|今年)|能不能|可不可以|可以|能否|是否|能|[也还来吗么嘛呢不?!。，,\s]|行$"
)


def _by_wording(question: str, text: str) -> str:
    """`不可以。` where a clause forbids, or `可以。` where it allows, what is asked in the very same words."""
    asked = _as_applying(_ASKING.sub("", question))
    first = number_end(text)
    for begin, end in sentences(text):
        match = _ALLOWS.fullmatch(text[max(begin, first) : end])
        if match is None or re.search(r"除|原则|经", match.group()):
            continue
        if asked in {_as_applying(who + match["act"]) for who in re.split(r"[、和及与]", match["who"])}:
            return messages.FORBIDDEN if match["no"] else messages.ALLOWED
    return ""


def _as_applying(words: str) -> str:
    return re.sub(r"申报|申请|报名|参评|报$", "报", words)
