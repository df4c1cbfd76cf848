"""Lines of a notice -> the desk for a question about it, with a real index of that notice, made without a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from plain_encoder import PlainEncoder

from bot.citations import Citer
from bot.datamodels import Document, DocumentRole, Notice
from bot.desk import Desk
from bot.documents.library import LoadedNotice
from bot.documents.roles import text_number, text_title
from bot.index.lexical import LexicalIndex
from bot.index.making import make_notice
from bot.index.store import Index, facts_by_chunk
from bot.index.vectors import VectorIndex
from bot.index.versions import SCHEMA_VERSION, Counts, Manifest, NoticeEntry
from bot.parts import asked_part
from bot.question import understand
from bot.ranking import Ranker

ranker = cache(Ranker.from_file)


def desk_about(
    notice: Notice, text: str, question: str, today: date, attachments: Sequence[str] = (), read: str = ""
) -> Desk:
    """The desk for a question of that day about a notice with this text.

    `attachments` are texts in Markdown, their numbers and titles those of their first lines. `read` are the words
    of the notice in which the reader finds the answer.
    """
    main = Document(notice.document_id, notice.id, notice.title, DocumentRole.MAIN, text, "txt")
    index = index_of(notice, (main, *(_attachment(notice, n, each) for n, each in enumerate(attachments, 1))))
    found: dict[str, tuple[int, int]] = {}
    if read:
        at = text.index(read)
        chunk = next(c for c in index.chunks if c.document_id == main.id and c.start <= at < c.end)
        found = {chunk.id: (at, at + len(read))}
    asked = understand(question, today=today)
    part = asked_part(asked, notice.title, index.chunks)
    return Desk(asked, notice, index, ranker(), Citer(index.documents), found, part)


def index_of(notice: Notice, documents: tuple[Document, ...]) -> Index:
    """A version that holds this notice alone; at a desk nothing is searched, so that its words are not indexed."""
    made, encoder = make_notice(LoadedNotice(notice.id, notice, documents, ())), PlainEncoder()
    shard = made.shard
    assert shard is not None
    counts = Counts(1, len(shard.documents), len(shard.chunks), len(shard.facts))
    entry = NoticeEntry(notice.id, notice.id, (), counts, records="records")
    return Index(
        version="",
        manifest=Manifest(SCHEMA_VERSION, encoder.name, encoder.dimension, "", "", (entry,), counts, ""),
        notices={notice.id: notice},
        documents={document.id: document for document in shard.documents},
        chunks=shard.chunks,
        rows={chunk.id: row for row, chunk in enumerate(shard.chunks)},
        notice_rows={notice.id: np.arange(len(shard.chunks))},
        facts=facts_by_chunk(shard.facts),
        vectors=VectorIndex.from_vectors(encoder.encode_passages(made.texts)),
        lexical=no_words(),
        faq=(),
        faq_vectors=np.empty((0, encoder.dimension), np.float32),
        faq_owner=(),
        shards={entry.records: shard},
    )


@cache
def no_words() -> LexicalIndex:
    """Made once: writing one waits for the disk."""
    with TemporaryDirectory() as folder:
        LexicalIndex.write(Path(folder), (), lambda _: ())
        return LexicalIndex.open(Path(folder), {})


def _attachment(notice: Notice, place: int, text: str) -> Document:
    return Document(
        f"{notice.id}/附件{place}.md",
        notice.id,
        text_title(text),
        DocumentRole.ATTACHMENT,
        text,
        "md",
        text_number(text),
    )
