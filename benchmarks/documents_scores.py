"""What a reader made of a file, and what it should have -> shares of characters, numbers and table cells that are right.

Layout is not scored: blanks, line ends and Markdown marks are taken away from both sides first, and a merged
cell may be repeated, or left blank where only characters are counted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import html as lxml_html
from rapidfuzz.distance import Levenshtein

from benchmarks.documents_truth import TableTruth

Grid = list[list[str]]
_OPENING = 12
"""Characters behind a number that tell which line it stands before."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be found in a file."""

    lines: tuple[str, ...]
    """Outside the table and before it, in reading order."""
    numbered: tuple[str, ...] = ()
    """Those lines among them that open with a number."""
    table: TableTruth | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Shares from 0 to 1; None where the file holds nothing of the kind."""

    characters: float
    numbers: float | None = None
    cells: float | None = None

    @property
    def sum(self) -> float:
        return self.characters + (self.numbers or 0.0) + (self.cells or 0.0)

    @property
    def best_sum(self) -> int:
        """What `sum` is where all is right."""
        return 1 + (self.numbers is not None) + (self.cells is not None)


def nothing_right(expected: Expected) -> Score:
    """Of a file that was not read."""
    return Score(0.0, 0.0 if expected.numbered else None, 0.0 if expected.table else None)


def score(text: str, expected: Expected) -> Score:
    """`text` as a reader gave it: Markdown, with pipe tables or HTML tables."""
    blocks = list(_blocks(text))
    grids = [block for block in blocks if isinstance(block, list)]
    return Score(
        characters=_character_accuracy(blocks, expected),
        numbers=_numbers_kept(blocks, expected.numbered) if expected.numbered else None,
        cells=_cells_right(grids, expected.table) if expected.table else None,
    )


# ---------------------------------------------------------------- Markdown -> lines and grids


def plain(text: str) -> str:
    """Without Markdown's marks, HTML tags and all blanks."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<((?:https?|mailto):[^>\s]+)>", r"\1", text)  # a link in angle brackets is text
    text = html.unescape(re.sub(r"</?[a-zA-Z][^>]*>", "", text))
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s*(?:#+\s|>\s?|[-*+]\s|-{3,}\s*$)", "", text, flags=re.MULTILINE)
    text = re.sub(r"\*\*|__|`", "", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    return re.sub(r"\s+", "", text)


def _blocks(text: str) -> Iterator[str | Grid]:
    """The lines outside tables, and the tables, in order."""
    for part in re.split(r"(<table\b.*?</table>)", text, flags=re.DOTALL | re.IGNORECASE):
        if part.lower().startswith("<table"):
            yield _html_grid(part)
            continue
        rows: Grid = []
        for line in [*part.split("\n"), ""]:
            if line.strip().startswith("|"):
                rows.extend([cells] if (cells := _pipe_cells(line)) else [])
                continue
            if rows:
                yield rows
                rows = []
            yield line


def _pipe_cells(line: str) -> list[str]:
    """The cells of a row; none of the rule below a header."""
    cells = re.split(r"(?<!\\)\|", line.strip())[1:]
    if cells and not cells[-1].strip():
        cells.pop()
    return [] if all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in cells) else [c.strip() for c in cells]


def _html_grid(source: str) -> Grid:
    """With merged cells repeated, as a browser lays them out."""
    places: dict[tuple[int, int], str] = {}
    for row, element in enumerate(lxml_html.fromstring(source).iter("tr")):
        column = 0
        for cell in element.iterchildren("td", "th"):
            while (row, column) in places:
                column += 1
            down, across = (int(cell.get(name) or 1) for name in ("rowspan", "colspan"))
            words = " ".join(cell.itertext()).strip()
            places |= {(row + i, column + j): words for i in range(down) for j in range(across)}
            column += across
    height, width = (1 + max((place[i] for place in places), default=-1) for i in (0, 1))
    return [[places.get((i, j), "") for j in range(width)] for i in range(height)]


# ---------------------------------------------------------------- characters


def _character_accuracy(blocks: Sequence[str | Grid], expected: Expected) -> float:
    """1 - edits / characters expected (Levenshtein), 0 at the least.

    A header of several rows may be read row by row or column by column, whichever fits better.
    """
    return max(_accuracy(blocks, expected, joined=False), _accuracy(blocks, expected, joined=True))


def _accuracy(blocks: Sequence[str | Grid], expected: Expected, joined: bool) -> float:
    table = expected.table
    keys = {row[table.key_column] for row in table.expanded()[table.header_rows :]} if table else set()

    def said(grid: Grid) -> str:
        return _said_once(_with_joined_header(grid, keys) if joined else grid)

    found = "".join(said(block) if isinstance(block, list) else plain(block) for block in blocks)
    right = plain("\n".join(expected.lines)) + (said(table.expanded()) if table else "")
    return max(0.0, 1.0 - Levenshtein.distance(found, right) / len(right))


def _with_joined_header(grid: Grid, keys: set[str]) -> Grid:
    """With the rows of its header as one: those above the first data row that have more than one text."""
    first = next((i for i, row in enumerate(grid) if keys & set(row)), 0)
    header = [i for i in range(first) if len(set(grid[i]) - {""}) > 1]
    if not header:
        return grid
    one = [" ".join(words) for words in _columns([grid[i] for i in header])]
    return [
        *grid[: header[0]],
        one,
        *(row for i, row in enumerate(grid) if i > header[0] and i not in header),
    ]


def _said_once(grid: Grid) -> str:
    """The characters of a table row by row, a repeated merged cell only where it is first met.

    So that readers that repeat merged cells, that leave them blank and that put a group's name before each of
    its columns (`分级要求 一星级`, `分级要求 二星级`) give the same characters.
    """
    said = []
    above: list[str] = []
    for row in grid:
        for column, cell in enumerate(row):
            words, left = cell.split(), row[column - 1].split() if column else []
            shared = next(
                (i for i, pair in enumerate(zip(words, left, strict=False)) if pair[0] != pair[1]),
                min(len(words), len(left)),
            )
            if column >= len(above) or above[column] != cell:
                said.append(plain(" ".join(words[shared:])))
        above = row
    return "".join(said)


# ---------------------------------------------------------------- numbers


def _numbers_kept(blocks: Sequence[str | Grid], numbered: Sequence[str]) -> float:
    """Share of the lines whose number stands right before them."""
    found = "".join(plain(block) for block in blocks if isinstance(block, str))
    openings = [plain(line) for line in numbered]
    kept = [opening[: _number_length(opening) + _OPENING] in found for opening in openings]
    return sum(kept) / len(kept)


def _number_length(line: str) -> int:
    match = re.match(r"附件：\d+\.|[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|\d+\.|[①-⑳]", line)
    assert match, f"no number: {line}"
    return match.end()


# ---------------------------------------------------------------- cells


def _cells_right(grids: Sequence[Grid], truth: TableTruth) -> float:
    """Share of the table's cells that are right.

    Counted are the columns' headers (with the words of all header rows), each data row's cells, a merged one in
    every place that it covers, each in the column that has its header (or, where no header is that one, in its
    own place), and each row over the full width once. Cells are right when they are equal but for blanks.
    """
    grids = [[[plain(cell) for cell in row] for row in grid] for grid in grids]
    expected = [[plain(cell) for cell in row] for row in truth.expanded()]
    headers = _joined(expected[: truth.header_rows])
    body = range(truth.header_rows, len(expected))
    keys = {expected[i][truth.key_column] for i in body if not truth.is_full_width(i)}
    found = [(_header(grid, keys), grid) for grid in grids]
    first = next((header for header, grid in found if _first_data_row(grid, keys) < len(grid)), [])
    right = sum(a == b for a, b in zip(first, headers, strict=False))
    for i in body:
        if truth.is_full_width(i):
            right += any(_is_row_of(row, expected[i][0]) for grid in grids for row in grid)
        else:
            right += _right_in_row(expected[i], truth.key_column, headers, found)
    full_width = sum(truth.is_full_width(i) for i in body)
    return right / (len(headers) * (1 + len(body) - full_width) + full_width)


def _columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The words of each column, from top to bottom, each once."""
    width = max((len(row) for row in rows), default=0)
    columns = ([row[i] for row in rows if i < len(row) and row[i]] for i in range(width))
    return [list(dict.fromkeys(column)) for column in columns]


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Header rows column by column, each word once."""
    return ["".join(words) for words in _columns(rows)]


def _first_data_row(grid: Grid, keys: set[str]) -> int:
    return next((i for i, row in enumerate(grid) if keys & set(row)), len(grid))


def _header(grid: Grid, keys: set[str]) -> list[str]:
    """The rows above the first data row, joined, but for those with one text (a title, a section)."""
    above = grid[: _first_data_row(grid, keys)]
    return _joined([row for row in above if len(set(row) - {""}) > 1])


def _is_row_of(row: Sequence[str], text: str) -> bool:
    return bool(row) and row[0] == text and set(row) <= {text, ""}


def _right_in_row(
    expected: Sequence[str], key_column: int, headers: Sequence[str], found: Sequence[tuple[list[str], Grid]]
) -> int:
    """Right cells of the best row that has the key."""
    best = 0
    for header, grid in found:
        columns = [header.index(name) if name in header else i for i, name in enumerate(headers)]
        for row in grid:
            if expected[key_column] in row:
                pairs = zip(columns, expected, strict=True)
                best = max(best, sum(column < len(row) and row[column] == text for column, text in pairs))
    return best
