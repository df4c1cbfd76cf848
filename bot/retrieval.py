"""Question -> passages, best first: dense and lexical candidates, ranked together, within their scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import Chunk, ChunkKind, Intent, Passage, Question
from bot.embedding import Encoder
from bot.index.store import Index
from bot.parts import asked_part
from bot.ranking import Ranker, features
from bot.reading import Reading

CANDIDATES = 40
"""Rows taken from each of the two searches."""
WHOLE = 120
"""A scope of at most so many chunks, as one notice has, is ranked whole."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was read for a question."""

    passages: tuple[Passage, ...]
    """Best first, over all notices in scope; those about another part of the one notice than is asked about last."""
    matrix: np.ndarray
    """Features of the passages, a row each, in the same order."""
    readings: tuple[Reading | None, ...] = ()
    """What the reader made of each, in the same order; None for those not read, empty where there is no reader."""

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
    if not any(notice_id in index.notice_rows for notice_id in scope):
        return Retrieved.nothing()
    if vector is None:
        vector = encoder.encode_queries([question.normalised])[0]
    rows, said = _candidates(question, vector, scope, index)
    chunks = [index.chunks[row] for row in rows]
    dense_scores = [float(score) for score in index.vectors.scores(vector, rows)]
    lexical_scores = [said.get(int(row), 0.0) for row in rows]
    matrix = features(question, chunks, dense_scores, lexical_scores, index.facts)
    scores = ranker.scores(matrix)
    of_others = np.asarray(_of_other_parts(question, scope, chunks, index))
    order = np.lexsort((rows, -scores, of_others))
    return Retrieved(
        tuple(
            Passage(chunks[i], float(scores[i]), dense=dense_scores[i], lexical=lexical_scores[i])
            for i in order
        ),
        matrix[order],
    )


def _of_other_parts(
    question: Question, scope: Sequence[str], chunks: Sequence[Chunk], index: Index
) -> list[bool]:
    """Which chunks are about another part of the notice than the one that is asked about; none among several notices."""
    if len(scope) != 1:
        return [False] * len(chunks)
    whole = [index.chunks[row] for row in index.notice_rows[scope[0]]]
    part = asked_part(question, index.notices[scope[0]].title, whole)
    return [part.leaves_out(chunk) for chunk in chunks]


def survey(question: Question, index: Index, vector: NDArray[np.float32], ranker: Ranker) -> dict[str, float]:
    """Best score of each notice that the two searches reach, by them alone: enough to tell the notices apart."""
    rows, said = _candidates(question, vector, in_scope(question, index), index)
    most = max(said.values(), default=0.0) or 1.0
    near = index.vectors.scores(vector, rows).astype(np.float64)
    shares = np.asarray([said.get(int(row), 0.0) / most for row in rows])
    best: dict[str, float] = {}
    for row, fused in zip(rows, ranker.fused(near, shares), strict=True):
        notice_id = index.chunks[row].notice_id
        best[notice_id] = max(float(fused), best.get(notice_id, float(fused)))
    return best


def speaking_of(things: Sequence[str], notice_ids: Iterable[str], index: Index) -> dict[str, int]:
    """How many of the things each notice speaks of."""
    if not things:
        return {}
    texts = {n: "\n".join(index.chunks[row].text for row in index.notice_rows[n]) for n in notice_ids}
    return {n: sum(thing in text.casefold() for thing in things) for n, text in texts.items()}


def _candidates(
    question: Question, vector: NDArray[np.float32], scope: Sequence[str], index: Index
) -> tuple[NDArray[np.int64], dict[int, float]]:
    """(rows to rank, ascending; BM25 score by row): a small scope whole, else the best of both searches.

    A scope that is most of the index is searched by searching all and leaving the rest out, which costs less
    than naming its rows.
    """
    words = question.normalised
    if question.language == "en":
        words = " ".join((words, *question.synonyms))
    of_scope = [index.notice_rows[notice_id] for notice_id in scope if notice_id in index.notice_rows]
    size = sum(map(len, of_scope))
    if size <= WHOLE:
        return np.sort(np.concatenate(of_scope)), dict(index.lexical.search(words, size, scope))
    if size < len(index.chunks) / 2:
        dense = index.vectors.search(vector, CANDIDATES, np.concatenate(of_scope))
        lexical = index.lexical.search(words, CANDIDATES, scope)
    else:
        reach = CANDIDATES if size == len(index.chunks) else 2 * CANDIDATES
        inside = set(scope)
        dense = [
            hit for hit in index.vectors.search(vector, reach) if index.chunks[hit[0]].notice_id in inside
        ]
        lexical = [
            hit for hit in index.lexical.search(words, reach) if index.chunks[hit[0]].notice_id in inside
        ]
    said = dict(lexical)
    rows = {row for row, _ in dense} | said.keys()
    if not rows:  # all that was found lies outside the scope
        return np.sort(np.concatenate(of_scope))[:WHOLE], said
    return np.asarray(sorted(rows), np.int64), said


def may_answer(question: Question, chunk: Chunk) -> bool:
    """False for a notice's title and signature, unless its own data are asked for; and for a heading that is itself a
    question, which stands in the path of what answers it."""
    if chunk.kind is ChunkKind.HEADING:
        return not chunk.text.endswith(("？", "?"))
    own = chunk.kind in {ChunkKind.TITLE, ChunkKind.CLOSING}
    return not own or Intent.METADATA in question.intents


def in_scope(question: Question, index: Index) -> list[str]:
    """Notices that may answer: the one chosen by hand, else all that were issued by the day of asking."""
    if question.notice_id is not None:
        return [question.notice_id] if question.notice_id in index.notices else []
    return [
        notice.id
        for notice in index.notices.values()
        if notice.issued_on is None or notice.issued_on <= question.today
    ]
