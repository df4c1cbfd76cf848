"""(wordings that are new, groups that there are) -> groups: each holds the wordings of one question.

A wording joins the group to whose members it is likest on average, or founds one; then whoever is touched is
looked at again: wordings move to the group that has become likest to them, and groups that have become alike
are made one. A pair that is forbidden (another section, applicant, year, batch or place) is never in one group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.questions.likeness import Compare, Rows

NEAREST = 24
"""Wordings nearest by vector that propose their groups."""
PROPOSED = 6
"""Groups that a wording is compared with, those of its nearest wordings."""
COMPARED = 16
"""Members of a group that stand for it, spread over the order in which they came."""
ROUNDS = 3
"""So often the touched groups are looked at again, if anything still moves."""
UNGROUPED = -1

Neighbours = NDArray[np.int64]
"""(wordings, k): rows of the nearest wordings, -1 where there are fewer."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which wordings form a group."""

    group_of: tuple[int, ...]
    """Number of each row's group."""
    became: dict[int, int]
    """A group that was given and is gone -> the group that most of its wordings are in now."""


def grouped(
    given: Sequence[int], neighbours: Neighbours, compare: Compare, joins: float, fixed: Iterable[int] = ()
) -> Grouping:
    """The groups of all rows. Deterministic: rows come in their order.

    `given` is the group of each row, UNGROUPED where it is new; groups of `fixed` are known in part only, so
    their rows stay and they are not merged with one another. `joins` is the mean log-odds from which on a row
    joins and groups merge.
    """
    state = _State(list(given), neighbours, compare, joins, frozenset(fixed))
    fresh = [row for row, group in enumerate(given) if group == UNGROUPED]
    for row in fresh:
        state.join(row)
    touched = {state.group_of[row] for row in fresh}
    for _ in range(ROUNDS):
        changed = state.move(touched) | state.merge(touched)
        if not changed:
            break
        touched = changed
    return Grouping(tuple(state.group_of), _became(given, state.group_of))


def _became(before: Sequence[int], after: Sequence[int]) -> dict[int, int]:
    found: dict[int, defaultdict[int, int]] = {}
    for old, new in zip(before, after, strict=True):
        if old != UNGROUPED:
            found.setdefault(old, defaultdict(int))[new] += 1
    return {
        old: max(counts, key=lambda group: (counts[group], -group))
        for old, counts in found.items()
        if old not in counts
    }


class _State:
    """The groups while they are being made; the only thing here that changes."""

    def __init__(
        self,
        group_of: list[int],
        neighbours: Neighbours,
        compare: Compare,
        joins: float,
        fixed: frozenset[int],
    ) -> None:
        self.group_of = group_of
        self._neighbours = neighbours
        self._compare = compare
        self._joins = joins
        self._fixed = fixed
        self._members: dict[int, list[int]] = {}
        for row, group in enumerate(group_of):
            if group != UNGROUPED:
                self._members.setdefault(group, []).append(row)
        self._next = max((*group_of, *fixed, UNGROUPED)) + 1

    def join(self, row: int) -> None:
        """Puts a new row into the likest group, or into one of its own."""
        best = self._likest([row])[0]
        if best is None:
            best, self._next = self._next, self._next + 1
        self._put(row, best)

    def move(self, groups: set[int]) -> set[int]:
        """Every row of these groups goes where it fits best; the groups that changed."""
        rows = sorted(
            row
            for group in groups - self._fixed
            for row in self._members.get(group, ())
            if group in self._members
        )
        changed: set[int] = set()
        for row, best in zip(rows, self._likest(rows), strict=True):
            old = self.group_of[row]
            if best == old or (best is None and len(self._members[old]) == 1):
                continue
            if best is None or best not in self._members:
                best, self._next = self._next, self._next + 1
            self._put(row, best)
            changed |= {old, best}
        return changed

    def merge(self, groups: set[int]) -> set[int]:
        """Groups that are alike become one, the likest first; the older one stays. The groups that changed."""
        pairs = sorted(
            {
                (min(group, other), max(group, other))
                for group in groups
                if group in self._members
                for row in _spread(self._members[group])
                for other in self._proposed(row)
                if other != group and not (group in self._fixed and other in self._fixed)
            }
        )
        scores = self._means([(self._members[a], self._members[b]) for a, b in pairs])
        ranked = sorted(zip(scores, pairs, strict=True), key=lambda each: (-each[0], each[1]))
        changed: set[int] = set()
        for score, (one, other) in ranked:
            if score < self._joins:
                break
            if one in changed or other in changed:
                continue  # no longer what was compared; the next round looks again
            stays, goes = (other, one) if other in self._fixed else (one, other)
            for row in list(self._members[goes]):
                self._put(row, stays)
            changed |= {stays, goes}
        return changed

    def _likest(self, rows: Sequence[int]) -> list[int | None]:
        """For each row the group, its own included, whose other members it is likest to; None where none joins."""
        proposals = [(row, group) for row in rows for group in self._proposed(row)]
        others = [
            ([row], [each for each in _spread(self._members[group]) if each != row])
            for row, group in proposals
        ]
        best: dict[int, tuple[float, int]] = {}
        for (row, group), score in zip(proposals, self._means(others), strict=True):
            if score >= self._joins and (row not in best or score > best[row][0]):
                best[row] = (score, group)
        return [best[row][1] if row in best else None for row in rows]

    def _proposed(self, row: int) -> list[int]:
        """Groups of the nearest rows, nearest first, and the row's own."""
        found: dict[int, None] = {}
        for near in self._neighbours[row]:
            if near >= 0 and self.group_of[near] != UNGROUPED:
                found[self.group_of[near]] = None
                if len(found) == PROPOSED:
                    break
        if self.group_of[row] != UNGROUPED:
            found[self.group_of[row]] = None
        return list(found)

    def _means(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """Mean log-odds between two sets of rows each; minus infinity where a pair is forbidden or one is empty."""
        left: list[Rows] = []
        right: list[Rows] = []
        for one, other in pairs:
            a, b = _spread(one), _spread(other)
            left.append(np.repeat(np.asarray(a, np.int64), len(b)))
            right.append(np.tile(np.asarray(b, np.int64), len(a)))
        if not left:
            return []
        scores, never = self._compare(np.concatenate(left), np.concatenate(right))
        means, start = [], 0
        for part in left:
            stop = start + len(part)
            barred = not len(part) or bool(never[start:stop].any())
            means.append(float("-inf") if barred else float(scores[start:stop].mean()))
            start = stop
        return means

    def _put(self, row: int, group: int) -> None:
        old = self.group_of[row]
        if old != UNGROUPED:
            self._members[old].remove(row)
            if not self._members[old]:
                del self._members[old]
        self._members.setdefault(group, []).append(row)
        self.group_of[row] = group


def _spread(rows: Sequence[int]) -> Sequence[int]:
    """At most COMPARED of the rows, evenly spread, the first and the last among them."""
    if len(rows) <= COMPARED:
        return rows
    return [rows[(place * (len(rows) - 1)) // (COMPARED - 1)] for place in range(COMPARED)]
