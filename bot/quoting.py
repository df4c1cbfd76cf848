"""A clause -> its sentences, those first that answer; a sentence -> spans with the answering words marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from bot.actors import clause_actor
from bot.chunking import ANSWER_MARK, sentences
from bot.datamodels import Chunk, Fact, FactKind, Question, Span
from bot.deadlines import suffix_after
from bot.desk import Desk, plain, strong
from bot.messages import LEFT_OUT
from bot.numbering import number_end
from bot.question import content_terms, expected_facts, stated_values, verbs_in
from bot.ranking import features
from bot.tiers import states_date_of_tier, still_asked

LONG_SENTENCE = 100
"""Of a longer sentence only the parts that answer are shown."""
LONGEST_WHOLE = 200
"""A sentence up to this length is whole where somebody asks whether they may: its other half may be on them."""
LONGEST_HALF = 60
"""A longer half of a sentence is not shown beside the one that answers."""
READ_BONUS = 2.0
"""Added to the score of the sentence in which the reader finds the answer."""
TIER_BONUS = 3.0
"""Added to that of the sentence with the date of those whom the question names."""
LONGEST_MARK = 30
"""Longer stretches are no longer "the answering words" of a sentence."""
CASE_BONUS = 3.0
"""Added to that of the sentence for those whose day lies in its span, as the day that the question states does."""
_SPAN = re.compile(r"\s*(?:至|到|[-—～~]{1,2})\s*")
_DIVIDES = re.compile(
    r"(?:20\d\d年)?\d{1,2}月\d{1,2}日(?:\d{1,2}[:：]\d\d)?(?:[以之]?后|(?:至|到|[-—～~]{1,2})[^，。；]{4,20}期间)"
)
"""Opens a sentence on the time behind that of the one before it: `12月11日至12月31日期间发现错误的，须现场更正。`"""
_BARS = re.compile(r"不予|不得(?![低少高多大超])|不能|不可")
_GROUP_END = re.compile(r"[。；;]|[：:](?!//|\d)|(?<=元)[，,]")
"""Where a long sentence may be cut: `……每月1700元，` ends a group, any other comma does not."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause, with its place in the document and how well it answers."""

    chunk: Chunk
    start: int
    end: int
    text: str
    score: float = 0.0

    @classmethod
    def from_span(cls, chunk: Chunk, start: int, end: int) -> Self:
        """The words of a clause between two places in the document."""
        return cls(chunk, start, end, chunk.text[start - chunk.start : end - chunk.start])


def answering_sentences(desk: Desk, chunk: Chunk) -> list[Sentence]:
    """Sentences of a clause, best first, by what is still asked."""
    spans = _unbroken(chunk.text)
    parts = [
        replace(chunk, id=f"{chunk.id}/{n}", start=chunk.start + a, end=chunk.start + b, text=chunk.text[a:b])
        for n, (a, b) in enumerate(spans)
    ]
    facts = {part.id: desk.facts(chunk, part.start, part.end) for part in parts}
    level = [0.0] * len(parts)
    asked = replace(desk.question, normalised=still_asked(desk.question.normalised))
    scores = desk.ranker.scores(features(asked, parts, level, level, facts))
    whole = asked.normalised == desk.question.normalised  # the reader has read the stage that is over too
    start, end = desk.read.get(chunk.id, (0, 0)) if whole else (0, 0)
    found = [
        Sentence(
            chunk,
            part.start,
            part.end,
            part.text,
            float(score)
            + READ_BONUS * (part.start <= start < end <= part.end)
            + TIER_BONUS * states_date_of_tier(desk.question, facts[part.id])
            + CASE_BONUS * _is_case_of_day(desk.question, part, facts[part.id]),
        )
        for part, score in zip(parts, scores, strict=True)
    ]
    return sorted(found, key=lambda s: (-s.score, s.start))


def _is_case_of_day(question: Question, part: Chunk, facts: Sequence[Fact]) -> bool:
    """True of `1月1日至6月30日届满的` where the question states a day, or a month, of that span."""
    asked = [v.value for v in stated_values(question.normalised) if re.match(r"\d{4}-\d\d", v.value)]
    for first, last in pairwise(f for f in facts if f.kind is FactKind.DATE):
        span = _SPAN.fullmatch(part.text[first.end - part.start : last.start - part.start])
        of_some = re.match(r"(?:期间|之间)?[^，。；\d]{1,6}的[，,]", part.text[last.end - part.start :])
        if span and of_some and any(first.value <= day <= last.value for day in asked):
            return True
    return False


def _unbroken(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a text, none of which ends within brackets: `（6人以下；含6人）`."""
    spans: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if (
            spans
            and _in_brackets(text[spans[-1][0] :], start - spans[-1][0])
            and re.search(r"[）)]", text[start:])
        ):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def sentence_at(chunk: Chunk, offset: int) -> Sentence:
    """The sentence of a clause in which a place of the document lies; all of the clause where none does."""
    for a, b in sentences(chunk.text):
        if chunk.start + a <= offset < chunk.start + b:
            return Sentence.from_span(chunk, chunk.start + a, chunk.start + b)
    return Sentence.from_span(chunk, chunk.start, chunk.end)


def to_full_stop(sentence: Sentence) -> Sentence:
    """A sentence with the halves that semicolons join to it, unless that is long."""
    chunk = sentence.chunk
    halves = _parts_of(chunk)
    first = last = next((n for n, half in enumerate(halves) if half.start == sentence.start), 0)
    while first > 0 and joins_next(halves[first - 1]):
        first -= 1
    while last + 1 < len(halves) and joins_next(halves[last]):
        last += 1
    whole = Sentence.from_span(chunk, halves[first].start, halves[last].end)
    return whole if len(whole.text) <= LONGEST_WHOLE else sentence


def along_time_line(sentence: Sentence) -> Sentence:
    """A sentence with those beside it on the times before and behind its own, unless that is long."""
    chunk = sentence.chunk
    spans = [(chunk.start + a, chunk.start + b) for a, b in sentences(chunk.text)]
    starts, ends = sentence.start, sentence.end
    for a, b in spans:
        if a == ends and _DIVIDES.match(chunk.text[a - chunk.start :]):
            ends = b
    for a, b in reversed(spans):
        if b == starts and _DIVIDES.match(chunk.text[starts - chunk.start :]):
            starts = a
    whole = Sentence.from_span(chunk, starts, ends)
    return whole if len(whole.text) <= LONGEST_WHOLE else sentence


def is_eased(before: Sentence, part: Sentence) -> bool:
    """True where a part of a sentence allows some what the part before it bars: `不予延期；因故障未能提交的企业，可补充提交`."""
    bars = joins_next(before) and _BARS.search(before.text) and not _BARS.search(part.text)
    return bool(bars) and "可" in part.text


def eases(sentence: Sentence) -> bool:
    """True for a part of a sentence that allows some what the part before it bars."""
    parts = pairwise(_parts_of(sentence.chunk))
    return any(part.start == sentence.start and is_eased(before, part) for before, part in parts)


def _parts_of(chunk: Chunk) -> list[Sentence]:
    """The sentences of a chunk, those that semicolons part as several."""
    return [Sentence.from_span(chunk, chunk.start + a, chunk.start + b) for a, b in sentences(chunk.text)]


def joins_next(part: Sentence) -> bool:
    """True for a part of a sentence that ends in a semicolon."""
    return part.text.rstrip().endswith(("；", ";"))


def asks_whether(question: Question) -> bool:
    """True for a question that yes or no would answer, also where more is said behind it: `能报吗，股份占60%`."""
    return question.yes_no or bool(re.search(r"[吗嘛吧]\W", question.normalised))


def with_halves(desk: Desk, chosen: Sequence[Sentence]) -> list[Sentence]:
    """Sentences, and where somebody asks whether they may, those that a semicolon joins to them and that say the same
    of others: with `各省推荐不超过15个；` also `计划单列市不超过6个`. One with a date is left out, as the state of a date is told
    only of one."""
    if not asks_whether(desk.question):
        return list(chosen)
    found = {(s.chunk.id, s.start): s for s in chosen}
    for sentence in chosen:
        chunk = sentence.chunk
        spans = [(chunk.start + a, chunk.start + b) for a, b in _unbroken(chunk.text)]
        halves = [Sentence.from_span(chunk, a, b) for a, b in spans]
        for one, other in pairwise(halves):
            near = other if one.start == sentence.start else one if other.start == sentence.start else None
            if (
                near is not None
                and one.text.endswith(("；", ";"))
                and len(near.text) <= LONGEST_HALF
                and not number_end(near.text)  # an item of a list
                and not any(f.kind is FactKind.DATE for f in desk.facts(chunk, near.start, near.end))
                and verbs_in(near.text) & verbs_in(sentence.text)
            ):
                found.setdefault((chunk.id, near.start), near)
    return sorted(found.values(), key=lambda s: (s.chunk.start, s.start))


def without_number(sentence: Sentence) -> Sentence:
    """A sentence without the clause's own number, which the citation shows, or the `答：` before it."""
    first = sentence.start == sentence.chunk.start
    mark = ANSWER_MARK.match(sentence.text) if first else None
    at = mark.end() if mark else number_end(sentence.text) if first else 0
    if at >= len(sentence.text):
        return sentence
    return replace(sentence, start=sentence.start + at, text=sentence.text[at:])


def answer_marks(desk: Desk, sentence: Sentence) -> list[tuple[int, int]]:
    """Spans, in the document, of the words that answer: the values asked for, with what belongs to them."""
    kinds = expected_facts(desk.question.normalised)
    facts = desk.facts(sentence.chunk, sentence.start, sentence.end)
    for kind in kinds:
        marks = [
            (
                f.start,
                f.end + len(suffix_after(sentence.text, f.end - sentence.start))
                if f.kind is FactKind.DATE
                else f.end,
            )
            for f in facts
            if f.kind is kind
        ]
        if marks:
            return marks
    start, end = desk.read.get(sentence.chunk.id, (0, 0))
    telling = 2 <= end - start <= min(LONGEST_MARK, len(sentence.text) / 2)
    return [(start, end)] if telling and sentence.start <= start < end <= sentence.end else []


def shortened(desk: Desk, sentence: Sentence, marks: Sequence[tuple[int, int]]) -> list[Span]:
    """A long sentence from the group that answers (`托大班……每月1300元`), after its subject; the quotation has all of it.

    What the question names is never left out.
    """
    if len(sentence.text) <= (LONGEST_WHOLE if asks_whether(desk.question) else LONG_SENTENCE):
        return styled(sentence, marks)
    words = [*(content_terms(desk.question) or desk.question.synonyms), *desk.question.batches]
    found = [sentence.text.find(word) for word in words]
    marked = [
        start - sentence.start for start, end in marks if sentence.start <= start and end <= sentence.end
    ]
    telling = min([at for at in (*found, *marked) if at >= 0], default=0)
    starts = [
        0,
        *(m.end() for m in _GROUP_END.finditer(sentence.text) if not _in_brackets(sentence.text, m.start())),
    ]
    at = max(start for start in starts if start <= telling)
    if at < 30:
        return styled(sentence, marks)
    rest = replace(sentence, start=sentence.start + at, text=sentence.text[at:])
    colon = re.match(r"(?:[^：:；;]|:(?=//|\d))+[：:]", sentence.text[:at])
    head = colon.group() if colon else clause_actor(sentence.text)
    return [plain(head if colon and colon.end() == at else f"{head}{LEFT_OUT}"), *styled(rest, marks)]


def _in_brackets(text: str, at: int) -> bool:
    """True where a bracket is open at an offset."""
    before = text[:at]
    return len(re.findall(r"[（(]", before)) > len(re.findall(r"[）)]", before))


def styled(sentence: Sentence, marks: Iterable[tuple[int, int]]) -> list[Span]:
    """The words of a sentence, strong where these marks, offsets in the document, stand within it."""
    spans, at = [], sentence.start
    for start, end in sorted(marks):
        if start < at or end > sentence.end:
            continue
        if start > at:
            spans.append(plain(sentence.text[at - sentence.start : start - sentence.start]))
        spans.append(strong(sentence.text[start - sentence.start : end - sentence.start]))
        at = end
    if at < sentence.end:
        spans.append(plain(sentence.text[at - sentence.start :]))
    return spans
