"""A row of a table -> the rows that the question means, each with the cells asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import messages
from bot.chunking import sentences
from bot.datamodels import Block, BlockKind, Chunk, ChunkKind, FactKind, Passage
from bot.dated import deadline_remark
from bot.deadlines import is_open_date
from bot.desk import Desk, computed, note, plain, strong
from bot.glossary import written_terms
from bot.lexicon import ASKS_AMOUNT
from bot.question import content_terms, expected_facts, things_named
from bot.quoting import Sentence, without_number
from bot.table_rows import (
    Table,
    asked_columns,
    asks_for_extreme,
    blank_columns,
    cell_places,
    column_kinds,
    extreme_rows,
    is_blank,
    is_short_for,
    label_columns,
    lies_in_range,
    names_of_row,
    names_only,
    notes_for,
    remarks_for,
    restricts,
    rows_holding,
    rows_meant,
    table_of,
)
from bot.values import values_in

MOST_REMARKS = 2
"""Remarks below a table, and clauses that change it, shown with its rows at most."""
_PARTS = re.compile(r"[、，,；;/（）()\s]+")
"""Between the words of a cell."""
_CHANGES = re.compile(
    r"(?:提高|上浮|下浮|上调|下调|增加|降低|扣减)\D{0,6}\d|减半|按\S{0,6}\d(?:\.\d+)?倍|不适用"
)
"""In a clause that raises or lowers what is stated elsewhere."""
LISTED_ITEMS = 12
"""Items of a list, or rows of a table that cannot be compared, shown at most."""
BETWEEN_CELLS = " · "
"""A blank would make one value of two cells, 11月15日 and 9:00."""


def row_blocks(desk: Desk, chunk: Chunk, kind: BlockKind = BlockKind.ANSWER) -> list[Block]:
    """The rows of its table that a question means, each with the cells asked for, and the notes to which these refer."""
    table = table_of(desk.chunks, chunk)
    if asks_for_extreme(desk.question, table):
        return _extreme_blocks(desk, table, chunk, kind)
    columns, rows = rows_holding(desk.question, table)
    if kind is BlockKind.ANSWER and 0 < len(rows) <= LISTED_ITEMS:
        return _rows_shown(desk, table, rows, kind, columns)
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


def row_first(desk: Desk, passages: Sequence[Passage], close: float) -> list[Passage]:
    """The passages, first the row that a question for a value, or whether, names, where it is as good as (within `close`)
    the best one and that is a clause which does not name it, and goes, or which sends the reader to the row's attachment;
    also a row in whose range a number of the question lies."""
    best = passages[0]
    if best.chunk.kind is not ChunkKind.CLAUSE or not (
        expected_facts(desk.question.normalised) or desk.question.yes_no
    ):
        return [*passages]
    for passage in passages[1:]:
        row = passage.chunk
        sent = row.kind is ChunkKind.ROW and _belongs_to_table(desk, best.chunk, row)
        if row.kind is not ChunkKind.ROW or passage.score < best.score - close * (2 if sent else 1):
            continue
        table = table_of(desk.chunks, row)
        names = names_of_row(desk.question, table, row)
        named = names and (sent or not any(name in best.chunk.text for name in names))
        if named or lies_in_range(desk.question, table, row):
            kept = [p for p in passages if p is not passage]
            return [passage, *(kept if sent or not named else kept[1:])]
    return [*passages]


def _belongs_to_table(desk: Desk, clause: Chunk, row: Chunk) -> bool:
    """True for a clause that sends the reader to the row's attachment, or stands beside the table under one heading."""
    number = desk.index.documents[row.document_id].attachment_number
    beside = clause.document_id == row.document_id and bool(row.heading_path)
    return (beside and clause.heading_path == row.heading_path) or (
        bool(number) and bool(re.search(rf"附件\s*{number}(?!\d)", clause.text))
    )


def row_states(desk: Desk, row: Chunk) -> bool:
    """True where a row that the question names has a value of the kind asked for, and what else the question names
    stands in the table, its title or the remarks below it."""
    kinds = expected_facts(desk.question.normalised)
    if row.kind is not ChunkKind.ROW or not kinds:
        return False
    table = table_of(desk.chunks, row)
    names = names_of_row(desk.question, table, row)
    cells = [n for n, cell in enumerate(row.cells) if n not in table.keys and not is_blank(cell)]
    if not names or not any(kinds[0] in column_kinds(table, n) for n in cells):
        return False
    title = desk.index.documents[row.document_id].title
    remarks = (chunk.text for chunk in remarks_for(table, desk.question, ()))
    where = " ".join((title, *row.heading_path, *row.table_header, *row.cells, *remarks))
    asking = " ".join(m.group() for m in re.finditer(ASKS_AMOUNT, desk.question.normalised))
    return all(
        thing in where or thing in asking or is_short_for(thing, where) or written_terms(thing, where)
        for thing in things_named(desk.question)
    )


def is_neighbour(desk: Desk, best: Chunk, other: Chunk) -> bool:
    """True for what is no answer beside a row: another one that is shown with it, or that the question names less;
    anything beside rows that were compared."""
    if best.kind not in {ChunkKind.ROW, ChunkKind.HEADER}:
        return False
    table = table_of(desk.chunks, best)
    if asks_for_extreme(desk.question, table) or rows_holding(desk.question, table)[1]:
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
        asked = sorted({*asked, *(n for n in range(len(row.cells)) if restricts(table, row, n))} - {*label})
        blocks.append(_row_block(desk, table, row, label, asked, kind, quoted))
        shown += [words for n in (*label, *asked) for words in (table.names[n], row.cells[n])]
    for chunk, start, end in notes_for(table, shown):
        n = desk.citer.cite(chunk, [(start, end)])
        blocks.append(Block(kind, (plain(chunk.text[start - chunk.start : end - chunk.start]),), (n,)))
    if kind is not BlockKind.ANSWER:
        return blocks
    remarks = remarks_for(table, desk.question, shown)[:MOST_REMARKS]
    for chunk in remarks:
        remark = Block(kind, (plain(chunk.text.strip()),), (desk.citer.cite(chunk),))
        blocks = [remark, *blocks] if _excludes_asker(desk, chunk) else [*blocks, remark]
    changes = [sentence for sentence in _changes(desk, table, rows) if sentence.chunk not in remarks]
    for sentence in changes[:MOST_REMARKS]:
        n = desk.citer.cite(sentence.chunk, [(sentence.start, sentence.end)])
        blocks.append(Block(kind, (plain(without_number(sentence).text),), (n,)))
    return blocks


def _excludes_asker(desk: Desk, remark: Chunk) -> bool:
    """True for a remark that whom the question names is not in the table: `雄安新区不适用本表。`"""
    terms = content_terms(desk.question)
    return bool(re.search("不适用|除外|不在", remark.text)) and any(t in remark.text for t in terms)


def _changes(desk: Desk, table: Table, rows: Sequence[Chunk]) -> list[Sentence]:
    """The sentences of the notice that raise or lower what these rows of a table state: that name its attachment
    (`在附件2标准基础上提高20%`), or a row beside a sentence that does, or stand below it under the same heading and have a
    word of the question; and those that say what follows from a cell of theirs (`备注栏标注“更名”的，应提供……`)."""
    row = rows[0]
    number = desk.index.documents[row.document_id].attachment_number
    keys = {each.cells[n] for each in rows for n in table.keys if len(each.cells[n]) > 1}
    marks = {f"“{part}”" for each in rows for cell in each.cells for part in _PARTS.split(cell) if part}
    terms = content_terms(desk.question)
    found = []
    for chunk in desk.chunks:
        below = chunk.document_id == row.document_id and chunk.start > row.start
        beside = below and bool(row.heading_path) and chunk.heading_path[:1] == row.heading_path[:1]
        elsewhere = chunk.document_id != row.document_id and bool(number)
        if chunk.kind is not ChunkKind.CLAUSE or not (beside or elsewhere):
            continue
        names_attachment = re.compile(rf"附件\s*{number}(?!\d)")
        sent = elsewhere and bool(names_attachment.search(chunk.text))
        for start, end in sentences(chunk.text):
            words = chunk.text[start:end]
            named = (
                names_attachment.search(words) or (sent and any(key in words for key in keys))
                if elsewhere
                else any(t in words for t in terms)
            )
            follows = sent and any(mark in words for mark in marks)
            if follows or (named and _CHANGES.search(words)):
                found.append(Sentence.from_span(chunk, chunk.start + start, chunk.start + end))
    return found


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
