"""(Question that states a value and wants it confirmed, the clause or the facts that answer) -> `是的。`, `不是。` or nothing.

A wrong word is far worse than none: in doubt the clause is quoted without a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from bot import messages
from bot.actors import clause_actor
from bot.chunking import sentences, stretch
from bot.contacts import same_number
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, Fact, FactKind, Intent, Question
from bot.desk import Desk, strong
from bot.lexicon import AUTHORITY, NAMES_THE_DEADLINE, PREMISE, UNITS
from bot.question import content_terms, stated_values, things_named, understand, with_yuan
from bot.quoting import Sentence, answering_sentences, sentence_at
from bot.sides import is_authority
from bot.thresholds import Interval, Relation, bounded
from bot.values import Value, values_in

_ASKED_TAGS = re.compile(r"是不是?|对不对?|没错")
_NEGATED = re.compile(r"[不没无未]|取消|除外|例外")
_OWN_CASE = re.compile(
    r"(?<![才只多智功节性职技产])(?:能|可以|够|符合|达标|来得及)(?![拿领补得享给减源力耗效])"
)
"""It is asked whether somebody may, not whether a number is right."""
_NAMES_NOTHING = re.compile(
    r"一式|(?:国家|[省市县区])级|才能?|才行|才可以?|就行|就是|必须|需要|应该|应当|只能|只要|一共|总共|现在|目前|规定|要求|[上下]限|没错|时候"
)
_CONDITION = re.compile(r"[^，,；;。]*的[，,]")
_LOOSE = re.compile(
    r"初定|暂定|预计|拟[于定在]|原则上|一般|左右|另|放宽|可(?:以|适当|再|酌情)*(?:增|延|调|浮)"
)
"""In a sentence: its value is not the last word on it."""
_IN_TURN = re.compile(r"分别|依次|顺次|各为")
_RHETORICAL = re.compile(r"不是说?(?=.+[吗么嘛][?!。\s]*$)")
"""`不是12月4号交吗`: it is thought so."""
_OF_NUMBER = re.compile(r"(?:能|可以)[推报申领享补拿请]{0,2}(?=\d)|就(?:可以|能|够|行)")
"""That a number is enough, or that so many may be filed: not whether somebody may."""
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_BEFORE_VALUE = re.compile(r"(?:一式|要|是|为)(?= )")
_UNTIL = re.compile(r"\s*(?:至|到|[-—–～~]{1,2})\s*")
_DUE_AFTER = re.compile(r"\s*(?:之?前|以前|截止|止)")
_DUE_BEFORE = re.compile(r"(?:至|到|截止|截至|不晚于|[-—–～~]|为|是|[：:])\s*$")
_PIECES = (*UNITS, frozenset("天 日 工作日".split()))
_BETWEEN = re.compile(r"\s*[、和及与或/]\s*")
"""Between the values of a series: `40万元、20万元、10万元`."""
_ONLY = re.compile(r"只|仅|必须|都|全部|一律")
"""Words by which a question says more than its value."""
_DAY = re.compile(r"-\d\d-\d\d")
_TITLE = re.compile(r"[^，,；;。：]{2,20}[。：]")
_LEVEL = re.compile(r"[国省市县区]")
_LOWER, _UPPER = {Relation.AT_LEAST, Relation.MORE}, {Relation.AT_MOST, Relation.LESS}
_NOTHING_PAID = tuple(
    (re.compile(asks), re.compile(says))
    for asks, says in (
        (
            r"(?<![经消])费|[交缴花付收][^，,。]{0,4}钱|要(?:不要)?钱",
            r"不(?:向[^，。；]{1,8})?收取?[^，。；]{0,8}费|不得[^。；]{0,40}(?:收取|收费)|"
            r"(?:报名|申报|申请|评审|办理|参[评赛展]|全程|一律)免费|免费(?:报名|申报|申请|评审|办理|受理|参[评赛展])",
        ),
        (
            r"奖金|奖励|奖补|补[助贴]|资助|[给奖补发拿领][^，,。]{0,4}(?:多少|几|钱)",
            r"不(?:另?设[立置]?|给予|提供|安排|发放)(?:任何)?(?:现金|资金|经费|财政|物质)?(?:奖金|奖励|奖补|补[助贴]|资助|资金)",
        ),
    )
)
"""How one asks what is to be paid, or to be got, and how a notice says that nothing is."""
_FOR_SOME = re.compile(r"的[，,]|[再除仅已对]|重复|逾期|下列")
"""Before such words: they hold only for some."""
_OF_SUMS = re.compile(r"(?<=..)费用?$|^(?:费用|现金|奖金|资助|[得要]?[收交缴付花给发]?[费钱]?)$")
"""In a word of the question: it names the sum, not what that is for."""
_EXCEPTION_CLAUSE = re.compile(r"[（(]([^（）()]*(?:允许|可以|除外|不受|不限)[^（）()]*)[）)]")


def premise(desk: Desk, chunk: Chunk) -> str:
    """`是的。` or `不是。……` for the one value that a question states, against the one of its kind in the answer.

    `职工是不是要500人以上` is denied by `不超过500人`: the number is the same, the direction is not.
    """
    stated, ranked = stated_values(desk.question.normalised), answering_sentences(desk, chunk)
    names = _names(desk.question)
    if len(stated) != 1 or not ranked or names is None:
        return ""
    asked = stated[0]
    with_rival = [(each, rivals) for each in ranked if (rivals := _rivals(desk, each, asked, names))]
    if not with_rival or any(_LOOSE.search(sentence.text) for sentence in (ranked[0], with_rival[0][0])):
        return ""
    sentence, rivals = with_rival[0]
    words = desk.question.normalised
    if (len(with_rival) == 1 or sentence is ranked[0]) and _is_denied(desk, sentence, asked, rivals, names):
        return messages.PREMISE_WRONG
    doubts = _RHETORICAL.search(words) or _OWN_CASE.search(_without_values(words))
    confirms = sentence is ranked[0] and len(rivals) == 1 and not doubts
    return (
        messages.PREMISE_RIGHT if confirms and _is_confirmed(desk, sentence, asked, rivals[0], names) else ""
    )


def _is_denied(
    desk: Desk, sentence: Sentence, asked: Value, rivals: Sequence[Fact], names: Sequence[str]
) -> bool:
    """True where the value, or the span of days, that a sentence has of what the question names is another than the
    stated one, and the notice has that of nothing of this name."""
    if _in_row(desk, asked, sentence.chunk):
        return False
    rival, words = rivals[-1], desk.question.normalised
    said, written, end = _relations(desk, sentence, asked, rival)
    if any(_is_same(asked, each) for each in rivals) or _is_written(desk, asked, rivals):
        opposed = {said, written} & _LOWER and {said, written} & _UPPER
        of_authority = _of_authority(desk, sentence, rival)
        return bool(opposed) and not (of_authority or _CONDITION.match(sentence.text[end:]))
    dated = asked.kind is FactKind.DATE
    alike = said is written and (len(rivals) == 1 or not dated)
    if dated and re.search(NAMES_THE_DEADLINE, words):
        alike = alike or _is_due(sentence, rival)
    if _unit(asked.value) != _unit(rival.value) and said is not Relation.EQUAL:
        return False
    beyond = said is Relation.EQUAL and _beyond(asked.value, written, rival.value)
    if not (alike or beyond) or _stated_of(desk, asked, sentence, names):
        return False
    return not _of_authority(desk, sentence, rival) or (bool(names) and not dated)


def _is_confirmed(desk: Desk, sentence: Sentence, asked: Value, rival: Fact, names: Sequence[str]) -> bool:
    """True where the value that a sentence has of what the question names is the stated one, bounded alike."""
    if not same_value(asked.value, rival.value) or _of_authority(desk, sentence, rival):
        return False
    said, written, _ = _relations(desk, sentence, asked, rival)
    if {said, written} & _LOWER and {said, written} & _UPPER:
        return False
    agree = said is written or (said is Relation.EQUAL and written in {Relation.AT_LEAST, Relation.AT_MOST})
    more = set(_ONLY.findall(desk.question.normalised)) - set(_ONLY.findall(sentence.text))
    vague = (
        asked.kind is FactKind.DATE
        and not _DAY.search(asked.value)
        and _as_stated(desk, asked) not in rival.text
    )
    return agree and not (more or vague or _denied(names, sentence))


def _relations(desk: Desk, sentence: Sentence, asked: Value, rival: Fact) -> tuple[Relation, Relation, int]:
    """How the question bounds its value, how the sentence bounds its own, and where the words end that do."""
    said, _, _ = bounded(with_yuan(desk.question.normalised), asked.kind, asked.start, asked.end)
    place = rival.start - sentence.start, rival.end - sentence.start
    written, _, end = bounded(sentence.text, rival.kind, *place)
    return said, written, end


def _names(question: Question) -> list[str] | None:
    """What a question names whose value it wants confirmed; None where it confirms none, denies one, or asks whether
    somebody may."""
    words = with_yuan(question.normalised)
    if not re.search(PREMISE, words) or question.language == "en":
        return None
    rest = _RHETORICAL.sub("", _ASKED_TAGS.sub("", _without_values(words)))
    rest = _BEFORE_VALUE.sub("", rest)
    if _NEGATED.search(rest) or _OWN_CASE.search(_without_values(_OF_NUMBER.sub("", words))):
        return None
    terms = [term for term in things_named(understand(rest, today=question.today)) if term in rest]
    return [term for term in terms if not _NAMES_NOTHING.fullmatch(term)] + _LEVEL.findall(rest)


def _rivals(desk: Desk, sentence: Sentence, asked: Value, names: Sequence[str]) -> list[Fact]:
    """The one value of a sentence that a stated one is of a kind with, or both days of a span, where all that the
    question names stands before it, or in the clause's title (`（二）岗位补贴。`); of several the one whose own part names
    that."""
    facts = desk.facts(sentence.chunk, sentence.start, sentence.end)
    rivals = [f for f in facts if f.kind is asked.kind and _one_measure(f.value, asked.value)]
    if _IN_TURN.search(sentence.text) or not rivals:
        return []
    groups = [[rivals[0]]]
    for before, fact in pairwise(rivals):
        gap = sentence.text[before.end - sentence.start : fact.start - sentence.start]
        if _BETWEEN.fullmatch(gap):
            return []
        if fact.kind is FactKind.DATE and _UNTIL.fullmatch(gap):
            groups[-1].append(fact)
        else:
            groups.append([fact])
    stops = r"[，。；,;：]" if len(groups) > 1 else r"[。；;]"
    above, title = desk.parent(sentence.chunk), _TITLE.match(sentence.chunk.text)
    of = f"{above.text if above else ''}{title.group() if title else ''}" if len(groups) == 1 else ""
    found, done = [], 0
    for group in groups:
        at, end = group[0].start - sentence.start, group[-1].end - sentence.start
        begin = max((m.end() for m in re.finditer(stops, sentence.text[:at])), default=0)
        part = (
            of + sentence.text[max(begin, done) : end] + re.split(r"[，。；、,;（(]", sentence.text[end:])[0]
        )
        done = end
        if (names or len(groups) == 1) and all(name in part.casefold() for name in names):
            found.append(group)
    return found[0] if len(found) == 1 else []


def corrected(desk: Desk, blocks: list[Block], facts: Sequence[Fact]) -> list[Block]:
    """Puts `不是。` first where the question wants a value confirmed that none of these facts is, and the notice
    states it nowhere."""
    words = with_yuan(desk.question.normalised)
    if not re.search(PREMISE, words):
        return blocks
    for value in stated_values(desk.question.normalised):
        dated = value.kind is FactKind.DATE
        before = re.match(r"之?前", words[value.end :])
        if dated and not (
            before or re.search(NAMES_THE_DEADLINE, words) or words[: value.start].endswith("是")
        ):
            continue  # `我11月10号交，对吧`: a day on which one would act
        rivals = [fact for fact in facts if fact.kind is value.kind]
        if _is_written(desk, value, rivals):
            continue
        if rivals and not _stated_anywhere(desk, value) and not any(_loose(desk, fact) for fact in rivals):
            return under_verdict(messages.PREMISE_WRONG, blocks)
        stating = {fact.chunk_id for fact in rivals} if dated else set()
        if any(premise(desk, c) == messages.PREMISE_WRONG for c in desk.chunks if c.id in stating):
            return under_verdict(messages.PREMISE_WRONG, blocks)
    return blocks


def under_verdict(verdict: str, blocks: Sequence[Block]) -> list[Block]:
    """Blocks behind a verdict, which stands on what the first of them cites."""
    return [Block(BlockKind.ANSWER, (strong(verdict),), blocks[0].citations), *blocks]


def nothing_paid(desk: Desk) -> Chunk | None:
    """The sentence that says, to a question for a sum, that nothing is taken, or given: `报名不收取任何费用`. None where
    it is only so for some, where its clause states a sum, or lacks what the question names."""
    asked = [none for asks, none in _NOTHING_PAID if asks.search(desk.question.normalised)]
    for chunk in desk.chunks if len(asked) == 1 else ():
        where = " ".join((desk.notice.title, *chunk.heading_path, chunk.text))
        lacking = any(_OF_SUMS.sub("", term) not in where for term in content_terms(desk.question))
        sums = any(fact.kind is FactKind.AMOUNT for fact in desk.facts(chunk))
        if chunk.kind is not ChunkKind.CLAUSE or lacking or sums:
            continue
        for start, end in sentences(chunk.text):
            words = chunk.text[start:end]
            if (said := asked[0].search(words)) and not _FOR_SOME.search(words[: said.start()]):
                return stretch(chunk, start, end)
    return None


def exception(desk: Desk, chunk: Chunk, shown: str) -> str:
    """`一般不能，有例外。` where what is asked about is allowed only in an exception in brackets that the answer shows,
    and the question does not say that it is of those for whom that is made."""
    question = desk.question
    if not question.yes_no or Intent.ELIGIBILITY not in question.intents:
        return ""
    match = _EXCEPTION_CLAUSE.search(chunk.text)
    allowed = match and re.search(r"允许|可以", match.group(1))
    if not match or not allowed or match.group() not in shown:
        return ""
    group = match.group(1)[: allowed.start()]
    if any(term in group for term in content_terms(question)):
        return ""
    words = [w for w in (*question.terms, *question.synonyms) if len(w) >= 3]
    inside = [w for w in words if w in match.group(1)]
    outside = chunk.text[: match.start()] + chunk.text[match.end() :]
    return messages.EXCEPTION_ONLY if inside and not any(w in outside for w in inside) else ""


def same_value(asked: str, stated: str) -> bool:
    """Equal, or the same day of the year where the question names no year, or within the month that it names; of
    addresses in the net also without what may be left out: `www.a.cn` of `https://a.cn/login`."""
    if asked.startswith("--"):
        return stated[4:].startswith(asked[1:])
    asked, stated = _bare_address(asked), _bare_address(stated)
    if "." in asked and stated.startswith(f"{asked}/"):
        return True
    return stated == asked or (
        bool(re.fullmatch(r"\d{4}(?:-\d\d){1,2}", asked)) and re.match(rf"{asked}[-T]", stated) is not None
    )


def _bare_address(value: str) -> str:
    """An address in the net as people say it; any other value as it is."""
    if not re.search(r"[a-z]\.|\.[a-z]", value, re.IGNORECASE):
        return value
    return re.sub(r"^https?://|/+$", "", value.casefold()).removeprefix("www.")


def _is_same(asked: Value, fact: Fact) -> bool:
    """True for the same value, and for as many of what is counted alike: `5个`, `5家`; `7天` is as good as `7个工作日`."""
    sizes = [_size(value) for value in (asked.value, fact.value)]
    return same_value(asked.value, fact.value) or (None not in sizes and sizes[0] == sizes[1])


def _is_written(desk: Desk, asked: Value, facts: Sequence[Fact]) -> bool:
    """True where the words of a stated value are those of one of these facts, however both were read."""
    words = _as_stated(desk, asked)
    return any(words in fact.text or fact.text in words for fact in facts)


def _in_row(desk: Desk, asked: Value, chunk: Chunk) -> bool:
    """True where the words of a stated value stand in a row of a table: in which column is not told by its sentence."""
    return chunk.kind is ChunkKind.ROW and _as_stated(desk, asked) in chunk.text


def _as_stated(desk: Desk, asked: Value) -> str:
    """The words in which a question states a value."""
    return with_yuan(desk.question.normalised)[asked.start : asked.end]


def _one_measure(one: str, other: str) -> bool:
    units = {_unit(one), _unit(other)}
    return len(units) == 1 or any(units <= alike for alike in _PIECES)


def _is_due(sentence: Sentence, fact: Fact) -> bool:
    """True for a day before or up to which something is done: `至12月4日17时`, `11月23日前`."""
    text, start, end = sentence.text, fact.start - sentence.start, fact.end - sentence.start
    return bool(_DUE_AFTER.match(text[end:]) or _DUE_BEFORE.search(text[:start]))


def _beyond(asked: str, written: Relation, rival: str) -> bool:
    """True where a bare number, or day, lies outside of the bound: `50万` where `最高30万元` is written."""
    one, other = _size(f"{rival[:4]}{asked[1:]}" if asked.startswith("--") else asked), _size(rival)
    return one is not None and other is not None and Interval(one, one).apart(written.interval(other))


def _size(value: str) -> float | None:
    """A number, or a day's count in the calendar; None for a range and for other kinds of value."""
    if re.match(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value[:10]).toordinal()
    number = re.match(r"\d+(?:\.\d+)?(?= |$)", value)
    return float(number.group()) if number else None


def _unit(value: str) -> str:
    return value.rpartition(" ")[2] if " " in value else ""


def _without_values(text: str) -> str:
    """A text without its values and the words that bound them: `报名不足8家的，取消` -> `报名 的，取消`."""
    for value in reversed(values_in(text)):
        _, start, end = bounded(text, value.kind, value.start, value.end)
        text = f"{text[:start]} {text[end:]}"
    return text


def _denied(names: Sequence[str], sentence: Sentence) -> bool:
    """True where the sentence, or another of its clause on what the question names, denies anything: `省质量标杆不设奖励`."""
    terms = [name for name in names if len(name) > 1]
    clause = [sentence.chunk.text[a:b] for a, b in sentences(sentence.chunk.text)]
    alike = [words for words in clause if all(term in words.casefold() for term in terms)]
    return any(_NEGATED.search(_without_values(words)) for words in (sentence.text, *alike))


def _of_authority(desk: Desk, sentence: Sentence, fact: Fact) -> bool:
    """True where an authority acts in the sentence, and the question does not name it; who pays is always one."""
    if fact.kind in {FactKind.AMOUNT, FactKind.PERCENT} or re.search(AUTHORITY, desk.question.normalised):
        return False
    return any(is_authority(actor) for actor in (clause_actor(sentence.text), fact.actor))


def _loose(desk: Desk, fact: Fact) -> bool:
    """True where the sentence of a day says that it may be another: `初定于9月20日`."""
    chunk = next((chunk for chunk in desk.chunks if chunk.id == fact.chunk_id), None)
    if fact.kind is not FactKind.DATE or chunk is None:
        return False
    return bool(_LOOSE.search(sentence_at(chunk, fact.start).text))


def _may_be_same(asked: str, stated: str) -> bool:
    """The same value, the same day at whatever hour, or a day of the month that the other names: `9月中旬`."""
    one, other = (value.partition("T")[0] for value in (asked, stated))
    if one.startswith("--") or other.startswith("--"):
        one, other = (value[1:] if value.startswith("--") else value[4:] for value in (one, other))
    days = bool(re.match(r"(?:\d{4}-|-)\d\d", one) and re.match(r"(?:\d{4}-|-)\d\d", other))
    return same_value(asked, stated) or (days and (one.startswith(other) or other.startswith(one)))


def _stated_of(desk: Desk, asked: Value, said: Sentence, names: Sequence[str]) -> bool:
    """True where the notice states a value of what these names say, or where nothing tells that it is of something else:
    neither a part of the same clause, nor a heading, nor who acts."""
    same = {FactKind.PHONE: same_number, FactKind.DATE: _may_be_same}.get(asked.kind, same_value)
    names = names or [term for term in desk.question.terms if len(term) > 1 and term in said.text]
    for chunk in desk.chunks:
        above = desk.parent(chunk)
        for fact in desk.facts(chunk):
            if fact.kind is not asked.kind or not same(asked.value, fact.value):
                continue
            sentence = sentence_at(chunk, fact.start)
            words = sentence.text
            if said.start <= fact.start < said.end:
                words = re.split(r"[，。；,;：]", words[: fact.start - sentence.start])[-1]
                told = any(name[n : n + 2] in words for name in names for n in range(len(name) - 1))
            else:
                actors = {clause_actor(sentence.text), clause_actor(said.text)}
                told = chunk.id == said.chunk.id or chunk.parent_id != said.chunk.parent_id
                told = told or (len(actors) == 2 and None not in actors)
            headings = [each for each in chunk.heading_path if desk.notice.title not in each]
            where = " ".join((_ASIDE.sub("", words), above.text if above else "", *headings)).casefold()
            if not told or all(name in where for name in names):
                return True
    return False


def _stated_anywhere(desk: Desk, value: Value) -> bool:
    """True where the notice states a value, or may state it, be it of something else."""
    same = {FactKind.PHONE: same_number, FactKind.DATE: _may_be_same}.get(value.kind, same_value)
    facts = (f for chunk in desk.chunks for f in desk.facts(chunk) if f.kind is value.kind)
    return any(same(value.value, fact.value) for fact in facts)
