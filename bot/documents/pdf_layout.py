"""One PDF page -> text lines and ruled tables, in reading order. Lengths are points, from the top left."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.page import Page

from bot.documents.tables import Cell

_CJK = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
_PAGE_NUMBER = re.compile(r"[—\-－–·\s]*(第\s*)?\d{1,4}(\s*页)?(\s*[/／共].{0,12})?[—\-－–·\s]*")
SAME_EDGE = 3.0
"""Ruling lines nearer than this are one column edge."""

Character = dict[str, Any]
"""A pdfplumber character: text, x0, x1, top, bottom, size."""
Box = tuple[float, float, float, float]
"""x0, top, x1, bottom."""


@dataclass(frozen=True, slots=True)
class TextLine:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: int
    """Commonest font size of the line, rounded."""


@dataclass(frozen=True, slots=True)
class PageTable:
    rows: tuple[tuple[Cell, ...], ...]
    """A cell that spans several positions is the same object at each."""
    edges: tuple[float, ...]
    """Left and right edges of the columns, from left to right."""
    top: float


@dataclass(frozen=True, slots=True)
class PageLayout:
    number: int
    """From 1."""
    width: float
    height: float
    items: tuple[TextLine | PageTable, ...]
    readable: bool
    """False where the text layer is missing over a picture, or is rubbish."""
    garbled: bool
    """True where there is a text layer, but it does not say what the page shows."""


def close_up(text: str) -> str:
    """Without the blanks that justified setting puts next to Chinese characters."""
    text = re.sub(rf"(?<=[{_CJK}])[ \t]+(?=[{_CJK}\w])", "", text)
    return re.sub(rf"(?<=\w)[ \t]+(?=[{_CJK}])", "", text).strip()


def join_lines(before: str, after: str) -> str:
    """Two lines of one paragraph: a blank between Latin words, nothing next to Chinese."""
    latin = re.search(r"[A-Za-z0-9,.;:)]$", before) and re.match(r"[A-Za-z0-9(]", after)
    return before + (" " if latin and re.search(r"[A-Za-z]", before[-1:] + after[:1]) else "") + after


def text_lines(characters: Iterable[Character]) -> list[TextLine]:
    """Characters grouped by base line, so that a number and its text stay together whatever their sizes."""
    groups: list[list[Character]] = []
    for character in sorted(characters, key=lambda c: (c["bottom"], c["x0"])):
        group = next((g for g in reversed(groups[-6:]) if _same_line(g, character)), None)
        if group is None:
            groups.append([character])
        else:
            group.append(character)
    lines = [_line(group) for group in groups if any(c["text"].strip() for c in group)]
    return sorted(lines, key=lambda line: line.top)


def _same_line(group: list[Character], character: Character) -> bool:
    bottom = max(c["bottom"] for c in group[-8:])
    top = min(c["top"] for c in group[-8:])
    size = max(c["size"] for c in group[-8:])
    overlap = min(bottom, character["bottom"]) - max(top, character["top"])
    near = abs(bottom - character["bottom"]) <= 0.45 * max(size, character["size"])
    return bool(near and overlap > 0.5 * min(size, character["size"]))


def _line(group: list[Character]) -> TextLine:
    text, end = "", None
    characters = sorted(group, key=lambda c: c["x0"])
    for character in characters:
        if end is not None and character["x0"] - end > 0.25 * character["size"] and not text.endswith(" "):
            text += " "
        text += character["text"]
        end = character["x1"]
    visible = [c for c in characters if c["text"].strip()]
    return TextLine(
        text=close_up(text),
        x0=visible[0]["x0"],
        x1=visible[-1]["x1"],
        top=min(c["top"] for c in visible),
        bottom=max(c["bottom"] for c in visible),
        size=Counter(round(c["size"]) for c in visible).most_common(1)[0][0],
    )


def _inside(character: Character, box: Box) -> bool:
    x, y = (character["x0"] + character["x1"]) / 2, (character["top"] + character["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _edges(values: Iterable[float]) -> list[float]:
    merged: list[float] = []
    for value in sorted(values):
        if not merged or value - merged[-1] > SAME_EDGE:
            merged.append(value)
    return merged


def _nearest(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))


def _page_table(boxes: Sequence[Box], top: float, characters: Sequence[Character]) -> PageTable:
    """A grid in which each cell's box decides which positions it covers."""
    columns = _edges(edge for box in boxes for edge in (box[0], box[2]))
    lines = _edges(edge for box in boxes for edge in (box[1], box[3]))
    grid = [[Cell("") for _ in columns[1:]] for _ in lines[1:]]
    for box in boxes:
        text = ""
        for line in text_lines(c for c in characters if _inside(c, box)):
            text = join_lines(text, line.text) if text else line.text
        cell = Cell(close_up(text))
        for i in range(_nearest(lines, box[1]), _nearest(lines, box[3])):
            for j in range(_nearest(columns, box[0]), _nearest(columns, box[2])):
                grid[i][j] = cell
    return PageTable(tuple(map(tuple, grid)), tuple(columns), top)


def _is_garbled(text: str) -> bool:
    """Whether a text layer without a proper character map came out as codes, symbols or private-use signs."""
    codes = len(re.findall(r"\(cid:\d+\)", text))
    text = re.sub(r"\(cid:\d+\)|\s", "", text)
    size = len(text) + codes
    if size < 5:
        return False
    bad = codes + sum(1 for c in text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or ord(c) < 0x20)
    wordlike = sum(1 for c in text if c.isalnum() or c in "，。、；：？！（）《》“”—…·.,:;()%-/")
    return bad > 0.05 * size or (size > 40 and wordlike < 0.6 * len(text))


def _upright(characters: list[Character]) -> list[Character]:
    """Without slanted watermarks; a page that is set sideways as a whole stays."""
    upright = [c for c in characters if c.get("upright", True)]
    return upright if len(upright) > 0.5 * len(characters) else characters


def page_layout(page: Page) -> PageLayout:
    """Lines and tables from top to bottom, without page numbers."""
    characters = [c for c in _upright(page.dedupe_chars().chars) if c["text"].strip() or c["text"] == " "]
    raw = "".join(c["text"] for c in characters)
    garbled = _is_garbled(raw)
    if garbled or not raw.strip():
        readable = not garbled and not page.images
        return PageLayout(page.page_number, page.width, page.height, (), readable, garbled)
    found = [table for table in page.find_tables() if len(table.cells) > 1]
    free = [c for c in characters if not any(_inside(c, table.bbox) for table in found)]
    items: list[TextLine | PageTable] = [
        line
        for line in text_lines(free)
        if not (
            _PAGE_NUMBER.fullmatch(line.text)
            and (line.top > 0.85 * page.height or line.bottom < 0.1 * page.height)
        )
    ]
    for table in found:
        inner = [c for c in characters if _inside(c, table.bbox)]
        items.append(_page_table(table.cells, table.bbox[1], inner))
    items.sort(key=lambda item: item.top)
    return PageLayout(page.page_number, page.width, page.height, tuple(items), True, False)
