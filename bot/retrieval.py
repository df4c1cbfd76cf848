"""Question -> passages, best first: dense and lexical candidates, ranked together, within their scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.datamodels import Chunk, Notice, Passage, Question
from bot.embedding import Encoder
from bot.index.store import Index
from bot.ranking import Ranker, features

CANDIDATES = 60
"""From each of the two searches; a smaller scope is ranked whole."""
TITLE_WEIGHT = 2.0
"""What a question's full agreement with a notice's title adds to the scores of its passages."""
YEAR_WEIGHT = 3.0
"""What naming a notice's year adds."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was read for a question."""

    passages: tuple[Passage, ...]
    """Best first, over all notices in scope."""
    matrix: np.ndarray
    """Features of the passages, a row each, in the same order."""

    @classmethod
    def nothing(cls) -> Retrieved:
        return cls((), np.empty((0, 0)))


def retrieve(question: Question, index: Index, encoder: Encoder, ranker: Ranker) -> Retrieved:
    """Passages for a question, all with scores; empty where the scope holds no chunk."""
    scope = _scope(question, index)
    rows = np.concatenate([index.notice_rows[n] for n in scope]) if scope else np.empty(0, np.int64)
    if not len(rows):
        return Retrieved.nothing()
    vector = encoder.encode_queries([question.normalised])[0]
    words = " ".join((question.normalised, *question.synonyms)) if question.language == "en" else question.normalised
    whole = len(index.chunks) == len(rows)
    if len(rows) > 2 * CANDIDATES:
        dense = index.vectors.search(vector, CANDIDATES, None if whole else rows)
        lexical = index.lexical.search(words, CANDIDATES, None if whole else scope)
        rows = np.asarray(sorted({row for row, _ in dense} | {row for row, _ in lexical}), np.int64)
    else:
        lexical = index.lexical.search(words, len(rows), None if whole else scope)
    near = dict(index.vectors.search(vector, len(rows), rows))
    said = dict(lexical)
    chunks = [index.chunks[row] for row in rows]
    dense_scores = [near.get(int(row), 0.0) for row in rows]
    lexical_scores = [said.get(int(row), 0.0) for row in rows]
    matrix = features(question, chunks, dense_scores, lexical_scores, index.facts)
    scores = ranker.scores(matrix)
    if len(scope) > 1:
        bonus = {n: _notice_bonus(question, index.notices[n], index) for n in {c.notice_id for c in chunks}}
        scores = scores + np.asarray([bonus[chunk.notice_id] for chunk in chunks])
    order = np.lexsort((rows, -scores))
    return Retrieved(
        tuple(
            Passage(chunks[i], float(scores[i]), dense=dense_scores[i], lexical=lexical_scores[i]) for i in order
        ),
        matrix[order],
    )


def _scope(question: Question, index: Index) -> list[str]:
    """Notices that may answer: the one chosen by hand, else all that were issued by the day of asking."""
    if question.notice_id is not None:
        return [question.notice_id] if question.notice_id in index.notices else []
    return [
        notice.id
        for notice in index.notices.values()
        if notice.issued_on is None or notice.issued_on <= question.today
    ]


def _notice_bonus(question: Question, notice: Notice, index: Index) -> float:
    """How well a question names a notice: by the words of its title, by its year, by how new it is."""
    titles = notice.title + " ".join(a.title for a in notice.attachments)
    asked = {question.normalised[i : i + 2] for i in range(len(question.normalised) - 1)}
    title = {titles[i : i + 2] for i in range(len(titles) - 1)}
    agreement = len(asked & title) / (len(asked) or 1)
    year = 0.0
    if question.years:
        year = YEAR_WEIGHT if notice.year in question.years else -YEAR_WEIGHT
    newness = 0.0
    if notice.issued_on is not None and not question.years:
        newness = -min(2.0, (question.today - notice.issued_on).days / 365)
    return TITLE_WEIGHT * agreement + year + newness


def of_notice(retrieved: Retrieved, notice_id: str) -> tuple[Passage, ...]:
    """The passages of one notice, in their order."""
    return tuple(p for p in retrieved.passages if p.chunk.notice_id == notice_id)


def chunks_of(index: Index, notice_id: str) -> Sequence[Chunk]:
    """All chunks of a notice in reading order, main document first."""
    return [index.chunks[row] for row in index.notice_rows[notice_id]]
