"""What is asked of who applies: a criterion, and the words of a clause that it quotes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.chunking import ANSWER_MARK, question_words, sentences
from bot.criteria_terms import MARKS
from bot.datamodels import Chunk

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
        words = (self.kind, self.level, *(bare_words(q.text) for q in self.quotes))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:DIGEST_CHARACTERS]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All that is quoted, in reading order."""
        return (self.quote, *self.alternatives, *self.notes)

    def some_of(self, alternatives: Sequence[Quote], least: int) -> Criterion:
        """The same, where so many of the alternatives suffice."""
        return replace(self, alternatives=tuple(alternatives), least=least)

    def or_else(self, quote: Quote) -> Criterion:
        """The same, or the quoted words instead."""
        return self.some_of((*(self.alternatives or (self.quote,)), quote), least=1)

    def with_note(self, quote: Quote) -> Criterion:
        """The same, with an exception or an explanation."""
        return replace(self, notes=(*self.notes, quote))


def bare_words(text: str) -> str:
    """Without its number, mark-up and blanks at the ends."""
    words = text.strip().lstrip(f"# {MARKS}").rstrip("】 ")
    return question_words(words).strip().rstrip("：:").strip()


def last_sentence(chunk: Chunk) -> str:
    spans = sentences(chunk.text)
    return chunk.text[slice(*spans[-1])].strip() if spans else chunk.text


def quote_of(chunk: Chunk) -> Quote:
    return Quote(chunk.id, chunk.section, chunk.text, chunk.start, chunk.end)


def part_of(chunk: Chunk, start: int, end: int) -> Quote:
    """The words between two offsets in the chunk's text."""
    return Quote(chunk.id, chunk.section, chunk.text[start:end], chunk.start + start, chunk.start + end)


def sentences_of(chunk: Chunk) -> list[Quote]:
    return [part_of(chunk, start, end) for start, end in sentences(chunk.text)]


def answers_of(chunk: Chunk) -> list[Quote]:
    """The sentences of a clause, without the `答：` before them."""
    parts = sentences_of(chunk)
    said = ANSWER_MARK.match(chunk.text)
    if not said or not parts:
        return parts
    rest = part_of(chunk, said.end(), parts[0].end - chunk.start)
    return [rest, *parts[1:]] if rest.text.strip() else parts[1:]
