"""(Question, notice, index) -> the desk at which an answer is written, and the spans and remarks of which it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.citations import Citer
from bot.datamodels import Block, BlockKind, Chunk, Fact, Notice, Question, Span, SpanStyle
from bot.index.store import Index
from bot.parts import AskedPart
from bot.ranking import Ranker


@dataclass(frozen=True, slots=True)
class Desk:
    """What those who write an answer work with: the question, the notice's clauses and facts, and the citer."""

    question: Question
    notice: Notice
    index: Index
    ranker: Ranker
    citer: Citer
    read: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Id of a chunk -> where in the document the words stand that the reader takes for the answer."""
    part: AskedPart = field(default_factory=AskedPart)
    """What the question names of the programmes and levels that the notice has side by side."""

    def facts(self, chunk: Chunk, start: int = 0, end: int | None = None) -> list[Fact]:
        """Facts of a clause, or of its stretch [start, end)."""
        return [
            f
            for f in self.index.facts.get(chunk.id, ())
            if f.start >= start and (end is None or f.end <= end)
        ]

    @property
    def chunks(self) -> list[Chunk]:
        """The notice's chunks in reading order."""
        return [self.index.chunks[row] for row in self.index.notice_rows[self.notice.id]]

    @property
    def asked_chunks(self) -> list[Chunk]:
        """Those that are not about another part of the notice than the one that is asked about; all, where none is."""
        return [chunk for chunk in self.chunks if not self.part.leaves_out(chunk)]

    @property
    def text(self) -> str:
        """All that the notice's chunks say."""
        return " ".join(chunk.text for chunk in self.chunks)

    def parent(self, chunk: Chunk) -> Chunk | None:
        """The heading or line that introduces a chunk."""
        row = self.index.rows.get(chunk.parent_id or "")
        return None if row is None else self.index.chunks[row]


def plain(text: str) -> Span:
    return Span(text)


def strong(text: str) -> Span:
    return Span(text, SpanStyle.STRONG)


def computed(text: str) -> Span:
    return Span(text, SpanStyle.COMPUTED)


def note(text: str) -> Block:
    """A remark of the assistant in its own words."""
    return Block(BlockKind.NOTE, (computed(text),))
