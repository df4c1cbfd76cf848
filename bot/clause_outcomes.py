"""(Clause, case) -> how the case comes out by the clause's bounds on its thing, and what may save it.

Wrong is far worse than nothing: a case is compared only with bounds on the same thing in the same unit, and what
leaves open how it comes out yields nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.bounds import (
    BARS,
    BoundedSentence,
    bounds_on,
    classes_in,
    comparable,
    leaves_room,
    opening_group,
    own_words,
    words_of_part,
)
from bot.chunking import sentences
from bot.datamodels import Chunk, Question
from bot.desk import Desk
from bot.exemptions import NO_RELIEF, Relief, has_saving_words, relief_for, saves
from bot.outcomes import Outcome, comes_out, outcome_of
from bot.question import things_named
from bot.stated_cases import Case, tells_only
from bot.thresholds import MONTH, Relation, measures_in

_BARRED_INLINE = re.compile(r"(?:下列|以下)[^，。；]{0,8}(?:情[形况]|行为)[^：]{0,20}[：:]")
"""Introduces a list of what is barred within the clause."""
_QUALIFIED = re.compile(
    r"累计|合计|每(?!家|个|名|人)|平均|人均|年均|近[两二三四五]年|连续|增长|同比|其中|分别|罚|或|以及|如|若|除[^了]"
)
"""In the bound's own words: it is counted in a way that the case need not be, or is for one group of several."""
_LAST_YEAR = re.compile(r"上一?年|去年")
_JOINS = re.compile(r"[，、且并]")


@dataclass(frozen=True, slots=True)
class Compared:
    outcomes: tuple[Outcome, ...]
    """Against the first bound, then against those of other groups and the relaxed ones; at least one."""
    relief: Relief = NO_RELIEF
    barred: bool = False
    """True where the clause bars the cases within its bound."""

    @property
    def passes(self) -> bool:
        return all(outcome.meets for outcome in self.outcomes)

    @property
    def is_open(self) -> bool:
        """True where it does not pass by all bounds, yet by some, or perhaps by an exception."""
        some = any(outcome.meets for outcome in self.outcomes)
        return not self.passes and (some or bool(self.relief.words))


def clause_outcomes(desk: Desk, clause: Chunk, case: Case, barred: bool, shown: str) -> list[Compared]:
    """The case against the lower and the upper bounds on its thing in a clause; empty where that stays open.

    `barred` where the clause stands in a list of bars; bounds that are not in `shown` decide nothing.
    """
    listed = _BARRED_INLINE.search(clause.text)
    for begin, end in sentences(clause.text):
        if listed and end > listed.start():
            return []
        sentence = clause.text[begin:end]
        bounds = bounds_on(case, sentence, barred)
        if bounds is None:
            return []
        if not bounds:
            continue
        said = BoundedSentence(clause, begin, end, bounds)
        if not _meant(desk.question, said, case):
            continue
        if not all(own_words(bound, sentence) in shown for bound in bounds):
            return []
        sides = [tuple(b for b in bounds if b.is_upper is upper) for upper in (False, True)]
        found = [_against(desk, replace(said, bounds=side), case, barred) for side in sides if side]
        if None in found:
            return []
        repeated = any(b.interval == case.measure.interval for b in bounds)  # `满3年`: the bound, not a case
        of = " ".join((sentence, *clause.table_header, *clause.cells[:1]))
        may_pass = not repeated and tells_only(case.beside, of, case.measure.thing)
        return [each for each in found if each and (may_pass or not each.passes)]
    return []


def _meant(question: Question, said: BoundedSentence, case: Case) -> bool:
    """True where a sentence is for those of whom the question speaks: it opens with no group that the question does
    not name, and no other sentence with such a bound has a word of the question that this one lacks."""
    if opening_group(said.bounds[0], said.text).casefold() not in question.normalised:
        return False
    clause = said.clause.text
    beside = [clause[a:b].casefold() for a, b in sentences(clause)]
    rivals = [
        words
        for words in beside
        if not saves(words, case) and any(comparable(m, case) for m in measures_in(words))
    ]
    missing = [term for term in things_named(question) if term not in said.text.casefold()]
    return not any(term in words for term in missing for words in rivals)


def _against(desk: Desk, said: BoundedSentence, case: Case, barred: bool) -> Compared | None:
    """The case against bounds of one direction in a sentence; None where that stays open."""
    sentence, first = said.text, said.bounds[0]
    own = re.split(r"[，,；;]", sentence[: first.end])[-1]
    if barred:
        own = re.sub(r"^.*或者?", "", own)
    bars = BARS.search(sentence, first.end)
    if bars and not barred and bars.start() > first.end:
        return None  # the bound is only a part of what is barred
    if leaves_room(sentence) or _QUALIFIED.search(own) or _other_year(desk, own):
        return None
    outcomes = [o for bound in said.bounds if (o := outcome_of(bound, case, sentence, said.clause.text))]
    if len(outcomes) < len(said.bounds):
        return None
    if first.unit == MONTH and not first.thing & case.measure.thing and outcomes[0].meets:
        return None  # registered long enough is not yet in operation long enough
    if _unclear_beside(said, case, outcomes[0].meets):
        return None
    if barred or bars:
        return _against_bar(said, outcomes, barred)
    if len(outcomes) > 1:
        outcomes[0] = replace(outcomes[0], required=words_of_part(first, sentence))
    asked = _asked(desk.question, said, outcomes)
    if not asked:
        return None
    relief = relief_for(desk, said, case, asked[0].meets)
    return None if relief is None else Compared(asked, relief)


def _against_bar(said: BoundedSentence, outcomes: Sequence[Outcome], listed: bool) -> Compared | None:
    """The same where who is within the bound is barred, by the sentence itself or by the list that it stands in."""
    first, within = said.bounds[0], outcomes[0].meets
    inclusive = first.relation in {Relation.AT_LEAST, Relation.AT_MOST}
    denied_twice = inclusive and own_words(first, said.text).startswith("不")
    before = re.sub(r"^.*或者", "", said.text[: first.start])
    joined = _JOINS.search(before) or (listed and _JOINS.search(said.rest.strip("。；")))
    if len(outcomes) > 1 or denied_twice or has_saving_words(said.rest) or (within and joined):
        return None
    return Compared((replace(outcomes[0], meets=not within),), barred=True)


def _asked(question: Question, said: BoundedSentence, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcome for the group that a question names, else all; none for a class that has no bound: an `a类` where
    only `B类不超过60周岁` is written."""
    words = question.normalised
    classes, found = classes_in(words), []
    for bound, outcome in zip(said.bounds, outcomes, strict=True):
        bounded = (opening_group(bound, said.text) + words_of_part(bound, said.text)).casefold()
        if all(each in bounded for each in classes):
            found.append(outcome)
    named = [o for o in found if o.group and o.group.casefold() in words]
    named = [o for o in named if not re.search(rf"(?:不是|非){re.escape(o.group)}", words)]
    return tuple(named if len(named) == 1 and not classes else found)


def _unclear_beside(said: BoundedSentence, case: Case, meets: bool) -> bool:
    """True where the clause has a further bound that names no thing, by which the case comes out otherwise."""
    clause, compared = said.clause.text, {bound.words for bound in said.bounds}
    return any(
        m.unit == said.bounds[0].unit
        and not m.thing
        and m.relation is not Relation.EQUAL
        and m.words not in compared
        and not comes_out(meets, m, case, clause[a:b], clause)
        for a, b in sentences(clause)
        for m in measures_in(clause[a:b])
    )


def _other_year(desk: Desk, words: str) -> bool:
    """True where last year is meant, and that of the question is not that of the notice."""
    issued = desk.notice.issued_on
    return bool(_LAST_YEAR.search(words)) and issued is not None and issued.year != desk.question.today.year
