"""Clauses -> numbered, literal quotations; and the fact lock that holds every answer to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.chunking import sentences
from bot.datamodels import Answer, Block, BlockKind, Chunk, ChunkKind, Citation, Document, FactKind, SpanStyle
from bot.errors import FactLockError
from bot.values import values_in

_DAY = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]")
_NUMERALS = "0-9０-９零〇○一二三四五六七八九十百千万亿两"

WHOLE_CLAUSE_CHARACTERS = 260
"""A clause up to this length is quoted whole."""


class Citer:
    """Collects the quotations of one answer; numbers run from 1 in order of first use."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents
        self._citations: list[Citation] = []

    def cite(
        self,
        chunk: Chunk,
        spans: Sequence[tuple[int, int]] = (),
        *,
        since: Chunk | None = None,
        until: Chunk | None = None,
    ) -> int:
        """The number of the quotation of a clause.

        `spans` are the answering words as offsets in the document's text: they are marked, and of a
        long clause only the sentences that hold them are quoted. `since` and `until` extend the quotation
        from an earlier and through a later clause of the same document.
        """
        start, end = _quoted(chunk, spans) if not (since or until) else (chunk.start, chunk.end)
        start, end = since.start if since else start, until.end if until else end
        return self.quote(chunk, start, end, spans)

    def quote(self, chunk: Chunk, start: int, end: int, spans: Sequence[tuple[int, int]] = ()) -> int:
        """The number of the quotation [start, end) of a clause's document; `spans` in it are marked."""
        document = self._documents[chunk.document_id]
        for position, old in enumerate(self._citations):
            if old.chunk_id == chunk.id and old.start <= end and start <= old.end:
                start, end = min(start, old.start), max(end, old.end)
                marks = {(old.start + a, old.start + b) for a, b in old.marks} | set(spans)
                self._citations[position] = replace(
                    old,
                    start=start,
                    end=end,
                    quote=document.text[start:end],
                    marks=_marks(marks, start, end),
                    repaired=_is_repaired(document, start, end),
                )
                return old.n
        n = len(self._citations) + 1
        self._citations.append(
            Citation(
                n=n,
                chunk_id=chunk.id,
                document=document.title,
                notice=chunk.notice_id,
                file=document.file or document.id,
                file_start=document.file_start,
                section=chunk.section,
                quote=document.text[start:end],
                start=start,
                end=end,
                page=chunk.page,
                recognised=chunk.page in document.ocr_pages,
                place=chunk.place,
                marks=_marks(spans, start, end),
                repaired=_is_repaired(document, start, end),
            )
        )
        return n

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(self._citations)


def _is_repaired(document: Document, start: int, end: int) -> bool:
    return any(edit.new_start < end and edit.new_end > start for edit in document.edits)


def _quoted(chunk: Chunk, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The part of a clause to quote: all of it, or of a long one the sentences that answer."""
    if not spans or chunk.end - chunk.start <= WHOLE_CLAUSE_CHARACTERS or chunk.kind is ChunkKind.ROW:
        return chunk.start, chunk.end
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    holding = [
        (chunk.start + a, chunk.start + b)
        for a, b in sentences(chunk.text)
        if chunk.start + a < last and chunk.start + b > first
    ]
    return (holding[0][0], holding[-1][1]) if holding else (chunk.start, chunk.end)


def _marks(spans: Iterable[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Spans relative to the quotation, inside it, joined where they touch."""
    inside = sorted((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)
    joined: list[tuple[int, int]] = []
    for a, b in inside:
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        elif b > a:
            joined.append((a, b))
    return tuple(joined)


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def check_facts(blocks: Sequence[Block], citations: Sequence[Citation]) -> None:
    """The fact lock: every date, amount, share, count, phone and address, and every number, stands in a cited clause.

    Spans marked as computed are outside it. Raises FactLockError naming the value and the block.
    """
    quoted = {citation.n: citation.quote for citation in citations}
    stated = {(value.kind, value.value) for quote in quoted.values() for value in values_in(quote)}
    literal = "\n".join(quoted.values())
    for block in blocks:
        words = "".join(span.text if span.style is not SpanStyle.COMPUTED else "\n" for span in block.spans)
        impossible = [
            day for day in _DAY.findall(words) if not any(v.kind is FactKind.DATE for v in values_in(day))
        ]
        unstated = [words[v.start : v.end] for v in values_in(words) if (v.kind, v.value) not in stated]
        bare = words
        for value in values_in(words):
            bare = bare[: value.start] + " " * (value.end - value.start) + bare[value.end :]
        loose = [n for n in _NUMBER.findall(bare) if not re.search(rf"(?<!\d){re.escape(n)}(?!\d)", literal)]
        for text in (*unstated, *impossible, *loose):
            if text in loose or not _stands_in(text, literal):
                raise FactLockError(
                    f"答案里的“{text}”没有出现在所引条款中（{block.kind}：{block.text[:60]}）。"
                )


def _stands_in(words: str, literal: str) -> bool:
    """True where the words stand in a text whole: `2份` does not stand in `12份`, nor `1.5%` in `1.55%`."""
    before = rf"(?<![{_NUMERALS}A-Za-z@.])(?<!\d[,，])" if re.match(rf"[{_NUMERALS}A-Za-z]", words) else ""
    after = (
        rf"(?![{_NUMERALS}点A-Za-z@]|[.,，:/-][0-9A-Za-z])"
        if re.search(rf"[{_NUMERALS}A-Za-z]$", words)
        else ""
    )
    return bool(re.search(before + re.escape(words) + after, literal))


def check_answer(answer: Answer, documents: Mapping[str, Document]) -> None:
    """The fact lock, and: every quotation is literal, every marker has its citation."""
    check_facts(answer.blocks, answer.citations)
    numbers = {citation.n for citation in answer.citations}
    for citation in answer.citations:
        if documents[citation.document_id].text[citation.start : citation.end] != citation.quote:
            raise FactLockError(f"引文 [{citation.n}] 与原文不一致。")
    for block in answer.blocks:
        if not numbers.issuperset(block.citations):
            raise FactLockError(f"答案引用了不存在的条款：{block.citations}。")
        if block.kind in {BlockKind.ANSWER, BlockKind.ITEM, BlockKind.CARD} and not block.citations:
            raise FactLockError(f"这句话没有出处：{block.text[:60]}")
        stated = any(span.style is not SpanStyle.COMPUTED for span in block.spans)
        if block.kind in {BlockKind.ROW, BlockKind.CELL} and stated and not block.citations:
            raise FactLockError(f"这一格没有出处：{block.text[:60]}")
