"""Pages of `knowledge/faq/` -> approved entries, and which of them the notices' text still bears out.

An entry stands on clauses. A clause is a chunk with all that hangs below it: the items of a list, a
continuing paragraph; so an item that is added changes the clause. An entry whose clause reads otherwise
than on the day of its approval is held back until somebody has looked at it again.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from bot.datamodels import Chunk, ChunkKind, CitedClause, FaqEntry
from bot.documents.plain import read_plain
from bot.errors import DocumentError
from bot.faq_markdown import FaqPage, Problem, page_from_markdown

DRAFTS = "drafts"
"""Folder below `knowledge/faq/` for what is not approved."""
NOT_APPROVED = "还没有审定。请核对后运行：python -m bot faq approve {id}"
CHANGED_SINCE = "审定以后又改动过，改动还没有审定。请核对后运行：python -m bot faq approve {id}"
SIMILAR = 0.4
"""Least likeness of two texts that can be one clause before and after a change."""


@dataclass(frozen=True, slots=True)
class FaqProblem:
    """Why a page of the FAQ folder is not in use."""

    file: str
    """Its name under `knowledge/faq/`."""
    line: int
    """From 1; 0 where the whole page is meant."""
    message: str
    """Chinese sentence that says what to do."""

    def __str__(self) -> str:
        place = f" 第{self.line}行" if self.line else ""
        return f"faq/{self.file}{place}：{self.message}"


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause that no longer reads as it did when the entry was approved."""

    number: int
    """`[1]` of the entry."""
    before: CitedClause
    now: Chunk | None
    """The clause that stands in its place; None where there is none."""
    text_now: str = ""
    """That clause's text with all that hangs below it."""


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An approved entry that is not used until it has been looked at again."""

    entry: FaqEntry
    changes: tuple[ClauseChange, ...]


# ---------------------------------------------------------------- clauses


@dataclass(frozen=True, slots=True)
class Clause:
    """A chunk with all that hangs below it."""

    chunk: Chunk
    parts: tuple[Chunk, ...]
    """The chunk, then what hangs below it."""
    text: str
    digest: str
    """As `CitedClause.digest`."""

    @property
    def end(self) -> int:
        """Offset in the document at which it ends."""
        return max(part.end for part in self.parts)


class Clauses:
    """The clauses of some documents, found by place or by what they say."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._by_document: dict[str, list[Chunk]] = {}
        self._below: dict[str, list[Chunk]] = {}
        for chunk in chunks:
            self._by_document.setdefault(chunk.document_id, []).append(chunk)
            if chunk.parent_id:
                self._below.setdefault(chunk.parent_id, []).append(chunk)
        self._by_id = {chunk.id: chunk for of_one in self._by_document.values() for chunk in of_one}
        self._made: dict[str, Clause] = {}

    def of(self, chunk: Chunk) -> Clause:
        """The clause that a chunk begins."""
        if chunk.id not in self._made:
            parts = (chunk, *self._descendants(chunk))
            text = "\n".join(part.text for part in parts)
            self._made[chunk.id] = Clause(chunk, parts, text, clause_digest(text))
        return self._made[chunk.id]

    def find(self, cited: CitedClause) -> Clause | None:
        """The clause that reads as the cited one did, first in its own file, then elsewhere in its notice's folder.

        None where no clause does. Of several the one at the same section is taken, else the first.
        """
        notice = cited.document_id.split("/")[0]
        others = sorted(d for d in self._by_document if d != cited.document_id and d.split("/")[0] == notice)
        for document_id in (cited.document_id, *others):
            same = [
                clause
                for chunk in self._by_document.get(document_id, ())
                if (clause := self.of(chunk)).digest == cited.digest
            ]
            if same:
                return next((clause for clause in same if clause.chunk.section == cited.section), same[0])
        return None

    def nearest(self, cited: CitedClause) -> Clause | None:
        """The clause of the cited one's file that most likely stands in its place; None where none does."""
        chunks = self._by_document.get(cited.document_id, ())
        there = [chunk for chunk in chunks if cited.section and chunk.section == cited.section]
        scored = [
            (_likeness(self.of(chunk), cited.quote) + (chunk in there), -row, chunk)
            for row, chunk in enumerate(chunks)
        ]
        best = max(scored, default=None, key=lambda each: each[:2])
        return self.of(best[2]) if best and best[0] >= SIMILAR else None

    def at(self, document_id: str, section: str) -> tuple[Clause, ...]:
        """The clauses of a file with this section number, in reading order; blanks and widths do not matter."""
        wanted = _folded(section)
        return tuple(
            self.of(chunk)
            for chunk in self._by_document.get(document_id, ())
            if wanted and _folded(chunk.section) == wanted
        )

    def documents(self) -> frozenset[str]:
        return frozenset(self._by_document)

    def chunks(self, document_id: str) -> tuple[Chunk, ...]:
        """The chunks of a file in reading order."""
        return tuple(self._by_document.get(document_id, ()))

    def chunk(self, chunk_id: str) -> Chunk | None:
        return self._by_id.get(chunk_id)

    def _descendants(self, chunk: Chunk) -> list[Chunk]:
        if chunk.kind is ChunkKind.TITLE:
            return []
        found: list[Chunk] = []
        for child in self._below.get(chunk.id, ()):
            found += [child, *self._descendants(child)]
        return found


def clause_digest(text: str) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a text without its blanks."""
    return hashlib.sha256(re.sub(r"\s+", "", text).encode("utf-8", "replace")).hexdigest()[:16]


def _folded(section: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", section))


def _likeness(clause: Clause, quote: str) -> float:
    """0 to 1: share of characters in common runs (difflib), after a cheap look at the first ones."""
    matcher = SequenceMatcher(None, clause.text[:400], quote[:400], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR else 0.0


# ---------------------------------------------------------------- holding back


def held_back(
    entries: Sequence[FaqEntry], chunks: Iterable[Chunk]
) -> tuple[tuple[FaqEntry, ...], tuple[HeldEntry, ...]]:
    """(entries whose clauses all read as on the day of approval, the others with what has changed)."""
    cited = {clause.document_id.split("/")[0] for entry in entries for clause in entry.clauses}
    clauses = Clauses(chunk for chunk in chunks if chunk.document_id.split("/")[0] in cited)
    kept, held = [], []
    for entry in entries:
        changes = tuple(
            _change(number, clause, clauses)
            for number, clause in enumerate(entry.clauses, 1)
            if clauses.find(clause) is None
        )
        if changes:
            held.append(HeldEntry(entry, changes))
        else:
            kept.append(entry)
    return tuple(kept), tuple(held)


def _change(number: int, before: CitedClause, clauses: Clauses) -> ClauseChange:
    now = clauses.nearest(before)
    return ClauseChange(number, before, now.chunk if now else None, now.text if now else "")


# ---------------------------------------------------------------- the folder


def read_entries(folder: Path) -> tuple[tuple[FaqEntry, ...], tuple[FaqProblem, ...]]:
    """(approved entries by id, what is wrong with the other pages); drafts are not looked at."""
    entries: list[FaqEntry] = []
    problems: list[FaqProblem] = []
    for path in pages_in(folder):
        page, wrong = read_page(path)
        if not wrong and page is not None:
            wrong = tuple(_unapproved(path.name, page))
        if wrong or page is None:
            problems += wrong
        else:
            entries.append(page.entry)
    return tuple(entries), tuple(problems)


def pages_in(folder: Path) -> list[Path]:
    """The Markdown pages right in a folder, by name; none where the folder does not exist."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".md" and not path.name.startswith((".", "~$")) and path.is_file()
    )


def read_page(path: Path) -> tuple[FaqPage | None, tuple[FaqProblem, ...]]:
    """A page and what is wrong with it; None where it is no text at all."""
    try:
        text = read_plain(path.read_bytes(), "md").text
    except (OSError, DocumentError) as error:
        return None, (FaqProblem(path.name, 0, f"读不出来（{error}）。请检查文件和权限。"),)
    page = page_from_markdown(text, path.stem)
    return page, tuple(_located(path.name, problem) for problem in page.problems)


def _located(file: str, problem: Problem) -> FaqProblem:
    return FaqProblem(file, problem.line, problem.message)


def _unapproved(file: str, page: FaqPage) -> Iterable[FaqProblem]:
    if page.entry.approved_on is None or any(not clause.digest for clause in page.entry.clauses):
        yield FaqProblem(file, 0, NOT_APPROVED.format(id=page.entry.id))
    elif not page.untouched:
        yield FaqProblem(file, 0, CHANGED_SINCE.format(id=page.entry.id))
