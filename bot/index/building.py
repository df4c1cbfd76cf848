"""Knowledge folder -> published index version: read, chunk, find facts, encode, write, check, publish."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import bot
from bot.changes import NoticeChange
from bot.chunking import CHUNKER, chunk_document, embedding_text
from bot.datamodels import Chunk, Converted, DeclaredAttachment, Document, Fact, Notice
from bot.documents import read_file
from bot.documents.library import FileReport, LoadedNotice, list_notice_folders, load_notice
from bot.embedding import Encoder
from bot.errors import (
    BuildLocked,
    DamagedDocument,
    DocumentError,
    IndexDamaged,
    IndexMissing,
    KnowledgeIndexError,
)
from bot.facts import extract_facts
from bot.index.lexical import LexicalText
from bot.index.store import (
    SCHEMA_VERSION,
    Content,
    Counts,
    FileHash,
    Manifest,
    check_files,
    current_version,
    file_sha256,
    load_version,
    publish,
    published_vectors,
    read_manifest,
    write_version,
)

logger = logging.getLogger(__name__)

LOCK = "build.lock"
PIPELINE = ("documents/*.py", "datamodels.py", "chunking.py", "numbering.py", "facts.py", "index/lexical.py")
"""Modules on which an index's content depends: after a change of one, a build reads every file again."""
UNEXPECTED = "读取时出现意外错误（{error}），没有收入索引。请检查文件，或另存为别的格式后重试；详情见日志。"
SAME_TEXT_SCORE = 0.999
"""Inner product of a unit vector with itself, rounding allowed."""


class BuildStage(StrEnum):
    READING = "reading"
    ENCODING = "encoding"
    WRITING = "writing"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    stage: BuildStage
    done: int
    total: int
    """Notices while reading, chunks while encoding, 1 otherwise."""
    what: str = ""
    """The notice at work."""


Progress = Callable[[BuildProgress], None]


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What became of one file."""

    report: FileReport
    chunks: int
    facts: int


@dataclass(frozen=True, slots=True)
class NoticeReceipt:
    id: str
    title: str
    files: tuple[FileReceipt, ...]
    missing_attachments: tuple[DeclaredAttachment, ...] = ()
    """Named by the notice, supplied by nobody."""
    warnings: tuple[str, ...] = ()
    """Chinese sentences: what in the notice contradicts itself, or which notice repeals it."""
    error: str = ""
    """Why the whole notice was left out; empty where it was not."""


@dataclass(frozen=True, slots=True)
class BuildReceipt:
    notices: tuple[NoticeReceipt, ...]
    """Empty where nothing had changed."""
    counts: Counts
    version: str
    """The current version after this build; empty where there is none."""
    published: bool
    """False where nothing had changed, or publishing was not asked for."""
    unchanged: bool
    encoded: int
    """Chunks that were encoded anew; the others' vectors came from the version before."""
    seconds: float
    changes: tuple[NoticeChange, ...] = ()
    """Against the version that was published before."""

    @property
    def failures(self) -> int:
        """Files and whole notices that could not be read."""
        files = [file for notice in self.notices for file in notice.files]
        return sum(bool(file.report.error) for file in files) + sum(
            bool(notice.error) for notice in self.notices
        )


def build_index(
    knowledge: Path,
    index_root: Path,
    encoder: Encoder,
    progress: Progress = lambda _: None,
    *,
    publishing: bool = True,
) -> BuildReceipt:
    """Build a version from every notice folder under `knowledge`, check it, and publish it.

    One unreadable file or notice is reported and left out. Nothing is published where nothing has changed
    since the current version, or where `publishing` is off; then everything is read again all the same.

    Raises BuildLocked while another builder works on `index_root`, IndexMissing where no text could be read
    at all (the current version stays), IndexDamaged where the new version fails its check.
    """
    started = time.monotonic()
    with build_lock(index_root):
        sources = source_hashes(knowledge)
        current = _current(index_root)
        if publishing and current and not _outdated(current[1], sources, encoder.name):
            version, manifest = current
            return BuildReceipt((), manifest.counts, version, False, True, 0, time.monotonic() - started)

        loaded, failed = _load(knowledge, progress)
        chunks, facts = _chunks_and_facts(loaded)
        if not chunks:
            raise IndexMissing(
                f"{knowledge} 里没有读出任何文字，未发布新版本。请在其中为每份通知建一个文件夹，放入通知和附件。"
                + "".join(f"\n{line}" for line in _error_lines(loaded, failed))
            )
        texts = _embedding_texts(loaded, chunks)
        digests = tuple(hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts)
        vectors, encoded = _vectors(
            texts, digests, published_vectors(index_root, encoder.name), encoder, progress
        )
        content = Content(
            notices=tuple(item.notice for item in loaded if item.notice),
            documents=tuple(document for item in loaded for document in item.documents),
            chunks=chunks,
            facts=facts,
            lexical_texts=_lexical_texts(loaded, chunks),
            vectors=vectors,
            embedded=digests,
        )
        counts = Counts(len(content.notices), len(content.documents), len(chunks), len(facts))
        receipts = tuple(sorted((*_receipts(loaded, chunks, facts), *failed), key=lambda notice: notice.id))

        progress(BuildProgress(BuildStage.WRITING, 0, 1))
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            encoder=encoder.name,
            dimension=encoder.dimension,
            pipeline=pipeline_digest(),
            sources=sources,
            failed=_failed_files(receipts),
            counts=counts,
            built_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        )
        folder = write_version(index_root, content, manifest)
        progress(BuildProgress(BuildStage.WRITING, 1, 1))
        version = current[0] if current else ""
        try:
            progress(BuildProgress(BuildStage.CHECKING, 0, 1))
            check_version(index_root, folder.name, encoder.name)
            progress(BuildProgress(BuildStage.CHECKING, 1, 1))
            unchanged = current is not None and _same_content(index_root, folder.name, current[0])
            if publishing and not unchanged:
                version = publish(index_root, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # still there only where it was not published
        return BuildReceipt(
            receipts,
            counts,
            version,
            publishing and not unchanged,
            unchanged,
            encoded,
            time.monotonic() - started,
        )


def source_hashes(knowledge: Path) -> tuple[FileHash, ...]:
    """Every file of every notice with its hash; hidden ones and Office's lock files left out."""
    hashes = []
    for notice in list_notice_folders(knowledge):
        for path in sorted((notice, *notice.rglob("*"))):
            name = path.relative_to(knowledge).as_posix()
            if path.is_file() and not any(part.startswith((".", "~$")) for part in name.split("/")):
                hashes.append(FileHash(name, file_sha256(path)))
    return tuple(hashes)


def pipeline_digest() -> str:
    """Name of the chunker's rules and digest of the modules that make chunks, facts and terms of files."""
    package = Path(bot.__file__).parent
    digest = hashlib.sha256()
    for part in sorted(path for pattern in PIPELINE for path in package.glob(pattern)):
        digest.update(part.name.encode() + part.read_bytes())
    return f"{CHUNKER} {digest.hexdigest()[:16]}"


def check_version(index_root: Path, version: str, encoder_name: str) -> None:
    """Load a version and find one chunk of each of its notices by its own vector and by its own words.

    Raises IndexDamaged or IndexMismatch.
    """
    index = load_version(index_root, version, encoder_name)
    vectors = index.vectors.vectors()
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
        raise IndexDamaged("新版本里有长度不是 1 的向量，未发布。请检查 EMBEDDING_MODEL 指定的模型。")
    for notice_id, rows in index.notice_rows.items():
        row = int(rows[len(rows) // 2])
        dense = index.vectors.search(vectors[row], 1, rows)
        lexical = index.lexical.search(index.chunks[row].text, 10, [notice_id])
        same_text = [index.chunks[found].text == index.chunks[row].text for found, _ in lexical]
        if dense[0][1] < SAME_TEXT_SCORE or not (any(same_text) or not lexical):
            raise IndexDamaged(
                f"新版本自检未通过：在“{notice_id}”里查不到它自己的条款，未发布。请重新运行或报告此问题。"
            )


@contextmanager
def build_lock(index_root: Path) -> Iterator[None]:
    """One builder at a time; the lock ends with the process, however it ends. Raises BuildLocked."""
    index_root.mkdir(parents=True, exist_ok=True)
    with (index_root / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "未知进程"
            raise BuildLocked(f"另一个索引程序正在工作（{holder}）。请等它结束后再试。") from None
        file.truncate(0)
        file.write(f"进程 {os.getpid()}，{datetime.now():%Y-%m-%d %H:%M:%S} 开始\n")
        file.flush()
        yield
        file.truncate(0)


# ---------------------------------------------------------------- stages


def _current(index_root: Path) -> tuple[str, Manifest] | None:
    """The published version; None where there is none that could be loaded."""
    try:
        version = current_version(index_root)
        manifest = read_manifest(index_root, version)
        check_files(index_root, version, manifest.files)
        return version, manifest
    except KnowledgeIndexError:
        return None


def _outdated(manifest: Manifest, sources: tuple[FileHash, ...], encoder_name: str) -> bool:
    """Whether a build could give anything new; a file that failed may be readable today."""
    built_from = (manifest.sources, manifest.encoder, manifest.pipeline)
    return built_from != (sources, encoder_name, pipeline_digest()) or bool(manifest.failed)


def _same_content(index_root: Path, new: str, old: str) -> bool:
    """Whether two versions say the same, were built of the same and by the same."""

    def essence(version: str) -> tuple[object, ...]:
        manifest = read_manifest(index_root, version)
        records = [file for file in manifest.files if file.path.endswith(".jsonl")]
        return records, manifest.sources, manifest.encoder, manifest.pipeline

    return essence(new) == essence(old)


def _load(knowledge: Path, progress: Progress) -> tuple[list[LoadedNotice], list[NoticeReceipt]]:
    folders = list_notice_folders(knowledge)
    loaded, failed = [], []
    for done, folder in enumerate(folders):
        progress(BuildProgress(BuildStage.READING, done, len(folders), folder.name))
        try:
            loaded.append(load_notice(folder, knowledge, _read_guarded))
        except Exception as error:  # one notice must never keep the others out of the index
            logger.exception("读取通知 %s 时出错", folder.name)
            failed.append(NoticeReceipt(folder.name, folder.name, (), error=UNEXPECTED.format(error=error)))
    progress(BuildProgress(BuildStage.READING, len(folders), len(folders)))
    return loaded, failed


def _read_guarded(path: Path) -> Converted:
    """`read_file`, with every error as a DocumentError: one file must never keep the others out."""
    try:
        return read_file(path)
    except (DocumentError, OSError):
        raise
    except Exception as error:
        logger.exception("读取文件 %s 时出错", path)
        raise DamagedDocument(UNEXPECTED.format(error=error or type(error).__name__)) from error


def _chunks_and_facts(loaded: Sequence[LoadedNotice]) -> tuple[tuple[Chunk, ...], tuple[Fact, ...]]:
    chunks: list[Chunk] = []
    facts: list[Fact] = []
    for item in loaded:
        of_notice = [chunk for document in item.documents for chunk in chunk_document(document)]
        chunks += of_notice
        if item.notice:
            facts += extract_facts(of_notice, item.notice)
    return tuple(chunks), tuple(facts)


def _embedding_texts(loaded: Sequence[LoadedNotice], chunks: Sequence[Chunk]) -> list[str]:
    homes = _homes(loaded)
    return [embedding_text(chunk, *homes[chunk.document_id]) for chunk in chunks]


def _lexical_texts(loaded: Sequence[LoadedNotice], chunks: Sequence[Chunk]) -> tuple[LexicalText, ...]:
    homes = _homes(loaded)
    texts = []
    for chunk in chunks:
        notice, document = homes[chunk.document_id]
        headings = dict.fromkeys((notice.title, document.title, *chunk.heading_path, *chunk.table_header))
        texts.append(LexicalText(chunk.notice_id, chunk.text, "\n".join(headings)))
    return tuple(texts)


def _homes(loaded: Sequence[LoadedNotice]) -> dict[str, tuple[Notice, Document]]:
    return {
        document.id: (item.notice, document) for item in loaded if item.notice for document in item.documents
    }


def _vectors(
    texts: Sequence[str],
    digests: Sequence[str],
    known: dict[str, NDArray[np.float32]],
    encoder: Encoder,
    progress: Progress,
) -> tuple[NDArray[np.float32], int]:
    """(texts, dimension) vectors, and how many texts were encoded: each new one, however frequent, once."""
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    done = 0

    def encoded(count: int) -> None:
        nonlocal done
        done += count
        progress(BuildProgress(BuildStage.ENCODING, done, len(new)))

    progress(BuildProgress(BuildStage.ENCODING, 0, len(new)))
    fresh = encoder.encode_passages(list(new.values()), encoded)
    vectors = {**known, **dict(zip(new, fresh, strict=True))}
    return np.stack([vectors[digest] for digest in digests]), len(new)


def _receipts(
    loaded: Sequence[LoadedNotice], chunks: Sequence[Chunk], facts: Sequence[Fact]
) -> Iterator[NoticeReceipt]:
    chunk_counts = Counter(chunk.document_id for chunk in chunks)
    document_of = {chunk.id: chunk.document_id for chunk in chunks}
    fact_counts = Counter(document_of[fact.chunk_id] for fact in facts)
    for item in loaded:
        yield NoticeReceipt(
            item.id,
            item.notice.title if item.notice else item.id,
            tuple(
                FileReceipt(report, chunk_counts[report.file], fact_counts[report.file])
                for report in item.reports
            ),
            _missing_attachments(item),
        )


def _error_lines(loaded: Sequence[LoadedNotice], failed: Sequence[NoticeReceipt]) -> list[str]:
    of_files = [
        f"{report.file}：{report.error}" for item in loaded for report in item.reports if report.error
    ]
    return of_files + [f"{notice.id}：{notice.error}" for notice in failed]


def _missing_attachments(item: LoadedNotice) -> tuple[DeclaredAttachment, ...]:
    declared = item.notice.attachments if item.notice else ()
    return tuple(attachment for attachment in declared if attachment.document_id is None)


def _failed_files(receipts: Sequence[NoticeReceipt]) -> tuple[str, ...]:
    """Paths of the files that failed; a notice that failed as a whole is named by its folder."""
    files = [file.report.file for notice in receipts for file in notice.files if file.report.error]
    return (*files, *(notice.id for notice in receipts if notice.error))
