"""Logged questions and answers -> what a wording is compared by; vectors of wordings -> their nearest ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import Answer, AnswerStatus
from bot.index.vectors import VectorIndex
from bot.question import understand
from bot.questions.grouping import NEAREST, Neighbours
from bot.questions.likeness import PASSAGES, Evidence, Wording, stands_alone, wording_of
from bot.rendering import body_to_plain
from bot.today import day_in_china

_ANSWERED = {AnswerStatus.ANSWERED, AnswerStatus.ANSWERED_FAQ}


def evidence_of(answer: Answer) -> Evidence:
    """What the answer was made from."""
    return Evidence(
        answer.notice_ids,
        tuple((passage.chunk.id, passage.score) for passage in answer.passages[:PASSAGES]),
        body_to_plain(answer).split("\n")[0] if answer.status in _ANSWERED else "",
    )


def logged_wording(row: Mapping[str, Any], titles: Mapping[str, str]) -> Wording | None:
    """The wording of a row of the question log; None for small talk. `titles`: notice id -> its title."""
    if row["status"] == AnswerStatus.GREETING:
        return None
    evidence = Evidence(
        tuple(row["notice_ids"]),
        tuple((passage["chunk_id"], passage["score"]) for passage in row["passages"]),
        row["answer"].split("\n")[0] if row["status"] in _ANSWERED else "",
    )
    title = " ".join(titles.get(notice_id, "") for notice_id in evidence.notice_ids)
    return wording_of(row["question"], day_in_china(row["asked_at"]), evidence, title)


def asked_words(question: str, year: int) -> tuple[str, tuple[int, ...]] | None:
    """(normalised words, years meant) of a question asked in `year`, as its Wording has them; None where it has none."""
    asked = understand(question, today=date(year, 1, 1))  # of the day only the year tells what 今年 means
    return (asked.normalised, asked.years) if stands_alone(asked) else None


def wording_digest(words: str, years: Iterable[int], notice_ids: Iterable[str]) -> str:
    """32 hexadecimal digits: the same for the same words about the same notices and years."""
    parts = (words, *notice_ids, *map(str, sorted(years)))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def nearest_rows(
    vectors: NDArray[np.float32], k: int = NEAREST, of: NDArray[np.int64] | None = None
) -> Neighbours:
    """For each row, or each of the rows `of`, the k other rows nearest to it: (rows, k), -1 where there are fewer."""
    rows = np.arange(len(vectors)) if of is None else of
    if not len(rows):
        return np.empty((0, k), np.int64)
    _, found = VectorIndex.from_vectors(vectors).search_many(vectors[rows], k + 1)
    nearest = np.full((len(rows), k), -1, np.int64)
    for place, (row, near) in enumerate(zip(rows, found, strict=True)):
        others = near[near != row][:k]
        nearest[place, : len(others)] = others
    return nearest
