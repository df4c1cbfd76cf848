"""Version folders and the pointer to the published one: named, described, published by one rename, rolled back.

```
INDEX_DIR/
  current                      name of the published version; replaced in one step
  20261122-165912-123-3f2a9c01/    one version, never changed once it is here
    manifest.json              what built it, from what, and the objects that it is made of
    receipts.jsonl             what became of each notice's files
    lexical/
  objects/ spare/              see objects.py: the notices' records and vectors
```
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import IndexDamaged, IndexMismatch, IndexMissing, KnowledgeIndexError
from bot.hashes import file_sha256
from bot.index.objects import ObjectStore, sync_all
from bot.records import record_from_json

SCHEMA_VERSION = 2
"""Raised when an older program could not read a newer folder, or the reverse."""
KEPT_VERSIONS = 5
POINTER = "current"
MANIFEST = "manifest.json"
RECEIPTS = "receipts.jsonl"
LEXICAL = "lexical"
UNFINISHED = ".new-"
BUILD_COMMAND = "python index_builder.py"
VERSION = re.compile(r"\d{8}-\d{6}-\d{3}-[0-9a-f]{8}")
"""Local time of publishing to the millisecond, and the manifest's digest."""
DIGEST_IN_NAME = 8
"""Digits of the manifest's SHA-256 that end a version's name."""


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
    """Empty where the file could not be opened."""


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """One notice of a version: what it was read from, and the objects that hold what was read."""

    id: str
    path: str
    """Name right under the knowledge folder."""
    sources: tuple[FileHash, ...]
    counts: Counts
    failed: tuple[str, ...] = ()
    """Those of the sources that could not be read, or were not read as they are now; the notice's own path where it
    could not be read as a whole."""
    records: str = ""
    """A `Shard`; empty where nothing of the notice could be read."""
    vectors: str = ""
    """`EmbeddedTexts`, one a chunk."""
    workings: str = ""
    """Terms and read files: what only a build needs."""

    @property
    def is_read(self) -> bool:
        return bool(self.records)


@dataclass(frozen=True, slots=True)
class FaqObjects:
    """The approved answers to frequent questions."""

    sources: tuple[FileHash, ...] = ()
    records: str = ""
    """A `FaqShard`; empty where there is no entry."""
    vectors: str = ""
    """`EmbeddedTexts` of each entry's question and wordings, in order."""


@dataclass(frozen=True, slots=True)
class Manifest:
    schema_version: int
    encoder: str
    """Name of the encoder that made the vectors."""
    dimension: int
    pipeline: str
    """Settings of the chunker and digest of the program's parts that make chunks and facts of files."""
    readers: str
    """Digest of the program's parts that read files."""
    notices: tuple[NoticeEntry, ...]
    """By path."""
    counts: Counts
    built_at: str
    """Local time with zone, ISO 8601."""
    faq: FaqObjects = FaqObjects()
    files: tuple[FileHash, ...] = ()
    """All else in the version's folder."""

    @property
    def sources(self) -> tuple[FileHash, ...]:
        """Every file of the knowledge folder that was there."""
        return (*(file for entry in self.notices for file in entry.sources), *self.faq.sources)

    @property
    def failed(self) -> tuple[str, ...]:
        """Those of the sources that could not be read."""
        return tuple(path for entry in self.notices for path in entry.failed)

    @property
    def objects(self) -> Iterator[str]:
        """Names of the objects that the version is made of."""
        for entry in self.notices:
            yield from filter(None, (entry.records, entry.vectors, entry.workings))
        yield from filter(None, (self.faq.records, self.faq.vectors))


# ---------------------------------------------------------------- reading


def versions(root: Path) -> list[str]:
    """Names of the versions kept, oldest first."""
    return sorted(path.parent.name for path in root.glob(f"[0-9]*/{MANIFEST}"))


def current_version(root: Path) -> str:
    """Name of the published version. Raises IndexMissing, or IndexDamaged where the pointer is no good."""
    try:
        version = (root / POINTER).read_bytes().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        raise IndexMissing(f"还没有建立索引（{root}）。请先运行：{BUILD_COMMAND}") from None
    except OSError as error:
        raise IndexDamaged(
            f"{root / POINTER} 无法读取（{error.strerror}）。请重新运行：{BUILD_COMMAND}"
        ) from error
    if not VERSION.fullmatch(version):
        raise IndexDamaged(f"{root / POINTER} 里写的“{version[:80]}”不是版本名。请重新运行：{BUILD_COMMAND}")
    if not (root / version).is_dir():
        raise IndexDamaged(f"{root / POINTER} 指向的版本“{version}”不存在。请重新运行：{BUILD_COMMAND}")
    return version


def read_manifest(root: Path, version: str) -> Manifest:
    """Raises IndexDamaged where it cannot be read, IndexMismatch where another program wrote it."""
    path = root / version / MANIFEST
    try:
        data = path.read_bytes()
        if _digest_in_name(data) != version[-DIGEST_IN_NAME:]:
            raise ValueError("与版本名里的校验码不符")
        manifest = record_from_json(Manifest, data.decode())
    except (OSError, ValueError, KeyError, TypeError) as error:
        if old := _other_schema(path):
            raise IndexMismatch(
                f"索引 {version} 的格式版本是 {old}，本程序需要 {SCHEMA_VERSION}。请重新运行：{BUILD_COMMAND}"
            ) from None
        raise IndexDamaged(f"{path} 无法读取（{error}）。请重新运行：{BUILD_COMMAND}") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise IndexMismatch(
            f"索引 {version} 的格式版本是 {manifest.schema_version}，本程序需要 {SCHEMA_VERSION}。"
            f"请重新运行：{BUILD_COMMAND}"
        )
    return manifest


def check_encoder(version: str, manifest: Manifest, encoder_name: str) -> None:
    """Raises IndexMismatch where another encoder made the version's vectors."""
    if manifest.encoder != encoder_name:
        raise IndexMismatch(
            f"索引 {version} 由模型 {manifest.encoder} 建立，现在用的是 {encoder_name}，两者的向量不能比较。"
            f"请重新运行：{BUILD_COMMAND}，或把 EMBEDDING_MODEL 改回原来的模型。"
        )


def check_files(folder: Path, files: Sequence[FileHash], copy: Path | None = None) -> None:
    """Compare files of a version's folder, or of a copy of it, with their hashes. Raises IndexDamaged."""
    for file in files:
        path = (copy or folder) / file.path
        try:
            whole = file_sha256(path) == file.sha256
        except OSError:
            whole = False
        if not whole:
            raise IndexDamaged(
                f"索引文件 {folder / file.path} 缺失或已损坏。请重新运行：{BUILD_COMMAND}，"
                f"或退回上一版本：{BUILD_COMMAND} --rollback"
            )


def leftovers(root: Path) -> int:
    """Number of files and folders that interrupted builds left; the next build that publishes removes them."""
    known = frozenset().union(*(_objects_of(root, version) for version in versions(root)))
    return len(list(root.glob(f"{UNFINISHED}*"))) + ObjectStore(root).leftovers(known)


# ---------------------------------------------------------------- publishing


def publish(root: Path, folder: Path) -> str:
    """Name of the version that `folder`, complete and synced, became; it is the current one from now on, in one step.

    Raises OSError.
    """
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")[:-3]
    version = f"{stamp}-{_digest_in_name((folder / MANIFEST).read_bytes())}"
    folder.rename(root / version)
    sync_all([root])
    _point(root, version)
    return version


def rollback(root: Path) -> str:
    """Make the version before the current one the current one, and give its name. Raises IndexMissing."""
    current = current_version(root)
    older = [version for version in versions(root) if version < current]
    if not older:
        raise IndexMissing(f"没有比 {current} 更早的版本可以退回。")
    _point(root, older[-1])
    return older[-1]


def prune(root: Path, known: dict[str, frozenset[str]] | None = None) -> None:
    """Remove all but the last versions, and what interrupted builds left; the caller holds their lock.

    `known`: objects of versions, kept up to date here so that a version's manifest is read once.
    """
    with suppress(IndexDamaged, IndexMissing):
        current = current_version(root)
        for version in versions(root)[:-KEPT_VERSIONS]:
            if version != current:
                shutil.rmtree(root / version, ignore_errors=True)
    for folder in root.glob(f"{UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)
    known = {} if known is None else known
    kept = {version: known.get(version) or _objects_of(root, version) for version in versions(root)}
    known.clear()
    known.update(kept)
    ObjectStore(root).keep_only(frozenset().union(*kept.values()))


def _objects_of(root: Path, version: str) -> frozenset[str]:
    """Nothing where the manifest is damaged: such a version is lost anyway."""
    try:
        return frozenset(read_manifest(root, version).objects)
    except KnowledgeIndexError:
        return frozenset()


def _point(root: Path, version: str) -> None:
    new = root / f".{POINTER}-{os.getpid()}"
    new.write_text(version + "\n", "utf-8")
    sync_all([new])
    new.replace(root / POINTER)
    sync_all([root])


def _digest_in_name(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:DIGEST_IN_NAME]


def _other_schema(path: Path) -> int:
    """Schema of a manifest that this program cannot read; 0 where it has no other one."""
    try:
        schema = json.loads(path.read_bytes()).get("schema_version")
    except (OSError, ValueError, AttributeError):
        return 0
    return schema if isinstance(schema, int) and schema != SCHEMA_VERSION else 0
