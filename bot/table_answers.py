"""A row of a table -> the rows that the question means, each with the cells asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import messages
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, FactKind
from bot.dated import deadline_remark
from bot.deadlines import is_open_date
from bot.desk import Desk, computed, note, plain, strong
from bot.table_rows import (
    Table,
    asked_columns,
    asks_for_extreme,
    blank_columns,
    cell_places,
    extreme_rows,
    is_blank,
    label_columns,
    names_only,
    notes_for,
    rows_meant,
    table_of,
)
from bot.values import values_in

LISTED_ITEMS = 12
"""Items of a list, or rows of a table that cannot be compared, shown at most."""
BETWEEN_CELLS = " · "
"""A blank would make one value of two cells, 11月15日 and 9:00."""


def row_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """The rows of its table that a question means, each with the cells asked for, and the notes to which these refer."""
    table = table_of(desk.chunks, chunk)
    if asks_for_extreme(desk.question, table):
        return _extreme_blocks(desk, table, chunk, kind)
    return _rows_shown(desk, table, rows_meant(desk.question, table, chunk), kind)


def asked_row(desk: Desk, chunk: Chunk) -> Chunk:
    """The row that a question names where this is another one of its table; else the chunk itself."""
    if chunk.kind is not ChunkKind.ROW:
        return chunk
    rows = rows_meant(desk.question, table_of(desk.chunks, chunk), chunk)
    return chunk if chunk in rows else rows[0]


def blank_rows(desk: Desk, chunk: Chunk) -> list[Block]:
    """The rows that a question means where the table leaves blank what it asks for; empty where something stands."""
    if chunk.kind is not ChunkKind.ROW:
        return []
    table = table_of(desk.chunks, chunk)
    rows = rows_meant(desk.question, table, chunk)
    blank = [blank_columns(desk.question, table, row) for row in rows]
    return _rows_shown(desk, table, rows, BlockKind.ANSWER, blank[0]) if all(blank) else []


def is_neighbour(desk: Desk, best: Chunk, other: Chunk) -> bool:
    """True for what is no answer beside a row: another one that is shown with it, or that the question names less;
    anything beside rows that were compared."""
    if best.kind not in {ChunkKind.ROW, ChunkKind.HEADER}:
        return False
    table = table_of(desk.chunks, best)
    if asks_for_extreme(desk.question, table):
        return True
    shown = rows_meant(desk.question, table, best)
    return other.kind is ChunkKind.ROW and (
        other in shown
        or (other in table.rows and rows_meant(desk.question, table, other) == shown)
        or names_only(desk.question, table, shown[0], table_of(desk.chunks, other), other)
    )


def _extreme_blocks(desk: Desk, table: Table, row: Chunk, kind: BlockKind) -> list[Block]:
    """The rows with the least or greatest value of a column; the whole column, where the rows cannot be compared."""
    title = " ".join((desk.index.documents[row.document_id].title, *row.heading_path))
    columns, rows = extreme_rows(desk.question, table, title)
    if rows:
        words = messages.COMPARED_ROWS.format(column=table.names[columns[0]])
        return [*_rows_shown(desk, table, rows, kind, columns), note(words)]
    if columns and len(table.rows) <= LISTED_ITEMS:
        return [*_rows_shown(desk, table, table.rows, kind, columns), note(messages.NOT_COMPARED)]
    return [note(messages.NOT_COMPARED), *_rows_shown(desk, table, [row], kind)]


def _rows_shown(
    desk: Desk, table: Table, rows: Sequence[Chunk], kind: BlockKind, columns: Sequence[int] | None = None
) -> list[Block]:
    """A line for each row, with these columns or those asked for; then the notes to which their marks refer.

    A whole table is quoted together, so that it costs one citation.
    """
    blocks, shown = [], []
    whole = len(rows) > 1 and len(rows) == len(table.rows)
    quoted = desk.citer.cite(rows[0], until=rows[-1]) if whole else 0
    for row in rows:
        label = label_columns(desk.question, table, row)
        asked = asked_columns(desk.question, table, row) if columns is None else columns
        blocks.append(_row_block(desk, table, row, label, asked, kind, quoted))
        shown += [words for n in (*label, *asked) for words in (table.names[n], row.cells[n])]
    for chunk, start, end in notes_for(table, shown):
        n = desk.citer.cite(chunk, [(start, end)])
        blocks.append(Block(kind, (plain(chunk.text[start - chunk.start : end - chunk.start]),), (n,)))
    return blocks


def _row_block(
    desk: Desk,
    table: Table,
    row: Chunk,
    label: Sequence[int],
    asked: Sequence[int],
    kind: BlockKind,
    quoted: int,
) -> Block:
    """`机车新村 · 两室：租金（元/㎡·月） 4.3`: which row it is, then cells with their columns' names.

    `quoted` is the number of the citation in which the row stands already, or 0.
    """
    places = cell_places(row)
    which = BETWEEN_CELLS.join(row.cells[n] for n in label)
    spans = [plain(f"{which}：" if asked else which)]
    for position, n in enumerate(asked):
        name, cell = table.names[n], row.cells[n]
        spans += [plain("；")] if position else []
        spans += [plain(f"{name} ")] if name and name != cell else []
        spans += [strong(cell)] if cell else []
        remark = messages.CELL_EMPTY if is_blank(cell) else _cell_state(desk, row, name, places[n])
        spans += [computed(remark)] if remark else []
    numbers = [quoted or desk.citer.cite(row, [places[n] for n in asked if row.cells[n]])]
    names = [table.names[n] for n in asked]
    if table.header and any(re.search(r"\d", name) or values_in(name) for name in names):
        numbers.append(desk.citer.cite(table.header))
    return Block(kind, tuple(spans), tuple(numbers))


def _cell_state(desk: Desk, row: Chunk, name: str, place: tuple[int, int]) -> str:
    """Where the one date of a cell stands on the day of asking, where its column is one of deadlines."""
    dates = [f for f in desk.facts(row, *place) if f.kind is FactKind.DATE and is_open_date(f, desk.notice)]
    due = len(dates) == 1 and re.search(r"截止|截至|期限", name)
    return deadline_remark(dates[0], desk.question.today) if due else ""
