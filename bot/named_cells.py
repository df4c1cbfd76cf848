"""(Question's words, table row) -> the cells that the question names, in the words of a clause."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.datamodels import Chunk

_NO_BOUNDS = re.compile(r"\d分|得分|分值|奖|补|上限|[*＊※†①-⑳ᵃ-ᶻ]")
_UNIT = re.compile(r"[（(]([^（）()]{1,4})[）)]\s*$")
_BARE_BOUND = re.compile(r"[≥≤><＞＜]\s*[\d.]+")


def named_cells(words: str, row: Chunk, chunks: Sequence[Chunk]) -> str:
    """`资产负债率不高于70%` for the row, or the column, that the question names; empty where it names none or several,
    where cells have footnotes, and where the table pays or scores."""
    if _NO_BOUNDS.search(row.text) or _NO_BOUNDS.search("".join(row.table_header)):
        return ""
    table = [c for c in chunks if c.table_header == row.table_header and c.document_id == row.document_id]
    labels = {chunk.cells[0].casefold() for chunk in table if chunk.cells}
    named = [label for label in labels if len(label) > 1 and label in words]
    longest = [label for label in named if not any(label in other for other in named if other != label)]
    cells = list(zip(row.table_header[1:], row.cells[1:], strict=False))
    if longest != [row.cells[0].casefold()]:
        asked = [cell for name, cell in cells if len(name) > 1 and name.casefold() in words]
        cells = [(row.cells[0], cell) for cell in asked] if len(asked) == 1 and not longest else []
    return "；".join(_in_words(name, cell) for name, cell in cells)


def _in_words(name: str, cell: str) -> str:
    """The cell after what it is about, with the unit that stands there in brackets."""
    unit = _UNIT.search(name)
    bare = unit and _BARE_BOUND.fullmatch(cell)
    return f"{name[: unit.start()] if unit else name}{cell}{unit[1] if unit and bare else ''}"
