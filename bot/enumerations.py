"""A clause -> the lists that it holds in running text: `有下列情形之一的，不得申报：甲；乙；丙。`"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_STOP = re.compile(r"[。；;\n]|\.(?=\s|$)")
_END = re.compile(r"[。\n]|\.(?=\s|$)")
_BETWEEN = re.compile(r"[；;]")
SHORTEST_ITEM = 3
"""Characters."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Offsets in the clause's text, start inclusive, end exclusive."""

    opener: tuple[int, int]
    """With its colon."""
    items: tuple[tuple[int, int], ...]
    """At least two, each with the stop behind it."""

    @property
    def start(self) -> int:
        return self.opener[0]

    @property
    def end(self) -> int:
        return self.items[-1][1]


def enumerations(text: str, first: int = 0) -> tuple[Enumeration, ...]:
    """The lists in a text from `first` on: what stands behind a colon, up to the full stop, parted by semicolons."""
    found: list[Enumeration] = []
    for colon in re.finditer(r"[：:](?!//|\d)", text):
        if colon.start() < first or (found and colon.start() < found[-1].end):
            continue
        stops = [match.end() for match in _STOP.finditer(text, first, colon.start())]
        end = _END.search(text, colon.end())
        items = _items(text, colon.end(), end.end() if end else len(text))
        if len(items) >= 2:
            opener = _stripped(text, stops[-1] if stops else first, colon.end())
            found.append(Enumeration(opener, items))
    return tuple(found)


def _items(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    cuts = [start, *(match.end() for match in _BETWEEN.finditer(text, start, end)), end]
    spans = (_stripped(text, a, b) for a, b in pairwise(cuts))
    return tuple(span for span in spans if span[1] - span[0] >= SHORTEST_ITEM)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
