"""Question + index -> the approved FAQ entry that answers it, or None: precision before recall.

A question is compared with the wordings of the entries nearest to it by vectors; a fitted linear model over
the features of `sameness` says how likely both ask the same, and a conflict ends it. The weights are fitted
by `training/fit_frequent.py` on groups of questions about other notices.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import FaqEntry, Notice, Passage, Question
from bot.embedding import Encoder
from bot.errors import ModelError
from bot.faq import Clause, Clauses
from bot.index.store import Index
from bot.question import leans_on_history, understand
from bot.ranking import Ranker
from bot.retrieval import retrieve
from bot.sameness import FEATURES, Shares, conflict, features, says_the_same, shares_of

WEIGHTS_FILE = Path(__file__).with_name("frequent_weights.json")
COMPARED = 4
"""Entries, nearest first, that a question is compared with."""


@dataclass(frozen=True, slots=True)
class Sameness:
    """Fitted weights: how likely it is that a question asks what an entry answers."""

    weights: NDArray[np.float64]
    """(len(FEATURES),)"""
    bias: float
    threshold: float
    """From this probability on the entry answers."""

    @classmethod
    def from_file(cls, path: Path = WEIGHTS_FILE) -> Sameness:
        """Raises ModelError where the file's features are not those of this program."""
        data = json.loads(path.read_text("utf-8"))
        if list(data["weights"]) != list(FEATURES):
            raise ModelError(
                f"{path} 与程序版本不符。请重新安装程序，或运行 training/fit_frequent.py 重新生成。"
            )
        return cls(np.asarray(list(data["weights"].values())), float(data["bias"]), float(data["threshold"]))

    def probability(self, row: NDArray[np.float64]) -> float:
        """(len(FEATURES),) -> 0 to 1."""
        return 1 / (1 + math.exp(-float(row @ self.weights + self.bias)))


@dataclass(frozen=True, slots=True)
class Frequent:
    """An approved entry that answers a question, and the clauses it stands on as they are now."""

    entry: FaqEntry
    clauses: tuple[Clause, ...]
    """One for each of the entry's."""
    notice: Notice
    probability: float
    """1 where the question is one of its wordings."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """What a question is compared with: an entry read against one version of the index."""

    entry: FaqEntry
    clauses: tuple[Clause, ...]
    notice: Notice
    wordings: tuple[Question, ...]
    shares: tuple[Shares, ...]
    """Of each wording over the notice's clauses."""

    @property
    def clause_ids(self) -> frozenset[str]:
        return frozenset(clause.chunk.id for clause in self.clauses)

    @property
    def text(self) -> str:
        return "\n".join((self.entry.answer, *(clause.text for clause in self.clauses)))


class FrequentQuestions:
    """Finds approved entries; safe to share by threads. What it computes of an entry it keeps for its version."""

    def __init__(self, encoder: Encoder, ranker: Ranker, model: Sameness | None = None) -> None:
        self._encoder = encoder
        self._ranker = ranker
        self._model = model or Sameness.from_file()
        self._profiles: dict[tuple[str, int, date], _Profile | None] = {}

    def find(
        self,
        question: Question,
        vector: NDArray[np.float32],
        index: Index,
        notice_ids: Sequence[str],
        passages: Sequence[Passage] = (),
    ) -> Frequent | None:
        """The entry that answers the question; None where none surely does.

        `vector` is the question's, (dimension,); `notice_ids` the notices that it means: an entry about
        another one is not looked at, one for all notices is; `passages` the question's in one of them, where they have been read.
        """
        if not index.faq or (question.history and leans_on_history(_own_words(question))):
            return None
        cosines = index.faq_vectors @ vector
        best: Frequent | None = None
        for place in _nearest(cosines, index.faq_owner):
            entry = index.faq[place]
            if entry.notice_id and entry.notice_id not in notice_ids:
                continue
            profile = self._profile(index, place, question.today)
            if profile is None or (profile.notice.issued_on or date.min) > question.today:
                continue
            own = [float(c) for c, owner in zip(cosines, index.faq_owner, strict=True) if owner == place]
            found = self._compared(question, vector, own, profile, index, passages)
            if found and (best is None or found.probability > best.probability):
                best = found
        return best

    def _compared(
        self,
        question: Question,
        vector: NDArray[np.float32],
        cosines: Sequence[float],
        profile: _Profile,
        index: Index,
        passages: Sequence[Passage],
    ) -> Frequent | None:
        if conflict(question, profile.wordings, profile.notice, profile.text):
            return None
        if any(says_the_same(question, wording) for wording in profile.wordings):
            return Frequent(profile.entry, profile.clauses, profile.notice, 1.0)
        here = [passage for passage in passages if passage.chunk.notice_id == profile.notice.id]
        if not here:
            scoped = replace(question, notice_id=profile.notice.id)
            here = list(retrieve(scoped, index, self._encoder, self._ranker, vector).passages)
        row = features(question, profile.wordings, cosines, here, profile.shares, profile.clause_ids)
        probability = self._model.probability(row)
        if probability < self._model.threshold:
            return None
        return Frequent(profile.entry, profile.clauses, profile.notice, probability)

    def _profile(self, index: Index, place: int, today: date) -> _Profile | None:
        """None where a clause of the entry does not stand in this version, as after a build by hand."""
        key = (index.version, place, today)
        if key not in self._profiles:
            if any(version != index.version or day != today for version, _, day in self._profiles):
                self._profiles = {}
            self._profiles[key] = self._read(index, place, today)
        return self._profiles[key]

    def _read(self, index: Index, place: int, today: date) -> _Profile | None:
        entry = index.faq[place]
        clauses = clauses_of(entry, index)
        if clauses is None:
            return None
        notice = index.notices[clauses[0].chunk.notice_id]
        rows = [row for row, owner in enumerate(index.faq_owner) if owner == place]
        wordings, shares = [], []
        for row, words in zip(rows, (entry.question, *entry.wordings), strict=True):
            wording = understand(words, today=today, notice_id=notice.id)
            read = retrieve(wording, index, self._encoder, self._ranker, index.faq_vectors[row])
            wordings.append(wording)
            shares.append(shares_of(read.passages))
        return _Profile(entry, clauses, notice, tuple(wordings), tuple(shares))


def clauses_of(entry: FaqEntry, index: Index) -> tuple[Clause, ...] | None:
    """The clauses that an entry stands on, as they read now; None where one of them reads otherwise or is gone."""
    folders = {clause.document_id.split("/")[0] for clause in entry.clauses}
    notice_ids = {d.notice_id for d in index.documents.values() if d.id.split("/")[0] in folders}
    clauses = Clauses(
        index.chunks[row] for notice_id in sorted(notice_ids) for row in index.notice_rows.get(notice_id, ())
    )
    found = [clauses.find(clause) for clause in entry.clauses]
    complete = tuple(clause for clause in found if clause is not None)
    return complete if complete and len(complete) == len(found) else None


def _nearest(cosines: NDArray[np.float32], owners: Sequence[int]) -> list[int]:
    """Places of the entries with the nearest wordings, nearest first, at most COMPARED."""
    places: list[int] = []
    for row in np.argsort(-cosines, kind="stable"):
        if len(places) == COMPARED:
            break
        if owners[row] not in places:
            places.append(owners[row])
    return places


def _own_words(question: Question) -> str:
    return understand(question.text, today=question.today).normalised
