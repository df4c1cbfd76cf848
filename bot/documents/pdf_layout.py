"""Characters and cells where they stand on a page -> text lines and ruled tables, in reading order.

Lengths are points, from the top left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.page import Page
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from bot.documents.tables import Cell

_CJK = r"\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
_PAGE_NUMBER = re.compile(r"[—\-－–·\s]*(第\s*)?\d{1,4}(\s*页)?(\s*[/／共].{0,12})?[—\-－–·\s]*")
SAME_EDGE = 3.0
"""Ruling lines nearer than this are one column edge."""

HARDLY_ANY_TEXT = 20
"""Characters of a page with less text than a page number and a watermark."""
ENOUGH_TEXT = 100
"""Characters of a page that is not just a heading over a scan."""
MANY_CURVES = 60

Character = dict[str, Any]
"""A pdfplumber character: text, x0, x1, top, bottom, size."""
Box = tuple[float, float, float, float]
"""x0, top, x1, bottom."""
Rule = Box
"""A horizontal or vertical line, from its left or upper end to the other."""
MAX_MERGED_RULES = 1_500
"""Rules of a page with more are a drawing, not tables."""


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
    """From top to bottom."""
    only_pictured: bool = False
    """True where the page shows more than its text layer says: `items` must be read from its picture."""


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


def is_garbled(text: str) -> bool:
    """Whether a text layer came out as codes, symbols, private-use signs or characters that nobody writes.

    Such is a layer without a proper character map, which shows well and reads as rubbish.
    """
    codes = len(re.findall(r"\(cid:\d+\)", text))
    text = re.sub(r"\(cid:\d+\)", "", text)
    packed = re.sub(r"\s", "", text)
    size = len(packed) + codes
    if size < 5:
        return False
    bad = codes + sum(1 for c in packed if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or ord(c) < 0x20)
    if bad > 0.05 * size:
        return True
    if size <= 40:
        return False
    han = [c for c in packed if "\u4e00" <= c <= "\u9fff"]
    if len(han) > 40 and sum(map(_is_common, han)) < 0.6 * len(han):
        return True
    wordlike = sum(1 for c in packed if c.isalnum() or c in "，。、；：？！（）《》“”—…·.,:;()%-/")
    accented = sum(1 for c in packed if "\u0080" <= c <= "\u024f")  # GBK bytes taken for Latin letters
    return wordlike < 0.6 * size or accented > 0.3 * size or (not han and _is_no_language(text))


def _is_common(character: str) -> bool:
    """Whether a Han character is on the first level of GB 2312 or of Big5, as 97 % of any text is."""
    simplified, traditional = character.encode("gb2312", "ignore"), character.encode("big5", "ignore")
    return b"\xb0\xa1" <= simplified <= b"\xd7\xf9" or b"\xa4\x40" <= traditional <= b"\xc6\x7e"


def _is_no_language(text: str) -> bool:
    """Whether letters stand in runs or with vowels as in no language that is written with Latin letters."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    letters = sum(map(len, words))
    if letters < 0.5 * len(text.replace(" ", "")):  # a page of figures
        return False
    vowels = len(re.findall(r"[aeiouyAEIOUY]", "".join(words)))
    return letters > 18 * len(words) or vowels < 0.15 * letters


def _upright(characters: list[Character]) -> list[Character]:
    """Without slanted watermarks; a page that is set sideways as a whole stays."""
    upright = [c for c in characters if c.get("upright", True)]
    return upright if len(upright) > 0.5 * len(characters) else characters


def lay_out(
    number: int,
    width: float,
    height: float,
    characters: Sequence[Character],
    tables: Sequence[Sequence[Box]],
) -> PageLayout:
    """Lines and tables from top to bottom, without page numbers.

    A table is its cells' boxes, a merged cell being one box; a character belongs to the cell that its
    middle lies in. Several characters in one (a piece of a line) are taken like one.
    """
    frames = [
        (
            min(b[0] for b in cells),
            min(b[1] for b in cells),
            max(b[2] for b in cells),
            max(b[3] for b in cells),
        )
        for cells in tables
    ]
    free = [c for c in characters if not any(_inside(c, frame) for frame in frames)]
    items: list[TextLine | PageTable] = [
        line
        for line in text_lines(free)
        if not (
            _PAGE_NUMBER.fullmatch(line.text) and (line.top > 0.85 * height or line.bottom < 0.1 * height)
        )
    ]
    for cells, frame in zip(tables, frames, strict=True):
        items.append(_page_table(cells, frame[1], [c for c in characters if _inside(c, frame)]))
    items.sort(key=lambda item: item.top)
    return PageLayout(number, width, height, tuple(items))


def _only_pictured(page: Page, text: str) -> bool:
    """Whether a page says more in pictures, or in characters drawn as curves, than in its text layer."""
    if is_garbled(text):
        return True
    size = len(re.sub(r"\s", "", text))
    if size >= ENOUGH_TEXT:
        return False
    across, down = float(page.width), float(page.height)
    pictured = sum(
        max(0.0, min(i["x1"], across) - max(i["x0"], 0.0))
        * max(0.0, min(i["bottom"], down) - max(i["top"], 0.0))
        for i in page.images
    )
    if size >= HARDLY_ANY_TEXT:
        return bool(pictured > 0.5 * across * down)
    return bool(pictured > 0.03 * across * down or len(page.curves) > MANY_CURVES)


def page_layout(page: Page) -> PageLayout:
    """The page as its text layer has it; without items where it must be read from its picture."""
    characters = [c for c in _upright(page.dedupe_chars().chars) if c["text"].strip() or c["text"] == " "]
    if _only_pictured(page, "".join(c["text"] for c in characters)):
        return PageLayout(page.page_number, page.width, page.height, (), only_pictured=True)
    found = [table.cells for table in page.find_tables() if len(table.cells) > 1]
    return lay_out(page.page_number, page.width, page.height, characters, found)


def tables_of_rules(rules: Iterable[Rule]) -> list[list[Box]]:
    """The cells of the tables that lines on a page rule off; a table has two cells at least."""
    edges = [
        {
            "x0": x0, "x1": x1, "top": top, "bottom": bottom, "width": x1 - x0, "height": bottom - top,
            "orientation": "h" if x1 - x0 > bottom - top else "v", "object_type": "line",
        }
        for x0, top, x1, bottom in rules
    ]  # fmt: skip
    merged = merge_edges(edges, SAME_EDGE, SAME_EDGE, SAME_EDGE, SAME_EDGE)
    if len(merged) > MAX_MERGED_RULES:
        return []
    cells = intersections_to_cells(edges_to_intersections(merged, SAME_EDGE, SAME_EDGE))
    return [table for table in cells_to_tables(cells) if len(table) > 1]
