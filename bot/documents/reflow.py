"""Laid-out pages -> Markdown: lines reflowed into paragraphs, tables stitched over page breaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.datamodels import Place
from bot.documents.blocks import Block, Piece, assemble
from bot.documents.pdf_layout import PageLayout, PageTable, TextLine, close_up, join_lines
from bot.documents.tables import Cell, Row, table_blocks

_NUMBERED = re.compile(
    r"[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、]|第[一二三四五六七八九十百\d]+[章条]|附件"
)
_STANDS_ALONE = re.compile(
    r"[\u4e00-\u9fff]{2,20}[〔\[]\d{4}[〕\]]第?\d{1,5}号|[12]\d{3}年\d{1,2}月\d{1,2}日|二[〇○零][〇○零一二三四五六七八九]{2}年.{1,3}月.{1,3}日"
)
"""Document numbers and dates of issue: lines of their own, whatever stands above."""
MAX_HEADING = 120
"""Characters of the longest heading; larger type beyond that is text."""
SAME_COLUMNS = 3.0
"""Points by which the column edges of a continued table may differ."""
_RUNNING_HEAD_SHARE = 0.09
"""Running heads and feet stand within this share of the page's height."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """How the body text of the document is set."""

    size: int
    left: float
    right: float
    """Where full lines end; beyond any line where no text is wide enough to have been wrapped."""
    indented: bool
    """True where first lines of paragraphs are set in."""


@dataclass(frozen=True, slots=True)
class _Flow:
    """A paragraph while lines are still being joined to it."""

    pieces: Block
    last: TextLine
    page: int
    heading: bool

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def _running_heads(layouts: Sequence[PageLayout]) -> set[str]:
    """Lines that stand at the top or the foot of most pages, their digits aside."""
    if len(layouts) < 3:
        return set()
    counts: Counter[str] = Counter()
    for layout in layouts:
        lines = [item for item in layout.items if isinstance(item, TextLine)]
        counts.update({_without_digits(line.text) for line in lines if _at_rim(line, layout)})
    return {text for text, count in counts.items() if count >= max(3, 0.6 * len(layouts))}


def _at_rim(line: TextLine, layout: PageLayout) -> bool:
    rim = _RUNNING_HEAD_SHARE * layout.height
    return line.bottom < rim or line.top > layout.height - rim


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _body_size(lines: Iterable[TextLine]) -> int:
    """The font size of most characters."""
    sizes: Counter[int] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=12)


def _setting_of(lines: Sequence[TextLine], size: int, width: float) -> _Setting:
    """The left margin is the leftmost edge that many body lines share, the right one the farthest end."""
    body = [line for line in lines if line.size == size] or list(lines)
    edges = Counter(round(line.x0) for line in body if len(line.text) > 8) or Counter(
        round(line.x0) for line in body
    )
    left = min((edge for edge, _ in edges.most_common(6)), default=0)
    right = max((line.x1 for line in body), default=0.0)
    indents = sum(1.5 * size < line.x0 - left < 3 * size for line in body)
    return _Setting(
        size, float(left), right if right > 0.6 * width else float("inf"), indents > 0.1 * len(body)
    )


def _continues(flow: _Flow, line: TextLine, page: int, setting: _Setting) -> bool:
    """Whether `line` goes on with the paragraph of `flow`."""
    last, size = flow.last, line.size
    if last.size != size or page > flow.page + 1 or _STANDS_ALONE.fullmatch(line.text):
        return False
    gap = line.top - last.bottom if flow.page == page else 0.0
    if size > 1.15 * setting.size:  # a title broken over several lines
        return gap < 1.2 * size and flow.page == page
    if last.x1 <= setting.right - 1.6 * size or gap >= 1.8 * size:
        return False
    sentence_ended = re.search(r"[。；：！？.;:]$", last.text)
    if sentence_ended and (_NUMBERED.match(line.text) or not setting.indented):
        return False
    flush_left = line.x0 - setting.left < 0.8 * size
    hanging = not sentence_ended and abs(line.x0 - last.x0) <= 4 * size
    return flush_left or hanging


class _Reflow:
    """Collects blocks from page items in reading order."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._flow: _Flow | None = None
        self._rows: list[Row] = []
        self._edges: tuple[float, ...] = ()

    def add_line(self, line: TextLine, layout: PageLayout, setting: _Setting) -> None:
        self._end_table()
        label, flow = f"第{layout.number}页", self._flow
        if flow and _continues(flow, line, layout.number, setting):
            joined = join_lines(flow.text, line.text)[len(flow.text) :]
            pieces = (*flow.pieces, Piece(joined, label, layout.number))
            self._flow = replace(flow, pieces=pieces, last=line, page=layout.number)
            return
        self._end_paragraph()
        centred = abs((line.x0 + line.x1) / 2 - layout.width / 2) < line.size
        heading = line.size > (1.15 if centred else 1.3) * setting.size
        self._flow = _Flow((Piece(line.text, label, layout.number),), line, layout.number, heading)

    def add_table(self, table: PageTable, page: int, opens_page: bool) -> None:
        """A table that opens a page with the columns of the last one goes on with it."""
        self._end_paragraph()
        label = f"第{page}页"
        rows = [Row(cells, label, page) for cells in table.rows]
        same = len(self._edges) == len(table.edges) and all(
            abs(a - b) <= SAME_COLUMNS for a, b in zip(self._edges, table.edges, strict=True)
        )
        if self._rows and opens_page and same:
            self._rows = _stitched(self._rows, rows)
            return
        self._end_table()
        self._rows, self._edges = rows, table.edges

    def blocks(self) -> list[Block]:
        self._end_paragraph()
        self._end_table()
        return self._blocks

    def _end_paragraph(self) -> None:
        flow, self._flow = self._flow, None
        if flow is None:
            return
        letterhead = flow.text.endswith("文件") and "《" not in flow.text
        if flow.heading and not letterhead and len(flow.text) <= MAX_HEADING:
            self._blocks.append((replace(flow.pieces[0], text="# " + flow.pieces[0].text), *flow.pieces[1:]))
        else:
            self._blocks.append(flow.pieces)

    def _end_table(self) -> None:
        if self._rows:
            self._blocks.extend(table_blocks(self._rows))
        self._rows, self._edges = [], ()


def _stitched(before: list[Row], after: list[Row]) -> list[Row]:
    """Rows of a table and of its continuation on the next page.

    A repeated header is dropped. A first row without its first cell is the rest of a row that the page
    break cut. An empty merged cell at the top of the page takes the value that it continues.
    """
    repeated = 0
    while repeated < min(3, len(after), len(before)) and after[repeated].texts == before[repeated].texts:
        repeated += 1
    rest = after[repeated:]
    if not rest:
        return before
    first = rest[0]
    empty_on_top = {id(cell) for cell in first.cells if not cell.text}
    last = before[-1]
    if not first.cells[0].text and any(first.texts) and not first.full_width:
        before = [*before[:-1], replace(last, cells=_joined_cells(last.cells, first.cells))]
        rest = rest[1:]
    above = before[-1].cells
    stitched = list(before)
    for row in rest:
        cells = tuple(
            up if id(own) in empty_on_top else own for own, up in zip(row.cells, above, strict=True)
        )
        stitched.append(replace(row, cells=cells))
        above = cells
    return stitched


def _joined_cells(upper: tuple[Cell, ...], lower: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The two halves of a row that a page break cut; merged cells stay merged."""
    made: dict[tuple[int, int], Cell] = {}
    for top, bottom in zip(upper, lower, strict=True):
        whole = close_up(join_lines(top.text, bottom.text)) if bottom.text else top.text
        made.setdefault((id(top), id(bottom)), top if whole == top.text else Cell(whole))
    return tuple(made[id(top), id(bottom)] for top, bottom in zip(upper, lower, strict=True))


def _kept_items(layouts: Sequence[PageLayout]) -> Iterator[tuple[PageLayout, list[TextLine | PageTable]]]:
    heads = _running_heads(layouts)
    for layout in layouts:
        yield (
            layout,
            [
                item
                for item in layout.items
                if isinstance(item, PageTable)
                or not (_at_rim(item, layout) and _without_digits(item.text) in heads)
            ],
        )


def reflow(layouts: Sequence[PageLayout]) -> tuple[str, tuple[Place, ...]]:
    """The pages' Markdown text and its places, which are pages; running heads and feet are left out."""
    pages = list(_kept_items(layouts))
    lines = [(layout, item) for layout, items in pages for item in items if isinstance(item, TextLine)]
    size = _body_size(line for _, line in lines)
    widths = {round(layout.width) for layout in layouts}  # upright and landscape pages have their own margins
    settings = {w: _setting_of([line for on, line in lines if round(on.width) == w], size, w) for w in widths}
    flow = _Reflow()
    for layout, items in pages:
        for position, item in enumerate(items):
            if isinstance(item, TextLine):
                flow.add_line(item, layout, settings[round(layout.width)])
            else:
                flow.add_table(item, layout.number, opens_page=position == 0)
    return assemble(flow.blocks())
