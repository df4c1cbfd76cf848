"""Version folders <-> loaded indexes: publishing by one rename, checking, hot reload and rollback.

```
INDEX_DIR/
  current                      name of the published version; replaced in one step
  20261122-165912-3f2a9c01/    one version, never changed once it is here
    manifest.json              what built it, from what, counts, hash of every other file
    notices.jsonl documents.jsonl chunks.jsonl facts.jsonl
    embedded.jsonl             digest of the text behind each vector, so that the next build reuses it
    index.faiss lexical/       row i of both is line i of chunks.jsonl
```
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.datamodels import Chunk, Document, Fact, Notice
from bot.errors import IndexDamaged, IndexMismatch, IndexMissing, KnowledgeIndexError
from bot.index.lexical import LexicalIndex, LexicalText
from bot.index.records import read_records, record_from_json, record_to_json, write_records
from bot.index.vectors import VectorIndex

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 1
"""Raised when an older program could not read a newer folder, or the reverse."""
KEPT_VERSIONS = 5
POINTER = "current"
MANIFEST = "manifest.json"
BUILD_COMMAND = "python index_builder.py"
SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Content:
    """All that one version holds, before it is written."""

    notices: tuple[Notice, ...]
    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    facts: tuple[Fact, ...]
    lexical_texts: tuple[LexicalText, ...]
    """One a chunk."""
    vectors: NDArray[np.float32]
    """(chunks, dimension), unit rows."""
    embedded: tuple[str, ...]
    """Digest of the text behind each vector."""


@dataclass(frozen=True, slots=True)
class Counts:
    notices: int
    documents: int
    chunks: int
    facts: int


@dataclass(frozen=True, slots=True)
class FileHash:
    path: str
    """With forward slashes, from the version's folder or from the knowledge folder."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    schema_version: int
    encoder: str
    """Name of the encoder that made the vectors."""
    dimension: int
    pipeline: str
    """Settings of the chunker and digest of the program's parts that make chunks and facts of files."""
    sources: tuple[FileHash, ...]
    """Every file of the knowledge folder that was there."""
    failed: tuple[str, ...]
    """Those of the sources that could not be read."""
    counts: Counts
    built_at: str
    """Local time with zone, ISO 8601."""
    files: tuple[FileHash, ...] = ()


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

    @property
    def encoder_name(self) -> str:
        return self.manifest.encoder


# ---------------------------------------------------------------- writing


def write_version(root: Path, content: Content, manifest: Manifest) -> Path:
    """A complete version in a hidden folder under `root`, synced to disk; `publish` makes it current.

    `manifest.files` is filled in here.
    """
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    write_records(folder / "notices.jsonl", content.notices)
    write_records(folder / "documents.jsonl", content.documents)
    write_records(folder / "chunks.jsonl", content.chunks)
    write_records(folder / "facts.jsonl", content.facts)
    write_records(folder / "embedded.jsonl", content.embedded)
    VectorIndex.from_vectors(content.vectors).save(folder / "index.faiss")
    LexicalIndex.build(folder / "lexical", content.lexical_texts)
    files = tuple(
        FileHash(path.relative_to(folder).as_posix(), file_sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".lock")
    )
    (folder / MANIFEST).write_text(record_to_json(replace(manifest, files=files)) + "\n", "utf-8")
    folder.chmod(0o755)
    for path in (*folder.rglob("*"), folder):
        _sync(path)
    return folder


def publish(root: Path, folder: Path) -> str:
    """Name of the version that `folder` became; it is the current one from now on, in one step."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")[:-3]
    version = f"{stamp}-{file_sha256(folder / MANIFEST)[:8]}"
    folder.rename(root / version)
    _sync(root)
    _point(root, version)
    _prune(root)
    return version


def rollback(root: Path) -> str:
    """Make the version before the current one the current one, and give its name. Raises IndexMissing."""
    current = current_version(root)
    older = [version for version in versions(root) if version < current]
    if not older:
        raise IndexMissing(f"没有比 {current} 更早的版本可以退回。")
    _point(root, older[-1])
    return older[-1]


def versions(root: Path) -> list[str]:
    """Names of the versions kept, oldest first."""
    return sorted(path.parent.name for path in root.glob(f"[0-9]*/{MANIFEST}"))


def current_version(root: Path) -> str:
    """Name of the published version. Raises IndexMissing."""
    try:
        version = (root / POINTER).read_text("utf-8").strip()
    except FileNotFoundError:
        raise IndexMissing(f"还没有建立索引（{root}）。请先运行：{BUILD_COMMAND}") from None
    if not (version and (root / version).is_dir() and Path(version).name == version):
        raise IndexDamaged(f"{root / POINTER} 指向的版本“{version}”不存在。请重新运行：{BUILD_COMMAND}")
    return version


def read_manifest(root: Path, version: str) -> Manifest:
    """Raises IndexDamaged where it cannot be read, IndexMismatch where another program wrote it."""
    path = root / version / MANIFEST
    try:
        manifest = record_from_json(Manifest, path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{path} 无法读取。请重新运行：{BUILD_COMMAND}") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise IndexMismatch(
            f"索引 {version} 的格式版本是 {manifest.schema_version}，本程序需要 {SCHEMA_VERSION}。"
            f"请重新运行：{BUILD_COMMAND}"
        )
    return manifest


def published_vectors(root: Path, encoder_name: str) -> dict[str, NDArray[np.float32]]:
    """Digest of the embedded text -> its vector, of the current version, so that no text is encoded twice.

    Empty where nothing is published, another encoder made it, or it is damaged.
    """
    try:
        version = current_version(root)
        manifest = read_manifest(root, version)
        _check_encoder(version, manifest, encoder_name)
        needed = [file for file in manifest.files if file.path in ("embedded.jsonl", "index.faiss")]
        check_files(root, version, needed)
        digests = read_records(root / version / "embedded.jsonl", str)
        vectors = VectorIndex.load(root / version / "index.faiss").vectors()
    except (KnowledgeIndexError, OSError, ValueError):
        return {}
    return dict(zip(digests, vectors, strict=True))


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _point(root: Path, version: str) -> None:
    new = root / f".{POINTER}-{os.getpid()}"
    new.write_text(version + "\n", "utf-8")
    _sync(new)
    new.replace(root / POINTER)
    _sync(root)


def _prune(root: Path) -> None:
    """Remove all but the last versions, and what interrupted builds left; the caller holds their lock."""
    current = current_version(root)
    outdated = [root / version for version in versions(root)[:-KEPT_VERSIONS] if version != current]
    for folder in (*outdated, *root.glob(".new-*")):
        shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    """Force a file's or a folder's content to disk: a power cut must not leave half a version current."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------- loading


def load_index(root: Path, encoder_name: str | None = None) -> Index:
    """The published version, checked.

    Raises IndexMissing where nothing is published, IndexDamaged where a hash or a count does not fit,
    IndexMismatch where the schema or (if given) the encoder is another.
    """
    return load_version(root, current_version(root), encoder_name)


def load_version(root: Path, version: str, encoder_name: str | None = None) -> Index:
    """One version under `root`, checked as by `load_index`."""
    manifest = read_manifest(root, version)
    if encoder_name is not None:
        _check_encoder(version, manifest, encoder_name)
    folder = root / version
    check_files(root, version, manifest.files)
    try:
        notices = read_records(folder / "notices.jsonl", Notice)
        documents = read_records(folder / "documents.jsonl", Document)
        chunks = read_records(folder / "chunks.jsonl", Chunk)
        facts = read_records(folder / "facts.jsonl", Fact)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"索引 {version} 无法读取（{error}）。请重新运行：{BUILD_COMMAND}") from error
    vectors = VectorIndex.load(folder / "index.faiss")
    lexical = LexicalIndex.open(folder / "lexical")
    counts = Counts(len(notices), len(documents), len(chunks), len(facts))
    if counts != manifest.counts or not len(chunks) == len(vectors) == len(lexical):
        raise IndexDamaged(
            f"索引 {version} 的条数不符：清单 {manifest.counts}，实际 {counts}，"
            f"向量 {len(vectors)}，全文 {len(lexical)}。请重新运行：{BUILD_COMMAND}"
        )
    return Index(
        version=version,
        manifest=manifest,
        notices={notice.id: notice for notice in notices},
        documents={document.id: document for document in documents},
        chunks=chunks,
        rows={chunk.id: row for row, chunk in enumerate(chunks)},
        notice_rows=_rows_by_notice(chunks),
        facts=_facts_by_chunk(facts),
        vectors=vectors,
        lexical=lexical,
    )


def _check_encoder(version: str, manifest: Manifest, encoder_name: str) -> None:
    if manifest.encoder != encoder_name:
        raise IndexMismatch(
            f"索引 {version} 由模型 {manifest.encoder} 建立，现在用的是 {encoder_name}，两者的向量不能比较。"
            f"请重新运行：{BUILD_COMMAND}，或把 EMBEDDING_MODEL 改回原来的模型。"
        )


def check_files(root: Path, version: str, files: Sequence[FileHash]) -> None:
    """Compare files of a version with their hashes. Raises IndexDamaged."""
    for file in files:
        path = root / version / file.path
        if not path.is_file() or file_sha256(path) != file.sha256:
            raise IndexDamaged(
                f"索引文件 {path} 缺失或已损坏。请重新运行：{BUILD_COMMAND}，"
                f"或退回上一版本：{BUILD_COMMAND} --rollback"
            )


def _rows_by_notice(chunks: Sequence[Chunk]) -> dict[str, NDArray[np.int64]]:
    rows: dict[str, list[int]] = {}
    for row, chunk in enumerate(chunks):
        rows.setdefault(chunk.notice_id, []).append(row)
    return {notice_id: np.array(numbers, np.int64) for notice_id, numbers in rows.items()}


def _facts_by_chunk(facts: Sequence[Fact]) -> dict[str, tuple[Fact, ...]]:
    by_chunk: dict[str, list[Fact]] = {}
    for fact in facts:
        by_chunk.setdefault(fact.chunk_id, []).append(fact)
    return {chunk_id: tuple(of_chunk) for chunk_id, of_chunk in by_chunk.items()}


class IndexStore:
    """The published index of a folder, loaded once and again whenever another version is published."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._clock = clock
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._pointer: tuple[int, int] | None = None
        """Inode and change time of the pointer file when it was last read."""
        self._looked_at = 0.0

    def current(self, encoder_name: str | None = None) -> Index:
        """The current index; looks for a newer one at most once a second. Threads may share a store.

        A newer version that cannot be loaded is logged, and the last good one stays. Raises what `load_index`
        raises where there is no good one yet.
        """
        if self._index is None:
            with self._lock:
                if self._index is None:
                    self._pointer = self._pointer_state()
                    self._index = load_index(self._root, encoder_name)
                    self._looked_at = self._clock()
        elif self._clock() - self._looked_at >= SECONDS_BETWEEN_LOOKS and self._lock.acquire(blocking=False):
            try:  # one thread loads the newer version; the others go on with this one
                self._looked_at = self._clock()
                self._reload(self._index, encoder_name)
            finally:
                self._lock.release()
        index = self._index
        if encoder_name is not None:
            _check_encoder(index.version, index.manifest, encoder_name)
        return index

    def _reload(self, index: Index, encoder_name: str | None) -> None:
        pointer = self._pointer_state()
        if pointer == self._pointer:
            return
        self._pointer = pointer
        try:
            if current_version(self._root) != index.version:
                self._index = load_index(self._root, encoder_name)
                logger.info("索引已换成版本 %s", self._index.version)
        except KnowledgeIndexError as error:
            logger.error("新版本索引无法使用，继续用 %s：%s", index.version, error)

    def _pointer_state(self) -> tuple[int, int] | None:
        try:
            status = (self._root / POINTER).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns
