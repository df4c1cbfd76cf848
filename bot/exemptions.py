"""(Bounds of a clause, case) -> the words of the notice by which one who falls short may still pass."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.bounds import BoundedSentence, classes_in, comparable, is_relaxed, leaves_room, same_thing
from bot.chunking import sentences
from bot.datamodels import Chunk, Question
from bot.desk import Desk
from bot.numbering import number_end
from bot.outcomes import comes_out
from bot.question import things_named
from bot.stated_cases import Case
from bot.thresholds import AGE, MONTH, Relation, Threshold, measures_in

_SAVING = re.compile(
    r"除外|例外|放宽|不受|不作要求|不限|(?:可以?|按)[^，。；]{0,6}(?:降|减少|核定|执行)|但|^或|或者[^，；]+(?:以上|以下)|另有|不[满足][^，。；]{1,9}的"
)
_EXEMPT = re.compile(r"[^，,；;：:]+(?:不限|不作要求|不受[^，,；;]*限制)")
_LIFTED = re.compile(r"不受|不作要求|除外|放宽|可以?不|按[^，。；]{0,8}(?:执行|核定)")
_RELAXES = re.compile(r"放宽|延长|降")
_REFERS_BACK = re.compile(r"上述|前[述款项]|本[条款项]")
_OF_ITS_PART = re.compile(r"本[条款项类章节]")
"""In a sentence: it speaks of the part of the notice in which it stands."""
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Relief:
    words: str = ""
    """Words of the notice by which one who falls short may still pass; empty where there are none."""
    source: Chunk | None = None
    """The other clause that has such words, if one has."""
    touched: bool = False
    """True where the question has a word of the exception: it may be made for just this case."""


NO_RELIEF = Relief()


def relief_for(desk: Desk, said: BoundedSentence, case: Case, meets: bool) -> Relief | None:
    """What saves who falls short by the bounds of a sentence; None where another clause leaves open how the case, which
    meets the first of them or not, comes out."""
    question, first = desk.question, said.bounds[0]
    words = _in_clause(said, case)
    own, others = (classes_in(each.casefold()) for each in (question.normalised, words))
    if own and others and not own & others:
        words = ""  # an exception for another class
    elsewhere = _in_other_clauses(desk, said.clause, case, first, meets)
    if elsewhere is None:
        return None
    words = words or elsewhere.words
    return Relief(words, elsewhere.source, _touches(question, words, first))


def has_saving_words(words: str) -> bool:
    """True where words make an exception or open another way: who falls short by the bound may still pass by them."""
    return bool(_SAVING.search(words))


def saves(sentence: str, case: Case) -> bool:
    """True for a sentence that makes an exception to the bounds on the case's thing."""
    return has_saving_words(sentence) and (
        bool(_REFERS_BACK.search(sentence))
        or any(
            comparable(m, case) and (same_thing(m, case, sentence) or is_relaxed(m, sentence))
            for m in measures_in(sentence)
        )
    )


def _in_clause(said: BoundedSentence, case: Case) -> str:
    """The words of an exception: in the sentence behind its first bound, or in a later one of the clause that speaks of
    the same thing, but none that is a bound itself; else those before the bound that free somebody from it."""
    first, *compared = said.bounds
    own = len(said.text) - first.end
    for part in re.findall(r"(?:[^，,；;。（）().]|(?<=\d)\.)+", said.rest[:own]):
        if (
            has_saving_words(part)
            and _relieves(part, first)
            and not any(part in b.words or b.words in part for b in compared)
        ):
            return _quoted(said.rest[said.rest.index(part) : own])
    for begin, end in sentences(said.rest):
        words = said.rest[begin:end]
        if begin >= own and saves(words, case) and _relieves(words, first):
            return _quoted(words)
    exempt = _EXEMPT.search(said.text[: first.start])
    return exempt.group() if exempt else ""


def _in_other_clauses(desk: Desk, clause: Chunk, case: Case, bound: Threshold, meets: bool) -> Relief | None:
    """An exception in another clause; None where one has a bound by which the case comes out otherwise."""
    for chunk in desk.chunks:
        if chunk.id == clause.id or (clause.table_header and chunk.table_header == clause.table_header):
            continue
        elsewhere = chunk.heading_path[:1] != clause.heading_path[:1]
        for begin, end in sentences(chunk.text):
            sentence = chunk.text[begin:end]
            if leaves_room(sentence) or (elsewhere and _OF_ITS_PART.search(sentence)):
                continue
            differing = any(
                comparable(m, case)
                and same_thing(m, case, sentence)
                and (m.two_sided or bound.two_sided or m.is_upper == bound.is_upper)
                and not comes_out(meets, m, case, sentence, chunk.text)
                for m in measures_in(sentence)
            )
            relieves = not meets and has_saving_words(sentence) and _relieves(sentence, bound)
            lifted = relieves and bool(_LIFTED.search(sentence))
            if (relieves and differing) or (lifted and _names_kind(sentence, bound)):
                return Relief(_quoted(sentence), chunk)
            if differing or (lifted and bound.unit == MONTH and "年限" in sentence):
                return None  # `任职年限可放宽`: perhaps of this time, perhaps of another
    return NO_RELIEF


def _relieves(words: str, bound: Threshold) -> bool:
    """False where the numbers of an exception relax only a bound of the other direction: `放宽到40周岁` does not
    help who is not yet 18."""
    numbers = [m for m in measures_in(words) if m.unit == bound.unit]
    if bound.two_sided or not numbers or not _RELAXES.search(words):
        return True
    return any(
        bound.is_upper is (m.bound > bound.bound if m.relation is Relation.EQUAL else m.is_upper)
        for m in numbers
    )


def _names_kind(sentence: str, bound: Threshold) -> bool:
    """True for a sentence on the event of a bound, on ages for an age, on `年限` where the bound's own words have it."""
    kind = "年龄" if bound.unit == AGE else "年限"
    own = bound.unit == AGE or kind in bound.words
    return any(event in sentence for event in bound.thing) or (own and kind in sentence)


def _touches(question: Question, words: str, bound: Threshold) -> bool:
    """True where an exception has two characters of a word of the question that the bound has not: `毕业生`."""
    pairs = (
        pair for term in things_named(question) for pair in re.findall(r"(?=([\u4e00-\u9fff]{2}))", term)
    )
    return any(pair in words and pair not in bound.words for pair in pairs)


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
