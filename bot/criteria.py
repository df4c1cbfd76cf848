"""A notice of a published version -> its criteria, one by one: conditions, bans, and rows of tables of requirements.

Where a clause stands decides first: under a heading of conditions (申报条件, 遴选标准, 申报对象), under one of bans
(不得申报, 否决情形), under a question that asks for either (哪些企业可以申报？), or in a list that a line opens, below it or in
running text (应当同时具备下列条件：, 有下列情形之一的，不得申报：). Items of which one suffices are one criterion. Elsewhere only a sentence that itself bans or limits an application counts, and only outside of what happens after it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot import criteria_terms as terms
from bot.changes import Version
from bot.chunking import ANSWER_MARK, question_words, sentences
from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole
from bot.enumerations import Enumeration, enumerations
from bot.numbering import chinese_to_int, line_number, number_end

DIGEST_CHARACTERS = 10


class CriterionKind(StrEnum):
    CONDITION = "condition"
    BAN = "ban"
    """Met by whom it does not befall."""
    ROW = "row"
    """A row of a table of requirements."""
    OPTIONAL = "optional"
    """Opens an easier or another way; nobody fails by it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a clause and where they stand."""

    chunk_id: str
    section: str
    text: str
    """Literally document.text[start:end]; of a table row, `column：cell` of the cells that count."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to be asked."""

    kind: CriterionKind
    document_id: str
    document: str
    """Title of the document."""
    quote: Quote
    """The condition, or the line that opens the alternatives."""
    introduction: str = ""
    """Words above it that say what it is: a heading, or `有下列情形之一的，不得申报`."""
    alternatives: tuple[Quote, ...] = ()
    """Where some of several suffice."""
    least: int = 0
    """How many of the alternatives suffice."""
    notes: tuple[Quote, ...] = ()
    """Exceptions and explanations that follow it."""
    level: str = ""
    """The level that it is for, as the notice names it; empty where it is for all."""
    is_case: bool = False
    """True for a row of a table whose rows are for one case each, which its level names: a line of business."""

    @property
    def id(self) -> str:
        """10 letters and digits, the same as long as its words are, wherever they stand."""
        words = (self.kind, self.level, *(_bare(q.text) for q in self.quotes))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:DIGEST_CHARACTERS]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All that is quoted, in reading order."""
        return (self.quote, *self.alternatives, *self.notes)


class _Role(StrEnum):
    CONDITION = "condition"
    AUDIENCE = "audience"
    BAN = "ban"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a chunk's ancestors say of it."""

    role: _Role
    introduction: str
    level: str = ""
    is_list: bool = False
    """True where the nearest of them opens a list."""


# ---------------------------------------------------------------- selection


def criteria_of(version: Version, notice_id: str) -> tuple[Criterion, ...]:
    """All criteria of a notice in reading order, its main document first, each once; empty for an unknown notice."""
    found = [
        criterion
        for document, chunks in _documents(version, notice_id)
        for criterion in _of_document(document, chunks)
    ]
    if any(each.kind is CriterionKind.ROW for each in found):
        found = [each for each in found if not terms.POINTER.match(_bare(each.quote.text))]
    found = _with_cases(found)
    if len(levels_of(found)) == 1:  # a level that has no other beside it tells nothing
        found = [replace(each, level="") for each in found]
    return tuple({each.id: each for each in reversed(found)}.values())[::-1]


def _with_cases(found: Sequence[Criterion]) -> list[Criterion]:
    """The same, but one row of a table of cases suffices where another document already tells levels apart: who
    asks for a level has then not chosen a case."""
    joined: list[Criterion] = []
    for each in found:
        elsewhere = any(
            other.level and not other.is_case and other.document_id != each.document_id for other in found
        )
        if not (each.is_case and elsewhere):
            joined.append(each)
            continue
        rows = each.alternatives or (replace(each.quote, text=f"适用：{each.level}；{each.quote.text}"),)
        last = joined[-1] if joined else None
        if last is not None and last.is_case and last.document_id == each.document_id:
            notes = tuple(dict.fromkeys((*last.notes, *each.notes)))
            joined[-1] = replace(last, alternatives=(*last.alternatives, *rows), notes=notes)
        else:
            joined.append(replace(each, level="", alternatives=rows, least=1))
    return joined


def levels_of(criteria: Iterable[Criterion]) -> tuple[str, ...]:
    """The levels that some criteria are for, in reading order; empty where all are for everybody."""
    return tuple(dict.fromkeys(each.level for each in criteria if each.level))


def for_level(criteria: Iterable[Criterion], level: str) -> tuple[Criterion, ...]:
    """The criteria that concern a level: its own and those of all."""
    return tuple(each for each in criteria if each.level in {"", level})


def _documents(version: Version, notice_id: str) -> list[tuple[Document, list[Chunk]]]:
    by_document: dict[str, list[Chunk]] = {}
    for row in version.notice_rows.get(notice_id, ()):
        chunk = version.chunks[int(row)]
        by_document.setdefault(chunk.document_id, []).append(chunk)
    found = [(version.documents[document_id], chunks) for document_id, chunks in by_document.items()]
    return sorted(found, key=lambda pair: (pair[0].role is not DocumentRole.MAIN, pair[0].attachment_number))


def _of_document(document: Document, chunks: Sequence[Chunk]) -> Iterator[Criterion]:
    selection = _Selection(document, chunks)
    if document.role is DocumentRole.MAIN or selection.requires or selection.tabulates:
        yield from selection.criteria()


@dataclass(frozen=True, slots=True)
class _Selection:
    """One document's chunks as a tree."""

    document: Document
    chunks: Sequence[Chunk]
    by_id: Mapping[str, Chunk] = field(init=False)
    children: Mapping[str, Sequence[Chunk]] = field(init=False)
    under: Mapping[str, Chunk] = field(init=False)
    """Chunk id -> the short line above it that is a heading to the eye only: `▍谁能领`."""

    def __post_init__(self) -> None:
        children: dict[str, list[Chunk]] = {}
        for chunk in self.chunks:
            if chunk.parent_id:
                children.setdefault(chunk.parent_id, []).append(chunk)
        object.__setattr__(self, "by_id", {chunk.id: chunk for chunk in self.chunks})
        object.__setattr__(self, "children", children)
        under: dict[str, Chunk] = {}
        line: Chunk | None = None
        for chunk in self.chunks:
            marked = chunk.text.lstrip("# ")[:1] in terms.MARKS
            if chunk.kind is ChunkKind.CLAUSE and (
                _is_question(chunk.text)
                or ((marked or chunk.parent_id is None) and _is_bare_line(chunk.text))
            ):
                line = chunk
            elif chunk.kind is ChunkKind.HEADING and chunk.parent_id is None:
                line = None
            elif line is not None:
                under[chunk.id] = line
        object.__setattr__(self, "under", under)

    @property
    def requires(self) -> bool:
        """True for an attachment whose title speaks of requirements, not of scores, papers or money."""
        title = self.document.title
        other = terms.NOT_REQUIREMENTS.search(title) and not terms.REQUIRED.search(title)
        return bool(terms.REQUIREMENTS.search(title)) and not other

    @property
    def tabulates(self) -> bool:
        """True where a table of an attachment names thresholds in its columns, whatever the title says."""
        return any(
            chunk.kind is ChunkKind.HEADER and _names_thresholds(chunk.table_header) for chunk in self.chunks
        )

    def criteria(self) -> list[Criterion]:
        found: list[Criterion] = []
        taken: set[str] = set()
        noting = False
        """In the notes under a table, which explain its rows."""
        for chunk in self.chunks:
            if chunk.kind is not ChunkKind.CLAUSE:
                noting = False
            if chunk.id in taken or chunk.kind in {ChunkKind.TITLE, ChunkKind.CLOSING, ChunkKind.HEADER}:
                continue
            if chunk.kind is ChunkKind.ROW:
                found = _with_row(found, tuple(self._row(chunk)))
            elif self._rows_before(found) and (noting or terms.TABLE_NOTE.match(chunk.text)):
                noting = True
                if not _is_bare_note(chunk.text):
                    found = _with_table_note(found, chunk)
            elif (inline := self._inline(chunk)) is not None:
                found += inline
            elif (group := self._group(chunk)) is not None:
                found.append(group)
                taken.update(each.id for each in self._below(chunk))
            elif (
                chunk.kind is ChunkKind.CLAUSE
                and not self._opens_list(chunk)
                and not _is_question(_bare(chunk.text))
            ):
                found = self._clause(found, chunk)
        return found

    # -- where a chunk stands

    def _surroundings(self, chunk: Chunk) -> _Surroundings:
        """The role that the nearest telling ancestor gives, and the level that any of them names."""
        role: _Role | None = None
        introduction, is_list, level = "", False, ""
        above = self.by_id.get(chunk.parent_id or "")
        line = self.under.get(chunk.id)
        while above is not None and (line is None or above.start > line.start):
            told = _role_of(above)
            if role is None and told is not None:
                role, introduction = told, _introduction(above)
                is_list = above.kind is ChunkKind.CLAUSE
            attached = role is None and self.document.role is not DocumentRole.MAIN
            if not level and (attached or self.role_is_criteria(role)):
                level = _level_in_heading(above)
            above = self.by_id.get(above.parent_id or "")
        if role is None and line is not None:
            role, introduction = _role_of_line(line)
        if role is None and self.document.role is not DocumentRole.MAIN and self.requires:
            role, introduction = _Role.CONDITION, self.document.title
        return _Surroundings(role or _Role.OTHER, introduction, level, is_list)

    @staticmethod
    def role_is_criteria(role: _Role | None) -> bool:
        return role in {_Role.CONDITION, _Role.AUDIENCE, _Role.BAN}

    def _opens_list(self, chunk: Chunk) -> bool:
        """True for a line that only says what the items below it are."""
        return bool(self.children.get(chunk.id)) and (
            chunk.text.rstrip().endswith(("：", ":"))
            or bool(terms.LIST_OF_CONDITIONS.search(_last_sentence(chunk)))
        )

    def _below(self, chunk: Chunk) -> list[Chunk]:
        found = []
        for child in self.children.get(chunk.id, ()):
            found += [child, *self._below(child)]
        return found

    # -- what it says

    def _group(self, chunk: Chunk) -> Criterion | None:
        """Items of which some suffice, under the line that says so."""
        items = [
            each for each in self.children.get(chunk.id, ()) if each.number and each.kind is not ChunkKind.ROW
        ]
        opening = _last_sentence(chunk)
        some = terms.SOME_SUFFICE.search(opening)
        if len(items) < 2 or _opens_bans(opening) or _role_of(chunk) is _Role.BAN:
            return None
        if not some and not _are_alternatives(items, opening):
            return None
        around = self._surroundings(chunk)
        if around.role is _Role.BAN or not (self.role_is_criteria(around.role) or _role_of(chunk)):
            return None
        kind = CriterionKind.OPTIONAL if terms.EASIER.search(chunk.text) else CriterionKind.CONDITION
        return Criterion(
            kind,
            self.document.id,
            self.document.title,
            _quote(chunk),
            around.introduction,
            alternatives=tuple(_quote(item) for item in items),
            least=_least(some) if some else 1,
            level=around.level or _level_in_heading(chunk),
        )

    def _rows_before(self, found: Sequence[Criterion]) -> bool:
        last = found[-1] if found else None
        return last is not None and last.kind is CriterionKind.ROW and last.document_id == self.document.id

    def _inline(self, chunk: Chunk) -> list[Criterion] | None:
        """A clause that is its own list: `……不予支持：1.……；2.……`; None where it is none."""
        first = number_end(chunk.text)
        items_at = [m.start() for m in terms.INLINE_ITEM.finditer(chunk.text, first)]
        colons = [m for m in re.finditer(r"[：:]", chunk.text) if items_at and m.end() <= items_at[-1]]
        colon = next((m for m in reversed(colons) if sum(at >= m.end() for at in items_at) >= 2), None)
        if chunk.kind is not ChunkKind.CLAUSE or colon is None:
            return None
        starts = [at for at in items_at if at >= colon.end()]
        before = chunk.text[first : colon.start()]
        loose = re.search(r"[。；;]", before) or re.search(r"。.", chunk.text[starts[-1] :])
        if loose and enumerations(chunk.text, first):
            return None
        opening = _part(chunk, 0, colon.end())
        around = self._surroundings(chunk)
        items = [
            _part(chunk, start, end)
            for start, end in zip(starts, [*starts[1:], len(chunk.text)], strict=True)
        ]
        last_words = opening.text[max(opening.text.rfind(stop) for stop in "。；") + 1 :]
        level = around.level
        if _opens_bans(last_words):
            return [self._criterion(CriterionKind.BAN, item, _bare(last_words), level) for item in items]
        some = terms.SOME_SUFFICE.search(last_words)
        if not self.role_is_criteria(around.role) or around.role is _Role.BAN:
            return None
        if some:
            kind = CriterionKind.OPTIONAL if terms.EASIER.search(last_words) else CriterionKind.CONDITION
            whole = self._criterion(kind, opening, around.introduction, level)
            return [replace(whole, alternatives=tuple(items), least=_least(some))]
        return None

    def _clause(self, before: list[Criterion], chunk: Chunk) -> list[Criterion]:
        """The criteria so far and those of a clause; what only explains becomes a note of the last."""
        around = self._surroundings(chunk)
        role, introduction, level = around.role, around.introduction, around.level
        own = _run_in_role(chunk)
        if own is not None:
            role, introduction = own, _run_in(chunk)
        found = list(before)
        if role is _Role.OTHER:
            path = " ".join((*chunk.heading_path, _run_in(chunk)))
            return [*found, *self._by_themselves(chunk, path)]
        if introduction.endswith("要求") and terms.PAPERWORK.search(chunk.text):
            return found
        if role is _Role.BAN:
            return self._bans(found, chunk, introduction, level)
        whole = (bool(chunk.number) or around.is_list) and role is _Role.CONDITION
        lists = self._lists(chunk, introduction, level, all_of=not whole)
        whole = whole and not lists
        for position, quote in enumerate([_quote(chunk)] if whole else _answers(chunk)):
            if listed := _holding(lists, quote, chunk):
                found += [each for each in listed if each not in found]
                continue
            if _is_bare_heading(quote.text) or _only_points(quote.text) or terms.TO_OFFICES.match(quote.text):
                continue
            if position == 0 and chunk.number and terms.EXCLUDED.search(quote.text):
                found.append(self._criterion(CriterionKind.BAN, quote, introduction, level))
                continue
            if whole and self._is_alternative(found, chunk):
                found[-1] = _or_else(found[-1], quote)
                continue
            first = position == 0 and (whole or not found or found[-1].introduction != introduction)
            kind = _kind_in_section(quote.text, first=first)
            if kind is not None:
                found.append(self._criterion(kind, quote, introduction, level))
            elif (
                found and found[-1].document_id == self.document.id and found[-1].introduction == introduction
            ):
                found[-1] = replace(found[-1], notes=(*found[-1].notes, quote))
        return found

    def _is_alternative(self, found: Sequence[Criterion], chunk: Chunk) -> bool:
        """True for an item that `或` joins to the one before it."""
        last = found[-1] if found else None
        before = self.by_id.get((last.alternatives or (last.quote,))[-1].chunk_id) if last else None
        if before is None or before.parent_id != chunk.parent_id or not chunk.number:
            return False
        return bool(terms.OR.search(before.text.strip())) or chunk.text[
            len(chunk.number) :
        ].lstrip().startswith("或")

    def _by_themselves(self, chunk: Chunk, path: str) -> Iterator[Criterion]:
        """Sentences of a main document that ban or limit an application, each with its exception."""
        if self.document.role is not DocumentRole.MAIN:
            return
        last: Criterion | None = None
        lists = [
            (each, made)
            for each, made in self._lists(chunk, "", "", all_of=True)
            if not terms.AFTERWARDS.search(path)
            and (
                made[0].kind is CriterionKind.BAN or terms.APPLICANTS.search(chunk.text[slice(*each.opener)])
            )
        ]
        given: set[str] = set()
        for quote in _parts(chunk):
            if listed := _holding(lists, quote, chunk):
                if last:
                    yield last
                last = None
                yield from (each for each in listed if each.id not in given)
                given.update(each.id for each in listed)
                continue
            if last and terms.AFTERTHOUGHT.search(quote.text):
                last = replace(last, notes=(*last.notes, quote))
                continue
            if last:
                yield last
            kind = _kind_by_itself(quote.text, path)
            last = self._criterion(kind, quote, "", "") if kind else None
        if last:
            yield last

    def _lists(
        self, chunk: Chunk, introduction: str, level: str, *, all_of: bool
    ) -> list[tuple[Enumeration, list[Criterion]]]:
        """The lists that a clause holds in running text, each with its criteria: bans one by one, alternatives as
        one; with `all_of` also conditions that must all be met."""
        found = []
        for each in enumerations(chunk.text, number_end(chunk.text)):
            opener = _part(chunk, *each.opener)
            items = [_part(chunk, *item) for item in each.items]
            words = _bare(opener.text)
            if _opens_bans(opener.text) and not terms.CONSEQUENCE_OF_ACT.search(opener.text):
                made = [self._criterion(CriterionKind.BAN, item, words, level) for item in items]
            elif (some := terms.SOME_SUFFICE.search(opener.text)) and (
                terms.LIST_OF_CONDITIONS.search(opener.text) or terms.OPEN_TO.search(opener.text)
            ):
                kind = CriterionKind.OPTIONAL if terms.EASIER.search(opener.text) else CriterionKind.CONDITION
                one = self._criterion(kind, opener, introduction, level)
                made = [replace(one, alternatives=tuple(items), least=_least(some))]
            elif terms.EASIER.search(opener.text):
                one = self._criterion(CriterionKind.OPTIONAL, opener, introduction, level)
                made = [replace(one, alternatives=tuple(items), least=1)]
            elif all_of and terms.LIST_OF_CONDITIONS.search(opener.text):
                made = [self._criterion(CriterionKind.CONDITION, item, words, level) for item in items]
            else:
                continue
            found.append((each, made))
        return found

    def _bans(self, before: list[Criterion], chunk: Chunk, introduction: str, level: str) -> list[Criterion]:
        """A clause of bans: each part of an enumeration is one, an exception is a note."""
        found = list(before)
        for position, quote in enumerate(_ban_quotes(chunk)):
            item = position == 0 and bool(chunk.number)  # its own case, whatever it excepts
            same = (
                not item
                and found
                and found[-1].kind is CriterionKind.BAN
                and found[-1].introduction == introduction
            )
            if same and (terms.AFTERTHOUGHT.search(quote.text) or _is_note(quote.text)):
                found[-1] = replace(found[-1], notes=(*found[-1].notes, quote))
            else:
                found.append(self._criterion(CriterionKind.BAN, quote, introduction, level))
        return found

    def _criterion(self, kind: CriterionKind, quote: Quote, introduction: str, level: str) -> Criterion:
        return Criterion(kind, self.document.id, self.document.title, quote, introduction, level=level)

    # -- tables

    def _row(self, chunk: Chunk) -> Iterator[Criterion]:
        """A row of a table of requirements: one criterion, or one for each level that the columns name."""
        around = self._surroundings(chunk)
        header = chunk.table_header
        thresholds = _names_thresholds(header)
        about = " ".join(
            (self.document.title if self.document.role is not DocumentRole.MAIN else "", *header)
        )
        required = self.requires and terms.REQUIREMENTS.search(about)
        if around.role is not _Role.CONDITION and not thresholds and not required:
            return
        told = " ".join(name for name in header if not terms.PROOF_COLUMN.match(name))
        if (terms.NOT_REQUIREMENTS.search(told) and not thresholds) or len(chunk.cells) < 2:
            return
        columns = [
            i
            for i, name in enumerate(header)
            if not (terms.NUMBER_COLUMN.match(name) or terms.PROOF_COLUMN.match(name)) and chunk.cells[i]
        ]
        level_columns = _level_columns(header)
        if level_columns:
            rest = [i for i in columns if i not in level_columns]
            for column in level_columns:
                if not terms.NOTHING.match(chunk.cells[column]):
                    yield self._of_cells(chunk, [*rest, column], header[column])
            return
        case = _case_column(header)
        named = [i for i, name in enumerate(header) if terms.LEVEL_COLUMN.match(name)]
        at = (
            case
            if case is not None
            else named[0]
            if named and terms.LEVEL.search(chunk.cells[named[0]])
            else None
        )
        level = chunk.cells[at] if at is not None else around.level
        rest = [i for i in columns if i != at and not terms.NOTHING.match(chunk.cells[i])]
        if rest:
            row = self._of_cells(chunk, rest, level)
            easier = any(terms.EASIER_ROWS.search(heading) for heading in chunk.heading_path)
            kind = CriterionKind.OPTIONAL if easier else row.kind
            yield replace(row, kind=kind, is_case=case is not None)

    def _of_cells(self, chunk: Chunk, columns: Sequence[int], level: str) -> Criterion:
        words = "；".join(f"{chunk.table_header[i]}：{chunk.cells[i]}" for i in columns)
        quote = Quote(chunk.id, chunk.section, words, chunk.start, chunk.end)
        return self._criterion(CriterionKind.ROW, quote, self.document.title, level)


def _names_thresholds(header: Sequence[str]) -> bool:
    return any(re.search(r"门槛|准入|等级要求|[≥≤]", name) for name in header)


def _level_columns(header: Sequence[str]) -> list[int]:
    """The columns of whom a row's requirement is for: levels, else all beside a column of requirements."""
    subjects = [i for i, name in enumerate(header) if terms.SUBJECT_COLUMN.match(name)]
    others = [
        i
        for i, name in enumerate(header)
        if i not in subjects and not (terms.NUMBER_COLUMN.match(name) or terms.PROOF_COLUMN.match(name))
    ]
    told = [i for i in others if not terms.DESCRIPTIVE_COLUMN.search(header[i])]
    if len(subjects) == 1 and len(told) >= 2 and len(told) == len(others):
        return told
    levels = [i for i, name in enumerate(header) if terms.LEVEL.search(name)]
    return levels if len(levels) >= 2 else []


def _case_column(header: Sequence[str]) -> int | None:
    """The first column, where it names the case that a row is for, and none names requirements."""
    first = next((i for i, name in enumerate(header) if not terms.NUMBER_COLUMN.match(name)), None)
    if first is None or not terms.CASE_COLUMN.search(header[first]) or len(header) < 2:
        return None
    return None if any(terms.SUBJECT_COLUMN.match(name) for name in header) else first


def _or_else(criterion: Criterion, quote: Quote) -> Criterion:
    """The criterion, or the words that `或` joins to it."""
    return replace(criterion, alternatives=(*(criterion.alternatives or (criterion.quote,)), quote), least=1)


def _holding(
    lists: Sequence[tuple[Enumeration, list[Criterion]]], quote: Quote, chunk: Chunk
) -> list[Criterion]:
    """The criteria of the list in running text that a sentence is part of; none where it is part of none."""
    start, end = quote.start - chunk.start, quote.end - chunk.start
    return next((made for each, made in lists if each.start < end and start < each.end), [])


def _with_row(found: Sequence[Criterion], rows: Sequence[Criterion]) -> list[Criterion]:
    """The criteria with those of a row; one of several rows for the same case suffices."""
    joined = list(found)
    for row in rows:
        last = joined[-1] if joined else None
        same = (
            last is not None
            and last.kind is CriterionKind.ROW
            and row.is_case
            and last.is_case
            and last.level == row.level
            and last.document_id == row.document_id
        )
        if last is None or not same:
            joined.append(row)
        else:
            others = last.alternatives or (last.quote,)
            joined[-1] = replace(last, alternatives=(*others, row.quote), least=1)
    return joined


def _with_table_note(found: Sequence[Criterion], note: Chunk) -> list[Criterion]:
    """`第7、8项至少达到1项` joins these rows of the table above into one; the note goes to every such group, and
    else to the last row."""
    rows = [each for each in found if each.kind is CriterionKind.ROW and each.document_id == note.document_id]
    quote = _quote(note)
    joined: list[Criterion] = list(found)
    match = terms.AT_LEAST_ROWS.search(note.text)
    numbers = {f"第{n}行" for n in _row_numbers(match["rows"])} if match else set()
    for level in dict.fromkeys(each.level for each in rows):
        own = [each for each in rows if each.level == level]
        group = [each for each in own if any(each.quote.section.endswith(number) for number in numbers)]
        if match and len(group) >= 2:
            least = chinese_to_int(match["least"]) or 1
            at = joined.index(group[0])
            joined = [each for each in joined if each not in group]
            alternatives = tuple(each.quote for each in group)
            whole = replace(group[0], quote=quote, alternatives=alternatives, least=least)
            joined.insert(at, whole)
        elif own:
            mark = terms.MARK.match(note.text)
            marked = [each for each in own if mark and mark["mark"] in each.quote.text]
            if mark and not marked and any(mark["mark"] in each.quote.text for each in rows):
                continue  # another level's
            at = joined.index((marked or own)[-1])
            joined[at] = replace(joined[at], notes=(*joined[at].notes, quote))
    return joined


def _row_numbers(words: str) -> list[int]:
    """`7、8` -> 7, 8; `1—3` -> 1, 2, 3."""
    numbers: list[int] = []
    for part in re.split(r"[、，,和及]", words):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends else []
    return numbers


# ---------------------------------------------------------------- where a notice lists none


NEAREST = 3
_NEAR_WORDS = re.compile(
    r"条件|对象|范围|符合|具备|资格|登记|注册|不得|不予|适用|可以|凡|须|应当|参加|申请|申报|享受|限于|年龄|以上"
)


def nearest_clauses(version: Version, notice_id: str, count: int = NEAREST) -> tuple[Quote, ...]:
    """The sentences of a notice's main document that speak most of who may apply, in reading order; empty where none
    does. For a notice that states no criteria."""
    ranked: list[tuple[int, Quote]] = []
    for document, chunks in _documents(version, notice_id):
        if document.role is not DocumentRole.MAIN:
            continue
        for chunk in chunks:
            if chunk.kind is ChunkKind.CLAUSE and not terms.PAPERWORK.search(chunk.text[:8]):
                ranked += [(_nearness(quote.text, chunk), quote) for quote in _parts(chunk)]
    best = sorted((pair for pair in ranked if pair[0] >= 2), key=lambda pair: -pair[0])[:count]
    return tuple(quote for _, quote in sorted(best, key=lambda pair: pair[1].start))


def _nearness(words: str, chunk: Chunk) -> int:
    """How many different words of eligibility a sentence has, without those of the course of things."""
    path = " ".join(chunk.heading_path)
    found = len(set(_NEAR_WORDS.findall(words))) + bool(terms.AUDIENCE_HEADING.search(path))
    return found - 2 * bool(terms.PROCESS.search(words)) - bool(terms.AFTERWARDS.search(path))


# ---------------------------------------------------------------- roles and kinds


def _role_of(chunk: Chunk) -> _Role | None:
    """What a heading, or a line that opens a list, makes of what stands below it; None where it does not tell."""
    words = _bare(chunk.text)
    opening = _last_sentence(chunk)
    if question := terms.QUESTION.match(words):
        return _role_of_question(question["words"])
    if _opens_bans(opening):
        return _Role.BAN
    if chunk.kind is ChunkKind.CLAUSE:
        if terms.LIST_OF_CONDITIONS.search(opening) and not terms.PROCESS.search(opening):
            return _Role.CONDITION
        return _run_in_role(chunk)
    return _role_in(words)


def _role_of_line(line: Chunk) -> tuple[_Role | None, str]:
    """(role, introduction) of a heading to the eye or of a question whose answer follows."""
    question = terms.QUESTION.match(line.text.strip())
    if question:
        return _role_of_question(question["words"]), f"{question['words']}？"
    return _role_in(_bare(line.text)), _bare(line.text)


def _role_of_question(words: str) -> _Role:
    """`哪些企业可以申报` asks for conditions, `哪些情形不得申报` for bans, any other question for something else."""
    if terms.ASKS_WHO_NOT.search(words):
        return _Role.BAN
    return (
        _Role.CONDITION if terms.ASKS_WHO.search(words) or _role_in(words) is _Role.CONDITION else _Role.OTHER
    )


def _opens_bans(words: str) -> bool:
    """True for `有下列情形之一的，不得申报`, not for `具备下列条件之一的，可直接入库，不再打分`."""
    return bool(terms.LIST_OF_BANS.search(words)) and not terms.EASIER.search(words)


def _role_in(heading: str) -> _Role | None:
    if terms.BAN_HEADING.search(heading):
        return _Role.BAN
    if terms.NOT_A_HEADING.search(heading):
        return _Role.OTHER
    if terms.CONDITION_HEADING.search(heading):
        return _Role.CONDITION
    if terms.AUDIENCE_HEADING.search(heading):
        return _Role.AUDIENCE
    return _Role.OTHER if terms.AFTERWARDS.search(heading) else None


def _run_in(chunk: Chunk) -> str:
    """`否决情形` of `（三）否决情形。未在系统中……`; empty where no heading runs in."""
    match = re.match(r"[^。；，：:]{2,16}(?=[。：:\s\u3000])", _bare(chunk.text))
    return match.group() if match and (chunk.number or "。" not in match.group()) else ""


def _run_in_role(chunk: Chunk) -> _Role | None:
    run_in = _run_in(chunk)
    if not run_in or len(run_in) == len(_bare(chunk.text)):
        return None
    role = _role_in(run_in)
    return role if role in {_Role.CONDITION, _Role.AUDIENCE, _Role.BAN} else None


def _kind_in_section(words: str, first: bool) -> CriterionKind | None:
    """What a part of a section of conditions is; None for an explanation of the part before."""
    if terms.DEFINITION.match(_bare(words)) or terms.QUOTA.search(words) or (not first and _is_note(words)):
        return None
    if terms.BAN.search(words) and not re.search(r"(?:不得|不予)[^，。；]{0,8}除外", words):
        return CriterionKind.BAN if not first or _opens_with_case(words) else CriterionKind.CONDITION
    if terms.EASIER.search(words) and not terms.SUBSTANCE.search(terms.EASIER.split(words)[0]):
        return CriterionKind.OPTIONAL
    return CriterionKind.CONDITION


def _is_note(words: str) -> bool:
    return bool(terms.AFTERTHOUGHT.search(words)) or bool(
        terms.NOTE.search(words) and not terms.BAN.search(words) and not terms.DEMAND.search(words)
    )


def _opens_with_case(words: str) -> bool:
    """`……的，不予受理`: a case that is excluded."""
    return bool(
        re.search(
            r"的(?:企业|单位|人员|项目)?[，,]?(?:本年度|当年|一律|均)?(?:不予|不得|不能|不可|不再)", words
        )
    )


def _kind_by_itself(words: str, path: str) -> CriterionKind | None:
    """What a sentence outside of the sections of criteria is; mostly nothing."""
    if terms.PROCESS.search(words) or terms.CONSEQUENCE.search(words):
        return None
    if terms.AFTERWARDS.search(path):
        return None
    if terms.WHO_MAY.search(_bare(words)) and not _opens_with_case(words):
        return CriterionKind.CONDITION
    if terms.BAN.search(words):
        return CriterionKind.BAN
    if terms.ANOTHER_WAY.search(words):
        return CriterionKind.OPTIONAL
    if terms.LIMIT.search(words):
        return CriterionKind.CONDITION
    return None


def _level_in_heading(chunk: Chunk) -> str:
    """The level that a heading of conditions is for: `专精特新中小企业` of `（二）专精特新中小企业认定条件`."""
    if chunk.kind is not ChunkKind.HEADING:
        return ""
    words = re.sub(
        r"(?:的)?(?:申报|认定|遴选|推荐|基本|评定|具体)*(?:条件|标准|要求|资格|对象|范围)$",
        "",
        _bare(chunk.text).partition("：")[0],
    )
    return words if terms.LEVEL.search(words) and re.fullmatch(r"[^，。；：、]{2,16}", words) else ""


def _least(match: re.Match[str]) -> int:
    return chinese_to_int(match.group("least") or match.group("any") or "1") or 1


# ---------------------------------------------------------------- quotations


def _bare(text: str) -> str:
    """Without its number, mark-up and blanks at the ends."""
    words = text.strip().lstrip(f"# {terms.MARKS}").rstrip("】 ")
    return question_words(words).strip().rstrip("：:").strip()


def _is_bare_line(text: str) -> bool:
    """True for a short line without a number or a stop: a heading to the eye."""
    return line_number(text) is None and bool(re.fullmatch(r"[\u4e00-\u9fff（）()“”、]{2,16}", _bare(text)))


def _is_question(text: str) -> bool:
    return terms.QUESTION.match(text.strip()) is not None


def _is_bare_heading(text: str) -> bool:
    """True for `(二)申请条件。`, which says nothing by itself."""
    words = _bare(text).rstrip("。：: ")
    return len(words) <= 12 and "，" not in words and _role_in(words) in {_Role.CONDITION, _Role.AUDIENCE}


def _only_points(text: str) -> bool:
    """True for `岗位资格条件：见附件1`, whose rows are asked where they are supplied."""
    bare = _bare(text)
    return (
        bool(re.search(r"附件\s*\d{0,2}[^，。；]{0,4}[。；]?$", bare))
        and len(bare) <= 40
        and "，" not in bare
        and not terms.SUBSTANCE.search(bare)
    )


def _is_bare_note(text: str) -> bool:
    """True for `说明：` above the notes themselves."""
    return bool(re.fullmatch(r"(?:注|备注|说明)[：:]?", text.strip()))


def _are_alternatives(items: Sequence[Chunk], opening: str) -> bool:
    """True for items that `或` joins: all of them, or the last two of a list that does not ask for all."""
    joined = [bool(terms.OR.search(item.text.strip())) for item in items[:-1]]
    starts = [item.text[len(item.number) :].lstrip().startswith("或") for item in items[1:]]
    linked = [end or start for end, start in zip(joined, starts, strict=True)]
    return all(linked) or (linked[-1] and not terms.ALL_OF.search(opening))


def _introduction(chunk: Chunk) -> str:
    return _bare(_last_sentence(chunk)) if chunk.kind is ChunkKind.CLAUSE else _bare(chunk.text)


def _last_sentence(chunk: Chunk) -> str:
    spans = sentences(chunk.text)
    return chunk.text[slice(*spans[-1])].strip() if spans else chunk.text


def _quote(chunk: Chunk) -> Quote:
    return Quote(chunk.id, chunk.section, chunk.text, chunk.start, chunk.end)


def _part(chunk: Chunk, start: int, end: int) -> Quote:
    return Quote(chunk.id, chunk.section, chunk.text[start:end], chunk.start + start, chunk.start + end)


def _parts(chunk: Chunk) -> list[Quote]:
    """The sentences of a clause."""
    return [_part(chunk, start, end) for start, end in sentences(chunk.text)]


def _answers(chunk: Chunk) -> list[Quote]:
    """The sentences of a clause, without the `答：` before them."""
    parts = _parts(chunk)
    said = ANSWER_MARK.match(chunk.text)
    if not said or not parts:
        return parts
    rest = _part(chunk, said.end(), parts[0].end - chunk.start)
    return [rest, *parts[1:]] if rest.text.strip() else parts[1:]


def _ban_quotes(chunk: Chunk) -> list[Quote]:
    """Each excluded case: of `下列企业不予遴选：甲；乙；丙。` the three behind the colon."""
    lead = re.match(r"[^。；]*?(?:下列|以下|如下)[^。；：:]*[：:]", chunk.text)
    parts = _answers(chunk)
    if lead and len(parts) > 1:
        first = parts[0]
        return [_part(chunk, lead.end(), first.end - chunk.start), *parts[1:]]
    if chunk.number and len(parts) > 1 and not terms.NOTE.search(parts[1].text):
        return [_quote(chunk)]
    return parts
