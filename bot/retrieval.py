"""Question -> passages, best first: dense and lexical candidates, ranked together, within their scope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import Passage, Question
from bot.embedding import Encoder
from bot.index.store import Index
from bot.ranking import Ranker, features

CANDIDATES = 60
"""From each of the two searches; a smaller scope is ranked whole."""


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


def retrieve(
    question: Question,
    index: Index,
    encoder: Encoder,
    ranker: Ranker,
    vector: NDArray[np.float32] | None = None,
) -> Retrieved:
    """Passages for a question, all with scores; empty where the scope holds no chunk.

    `vector` is the question's own, (dimension,), where it has been encoded before.
    """
    scope = in_scope(question, index)
    rows = np.concatenate([index.notice_rows[n] for n in scope]) if scope else np.empty(0, np.int64)
    if not len(rows):
        return Retrieved.nothing()
    if vector is None:
        vector = encoder.encode_queries([question.normalised])[0]
    words = (
        " ".join((question.normalised, *question.synonyms))
        if question.language == "en"
        else question.normalised
    )
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
    order = np.lexsort((rows, -scores))
    return Retrieved(
        tuple(
            Passage(chunks[i], float(scores[i]), dense=dense_scores[i], lexical=lexical_scores[i])
            for i in order
        ),
        matrix[order],
    )


def in_scope(question: Question, index: Index) -> list[str]:
    """Notices that may answer: the one chosen by hand, else all that were issued by the day of asking."""
    if question.notice_id is not None:
        return [question.notice_id] if question.notice_id in index.notices else []
    return [
        notice.id
        for notice in index.notices.values()
        if notice.issued_on is None or notice.issued_on <= question.today
    ]
