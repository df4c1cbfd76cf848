"""The published index -> what people look up without asking: deadlines, clauses, links to them, what changed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.agenda import Agenda, agenda
from bot.changes import FactChange, NoticeState, changes_between
from bot.datamodels import Chunk, ChunkKind, Notice
from bot.reminders import Deadline, deadlines_of

if TYPE_CHECKING:
    from bot.assistant import Assistant, Clause
    from bot.index.store import Index

SHOWN_TO = {"截止日期", "电话", "邮箱", "联系人", "金额", "地址", "网址", "附件"}
"""Labels of changes that subscribers hear of."""
_CITABLE = {ChunkKind.CLAUSE, ChunkKind.ROW}


@dataclass(frozen=True, slots=True)
class CitedClause:
    """A clause as somebody cites it in another chat."""

    link: str
    """12 letters and digits, the same as long as its words are."""
    notice_id: str
    notice: str
    """Title of the notice."""
    document: str
    """Title of the document that it stands in."""
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a newer version says otherwise about one notice."""

    notice_id: str
    title: str
    facts: tuple[FactChange, ...] = ()
    removed: bool = False
    """True where the notice is no longer there."""


class Catalogue:
    """Follows the published index, as the assistant does. Safe to share by threads."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._links: tuple[str, Mapping[str, str]] = ("", {})
        """A version, and its clauses' links -> chunk ids."""

    @property
    def version(self) -> str:
        return self._assistant.version

    def notices(self) -> tuple[Notice, ...]:
        """Newest first."""
        return self._assistant.notices()

    def clause(self, chunk_id: str) -> Clause | None:
        """The whole clause of a citation; None where the index no longer holds it."""
        return self._assistant.clause(chunk_id)

    def deadlines(self, notice_id: str) -> tuple[Deadline, ...]:
        """All that a notice sets for handing something in, earliest first, past ones too."""
        return deadlines_of(self._assistant.index, notice_id)

    @property
    def published(self) -> Index:
        """The whole published version."""
        return self._assistant.index

    def agenda(self, today: date, notice_id: str | None = None) -> Agenda:
        """The open deadlines of all notices in force, or of one, soonest first."""
        return agenda(self._assistant.index, today, notice_id)

    def clauses(self, text: str, *, today: date, limit: int) -> tuple[CitedClause, ...]:
        """The clauses nearest to the words, best first, each once."""
        found: dict[str, CitedClause] = {}
        for passage in self._assistant.passages(text, today=today):
            if passage.chunk.kind in _CITABLE and passage.chunk.text.strip():
                clause = self._cited(passage.chunk)
                found.setdefault(clause.link, clause)
            if len(found) == limit:
                break
        return tuple(found.values())

    def clause_by_link(self, link: str) -> tuple[Clause, Notice] | None:
        """The clause behind a link, with its notice; None where no clause reads so any more."""
        index = self._assistant.index
        with self._lock:
            version, links = self._links
            if version != index.version:
                links = {link_of(chunk): chunk.id for chunk in index.chunks if chunk.kind in _CITABLE}
                self._links = (index.version, links)
        chunk_id = links.get(link)
        clause = self._assistant.clause(chunk_id) if chunk_id else None
        row = index.rows.get(chunk_id or "")
        if clause is None or row is None:
            return None
        return clause, index.notices[index.chunks[row].notice_id]

    def changes_since(self, version: str) -> tuple[Change, ...] | None:
        """What subscribers hear of between a kept version and the published one.

        None where that version is no longer kept.
        """
        earlier = self._assistant.earlier(version)
        if earlier is None:
            return None
        found = []
        for change in changes_between(earlier, self._assistant.index):
            facts = tuple(fact for fact in change.facts if fact.label in SHOWN_TO)
            removed = change.state is NoticeState.REMOVED
            if facts or removed:
                found.append(Change(change.notice_id, change.title, facts, removed))
        return tuple(found)

    def _cited(self, chunk: Chunk) -> CitedClause:
        index = self._assistant.index
        return CitedClause(
            link_of(chunk),
            chunk.notice_id,
            index.notices[chunk.notice_id].title,
            index.documents[chunk.document_id].title,
            chunk.section,
            chunk.text,
        )


def link_of(chunk: Chunk) -> str:
    """12 letters and digits for a clause: of its file and its words, not of its place among the others."""
    words = f"{chunk.document_id}\n{''.join(chunk.text.split())}"
    return hashlib.sha256(words.encode()).hexdigest()[:12]
