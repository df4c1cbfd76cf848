"""A clause -> the lists that it holds in running text: `有下列情形之一的，不得申报：甲；乙；丙。`"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_STOP = re.compile(r"[。；;\n]|(?<!\d)\.(?=\s|$)")
_END = re.compile(r"[。\n]|(?<!\d)\.(?=\s|$)")
_NUMBER = r"\s*(?:[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)]|\d{1,2}[.．、](?!\d)|[①-⑳])"
_NUMBERED = re.compile(_NUMBER)
_COLON = re.compile(r"[：:](?!//|\d)")
_COLON_BEFORE_NUMBER = re.compile(rf"{_COLON.pattern}|(?<!\d)[：:](?=\d{{1,2}}[.．、](?!\d))")
_BETWEEN = re.compile(rf"[；;]|。(?={_NUMBER})")
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


def enumerations(text: str, first: int = 0, *, numbered: bool = False) -> tuple[Enumeration, ...]:
    """The lists in a text from `first` on: what stands behind a colon, up to the full stop, parted by semicolons.

    `numbered`: also those with a digit right behind the colon: `不予支持：1.甲；2.乙。` A list whose items have
    numbers goes on over a full stop to its next number.
    """
    found: list[Enumeration] = []
    for colon in (_COLON_BEFORE_NUMBER if numbered else _COLON).finditer(text):
        if colon.start() < first or (found and colon.start() < found[-1].end):
            continue
        stops = [match.end() for match in _STOP.finditer(text, first, colon.start())]
        items = _items(text, colon.end(), _list_end(text, colon.end()))
        if len(items) >= 2:
            opener = _stripped(text, stops[-1] if stops else first, colon.end())
            found.append(Enumeration(opener, items))
    return tuple(found)


def _list_end(text: str, start: int) -> int:
    numbered = _NUMBERED.match(text, start)
    for stop in _END.finditer(text, start):
        if not numbered or text[stop.start()] == "\n" or not _NUMBERED.match(text, stop.end()):
            return stop.end()
    return len(text)


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
