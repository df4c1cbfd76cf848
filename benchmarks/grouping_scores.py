"""(True groups, found groups) -> B-cubed precision, recall and F1, and pairwise F1; and how well look-alikes are told
apart before any grouping."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """All 0 to 1, larger is better."""

    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    pairwise_f1: float
    groups: int
    """How many groups were found."""


def scores_of(true: Sequence[Hashable], found: Sequence[Hashable]) -> Scores:
    """Scores over items: item i belongs to group true[i] and was put into found[i].

    B-cubed (Bagga and Baldwin 1998): an item's precision is the share of its found group that is of its true
    group, its recall the share of its true group that is in its found one; both averaged over items.
    """
    of_true, of_found = Counter(true), Counter(found)
    together = Counter(zip(true, found, strict=True))
    precision = sum(n * n / of_found[f] for (_, f), n in together.items()) / len(true)
    recall = sum(n * n / of_true[t] for (t, _), n in together.items()) / len(true)
    pairs = [sum(n * (n - 1) // 2 for n in counts.values()) for counts in (together, of_true, of_found)]
    pairwise = 2 * pairs[0] / (pairs[1] + pairs[2]) if pairs[1] + pairs[2] else 1.0
    return Scores(precision, recall, 2 * precision * recall / (precision + recall), pairwise, len(of_found))


def twins_nearer(
    likeness: NDArray[np.floating], same: NDArray[np.bool_], other: NDArray[np.bool_]
) -> list[float]:
    """Of each question that has both: the share of pairs of one that asks the same and one that asks something else in
    which the first is nearer (AUC). All arrays are (questions, questions); the diagonal counts for nothing."""
    same = same & ~np.eye(len(same), dtype=bool)
    return [
        float((row[twins][:, None] > row[others][None]).mean())
        for row, twins, others in zip(likeness, same, other, strict=True)
        if twins.any() and others.any()
    ]
