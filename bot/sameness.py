"""(Question, the wordings of another one) -> whether both ask the same, as readable features and conflicts.

Every feature is larger where the two are likelier the same, but for those named for what is missing or
different. What no features can outweigh is a conflict: another year, batch, place or value, another side's
date, an aspect (the cap, the start, being late) that no wording has.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import FactKind, Intent, Notice, Passage, Question
from bot.lexicon import ASPECTS, SYSTEM
from bot.question import content_terms, expected_facts, places_in
from bot.sides import asked_side
from bot.values import values_in

FEATURES: tuple[str, ...] = (
    "nearest",
    "nearest_three",
    "same_kind",
    "other_kind",
    "lag_of_clause",
    "same_passages",
    "missing_terms",
    "missing_aspects",
)
PASSAGES = 10
"""Passages by which two questions are compared."""
WORST_LAG = 6.0
MOST = 0.6
"""Share of the wordings that must have a word or an aspect for it to belong to what is asked."""
_ASPECTS = tuple((name, re.compile(pattern)) for name, pattern in ASPECTS)
_SYSTEM = re.compile(SYSTEM)
_BATCH = re.compile(r"(?:第|(?<![一二三四五六七八九十\d]))([一二三四五六1-6])批|batch\s*([1-6])")
_FIRST_BATCH = re.compile(r"首批|头一批|first batch")
_NUMERALS = {str(n): numeral for n, numeral in enumerate("一二三四五六", 1)}
_ENGLISH_WORD = re.compile(r"[a-z][a-z-]{3,}")
_ENGLISH_QUESTION_WORDS = frozenset(
    "what when where which does have many much need must should could would long please there this that the is are"
    " tell know want apply application number deadline last date submit submission with from about".split()
)

Shares = Mapping[str, float]
"""Chunk id -> its share of a question's attention, summing to 1 over the best passages."""


def shares_of(passages: Sequence[Passage]) -> dict[str, float]:
    """Softmax of the scores of the best passages."""
    best = passages[:PASSAGES]
    if not best:
        return {}
    weights = [math.exp(passage.score - best[0].score) for passage in best]
    total = sum(weights)
    return {passage.chunk.id: weight / total for passage, weight in zip(best, weights, strict=True)}


def features(
    question: Question,
    wordings: Sequence[Question],
    cosines: Sequence[float],
    passages: Sequence[Passage],
    shares: Sequence[Shares],
    clause_ids: frozenset[str],
) -> NDArray[np.float64]:
    """What speaks for and against the question asking what the wordings ask, shape (len(FEATURES),).

    `cosines` are those of the question with each wording; `passages` the question's in the notice of the
    wordings, best first; `shares` of each wording there; `clause_ids` the clauses that answer the wordings.
    """
    near = sorted(cosines, reverse=True)
    kinds = expected_facts(question.normalised)
    theirs = [expected_facts(wording.normalised) for wording in wordings]
    lags = [passage.score - passages[0].score for passage in passages if passage.chunk.id in clause_ids]
    together: Counter[str] = Counter()
    for each in shares:
        together.update({chunk_id: share / len(shares) for chunk_id, share in each.items()})
    core_terms = _in_most([frozenset(content_terms(wording)) for wording in wordings])
    core_aspects = _in_most([aspects_of(wording) for wording in wordings])
    return np.asarray(
        (
            near[0],
            float(np.mean(near[:3])),
            float(np.mean([kinds[:1] == kind[:1] for kind in theirs])),
            float(np.mean([bool(kinds and kind) and not set(kinds) & set(kind) for kind in theirs])),
            max(-WORST_LAG, max(lags, default=-WORST_LAG)),
            sum(math.sqrt(share * together[c]) for c, share in shares_of(passages).items()),
            min(3, sum(term not in question.normalised for term in core_terms)),
            len(core_aspects - aspects_of(question)),
        ),
        dtype=np.float64,
    )


def conflict(question: Question, wordings: Sequence[Question], notice: Notice, answer: str) -> str:
    """Why the question cannot be what the wordings ask, in a word; empty where nothing forbids it.

    `answer` is the text of the answer and its clauses: a value or a place of the question may stand there.
    """
    years = {notice.year, notice.issued_on.year if notice.issued_on else None}
    years |= {year for wording in wordings for year in wording.years if str(year) in wording.normalised}
    if not years.issuperset(question.years):
        return "year"
    batches = batches_of(question)
    if all(batches != batches_of(wording) for wording in wordings) and batches != {notice.batch}:
        return "batch"
    places = [_places(wording, notice) for wording in wordings]
    own = _places(question, notice)
    if any(p not in answer and p not in frozenset(chain.from_iterable(places)) for p in own):
        return "place"
    if _in_most(places) - own:
        return "place"
    known = [value.value for value in values_in(answer)] + [v for w in wordings for v in w.values]
    if not all(any(_same_value(value, other) for other in known) for value in question.values):
        return "value"
    if sum(_other_side(question, wording) for wording in wordings) > len(wordings) * MOST:
        return "side"
    if aspects_of(question) - frozenset(chain.from_iterable(map(aspects_of, wordings))):
        return "aspect"
    if question.language == "en" and _unknown_english(question, wordings):
        return "words"
    return ""


def says_the_same(question: Question, wording: Question) -> bool:
    """True where nothing but marks, politeness and filler words tells the two apart."""
    return _bare(question.normalised) == _bare(wording.normalised) != ""


def aspects_of(question: Question) -> frozenset[str]:
    """Names of the ASPECTS that a question has."""
    found = {name for name, pattern in _ASPECTS if pattern.search(question.normalised)}
    asks_contact = Intent.CONTACT in question.intents or FactKind.PHONE in expected_facts(question.normalised)
    if asks_contact and _SYSTEM.search(question.normalised):
        found.add("system")
    return frozenset(found)


def batches_of(question: Question) -> frozenset[str]:
    """`第二批`, however the question says it: 二批, batch 2."""
    found = set(question.batches)
    for numeral, digit in _BATCH.findall(question.normalised):
        found.add(f"第{_NUMERALS.get(digit or numeral, numeral)}批")
    if _FIRST_BATCH.search(question.normalised):
        found.add("第一批")
    return frozenset(found)


def _in_most(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    count = Counter(chain.from_iterable(sets))
    return frozenset(each for each, times in count.items() if times >= MOST * len(sets))


def _places(question: Question, notice: Notice) -> frozenset[str]:
    about = notice.title + notice.region + notice.issuer
    return frozenset(place for place in places_in(question.normalised) if place not in about)


def _other_side(question: Question, wording: Question) -> bool:
    """True where one asks about the authorities' duty and the other one does not."""
    sides = {asked_side(question.normalised), asked_side(wording.normalised)}
    return "authority" in sides and len(sides) == 2


def _same_value(asked: str, stated: str) -> bool:
    if asked.startswith("--"):
        return stated[4:].startswith(asked[1:]) or stated == asked
    return asked == stated or stated.startswith(f"{asked}T")


def _unknown_english(question: Question, wordings: Sequence[Question]) -> bool:
    """True where an English question has a telling word that no English wording has."""
    text = " ".join(wording.normalised for wording in wordings if wording.language == "en")
    words = set(_ENGLISH_WORD.findall(question.normalised)) - _ENGLISH_QUESTION_WORDS
    return not text or any(word.rstrip("s") not in text for word in words)


@lru_cache(maxsize=20_000)
def _bare(normalised: str) -> str:
    words = re.sub(r"请问一?下?|想问一?下|您好|你好|麻烦|谢谢|急+", "", normalised)
    return re.sub(r"[\W_]|[吗呢吧啊呀哦嘛呗哈]", "", words)
