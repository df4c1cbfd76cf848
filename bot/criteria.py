"""A notice of a published version -> its criteria, one by one: conditions, bans, and rows of tables of requirements.

Where a clause stands decides first: under a heading of conditions (申报条件, 遴选标准, 申报对象), under one of bans
(不得申报, 否决情形), under a question that asks for either (哪些企业可以申报？), or in a list that a line opens, below it or in
running text (应当同时具备下列条件：, 有下列情形之一的，不得申报：). Items of which one suffices are one criterion. Elsewhere only a sentence that itself bans or limits an application counts, and only outside of what happens after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot import criteria_terms as terms
from bot.changes import Version
from bot.criteria_clauses import items_below, items_inside, with_clause
from bot.criteria_roles import question_in
from bot.criteria_tables import names_thresholds, with_cases, with_row, with_table_note
from bot.criteria_tree import Tree
from bot.criterion import Criterion, CriterionKind, Quote, bare_words, sentences_of
from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole

# ---------------------------------------------------------------- criteria


def criteria_of(version: Version, notice_id: str) -> tuple[Criterion, ...]:
    """All criteria of a notice in reading order, its main document first, each once; empty for an unknown notice."""
    found = [
        criterion
        for document, chunks in _documents(version, notice_id)
        for criterion in _of_document(document, chunks)
    ]
    if any(each.kind is CriterionKind.ROW for each in found):
        found = [each for each in found if not terms.POINTER.match(bare_words(each.quote.text))]
    found = with_cases(found)
    if len(levels_of(found)) == 1:  # a level that has no other beside it tells nothing
        found = [replace(each, level="") for each in found]
    return tuple({each.id: each for each in reversed(found)}.values())[::-1]


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


def _of_document(document: Document, chunks: Sequence[Chunk]) -> list[Criterion]:
    """The criteria of a main document, or of an attachment whose title or tables speak of requirements."""
    tree = Tree.from_chunks(document, chunks)
    headers = (chunk.table_header for chunk in chunks if chunk.kind is ChunkKind.HEADER)
    if not (tree.is_main or tree.requires or any(names_thresholds(header) for header in headers)):
        return []
    found: list[Criterion] = []
    taken: set[str] = set()
    noting = False
    """In the notes under a table, which explain its rows."""
    for chunk in chunks:
        if chunk.kind is not ChunkKind.CLAUSE:
            noting = False
        if chunk.id in taken or chunk.kind in {ChunkKind.TITLE, ChunkKind.CLOSING, ChunkKind.HEADER}:
            continue
        if chunk.kind is ChunkKind.ROW:
            found = with_row(tree, found, chunk)
        elif found and found[-1].kind is CriterionKind.ROW and (noting or terms.TABLE_NOTE.match(chunk.text)):
            noting = True
            found = with_table_note(found, chunk)
        elif (inside := items_inside(tree, chunk)) is not None:
            found += inside
        elif (choice := items_below(tree, chunk)) is not None:
            found.append(choice)
            taken.update(each.id for each in tree.below(chunk))
        elif (
            chunk.kind is ChunkKind.CLAUSE
            and not tree.opens_list(chunk)
            and not question_in(bare_words(chunk.text))
        ):
            found = with_clause(tree, found, chunk)
    return found


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
                ranked += [(_nearness(quote.text, chunk), quote) for quote in sentences_of(chunk)]
    best = sorted((pair for pair in ranked if pair[0] >= 2), key=lambda pair: -pair[0])[:count]
    return tuple(quote for _, quote in sorted(best, key=lambda pair: pair[1].start))


def _nearness(words: str, chunk: Chunk) -> int:
    """How many different words of eligibility a sentence has, without those of the course of things."""
    path = " ".join(chunk.heading_path)
    found = len(set(_NEAR_WORDS.findall(words))) + bool(terms.AUDIENCE_HEADING.search(path))
    return found - 2 * bool(terms.PROCESS.search(words)) - bool(terms.AFTERWARDS.search(path))
