"""A clause -> the sentences of it to show, what introduces them, and what they announce."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.chunking import sentences
from bot.datamodels import BlockKind, Chunk, ChunkKind, FactKind
from bot.desk import Desk
from bot.enumerations import Enumeration, enumerations
from bot.numbering import number_end
from bot.question import asks_for_date, content_terms, expected_facts
from bot.quoting import LONG_SENTENCE, Sentence, answering_sentences, asks_whether, is_eased, joins_next

SHORT_CLAUSE = 90
"""A clause up to this length answers whole."""
SHORT_CASE_CLAUSE = 135
"""One up to this length does where somebody asks whether they may and another sentence bars or allows something: it
may be on them."""
SHORT_HOLE = 40
"""Less than this is not left out of a clause: `……` is no shorter, and hides where others go or what others get."""
LONGEST_HALF = 160
"""Characters of a sentence before a semicolon that is shown beside what follows on it."""
SHORT_LIST = 140
"""A list in running text up to this length is shown whole with any of its items."""
LONGEST_PARALLEL = 90
"""Characters of the other parts of a sentence that are shown because they are parallel to the answering one."""
_BINDING = re.compile(r"下列|以下|情形|之一|不|除外|符合|具备|满足")
_GOES_ON = re.compile(
    r"^(?:但|其中|逾期|否则|除|上述|同时|未|对)|除外|例外|放宽|不享受|不受.{0,6}限制|"
    r"(?:累计|合计|总额|总数|叠加|最[高多])[^，。；]{0,10}不(?:得)?超过|封顶|仅适用于"
)
"""A sentence that the one before it cannot do without: an exception, a consequence, a bound."""
LIMITS = re.compile(r"不享受|不得|不予|不能|除外|例外|放宽|但")
"""In a sentence or an item that limits what stands before it."""
_LEANS = re.compile(r"上述|前[述款项]|在此期间|但|否则|逾期|[^，。；：:]{2,40}除外|[^，。；：:]{2,10}相同的")
"""Opens a sentence that says nothing without the one before it."""
_LEANS_ON_PART = re.compile(rf"{_LEANS.pattern}|超过|高于|多于|低于|少于|不[足满]|未|其余|另外")
"""Opens a part of a sentence that does: `超过90日的，`."""
_EXEMPTS = re.compile(r"不受[^，。；]{0,10}限制|除外")
"""In a part that exempts some from what the part before it demands."""
_CASE = re.compile(r"[^，,。；;：:]{2,40}的[，,]")
"""Opens a part of a sentence that is on one case."""
_BARS, _ALLOWS = re.compile(r"不得|不予|不能|不可"), re.compile(r"的[，,]?[^，。；]{0,10}可|的除外|允许|放宽")
_REFERS = re.compile(r"(?:时限|时间|要求|标准|比例|数量)相同|同上|照此|同样(?:适用|执行)")
_WIDENS = re.compile(r"放宽至|可?延[长至]|可(?:适当)?增加|可另增")
_EASES = re.compile(r"放宽|降至|降低到|可以?(?:适当)?(?:提高|上浮|下浮|增加)")
"""In a sentence that asks less of some than the one before it asks of all."""
_DECIDES = re.compile(r"不(?![低少超])|可(?!再生)|除外|须")
_DENIES = re.compile(r"不(?:再|予)?(?:开展|组织|受理|接受|安排|实施|纳入|适用)")
"""In a sentence that says of a thing that there is none of it this time."""
_OPEN_TIME = re.compile(r"[^，,。；;]*(?:时间|日期)[^，,。；;]{0,8}(?:以[^，,。；;]{1,12}为准|另行)")
_SANCTION = re.compile(r"移出|取消|退回|撤[回销]|不予|视为|不再|追回|终止")
_ANNOUNCES = re.compile(r"(?:下列|如下)[^：:]*$|[：:]$")
"""A sentence whose list or account stands below it."""
_LABELLED = re.compile(r"[^：:。；]{2,10}[：:]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a clause."""

    sentences: tuple[Sentence, ...]
    """In reading order, with the opener of a list whose items are among them; it may stand in the clause before."""
    goes_on: bool
    """True where a list goes on behind the last of them."""


def excerpt(desk: Desk, chunk: Chunk, kind: BlockKind) -> Excerpt:
    """All sentences of a short clause, else the best one with what belongs to it; none of a clause without words."""
    ranked = answering_sentences(desk, chunk)
    if not ranked:
        return Excerpt((), goes_on=False)
    in_order = sorted(ranked, key=lambda s: s.start)
    lists = _lists(desk, chunk)
    chosen = in_order
    if chunk.end - chunk.start > SHORT_CLAUSE:
        chosen = _chosen(desk, ranked, in_order, kind)
        chosen = _without_short_holes(_whole(desk, chosen, in_order, lists), in_order)
        chosen = in_order if _hangs_on_the_rest(desk, chunk, chosen, in_order) else chosen
    chosen = _with_openers(desk, chosen, in_order, lists)
    return Excerpt(tuple(chosen), any(each.start < chosen[-1].end < each.end for each in lists))


def _hangs_on_the_rest(
    desk: Desk, chunk: Chunk, chosen: Sequence[Sentence], in_order: Sequence[Sentence]
) -> bool:
    """True of a clause that is not long where somebody asks whether they may and what is not chosen bars, allows or
    demands something, unless it is a list of parallel parts (`一级200元；二级600元；三级900元`)."""
    return (
        asks_whether(desk.question)
        and chunk.end - chunk.start <= SHORT_CASE_CLAUSE
        and max(map(len, _sentences(in_order))) <= 2
        and any(_DECIDES.search(s.text) for s in in_order if s not in chosen)
    )


def _without_short_holes(chosen: Sequence[Sentence], in_order: Sequence[Sentence]) -> list[Sentence]:
    """The chosen sentences with the little that is left out between two of them."""
    wanted = [in_order.index(s) for s in chosen]
    found = set(wanted)
    for at, then in pairwise(wanted):
        if sum(len(s.text) for s in in_order[at + 1 : then]) < SHORT_HOLE:
            found |= set(range(at, then))
    return [in_order[at] for at in sorted(found)]


def _chosen(
    desk: Desk, ranked: Sequence[Sentence], in_order: Sequence[Sentence], kind: BlockKind
) -> list[Sentence]:
    """Of a long clause the best sentence, with the exception to it, the next best, and the one on the asker's case."""
    best = ranked[0]
    chosen = [best]
    at = in_order.index(best)
    for before in in_order[at - 1 : at] if at else ():
        if _barred_before(desk, before, best):
            chosen.append(before)
    for near in in_order[at + 1 : at + 2]:
        if _GOES_ON.search(near.text) and len(near.text) <= LONG_SENTENCE:
            chosen.append(near)
    for other in ranked[1:2]:
        if other.score > best.score - 1.0 and other not in chosen and len(best.text) + len(other.text) < 140:
            chosen.append(other)
    if kind is BlockKind.ANSWER and (named := _on_the_case(desk, chosen, ranked)):
        chosen.append(named)
    chosen += [s for s in in_order if s not in chosen and _belongs(desk, s, best)]
    return _without_holes(sorted(chosen, key=lambda s: s.start), in_order)


def _barred_before(desk: Desk, before: Sentence, best: Sentence) -> bool:
    """True where a sentence allows some of those whom the one before it bars, and both have a word of the question:
    `已办理退休手续的不得申报。批准延长退休的可申报。`"""
    bars = _BARS.search(before.text) and _ALLOWS.search(best.text) and not _BARS.search(best.text)
    return bool(bars) and any(t in before.text and t in best.text for t in content_terms(desk.question))


def _belongs(desk: Desk, sentence: Sentence, best: Sentence) -> bool:
    """True for a sentence that says of a thing named that there is none of it, or that its time is still open, or that
    answers as much as the best one."""
    return _denied(desk, sentence) or _leaves_time_open(desk, sentence) or _says_as_much(desk, sentence, best)


def _leaves_time_open(desk: Desk, sentence: Sentence) -> bool:
    """True for `评审时间以部通知为准` where it is asked when that is."""
    if not asks_for_date(desk.question.normalised):
        return False
    said = "".join(m.group() for m in _OPEN_TIME.finditer(sentence.text))
    return any(term in said for term in _telling_terms(desk))


def _denied(desk: Desk, sentence: Sentence) -> bool:
    """True for `2026年度……不开展国家级遴选。` where the question names that of which there is none."""
    denial = _DENIES.search(sentence.text)
    if denial is None or len(sentence.text) > LONGEST_PARALLEL:
        return False
    return any(term in sentence.text[denial.start() :] for term in _telling_terms(desk))


def _says_as_much(desk: Desk, sentence: Sentence, best: Sentence) -> bool:
    """True for another sentence of the clause with a value of the kind that is asked for and with all words of the
    question that the best one holds: `基本养老保险……下限为4134元。基本医疗保险……下限为4480元。`"""
    held = [term for term in _telling_terms(desk) if term in best.text]
    return (
        len(held) > 1
        and len(sentence.text) <= LONGEST_PARALLEL
        and not (joins_next(sentence) or joins_next(best))
        and all(t in sentence.text for t in held)
        and _states_asked_value(desk, sentence)
    )


def _telling_terms(desk: Desk) -> list[str]:
    """What the question names beside the notice itself."""
    return [term for term in content_terms(desk.question) if term not in desk.notice.title]


def _without_holes(chosen: Sequence[Sentence], in_order: Sequence[Sentence]) -> list[Sentence]:
    """The chosen sentences with the one before each that refers to it (`时限相同`), what is wider for some
    beside what holds for the others (`可延至`), and a sanction between two of them."""
    wanted = {in_order.index(s) for s in chosen}
    referring = {at - 1 for at in wanted if at and _REFERS.search(in_order[at].text)}
    widened = {
        at - 1 for at in wanted if at and _WIDENS.search(in_order[at].text) and _same(in_order[at - 1])
    }
    widened |= {
        at + 1
        for at in wanted
        if at + 1 < len(in_order) and _WIDENS.search(in_order[at + 1].text) and _same(in_order[at])
    }
    between = {
        at
        for at in range(1, len(in_order) - 1)
        if {at - 1, at + 1} <= wanted and _SANCTION.search(in_order[at].text)
    }
    return [s for at, s in enumerate(in_order) if at in wanted | referring | widened | between]


def _whole(
    desk: Desk, chosen: Sequence[Sentence], in_order: Sequence[Sentence], lists: Sequence[Enumeration]
) -> list[Sentence]:
    """The chosen parts with those that belong to them in their sentences, and with the sentences that lean on these or
    on which these lean."""
    wholes = _sentences(in_order)
    shown = [_with_parallel(desk, [part for part in whole if part in chosen], whole) for whole in wholes]
    openers = {each.start for each in lists}
    dated = asks_for_date(desk.question.normalised)
    leaning = [
        bool(_LEANS.match(first.text) or (_EASES.search(first.text) and not dated)) for first, *_ in wholes
    ]
    for at in range(len(wholes) - 1, 0, -1):
        first = wholes[at][0]
        if leaning[at] and (first in shown[at] or (shown[at] and first.start in openers)):
            shown[at - 1] = shown[at - 1] or wholes[at - 1]
    for at in range(1, len(wholes)):
        if leaning[at] and shown[at - 1]:
            shown[at] = shown[at] or wholes[at]
    return [part for parts in shown for part in parts]


def _with_parallel(desk: Desk, parts: Sequence[Sentence], whole: Sequence[Sentence]) -> list[Sentence]:
    """These parts of a sentence with the one before each that leans on it and, unless these are long, with those
    that are parallel to them: `一级200元；二级600元`, `90日内缴费的，……；超过90日的，……`. Of parallel ones that differ in a
    word of the question those with that word are enough."""
    wanted = set(parts)
    for before, part in pairwise(whole):
        if part in wanted and (
            _LEANS_ON_PART.match(part.text) or _EXEMPTS.search(part.text) or is_eased(before, part)
        ):
            wanted.add(before)
        if before in wanted and is_eased(before, part) and len(part.text) <= LONGEST_PARALLEL:
            wanted.add(part)
    values = [part for part in whole if _states_asked_value(desk, part)]
    cases = [part for part in whole if _CASE.match(part.text)]
    for parallel in (values, cases):
        others = [part for part in parallel if part not in wanted]
        if len(others) == len(parallel) or sum(len(part.text) for part in others) > LONGEST_PARALLEL:
            continue
        if parallel is cases or not _named(desk, wanted, parallel):
            wanted |= set(others)
    return [part for part in whole if part in wanted]


def _states_asked_value(desk: Desk, part: Sentence) -> bool:
    """True for a part with a value of a kind that is asked for; with an amount or a share where no kind is told."""
    kinds = expected_facts(desk.question.normalised) or (FactKind.AMOUNT, FactKind.PERCENT)
    return any(fact.kind in kinds for fact in desk.facts(part.chunk, part.start, part.end))


def _named(desk: Desk, parts: Collection[Sentence], parallel: Sequence[Sentence]) -> bool:
    """True where words of the question that some of the parallel parts hold, and not all, are all held by these."""
    found = ([part for part in parallel if term in part.text] for term in content_terms(desk.question))
    telling = [held for held in found if held and len(held) < len(parallel)]
    return bool(telling) and all(any(part in parts for part in held) for held in telling)


def _sentences(parts: Sequence[Sentence]) -> list[list[Sentence]]:
    """The parts of each sentence, which semicolons part."""
    found: list[list[Sentence]] = []
    for part in parts:
        if found and joins_next(found[-1][-1]):
            found[-1].append(part)
        else:
            found.append([part])
    return found


def _same(sentence: Sentence) -> bool:
    """True for a sentence that goes on behind a semicolon, and is not long."""
    return joins_next(sentence) and len(sentence.text) <= LONGEST_HALF


def _on_the_case(desk: Desk, chosen: Sequence[Sentence], ranked: Sequence[Sentence]) -> Sentence | None:
    """The sentence that holds words of the question which the chosen ones lack, one that sets a limit before others:
    `高新技术企业不享受本条奖励。`"""
    known = "".join((desk.notice.title, *ranked[0].chunk.heading_path, *(s.text for s in chosen)))
    named = [term for term in content_terms(desk.question) if re.fullmatch(r"[\u4e00-\u9fff]+|20\d\d", term)]
    missing = [term for term in named if term not in known]
    held = {s: [term for term in missing if term in s.text] for s in ranked if s not in chosen}
    naming = [s for s, terms in held.items() if terms]
    return max(
        naming,
        key=lambda s: (bool(LIMITS.search(s.text)), sum(map(len, held[s])), s.score),
        default=None,
    )


def _lists(desk: Desk, chunk: Chunk) -> list[Enumeration]:
    """The lists in running text of the line that a clause is, or is a piece of; offsets in the document.

    What stands behind `答：` is none: the opener binds its items, or these have numbers.
    """
    begin, end = _line(desk, chunk)
    line = desk.index.documents[chunk.document_id].text[begin:end]
    found = [
        Enumeration(
            (begin + each.opener[0], begin + each.opener[1]),
            tuple((begin + a, begin + b) for a, b in each.items),
        )
        for each in enumerations(line, number_end(line), numbered=True)
        if _BINDING.search(line[slice(*each.opener)]) or number_end(line[slice(*each.items[0])])
    ]
    return [each for each in found if each.end > chunk.start and each.start < chunk.end]


def _with_openers(
    desk: Desk, chosen: Sequence[Sentence], in_order: Sequence[Sentence], lists: Sequence[Enumeration]
) -> list[Sentence]:
    """The chosen sentences; with an item of a list in running text the whole list, where it is short, else its
    opener, without which `企业欠税的；` of a ban reads as a condition."""
    found = {s.start: s for s in chosen}
    for each in lists:
        items = [s for s in chosen if each.start <= s.start < each.end]
        inside = [s for s in in_order if each.start < s.end and s.start < each.end]
        opened = any(s.start <= each.start for s in chosen if s.end > each.start)
        if not (items or opened):
            continue
        if each.end - each.start <= SHORT_LIST and inside[0].start <= each.start:
            found |= {s.start: s for s in inside}
        elif not opened and (above := _chunk_at(desk, in_order[0].chunk, each.start)):
            start, end = each.opener[0], min(each.opener[1], above.end)
            found[start] = Sentence.from_span(above, start, end)
    return [found[start] for start in sorted(found)]


def _line(desk: Desk, chunk: Chunk) -> tuple[int, int]:
    """The line that a clause is or, where that is long, a piece of; offsets in the document."""
    text = desk.index.documents[chunk.document_id].text
    end = text.find("\n", chunk.end)
    return text.rfind("\n", 0, chunk.start) + 1, end if end >= 0 else len(text)


def _chunk_at(desk: Desk, beside: Chunk, offset: int) -> Chunk | None:
    """The clause of the same document that an offset lies in."""
    here = (c for c in desk.chunks if c.document_id == beside.document_id)
    return next((c for c in here if c.start <= offset < c.end), None)


def adjoin(desk: Desk, before: Sentence, after: Sentence) -> bool:
    """True where nothing but blanks stands between two sentences."""
    text = desk.index.documents[after.chunk.document_id].text
    return not text[before.end : after.start].strip()


def introducing_sentence(desk: Desk, chunk: Chunk) -> Sentence | None:
    """The line without which an item is half a rule: `有下列情形之一的，不予受理：`, a heading that denies."""
    parent = desk.parent(chunk)
    if parent is None or parent.document_id != chunk.document_id:
        return None
    if parent.kind is ChunkKind.HEADING:
        denies = re.search(r"不|禁|除外|情形", parent.text)
        return Sentence.from_span(parent, parent.start, parent.end) if denies else None
    begin, end = _line(desk, parent)
    last = [c for c in desk.chunks if c.document_id == parent.document_id and begin <= c.start < end][-1]
    a, b = sentences(last.text)[-1]
    said = Sentence.from_span(last, last.start + a, last.start + b)
    opens = last.kind is ChunkKind.CLAUSE and chunk.number and said.text.endswith(("：", ":"))
    return said if opens and _BINDING.search(said.text) else None


def announced(desk: Desk, last: Sentence) -> list[Chunk]:
    """What the last sentence of a clause announces and the lines below it say: its items, the rows of a table, the
    lines of an account (`户名：……`); empty where it says so itself."""
    if last.end != last.chunk.end or not _ANNOUNCES.search(last.text):
        return []
    begin, _ = _line(desk, last.chunk)
    here = [c for c in desk.chunks if c.document_id == last.chunk.document_id and c.start >= begin]
    line = {c.id for c in here if c.start < last.end}
    if items := [c for c in here if c.parent_id in line and c.kind is not ChunkKind.HEADING]:
        return items
    below = [c for c in here if c.start >= last.end]
    found: list[Chunk] = []
    for chunk in below:
        goes_on = chunk.kind in {ChunkKind.HEADER, ChunkKind.ROW} or (
            chunk.kind is ChunkKind.CLAUSE and not chunk.number and _LABELLED.match(chunk.text)
        )
        if not goes_on:
            break
        found.append(chunk)
    return found
