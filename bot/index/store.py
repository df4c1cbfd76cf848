"""A published version -> the index in memory, checked; the newest good one, kept up to date behind the questions."""

from __future__ import annotations

import gc
import logging
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import Chunk, Document, Fact, FaqEntry, Notice
from bot.errors import IndexDamaged, IndexMismatch, KnowledgeIndexError
from bot.index.lexical import LexicalIndex
from bot.index.objects import ObjectStore
from bot.index.shards import Shard, embedded_from_bytes, faq_from_bytes, shard_from_bytes
from bot.index.vectors import VectorIndex
from bot.index.versions import (
    BUILD_COMMAND,
    LEXICAL,
    POINTER,
    Counts,
    Manifest,
    NoticeEntry,
    check_encoder,
    check_files,
    current_version,
    read_manifest,
    versions,
)

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.25
WATCHER = "index-watcher"
"""Name of the threads that look for newer versions."""


@dataclass(frozen=True, slots=True)
class Index:
    """One published version, loaded; never changes."""

    version: str
    manifest: Manifest
    notices: Mapping[str, Notice]
    """By id."""
    documents: Mapping[str, Document]
    """By id."""
    chunks: tuple[Chunk, ...]
    """Row i of both indexes is chunks[i]."""
    rows: Mapping[str, int]
    """Chunk id -> row."""
    notice_rows: Mapping[str, NDArray[np.int64]]
    """Notice id -> rows of its chunks, ascending."""
    facts: Mapping[str, tuple[Fact, ...]]
    """Chunk id -> its facts; a chunk without facts is not in it."""
    vectors: VectorIndex
    lexical: LexicalIndex
    faq: tuple[FaqEntry, ...]
    """Approved answers to frequent questions whose clauses read as on the day of approval."""
    faq_vectors: NDArray[np.float32]
    """(wordings, dimension): query vectors of each entry's question and other wordings, unit rows."""
    faq_owner: tuple[int, ...]
    """Place in `faq` of the entry of each wording."""
    shards: Mapping[str, Shard]
    """By the name of their object: what a newer version shares with this one need not be loaded again."""

    @property
    def encoder_name(self) -> str:
        return self.manifest.encoder


def faq_wordings(entries: Sequence[FaqEntry]) -> list[tuple[int, str]]:
    """(place of the entry, a way to ask it): the question of each entry, then its other wordings."""
    return [
        (owner, wording)
        for owner, entry in enumerate(entries)
        for wording in (entry.question, *entry.wordings)
    ]


# ---------------------------------------------------------------- loading


def load_index(root: Path, encoder_name: str | None = None) -> Index:
    """The published version, checked.

    Raises IndexMissing where nothing is published, IndexDamaged where a hash or a count does not fit,
    IndexMismatch where the schema or (if given) the encoder is another.
    """
    return load_version(root, current_version(root), encoder_name)


def load_version(
    root: Path, version: str, encoder_name: str | None = None, previous: Index | None = None
) -> Index:
    """One version under `root`, checked as by `load_index`; what `previous` holds of it already is taken over."""
    manifest = read_manifest(root, version)
    if encoder_name is not None:
        check_encoder(version, manifest, encoder_name)
    objects = ObjectStore(root)
    held = previous.shards if previous else {}
    entries = [entry for entry in manifest.notices if entry.is_read]
    with _without_collections():
        shards = {
            entry.records: held.get(entry.records) or shard_from_bytes(objects.get(entry.records))
            for entry in entries
        }
    first_rows = dict(
        zip(
            (entry.id for entry in entries),
            accumulate((e.counts.chunks for e in entries), initial=0),
            strict=False,
        )
    )
    in_order = [shards[entry.records] for entry in entries]
    _check_counts(version, manifest, in_order)
    vectors = VectorIndex.from_vectors(_vectors(objects, manifest, entries, previous))
    with _private_copy(root / version / LEXICAL, manifest) as folder:
        lexical = LexicalIndex.open(folder, first_rows)
    if not manifest.counts.chunks == len(vectors) == len(lexical):
        raise IndexDamaged(
            f"索引 {version} 的条数不符：清单 {manifest.counts}，向量 {len(vectors)}，全文 {len(lexical)}。"
            f"请重新运行：{BUILD_COMMAND}"
        )
    faq, faq_vectors = _faq(objects, manifest)
    chunks = tuple(chunk for shard in in_order for chunk in shard.chunks)
    return Index(
        version=version,
        manifest=manifest,
        notices={shard.notice.id: shard.notice for shard in in_order},
        documents={document.id: document for shard in in_order for document in shard.documents},
        chunks=chunks,
        rows={chunk.id: row for row, chunk in enumerate(chunks)},
        notice_rows={
            entry.id: np.arange(first_rows[entry.id], first_rows[entry.id] + entry.counts.chunks)
            for entry in entries
            if entry.counts.chunks
        },
        facts=facts_by_chunk(fact for shard in in_order for fact in shard.facts),
        vectors=vectors,
        lexical=lexical,
        faq=faq,
        faq_vectors=faq_vectors,
        faq_owner=tuple(owner for owner, _ in faq_wordings(faq)),
        shards=shards,
    )


@contextmanager
def _without_collections() -> Iterator[None]:
    """A million new values, none of them garbage: looking for cycles among them takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def facts_by_chunk(facts: Iterable[Fact]) -> dict[str, tuple[Fact, ...]]:
    """Facts by the id of their chunk, in the order given."""
    by_chunk: dict[str, list[Fact]] = {}
    for fact in facts:
        by_chunk.setdefault(fact.chunk_id, []).append(fact)
    return {chunk_id: tuple(of_chunk) for chunk_id, of_chunk in by_chunk.items()}


def _check_counts(version: str, manifest: Manifest, shards: Sequence[Shard]) -> None:
    entries = [entry for entry in manifest.notices if entry.is_read]
    found = [Counts(1, len(shard.documents), len(shard.chunks), len(shard.facts)) for shard in shards]
    if [entry.counts for entry in entries] != found or manifest.counts != sum_of(found):
        raise IndexDamaged(
            f"索引 {version} 的条数不符：清单 {manifest.counts}，实际 {sum_of(found)}。请重新运行：{BUILD_COMMAND}"
        )


def sum_of(counts: Sequence[Counts]) -> Counts:
    return Counts(
        sum(each.notices for each in counts),
        sum(each.documents for each in counts),
        sum(each.chunks for each in counts),
        sum(each.facts for each in counts),
    )


def _vectors(
    objects: ObjectStore, manifest: Manifest, entries: Sequence[NoticeEntry], previous: Index | None
) -> NDArray[np.float32]:
    """(chunks, dimension), by row. Raises IndexDamaged."""
    table = np.empty((manifest.counts.chunks, manifest.dimension), np.float32)
    before = previous.vectors.view() if previous else None
    known = _spans(previous.manifest) if previous else {}
    row = 0
    for entry in entries:
        end = row + entry.counts.chunks
        if before is not None and entry.vectors in known:
            start, stop = known[entry.vectors]
            table[row:end] = before[start:stop]
        else:
            vectors = embedded_from_bytes(objects.get(entry.vectors)).vectors
            if vectors.shape != (end - row, manifest.dimension):
                raise IndexDamaged(f"“{entry.id}”的向量条数不符。请重新运行：{BUILD_COMMAND}")
            table[row:end] = vectors
        row = end
    return table


def _spans(manifest: Manifest) -> dict[str, tuple[int, int]]:
    """Name of each object of vectors -> (first row, row after the last)."""
    spans, row = {}, 0
    for entry in manifest.notices:
        if entry.is_read:
            spans[entry.vectors] = (row, row + entry.counts.chunks)
            row += entry.counts.chunks
    return spans


def _faq(objects: ObjectStore, manifest: Manifest) -> tuple[tuple[FaqEntry, ...], NDArray[np.float32]]:
    if not manifest.faq.records:
        return (), np.empty((0, manifest.dimension), np.float32)
    entries = faq_from_bytes(objects.get(manifest.faq.records)).entries
    vectors = embedded_from_bytes(objects.get(manifest.faq.vectors)).vectors
    if vectors.shape != (len(faq_wordings(entries)), manifest.dimension):
        raise IndexDamaged(f"常见问题的向量条数不符。请重新运行：{BUILD_COMMAND}")
    return entries, vectors


@contextmanager
def _private_copy(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """A checked copy of a folder of the version, which lasts as long as files of it are open.

    The word index is read from disk as long as it is used; whatever happens to the version's folder
    meanwhile must not reach a running assistant. Raises IndexDamaged.
    """
    copy = Path(tempfile.mkdtemp(prefix="notice-index-"))
    try:
        try:
            shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns("*.lock"))
        except (OSError, shutil.Error) as error:
            raise IndexDamaged(f"{folder} 无法读取（{error}）。请重新运行：{BUILD_COMMAND}") from error
        files = [file for file in manifest.files if file.path.startswith(f"{folder.name}/")]
        check_files(folder.parent, files, copy)
        yield copy / folder.name
    finally:
        shutil.rmtree(copy, ignore_errors=True)


# ---------------------------------------------------------------- the newest good version


class IndexStore:
    """The published index of a folder, loaded once, and again behind the questions when another one is published.

    Where the published version cannot be used, the newest kept one that passes its checks stands in for it.
    """

    def __init__(self, root: Path, seconds_between_looks: float = SECONDS_BETWEEN_LOOKS) -> None:
        self._root = root
        self._seconds_between_looks = seconds_between_looks
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._encoder_name: str | None = None
        self._pointer: tuple[int, int] | None = None
        """Inode and change time of the pointer file when it was last read."""
        self._watching: threading.Event | None = None

    def current(self, encoder_name: str | None = None) -> Index:
        """The current index, at once where one is loaded: threads may share a store.

        Raises what `load_index` raises where there is no good one yet.
        """
        index = self._index
        if index is None:
            with self._lock:
                index = self._index
                if index is None:
                    self._pointer = self._pointer_state()
                    self._encoder_name = encoder_name
                    self._index = index = newest_good(self._root, encoder_name)
                    self._watch()
        if encoder_name is not None:
            check_encoder(index.version, index.manifest, encoder_name)
        return index

    def kept(self, version: str) -> Index | None:
        """A version that was published before; None where it is no longer kept or no longer sound."""
        try:
            return load_version(self._root, version)
        except (KnowledgeIndexError, OSError):
            return None

    def look(self) -> None:
        """Loads the published version if another one has been published since; else costs one look at a file.

        Called by a thread of its own. One that cannot be loaded is logged, and the last good one stays.
        """
        with self._lock:
            index, pointer = self._index, self._pointer_state()
            if index is None or pointer == self._pointer:
                return
            try:
                version = current_version(self._root)
                if version != index.version:
                    self._index = load_version(self._root, version, self._encoder_name, index)
                    logger.info("索引已换成版本 %s", version)
            except (KnowledgeIndexError, OSError) as error:
                logger.error("新版本索引无法使用，继续用 %s：%s", index.version, error)
            self._pointer = pointer

    def close(self) -> None:
        """Stops looking for newer versions."""
        if self._watching is not None:
            self._watching.set()

    def _watch(self) -> None:
        self._watching = threading.Event()
        arguments = (weakref.ref(self), self._watching, self._seconds_between_looks)
        threading.Thread(target=_keep_looking, args=arguments, name=WATCHER, daemon=True).start()
        weakref.finalize(self, self._watching.set)

    def _pointer_state(self) -> tuple[int, int] | None:
        try:
            status = (self._root / POINTER).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns


def _keep_looking(store: weakref.ref[IndexStore], ended: threading.Event, seconds: float) -> None:
    while not ended.wait(seconds):
        alive = store()
        if alive is None:
            return
        try:
            alive.look()
        except Exception:  # this thread must live as long as questions are answered
            logger.exception("查看索引新版本时出错")
        del alive


def newest_good(root: Path, encoder_name: str | None = None) -> Index:
    """The published version, or where it is damaged the newest kept one that passes its checks, said on the log.

    Raises what `load_index` raises where none passes.
    """
    try:
        return load_index(root, encoder_name)
    except IndexMismatch:
        raise
    except (KnowledgeIndexError, OSError) as error:
        reason = error
    tried = ""
    with suppress(KnowledgeIndexError):
        tried = current_version(root)
    for version in reversed(versions(root)):
        if version == tried:
            continue
        with suppress(KnowledgeIndexError, OSError):
            index = load_version(root, version, encoder_name)
            logger.error("已发布的索引无法使用，改用完好的版本 %s：%s", version, reason)
            return index
    if isinstance(reason, KnowledgeIndexError):
        raise reason
    raise IndexDamaged(f"索引无法读取（{reason}）。请重新运行：{BUILD_COMMAND}") from reason
