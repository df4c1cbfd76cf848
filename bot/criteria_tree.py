"""A document's chunks -> for each of them, what stands above it and below it, and what that makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot import criteria_terms as terms
from bot.criteria_roles import (
    OF_CRITERIA,
    Role,
    introduction_of,
    is_bare_line,
    level_in_heading,
    question_in,
    role_of,
    role_of_line,
)
from bot.criterion import Criterion, CriterionKind, Quote, last_sentence
from bot.datamodels import Chunk, ChunkKind, Document, DocumentRole


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a chunk's ancestors say of it."""

    role: Role
    introduction: str = ""
    level: str = ""
    is_list: bool = False
    """True where the nearest of them opens a list."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One document's chunks as a tree."""

    document: Document
    by_id: Mapping[str, Chunk]
    children: Mapping[str, Sequence[Chunk]]
    under: Mapping[str, Chunk]
    """Chunk id -> the short line above it that is a heading to the eye only: `▍谁能领`."""

    @classmethod
    def from_chunks(cls, document: Document, chunks: Sequence[Chunk]) -> Tree:
        children: dict[str, list[Chunk]] = {}
        for chunk in chunks:
            if chunk.parent_id:
                children.setdefault(chunk.parent_id, []).append(chunk)
        return cls(document, {chunk.id: chunk for chunk in chunks}, children, _lines_above(chunks))

    @property
    def is_main(self) -> bool:
        return self.document.role is DocumentRole.MAIN

    @property
    def requires(self) -> bool:
        """True where the document's title speaks of requirements, not of scores, papers or money."""
        title = self.document.title
        other = terms.NOT_REQUIREMENTS.search(title) and not terms.REQUIRED.search(title)
        return bool(terms.REQUIREMENTS.search(title)) and not other

    def surroundings(self, chunk: Chunk) -> Surroundings:
        """The role that the nearest telling ancestor gives, and the level that any of them names."""
        role: Role | None = None
        introduction, is_list, level = "", False, ""
        for above in self._above(chunk):
            if role is None and (role := role_of(above)) is not None:
                introduction = introduction_of(above)
                is_list = above.kind is ChunkKind.CLAUSE
            attached = role is None and not self.is_main
            if not level and (attached or role in OF_CRITERIA):
                level = level_in_heading(above)
        line = self.under.get(chunk.id)
        if role is None and line is not None:
            role, introduction = role_of_line(line)
        if role is None and not self.is_main and self.requires:
            role, introduction = Role.CONDITION, self.document.title
        return Surroundings(role or Role.OTHER, introduction, level, is_list)

    def below(self, chunk: Chunk) -> list[Chunk]:
        found = []
        for child in self.children.get(chunk.id, ()):
            found += [child, *self.below(child)]
        return found

    def opens_list(self, chunk: Chunk) -> bool:
        """True for a line that only says what the items below it are."""
        return bool(self.children.get(chunk.id)) and (
            chunk.text.rstrip().endswith(("：", ":"))
            or bool(terms.LIST_OF_CONDITIONS.search(last_sentence(chunk)))
        )

    def criterion(self, kind: CriterionKind, quote: Quote, around: Surroundings) -> Criterion:
        """What a quote of this document asks."""
        return Criterion(
            kind, self.document.id, self.document.title, quote, around.introduction, level=around.level
        )

    def _above(self, chunk: Chunk) -> Iterator[Chunk]:
        """The ancestors, nearest first, up to the line that is a heading to the eye."""
        line = self.under.get(chunk.id)
        above = self.by_id.get(chunk.parent_id or "")
        while above is not None and (line is None or above.start > line.start):
            yield above
            above = self.by_id.get(above.parent_id or "")


def _lines_above(chunks: Sequence[Chunk]) -> dict[str, Chunk]:
    under: dict[str, Chunk] = {}
    line: Chunk | None = None
    for chunk in chunks:
        marked = chunk.text.lstrip("# ")[:1] in terms.MARKS
        if chunk.kind is ChunkKind.CLAUSE and (
            question_in(chunk.text) or ((marked or chunk.parent_id is None) and is_bare_line(chunk.text))
        ):
            line = chunk
        elif chunk.kind is ChunkKind.HEADING and chunk.parent_id is None:
            line = None
        elif line is not None:
            under[chunk.id] = line
    return under
