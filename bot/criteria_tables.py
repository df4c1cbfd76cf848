"""A table of requirements -> a criterion for each row, or for each level that its columns name; the notes under it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot import criteria_terms as terms
from bot.criteria_roles import Role
from bot.criteria_tree import Surroundings, Tree
from bot.criterion import Criterion, CriterionKind, quote_of
from bot.datamodels import Chunk
from bot.numbering import chinese_to_int

# ---------------------------------------------------------------- rows


def with_row(tree: Tree, before: Sequence[Criterion], chunk: Chunk) -> list[Criterion]:
    """The document's criteria so far and those of a row; one of several rows for the same case suffices."""
    found = list(before)
    for row in _rows(tree, chunk):
        last = found[-1] if found else None
        same = (
            last is not None
            and last.kind is CriterionKind.ROW
            and row.is_case
            and last.is_case
            and last.level == row.level
        )
        if last is not None and same:
            found[-1] = last.or_else(row.quote)
        else:
            found.append(row)
    return found


def names_thresholds(header: Sequence[str]) -> bool:
    return any(re.search(r"门槛|准入|等级要求|[≥≤]", name) for name in header)


def _rows(tree: Tree, chunk: Chunk) -> Iterator[Criterion]:
    """A row of a table of requirements: one criterion, or one for each level that the columns name."""
    around = tree.surroundings(chunk)
    header, cells = chunk.table_header, chunk.cells
    if len(cells) < 2 or not _states_requirements(tree, header, around.role):
        return
    columns = [i for i, name in enumerate(header) if _is_content(name) and cells[i]]
    if level_columns := _level_columns(header):
        rest = [i for i in columns if i not in level_columns]
        for column in level_columns:
            if not terms.NOTHING.match(cells[column]):
                yield _of_cells(tree, chunk, [*rest, column], header[column])
        return
    case = _case_column(header)
    at = case if case is not None else _level_cell(chunk)
    rest = [i for i in columns if i != at and not terms.NOTHING.match(cells[i])]
    if rest:
        row = _of_cells(tree, chunk, rest, around.level if at is None else cells[at])
        easier = any(terms.EASIER_ROWS.search(heading) for heading in chunk.heading_path)
        yield replace(row, kind=CriterionKind.OPTIONAL if easier else row.kind, is_case=case is not None)


def _states_requirements(tree: Tree, header: Sequence[str], role: Role) -> bool:
    """True where thresholds stand in the columns, or where the heading or the title asks, and no column is of
    something else."""
    if names_thresholds(header):
        return True
    told = " ".join(name for name in header if not terms.PROOF_COLUMN.match(name))
    required = tree.requires and (not tree.is_main or terms.REQUIREMENTS.search(" ".join(header)))
    return bool(role is Role.CONDITION or required) and not terms.NOT_REQUIREMENTS.search(told)


def _of_cells(tree: Tree, chunk: Chunk, columns: Sequence[int], level: str) -> Criterion:
    words = "；".join(f"{chunk.table_header[i]}：{chunk.cells[i]}" for i in columns)
    quote = replace(quote_of(chunk), text=words)
    around = Surroundings(Role.CONDITION, tree.document.title, level)
    return tree.criterion(CriterionKind.ROW, quote, around)


def _is_content(column: str) -> bool:
    """False for the number of a row and for the papers that prove it."""
    return not (terms.NUMBER_COLUMN.match(column) or terms.PROOF_COLUMN.match(column))


def _level_columns(header: Sequence[str]) -> list[int]:
    """The columns of whom a row's requirement is for: levels, else all beside a column of requirements."""
    subjects = [i for i, name in enumerate(header) if terms.SUBJECT_COLUMN.match(name)]
    others = [i for i, name in enumerate(header) if i not in subjects and _is_content(name)]
    described = any(terms.DESCRIPTIVE_COLUMN.search(header[i]) for i in others)
    if len(subjects) == 1 and len(others) >= 2 and not described:
        return others
    levels = [i for i, name in enumerate(header) if terms.LEVEL.search(name)]
    return levels if len(levels) >= 2 else []


def _case_column(header: Sequence[str]) -> int | None:
    """The first column, where it names the case that a row is for, and none names requirements."""
    first = next((i for i, name in enumerate(header) if not terms.NUMBER_COLUMN.match(name)), None)
    if first is None or not terms.CASE_COLUMN.search(header[first]) or len(header) < 2:
        return None
    return None if any(terms.SUBJECT_COLUMN.match(name) for name in header) else first


def _level_cell(chunk: Chunk) -> int | None:
    """The column in which the row names the level that it is for."""
    column = next((i for i, name in enumerate(chunk.table_header) if terms.LEVEL_COLUMN.match(name)), None)
    return column if column is not None and terms.LEVEL.search(chunk.cells[column]) else None


# ---------------------------------------------------------------- notes


def with_table_note(before: Sequence[Criterion], note: Chunk) -> list[Criterion]:
    """`第7、8项至少达到1项` joins these rows of the document's tables into one; the note goes to every such group,
    and else to the last row."""
    found = list(before)
    if re.fullmatch(r"(?:注|备注|说明)[：:]?", note.text.strip()):  # the notes themselves stand below it
        return found
    rows = [each for each in found if each.kind is CriterionKind.ROW]
    quote = quote_of(note)
    match = terms.AT_LEAST_ROWS.search(note.text)
    numbers = tuple(f"第{n}行" for n in _row_numbers(match["rows"])) if match else ()
    for level in dict.fromkeys(each.level for each in rows):
        own = [each for each in rows if each.level == level]
        group = [each for each in own if each.quote.section.endswith(numbers)]
        if match and len(group) >= 2:
            at = found.index(group[0])
            found = [each for each in found if each not in group]
            alternatives = [each.quote for each in group]
            whole = replace(group[0], quote=quote)
            found.insert(at, whole.some_of(alternatives, chinese_to_int(match["least"]) or 1))
            continue
        mark = terms.MARK.match(note.text)
        marked = [each for each in own if mark and mark["mark"] in each.quote.text]
        if mark and not marked and any(mark["mark"] in each.quote.text for each in rows):
            continue  # another level's
        at = found.index((marked or own)[-1])
        found[at] = found[at].with_note(quote)
    return found


def _row_numbers(words: str) -> list[int]:
    """`7、8` -> 7, 8; `1—3` -> 1, 2, 3."""
    numbers: list[int] = []
    for part in re.split(r"[、，,和及]", words):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends else []
    return numbers


# ---------------------------------------------------------------- cases


def with_cases(criteria: Sequence[Criterion]) -> list[Criterion]:
    """The same, but one row of a table of cases suffices where another document already tells levels apart: who
    asks for a level has then not chosen a case."""
    found: list[Criterion] = []
    for each in criteria:
        elsewhere = any(
            other.level and not other.is_case and other.document_id != each.document_id for other in criteria
        )
        if not (each.is_case and elsewhere):
            found.append(each)
            continue
        rows = each.alternatives or (replace(each.quote, text=f"适用：{each.level}；{each.quote.text}"),)
        last = found[-1] if found else None
        if last is not None and last.is_case and last.document_id == each.document_id:
            notes = tuple(dict.fromkeys((*last.notes, *each.notes)))
            found[-1] = replace(last, alternatives=(*last.alternatives, *rows), notes=notes)
        else:
            found.append(replace(each, level="").some_of(rows, least=1))
    return found
