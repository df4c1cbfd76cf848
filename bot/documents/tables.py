"""Table rows with merged cells -> pipe tables whose every row stands on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.documents.blocks import Block, Piece, paragraph

MAX_HEADER_ROWS = 3
HAN = r"[\u2e80-\u9fff\uf900-\ufaff]"


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A cell of the source. A merged cell is the same object at every position that it covers."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    label: str = ""
    """Place of the row in the source file."""
    page: int | None = None
    header: bool = False
    """True where the source itself marks the row as a header."""

    @property
    def texts(self) -> list[str]:
        return [cell.text for cell in self.cells]

    @property
    def full_width(self) -> bool:
        """True where one merged cell covers all columns."""
        return len(self.cells) > 1 and all(cell is self.cells[0] for cell in self.cells)


def cell_text(lines: Sequence[str]) -> str:
    """The lines of a cell as one line.

    A blank joins them, except where single characters stand below each other (`序` over `号`).
    """
    kept = [line for line in (re.sub(r"\s+", " ", line).strip() for line in lines) if line]
    upright = all(re.fullmatch(HAN, line) for line in kept)
    return ("" if upright else " ").join(kept)


def pad(rows: Sequence[Row]) -> list[Row]:
    """Rows of equal width, without blank rows and rows that are wholly merged into the one above."""
    width = max((len(row.cells) for row in rows), default=0)
    padded: list[Row] = []
    for row in rows:
        if any(row.texts) and not (
            padded and all(a is b for a, b in zip(padded[-1].cells, row.cells, strict=False))
        ):
            padded.append(
                replace(row, cells=row.cells + tuple(Cell("") for _ in range(width - len(row.cells))))
            )
    return padded


def header_depth(rows: Sequence[Row]) -> int:
    """How many rows at the top are the header: as marked by the source, else read off the merged cells.

    A first row with cells merged sideways is joined by the rows below for as long as every other cell
    of it reaches down (or is left blank below).
    """
    limit = max(1, min(MAX_HEADER_ROWS, len(rows) - 1))
    marked = next((i for i, row in enumerate(rows) if not row.header), len(rows))
    if marked:
        return min(marked, limit)
    first = rows[0].cells
    wide = {
        i for left, right in pairwise(range(len(first))) if first[left] is first[right] for i in (left, right)
    }
    narrow = [i for i in range(len(first)) if i not in wide]
    depth = 1
    while wide and depth < limit:
        below = rows[depth].cells
        merged_down = bool(narrow) and all(below[i] is first[i] for i in narrow)
        left_blank = all(below[i] is first[i] or not below[i].text for i in narrow)
        subdivided = all(below[i].text for i in wide) and len({id(below[i]) for i in wide}) == len(wide)
        if not (merged_down or (depth == 1 and left_blank and subdivided)):
            break
        depth += 1
    return depth


def join_header(rows: Sequence[Row]) -> list[str]:
    """Header rows joined column by column: `层级要求` over `基础级` gives `层级要求 基础级`."""
    columns = zip(*(row.texts for row in rows), strict=True)
    return [" ".join(dict.fromkeys(text for text in column if text)) for column in columns]


def pipe_line(texts: Sequence[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in texts) + " |"


def table_blocks(rows: Sequence[Row]) -> list[Block]:
    """Blocks for one table: rows over the full width above the header as paragraphs, then a pipe table.

    A merged cell's text stands in every cell that it covers, but a row that is one cell over all columns
    (a section, a note) fills only its first cell. A table of one column becomes paragraphs.
    """
    rows = pad(rows)
    blocks: list[Block] = []
    while rows and (len(rows[0].cells) == 1 or rows[0].full_width):
        blocks.append(paragraph(rows[0].cells[0].text, rows[0].label, rows[0].page))
        rows = rows[1:]
    if not rows:
        return blocks
    depth = header_depth(rows)
    header = join_header(rows[:depth])
    rule = "| " + " | ".join("---" for _ in header) + " |"
    pieces = [Piece(f"{pipe_line(header)}\n{rule}", rows[0].label, rows[0].page)]
    for row in rows[depth:]:
        texts = [row.cells[0].text] + [""] * (len(header) - 1) if row.full_width else row.texts
        pieces.append(Piece("\n", pieces[-1].label, pieces[-1].page))
        pieces.append(Piece(pipe_line(texts), row.label, row.page))
    blocks.append(tuple(pieces))
    return blocks
