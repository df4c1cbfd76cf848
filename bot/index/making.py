"""Read notice -> what an index holds of it: chunks, facts, the texts to encode, search terms and the receipt."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.chunking import chunk_document, embedding_text
from bot.contradictions import contradictions
from bot.datamodels import Chunk, DeclaredAttachment, Document, Fact, Notice
from bot.documents.library import LoadedNotice, notice_of
from bot.facts import extract_facts
from bot.index.lexical import Terms, lexical_terms
from bot.index.receipts import FileReceipt, NoticeReceipt
from bot.index.shards import DIGEST_CHARACTERS, Shard
from bot.index.store import facts_by_chunk


@dataclass(frozen=True, slots=True)
class MadeNotice:
    shard: Shard | None
    """None where nothing of the notice could be read."""
    texts: tuple[str, ...]
    """What is encoded, one a chunk."""
    terms: tuple[Terms, ...]
    """What is searched, one a chunk."""
    receipt: NoticeReceipt


def make_notice(loaded: LoadedNotice) -> MadeNotice:
    """Chunks, facts, texts and terms of one notice; they depend on nothing but what was read."""
    chunks = [chunk for document in loaded.documents for chunk in chunk_document(document)]
    if loaded.notice is None:
        return MadeNotice(None, (), (), _receipt(loaded, chunks, ()))
    notice = loaded.notice
    facts = [
        fact
        for document in loaded.documents
        for fact in extract_facts(
            [chunk for chunk in chunks if chunk.document_id == document.id], notice_of(document, notice)
        )
    ]
    homes = {document.id: document for document in loaded.documents}
    return MadeNotice(
        Shard(loaded.notice, loaded.documents, tuple(chunks), tuple(facts)),
        tuple(embedding_text(chunk, loaded.notice, homes[chunk.document_id]) for chunk in chunks),
        tuple(_terms(chunk, loaded.notice, homes[chunk.document_id]) for chunk in chunks),
        _receipt(loaded, chunks, facts),
    )


def text_digest(text: str) -> str:
    """Under which a text's vector is found again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARACTERS]


def _terms(chunk: Chunk, notice: Notice, document: Document) -> Terms:
    headings = dict.fromkeys((notice.title, document.title, *chunk.heading_path, *chunk.table_header))
    return lexical_terms(chunk.text, "\n".join(headings))


def _receipt(loaded: LoadedNotice, chunks: Sequence[Chunk], facts: Sequence[Fact]) -> NoticeReceipt:
    chunk_counts = Counter(chunk.document_id for chunk in chunks)
    document_of = {chunk.id: chunk.document_id for chunk in chunks}
    fact_counts = Counter(document_of[fact.chunk_id] for fact in facts)
    return NoticeReceipt(
        loaded.id,
        loaded.notice.title if loaded.notice else loaded.id,
        tuple(
            FileReceipt(report, chunk_counts[report.file], fact_counts[report.file])
            for report in loaded.reports
        ),
        _missing_attachments(loaded),
        tuple(_contradictions(loaded, chunks, facts)),
        doc_number=loaded.notice.doc_number if loaded.notice else "",
        supersedes=loaded.notice.supersedes if loaded.notice else (),
    )


def _contradictions(loaded: LoadedNotice, chunks: Sequence[Chunk], facts: Sequence[Fact]) -> Iterator[str]:
    """Of each notice by itself: one that is forwarded in another one's file has dates of its own."""
    if loaded.notice is None:
        return
    own = [d.id for d in loaded.documents if notice_of(d, loaded.notice) is loaded.notice]
    groups = [(loaded.notice, own)]
    groups += [(notice_of(d, loaded.notice), [d.id]) for d in loaded.documents if d.id not in own]
    for notice, documents in groups:
        within = [chunk for chunk in chunks if chunk.document_id in documents]
        yield from contradictions(notice, within, facts_by_chunk(facts))


def _missing_attachments(loaded: LoadedNotice) -> tuple[DeclaredAttachment, ...]:
    declared = loaded.notice.attachments if loaded.notice else ()
    return tuple(attachment for attachment in declared if attachment.document_id is None)
