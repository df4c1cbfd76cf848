"""Layouts of scanned pages -> the same as if they were set by a word processor: even sizes, margins and columns.

Each sheet lies a little differently on the glass and each box is a little off. Reflow joins lines and tables
by equal sizes and edges, so what was equal on paper is made equal again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from bot.documents.pdf_layout import PageLayout, PageTable, TextLine
from bot.documents.tables import Cell

SAME_SIZE = 0.12
"""Share by which measured sizes of one font size differ."""
BODY_SIZE = 0.17
"""The same for the body text, whose size is measured most often."""
SAME_EDGE_EMS = 0.4
MAX_SHIFT = 60.0
"""Points by which a sheet may lie beside its place."""
SAME_COLUMN = 0.015
"""Share of the table's width by which its columns may differ from page to page."""
SAME_HEADER = 0.85
_MAX_HEADER_ROWS = 3

Rows = tuple[tuple[Cell, ...], ...]
Change = Callable[[TextLine], TextLine]


def evened(layouts: Sequence[PageLayout], scanned: Collection[int]) -> list[PageLayout]:
    """The layouts in the same order; only pages whose number is in `scanned` are changed."""
    pages = _same_widths(layouts, scanned)
    pages = _same_sizes(pages, scanned)
    pages = _same_margins(pages, scanned)
    return _same_columns(pages, scanned)


def _lines(layouts: Iterable[PageLayout]) -> list[TextLine]:
    return [item for layout in layouts for item in layout.items if isinstance(item, TextLine)]


def _runs(values: Iterable[float], near: float, relative: bool = False) -> list[list[float]]:
    """The sorted values, cut where a gap is wider than `near` (a share of the value where `relative`)."""
    runs: list[list[float]] = []
    for value in sorted(values):
        if runs and value - runs[-1][-1] <= (near * value if relative else near):
            runs[-1].append(value)
        else:
            runs.append([value])
    return runs


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _same_widths(layouts: Sequence[PageLayout], scanned: Collection[int]) -> list[PageLayout]:
    """Sheets of one width, whatever the scanner cut off: text pages say which."""
    known = [layout.width for layout in layouts if layout.number not in scanned]
    evened = []
    for layout in layouts:
        width = next((w for w in known if abs(w - layout.width) < 0.03 * w), None)
        if layout.number in scanned and width is not None:
            layout = replace(layout, width=width)
        elif width is None:
            known.append(layout.width)
        evened.append(layout)
    return evened


def _body_size(lines: Sequence[TextLine]) -> float:
    """The size that most characters have, or nearly have."""
    counts: dict[int, int] = {}
    for line in lines:
        counts[line.size] = counts.get(line.size, 0) + len(line.text)

    def near(size: int) -> int:
        return sum(count for other, count in counts.items() if abs(other - size) <= SAME_SIZE * size)

    best = max(counts, key=lambda size: (near(size), counts[size]))
    around = {size: count for size, count in counts.items() if abs(size - best) <= SAME_SIZE * best}
    return sum(size * count for size, count in around.items()) / sum(around.values())


def _same_sizes(layouts: Sequence[PageLayout], scanned: Collection[int]) -> list[PageLayout]:
    read = _lines(layout for layout in layouts if layout.number in scanned)
    if not read:
        return list(layouts)
    typed = _lines(layout for layout in layouts if layout.number not in scanned)
    body = round(_body_size(read))
    if typed and abs(_body_size(typed) - body) <= BODY_SIZE * body:
        body = round(_body_size(typed))
    others = [line.size for line in read if abs(line.size - body) > BODY_SIZE * body]
    sizes = {size: round(_median(run)) for run in _runs(others, SAME_SIZE, relative=True) for size in run}

    def sized(line: TextLine) -> TextLine:
        end_of_paragraph = len(line.text) <= 4 and line.text.endswith(("。", "；", "，", "："))
        return replace(line, size=body if end_of_paragraph else sizes.get(line.size, body))  # hard to measure

    return [_with_lines(layout, sized) if layout.number in scanned else layout for layout in layouts]


def _with_lines(layout: PageLayout, change: Change) -> PageLayout:
    items = tuple(change(item) if isinstance(item, TextLine) else item for item in layout.items)
    return replace(layout, items=items)


def _left_margin(lines: Sequence[TextLine], near: float) -> float | None:
    """The leftmost edge that several long lines share."""
    runs = _runs([line.x0 for line in lines if len(line.text) > 8], near)
    shared = [run for run in runs if len(run) >= 3]
    return _median(shared[0]) if shared else None


def _common_left(lefts: Sequence[float], body: int) -> float:
    """The leftmost margin that a third of the pages share: the others may show first lines only."""
    return next(
        left
        for left in sorted(lefts)
        if 3 * sum(abs(left - other) < 1.2 * body for other in lefts) >= len(lefts)
    )


def _shift(left: float, common: float, body: int) -> float:
    """How far a page lies beside its place; of a page of short paragraphs only the first-line indent is seen."""
    shift = min(common - left, common + 2 * body - left, key=abs)
    return shift if abs(shift) < MAX_SHIFT else 0.0


def _right_margin(lines: Sequence[TextLine], near: float) -> float:
    """The rightmost edge that several lines share, or nearly share where they are not justified."""
    shared = [run for run in _runs([line.x1 for line in lines], near) if len(run) >= 3]
    return _median(shared[-1]) if shared else float("inf")


def _same_margins(layouts: Sequence[PageLayout], scanned: Collection[int]) -> list[PageLayout]:
    """Pages moved sideways onto each other, their lines' left edges made equal, strays beyond the right margin cut."""
    lines = _lines(layouts)
    if not lines:
        return list(layouts)
    body = round(_body_size(lines))
    near = SAME_EDGE_EMS * body
    lefts = {
        layout.number: left
        for layout in layouts
        if (left := _left_margin([line for line in _lines([layout]) if line.size == body], near)) is not None
    }
    moved: list[PageLayout] = []
    for layout in layouts:
        if layout.number in scanned and layout.number in lefts:
            alike = [lefts[o.number] for o in layouts if o.number in lefts and o.width == layout.width]
            layout = _moved(layout, _shift(lefts[layout.number], _common_left(alike, body), body))
        moved.append(layout)
    rights = {
        width: _right_margin([line for line in _lines(on) if line.size == body], near)
        for width in {round(layout.width) for layout in moved}
        for on in [[layout for layout in moved if round(layout.width) == width]]
    }
    return [
        _straight(layout, rights[round(layout.width)], near) if layout.number in scanned else layout
        for layout in moved
    ]


def _moved(layout: PageLayout, by: float) -> PageLayout:
    items: list[TextLine | PageTable] = []
    for item in layout.items:
        if isinstance(item, TextLine):
            items.append(replace(item, x0=item.x0 + by, x1=item.x1 + by))
        else:
            items.append(replace(item, edges=tuple(edge + by for edge in item.edges)))
    return replace(layout, items=tuple(items))


def _straight(layout: PageLayout, right: float, near: float) -> PageLayout:
    runs = _runs([line.x0 for line in _lines([layout])], near / 2)
    edges = {edge: _median(run) for run in runs for edge in run}
    return _with_lines(
        layout, lambda line: replace(line, x0=edges[line.x0], x1=min(line.x1, max(right, edges[line.x0] + 1)))
    )


def _same_columns(layouts: Sequence[PageLayout], scanned: Collection[int]) -> list[PageLayout]:
    """A table that opens a page with the columns of the one that ends the page before gets its edges and header."""
    evened: list[PageLayout] = []
    open_table: PageTable | None = None
    for layout in layouts:
        items = list(layout.items)
        top = items[0] if items else None
        goes_on = isinstance(top, PageTable) and open_table is not None and _are_same(open_table, top)
        if layout.number in scanned and goes_on and isinstance(top, PageTable) and open_table is not None:
            items[0] = replace(top, edges=open_table.edges, rows=_with_header(top.rows, open_table.rows))
            layout = replace(layout, items=tuple(items))
        last = items[-1] if items else None
        if not (goes_on and len(items) == 1):  # the header stands on the table's first page
            open_table = last if isinstance(last, PageTable) else None
        evened.append(layout)
    return evened


def _are_same(before: PageTable, after: PageTable) -> bool:
    if len(before.edges) != len(after.edges):
        return False
    shift = after.edges[0] - before.edges[0]
    stretch = (after.edges[-1] - after.edges[0]) / (before.edges[-1] - before.edges[0])
    tolerance = SAME_COLUMN * (before.edges[-1] - before.edges[0])
    return (
        abs(shift) < MAX_SHIFT
        and abs(stretch - 1) < 0.03
        and all(
            abs(before.edges[0] + (b - after.edges[0]) / stretch - a) <= tolerance
            for a, b in zip(before.edges, after.edges, strict=True)
        )
    )


def _with_header(rows: Rows, first: Rows) -> Rows:
    """Rows whose repeated header reads exactly as on the table's first page."""
    evened = list(rows)
    for i in range(min(_MAX_HEADER_ROWS, len(rows), len(first))):
        own, header = ("\n".join(cell.text for cell in row) for row in (rows[i], first[i]))
        if SequenceMatcher(None, own, header, autojunk=False).ratio() < SAME_HEADER:
            break
        evened[i] = first[i]
    return tuple(evened)
